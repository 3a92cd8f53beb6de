from dataclasses import replace

import pytest

from temp_redirects.core.conditions import Condition
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.documents import Rejected
from temp_redirects.core.rules import (
    MAX_CONDITIONS,
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
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit
from tests.core.making import (
    NOON,
    SITE,
    FromCookie,
    document,
    make_rule,
    make_ruleset,
)


def holds(rule, visit):
    """Say whether the visit passes every check of the rule."""
    return all(each.holds(visit, NOON) for each in rule.checks)


# Methods


@pytest.mark.parametrize(
    ("names", "method", "is_asked"),
    [
        pytest.param(["POST"], "POST", True, id="the method"),
        pytest.param(["POST"], "GET", False, id="another one"),
        pytest.param([" post "], "POST", True, id="as people type it"),
        pytest.param(["GET"], "HEAD", True, id="GET includes HEAD"),
        pytest.param(["HEAD"], "GET", False, id="HEAD does not include GET"),
        pytest.param(["POST"], "HEAD", False, id="and POST includes nothing"),
        pytest.param(["GET", "PUT"], "PUT", True, id="one of two"),
        pytest.param(["PURGE"], "PURGE", True, id="a method of one’s own"),
    ],
)
def test_a_rule_answers_its_methods(names, method, is_asked):
    assert Methods.parse(names).holds(Visit("/", method=method), NOON) is is_asked


def test_a_method_named_twice_is_one():
    assert Methods.parse(["get", "GET"]).names == ("GET",)


@pytest.mark.parametrize(
    "name", ["", "GET POST", "GET,POST", "G\nT", "ΓΕΤ", "X" * 33, "X" * 1_000_000]
)
def test_what_is_no_method_is_refused(name):
    with pytest.raises(Refused, match="is no request method"):
        Methods.parse([name])


# Hosts


@pytest.mark.parametrize(
    ("pattern", "scheme", "host", "is_asked"),
    [
        pytest.param("m.docs.test", "http", "M.Docs.Test.", True, id="one spelling"),
        pytest.param("M.Docs.Test.", "http", "m.docs.test", True, id="typed otherwise"),
        pytest.param("docs.test", "http", "docs.test:8000", True, id="any port"),
        pytest.param("docs.test:8000", "http", "docs.test:8000", True, id="this port"),
        pytest.param("docs.test:8000", "http", "docs.test", False, id="another port"),
        pytest.param("docs.test:443", "https", "docs.test", True, id="https’s port"),
        pytest.param("docs.test:443", "https", "docs.test:443", True, id="written"),
        pytest.param("docs.test:443", "http", "docs.test", False, id="not http’s port"),
        pytest.param("docs.test:80", "http", "docs.test", True, id="http’s port"),
        pytest.param("docs.test", "http", "m.docs.test", False, id="no subdomain"),
        pytest.param("*.docs.test", "http", "m.docs.test", True, id="a subdomain"),
        pytest.param("*.docs.test", "http", "a.m.docs.test", True, id="a deeper one"),
        pytest.param("*.docs.test", "http", "docs.test", False, id="not itself"),
        pytest.param("*.docs.test", "http", "evildocs.test", False, id="whole labels"),
        pytest.param("*.docs.test", "http", "docs.test.evil", False, id="at the end"),
        pytest.param("*.docs.test:8000", "http", "m.docs.test:8000", True, id="+ port"),
        pytest.param("*.docs.test:8000", "http", "m.docs.test", False, id="- port"),
        pytest.param(
            "münchen.example", "http", "xn--mnchen-3ya.example", True, id="IDN"
        ),
        pytest.param("*.ä.test", "http", "m.xn--4ca.test", True, id="IDNA, subdomain"),
        pytest.param("[::1]", "http", "[::1]:8000", True, id="IPv6"),
        pytest.param("[::1]:8000", "http", "[::1]:8000", True, id="IPv6 and its port"),
        pytest.param("[::1]:8000", "http", "[::1]", False, id="IPv6, another port"),
        pytest.param("docs.test", "http", "", False, id="an unknown host is none"),
    ],
)
def test_a_rule_answers_its_hosts(pattern, scheme, host, is_asked):
    visit = Visit("/", scheme=scheme, host=host)
    assert Hosts.parse([pattern]).holds(visit, NOON) is is_asked


def test_a_host_named_twice_is_one():
    assert Hosts.parse(["A.test", "a.test."]).patterns == ("a.test",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("*", id="a star alone"),
        pytest.param("shop.*", id="a star at the end"),
        pytest.param("*shop.test", id="a star within a label"),
        pytest.param("https://shop.test", id="an address"),
        pytest.param("shop.test/x", id="a path"),
        pytest.param("a.test, b.test", id="two"),
        pytest.param("shop..test", id="an empty label"),
        pytest.param("ä..test", id="an empty label, no IDNA"),
        pytest.param("shop.test:x", id="no port"),
        pytest.param("shop.test\x00", id="NUL"),
        pytest.param("ä" * 2_000, id="far too long for IDNA"),
        pytest.param("\ud800", id="half a character"),
    ],
)
def test_what_is_no_host_is_refused(text):
    with pytest.raises(Refused, match="is not a host name"):
        Hosts.parse([text])


