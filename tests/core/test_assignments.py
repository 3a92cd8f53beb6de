"""Who gets which arm of a rule: by cookie, user, address or chance, and who counts."""

from collections import Counter

import pytest

from temp_redirects.core.assignments import network_of
from temp_redirects.core.people import ANONYMOUS, Person
from temp_redirects.core.pins import Pin, key_of
from temp_redirects.core.visits import Visit
from tests.core.making import NOON, SITE, document, make_ruleset

ID = "00000000-0000-0000-0000-000000000001"  # of the only rule
DAY = 86_400
HALF = [{"id": "b", "label": "New", "target": "/b/", "percentage": 50}]
NOW = int(NOON)
MANY = 300


def rules(**keys):
    return make_ruleset(rule=document("/a/", **{"destinations": HALF, **keys}))


def visit(visitor="", **facts):
    return Visit("/a/", visitor=visitor, site=SITE, **facts)


def assigned(ruleset, *args, **facts):
    return ruleset.decide(visit(*args, **facts), NOON).assignment


def pin(arm="b", epoch="0" * 6, at=NOW, **more):
    found = Pin(key_of(ID), epoch, arm, at, **more)
    return {found.rule: found}


def arms(ruleset, facts):
    return [assigned(ruleset, **each).arm for each in facts]


def visitors():
    return [{"visitor": f"v{number}"} for number in range(MANY)]


def test_half_are_redirected_and_half_stay_on_the_original_page():
    ruleset = rules()
    reasons = Counter(
        ruleset.decide(visit(f"v{number}"), NOON).reason for number in range(MANY)
    )
    assert set(reasons) == {"match", "original"}
    assert abs(reasons["match"] - MANY / 2) < 4 * (MANY / 4) ** 0.5


def test_who_stays_passes_and_no_other_rule_is_asked():
    both = make_ruleset(
        rule=document("/a/", destinations=[{**HALF[0], "percentage": 0}]),
        other=document("/a/", "/other/", priority=-1),
    )
    decision = both.decide(visit("v"), NOON)
    assert (decision.reason, decision.rule, decision.location) == ("original", None, "")


def test_renaming_reordering_and_editing_a_target_moves_nobody():
    two = [*HALF, {"id": "c", "target": "/c/", "percentage": 20}]
    edited = [{**two[1], "target": "/d/", "label": "x"}, two[0]]
    before, after = rules(destinations=two), rules(destinations=edited)
    assert arms(before, visitors()) == arms(after, visitors())


def test_a_destination_whose_address_is_refused_is_no_obstacle_to_the_next_rule():
    both = make_ruleset(
        rule=document(
            "/a",
            match="prefix",
            destinations=[{"id": "b", "target": "/b/{rest}", "percentage": 100}],
        ),
        other=document("/a", "/other/", match="prefix", priority=-1),
    )
    decision = both.decide(Visit("/a/x\\..\\y", site=SITE), NOON)
    assert decision.rule.name == "other"


@pytest.mark.parametrize(
    ("sticky", "facts"),
    [
        pytest.param("visitor", lambda n: {"visitor": str(n)}, id="visitor"),
        pytest.param(
            "user", lambda n: {"person": Person(id=str(n)), "visitor": "x"}, id="user"
        ),
        pytest.param("user", lambda n: {"visitor": str(n)}, id="unknown user"),
        pytest.param(
            "user", lambda n: {"person": ANONYMOUS, "visitor": str(n)}, id="nobody"
        ),
        pytest.param(
            "address", lambda n: {"address": f"192.0.2.{n % 250}"}, id="address"
        ),
        pytest.param("request", lambda n: {"chance": str(n)}, id="request"),
    ],
)
def test_the_same_one_gets_the_same_arm_and_others_get_others(sticky, facts):
    ruleset = rules(sticky=sticky)
    asked = [facts(number) for number in range(100)]
    assert arms(ruleset, asked) == arms(ruleset, asked)
    assert set(arms(ruleset, asked)) == {"b", "original"}


