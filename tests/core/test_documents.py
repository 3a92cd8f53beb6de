import json
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temp_redirects.core.conditions import KINDS as CONDITIONS
from temp_redirects.core.documents import (
    DESTINATION_KEYS,
    FORMAT,
    MAX_CACHE_SECONDS,
    MAX_ID,
    MAX_LABEL,
    MAX_NAME,
    MAX_NOTE,
    RULE_KEYS,
    SCHEDULE_KEYS,
    Rejected,
    document_of,
    dump,
    parse,
    parse_record,
    record_of,
)
from temp_redirects.core.patterns import KINDS as SOURCES
from temp_redirects.core.records import FIELDS, key, precedence
from temp_redirects.core.rules import MAX_PRIORITY, QUERIES, STATUSES
from temp_redirects.core.schedules import parse_moment
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site
from tests.core.making import SITE, document, make_record, make_rule, window

HTTP = {"kind": "scheme", "value": "http"}


def read(given_document):
    """Return the rule of a document, or None, and what is wrong with it."""
    try:
        return parse(given_document, SITE), []
    except Rejected as rejected:
        return None, [(at, str(why)) for at, why in rejected.problems]


# The shortest and the longest document


def test_the_format_is_a_public_promise():
    assert FORMAT == "temp-redirects/1"
    assert [*RULE_KEYS] == [
        "id", "name", "enabled", "priority", "match", "path", "hosts", "methods",
        "except_paths", "conditions", "unless", "schedule", "destinations", "status",
        "query", "cache_seconds", "note",
    ]  # fmt: skip
    assert [*SCHEDULE_KEYS] == ["starts_at", "ends_at", "timezone"]
    assert [*DESTINATION_KEYS] == ["id", "label", "target"]


def test_a_short_document_has_the_defaults_and_is_written_whole():
    short = {"name": "x", "path": "/a", "destinations": [{"target": "/b"}]}
    assert dump(parse(short, SITE)) == {
        "id": "",
        "name": "x",
        "enabled": True,
        "priority": 0,
        "match": "exact",
        "path": "/a",
        "hosts": [],
        "methods": [],
        "except_paths": [],
        "conditions": [],
        "unless": [],
        "schedule": {"starts_at": None, "ends_at": None, "timezone": "UTC"},
        "destinations": [{"id": "", "label": "", "target": "/b"}],
        "status": 307,
        "query": "keep",
        "cache_seconds": 0,
        "note": "",
    }


WHOLE = {
    "id": "0d3e0000-0000-4000-8000-000000000001",
    "name": "pricing-test",
    "enabled": False,
    "priority": -3,
    "match": "prefix",
    "path": "/pricing/%25/%3F%FF/ü",
    "hosts": ["shop.example", "*.shop.example:8000"],
    "methods": ["GET", "POST"],
    "except_paths": ["/pricing/help"],
    "conditions": [HTTP, {"kind": "scheme", "value": "https"}],
    "unless": [HTTP],
    "schedule": {
        "starts_at": "2026-12-01T02:00:00.000001+01:00",
        "ends_at": "2026-12-01T04:00:00+01:00",
        "timezone": "Europe/Berlin",
    },
    "destinations": [{"id": "b", "label": "New page", "target": "/pricing-b/{rest}"}],
    "status": 303,
    "query": "drop",
    "cache_seconds": 60,
    "note": "Two lines,\nfor colleagues.",
}


def test_a_whole_document_is_written_as_it_was_read():
    assert dump(parse(WHOLE, SITE)) == WHOLE


def test_a_document_survives_json():
    rule = parse(WHOLE, SITE)
    assert parse(json.loads(json.dumps(dump(rule))), SITE) == rule


def test_a_document_without_a_zone_is_in_the_sites():
    schedule = {"starts_at": "2026-12-01T02:00:00"}
    rule = parse(document(schedule=schedule), SITE, "Europe/Berlin")
    assert rule.schedule.timezone == "Europe/Berlin"
    assert rule.schedule.starts == parse_moment("2026-12-01T01:00", "UTC")
    assert make_rule().schedule.timezone == "UTC"


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        pytest.param({"name": " x "}, "name", "x", id="a name without its blanks"),
        pytest.param(
            {"methods": ["post"]}, "methods", ["POST"], id="methods in capitals"
        ),
        pytest.param({"hosts": ["A.test."]}, "hosts", ["a.test"], id="hosts in small"),
        pytest.param(
            {"path": "/%7Ea"}, "path", "/~a", id="a path as the browser shows"
        ),
        pytest.param(
            {"id": "0D3E0000000040008000000000000001"},
            "id",
            "0d3e0000-0000-4000-8000-000000000001",
            id="an id with its hyphens",
        ),
    ],
)
def test_one_thing_has_one_spelling(keys, field, value):
    assert dump(make_rule(**keys))[field] == value