# Paths that pass


@pytest.mark.parametrize(
    ("path", "passes"),
    [
        pytest.param("/shop/help", False, id="the path"),
        pytest.param("/shop/help/", False, id="with a slash"),
        pytest.param("/shop/help/x", False, id="under it"),
        pytest.param("/shop/helpers", True, id="whole segments"),
        pytest.param("/shop/caf\u00e9", False, id="typed encoded"),
        pytest.param("/shop/", True, id="above it"),
    ],
)
def test_excepted_paths_are_left_alone_with_all_under_them(path, passes):
    excepted = ExceptedPaths.parse(["/shop/help", "/shop/caf%C3%A9"])
    assert excepted.holds(Visit(path), NOON) is passes


def test_an_excepted_path_is_read_as_a_path():
    with pytest.raises(Refused, match="does not begin with"):
        ExceptedPaths.parse(["help"])


@pytest.mark.parametrize(
    ("match", "source", "path", "may"),
    [
        pytest.param("prefix", "/", "/admin/", False, id="the admin, by a catch-all"),
        pytest.param("prefix", "/", "/admin/auth/", False, id="under it"),
        pytest.param("exact", "/admin/", "/admin/", False, id="the admin, by its name"),
        pytest.param("prefix", "/", "/accounts/login/", False, id="login, catch-all"),
        pytest.param("exact", "/accounts/login/", "/accounts/login/", True, id="named"),
        pytest.param("prefix", "/", "/shop/", True, id="any other path"),
    ],
)
def test_protected_paths_are_never_redirected(match, source, path, may):
    rule = make_rule(source, "/new/", match=match)
    assert holds(rule, Visit(path, site=SITE)) is may


# Conditions


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_rule_is_only_for_and_not_for_its_conditions(scheme):
    visit = Visit("/", scheme=scheme)
    assert OnlyFor(Scheme("https")).holds(visit, NOON) is (scheme == "https")
    assert NotFor(Scheme("https")).holds(visit, NOON) is (scheme == "http")