def test_one_ipv6_visitor_has_a_whole_network():
    ruleset = rules(sticky="address")
    same = [{"address": f"2001:db8:0:1::{n:x}"} for n in range(100)]
    others = [{"address": f"2001:db8:0:{n:x}::1"} for n in range(100)]
    assert len(set(arms(ruleset, same))) == 1
    assert len(set(arms(ruleset, others))) == 2
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("") == ""


def test_whose_address_is_unknown_is_drawn_for_each_request():
    ruleset = rules(sticky="address")
    assert len(set(arms(ruleset, [{"chance": str(n)} for n in range(100)]))) == 2


@pytest.mark.parametrize("sticky", ["visitor", "user"])
def test_an_arm_is_pinned_where_it_counts_and_survives_the_login(sticky):
    ruleset = rules(sticky=sticky, goal="/thanks/")
    first = assigned(ruleset, "v", person=ANONYMOUS)
    assert first.is_exposure
    assert (first.pin.arm, first.pin.epoch, first.pin.at) == (
        first.arm,
        first.epoch,
        NOW,
    )
    again = assigned(
        ruleset, "v", person=Person(id="5"), pins={first.pin.rule: first.pin}
    )
    assert (again.arm, again.by) == (first.arm, "pin")
    assert again.pin is None
    assert not again.is_exposure


def test_without_a_goal_only_users_are_pinned():
    assert assigned(rules(), "v").pin is None
    assert assigned(rules(sticky="user"), "v").pin
    assert not assigned(rules(sticky="user"), "v").is_exposure


def test_who_has_a_pin_stays_whatever_the_shares_become():
    ruleset = rules(goal="/t", destinations=[{**HALF[0], "percentage": 0.01}])
    found = [
        assigned(ruleset, f"v{number}", pins=pin(epoch="abcdef")) for number in range(9)
    ]
    assert {(each.arm, each.epoch) for each in found} == {("b", "abcdef")}


@pytest.mark.parametrize(
    ("arm", "percentage"),
    [
        pytest.param("b", 0, id="nought per cent"),
        pytest.param("gone", 50, id="deleted"),
        pytest.param("original", 100, id="nothing is left for the page"),
    ],
)
def test_an_arm_without_a_share_lets_its_people_go(arm, percentage):
    ruleset = rules(goal="/t", destinations=[{**HALF[0], "percentage": percentage}])
    found = assigned(ruleset, "v", pins=pin(arm))
    assert found.arm != arm
    assert found.is_exposure


def test_without_consent_an_experiment_shows_the_original_page_uncounted():
    ruleset = rules(goal="/t")
    for number in range(9):
        found = assigned(ruleset, f"v{number}", may_remember=False, pins=pin("b"))
        assert (found.arm, found.by) == ("original", "no_consent")
        assert not any([found.uses_cookie, found.pin, found.is_exposure])


def test_without_consent_others_are_spread_by_address():
    asked = [
        {"visitor": "x", "may_remember": False, "address": f"192.0.2.{n}"}
        for n in range(100)
    ]
    found = [assigned(rules(), **each) for each in asked]
    assert {each.arm for each in found} == {"b", "original"}
    assert {each.by for each in found} == {"address"}
    assert not any(each.uses_cookie for each in found)


NOT_COUNTED = {
    "HEAD": {"method": "HEAD"},
    "a robot": {"is_bot": True},
    "a prefetch": {"headers": {"Sec-Purpose": "prefetch"}},
    "a prerender": {"headers": {"Sec-Purpose": "prefetch;prerender"}},
    "an older prefetch": {"headers": {"Purpose": "prefetch"}},
    "Firefox’s prefetch": {"headers": {"X-Moz": "prefetch"}},
    "Safari’s preview": {"headers": {"X-Purpose": "preview"}},
    "a script": {"headers": {"Sec-Fetch-Mode": "cors"}},
    "a frame": {"headers": {"Sec-Fetch-Dest": "iframe"}},
}


@pytest.mark.parametrize("facts", NOT_COUNTED.values(), ids=NOT_COUNTED)
def test_what_is_no_visitors_own_request_never_counts(facts):
    ruleset = rules(goal="/thanks/")
    found = assigned(ruleset, "v", **facts)
    assert found.arm == assigned(ruleset, "v").arm
    assert not found.is_exposure
    assert found.pin is None
    goal = Visit("/thanks/", site=SITE, pins=pin(), **facts)
    assert ruleset.reached(goal, NOON) == []


