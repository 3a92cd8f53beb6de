import pytest

from temp_redirects.core.loops import MAX_EACH, MAX_VISITS, find_loop, next_visit
from temp_redirects.core.rulesets import Decision, Ruleset
from temp_redirects.core.sites import Site
from temp_redirects.core.visits import Visit
from tests.core.making import NOON, SITE, document, make_rule, make_ruleset, window
from tests.core.shapes import HAS_RE2

HTTP = {"conditions": [{"kind": "scheme", "value": "http"}]}
HTTPS = {"conditions": [{"kind": "scheme", "value": "https"}]}
MORNING = window("2040-01-01T08:00", "2040-01-01T12:00")
NOONTIME = window("2040-01-01T11:00", "2040-01-01T13:00")
AFTERNOON = window("2040-01-01T12:00", "2040-01-01T18:00")


def loop_of(rules, name="a", since=NOON, site=SITE):
    """Return the addresses of a loop through the rule of that name, or None."""
    ruleset = make_ruleset(**rules)
    rule = make_rule(**{**keywords(rules[name]), "name": name})
    hops = find_loop(ruleset, rule, site, since=since)
    return hops and [hop.url.removeprefix("https://shop.example") for hop in hops]


def keywords(each):
    return {**each, "target": each["destinations"][0]["target"]}


def prefix(path, target, **keys):
    return document(path, target, match="prefix", **keys)


@pytest.mark.parametrize(
    ("rules", "way"),
    [
        pytest.param(
            {"a": document("/a", "/b"), "b": document("/b", "/a")},
            ["/a", "/b", "/a"],
            id="two rules",
        ),
        pytest.param(
            {
                "a": document("/a", "/b"),
                "b": document("/b", "/c"),
                "c": document("/c", "/a"),
            },
            ["/a", "/b", "/c", "/a"],
            id="three rules",
        ),
        pytest.param(
            {"a": document("/a", "/b"), "b": document("/b", "https://shop.example/a")},
            ["/a", "/b", "/a"],
            id="by an absolute address of the site",
        ),
        pytest.param(
            {"a": document("/a", "/b%2Fc"), "b": document("/b/c", "/%61")},
            ["/a", "/b/c", "/a"],
            id="spelt otherwise",
        ),
        pytest.param(
            {"a": document("/a", "/b?x=1#y"), "b": document("/b", "/a", query="drop")},
            ["/a", "/b?x=1", "/a"],
            id="the query aside",
        ),
        pytest.param(
            {"a": document("/a", "/b"), "b": prefix("/", "/a")},
            ["/a", "/b", "/a"],
            id="through a catch-all",
        ),
        pytest.param(
            {"a": prefix("/a", "/b/{rest}"), "b": prefix("/b", "/a/{rest}")},
            ["/a", "/b/", "/a/", "/b/"],
            id="two prefixes",
        ),
        pytest.param(
            {"a": prefix("/a", "/b/{rest}"), "b": document("/b/x", "/a/x")},
            ["/a/x", "/b/x", "/a/x"],
            id="only under the prefix",
        ),
        pytest.param(
            {"a": prefix("/a", "/b/{rest}"), "b": document("/b/y", "/a/y")},
            ["/a/y", "/b/y", "/a/y"],
            id="at one path under the prefix",
        ),
        pytest.param(
            {"a": prefix("/a", "/b/{rest}"), "b": document("/b/q/y/", "/a/q/y/")},
            ["/a/q/y/", "/b/q/y/", "/a/q/y/"],
            id="deep under the prefix, with its slash",
        ),
        pytest.param(
            {"a": prefix("/a", "/b{path}"), "b": document("/b/a/y", "/a/y")},
            ["/a/y", "/b/a/y", "/a/y"],
            id="by the whole path",
        ),
        pytest.param(
            {"a": prefix("/a", "/b/y{rest}"), "b": document("/b/yz", "/a/z")},
            ["/a/z", "/b/yz", "/a/z"],
            id="within a segment",
        ),
        pytest.param(
            {
                "a": prefix("/a", "/b/{rest}"),
                "b": prefix("/b", "/c/{rest}"),
                "c": document("/c/y", "/a/y"),
            },
            ["/a/y", "/b/y", "/c/y", "/a/y"],
            id="at one path behind another prefix",
        ),
        pytest.param(
            {
                "a": prefix("/a", "/b/{rest}"),
                "b": prefix("/b/q", "/c/{rest}"),
                "c": document("/c/z", "/a/q/z"),
            },
            ["/a/q/z", "/b/q/z", "/c/z", "/a/q/z"],
            id="at one path behind a deeper prefix",
        ),
        pytest.param(
            {"a": prefix("/", "/b/{rest}"), "b": document("/b/y", "/y")},
            ["/y", "/b/y", "/y"],
            id="at one path of a catch-all",
        ),
        pytest.param(
            {"a": prefix("/a/", "/b{path}"), "b": document("/b/a", "/a")},
            ["/a", "/b/a", "/a"],
            id="without the slash of the prefix",
        ),
        pytest.param({"a": prefix("/a", "/{rest}")}, None, id="its own path stripped"),
        pytest.param(
            {"a": prefix("/a", "/{rest}"), "b": prefix("/b", "/{rest}")},
            None,
            id="two paths stripped in turn",
        ),
        pytest.param(
            {"a": prefix("/a", "/b"), "b": document("/b/y", "/a/y")},
            None,
            id="under an address that nobody is sent to",
        ),
        pytest.param(
            {
                "a": document("/", "https://shop.example"),
                "b": document("/", "http://localhost:8001/", **HTTPS),
            },
            None,
            id="away from the site",
        ),
        pytest.param(
            {"a": document("/a", "https://pay.example/b"), "b": document("/b", "/a")},
            None,
            id="another site",
        ),
        pytest.param(
            {"a": document("/a", "/b"), "b": document("/b", "/c")}, None, id="a chain"
        ),
        pytest.param(
            {"a": document("/a", "/b?x=1"), "b": document("/b", "/c")},
            None,
            id="a chain with a query",
        ),
    ],
)
def test_a_loop_is_found_hop_by_hop(rules, way):
    assert loop_of(rules) == way


