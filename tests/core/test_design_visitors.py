"""The design's page on the document format, continued: values, windows, who is meant.

A name is a sentence. The edges are in the modules' own tests.
"""

from collections import Counter
from uuid import uuid4

import pytest

from temp_redirects.core import documents
from temp_redirects.core.documents import RULE_KEYS, WINDOW_KEYS, Rejected
from temp_redirects.core.people import Person
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sites import Site
from temp_redirects.core.splits import shares
from temp_redirects.core.visits import Visit
from tests.core.making import NOON, SITE, document, make_rule, make_ruleset, window

MANY = 2_000  # visitors
STAFF = Person(is_staff=True)
HEADER = {"kind": "header", "value": "X-Beta"}


def visit(path="/old/", **facts):
    return Visit(path, **{"host": "shop.example", "site": SITE, **facts})


def decided(asked, now=NOON, **keys):
    return make_ruleset(rule=document(**keys)).decide(asked, now)


def sent(asked, now=NOON, **keys):
    return decided(asked, now, **keys).location


def places(given):
    with pytest.raises(Rejected) as rejected:
        documents.parse(given, SITE)
    return {place for place, _ in rejected.value.problems}


# Values


def test_id_is_a_uuid():
    assert places(document(id="7")) == {"id"}


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("match", ["exact", "prefix", "pattern"]),
        ("sticky", ["visitor", "user", "address", "request"]),
        ("status", [307, 303, 302]),
        ("query", ["keep", "drop"]),
    ],
)
def test_of_these_values_each_is_known_and_the_first_is_the_default(key, values):
    for value in values:
        assert documents.dump(make_rule(**{key: value}))[key] == value
    assert RULE_KEYS[key] == values[0]
    assert places(document(**{key: 308 if key == "status" else "other"})) == {key}


def test_a_rule_that_is_not_enabled_redirects_nobody():
    rules = make_ruleset(rule=document(), off=document("/off/", enabled=False))
    assert rules.decide(visit("/old/"), NOON).location == "/new/"
    assert documents.dump(make_rule(enabled=False))["enabled"] is False


def test_empty_hosts_and_methods_mean_any():
    for host, method in (("a.example", "GET"), ("b.example", "PUT")):
        assert sent(visit(host=host, method=method), hosts=[], methods=[]) == "/new/"


def test_a_star_and_a_dot_mean_subdomains():
    hosts = ["*.shop.example"]
    for host, location in (("www.shop.example", "/new/"), ("shop.example", "")):
        assert sent(visit(host=host), hosts=hosts) == location


def test_except_paths_are_exact_paths_or_prefixes_that_pass():
    keys = {"path": "/", "match": "prefix", "except_paths": ["/old/", "/robots"]}
    asked = ["/old/", "/old/x", "/robots", "/older/"]
    assert [sent(visit(path), **keys) for path in asked] == ["", "", "", "/new/"]


def test_null_is_an_open_side_of_the_schedule():
    starts, ends = window("2027-01-01", None), window(None, "2027-01-01")
    moments = [1_700_000_000.0, 1_900_000_000.0]
    assert [sent(visit(), now, schedule=starts) for now in moments] == ["", "/new/"]
    assert [sent(visit(), now, schedule=ends) for now in moments] == ["/new/", ""]


def test_a_schedule_repeats_until_a_day_except_on_some():
    schedule = {
        **window("2027-01-04T12:00", "2027-01-04T13:00"),
        "repeat": "FREQ=DAILY",
        "until": "2027-01-06",
        "except": ["2027-01-05"],
    }
    first = 1_799_064_000.0 + 60  # a minute after it began
    found = [sent(visit(), first + day * 86_400, schedule=schedule) for day in range(4)]
    assert found == ["/new/", "", "/new/", ""]


def test_cache_seconds_are_how_long_a_cache_may_keep_the_answer():
    assert decided(visit(), cache_seconds=60).max_age == 60
    assert RULE_KEYS["cache_seconds"] == 0


# Conditions


def test_all_conditions_must_hold():
    both = [HEADER, {"kind": "scheme", "value": "https"}]
    beta = {"X-Beta": "1"}
    assert sent(visit(headers=beta, scheme="https"), conditions=both) == "/new/"
    assert sent(visit(headers=beta), conditions=both) == ""
    assert sent(visit(scheme="https"), conditions=both) == ""


def test_any_unless_that_is_known_to_hold_lets_the_visit_past():
    either = [HEADER, {"kind": "scheme", "value": "https"}]
    assert sent(visit(), unless=either) == "/new/"
    assert sent(visit(scheme="https"), unless=either) == ""


