"""Periods: the days of a week or a month, on the clock of a zone."""

from datetime import date
from itertools import pairwise

import pytest

from temp_redirects.core.periods import FIRST, LAST, MONTH, WEEK, Period

DAY = 24.0  # hours
SUNDAY = 6


def hours(period):
    """Return how long each day is."""
    return [(after - at) / 3600 for at, after in pairwise(period.midnights)]


@pytest.mark.parametrize(
    ("kind", "day", "week_starts", "first", "last"),
    [
        (WEEK, date(2026, 11, 21), 0, date(2026, 11, 16), date(2026, 11, 22)),
        (WEEK, date(2026, 11, 16), 0, date(2026, 11, 16), date(2026, 11, 22)),
        (WEEK, date(2026, 11, 21), SUNDAY, date(2026, 11, 15), date(2026, 11, 21)),
        (WEEK, date(2026, 11, 22), SUNDAY, date(2026, 11, 22), date(2026, 11, 28)),
        (MONTH, date(2026, 2, 3), 0, date(2026, 2, 1), date(2026, 2, 28)),
        (MONTH, date(2026, 12, 31), 0, date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_whole_days(kind, day, week_starts, first, last):
    period = Period.around(kind, day, "UTC", week_starts=week_starts)

    assert (period.days[0], period.days[-1]) == (first, last)
    assert hours(period) == [DAY] * len(period.days)


@pytest.mark.parametrize(
    ("zone", "day", "lengths"),
    [
        pytest.param(
            "Europe/Berlin", date(2026, 10, 25), [*[DAY] * 6, 25], id="put back"
        ),
        pytest.param(
            "Europe/Berlin", date(2027, 3, 28), [*[DAY] * 6, 23], id="put forward"
        ),
        pytest.param(
            "Australia/Lord_Howe", date(2026, 10, 4), [*[DAY] * 6, 23.5], id="by half"
        ),
        pytest.param(
            "Africa/Cairo", date(2026, 4, 24), [*[DAY] * 4, 23, *[DAY] * 2], id="at 0"
        ),
    ],
)
def test_a_week_in_which_clocks_change_has_a_longer_or_shorter_day(zone, day, lengths):
    assert hours(Period.around(WEEK, day, zone)) == lengths


@pytest.mark.parametrize("kind", [WEEK, MONTH])
def test_its_neighbours_adjoin(kind):
    period = Period.around(kind, date(2026, 11, 21), "Europe/Berlin")
    before, after = (
        Period.around(kind, day, "Europe/Berlin")
        for day in (period.earlier, period.later)
    )

    assert before.after == period.first
    assert after.first == period.after


@pytest.mark.parametrize("kind", [WEEK, MONTH])
@pytest.mark.parametrize("day", [date.min, FIRST, LAST, date.max])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_no_day_is_too_far_away(kind, day, zone):
    period = Period.around(kind, day, zone)

    assert len(period.midnights) == len(period.days) + 1
    assert period.earlier < period.first < period.later