def test_a_loop_names_the_rule_of_each_hop():
    rules = make_ruleset(a=document("/a", "/b"), b=document("/b", "/a"))
    hops = find_loop(rules, make_rule("/a", "/b", name="a"), SITE, since=NOON)
    assert [hop.rule for hop in hops] == ["a", "b", ""]


def test_two_rules_that_make_the_path_grow_are_a_loop():
    rules = {"a": prefix("/a", "/b/a{path}"), "b": prefix("/b", "/a/b{path}")}
    # One hop more than browsers follow, and where it stands.
    assert len(loop_of(rules)) == 22


def test_a_sample_of_a_pattern_finds_its_loop():
    rules = {
        "a": document("/<int:n>/<slug:s>/", "/b/{s}/{n}/", match="pattern"),
        "b": document("/b/*/*/", "/{2}/{1}/", match="pattern"),
    }
    assert loop_of(rules) == ["/1/x/", "/b/x/1/", "/1/x/"]
    assert loop_of(rules, "b") is None  # its sample leads to no number


@pytest.mark.skipif(not HAS_RE2, reason="the extra “regex” is not installed")
def test_an_expression_whose_paths_can_be_guessed_finds_its_loop():
    rules = {
        "a": document("/a/([0-9]+)", "/b/{1}", match="regex"),
        "b": document("/b/", "/a/{rest}", match="prefix"),
    }
    assert loop_of(rules) == ["/a/1", "/b/1", "/a/1"]


@pytest.mark.skipif(not HAS_RE2, reason="the extra “regex” is not installed")
def test_an_expression_whose_paths_cannot_be_guessed_is_not_followed():
    rules = {
        "a": document("/a/([a-f]{9})", "/b/{1}", match="regex"),
        "b": document("/b/", "/a/{rest}", match="prefix"),
    }
    assert loop_of(rules) is None


