import sys

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from temp_redirects.core.documents import Rejected, record_of
from temp_redirects.core.documents import parse as documents_parse
from temp_redirects.core.index import Index, beginning
from temp_redirects.core.loops import next_visit
from temp_redirects.core.patterns import parse_source
from temp_redirects.core.rulesets import NO_RULE, PREFLIGHT, Ruleset
from temp_redirects.core.sites import Site
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.visits import Visit
from tests.core.making import (
    HOUR,
    NOON,
    SITE,
    document,
    make_record,
    make_rule,
    make_ruleset,
    window,
)
from tests.core.shapes import met

HTTP = [{"kind": "scheme", "value": "http"}]
HTTPS = [{"kind": "scheme", "value": "https"}]


def visit(path, **facts):
    return Visit(path, **{"host": "shop.example", "site": SITE, **facts})


def sent(rules, path, now=NOON, **facts):
    """Return where a visit is sent, or an empty text."""
    return rules.decide(visit(path, **facts), now).location


# Where visits go


def test_a_visit_that_no_rule_covers_passes():
    rules = make_ruleset(a=document("/a", "/b"))
    assert rules.decide(visit("/c"), NOON) is NO_RULE
    assert Ruleset().decide(visit("/"), NOON) is NO_RULE
    assert (NO_RULE.location, NO_RULE.vary, NO_RULE.max_age) == ("", (), 0)
    assert not rules.covers("/c")
    assert rules.covers("/a")


def test_a_visit_that_a_rule_covers_is_redirected():
    decision = make_ruleset(a=document("/a", "/b")).decide(visit("/a"), NOON)
    assert (decision.reason, decision.location) == ("match", "/b")
    assert decision.rule.name == "a"
    assert decision.rule.status == 307
    assert (decision.vary, decision.max_age, decision.refusals) == ((), 0, ())


HOURLY = window("2027-01-15T08:00", "2027-01-15T09:00")  # from NOON on
ASKED = [
    {},
    {"query": "x=1"},
    {"query": "x=1&y=2"},
    {"method": "POST"},
    {"method": "OPTIONS"},
    {
        "method": "OPTIONS",
        "headers": {"Origin": "https://o", "Access-Control-Request-Method": "POST"},
    },
    {"host": "other.example"},
    {"scheme": "https"},
    {"site": Site(hosts=SITE.hosts, protected=("/a/",))},
]
TOLD = {
    "plain": [document("/a")],
    "its query wins": [document("/a", "/b?x=2")],
    "without the query": [document("/a", query="drop")],
    "in a window": [document("/a", schedule=HOURLY)],
    "for a host": [document("/a", hosts=["shop.example"])],
    "for a method": [document("/a", methods=["GET"])],
    "kept by caches": [
        document("/a", cache_seconds=60, schedule=HOURLY),
    ],
    "for some": [document("/a", conditions=HTTPS)],
    "one behind it, for some": [
        document("/a", priority=1),
        document("/a", "/c", conditions=HTTPS),
    ],
    "one before it, for a time": [
        document("/a", priority=1, schedule=HOURLY),
        document("/a", "/c"),
    ],
    "an address": [document("/a", "https://shop.example/b")],
    "the visitor’s host": [document("/a", "https://{host}/b")],
    "all under it": [document("/a", match="prefix")],
    "itself, with a query": [document("/a", "/a/b?x=1", match="prefix")],
}


@pytest.mark.parametrize("documents", TOLD.values(), ids=TOLD)
def test_what_was_decided_before_changes_no_decision(documents):
    def fresh():
        return make_ruleset(**{f"rule{n}": each for n, each in enumerate(documents)})

    times = (NOON - 1, NOON, NOON + 1, NOON + HOUR)
    asked = [(visit("/a", **facts), now) for facts in ASKED for now in times]
    rules = fresh()

    for each, now in [*asked, *reversed(asked), *asked[::3], *asked]:
        assert rules.decide(each, now) == fresh().decide(each, now)


SETTLED = {"plain", "its query wins", "without the query", "in a window"}


@pytest.mark.parametrize(("name", "documents"), TOLD.items(), ids=TOLD)
def test_a_decision_is_settled_where_it_is_the_same_for_whoever_asks(name, documents):
    rules = make_ruleset(**{f"rule{n}": each for n, each in enumerate(documents)})
    first = rules.decide(visit("/a"), NOON)

    assert first.is_settled == (name in SETTLED)
    if first.is_settled:
        asked = [each for each in ASKED if not {"query", "site"} & {*each}]
        found = {rules.decide(visit("/a", **facts), NOON + 1) for facts in asked}
        assert found == {first, PREFLIGHT}


