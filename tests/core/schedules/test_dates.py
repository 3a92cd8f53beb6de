from datetime import UTC, date, datetime

import pytest

from temp_redirects.core.schedules.clocks import moment
from temp_redirects.core.schedules.dates import shown_clock, shown_day, shown_moment
from tests.core.schedules.making import BERLIN


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 12, 6), "Sun 6 Dec 2026"),
        (date(2027, 1, 1), "Fri 1 Jan 2027"),
        (date(2028, 2, 29), "Tue 29 Feb 2028"),
    ],
)
def test_a_day_is_told_with_its_weekday(day, shown):
    assert str(shown_day(day)) == shown


@pytest.mark.parametrize(
    ("hour", "shown"),
    [
        pytest.param(22, "Sun 25 Oct 2026 00:00 Europe/Berlin", id="once"),
        pytest.param(0, "Sun 25 Oct 2026 02:00 Europe/Berlin (+0200)", id="first"),
        pytest.param(1, "Sun 25 Oct 2026 02:00 Europe/Berlin (+0100)", id="second"),
    ],
)
def test_a_moment_has_its_offset_where_clocks_show_it_twice(hour, shown):
    at = datetime(2026, 10, 24 if hour == 22 else 25, hour, tzinfo=UTC)
    local = moment(at.timestamp(), BERLIN)
    assert str(shown_moment(local, BERLIN)) == shown


@pytest.mark.parametrize(("second", "shown"), [(0, "02:05"), (7, "02:05:07")])
def test_a_time_of_day_has_seconds_where_they_count(second, shown):
    assert shown_clock(datetime(2026, 1, 1, 2, 5, second, tzinfo=UTC)) == shown
