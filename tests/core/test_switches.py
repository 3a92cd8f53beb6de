"""Kill switches: what they stop, on which host, until when, and how a trace says it."""

import pytest

from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import ALWAYS
from temp_redirects.core.sentences import Refused
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow
from tests.core.making import make_record

NOW = 1_000.0
ID = "00000000-0000-0000-0000-000000000001"
NEWS = (("a", "", "/news"),)
BLOG = make_record("/blog", id=ID, name="blog", destinations=NEWS)
WINDOW = MaintenanceWindow(
    id="w", name="closed", paths=("/shop",), schedule=ALWAYS, target="/notice/"
)


def ruleset(*switches, windows=(WINDOW,)):
    return Ruleset([BLOG], windows, [KillSwitch(**each) for each in switches])


def reasons(rules, now=NOW, host="shop.example"):
    """Return what becomes of a visit of the rule's and of the window's path."""
    visits = [Visit(path, host=host) for path in ("/blog", "/shop")]
    return [rules.decide(visit, now).reason for visit in visits]


OFF, ON = "kill_switch", "match"


@pytest.mark.parametrize(
    ("hosts", "is_silenced"),
    [
        (["a.example"], True),
        (["b.a.example", "*.a.example"], False),
        (["a.example", "b.example"], False),
        pytest.param([], False, id="it goes on elsewhere"),
    ],
)
def test_one_hosts_switch_silences_what_is_for_that_host_alone(hosts, is_silenced):
    switch = KillSwitch(scope="host", host="a.example")

    assert switch.silences(hosts, is_window=True) is is_silenced


def test_the_switch_of_many_hosts_silences_each_of_them():
    switch = KillSwitch(scope="host", host="*.a.example")

    assert switch.silences(["*.a.example", "b.a.example"], is_window=False)
    assert not switch.silences(["a.b.example"], is_window=False)


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ({}, [OFF, OFF]),
        ({"scope": "maintenance"}, [ON, OFF]),
        ({"scope": "host", "host": "shop.example"}, [OFF, OFF]),
        ({"scope": "host", "host": "*.example"}, [OFF, OFF]),
        ({"scope": "host", "host": "other.example"}, [ON, ON]),
        ({"ends": NOW + 1}, [OFF, OFF]),
        pytest.param({"ends": NOW}, [ON, ON], id="over by itself, on the second"),
    ],
)
def test_a_switch_stops_what_it_is_for(switch, expected):
    assert reasons(ruleset(switch)) == expected


def test_without_one_nothing_is_stopped():
    assert reasons(ruleset()) == [ON, ON]


def test_a_path_that_no_rule_covers_is_no_rule_all_the_same():
    assert ruleset({}).decide(Visit("/x"), NOW).reason == "no_rule"


def test_of_two_each_stops_its_own():
    host = {"scope": "host", "host": "a.example"}
    rules = ruleset(host, {"scope": "maintenance"})
    assert reasons(rules, host="a.example") == [OFF, OFF]
    assert reasons(rules, host="b.example") == [ON, OFF]


def test_behind_a_window_that_is_stopped_a_rule_is_tried():
    behind = MaintenanceWindow(
        id="w", name="w", paths=("/blog",), schedule=ALWAYS, target="/notice/"
    )
    decision = ruleset({"scope": "maintenance"}, windows=[behind]).decide(
        Visit("/blog"), NOW
    )
    assert (decision.reason, decision.location) == (ON, "/news")


def test_a_trace_has_it_as_failed_step_before_what_the_rule_itself_says():
    trace = []
    switch = {"ends": 3_600.0, "reason": "loop on /", "timezone": "Europe/Berlin"}
    ruleset(switch).decide(Visit("/blog"), NOW, trace)
    first, *others = trace[0].steps
    assert (first.code, first.holds) == ("kill_switch", False)
    assert str(first.sentence) == (
        "everything is switched off until Thu 1 Jan 1970 02:00 Europe/Berlin "
        "(loop on /)"
    )
    assert all(step.holds for step in others)
    assert not trace[0].holds


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        ({}, "everything is switched off until somebody switches it on again"),
        (
            {"scope": "host", "host": "a.example"},
            "“a.example” is switched off until somebody switches it on again",
        ),
        (
            {"scope": "maintenance"},
            "maintenance is switched off until somebody switches it on again",
        ),
    ],
)
def test_it_says_what_is_off(switch, said):
    assert str(KillSwitch(**switch).explain()) == said


@pytest.mark.parametrize(
    "switch",
    [
        {"scope": "nothing"},
        {"scope": "host"},
        {"host": "a.example"},
        {"scope": "host", "host": "a b"},
    ],
)
def test_nonsense_is_refused(switch):
    with pytest.raises(Refused):
        KillSwitch(**switch)


def test_nobody_is_asked_for_by_a_rule_that_is_stopped():
    staff = (("user", "staff"),)
    rules = [make_record("/blog", id=ID, destinations=NEWS, conditions=staff)]
    visit = Visit("/blog")
    assert Ruleset(rules).needs(visit, NOW)
    assert not Ruleset(rules, switches=[KillSwitch()]).needs(visit, NOW)


def test_nobody_passes_a_window_that_is_stopped():
    window = MaintenanceWindow(
        id="w",
        name="w",
        paths=("/a",),
        schedule=ALWAYS,
        target="/notice/",
        pass_addresses=("192.0.2.7",),
    )
    visit = Visit("/a", address="192.0.2.7")
    assert Ruleset([], [window]).decide(visit, NOW).passed == "w"
    assert Ruleset([], [window], [KillSwitch()]).decide(visit, NOW).passed == ""


def test_caches_are_told_the_same_whether_it_is_on_or_not():
    beta = (("header", "X-Beta"),)
    rules = [make_record("/a", id=ID, destinations=NEWS, conditions=beta)]
    off = Ruleset(rules, switches=[KillSwitch()])
    assert off.decide(Visit("/a"), NOW).vary == ("X-Beta",)


def test_other_switches_keep_what_is_compiled():
    rules = ruleset()
    assert reasons(rules.with_switches([KillSwitch()])) == [OFF, OFF]
    assert reasons(rules.with_switches([KillSwitch()]).with_switches([])) == [ON, ON]
    assert reasons(ruleset({}).recompiled()) == [OFF, OFF]