@pytest.mark.parametrize(
    "fact",
    [
        {"kind": "country", "value": "DE"},
        {"kind": "address", "value": "10.0.0.0/8"},
        {"kind": "user", "value": "staff"},
        {"kind": "bot", "value": "yes"},
    ],
    ids=lambda fact: fact["kind"],
)
def test_a_fact_that_is_unknown_makes_no_condition_hold_and_excepts_nobody(fact):
    assert sent(visit(), conditions=[fact]) == ""
    assert sent(visit(), unless=[fact]) == "/new/"


def test_lists_are_separated_by_commas_and_mean_any_of():
    fact = {"kind": "country", "value": "DE, AT"}
    found = [
        sent(visit(country=code), conditions=[fact]) for code in ("DE", "AT", "FR")
    ]
    assert found == ["/new/", "/new/", ""]


def test_lists_are_quoted_as_in_csv():
    fact = {"kind": "header", "value": 'X-Beta: "a, b", c'}
    found = [
        sent(visit(headers={"X-Beta": value}), conditions=[fact])
        for value in ("a, b", "c", "a")
    ]
    assert found == ["/new/", "/new/", ""]


@pytest.mark.parametrize(
    ("value", "text", "holds"),
    [
        ("X-Beta", "", True),
        ("X-Beta: yes, on", "on", True),
        ("X-Beta: yes, on", "off", False),
        ("X-Beta: ye*", "yes", True),
        ("X-Beta: *es", "yes", True),
        ("X-Beta: *e*", "yes", True),
    ],
)
def test_named_facts_are_present_or_one_of_with_a_star_at_either_end(
    value, text, holds
):
    fact = {"kind": "header", "value": value}
    location = sent(visit(headers={"X-Beta": text}), conditions=[fact])
    assert bool(location) is holds


# Placeholders of the visit


def test_country_in_a_target_makes_the_rule_not_hold_where_it_is_unknown():
    keys = {"target": "/{country}/"}
    assert sent(visit(country="AT"), **keys) == "/AT/"
    assert sent(visit(), **keys) == ""


def test_language_in_a_target_is_the_tag_that_staff_wrote():
    keys = {
        "target": "/{language}/",
        "conditions": [{"kind": "language", "value": "de, fr"}],
    }
    asked = [visit(headers={"Accept-Language": text}) for text in ("de-AT", "it", "")]
    assert [sent(each, **keys) for each in asked] == ["/de/", "", ""]


def test_the_visitors_host_is_the_whole_authority():
    assert sent(visit(), target="https://{host}/x") == "https://shop.example/x"


# Who gets which


def arms(*percentages):
    """Return what the forms show beside each destination, the original page last."""
    return [*shares({str(at): each for at, each in enumerate(percentages)}).values()]


@pytest.mark.parametrize(
    ("percentages", "shown"),
    [
        pytest.param([50, None], [50, 50, 0], id="empty shares what is left"),
        pytest.param([None] * 3, [100 / 3] * 3 + [0], id="equally"),
        pytest.param([40, None, None], [40, 30, 30, 0], id="equally what others leave"),
        pytest.param([20], [20, 80], id="what remains stays on the original page"),
        pytest.param([100, None], [100, 0, 0], id="nothing is left to share"),
        pytest.param([0, 50], [0, 50, 50], id="0 is drained"),
        pytest.param(
            [33.33, 33.33, 33.34], [33.33, 33.33, 33.34, 0], id="two decimals"
        ),
    ],
)
def test_an_empty_percentage_shares_what_is_left_and_0_is_drained(percentages, shown):
    assert arms(*percentages) == pytest.approx(shown)
    given = [
        {"id": f"d{at}", "target": f"/{at}/", "percentage": each}
        for at, each in enumerate(percentages)
    ]
    got = Counter(
        sent(visit(visitor=str(number)), destinations=given) for number in range(MANY)
    )
    wanted = {f"/{at}/": share for at, share in enumerate(shown[:-1])}
    for location, share in {**wanted, "": shown[-1]}.items():
        assert got[location] == pytest.approx(share * MANY / 100, abs=MANY * 0.05)
        assert (got[location] == 0) is (share == 0)


def test_more_than_a_hundred_in_total_is_an_error():
    given = [{"id": at, "target": "/b", "percentage": 50.01} for at in "ab"]
    assert places(document(destinations=given)) == {"destinations"}


@pytest.mark.parametrize("percentage", [-1, 100.01, 33.333, "50", True])
def test_a_percentage_is_0_to_100_with_two_decimals(percentage):
    given = [{"target": "/b", "percentage": percentage}]
    assert places(document(destinations=given)) == {"destinations[0].percentage"}


