"""What is on and what comes next, for the public."""

from temp_redirects.core.schedules import Schedule
from temp_redirects.core.upcoming import here, next_up, on_now, planned
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow
from tests.core.making import HOUR, NOON
from tests.core.schedules.making import DAY, at, repeating

VISIT = Visit("/", host="shop.example")


def window(starts=NOON, ends=NOON + HOUR, schedule=None, **fields):
    schedule = schedule or Schedule(starts, ends)
    known = {"id": "1", "name": "Shop", "paths": ("/shop/",), "schedule": schedule}
    return MaintenanceWindow(**known | fields)


def test_only_what_is_switched_on_and_for_this_host_is_told():
    told, *_ = windows = [
        window(hosts=("shop.example",)),
        window(enabled=False),
        window(hosts=("other.example",)),
    ]
    assert here(windows, VISIT) == [told]


def test_what_is_on_is_told_until_its_paths_are_open_again():
    windows = [
        window(),
        window(NOON + HOUR, NOON + 3 * HOUR),
        window(NOON - HOUR, None),
    ]
    assert [each.ends for each in on_now(windows[:2], VISIT, NOON)] == [NOON + 3 * HOUR]
    assert [each.ends for each in on_now(windows, VISIT, NOON)] == [None, None]


def test_the_next_is_the_earliest_to_begin():
    windows = [window(NOON + HOUR, None), window(), window(NOON + DAY, NOON + 2 * DAY)]
    found = next_up(windows, NOON)
    assert [each.starts for each in found] == [NOON + HOUR, NOON + DAY]


def test_each_time_has_a_word_of_its_own_and_keeps_its_place_in_a_calendar():
    sundays = repeating("2026-11-22T02:00", "FREQ=WEEKLY")
    since = at("2026-11-21T00:00Z")
    first, second = planned([window(schedule=sundays)], since, since + 10 * DAY)

    assert (first.uid, second.uid) == ("1-20261122", "1-20261129")
    assert first.key != second.key
    (once,) = planned([window()], NOON - DAY, NOON + DAY)
    assert once.uid == "1"
