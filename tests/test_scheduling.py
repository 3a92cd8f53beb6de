"""Signals when a maintenance window is scheduled, changed or cancelled."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from temp_redirects import signals
from temp_redirects.models import MaintenanceWindow, RedirectRule

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("scheduled", "changed", "cancelled")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def heard():
    """Return what is told, as (“changed”, title of the window)."""
    events, listeners = [], {}
    for name in NAMES:
        signal = getattr(signals, f"maintenance_{name}")

        def listen(window, name=name, **kwargs):
            events.append((name, window.title))

        listeners[signal] = listen
        signal.connect(listen)
    yield events
    for signal, listener in listeners.items():
        signal.disconnect(listener)


def schedule(**fields):
    times = {"starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR}
    return MaintenanceWindow.objects.schedule("shop", ["/shop/"], **times | fields)


def test_a_window_is_scheduled_changed_and_cancelled(heard):
    row = schedule(title="one")
    schedule(title="two")
    schedule(title="two")  # nothing is different
    row.delete()

    assert heard == [("scheduled", "one"), ("changed", "two"), ("cancelled", "two")]


def test_a_change_has_what_was_before(heard):
    found = []

    def listen(window, before, **kwargs):
        found.append((before.title, window.title))

    signals.maintenance_changed.connect(listen)
    schedule(title="one")
    schedule(title="two")
    signals.maintenance_changed.disconnect(listen)
    assert found == [("one", "two")]


def test_switching_off_and_on_is_cancelling_and_scheduling(heard):
    schedule()
    MaintenanceWindow.objects.cancel()
    MaintenanceWindow.objects.update(enabled=True)
    assert [name for name, _ in heard] == ["scheduled", "cancelled", "scheduled"]


def test_ending_what_is_on_cancels_nothing(heard):
    schedule(starts_at=NOW - HOUR)
    MaintenanceWindow.objects.end()
    assert [name for name, _ in heard] == ["scheduled"]


def test_of_what_repeats_the_times_to_come_are_cancelled(heard):
    schedule(starts_at=NOW - HOUR, ends_at=NOW + HOUR, repeat="FREQ=DAILY")
    MaintenanceWindow.objects.end()  # the one of today
    MaintenanceWindow.objects.skip_next()
    MaintenanceWindow.objects.update(enabled=False)
    assert [name for name, _ in heard] == [
        *("scheduled", "changed", "changed", "cancelled")
    ]


def test_what_is_over_is_no_news(heard):
    schedule(starts_at=NOW - 3 * HOUR, ends_at=NOW - 2 * HOUR)
    schedule(starts_at=NOW - 3 * HOUR, ends_at=NOW - HOUR)
    assert heard == []


def test_what_is_rolled_back_is_not_told(heard):
    with transaction.atomic():
        schedule()
        assert heard == []
        transaction.set_rollback(True)
    assert heard == []


def test_what_cannot_be_read_was_cancelled(heard):
    schedule()
    MaintenanceWindow.objects.update(timezone="Mars/Base")
    assert [name for name, _ in heard] == ["scheduled", "cancelled"]


def test_rules_are_no_maintenance(heard):
    RedirectRule.objects.schedule("/a", "/b")
    assert heard == []