def test_a_guess_is_premature_only_where_its_visitor_would_count():
    guess, ruleset = {"headers": {"Sec-Purpose": "prefetch"}}, rules(goal="/thanks/")
    assert assigned(ruleset, "v", **guess).is_premature
    assert not assigned(ruleset, "v").is_premature
    assert not assigned(ruleset, "v", **guess, is_bot=True).is_premature
    assert not assigned(ruleset, "v", **guess, pins=pin()).is_premature
    assert not assigned(rules(), "v", **guess).is_premature
    goal = Visit("/thanks/", site=SITE, pins=pin(), **guess)
    assert ruleset.awaits(goal, NOON)
    assert not ruleset.awaits(goal.moved("/thanks/", pins={}), NOON)
    assert not ruleset.awaits(Visit("/thanks/", site=SITE, pins=pin()), NOON)


@pytest.mark.parametrize("facts", [{"method": "HEAD"}, {"is_bot": True}])
def test_neither_head_nor_robots_get_the_cookie_of_an_experiment(facts):
    assert not assigned(rules(goal="/t"), "v", **facts).uses_cookie


def test_programs_that_share_the_load_keep_their_host():
    assert assigned(rules(), "v", is_bot=True).uses_cookie


def test_who_opens_a_page_counts():
    headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert assigned(rules(goal="/t"), "v", headers=headers, is_bot=False).is_exposure


def test_staff_see_each_arm_and_are_no_visitors():
    ruleset = rules(goal="/t")
    for arm in ("b", "original"):
        found = assigned(ruleset, "v", arms={ID: arm}, pins=pin("b"))
        assert (found.arm, found.by, found.uses_cookie) == (arm, "preview", False)
        assert not found.is_exposure
    assert assigned(ruleset, "v", arms={ID: "other"}).by == "visitor"


def test_who_is_at_an_arms_address_already_passes_uncounted():
    arm = {**HALF[0], "target": "https://shop.example/a/?version=b"}
    ruleset = rules(goal="/t", destinations=[arm])
    at = {"scheme": "https", "host": "shop.example", "query": "version=b"}
    found = ruleset.decide(Visit("/a/", site=SITE, **at), NOON)
    assert (found.reason, found.assignment) == ("none_holds", None)


def test_an_experiment_is_about_pages_unless_methods_say_otherwise():
    ruleset = rules(goal="/t")
    assert assigned(ruleset, "v", method="POST") is None
    assert assigned(ruleset, "v", method="HEAD")
    assert assigned(rules(goal="/t", methods=["POST"]), "v", method="POST").is_exposure
    assert assigned(rules(), "v", method="POST")


# Goals


def reached(ruleset, pins, path="/thanks/", now=NOON, **facts):
    found = ruleset.reached(Visit(path, site=SITE, pins=pins, **facts), now)
    return [each.pin.arm for each in found]


def test_a_goal_counts_for_the_arm_that_was_seen():
    ruleset = rules(goal="/thanks/")
    assert "/thanks/" in ruleset.goals
    assert reached(ruleset, pin("b")) == ["b"]
    assert reached(ruleset, pin("original")) == ["original"]


@pytest.mark.parametrize(
    ("pins", "facts"),
    [
        pytest.param({}, {}, id="never seen"),
        pytest.param(pin(has_converted=True), {}, id="the second time"),
        pytest.param(pin(at=NOW - 7 * DAY - 1), {}, id="too late"),
        pytest.param(pin(at=NOW + 1), {}, id="before it was seen"),
        pytest.param(pin(), {"path": "/thanks/more"}, id="another path"),
        pytest.param(pin(), {"method": "POST"}, id="another method"),
        pytest.param(pin(), {"may_remember": False}, id="no consent any more"),
    ],
)
def test_a_goal_does_not_count(pins, facts):
    assert reached(rules(goal="/thanks/"), pins, **facts) == []


def test_a_goal_counts_until_the_last_second_of_its_days():
    assert reached(rules(goal="/thanks/"), pin(at=NOW - 7 * DAY)) == ["b"]


