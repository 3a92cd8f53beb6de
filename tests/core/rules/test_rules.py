from dataclasses import fields, replace

import pytest

from temp_redirects.core.conditions import Condition
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.documents import Rejected
from temp_redirects.core.rules import (
    STATUSES,
    ExceptedPaths,
    Hosts,
    Methods,
    NotFor,
    NotItsOwnOutput,
    NotProtected,
    OnlyFor,
    Rule,
)
from temp_redirects.core.visits import Visit
from tests.core.making import (
    NOON,
    SITE,
    FromCookie,
    document,
    make_rule,
    make_ruleset,
)

HTTP = {"kind": "scheme", "value": "http"}


def holds(rule, visit):
    """Say whether the visit passes every check of the rule."""
    return all(each.holds(visit, NOON) for each in rule.checks)


USER = {"kind": "user", "value": "staff"}
EDITORS = {"kind": "user", "value": "group: Editors"}
HTTPS = {"kind": "scheme", "value": "https"}


@pytest.mark.parametrize(
    ("keys", "needed"),
    [
        pytest.param({}, set(), id="nothing is asked"),
        pytest.param({"conditions": [USER]}, {"user"}, id="only for"),
        pytest.param({"unless": [USER]}, {"user"}, id="not for"),
        pytest.param(
            {"conditions": [USER], "unless": [EDITORS]}, {"user", "groups"}, id="both"
        ),
        pytest.param(
            {"conditions": [USER], "methods": ["POST"]}, set(), id="another method"
        ),
        pytest.param(
            {"conditions": [HTTPS, USER]}, set(), id="another condition fails already"
        ),
        pytest.param(
            {"conditions": [USER], "schedule": {"ends_at": "2020-01-01T00:00:00Z"}},
            set(),
            id="the window is over",
        ),
    ],
)
def test_a_rule_needs_only_what_can_still_decide(keys, needed):
    assert make_rule(**keys).needs(Visit("/old/", scheme="http"), NOON) == needed


def test_a_condition_says_nothing_of_headers_unless_it_reads_some():
    assert Condition.consulted(FromCookie("http"), Visit("/")) == ()


# Rules that would redirect to themselves


@pytest.mark.parametrize(
    ("match", "path", "target"),
    [
        pytest.param("exact", "/p", "/p", id="the path itself"),
        pytest.param("exact", "/p", "/p?x=1", id="with a query"),
        pytest.param("exact", "/p", "/p#x", id="with a fragment"),
        pytest.param("exact", "/p", "/%70", id="spelt otherwise"),
        pytest.param("exact", "/caf%C3%A9", "/café", id="spelt plainly"),
        pytest.param("prefix", "/shop/", "/shop/", id="a prefix itself"),
        pytest.param("prefix", "/shop/", "/shop/{rest}", id="and what follows"),
        pytest.param("prefix", "/shop/", "/shop{path}", id="again and again"),
        pytest.param("prefix", "/", "/{rest}", id="everything"),
        pytest.param("prefix", "/shop/", "/shop", id="without its slash"),
        pytest.param("prefix", "/x/x", "/x{path}", id="longer and longer"),
    ],
)
def test_a_rule_that_is_its_own_target_is_refused(match, path, target):
    with pytest.raises(Rejected, match="again and again"):
        make_rule(path, target, match=match)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        pytest.param("/p", "/p", id="no placeholder"),
        pytest.param("/p/", "/p/?x=1", id="with a query"),
        pytest.param("/*/a", "/{1}/a", id="the path itself"),
        pytest.param("/<int:n>", "/{n}", id="what it was"),
        pytest.param("/blog/<slug:a>/<slug:b>/", "/blog/{b}/{a}/", id="to and fro"),
        pytest.param("/<slug:a>/", "/{a}{a}/", id="longer and longer"),
        pytest.param("/<path:p>", "/{p}/x", id="deeper and deeper"),
    ],
)
def test_a_pattern_that_leads_to_itself_is_refused(path, target):
    with pytest.raises(Rejected, match="again and again"):
        make_rule(path, target, match="pattern")