def test_with_a_query_or_a_kill_switch_nothing_is_settled():
    rules = make_ruleset(a=document("/a"))
    switched = rules.with_switches([KillSwitch(scope="maintenance")])

    assert rules.decide(visit("/a"), NOON).is_settled
    assert not rules.decide(visit("/a", query="x=1"), NOON).is_settled
    assert not switched.decide(visit("/a"), NOON).is_settled


@pytest.mark.parametrize(
    ("path", "location"),
    [
        pytest.param("/p", "/new/", id="the path"),
        pytest.param("/p/", "", id="a slash more"),
        pytest.param("/P", "", id="another case"),
        pytest.param("/p/x", "", id="under it"),
        pytest.param("/%70", "", id="decoded once by the server, not by us"),
    ],
)
def test_exact_means_exact(path, location):
    assert sent(make_ruleset(a=document("/p")), path) == location


@pytest.mark.parametrize("typed", ["/caf%c3%a9/%7E", "/caf%C3%A9/~", "/café/~"])
def test_encoded_and_plain_spellings_are_one_path(typed):
    assert sent(make_ruleset(a=document(typed)), "/café/~") == "/new/"


@pytest.mark.parametrize(
    ("typed", "path", "location"),
    [
        pytest.param("/caf%E9", "/caf\udce9", "/new/", id="bytes that are no UTF-8"),
        pytest.param("/caf%E9", "/café", "", id="are not the letter"),
        pytest.param("/caf%E9", "/caf%E9", "", id="nor their encoding as text"),
    ],
)
def test_paths_are_compared_byte_by_byte(typed, path, location):
    assert sent(make_ruleset(a=document(typed)), path) == location


def test_bytes_that_are_no_text_arrive_as_they_came():
    rules = make_ruleset(a=document("/x/", "/y/{rest}", match="prefix"))
    assert sent(rules, "/x/\udce9/é/%ff") == "/y/%E9/%C3%A9/%25ff"


@pytest.mark.parametrize(
    ("rest", "location"),
    [
        pytest.param("50%off?", "/y/50%25off%3F", id="encoded once"),
        pytest.param("../secret", "", id="up passes"),
        pytest.param("%2e%2e/secret", "", id="and so does its encoding"),
        pytest.param("/evil.test", "", id="two slashes pass"),
        pytest.param("x" * 9_000, "", id="too long passes"),
        pytest.param("\ud800", "", id="what is no text passes"),
    ],
)
def test_an_unsafe_location_lets_the_visit_pass_and_is_told(rest, location):
    rules = make_ruleset(a=document("/x/", "/y/{rest}", match="prefix"))
    decision = rules.decide(visit(f"/x/{rest}"), NOON)
    assert decision.location == location
    assert [name for name, _ in decision.refusals] == ([] if location else ["a"])
    assert all(str(sentence) for _, sentence in decision.refusals)


def test_a_rule_whose_location_is_not_safe_lets_the_next_one_try():
    rules = make_ruleset(
        a=document("/x/", "/y/{rest}", match="prefix", priority=1),
        b=document("/", "/z/", match="prefix"),
    )
    decision = rules.decide(visit("/x/../y"), NOON)
    assert decision.rule.name == "b"
    assert [name for name, _ in decision.refusals] == ["a"]


@pytest.mark.parametrize(
    ("query", "location"),
    [
        pytest.param("", "/new/?z=1", id="the target’s own"),
        pytest.param("b=2", "/new/?z=1&b=2", id="and the visitor’s"),
        pytest.param("z=2", "/new/?z=1", id="the target’s own wins"),
    ],
)
def test_the_query_is_kept_by_default(query, location):
    rules = make_ruleset(a=document("/a", "/new/?z=1"))
    assert sent(rules, "/a", query=query) == location


def test_the_query_is_dropped_where_the_rule_says_so():
    rules = make_ruleset(a=document("/a", "/new/?z=1", query="drop"))
    assert sent(rules, "/a", query="b=2") == "/new/?z=1"


@pytest.mark.parametrize(
    "query", ["a=\\", "a=é", "a=\udcff", "a=<b>", "a#b", "%", "&&"]
)
def test_no_query_lets_a_visit_past_a_rule(query):
    assert sent(make_ruleset(a=document("/a")), "/a", query=query).startswith("/new/?")


