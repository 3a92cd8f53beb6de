"""Timelines: what becomes of one visit, from moment to moment."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.documents import parse, record_of
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import moment
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.timelines import MAX_EDGES, WEEK, timeline
from temp_redirects.core.visits import Visit
from tests.core.making import HOUR, NOON, SITE, document

VISIT = Visit("/old/", scheme="https", host="shop.example", site=SITE)


def rule(name, starts=None, ends=None, number=1, **keys):
    """Return a record; bounds are hours from noon on."""
    at = [
        None if hours is None else moment(NOON + hours * HOUR, "UTC").isoformat()
        for hours in (starts, ends)
    ]
    schedule = {"starts_at": at[0], "ends_at": at[1], "timezone": "UTC"}
    made = document(target=f"/{name}/", name=name, schedule=schedule, **keys)
    made["id"] = str(UUID(int=number))
    return record_of(parse(made, SITE))


def told(records, since=NOON, until=NOON + WEEK):
    return [
        (
            (each.starts - NOON) / HOUR,
            (each.ends - NOON) / HOUR,
            each.decision.rule.name if each.decision.rule else "",
        )
        for each in timeline(Ruleset(records), VISIT, since, until)
    ]


def test_without_a_rule_nothing_changes():
    assert told([]) == [(0, 168, "")]


def test_each_change_begins_a_stretch_and_who_is_tried_first_wins():
    rules = [rule("low", 2, 10, number=2), rule("high", 4, 6, priority=1)]

    assert told(rules) == [
        (0, 2, ""),
        (2, 4, "low"),
        (4, 6, "high"),
        (6, 10, "low"),
        (10, 168, ""),
    ]


def test_an_edge_that_changes_nothing_is_none():
    rules = [rule("high", -5, 10, priority=1), rule("low", 2, 4, number=2)]

    assert told(rules) == [(0, 10, "high"), (10, 168, "")]


def test_what_is_switched_off_comes_back_when_that_ends():
    switch = KillSwitch(ends=NOON + 2 * HOUR)
    ruleset = Ruleset([rule("a")]).with_switches([switch])

    stretches = timeline(ruleset, VISIT, NOON, NOON + WEEK)

    assert [each.decision.reason for each in stretches] == ["kill_switch", "match"]
    assert stretches[1].starts == NOON + 2 * HOUR


def test_what_begins_later_is_not_looked_at():
    assert told([rule("later", 500)]) == [(0, 168, "")]


def test_after_very_many_changes_it_ends_early():
    rules = [
        rule(f"r{at}", at / 10, at / 10 + 0.05, number=at) for at in range(MAX_EDGES)
    ]

    stretches = told(rules)

    assert len(stretches) == MAX_EDGES
    assert stretches[-1][1] < 168


hours = st.integers(-3, 30)
windows = st.tuples(hours, st.integers(1, 20)).map(lambda at: (at[0], sum(at)))


@given(st.lists(windows, max_size=6), st.integers(0, 40 * 4))
def test_at_any_moment_it_says_what_the_ruleset_decides(windows, quarter):
    rules = [
        rule(f"r{at}", *each, number=at, priority=at % 2)
        for at, each in enumerate(windows)
    ]
    now = NOON + quarter * HOUR / 4
    stretches = timeline(Ruleset(rules), VISIT, NOON, NOON + WEEK)

    (found,) = [each for each in stretches if each.starts <= now < each.ends]

    decided = Ruleset(rules).decide(VISIT, now)
    assert found.decision.location == decided.location
    assert found.decision.rule == decided.rule