@pytest.mark.skipif(not HAS_RE2, reason="the extra “regex” is not installed")
@pytest.mark.parametrize(
    ("path", "target", "asked"),
    [
        pytest.param("/.*", "/new/", "/a/b", id="a fixed target"),
        pytest.param("/a(.*)", "/a/x{1}", "/a/b", id="that grows"),
        pytest.param("/([0-9]+)", "/0{1}", "/7", id="a sign is added"),
        pytest.param("/(.*)/old", "/{1}/older/old", "/b/old", id="at its end"),
    ],
)
def test_an_expression_that_matches_its_own_target_redirects_once_at_most(
    path, target, asked
):
    rules = make_ruleset(a=document(path, target, match="regex"))
    hops = 0
    while location := rules.decide(Visit(asked, site=SITE), NOON).location:
        asked = location
        hops += 1
        assert hops <= 1


def chain(length):
    return {
        ("a" if n == 0 else f"r{n}"): document(f"/{n}", f"/{n + 1}")
        for n in range(length)
    }


def test_a_chain_is_a_loop_where_browsers_stop():
    assert loop_of(chain(20)) is None
    assert len(loop_of(chain(21))) == 22


@pytest.mark.parametrize(
    ("rules", "is_loop"),
    [
        pytest.param(
            {
                "a": document("/a", "/b", schedule=MORNING),
                "b": document("/b", "/a", schedule=NOONTIME),
            },
            True,
            id="the other starts later, while this one runs",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", schedule=NOONTIME),
                "b": document("/b", "/a", schedule=MORNING),
            },
            True,
            id="this one starts later",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", schedule=MORNING),
                "b": document("/b", "/a", schedule=AFTERNOON),
            },
            False,
            id="one ends as the other starts",
        ),
        pytest.param(
            {
                "a": document("/a", "/b"),
                "over": document("/b", "/c", priority=1, schedule=MORNING),
                "b": document("/b", "/a"),
            },
            True,
            id="once a rule above has ended",
        ),
        pytest.param(
            {
                "a": document("/a", "/b"),
                "b": document("/b", "/c"),
                "late": document("/c", "/a", schedule=AFTERNOON),
            },
            True,
            id="at the end of a chain, later",
        ),
        pytest.param(
            {
                "a": document(
                    "/a", "/b", schedule=window("2020-01-01T08:00", "2020-01-01T09:00")
                ),
                "b": document("/b", "/a"),
            },
            False,
            id="it is over",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", schedule=window("1970-01-01", None)),
                "b": document("/b", "/a", schedule=MORNING),
            },
            True,
            id="it started with the epoch",
        ),
    ],
)
def test_a_loop_is_found_at_whatever_moment_it_begins(rules, is_loop):
    assert (loop_of(rules) is not None) is is_loop