# When


@pytest.mark.parametrize(
    ("now", "location"),
    [
        pytest.param(NOON - 0.001, "", id="before"),
        pytest.param(NOON, "/new/", id="from the start"),
        pytest.param(NOON + HOUR - 0.001, "/new/", id="to the end"),
        pytest.param(NOON + HOUR, "", id="the end excluded"),
    ],
)
def test_a_rule_holds_in_its_window(now, location):
    schedule = window("2027-01-15T08:00:00", "2027-01-15T09:00:00")
    rules = make_ruleset(a=document("/a", schedule=schedule))
    assert sent(rules, "/a", now) == location


@pytest.mark.parametrize(
    ("ends", "now", "max_age"),
    [
        pytest.param(None, NOON, 60, id="no end: as long as the rule says"),
        pytest.param("2027-01-15T09:00:00", NOON, 60, id="long before the end"),
        pytest.param("2027-01-15T08:00:10", NOON, 10, id="never beyond the end"),
        pytest.param("2027-01-15T08:00:10", NOON + 9.5, 0, id="less than a second"),
    ],
)
def test_a_cache_keeps_the_answer_never_beyond_the_end(ends, now, max_age):
    rules = make_ruleset(
        a=document("/a", cache_seconds=60, schedule=window(None, ends))
    )
    assert rules.decide(visit("/a"), now).max_age == max_age


# Who


def test_any_method_is_asked_by_default():
    rules = make_ruleset(a=document("/a"))
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"):
        assert sent(rules, "/a", method=method) == "/new/"


def test_a_preflight_passes_where_a_rule_covers_the_path():
    headers = {"Origin": "https://a.test", "Access-Control-Request-Method": "PUT"}
    asked = visit("/a", method="OPTIONS", headers=headers)
    assert make_ruleset(a=document("/a")).decide(asked, NOON) is PREFLIGHT
    assert make_ruleset(a=document("/b")).decide(asked, NOON) is NO_RULE


@pytest.mark.parametrize(
    ("scheme", "headers", "location"),
    [
        pytest.param("https", {}, "/new/", id="what Django knows"),
        pytest.param("http", {"X-Forwarded-Proto": "https"}, "", id="not what is said"),
        pytest.param("http", {"Forwarded": "proto=https"}, "", id="nor said so"),
    ],
)
def test_the_scheme_is_the_requests_not_a_headers(scheme, headers, location):
    rules = make_ruleset(a=document("/a", conditions=HTTPS))
    assert sent(rules, "/a", scheme=scheme, headers=headers) == location


@pytest.mark.parametrize(
    ("host", "location"),
    [
        pytest.param("M.Docs.Test.:80", "/new/", id="in any spelling"),
        pytest.param("docs.test", "", id="another host"),
        pytest.param("", "", id="an unknown host"),
    ],
)
def test_a_rule_with_hosts_is_for_these_hosts(host, location):
    rules = make_ruleset(a=document("/a", hosts=["m.docs.test"]))
    assert sent(rules, "/a", host=host) == location


def test_the_visitors_host_enters_no_relative_location():
    assert sent(make_ruleset(a=document("/a")), "/a", host="evil.test") == "/new/"


def test_an_exception_lets_the_visit_past():
    rules = make_ruleset(a=document("/a", unless=HTTP))
    assert sent(rules, "/a", scheme="http") == ""
    assert sent(rules, "/a", scheme="https") == "/new/"


# Visits that are there already


@pytest.mark.parametrize(
    ("target", "asked", "location"),
    [
        pytest.param("https://{host}{path}", "http", "https://shop.example/a", id="up"),
        pytest.param("https://{host}{path}", "https", "", id="up, and there already"),
        pytest.param(
            "https://shop.example:443{path}", "https", "", id="spelt with port"
        ),
        pytest.param("https://SHOP.example{path}", "https", "", id="in another case"),
        pytest.param("https://{host}/%61", "https", "", id="encoded otherwise"),
        pytest.param("/{path}", "https", "", id="relative"),
        pytest.param("/{path}#x", "https", "", id="the fragment aside"),
        pytest.param("/{path}?x=1", "https", "/a?x=1", id="a query makes another"),
        pytest.param(
            "https://pay.example{path}", "https", "https://pay.example/a", id="abroad"
        ),
        pytest.param(
            "https://www.shop.example{path}",
            "https",
            "https://www.shop.example/a",
            id="another own host",
        ),
    ],
)
def test_a_visit_at_the_rules_own_target_passes(target, asked, location):
    rules = make_ruleset(a=document("/a", target, match="prefix"))
    assert sent(rules, "/a", scheme=asked) == location