@pytest.mark.parametrize(
    ("path", "target", "visited", "is_redirected"),
    [
        pytest.param("/<x>/", "/m/", "/a/", True, id="to one of its own"),
        pytest.param("/<x>/", "/m/", "/m/", False, id="and not from there"),
        pytest.param("/b/<x>/", "/b/old-{x}/", "/b/a/", True, id="a new name"),
        pytest.param("/b/<x>/", "/b/old-{x}/", "/b/old-a/", False, id="one time"),
        pytest.param("/<x>/", "/m/{x}/", "/a/", True, id="another form"),
        pytest.param("/<x>/", "/m/{x}/", "/m/", False, id="beneath which is its own"),
        pytest.param("/*/old", "/{1}/new", "/a/old", True, id="no literal part"),
        pytest.param("/b/<int:y>/<x>/", "/b/{x}/", "/b/1/a/", True, id="shorter"),
        pytest.param("/b/<x>/<y>/", "/{x}/{y}/c/", "/b/a/a/", True, id="elsewhere"),
        pytest.param("/b/<x>/<y>/", "/{x}/{y}/", "/b/b/b/", True, id="out of it"),
        pytest.param("/b/<x>/<y>/", "/{x}/b/c/", "/b/b/b/", False, id="into it"),
        pytest.param("/x/<path:p>", "/{p}", "/x/a", True, id="whatever is a sample"),
        pytest.param("/s*", "/s", "/sx", True, id="to its shortest"),
        pytest.param("/s*", "/s", "/s", False, id="and not from there"),
    ],
)
def test_a_pattern_never_matches_its_own_output(path, target, visited, is_redirected):
    rules = make_ruleset(a=document(path, target, match="pattern"))
    decision = rules.decide(Visit(visited, site=SITE), NOON)
    assert bool(decision.location) is is_redirected


def test_a_trace_says_where_a_rule_would_lead_to_itself():
    rules = make_ruleset(a=document("/b/<x>/<y>/", "/{x}/b/c/", match="pattern"))
    trace = []
    rules.decide(Visit("/b/b/b/", site=SITE), NOON, trace)
    step = trace[0].steps[-1]
    assert (step.code, step.holds) == ("own_target", False)
    assert str(step.sentence) == "“/b/b/c/” would be sent on by this rule again"


# Order, and words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"priority": 1}, {}, id="the higher priority"),
        pytest.param({"match": "exact"}, {"match": "prefix"}, id="exact, then prefix"),
        pytest.param({"path": "/old/a"}, {}, id="the longer literal part"),
        pytest.param({"hosts": ["a.test"]}, {}, id="one that names a host"),
        pytest.param({"path": "/old", "id": f"{0:032x}"}, {}, id="the smaller id"),
    ],
)
def test_the_first_of_two_rules_is_tried_first(first, second):
    ours, theirs = (
        make_rule(**{"id": f"{5:032x}", **keys}) for keys in (first, second)
    )
    assert ours.precedence < theirs.precedence


def test_a_rule_of_a_source_and_a_destination_is_the_shortest_document():
    short = make_rule("/old/", "/new/", name="x")
    assert Rule(
        id="", name="x", source=short.source, destinations=short.destinations
    ) == (short)


def test_only_temporary_redirects_are_sent():
    assert STATUSES == (307, 303, 302)


VISIT = Visit("/shop/x\udcff", method="PUT", host="shop.example", site=SITE)


@pytest.mark.parametrize(
    ("check", "visit", "said"),
    [
        pytest.param(
            Methods(("GET", "POST")), VISIT, "method is PUT, wanted GET or POST", id="m"
        ),
        pytest.param(
            Hosts(("a.test",)), VISIT, "host is shop.example, wanted a.test", id="host"
        ),
        pytest.param(
            Hosts(("a.test",)), Visit("/"), "host is ?, wanted a.test", id="no host"
        ),
        pytest.param(
            ExceptedPaths(("/", "/shop")), VISIT, "“/” is excepted", id="excepted"
        ),
        pytest.param(
            ExceptedPaths(("/a",)),
            VISIT,
            "not among the excepted paths",
            id="not excepted",
        ),
        pytest.param(
            NotProtected(make_rule().source), VISIT, "not a protected path", id="open"
        ),
        pytest.param(
            NotProtected(make_rule().source),
            Visit("/admin/\udcff", site=SITE),
            "“/admin/%FF” is protected and never redirected",
            id="protected",
        ),
        pytest.param(
            NotItsOwnOutput("", "", "/shop", False),
            VISIT,
            "“/shop/x%FF” is where this rule sends visitors",
            id="there already",
        ),
        pytest.param(
            NotItsOwnOutput("", "", "/m", False),
            VISIT,
            "not at its own target",
            id="not",
        ),
        pytest.param(
            OnlyFor(Scheme("https")),
            VISIT,
            "scheme is http, wanted https",
            id="only for",
        ),
        pytest.param(
            NotFor(Scheme("http")),
            VISIT,
            "excepted: scheme is http, wanted http",
            id="not for",
        ),
    ],
)
def test_a_check_says_what_it_found_in_text_that_can_be_sent(check, visit, said):
    assert str(check.explain(visit, NOON)) == said
    assert said.encode()


