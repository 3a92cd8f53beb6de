"""Rows that repeat: which are on, and what is done to one of their times."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from temp_redirects.core.documents import Rejected
from temp_redirects.models import MaintenanceWindow, RedirectRule

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 02:00 in Berlin
WEEK = timedelta(days=7)
ON, BETWEEN = SUNDAY + HOUR, SUNDAY + 3 * HOUR
WEEKLY = {
    "starts_at": SUNDAY,
    "ends_at": SUNDAY + 2 * HOUR,
    "timezone": "Europe/Berlin",
    "repeat": "FREQ=WEEKLY;BYDAY=SU",
    "repeat_until": "2026-12-06",
}
OVER = SUNDAY + 2 * WEEK + 2 * HOUR
MOMENTS = [SUNDAY - HOUR, SUNDAY, ON, BETWEEN, SUNDAY + WEEK, OVER - HOUR, OVER]


@pytest.fixture
def rule():
    return RedirectRule.objects.schedule("/a/", "/b/", name="rule", **WEEKLY)


@pytest.fixture
def window():
    return MaintenanceWindow.objects.schedule("window", ["/shop/"], **WEEKLY)


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_asked_of_many_rules_agrees_with_the_core(rule, moment, enabled):
    RedirectRule.objects.update(enabled=enabled)
    rule.refresh_from_db()
    rules = RedirectRule.objects

    active = rule.compile().schedule.active(moment.timestamp())
    assert rules.live(moment).exists() is (active and enabled)
    states = ("live", "scheduled", "ended", "paused")
    found = [state for state in states if getattr(rules, state)(moment).exists()]
    assert found == [rule.state(moment)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_asked_of_many_windows_agrees_with_the_core(window, moment):
    windows = MaintenanceWindow.objects

    assert windows.on(moment).exists() is window.compile().active(moment.timestamp())
    assert windows.coming(moment).exists() is (window.state(moment) == "scheduled")
    assert windows.extendable(moment).exists() is (moment < OVER)


@pytest.mark.parametrize(
    ("since", "is_last"), [(SUNDAY, False), (OVER - HOUR, True), (OVER, False)]
)
def test_the_end_of_what_repeats_is_its_last(rule, since, is_last):
    rules = RedirectRule.objects
    assert rules.filter(rules.ending(since, since + 2 * HOUR)).exists() is is_last


@pytest.mark.parametrize("kind", ["rule", "window"])
@pytest.mark.parametrize(
    ("moment", "begins"),
    [(BETWEEN - WEEK, SUNDAY), (ON, SUNDAY), (BETWEEN, SUNDAY + WEEK), (OVER, None)],
)
def test_a_row_tells_the_time_that_is_on_or_comes_next(request, kind, moment, begins):
    found = request.getfixturevalue(kind).current_or_next(moment)
    bounds = begins and (begins.timestamp(), (begins + 2 * HOUR).timestamp())
    assert (found and found[:2]) == bounds


def test_the_last_end_is_that_of_the_last_time(rule, window):
    once = RedirectRule.objects.schedule("/c/", "/d/", ends_at=ON)
    rows = (rule, window, once)
    assert [row.last_end() for row in rows] == [
        each.timestamp() for each in (OVER, OVER, ON)
    ]


def test_what_goes_on_until_somebody_ends_it_has_no_last_end(rule):
    schedule = RedirectRule.objects.schedule
    for_ever = schedule("/c/", "/d/", **{**WEEKLY, "repeat_until": None})
    no_end = schedule("/e/", "/f/")
    broken = schedule("/g/", "/h/", **WEEKLY)
    rules = RedirectRule.objects
    rules.filter(pk=broken.pk).update(recurrence="?")

    assert {*rules.filter(rules.open_ended())} == {for_ever, no_end}
    assert (for_ever.last_end(), no_end.last_end()) == (None, None)


def test_a_stored_repeat_comes_back_as_it_was(rule):
    document = RedirectRule.objects.get().to_document()

    assert document["schedule"] == {
        "starts_at": "2026-11-22T02:00:00+01:00",
        "ends_at": "2026-11-22T04:00:00+01:00",
        "timezone": "Europe/Berlin",
        "repeat": "FREQ=WEEKLY;BYDAY=SU",
        "until": "2026-12-06",
        "except": [],
        "moved_ends": {},
    }
    RedirectRule.objects.save_document(document)
    assert RedirectRule.objects.get().to_document() == document


@pytest.mark.parametrize("kind", ["rule", "window"])
def test_ending_what_is_on_ends_this_time_alone(request, kind):
    row = request.getfixturevalue(kind)
    rows = type(row).objects

    assert rows.end(ON) == 1
    row = rows.get()
    shown = [row.schedule().active(at.timestamp()) for at in (ON - HOUR, ON, ON + WEEK)]
    assert shown == [True, False, True]
    assert row.enabled
    assert rows.end(BETWEEN) == 0


@pytest.mark.parametrize("kind", ["rule", "window"])
def test_extending_moves_the_end_of_one_time(request, kind):
    row = request.getfixturevalue(kind)
    rows = type(row).objects

    assert rows.extend(HOUR, ON) == 1
    schedule = rows.get().schedule()
    late = SUNDAY + 2.5 * HOUR
    assert schedule.active(late.timestamp())
    assert not schedule.active((late + WEEK).timestamp())
    assert rows.extend(HOUR, BETWEEN) == 1
    assert rows.get().schedule().active((late + WEEK).timestamp())
    assert rows.extend(HOUR, OVER) == 0


def test_skipping_leaves_out_the_next_time_alone(window):
    windows = MaintenanceWindow.objects

    assert windows.skip_next(ON) == 1
    assert windows.get().to_document()["schedule"]["except"] == ["2026-11-29"]
    assert windows.skip_next(ON) == 1
    assert windows.skip_next(ON) == 0
    assert windows.get().state(BETWEEN) == "ended"


def test_what_repeats_begins_by_itself_and_is_cancelled_with_all_its_times(window):
    windows = MaintenanceWindow.objects

    assert windows.start(BETWEEN) == 0
    assert windows.cancel(BETWEEN) == 1
    assert windows.get().state(BETWEEN) == "off"


def test_what_happens_once_is_left_to_the_database(django_assert_num_queries):
    RedirectRule.objects.schedule("/a/", "/b/", ends_at=SUNDAY)

    with django_assert_num_queries(2):  # which repeat, and which are live
        assert RedirectRule.objects.live(SUNDAY - HOUR).exists()


def test_a_repeat_that_cannot_be_read_switches_off_only_itself(rule, window):
    broken = json.dumps({"first": "2026-11-22T02:00", "repeat": "FREQ=HOURLY"})
    RedirectRule.objects.update(recurrence=broken)
    MaintenanceWindow.objects.update(recurrence=broken)

    for row in (RedirectRule.objects.get(), MaintenanceWindow.objects.get()):
        assert row.state(ON) == "rejected"
        assert (row.current_or_next(ON), row.last_end()) == (None, None)
        assert "too often" in row.problem()
        with pytest.raises(Rejected):
            row.compile()
    assert RedirectRule.objects.scheduled(ON).exists()
    assert RedirectRule.objects.end(ON) == 0