@pytest.mark.parametrize(
    ("rules", "is_loop"),
    [
        pytest.param(
            {"a": document("/a", "/b"), "b": document("/b", "/a", **HTTP)},
            True,
            id="over http only",
        ),
        pytest.param(
            {"a": document("/a", "/b", **HTTP), "b": document("/b", "/a", **HTTP)},
            True,
            id="both over http only",
        ),
        pytest.param(
            {"a": document("/a", "/b", **HTTP), "b": document("/b", "/a", **HTTPS)},
            False,
            id="one over http, one over https",
        ),
        pytest.param(
            {"a": prefix("/", "https://{host}{path}", **HTTP)},
            False,
            id="http to https",
        ),
        pytest.param(
            {"a": document("/a", "/b"), "b": document("/b", "/a", methods=["POST"])},
            True,
            id="by POST only",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", methods=["PUT"]),
                "b": document("/b", "/a", methods=["POST"]),
            },
            False,
            id="by methods that never meet",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", methods=["POST"], status=303),
                "b": document("/b", "/a", methods=["GET"]),
            },
            False,
            id="a POST that becomes a GET is another visit",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", methods=["POST", "GET"], status=303),
                "b": document("/b", "/a"),
            },
            True,
            id="a POST that becomes a GET, and that goes round",
        ),
        pytest.param(
            {
                "a": document("/a", "/b"),
                "b": document("/b", "/a", hosts=["m.shop.test"]),
            },
            True,
            id="on one host only",
        ),
        pytest.param(
            {
                "a": document("/a", "/b"),
                "b": document("/b", "/a", hosts=["*.shop.test"]),
            },
            True,
            id="on subdomains only",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", hosts=["*.example"]),
                "b": document("/b", "/a", hosts=["shop.example"]),
            },
            True,
            id="on one of the hosts of a wildcard",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", hosts=["*.example"]),
                "b": document("/b", "/a", hosts=["*.shop.example"]),
            },
            True,
            id="on subdomains of the hosts of a wildcard",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", hosts=["*.example"]),
                "b": document("/b", "/a", hosts=["shop.example:8000"]),
            },
            True,
            id="on one port of the hosts of a wildcard",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", methods=["GET"]),
                "b": document("/b", "/a", methods=["HEAD"]),
            },
            True,
            id="by a method that comes with another",
        ),
        pytest.param(
            {
                "a": document("/a", "/b", hosts=["a.test"]),
                "b": document("/b", "/a", hosts=["b.test"]),
            },
            False,
            id="on hosts that never meet",
        ),
        pytest.param(
            {
                "a": document(
                    "/a", "https://www.shop.example/a", hosts=["shop.example"]
                ),
                "b": document(
                    "/a", "https://shop.example/a", hosts=["www.shop.example"]
                ),
            },
            True,
            id="from host to host and back",
        ),
        pytest.param(
            {
                "a": document("/a", "/b"),
                "b": document("/b", "/a", hosts=["pay.example"]),
                "c": document("/b", "https://pay.example/b"),
            },
            True,
            id="on a host that is asked as well",
        ),
    ],
)
def test_a_loop_is_found_for_whomever_it_turns(rules, is_loop):
    assert (loop_of(rules) is not None) is is_loop


def test_a_loop_that_the_rule_has_no_part_in_is_not_told():
    rules = {
        "a": document("/a", "/b", priority=-1),
        "over": document("/a", "/c", priority=1),
        "c": document("/c", "/a"),
    }
    assert loop_of(rules) is None
    assert loop_of(rules, "over") is not None


def test_a_broken_row_on_the_way_is_no_obstacle():
    ruleset = Ruleset([(f"{1:032x}", "broken", "exact", "/a")])
    assert find_loop(ruleset, make_rule("/a", "/b"), SITE, since=NOON) is None


def test_the_visits_that_are_followed_are_bounded():
    rules = {"a": document("/a", "/b")}
    for n in range(12):
        rules[f"r{n}"] = document(
            "/b",
            "/c",
            hosts=[f"h{n}.test"],
            methods=[f"M{chr(65 + n)}"],
            schedule=window(f"2040-01-01T{n:02}:00", None),
        )
    ruleset = Counting(make_ruleset(**rules).index)
    assert find_loop(ruleset, make_rule("/a", "/b", name="a"), SITE, since=NOON) is None
    assert MAX_VISITS <= ruleset.decided <= 3 * MAX_VISITS


def test_the_paths_that_are_learned_are_bounded():
    rules = {"a": prefix("/a", "/b/{rest}")}
    for n in range(2 * MAX_EACH):
        rules[f"r{n}"] = prefix(f"/b/{n}", f"/c/{n}/{{rest}}")
        rules[f"s{n}"] = document(f"/c/{n}/x/y", "/d")
    ruleset = Counting(make_ruleset(**rules).index)
    rule = make_rule("/a", "/b/{rest}", match="prefix", name="a")
    assert find_loop(ruleset, rule, SITE, since=NOON) is None
    assert ruleset.decided <= 4 * MAX_VISITS