@pytest.mark.parametrize("query", ["x=1", "a=\\", "a=%5C", "a=é", "a=\udcff&b"])
def test_a_visit_there_already_passes_with_its_query(query):
    rules = make_ruleset(a=document("/", "https://{host}{path}", match="prefix"))
    assert sent(rules, "/a", scheme="https", query=query) == ""


def test_the_root_of_a_server_may_be_written_without_a_slash():
    rules = make_ruleset(a=document("/", "https://shop.example", match="prefix"))
    assert sent(rules, "/x", scheme="http") == "https://shop.example"
    assert sent(rules, "/", scheme="https") == ""
    assert sent(rules, "/x", scheme="https") == ""


@pytest.mark.parametrize(
    ("path", "query", "keeps", "reason"),
    [
        pytest.param("/a", "\ud800", "keep", "none_holds", id="the query"),
        pytest.param("/a", "\ud800", "drop", "match", id="a query that is dropped"),
        pytest.param("/a\ud800", "", "drop", "none_holds", id="the path"),
    ],
)
def test_half_a_character_in_an_address_passes(path, query, keeps, reason):
    rules = make_ruleset(
        a=document("/", "https://{host}{path}", match="prefix", query=keeps),
    )
    assert rules.decide(visit(path, query=query), NOON).reason == reason


OWN_TARGETS = (
    "/X",
    "/XX",
    "/a/X",
    "/a-X",
    "/a/X/b/",
    "/b{path}",
    "{path}X",
    "/X/a{path}",
    "/X/X/a",
    "/a?b=X",
)


@settings(max_examples=500, suppress_health_check=[HealthCheck.filter_too_much])
@given(met, st.sampled_from(OWN_TARGETS), st.data())
def test_no_rule_sends_a_visitor_on_from_where_it_sent_him(each, target, data):
    (kind, text), path = each
    names = sorted(parse_source(kind, text).captures)
    name = data.draw(st.sampled_from(names)) if names else ""
    typed = target.replace("X", f"{{{name}}}" if name else "a")
    try:
        rules = make_ruleset(a=document(text, f"/{typed.lstrip('/')}", match=kind))
    except Rejected:
        return
    first = rules.decide(visit(path), NOON)
    assume(first.location)
    following = next_visit(visit(path), first)
    second = rules.decide(following, NOON)
    assert not second.location or following.path == path


# Which rule decides


def test_rules_are_tried_in_order_and_the_first_that_holds_decides():
    rules = make_ruleset(
        late=document(
            "/shop/", "/1/", match="prefix", schedule=window("2040-01-01", None)
        ),
        post=document("/shop/x", "/2/", methods=["POST"]),
        all=document("/", "/3/", match="prefix"),
        shop=document("/shop/", "/4/", match="prefix", priority=-1),
    )
    assert sent(rules, "/shop/x", method="POST") == "/2/"
    assert sent(rules, "/shop/x") == "/3/"
    assert sent(rules, "/shop/x", now=2_500_000_000.0) == "/1/"


def test_a_visit_that_no_covering_rule_holds_for_passes():
    rules = make_ruleset(a=document("/a", methods=["POST"]))
    decision = rules.decide(visit("/a"), NOON)
    assert (decision.reason, decision.rule, decision.location) == (
        "none_holds",
        None,
        "",
    )


# What caches are told


def test_every_answer_on_a_path_names_the_headers_that_decide_there():
    rules = make_ruleset(
        a=document("/a", "/1/", methods=["GET"], priority=1),
        b=document("/a", "/2/", methods=["POST"], conditions=HTTP),
        c=document("/a", "/3/", methods=["POST"], unless=HTTP),
        d=document("/d", "/4/"),
    )
    header = {"scheme_header": "X-Forwarded-Proto"}
    for method in ("GET", "POST", "PUT"):
        decision = rules.decide(visit("/a", method=method, **header), NOON)
        assert decision.vary == ("X-Forwarded-Proto",)
    assert rules.decide(visit("/d", **header), NOON).vary == ()