# What is wrong, and where


@pytest.mark.parametrize(
    ("given_document", "places"),
    [
        pytest.param([], ["rule"], id="a list"),
        pytest.param(None, ["rule"], id="nothing"),
        pytest.param("x", ["rule"], id="a text"),
        pytest.param({}, ["name", "path", "destinations"], id="an empty one"),
        pytest.param(document(name=""), ["name"], id="an empty name"),
        pytest.param(document(name=" "), ["name"], id="a blank name"),
        pytest.param(document(name=None), ["name"], id="no name"),
        pytest.param(document(name="a\nb"), ["name"], id="a name of two lines"),
        pytest.param(document(name="\ud800"), ["name"], id="half a character"),
        pytest.param(document(name="x" * 101), ["name"], id="a long name"),
        pytest.param(document(id="x"), ["id"], id="an id that is no UUID"),
        pytest.param(document(id=None), ["id"], id="an id that is no text"),
        pytest.param(document(enabled=1), ["enabled"], id="a number for true"),
        pytest.param(document(priority="1"), ["priority"], id="a text for a number"),
        pytest.param(document(priority=True), ["priority"], id="true for a number"),
        pytest.param(document(priority=1.5), ["priority"], id="half a number"),
        pytest.param(document(priority=1_000_001), ["priority"], id="too high"),
        pytest.param(document(priority=-1_000_001), ["priority"], id="too low"),
        pytest.param(document(match="glob"), ["match"], id="no such source"),
        pytest.param(document(match=3), ["match"], id="a source of another type"),
        pytest.param(document("old"), ["path"], id="no path"),
        pytest.param(document(None), ["path"], id="null for a path"),
        pytest.param(document(5), ["path"], id="a number for a path"),
        pytest.param(document(hosts="a.test"), ["hosts"], id="a text for a list"),
        pytest.param(document(hosts=["a b"]), ["hosts"], id="no host"),
        pytest.param(document(hosts=[1, "a"]), ["hosts[0]"], id="a number in a list"),
        pytest.param(document(methods=["G T"]), ["methods"], id="no method"),
        pytest.param(document(methods=[None]), ["methods[0]"], id="null in a list"),
        pytest.param(document(except_paths=["x"]), ["except_paths"], id="no exception"),
        pytest.param(document(conditions={}), ["conditions"], id="no list"),
        pytest.param(document(conditions=[1]), ["conditions[0]"], id="no condition"),
        pytest.param(
            document(conditions=[{}]),
            ["conditions[0].kind", "conditions[0].value"],
            id="an empty condition",
        ),
        pytest.param(
            document(conditions=[HTTP, {"kind": "tide", "value": "high"}]),
            ["conditions[1].kind"],
            id="no such kind",
        ),
        pytest.param(
            document(unless=[{"kind": "scheme", "value": "ftp"}]),
            ["unless[0].value"],
            id="no such value",
        ),
        pytest.param(
            document(unless=[{"kind": "scheme", "value": ["http"]}]),
            ["unless[0].value"],
            id="a list for a value",
        ),
        pytest.param(
            document(unless=[{"kind": ["scheme"], "value": "http"}]),
            ["unless[0].kind"],
            id="a list for a kind",
        ),
        pytest.param(document(conditions=[HTTP] * 21), ["conditions"], id="too many"),
        pytest.param(document(schedule=None), ["schedule"], id="no schedule"),
        pytest.param(document(schedule=[]), ["schedule"], id="a list for a schedule"),
        pytest.param(
            document(schedule=window("now", None)), ["schedule.starts_at"], id="no time"
        ),
        pytest.param(
            document(schedule=window(20261201, None)),
            ["schedule.starts_at"],
            id="a number that reads as a day",
        ),
        pytest.param(
            document(schedule=window("2026-01-02", "2026-01-01")),
            ["schedule.ends_at"],
            id="the end before the start",
        ),
        pytest.param(
            document(schedule=window("x", "y", "Mars/Base")),
            ["schedule.timezone"],
            id="no such zone: times cannot be read",
        ),
        pytest.param(
            document(schedule=window("x", "y")),
            ["schedule.starts_at", "schedule.ends_at"],
            id="both times",
        ),
        pytest.param(document(destinations=[]), ["destinations"], id="no destination"),
        pytest.param(
            document(destinations=[{"target": "/b"}, {"target": "/c"}]),
            ["destinations"],
            id="two destinations",
        ),
        pytest.param(document(destinations=None), ["destinations"], id="null"),
        pytest.param(
            document(destinations={"target": "/b"}), ["destinations"], id="no list"
        ),
        pytest.param(document(destinations=["/b"]), ["destinations[0]"], id="a text"),
        pytest.param(
            document(destinations=[{}]), ["destinations[0].target"], id="no target"
        ),
        pytest.param(document(target=""), ["destinations[0].target"], id="empty"),
        pytest.param(document(target=1), ["destinations[0].target"], id="a number"),
        pytest.param(document(target="//x"), ["destinations[0].target"], id="unsafe"),
        pytest.param(
            document(target="/{rest}"), ["destinations[0].target"], id="no capture"
        ),
        pytest.param(document(target="/old/"), ["destinations[0].target"], id="itself"),
        pytest.param(
            document(destinations=[{"target": "/b", "label": "x" * 101}]),
            ["destinations[0].label"],
            id="a long label",
        ),
        pytest.param(
            document(destinations=[{"target": "/b", "id": "x" * 41}]),
            ["destinations[0].id"],
            id="a long id",
        ),
        pytest.param(document(status=301), ["status"], id="for ever"),
        pytest.param(document(status=308), ["status"], id="for ever, method kept"),
        pytest.param(document(status="307"), ["status"], id="a text for a status"),
        pytest.param(document(query="Keep"), ["query"], id="another case"),
        pytest.param(document(cache_seconds=-1), ["cache_seconds"], id="below nought"),
        pytest.param(
            document(cache_seconds=31_536_001), ["cache_seconds"], id="over a year"
        ),
        pytest.param(document(note="x" * 2_001), ["note"], id="a long note"),
        pytest.param(document(note="\x00"), ["note"], id="NUL"),
        pytest.param(document(note="\udcff"), ["note"], id="a stray byte"),
        pytest.param(document("old", name="", target="//x"), [
            "path", "name", "destinations[0].target",
        ], id="every mistake at once"),
        pytest.param(
            document("old", "/{rest}"), ["path"], id="one mistake, one message"
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(given_document, places):
    rule, problems = read(given_document)
    assert rule is None
    assert [at for at, _ in problems] == places


@pytest.mark.parametrize(
    ("given_document", "place", "said"),
    [
        pytest.param(
            document(metods=[]),
            "metods",
            "unknown key. Did you mean “methods”?",
            id="a slip",
        ),
        pytest.param(document(zzz=1), "zzz", "unknown key.", id="like no other"),
        pytest.param({**document(), 5: 1}, "5", "unknown key.", id="not even a text"),
        pytest.param(
            document(schedule={"start_at": None}),
            "schedule.start_at",
            "unknown key. Did you mean “starts_at”?",
            id="within the schedule",
        ),
        pytest.param(
            document(conditions=[{**HTTP, "values": 1}]),
            "conditions[0].values",
            "unknown key. Did you mean “value”?",
            id="within a condition",
        ),
        pytest.param(
            document(destinations=[{"target": "/b", "percent": 5}]),
            "destinations[0].percent",
            "unknown key.",
            id="within a destination",
        ),
        pytest.param(
            document(enabled="yes"),
            "enabled",
            "must be true or false, not yes",
            id="a flag",
        ),
        pytest.param(
            document(priority="x"),
            "priority",
            "must be a whole number, not x",
            id="number",
        ),
        pytest.param(
            document(priority=2_000_000),
            "priority",
            "2000000 is not between -1000000 and 1000000",
            id="a range",
        ),
        pytest.param(
            document(status=308),
            "status",
            "308 is not one of 307, 303, 302",
            id="choice",
        ),
        pytest.param(
            document(note="x" * 2_001),
            "note",
            "is longer than 2000 characters",
            id="long",
        ),
        pytest.param(
            document("{x}"),
            "path",
            "“{x}” does not begin with “/”. Example: “/shop/”.",
            id="braces in what was typed",
        ),
    ],
)
def test_what_is_wrong_is_told_in_an_editors_words(given_document, place, said):
    assert read(given_document) == (None, [(place, said)])


def test_a_rejection_says_everything_that_is_wrong():
    with pytest.raises(Rejected) as rejected:
        parse(document(status=301, query="x"), SITE)
    assert str(rejected.value) == (
        "status: 301 is not one of 307, 303, 302 query: x is not one of keep, drop"
    )


def test_limits_are_the_last_values_that_are_taken():
    rule = make_rule(
        name="x" * MAX_NAME,
        note="x" * MAX_NOTE,
        priority=MAX_PRIORITY,
        cache_seconds=MAX_CACHE_SECONDS,
        destinations=[{"target": "/b", "id": "x" * MAX_ID, "label": "x" * MAX_LABEL}],
    )
    assert parse(dump(rule), SITE) == rule


@pytest.mark.parametrize("status", STATUSES)
def test_every_temporary_status_is_taken(status):
    assert make_rule(status=status).status == status


# Whatever is given

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*RULE_KEYS, "target", "kind", "value", "timezone", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=500)
@given(st.dictionaries(st.sampled_from([*RULE_KEYS, "x"]), json_values) | json_values)
def test_any_json_is_a_rule_or_rejected_in_words(value):
    rule, problems = read(value)
    assert (dump(rule) if rule else problems) != []
    assert all(at and why for at, why in problems)


@settings(max_examples=500)
@given(st.sampled_from([*RULE_KEYS]), json_values)
def test_any_value_of_one_key_is_taken_or_rejected_at_its_place(name, value):
    rule, problems = read({**document(), name: value})
    assert (dump(rule) if rule else problems) != []
    assert all(at.startswith(name) for at, _ in problems)


# Reading and writing agree

segments = st.text(st.sampled_from("ab%25?#\\é€ ;=“{}.\udcff"), max_size=4)
paths = st.lists(segments, min_size=1, max_size=3).map(
    lambda found: "/" + "/".join(each.replace("\udcff", "%FF") for each in found)
)
targets = st.sampled_from(
    [
        *(
            "/new/",
            "/new/{rest}",
            "/new{path}?x=1#y",
            "/café/50%/",
            "https://pay.example",
        ),
        *("https://{host}{path}", "https://Shop.Example:443/{rest}", "/{rest}"),
    ]
)
wall_times = st.none() | st.datetimes().map(lambda at: at.isoformat())
conditions = st.lists(
    st.sampled_from(
        [
            {"kind": kind, "value": example}
            for kind, condition in sorted(CONDITIONS.items())
            for example in condition.examples
        ]
    ),
    max_size=3,
)
texts = st.text(max_size=20)
rule_documents = st.fixed_dictionaries(
    {
        "name": texts,
        "path": paths,
        "destinations": st.tuples(
            st.fixed_dictionaries(
                {"id": st.text(max_size=5), "label": texts, "target": targets}
            )
        ).map(list),
    },
    optional={
        "id": st.uuids().map(str),
        "enabled": st.booleans(),
        "priority": st.integers(-MAX_PRIORITY, MAX_PRIORITY),
        "match": st.sampled_from(sorted(SOURCES)),
        "hosts": st.lists(
            st.sampled_from(["a.test", "*.B.test", "ä.test:80", "[::1]"]), max_size=2
        ),
        "methods": st.lists(st.sampled_from(["GET", "post", "PURGE"]), max_size=2),
        "except_paths": st.lists(paths, max_size=2),
        "conditions": conditions,
        "unless": conditions,
        "schedule": st.builds(
            window,
            wall_times,
            wall_times,
            st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", ""]),
        ),
        "status": st.sampled_from(STATUSES),
        "query": st.sampled_from(QUERIES),
        "cache_seconds": st.integers(0, MAX_CACHE_SECONDS),
        "note": texts,
    },
)


rules = rule_documents.map(lambda each: read(each)[0]).filter(bool)


@given(rules)
def test_a_rule_reads_from_what_it_is_written_as(rule):
    assert parse(dump(rule), SITE) == rule
    assert json.dumps(dump(rule)).encode()


@given(rules)
def test_a_rule_reads_from_its_record(rule):
    record = record_of(rule)
    assert parse_record(record, SITE) == replace(rule, enabled=True)
    assert precedence(record) == rule.precedence
    assert key(record) == (
        rule.source.kind,
        rule.source.place_of(rule.source.typed),
    )


@given(rules)
def test_the_document_of_a_record_is_the_one_of_its_rule(rule):
    running = replace(rule, enabled=True)
    assert {**document_of(record_of(rule)), "enabled": True} == dump(running)


def test_a_record_of_the_shortest_rule_is_short():
    rule = make_rule(id=str(UUID(int=1)))
    assert record_of(rule) == (
        "00000000-0000-0000-0000-000000000001",
        "rule",
        "exact",
        "/old/",
        (("", "", "/new/"),),
    )


def test_a_record_holds_plain_values_only():
    kinds = {type(value) for value in record_of(parse(WHOLE, SITE))}
    assert kinds <= {str, int, float, tuple, type(None)}
    assert len(record_of(parse(WHOLE, SITE))) == FIELDS.index("note") + 1


def test_a_record_is_judged_by_the_site_of_now():
    record = make_record("/a", id="", destinations=(("d", "", "https://pay.example/"),))
    assert parse_record(record, SITE).destination.target.typed == "https://pay.example/"
    with pytest.raises(Refused, match="not a server that redirects may go to"):
        parse_record(record, Site())