class Counting(Ruleset):
    """A ruleset that counts how often it is asked."""

    def __init__(self, index):
        super().__init__()
        self.index = index
        self.decided = 0

    def decide(self, visit, now, trace=None):
        self.decided += 1
        return super().decide(visit, now, trace)


def test_a_site_without_hosts_is_tried_at_localhost():
    rules = {"a": document("/a", "/b"), "b": document("/b", "/a")}
    way = loop_of(rules, site=Site())
    assert way == [f"https://localhost{path}" for path in ("/a", "/b", "/a")]


# What follows a redirect


def following(location, visit=None, **keys):
    visit = visit or Visit("/x", host="shop.example", site=SITE)
    rule = make_rule(**keys)
    return next_visit(visit, Decision("match", rule, location))


@pytest.mark.parametrize(
    ("location", "url"),
    [
        pytest.param("/b", "http://shop.example/b", id="relative"),
        pytest.param(
            "/b?c=d#e", "http://shop.example/b?c=d", id="without its fragment"
        ),
        pytest.param("/%C3%A9%FF", "http://shop.example/é%FF", id="decoded once"),
        pytest.param(
            "https://shop.example/b", "https://shop.example/b", id="the scheme"
        ),
        pytest.param(
            "HTTPS://Shop.Example:443", "https://shop.example/", id="one spelling"
        ),
        pytest.param("https://shop.example?a", "https://shop.example/?a", id="no path"),
        pytest.param(
            "https://www.shop.example/", "https://www.shop.example/", id="own"
        ),
    ],
)
def test_a_redirect_within_the_site_is_another_visit(location, url):
    visit = following(location)
    assert visit.url == url
    assert visit.site is SITE


@pytest.mark.parametrize("location", ["https://pay.example/", "http://localhost:8001/"])
def test_a_redirect_to_another_server_leaves_the_site(location):
    assert following(location) is None


@pytest.mark.parametrize(
    ("host", "is_followed"),
    [
        ("docs.test", True),
        ("www.docs.test", True),
        ("mydocs.test", False),
        ("www.docs.test:8000", False),
    ],
)
def test_a_host_under_a_suffix_of_the_site_is_followed(host, is_followed):
    visit = Visit("/x", host="shop.example", site=Site(host_suffixes=(".docs.test",)))
    following = next_visit(visit, Decision("match", None, f"http://{host}/b"))
    assert (following is not None) is is_followed


def test_the_host_that_was_asked_is_the_site_whatever_its_name():
    visit = Visit("/x", host="m.test:8000", site=SITE)
    assert following("http://m.test:8000/b", visit).url == "http://m.test:8000/b"


@pytest.mark.parametrize(
    ("status", "method", "following_method"),
    [
        pytest.param(307, "POST", "POST", id="307 keeps the method"),
        pytest.param(303, "POST", "GET", id="303 shows a page"),
        pytest.param(303, "PUT", "GET", id="303 after PUT"),
        pytest.param(303, "HEAD", "HEAD", id="303 keeps HEAD"),
        pytest.param(302, "POST", "GET", id="302 as old clients know it"),
        pytest.param(302, "PUT", "PUT", id="302 changes POST only"),
        pytest.param(302, "GET", "GET", id="302 keeps GET"),
    ],
)
def test_the_next_method_is_the_one_browsers_use(status, method, following_method):
    visit = Visit("/x", method=method, host="shop.example", site=SITE)
    assert following("/b", visit, status=status).method == following_method


def fact(kind, value):
    return [{"kind": kind, "value": value}]


def one_way(conditions, back, **keys):
    """Return two rules that send visitors to each other, for some of them."""
    return {
        "a": document("/a", "/b", conditions=conditions),
        "b": document("/b", "/a", conditions=back, **keys),
    }


