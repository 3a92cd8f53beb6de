import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from temp_redirects.core.conditions import KINDS
from temp_redirects.core.descriptions import describe, sentence
from temp_redirects.core.documents import Rejected, parse
from tests.core.making import SITE, document, make_rule, window

HTTP = [{"kind": "scheme", "value": "http"}]
HTTPS = [{"kind": "scheme", "value": "https"}]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param(
            {},
            "Until somebody switches it off, every request for “/old/” is sent to "
            "“/new/” with its query, keeping method and content (307) and never stored "
            "by caches.",
            id="the shortest rule",
        ),
        pytest.param(
            {
                "match": "prefix",
                "target": "/new/{rest}",
                "schedule": window(
                    "2026-12-01T02:00", "2026-12-01T04:00", "Europe/Berlin"
                ),
                "methods": ["GET", "POST"],
                "hosts": ["shop.example", "*.shop.example"],
                "conditions": HTTP,
                "unless": HTTPS,
                "except_paths": ["/old/a", "/old/%FF"],
                "status": 303,
                "query": "drop",
                "cache_seconds": 60,
                "priority": 5,
            },
            "From Tue 1 Dec 2026 02:00 Europe/Berlin to Tue 1 Dec 2026 04:00 "
            "Europe/Berlin, each GET or POST request for “/old/” and everything under "
            "it on shop.example or *.shop.example is sent to “/new/{rest}” only for "
            "visits over http not for visits over https except “/old/a”, “/old/%FF” "
            "without its query, as a request for a page, without its content (303) "
            "and may be stored by caches for 60 s; priority 5.",
            id="the longest",
        ),
        pytest.param(
            {
                "conditions": [
                    {"kind": "country", "value": "DE, AT"},
                    {"kind": "language", "value": "de"},
                ]
            },
            "Until somebody switches it off, every request for “/old/” is sent "
            "to “/new/” only for visitors from Germany or Austria and only for "
            "visitors who prefer German with its query, keeping method and content "
            "(307) and never stored by caches.",
            id="two conditions that both must hold",
        ),
        pytest.param(
            {"schedule": window("2026-12-01T02:00", None), "status": 302},
            "From Tue 1 Dec 2026 02:00 UTC until somebody switches it off, every "
            "request for “/old/” is sent to “/new/” with its query, as old clients "
            "know it, a form’s content may get lost (302) and never stored by caches.",
            id="no end",
        ),
        pytest.param(
            {"match": "pattern", "path": "/blog/<int:y>/%2A*", "target": "/b/{y}-{1}"},
            "Until somebody switches it off, every request for paths of the form "
            "“/blog/<int:y>/%2A*” is sent to “/b/{y}-{1}” with its query, keeping "
            "method and content (307) and never stored by caches.",
            id="a pattern",
        ),
        pytest.param(
            {"schedule": window(None, "2026-12-01T04:00"), "path": "/%FF%3F"},
            "From now to Tue 1 Dec 2026 04:00 UTC, every request for “/%FF%3F” is sent "
            "to “/new/” with its query, keeping method and content (307) and never "
            "stored by caches.",
            id="no start, and bytes in the path",
        ),
        pytest.param(
            {"enabled": False, "schedule": window(None, "2026-12-01T04:00")},
            "Once resumed, from now to Tue 1 Dec 2026 04:00 UTC, every request "
            "for “/old/” is sent to “/new/” with its query, keeping method and content "
            "(307) and never stored by caches.",
            id="paused, and when it would run",
        ),
        pytest.param(
            {
                "destinations": [
                    {"target": "/a/", "percentage": 20, "label": "New page"},
                    {"target": "/b/", "percentage": 30},
                ],
                "conditions": HTTP,
                "goal": "/thanks/",
                "planned_visitors": 500,
            },
            "Until somebody switches it off, each GET request for “/old/” only for "
            "visits over http is split: 20 % go to “/a/” (New page), 30 % go to “/b/”, "
            "50 % stay on the original page. What is redirected is sent with its "
            "query, keeping method and content (307) and never stored by caches. Each "
            "visitor keeps the same page. Who reaches “/thanks/” within 7 days counts "
            "as a success, planned for 500 visitors.",
            id="an experiment",
        ),
    ],
)
def test_a_rule_is_told_in_one_sentence(keys, said):
    rule = make_rule(**keys)
    assert sentence(rule) == said
    assert said.encode()


def test_the_parts_of_the_sentence_can_be_translated_one_by_one():
    parts = describe(make_rule(enabled=False))
    assert [part.template for part in parts] == [
        "{when}, {who} {source} is sent to “{target}”",
        "{query}, {how}",
        "{told}.",
    ]
    assert parts[0].facts["when"].template == "once resumed, {when}"


wall_times = st.none() | st.one_of(
    st.datetimes().map(lambda at: at.isoformat()),
    st.sampled_from(
        [
            *("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
            *(
                "2026-12-01T02:00:00",
                "2026-12-01T02:00:01",
                "2026-12-01T02:00:00.000001",
            ),
        ]
    ),
)
paths = st.sampled_from(
    ["/a", "/a/", "/A", "/a%3F", "/a%25", "/%FF", "/b", "/ü", "/a/b"]
)
conditions = st.lists(
    st.sampled_from(
        [
            {"kind": kind, "value": example}
            for kind, condition in sorted(KINDS.items())
            for example in condition.examples
        ]
    ),
    max_size=3,
)


def zoned(starts, ends, timezone):
    """Return a window; a zone says nothing where no time is read from its clock."""
    return window(starts, ends, timezone if starts or ends else "UTC")


FIELDS = {
    "enabled": st.booleans(),
    "schedule": st.builds(
        zoned,
        wall_times,
        wall_times,
        st.sampled_from(["UTC", "Europe/Berlin", "Europe/Vienna", "Asia/Tokyo"]),
    ),
    "methods": st.lists(st.sampled_from(["GET", "POST", "PUT"]), max_size=3),
    "hosts": st.lists(
        st.sampled_from(["a.test", "*.a.test", "a.test:80", "b.test"]), max_size=3
    ),
    "conditions": conditions,
    "unless": conditions,
    "except_paths": st.lists(paths, max_size=3),
    "status": st.sampled_from([307, 303, 302]),
    "query": st.sampled_from(["keep", "drop"]),
    "cache_seconds": st.integers(0, 100),
    "priority": st.integers(-5, 5),
    "path": paths,
    "match": st.sampled_from(["exact", "prefix"]),
    "target": st.sampled_from(
        ["/n", "/n/", "/n?x=1", "/n{path}", "https://pay.example/n", "https://{host}/n"]
    ),
}


def parsed(fields):
    try:
        return parse(document(**fields), SITE)
    except Rejected:
        assume(False)


@settings(max_examples=500)
@given(st.fixed_dictionaries({}, optional=FIELDS), st.data())
def test_each_field_that_changes_what_a_rule_does_changes_the_sentence(fields, data):
    name = data.draw(st.sampled_from(sorted(FIELDS)))
    before = parsed(fields)
    after = parsed({**fields, name: data.draw(FIELDS[name])})
    assert (sentence(before) == sentence(after)) is (before == after)