def test_a_rule_that_is_not_live_now_names_no_header():
    schedule = window("2027-01-15T08:00:00", None)
    rules = make_ruleset(a=document("/a", conditions=HTTP, schedule=schedule))
    asked = visit("/a", scheme="https", scheme_header="X-Forwarded-Proto")
    assert rules.decide(asked, NOON - 1).vary == ()
    assert rules.decide(asked, NOON).vary == ("X-Forwarded-Proto",)


# Rows that are broken

BROKEN = [
    pytest.param({"destinations": ()}, "destinations", id="no destination"),
    pytest.param({"destinations": (("d", "", "//x"),)}, "two slashes", id="unsafe"),
    pytest.param({"conditions": (("tide", "high"),)}, "no condition", id="a kind"),
    pytest.param({"timezone": "Mars/Base"}, "time zone", id="a zone"),
    pytest.param({"status": 301}, "not one of 307, 303, 302", id="for ever"),
    pytest.param({"hosts": ("a b",)}, "not a host name", id="a host"),
    pytest.param({"starts": 2.0, "ends": 1.0}, "after the start", id="no window"),
    pytest.param({"conditions": 5}, "cannot be read", id="not even a list"),
    pytest.param({"name": None}, "name", id="no name"),
]


@pytest.mark.parametrize(("fields", "why"), BROKEN)
def test_a_broken_row_switches_only_itself_off(fields, why):
    good = {"destinations": (("d", "", "/new/"),)}
    rules = Ruleset(
        [
            make_record("/a", **{**good, "id": f"{1:032x}", "priority": 9, **fields}),
            make_record("/a", **good, id=f"{2:032x}", name="good"),
        ]
    )
    trace = []
    decision = rules.decide(visit("/a"), NOON, trace)
    assert decision.rule.name == "good"
    assert why in str(trace[0].rejected)
    assert (trace[0].holds, trace[0].steps, trace[0].rule) == (False, [], None)
    assert trace[1].holds


def test_without_the_extra_a_stored_expression_is_off_with_that_reason(monkeypatch):
    monkeypatch.setitem(sys.modules, "re2", None)
    good = {"destinations": (("d", "", "/new/"),)}
    rules = Ruleset(
        [
            make_record("/a/[0-9]+", **good, id=f"{1:032x}", match="regex", name="off"),
            make_record("/a/", **good, id=f"{2:032x}", match="prefix", name="good"),
        ]
    )
    trace = []
    assert rules.decide(visit("/a/1"), NOON, trace).rule.name == "good"
    assert [attempt.name for attempt in trace] == ["off", "good"]
    assert "pip install 'django-temp-redirects[regex]'" in str(trace[0].rejected)


def test_three_broken_rows_of_a_hundred_leave_ninety_seven():
    rules = Ruleset(
        make_record(
            f"/{n}",
            id=f"{n:032x}",
            destinations=(("d", "", "//evil.test" if n < 3 else "/new/"),),
        )
        for n in range(100)
    )
    assert sum(sent(rules, f"/{n}") == "/new/" for n in range(100)) == 97


def test_a_broken_row_alone_is_as_no_rule():
    rules = Ruleset([make_record("/a")])
    for _ in range(2):  # compiled, and known to be broken
        assert rules.decide(visit("/a"), NOON) is NO_RULE


# Traces


def test_a_trace_tells_every_step_of_every_rule_in_order():
    rules = make_ruleset(
        post=document("/a", "/1/", methods=["POST"], priority=3),
        here=document("/a", "/{path}", match="prefix", priority=2),
        down=document("/a", "/{rest}/x", match="prefix", priority=1),
        wins=document("/a", "/2/"),
        late=document("/", "/3/", match="prefix"),
    )
    trace = []
    assert rules.decide(visit("/a"), NOON, trace).location == "/2/"
    told = [
        (
            each.name,
            each.holds,
            [(s.code, s.holds, str(s.sentence)) for s in each.steps],
        )
        for each in trace
    ]
    protected = ("protected", True, "not a protected path")
    elsewhere = ("own_target", True, "not at its own target")
    unsafe = (
        "“//x” begins its path with two slashes, which browsers read as another "
        "server. Use one."
    )
    assert told == [
        ("post", False, [("method", False, "method is GET, wanted POST"), protected]),
        ("here", False, [protected, ("own_url", False, "already at its target")]),
        ("down", False, [protected, ("safe_target", False, unsafe)]),
        ("wins", True, [protected, ("target", True, "to /2/")]),
        ("late", True, [protected, elsewhere, ("target", True, "to /3/")]),
    ]