@pytest.mark.parametrize(
    ("conditions", "back", "is_loop"),
    [
        pytest.param([], fact("country", "DE"), True, id="everybody, some come back"),
        pytest.param(fact("country", "DE"), [], True, id="some, all come back"),
        pytest.param(
            fact("country", "DE, AT"), fact("country", "CH, AT"), True, id="one of them"
        ),
        pytest.param(
            fact("country", "DE"), fact("country", "AT"), False, id="others come back"
        ),
        pytest.param(
            fact("country", "DE"), fact("language", "de"), True, id="those who are both"
        ),
        pytest.param(
            fact("user", "staff"), fact("user", "group: A"), True, id="staff in a group"
        ),
        pytest.param(
            fact("user", "staff"), fact("user", "anonymous"), False, id="nobody is both"
        ),
        pytest.param(
            fact("device", "mobile"), fact("device", "tablet"), False, id="no device"
        ),
        pytest.param(
            fact("address", "10.0.0.0/8"),
            fact("address", "10.1.0.0/16"),
            True,
            id="a network in another",
        ),
        pytest.param(fact("query", "a"), fact("query", "b: 1"), True, id="parameters"),
        pytest.param(fact("cookie", "a"), fact("cookie", "b: x*"), True, id="cookies"),
        pytest.param(
            fact("header", "X-A: 1"), fact("header", "X-A: 2"), False, id="two values"
        ),
        pytest.param(fact("bot", "any"), fact("busy", "5"), True, id="robots, a flood"),
        pytest.param(
            fact("preference", "x"), fact("referrer", "*"), True, id="whoever they are"
        ),
    ],
)
def test_a_loop_is_one_where_a_visitor_has_all_its_facts(conditions, back, is_loop):
    assert (loop_of(one_way(conditions, back)) is not None) is is_loop


def test_facts_of_several_rules_on_the_way_are_put_together():
    rules = {
        "a": document("/a", "/b"),
        "b": document("/b", "/c", conditions=fact("country", "DE")),
        "c": document("/c", "/a", conditions=fact("device", "mobile")),
    }
    assert loop_of(rules) == ["/a", "/b", "/c", "/a"]


def test_who_is_excepted_on_the_way_back_goes_round_no_loop():
    rules = {
        "a": document("/a", "/b", conditions=fact("country", "DE")),
        "b": document("/b", "/a", unless=fact("country", "EU")),
    }
    assert loop_of(rules) is None


def test_a_query_that_is_dropped_on_the_way_ends_the_loop():
    rules = one_way(fact("query", "a"), [], query="drop")
    assert loop_of(rules) is None


SPLIT_THERE = [
    {"id": "x", "target": "/elsewhere/", "percentage": 10},
    {"id": "b", "target": "/b/", "percentage": 10},
]
SPLIT_BACK = [
    {"id": "a", "target": "/a/", "percentage": 1},
    {"id": "y", "target": "/far/"},
]


def test_the_arms_of_two_rules_that_lead_to_each_other_are_a_loop():
    rules = {
        "a": document("/a/", destinations=SPLIT_THERE),
        "b": document("/b/", destinations=SPLIT_BACK),
    }
    assert loop_of(rules) == ["/a/", "/b/", "/a/"]
    assert loop_of(rules, "b") == ["/b/", "/a/", "/b/"]


def test_a_drained_arm_leads_nobody_round():
    drained = [{**SPLIT_BACK[0], "percentage": 0}, SPLIT_BACK[1]]
    rules = {
        "a": document("/a/", destinations=SPLIT_THERE),
        "b": document("/b/", destinations=drained),
    }
    assert loop_of(rules) is None


def test_a_visitor_has_one_arm_in_a_rule_that_is_met_twice():
    """Who goes to /a/b by one arm could only go on by another one."""
    arms = [
        {"id": "one", "target": "/x/1", "percentage": 50},
        {"id": "two", "target": "/x/2", "percentage": 50},
    ]
    rules = {
        "a": document("/a", match="prefix", destinations=arms),
        "b": document("/x/1", "/a/again"),
        "c": document("/a/again", "/end", priority=1),
    }
    assert loop_of(rules) is None
    assert loop_of({**rules, "c": document("/other", "/end")})