def test_percentages_do_not_fall_through_to_another_rule():
    nobody = [{"id": "b", "target": "/b/", "percentage": 0}]
    rules = make_ruleset(
        split=document(destinations=nobody), rest=document("/", match="prefix")
    )
    decision = rules.decide(visit(visitor="ada"), NOON)
    assert (decision.reason, decision.location) == ("original", "")


def test_the_id_decides_who_gets_which_arm():
    given = [{"id": at, "target": f"/{at}/"} for at in "ab"]
    same, other = (
        [
            make_ruleset(x=document("/x/"), **{name: document(destinations=given)})
            if is_second
            else make_ruleset(**{name: document(destinations=given)})
            for name, is_second in pairs
        ]
        for pairs in ([("one", False), ("two", False)], [("one", False), ("one", True)])
    )
    found = [
        [rules.decide(visit(visitor=str(n)), NOON).location for n in range(50)]
        for rules in (*same, *other)
    ]
    assert found[0] == found[1]  # the same id under another name
    assert found[2] != found[3]  # the same name with another id


def test_an_order_of_destinations_decides_nothing():
    given = [{"id": at, "target": f"/{at}/"} for at in "abc"]
    for number in range(50):
        asked = visit(visitor=str(number))
        assert sent(asked, destinations=given) == sent(asked, destinations=given[::-1])


@pytest.mark.parametrize(
    ("sticky", "by"),
    [("visitor", "visitor"), ("address", "address")],
)
def test_sticky_says_by_what_a_visitor_gets_the_same_arm_again(sticky, by):
    keys = {
        "sticky": sticky,
        "destinations": [{"id": at, "target": f"/{at}/"} for at in "ab"],
    }
    others = {"visitor": "ada", "address": "192.0.2.1", "chance": "x"}
    again, mixed = set(), set()
    for number in range(60):
        changed = {each: f"{number}" for each in others if each != by}
        changed.pop("address", None)
        again.add(sent(visit(**{**others, **changed}), **keys))
        mixed.add(sent(visit(**{**others, by: f"192.0.2.{number}"}), **keys))
    assert (len(again), mixed) == (1, {"/a/", "/b/"})


def test_sticky_request_draws_for_each_request():
    keys = {
        "sticky": "request",
        "destinations": [{"id": at, "target": f"/{at}/"} for at in "ab"],
    }
    found = {
        sent(visit(visitor="ada", address="192.0.2.1", chance=str(number)), **keys)
        for number in range(60)
    }
    assert found == {"/a/", "/b/"}


def test_rules_with_a_goal_look_at_get_and_head_unless_methods_says_otherwise():
    def asked(**keys):
        methods = ("GET", "HEAD", "POST")
        return [
            bool(sent(visit(method=method), goal="/thanks/", **keys))
            for method in methods
        ]

    assert asked() == [True, True, False]
    assert asked(methods=["POST"]) == [False, False, True]


# Maintenance windows


def test_a_windows_defaults_are_what_is_shown():
    shown = {
        "enabled": True,
        "target": "",
        "staff_pass": True,
        "api": "redirect",
        "priority": 1000,
    }
    assert {key: WINDOW_KEYS[key] for key in shown} == shown


def test_every_key_of_a_window_but_name_and_paths_may_be_left_out():
    shortest = {"name": "Shop", "paths": ["/shop/"]}
    written = documents.dump_window(documents.parse_window(shortest, SITE))
    assert set(written) == set(WINDOW_KEYS)
    for key in shortest:
        with pytest.raises(Rejected) as rejected:
            documents.parse_window({key: shortest[key]}, SITE)
        assert len(rejected.value.problems) == 1


def closed(address="", person=None, **keys):
    """Return where a window on /shop/ sends a visit, or an empty text."""
    site = Site(notices="/maintenance/notice/")
    given = {"name": "Shop", "paths": ["/shop/"], **keys}
    made = documents.parse_window({"id": str(uuid4()), **given}, site)
    ruleset = Ruleset([], [made])
    asked = Visit("/shop/cart", site=site, address=address, person=person)
    return ruleset.decide(asked, NOON).location


def test_a_windows_target_that_is_empty_is_the_notice():
    assert closed().startswith("/maintenance/notice/Shop/")
    assert closed(target="/closed/") == "/closed/"


def test_staff_pass_a_window_unless_it_says_otherwise():
    assert closed(person=STAFF) == ""
    assert closed(person=STAFF, staff_pass=False) != ""


def test_the_addresses_that_pass_a_window_pass_and_no_others():
    assert closed("10.1.2.3", pass_addresses=["10.0.0.0/8"]) == ""
    assert closed("192.0.2.1", pass_addresses=["10.0.0.0/8"]) != ""