def test_at_most_twenty_conditions_are_allowed():
    http = {"kind": "scheme", "value": "http"}
    some, half = [http] * MAX_CONDITIONS, [http] * (MAX_CONDITIONS // 2)
    assert len(make_rule(conditions=some).conditions) == 20
    assert len(make_rule(conditions=half, unless=half).checks) == 21
    with pytest.raises(Rejected, match="at most 20 conditions"):
        make_rule(conditions=some, unless=[http])


def with_conditions(*conditions, unless=()):
    return replace(make_rule(), conditions=conditions, unless=unless)


def test_a_fact_that_is_not_known_admits_nobody_and_excepts_nobody():
    person, visit = FromCookie("http"), Visit("/")
    assert not OnlyFor(person).holds(visit, NOON)
    assert NotFor(person).holds(visit, NOON)


def test_an_answer_is_personal_where_one_condition_is():
    person, visit = FromCookie("http"), Visit("/")
    assert with_conditions(Scheme("http")).consulted(visit) == ((), False)
    assert with_conditions(Scheme("http"), person).consulted(visit)[1]
    assert with_conditions(unless=(person,)).consulted(visit)[1]


def test_the_headers_that_any_condition_consulted_are_named():
    visit = Visit("/", scheme_header="X-Forwarded-Proto")
    person, scheme = FromCookie("http"), Scheme("http")
    headers, _ = with_conditions(scheme, unless=(person,)).consulted(visit)
    assert headers == ("X-Forwarded-Proto", "Cookie")


class Failing(Scheme):
    """A project's own condition with a defect in each of its answers."""

    kind = None

    def fail(self, visit):
        raise RuntimeError("defect")

    holds = explain = consulted = fail


def test_a_condition_that_raises_admits_nobody_and_excepts_nobody():
    failing, visit = Failing("http"), Visit("/")
    assert not OnlyFor(failing).holds(visit, NOON)
    assert NotFor(failing).holds(visit, NOON)
    assert [str(error) for _, error in visit.errors] == ["defect", "defect"]


def test_a_condition_that_raises_is_explained_by_what_it_raised():
    visit = Visit("/")
    sentence = OnlyFor(Failing("http")).explain(visit, NOON)
    assert str(sentence) == "None failed: RuntimeError('defect')"


def test_what_depends_on_nobody_knows_what_is_in_no_shared_cache():
    visit = Visit("/")
    assert with_conditions(Failing("http")).consulted(visit) == ((), True)
    assert visit.errors


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
    ("path", "target", "visited", "is_redirected"),
    [
        pytest.param("/", "/m/", "/x", True, id="a catch-all"),
        pytest.param("/", "/m/", "/m/", False, id="and its target"),
        pytest.param("/", "/m/", "/m/site.css", False, id="and what lies under it"),
        pytest.param("/", "/m/", "/mm/", True, id="whole segments"),
        pytest.param("/", "/m", "/m", False, id="a target without a slash"),
        pytest.param("/", "/m", "/m/site.css", False, id="and what lies under that"),
        pytest.param("/", "/m", "/mm", True, id="whole segments there too"),
        pytest.param("/blog/", "/blog/old/{rest}", "/blog/a", True, id="into itself"),
        pytest.param("/blog/", "/blog/old/{rest}", "/blog/old/a", False, id="once"),
        pytest.param("/blog/", "/blog/old-{rest}", "/blog/a", True, id="a new name"),
        pytest.param("/blog/", "/blog/old-{rest}", "/blog/old-a", False, id="one time"),
        pytest.param("/", "/old{path}", "/a", True, id="everything moved down"),
        pytest.param("/", "/old{path}", "/old/a", False, id="once only"),
        pytest.param("/", "/old{path}", "/older", True, id="by whole segments"),
        pytest.param("/", "/find?q={rest}", "/find", False, id="the query aside"),
        pytest.param("/shop/", "/m/", "/shop/x", True, id="a target elsewhere"),
    ],
)
def test_a_rule_never_matches_its_own_output(path, target, visited, is_redirected):
    rule = make_rule(path, target, match="prefix")
    assert holds(rule, Visit(visited, site=SITE)) is is_redirected


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


@pytest.mark.parametrize(
    ("target", "scheme", "host", "is_redirected"),
    [
        pytest.param(
            "https://shop.example/m/", "https", "shop.example", False, id="at"
        ),
        pytest.param(
            "https://Shop.Example:443/m/",
            "https",
            "shop.example:443",
            False,
            id="spelt",
        ),
        pytest.param(
            "https://shop.example/m/", "http", "shop.example", True, id="http"
        ),
        pytest.param(
            "https://shop.example/m/", "https", "www.shop.example", True, id="w"
        ),
        pytest.param(
            "https://pay.example/m/", "https", "shop.example", True, id="abroad"
        ),
        pytest.param(
            "https://{host}/m/", "https", "shop.example", False, id="own host"
        ),
        pytest.param("https://{host}/m/", "http", "shop.example", True, id="and http"),
        pytest.param("/m/", "http", "any.test", False, id="relative: every host"),
    ],
)
def test_the_own_output_is_known_with_its_scheme_and_host(
    target, scheme, host, is_redirected
):
    rule = make_rule("/", target, match="prefix")
    visit = Visit("/m/site.css", scheme=scheme, host=host, site=SITE)
    assert holds(rule, visit) is is_redirected


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
        id="", name="x", source=short.source, destination=short.destination
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

    assert rule.destination.target.location(known, {}, keeps_query=True) == "/shop/AT/"
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