def test_the_steps_of_a_trace_have_stable_words():
    rule = make_rule(
        "/",
        "/m/",
        match="prefix",
        methods=["GET"],
        hosts=["shop.example"],
        except_paths=["/a"],
        conditions=[{"kind": "scheme", "value": "http"}],
        unless=[{"kind": "scheme", "value": "https"}],
        schedule={"starts_at": "2026-01-01T00:00", "timezone": "UTC"},
    )
    assert [check.code for check in rule.checks] == [
        "window",
        "method",
        "host",
        "except_paths",
        "protected",
        "own_target",
        "scheme",
        "unless_scheme",
    ]


def test_a_rule_asks_only_for_what_it_says():
    assert [check.code for check in make_rule().checks] == ["protected"]


# Placeholders that the visit or a condition fills


GERMAN = [{"kind": "language", "value": "de, fr"}]


def test_a_target_may_name_the_visitors_country():
    rule = make_rule(target="/shop/{country}/")
    known, unknown = Visit("/old/", country="AT"), Visit("/old/")

    assert (
        rule.destinations[0].target.location(known, {}, keeps_query=True) == "/shop/AT/"
    )
    (check,) = [each for each in rule.checks if each.code == "known_country"]
    assert (check.holds(known, NOON), check.holds(unknown, NOON)) == (True, False)
    assert str(check.explain(known, NOON)) == "country is AT"
    assert str(check.explain(unknown, NOON)) == (
        "country is unknown, and the target names it"
    )


def test_a_target_that_names_the_country_varies_by_it():
    visit = Visit("/", country_headers=("CF-IPCountry",))
    rule = make_rule(target="/shop/{country}/")
    assert rule.consulted(visit) == (("CF-IPCountry",), False)
    by_address = Visit("/", country_is_by_address=True)
    assert rule.consulted(by_address) == ((), True)


def test_a_target_may_name_the_language_that_a_condition_asks_for():
    rule = make_rule(target="/{language}/", conditions=[*GERMAN, HTTPS, *GERMAN])
    visit = Visit("/old/", headers={"Accept-Language": "fr-CA"})
    assert rule.captures(visit) == {"language": "fr"}


@pytest.mark.parametrize("keys", [{}, {"unless": GERMAN}, {"conditions": [HTTPS]}])
def test_a_language_that_no_condition_asks_for_is_refused(keys):
    with pytest.raises(Rejected, match=r"“\{language\}” needs “only for”"):
        make_rule(target="/{language}/", **keys)


def test_a_condition_gives_no_text_unless_it_says_so():
    assert Scheme("http").captures(Visit("/")) == {}


@pytest.mark.parametrize("ids", [("b",), ("b", "c", "d")])
def test_under_other_ids_it_is_what_it_would_have_been_from_birth(ids):
    given = [{"target": f"/{key}/", "percentage": 20} for key in ids]
    rule = make_rule(destinations=given, conditions=[HTTP], goal="/thanks/")
    own = "0d3e0000-0000-4000-8000-000000000001"
    named = zip(rule.destinations, ids, strict=True)
    parts = tuple(replace(each, id=key) for each, key in named)

    settled = rule.with_ids(own, ids)

    born = replace(rule, id=own, destinations=parts)
    for each in fields(rule):  # those that are not compared too
        assert getattr(settled, each.name) == getattr(born, each.name), each.name
    assert rule.id == ""