def test_code_names_the_experiment_whatever_the_visit_asks_for():
    ruleset = rules(goal="/thanks/")
    order = Visit("/order/", method="POST", site=SITE, pins=pin())
    assert [each.rule.name for each in ruleset.converted(" RULE ", order, NOON)] == [
        "rule"
    ]
    assert ruleset.converted("other", order, NOON) == []
    assert ruleset.converted("rule", order.moved("/", is_bot=True), NOON) == []


def test_pins_of_rules_that_are_gone_or_long_over_are_left_out():
    ends = {"schedule": {"ends_at": "2027-01-15T08:00:00Z"}}  # NOON
    other = Pin(key_of("other"), "0" * 6, "b", NOW)
    pins = {**pin(), other.rule: other}
    for ruleset, last in (
        (rules(goal="/t", **ends), NOON + 7 * DAY),
        (rules(sticky="user", **ends), NOON),
    ):
        assert ruleset.kept(pins, visit(), last) == pin()
        assert ruleset.kept(pins, visit(), last + 1) == {}
    assert rules(goal="/t").kept(pins, visit(), NOON * 2) == pin()


# Caches


@pytest.mark.parametrize(
    ("keys", "vary", "is_personal"),
    [
        pytest.param({}, ("Cookie", "DNT", "X-For"), True, id="visitor"),
        pytest.param({"goal": "/t"}, ("Cookie", "DNT"), True, id="experiment"),
        pytest.param({"sticky": "user"}, ("Cookie", "DNT", "X-For"), True, id="user"),
        pytest.param({"sticky": "address"}, ("X-For",), True, id="address"),
        pytest.param({"sticky": "request"}, (), True, id="request"),
        pytest.param(
            {"destinations": [{"target": "/b", "percentage": 100}]},
            (),
            False,
            id="everybody gets the same",
        ),
    ],
)
def test_every_answer_varies_alike_whatever_the_arm(keys, vary, is_personal):
    ruleset = rules(**keys)
    for number in range(20):
        asked = visit(
            str(number),
            chance=str(number),
            privacy_headers=("DNT",),
            address_header="X-For",
            address=f"192.0.2.{number}",
        )
        decision = ruleset.decide(asked, NOON)
        assert (decision.vary, decision.is_personal) == (vary, is_personal)


# Words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        pytest.param({}, "visitor “v” gets ", id="drawn"),
        pytest.param({"pins": pin("b")}, "the cookie has “New” since", id="pinned"),
        pytest.param({"arms": {ID: "b"}}, "a preview of “New”, not", id="preview"),
        pytest.param(
            {"may_remember": False}, "is not to be counted: the original", id="consent"
        ),
    ],
)
def test_a_trace_says_who_got_which_arm_and_why(facts, words):
    trace = []
    rules(goal="/t").decide(visit("v", **facts), NOON, trace)
    (step,) = [step for step in trace[0].steps if step.code == "split"]
    assert words in str(step.sentence)


def test_a_trace_shows_what_each_arm_drew():
    trace = []
    decision = rules().decide(visit("v"), NOON, trace)
    (step,) = [step for step in trace[0].steps if step.code == "split"]
    assert "“New” drew 0." in str(step.sentence)
    assert "the original page drew 0." in str(step.sentence)
    assert trace[0].steps[-1].code == (
        "original" if decision.reason == "original" else "target"
    )


# What is refused


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"goal": "/t", "sticky": "address"}, "sticky"),
        ({"goal": "/t", "sticky": "request"}, "sticky"),
        ({"goal": "/a/"}, "goal"),
        ({"goal": "thanks"}, "goal"),
        ({"goal_days": 0}, "goal_days"),
        ({"goal_days": 366}, "goal_days"),
        ({"planned_visitors": 0}, "planned_visitors"),
        ({"planned_visitors": True}, "planned_visitors"),
        ({"planned_visitors": "5"}, "planned_visitors"),
        ({"sticky": "session"}, "sticky"),
    ],
)
def test_what_no_experiment_can_be_is_refused_in_its_place(keys, place):
    with pytest.raises(ValueError, match=f"^{place}: "):
        rules(**keys)