SEGMENTS = st.lists(st.sampled_from(["a", "b", "..", "", "\udcff"]), max_size=3)
some_paths = SEGMENTS.map(lambda segments: f"/a/{'/'.join(segments)}")
documents = st.builds(
    document,
    st.sampled_from(["/", "/a", "/a/", "/a/b"]),
    st.sampled_from(
        ["/new/", "/a/b/{rest}", "/{rest}", "/new{path}", "/new/?x={rest}"]
    ),
    match=st.just("prefix"),
    priority=st.integers(0, 2),
    methods=st.sampled_from([[], ["POST"]]),
    conditions=st.sampled_from([[], HTTP]),
    unless=st.sampled_from([[], HTTP]),
)


def is_valid(each):
    try:
        documents_parse(each, SITE)
    except Rejected:
        return False
    return True


@given(
    st.lists(documents.filter(is_valid), max_size=4),
    some_paths,
    st.sampled_from(["GET", "POST"]),
)
def test_a_trace_changes_no_decision(rules, path, method):
    ruleset = make_ruleset(**{f"r{n}": each for n, each in enumerate(rules)})
    asked = visit(path, method=method, scheme_header="X-Forwarded-Proto")
    trace = []
    assert ruleset.decide(asked, NOON, trace) == ruleset.decide(asked, NOON)
    assert len(trace) == len(ruleset.index.candidates(path))


@given(documents.filter(is_valid), some_paths, st.sampled_from(["http", "https"]))
def test_one_rule_sends_nobody_round_and_round(rule, path, scheme):
    ruleset = make_ruleset(only=rule)
    asked = visit(path, scheme=scheme, method="POST")
    decision, hops = ruleset.decide(asked, NOON), 0
    while decision.location and hops < 20:  # where browsers stop
        asked = next_visit(asked, decision)
        decision, hops = ruleset.decide(asked, NOON), hops + 1
    assert not decision.location


# Rulesets made of others


def test_a_ruleset_with_one_record_more_leaves_the_old_one_alone():
    old = make_ruleset(a=document("/a", "/1/"))
    new = old.with_record(record_of(make_rule("/b", "/2/", id=f"{2:032x}")))
    assert (sent(new, "/a"), sent(new, "/b")) == ("/1/", "/2/")
    assert (sent(old, "/a"), sent(old, "/b")) == ("/1/", "")
    assert not old.covers("/b")


def test_a_ruleset_with_a_changed_record_has_it_instead():
    old = make_ruleset(a=document("/a", "/1/"))
    assert sent(old, "/a") == "/1/"  # compiled
    new = old.with_record(record_of(make_rule("/c", "/2/", id=f"{1:032x}")))
    assert (sent(new, "/a"), sent(new, "/c")) == ("", "/2/")


def test_a_ruleset_may_find_its_rules_elsewhere():
    index = Index([record_of(make_rule("/a", "/1/"))])
    assert sent(Ruleset.over(index), "/a") == "/1/"


def test_a_rule_is_judged_by_the_site_that_is_asked():
    rules = make_ruleset(a=document("/a", "https://pay.example/"))
    bare = Site(hosts=SITE.hosts)
    assert sent(rules, "/a") == "https://pay.example/"
    assert rules.decide(visit("/a", site=bare), NOON).reason == "none_holds"


@pytest.mark.parametrize(
    ("host", "seconds"), [("shop.example", 60), ("shop.example:25", 0)]
)
def test_no_cache_keeps_a_port_that_the_visitor_made_up(host, seconds):
    rules = make_ruleset(a=document("/a", "https://{host}/b", cache_seconds=60))
    found = rules.decide(visit("/a", host=host), NOON)

    assert (found.location, found.max_age) == (f"https://{host}/b", seconds)


# Facts that have to be fetched, counted or filled in


STAFF = [{"kind": "user", "value": "staff"}]
EDITORS = [{"kind": "user", "value": "group: Editors"}]


def test_what_the_rules_of_a_path_need_is_known_before_they_decide():
    rules = make_ruleset(
        a=document("/a/", conditions=STAFF, match="prefix"),
        b=document("/a/b", unless=EDITORS),
        c=document("/c"),
    )

    assert rules.needs(Visit("/a/b"), NOON) == {"user", "groups"}
    assert rules.needs(Visit("/a/c"), NOON) == {"user"}
    assert rules.needs(Visit("/c"), NOON) == set()
    assert rules.needs(Visit("/d"), NOON) == set()


