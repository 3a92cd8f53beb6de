"""The next times of a schedule, as people read them."""

import pytest

from temp_redirects.core.schedules import Schedule
from temp_redirects.core.schedules.previews import next_times, told, unusual_times
from temp_redirects.core.schedules.recurrences import parse_until
from tests.core.schedules.making import BERLIN, at, repeating

SUNDAYS = repeating("2026-11-22T02:00", "FREQ=WEEKLY;BYDAY=SU")
ZONES = ("UTC", "America/New_York")


def shown(schedule, found):
    return [told(schedule, each, ("UTC",)) for each in found]


def test_the_next_five_in_three_zones():
    found = next_times(SUNDAYS, at("2026-11-22T03:00+01:00"))

    assert len(found) == 5
    assert told(SUNDAYS, found[0], ZONES) == (
        "Sun 22 Nov 2026 02:00 to 04:00 Europe/Berlin (Sun 22 Nov 2026 01:00 to 03:00 "
        "UTC, Sat 21 Nov 2026 20:00 to 22:00 America/New_York), 2 h"
    )


def test_clock_changes_ahead_are_told_across_march_and_october():
    ahead = unusual_times(SUNDAYS, at("2026-11-21T00:00Z"))

    assert shown(SUNDAYS, ahead) == [
        "Sun 28 Mar 2027 03:00 to 05:00 Europe/Berlin (Sun 28 Mar 2027 01:00 to 03:00 "
        "UTC), 2 h. Clocks are put forward and leave 02:00 out: it starts at 03:00 and "
        "ends at 05:00",
        "Sun 31 Oct 2027 02:00 (+0200) to 03:00 Europe/Berlin (Sun 31 Oct 2027 00:00 "
        "to 02:00 UTC), 2 h. Clocks are put back and show 02:00 twice: it starts the "
        "first time and ends at 03:00",
    ]


def test_what_is_among_the_next_is_not_told_twice():
    assert unusual_times(SUNDAYS, at("2027-03-20T00:00Z"))[0].wall.month == 10


@pytest.mark.parametrize(
    ("schedule", "times"),
    [
        pytest.param(Schedule(0.0, 60.0, "UTC"), 1, id="once"),
        pytest.param(
            repeating(
                "2026-11-22T02:00",
                "FREQ=DAILY",
                until=parse_until("2026-11-24", BERLIN),
            ),
            3,
            id="until a day",
        ),
    ],
)
def test_what_has_fewer_times_left_shows_those(schedule, times):
    assert len(next_times(schedule, -1.0)) == times
    assert unusual_times(schedule, -1.0) == []


def test_one_that_goes_on_the_next_day_names_it():
    night = repeating("2026-11-22T23:00", "FREQ=DAILY", "UTC")
    assert shown(night, next_times(night, 0.0)[:1]) == [
        "Sun 22 Nov 2026 23:00 to Mon 23 Nov 2026 01:00 UTC, 2 h"
    ]
