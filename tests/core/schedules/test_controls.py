"""What is done to one occurrence, and what becomes of the others."""

import pytest

from temp_redirects.core.schedules import Schedule
from temp_redirects.core.schedules.controls import coming, ended, extended, skipped
from temp_redirects.core.schedules.recurrences import parse_until
from temp_redirects.core.sentences import Refused
from tests.core.schedules.making import BERLIN, DAY, HOUR, at, repeating

SUNDAYS = repeating("2026-01-04T02:00", "FREQ=WEEKLY")
ON = at("2026-01-11T03:00+01:00")
BETWEEN = at("2026-01-12T00:00+01:00")
FIRST, SECOND, THIRD = (at(f"2026-01-{day}T02:00+01:00") for day in ("04", "11", "18"))


def starts(schedule, since=0.0, count=3):
    """Return when the next occurrences begin, and how many hours they last."""
    found = schedule.occurrences(since)
    pairs = [next(found) for _ in range(count)]
    return [(each.starts, (each.ends - each.starts) / HOUR) for each in pairs]


@pytest.mark.parametrize(
    ("now", "next_one"),
    [
        pytest.param(FIRST - DAY, FIRST, id="before the first"),
        pytest.param(SECOND, THIRD, id="what begins now is on"),
        pytest.param(ON, THIRD, id="one is on"),
        pytest.param(BETWEEN, THIRD, id="between two"),
    ],
)
def test_the_next_one_is_the_next_to_begin(now, next_one):
    assert coming(SUNDAYS, now).starts == next_one
    later = skipped(SUNDAYS, now)
    assert next_one not in [begins for begins, _ in starts(later)]
    assert later.active(ON) is (next_one != SECOND)


def test_ending_what_is_on_leaves_the_others():
    over = ended(SUNDAYS, ON)
    assert not over.active(ON)
    assert starts(over) == [(FIRST, 2), (SECOND, 1), (THIRD, 2)]


def test_what_begins_this_second_has_no_time_left():
    following = THIRD + 7 * DAY
    over = ended(SUNDAYS, SECOND)
    assert starts(over) == [(FIRST, 2), (THIRD, 2), (following, 2)]


def test_all_that_are_on_at_once_end():
    days = repeating("2026-01-05T00:00", "FREQ=WEEKLY;BYDAY=MO,TU", length=2 * DAY)
    tuesday = at("2026-01-06T12:00+01:00")
    assert days.active(tuesday)
    assert not ended(days, tuesday).active(tuesday)


@pytest.mark.parametrize(
    ("now", "longer"),
    [
        pytest.param(ON, SECOND, id="what is on"),
        pytest.param(BETWEEN, THIRD, id="what comes next"),
    ],
)
def test_one_occurrence_is_extended(now, longer):
    later = extended(SUNDAYS, 30 * 60, now)
    assert starts(later, longer - DAY, 2) == [(longer, 2.5), (longer + 7 * DAY, 2)]
    again = extended(later, 30 * 60, now)
    assert starts(again, longer - DAY, 1) == [(longer, 3)]


def test_what_happens_once_is_extended():
    once = Schedule(FIRST, FIRST + HOUR, BERLIN)
    assert extended(once, HOUR, FIRST) == Schedule(FIRST, FIRST + 2 * HOUR, BERLIN)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        (Schedule(FIRST, None), "has no end"),
        (Schedule(FIRST, ON), "is over"),
        (Schedule(FIRST, at("9999-12-31T23:30Z")), "after the year 9999"),
    ],
)
def test_what_has_no_later_end_is_not_extended(schedule, why):
    with pytest.raises(Refused, match=why):
        extended(schedule, HOUR, BETWEEN)


def test_what_there_is_none_of_is_refused():
    over = repeating(
        "2026-01-04T02:00", "FREQ=WEEKLY", until=parse_until("2026-01-11", BERLIN)
    )
    with pytest.raises(Refused, match="no next time"):
        skipped(over, ON)
    with pytest.raises(Refused, match="not on now"):
        ended(over, BETWEEN)
    with pytest.raises(Refused, match="is over"):
        extended(over, HOUR, BETWEEN)