def test_an_answer_is_personal_where_a_live_rule_of_the_path_is():
    rules = make_ruleset(
        a=document("/a", "/staff/", conditions=STAFF, priority=1),
        b=document("/a", "/all/"),
        c=document("/c", conditions=STAFF, schedule=window("2020-01-01T00:00:00Z",
                                                           "2020-01-02T00:00:00Z")),
    )  # fmt: skip

    decision = rules.decide(Visit("/a"), NOON)
    assert (decision.location, decision.is_personal) == ("/all/", True)
    assert decision.vary == ("Cookie",)
    over = rules.decide(Visit("/c"), NOON)
    assert (over.vary, over.is_personal) == ((), False)


@pytest.mark.parametrize("key", ["conditions", "unless"])
def test_requests_are_counted_only_where_a_rule_asks_how_many(key):
    busy = [{"kind": "busy", "value": "200"}]
    rules = make_ruleset(a=document("/a", **{key: busy}))

    assert rules.counts_requests
    assert rules.recompiled().counts_requests
    assert not make_ruleset(a=document("/a", **{key: STAFF})).counts_requests
    assert not Ruleset().recompiled().counts_requests


def test_a_language_and_a_country_stand_in_the_location():
    german = [{"kind": "language", "value": "de, fr"}]
    rules = make_ruleset(a=document("/a", "/{language}/{country}/", conditions=german))
    headers = {"Accept-Language": "de-AT, en"}

    assert rules.decide(Visit("/a", headers=headers, country="AT"), NOON).location == (
        "/de/AT/"
    )
    assert rules.decide(Visit("/a", headers=headers), NOON).reason == "none_holds"
    assert rules.decide(Visit("/a", country="AT"), NOON).reason == "none_holds"


class CountingVisit(Visit):
    """A visit that counts how often the site is asked for: at least once a rule."""

    asked = 0

    @property
    def site(self):
        self.asked += 1
        return SITE

    @site.setter
    def site(self, site):
        self.asked = 0


@pytest.mark.parametrize("behind", [{}, {"note": "x"}, {"methods": ["GET"]}])
def test_no_rule_behind_the_deciding_one_is_compiled_for_nothing(behind):
    counts = []
    for many in (10, 1_000):
        rules = {f"r{n}": document("/a", priority=-n, **behind) for n in range(many)}
        seen = CountingVisit("/a")
        assert make_ruleset(**rules).decide(seen, NOON).rule.name == "r0"
        counts.append(seen.asked)
    assert counts[0] == counts[1]


def test_a_rule_behind_the_deciding_one_still_counts_for_caches():
    rules = make_ruleset(
        a=document("/a", priority=1), b=document("/a", conditions=HTTP)
    )
    decision = rules.decide(visit("/a", scheme_header="X-Forwarded-Proto"), NOON)
    assert (decision.rule.name, decision.vary) == ("a", ("X-Forwarded-Proto",))


def test_a_trace_shows_every_rule_of_a_preflight_too():
    headers = {"Origin": "https://a.test", "Access-Control-Request-Method": "PUT"}
    asked, trace = visit("/a", method="OPTIONS", headers=headers), []
    rules = make_ruleset(a=document("/a"), b=document("/a"))
    assert rules.decide(asked, NOON, trace) is PREFLIGHT
    assert [attempt.name for attempt in trace] == ["a", "b"]


@pytest.mark.parametrize(
    ("record", "is_passed_by"),
    [
        pytest.param(make_record("/old/"), True, id="one path"),
        pytest.param(make_record("/", match="prefix"), False, id="every path"),
        pytest.param(
            make_record("/old/", conditions=(("busy", "9"),)),
            False,
            id="a rule that asks how many requests there are",
        ),
        pytest.param(
            make_record("/old/", goal="/thanks/"),
            True,
            id="an experiment",
        ),
    ],
)
def test_a_door_passes_paths_by_that_no_rule_is_for(record, is_passed_by):
    ruleset = Ruleset([record])
    for each in (ruleset, ruleset.recompiled(), Ruleset().with_record(record)):
        assert beginning("/old/") in each.beginnings
        assert (beginning("/elsewhere/") not in each.beginnings) is is_passed_by
