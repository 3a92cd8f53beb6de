"""Maintenance windows are announced once, by whoever notices first."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from temp_redirects import announcements
from temp_redirects.models import MaintenanceWindow
from temp_redirects.signals import maintenance_ended, maintenance_started

HOUR = timedelta(hours=1)


@pytest.fixture
def heard():
    """Return the events announced, as “started shop”."""
    events = []

    def on_started(window, at, **kwargs):
        events.append(("started", window.name, at))

    def on_ended(window, at, **kwargs):
        events.append(("ended", window.name, at))

    maintenance_started.connect(on_started)
    maintenance_ended.connect(on_ended)
    yield events
    maintenance_started.disconnect(on_started)
    maintenance_ended.disconnect(on_ended)


@pytest.fixture
def schedule(db):
    def make(**fields):
        fields = {"staff_pass": False} | fields
        return MaintenanceWindow.objects.schedule("shop", ["/shop/"], **fields)

    return make


def test_a_request_after_the_start_announces_it_once(client, heard, schedule):
    start = timezone.now() - HOUR
    schedule(starts_at=start)

    for _ in range(3):
        client.get("/other")

    assert heard == [("started", "shop", start)]


def test_a_window_that_is_over_is_announced_to_have_ended(client, heard, schedule):
    start, end = timezone.now() - 2 * HOUR, timezone.now() - HOUR
    schedule(starts_at=start, ends_at=end)

    client.get("/other")

    assert heard == [("started", "shop", start), ("ended", "shop", end)]


def test_what_is_still_to_come_is_no_news(client, heard, schedule):
    schedule(starts_at=timezone.now() + HOUR)

    client.get("/other")

    assert heard == []


def test_what_ended_long_ago_is_no_news(client, heard, schedule):
    schedule(ends_at=timezone.now() - timedelta(days=30))

    client.get("/other")

    assert heard == []


def test_switching_a_window_off_while_it_is_on_ends_it(client, heard, schedule):
    window = schedule(starts_at=timezone.now() - HOUR)
    client.get("/other")

    MaintenanceWindow.objects.update(enabled=False)
    client.get("/other")

    assert [event for event, *_ in heard] == ["started", "ended"]
    assert window.name == "shop"


def test_a_window_that_was_off_all_the_time_is_no_news(client, heard, schedule):
    schedule(starts_at=timezone.now() - HOUR, enabled=False)

    client.get("/other")

    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_announces(heard, schedule):
    row = schedule(starts_at=timezone.now() - HOUR)
    heard.clear()
    announcements.MaintenanceEvent.objects.all().delete()
    window, now = row.compile(), timezone.now().timestamp()
    together = threading.Barrier(4)

    def notice():
        together.wait()
        announcements._known.clear()  # as in a process of its own
        try:
            announcements.announce([window], now)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=notice) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [event for event, *_ in heard] == ["started"]


def test_a_process_of_years_keeps_no_endless_list(client, heard, schedule, monkeypatch):
    monkeypatch.setattr(announcements, "MAX_KNOWN", 0)
    schedule(starts_at=timezone.now() - 2 * HOUR, ends_at=timezone.now() - HOUR)

    client.get("/other")

    assert len(announcements._known) == 1
