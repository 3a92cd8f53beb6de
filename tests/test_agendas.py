"""The agenda: past times as they were, future ones as planned, at a steady cost."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from temp_redirects import agendas
from temp_redirects.agendas import agenda
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.history import RULE, WINDOW
from temp_redirects.models.recording import recorded

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = 7 * DAY


@contextmanager
def at(moment):
    """Do something then, as one change."""
    with time_machine.travel(moment, tick=False), recorded():
        yield


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def schedule(name, source="/old/", target="/new/", **fields):
    return RedirectRule.objects.schedule(source, target, name=name, **fields)


def seen(since=MONDAY, until=MONDAY + WEEK, **asked):
    return agenda(since.timestamp(), until.timestamp(), NOW.timestamp(), **asked)


def told(found):
    """Return every span: path, name, and from when to when, in days from Monday."""
    first = MONDAY.timestamp()
    return [
        (
            lane.source.typed,
            span.rule.name,
            (span.starts - first) / DAY.total_seconds(),
            (span.ends - first) / DAY.total_seconds(),
        )
        for lane in found.lanes
        for span in lane.spans
    ]


def test_rules_and_windows_of_the_period_stand_in_lanes():
    with at(MONDAY - WEEK):
        schedule("a", starts_at=MONDAY + DAY, ends_at=MONDAY + 2 * DAY)
        schedule("later", starts_at=MONDAY + WEEK)
        schedule("earlier", ends_at=MONDAY)
        schedule("off", enabled=False)
        MaintenanceWindow.objects.schedule(
            "w",
            ["/b/", "/c/"],
            starts_at=MONDAY - WEEK + DAY,
            ends_at=MONDAY - WEEK + 2 * DAY,
            repeat="FREQ=DAILY;INTERVAL=4",
        )

    assert told(seen()) == [
        ("/b/", "w", 2, 3),
        ("/b/", "w", 6, 7),
        ("/c/", "w", 2, 3),
        ("/c/", "w", 6, 7),
        ("/old/", "a", 1, 2),
    ]


@pytest.mark.parametrize(("kind", "path"), [(RULE, "/old/"), (WINDOW, "/b/")])
def test_only_what_is_asked_for_is_read(kind, path):
    with at(MONDAY):
        schedule("a")
        MaintenanceWindow.objects.schedule("w", ["/b/"], ends_at=NOW)

    assert [lane.source.typed for lane in seen(kinds=[kind]).lanes] == [path]


def test_the_past_is_as_it_was_and_the_future_as_planned():
    with at(MONDAY + DAY):
        schedule("a", "/first/", starts_at=MONDAY, ends_at=MONDAY + WEEK)
    with at(MONDAY + 2 * DAY):
        schedule("a", "/second/", starts_at=MONDAY, ends_at=MONDAY + 6 * DAY)
    with at(MONDAY + 3 * DAY):
        RedirectRule.objects.pause()
    with at(MONDAY + 4 * DAY):
        RedirectRule.objects.resume()

    assert told(seen()) == [
        ("/first/", "a", 1, 2),
        ("/second/", "a", 2, 3),
        ("/second/", "a", 4, 6),
    ]


def test_what_is_deleted_is_still_in_the_past_it_had():
    with at(MONDAY - DAY):
        row = schedule("a")
        pk = row.pk
    with at(MONDAY + DAY):
        row.delete()

    found = seen()

    assert [line[:2] + line[3:] for line in told(found)] == [("/old/", "a", 1)]
    assert found.deleted == {str(pk)}


def test_a_week_that_is_over_is_as_it_was_then_whatever_was_done_since():
    with at(MONDAY - 2 * WEEK):
        schedule("moved", "/first/", starts_at=MONDAY - WEEK, ends_at=MONDAY)
        row = schedule("gone", "/gone/", starts_at=MONDAY - WEEK, ends_at=MONDAY)
    with at(MONDAY + DAY):
        schedule("moved", "/second/", starts_at=MONDAY - WEEK, ends_at=MONDAY)
        row.delete()
        schedule("made-later", "/third/", starts_at=MONDAY - WEEK, ends_at=MONDAY)
    with at(MONDAY + 2 * DAY):
        schedule("moved", "/again/", starts_at=MONDAY - WEEK, ends_at=MONDAY)

    assert told(seen(MONDAY - WEEK, MONDAY)) == [
        ("/first/", "moved", -7, 0),
        ("/gone/", "gone", -7, 0),
    ]


def test_what_was_moved_out_of_the_period_is_still_where_it_was():
    with at(MONDAY - DAY):
        schedule("a", starts_at=MONDAY, ends_at=MONDAY + WEEK)
    with at(MONDAY + DAY):
        schedule("a", starts_at=MONDAY + 2 * WEEK, ends_at=MONDAY + 3 * WEEK)

    assert told(seen()) == [("/old/", "a", 0, 1)]


def test_what_is_to_come_needs_no_history():
    with at(MONDAY):
        schedule("a")

    with CaptureQueriesContext(connection) as queries:
        found = seen(MONDAY + WEEK, MONDAY + 2 * WEEK)

    assert len(found.lanes) == 1
    assert not any("revision" in query["sql"] for query in queries)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("", ["/", "/blog/x/", "/shop/", "/shop/cart/"], id="all"),
        pytest.param("/shop/", ["/", "/shop/", "/shop/cart/"], id="those under it"),
        pytest.param("/shop/cart/", ["/", "/shop/", "/shop/cart/"], id="those above"),
        pytest.param("/none/", ["/"], id="nothing of its own"),
    ],
)
def test_a_path_narrows_it_to_what_is_for_that_path(path, found):
    with at(MONDAY):
        MaintenanceWindow.objects.schedule("w", ["/"], ends_at=NOW + DAY)
        schedule("a", "/shop/", "/", match="prefix")
        schedule("b", "/shop/cart/")
        schedule("c", "/blog/x/")

    assert [lane.source.typed for lane in seen(path=path).lanes] == found


def test_what_is_too_much_is_counted_and_what_changes_comes_first(monkeypatch):
    monkeypatch.setattr(agendas, "MOST", 3)
    with at(MONDAY):
        for number in range(5):
            schedule(f"steady-{number}", f"/{number}/")
        schedule("new", "/z/", starts_at=MONDAY + DAY)
        MaintenanceWindow.objects.schedule("w", ["/w/"], ends_at=NOW + DAY)

    found = seen()

    assert [lane.source.typed for lane in found.lanes] == ["/0/", "/1/", "/w/"]
    assert found.left_out == 4


def test_what_was_undone_at_once_is_left_out_before_what_is_on(monkeypatch):
    monkeypatch.setattr(agendas, "MOST", 2)
    with at(MONDAY - WEEK):
        schedule("on", "/z-on/")
    with at(MONDAY + DAY):
        imported = [schedule(f"import-{name}", f"/{name}/") for name in "ab"]
    with at(MONDAY + DAY + timedelta(minutes=4)):
        for row in imported:
            row.delete()

    found = seen()

    assert [lane.source.typed for lane in found.lanes] == ["/a/", "/z-on/"]
    assert found.left_out == 1


@pytest.mark.parametrize(
    ("minutes", "paths"),
    [
        pytest.param(4, ["/b-was/"], id="hardly on"),
        pytest.param(5, ["/a-deleted/"], id="on for long enough to be seen"),
    ],
)
def test_what_was_deleted_is_left_out_first_if_it_was_hardly_on(
    monkeypatch, minutes, paths
):
    monkeypatch.setattr(agendas, "MOST", 1)
    with at(MONDAY - WEEK):
        schedule("was", "/b-was/", ends_at=MONDAY + HOUR)
    with at(MONDAY + DAY):
        row = schedule("deleted", "/a-deleted/")
    with at(MONDAY + DAY + timedelta(minutes=minutes)):
        row.delete()

    assert [lane.source.typed for lane in seen().lanes] == paths


def test_a_short_time_of_a_rule_that_is_still_there_is_as_good_as_a_long_one(
    monkeypatch,
):
    monkeypatch.setattr(agendas, "MOST", 1)
    with at(MONDAY - WEEK):
        minute = timedelta(minutes=1)
        schedule("short", "/a/", starts_at=NOW + HOUR, ends_at=NOW + HOUR + minute)
        schedule("long", "/b/", starts_at=NOW, ends_at=NOW + DAY)

    assert [lane.source.typed for lane in seen().lanes] == ["/a/"]


@pytest.mark.parametrize("most", [1, 2])
def test_what_is_on_or_planned_comes_before_what_is_over(monkeypatch, most):
    monkeypatch.setattr(agendas, "MOST", most)
    with at(MONDAY - WEEK):
        schedule("over", "/a-over/", starts_at=MONDAY, ends_at=MONDAY + DAY)
        schedule("planned", "/b-planned/", starts_at=NOW + HOUR)
        schedule("also-over", "/c-over/", starts_at=MONDAY, ends_at=MONDAY + DAY)

    found = seen()

    assert [lane.source.typed for lane in found.lanes] == (
        ["/b-planned/"] if most == 1 else ["/a-over/", "/b-planned/"]
    )
    assert found.left_out == 3 - most


def test_in_a_week_that_is_over_what_changed_comes_first(monkeypatch):
    monkeypatch.setattr(agendas, "MOST", 1)
    with at(MONDAY - 2 * WEEK):
        schedule("steady", "/a/")
        schedule("sale", "/b/", starts_at=MONDAY - WEEK, ends_at=MONDAY - DAY)

    found = seen(MONDAY - WEEK, MONDAY)

    assert [lane.source.typed for lane in found.lanes] == ["/b/"]


def test_so_many_changes_that_not_all_are_read_are_told(monkeypatch):
    monkeypatch.setattr(agendas, "CHANGES", 3)
    for days in range(4):
        assert not seen().is_cut
        with at(MONDAY + days * DAY + HOUR):
            schedule("a", target=f"/{days}/")

    assert seen().is_cut


def test_so_much_that_is_gone_that_not_all_is_shown_is_told(monkeypatch):
    monkeypatch.setattr(agendas, "MOST", 2)
    with at(MONDAY):
        for number in range(3):
            schedule(f"rule-{number}", f"/{number}/")
    with at(MONDAY + DAY):
        RedirectRule.objects.filter(name__in=["rule-0", "rule-1"]).pause()
    assert not seen().is_cut
    with at(MONDAY + 2 * DAY):
        RedirectRule.objects.pause()

    assert seen().is_cut


def test_what_cannot_be_read_redirects_nobody():
    with at(MONDAY):
        schedule("a")
        RedirectRule.objects.update(timezone="Mars/Base")
        MaintenanceWindow.objects.schedule("w", ["/w/"], ends_at=NOW + DAY)
        MaintenanceWindow.objects.update(timezone="Mars/Base")

    assert seen().lanes == []


def test_many_rules_take_as_many_queries_as_few():
    def number_of_queries():
        with CaptureQueriesContext(connection) as queries:
            seen()
        return len(queries)

    with at(MONDAY - DAY):
        MaintenanceWindow.objects.schedule("w", ["/w/"], ends_at=NOW + DAY)
        schedule("first", "/first/")
    with at(MONDAY + DAY):
        schedule("first", "/second/")
    few = number_of_queries()
    for number in range(100):
        schedule(f"rule-{number}", f"/{number}/", ends_at=NOW + DAY)

    assert number_of_queries() == few
