"""Maintenance windows are announced once, by whoever notices first."""

import threading
from datetime import UTC, datetime, timedelta
from time import monotonic, time

import pytest
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from temp_redirects import announcements
from temp_redirects.announcements import PAUSE, Announcer, announcer
from temp_redirects.models import MaintenanceEvent, MaintenanceWindow
from temp_redirects.signals import maintenance_ended, maintenance_started
from temp_redirects.store import Look, store

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


def told(heard):
    return [event for event, *_ in heard]


@pytest.mark.parametrize("by", [-HOUR / 2, HOUR / 2], ids=["earlier", "later"])
def test_a_start_that_is_edited_while_it_is_on_is_no_second_start(
    client, heard, schedule, by
):
    start, end = timezone.now() - HOUR, timezone.now() + HOUR
    schedule(starts_at=start, ends_at=end)
    client.get("/other")
    schedule(starts_at=start + by, ends_at=end)
    for _ in range(2):
        client.get("/other")
        announcer.forget()  # as in another process
    over = timezone.now()
    schedule(starts_at=start + by, ends_at=over)
    client.get("/other")

    assert heard == [("started", "shop", start), ("ended", "shop", over)]


def test_a_start_that_is_edited_back_is_no_second_start(client, heard, schedule):
    """The first start has been told to have ended; that is no end of the second."""
    first, second = timezone.now() - 3 * HOUR, timezone.now() - HOUR
    schedule(starts_at=first, ends_at=first + HOUR)
    client.get("/other")
    schedule(starts_at=second)
    client.get("/other")
    schedule(starts_at=first)
    client.get("/other")

    assert told(heard) == ["started", "ended", "started"]
    MaintenanceWindow.objects.update(enabled=False)
    client.get("/other")
    assert told(heard) == ["started", "ended", "started", "ended"]


def test_edited_and_over_at_once_it_ends_once(client, heard, schedule):
    start = timezone.now() - HOUR
    schedule(starts_at=start)
    client.get("/other")
    end = start + HOUR / 2
    schedule(starts_at=start + HOUR / 4, ends_at=end)
    client.get("/other")

    assert heard == [("started", "shop", start), ("ended", "shop", end)]


def test_put_off_while_it_is_on_it_ends_and_starts_again(client, heard, schedule):
    start, later = timezone.now() - HOUR, timezone.now() + HOUR
    schedule(starts_at=start)
    client.get("/other")
    before = timezone.now()
    schedule(starts_at=later)
    for _ in range(2):
        client.get("/other")
        announcer.forget()

    assert told(heard) == ["started", "ended"]
    assert before <= heard[1][2] <= timezone.now()
    announcer.announce([MaintenanceWindow.objects.get().compile()], later.timestamp())
    assert told(heard) == ["started", "ended", "started"]
    assert heard[2][2] == later


def test_deleted_while_it_is_on_it_ends(client, heard, schedule):
    schedule(starts_at=timezone.now() - HOUR)
    client.get("/other")
    MaintenanceWindow.objects.all().delete()
    for _ in range(2):
        client.get("/other")

    assert told(heard) == ["started", "ended"]


def test_of_two_who_see_it_deleted_one_tells(heard, schedule):
    windows = [schedule(starts_at=timezone.now() - HOUR).compile()]
    processes = [Announcer(), Announcer()]
    for announcing in (windows, []):
        for process in processes:
            process.announce(announcing, time())

    assert told(heard) == ["started", "ended"]


def test_who_hears_of_an_edit_second_tells_nothing(heard, schedule):
    """Both had read the claims before the other wrote."""
    start = timezone.now() - HOUR
    window = schedule(starts_at=start).compile()
    announcer.announce([window], time())
    begun = announcements._begun()
    edited = schedule(starts_at=start + HOUR / 2).compile()
    edge = announcements.newest_edge(edited, time())
    news = [announcements._claimed(edited, edge, begun, time()) for _ in range(2)]

    assert news == [[], []]
    announcer.announce([edited], time())
    assert told(heard) == ["started"]


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_announces(heard, schedule):
    row = schedule(starts_at=timezone.now() - HOUR)
    heard.clear()
    MaintenanceEvent.objects.all().delete()
    window, now = row.compile(), timezone.now().timestamp()
    together = threading.Barrier(4)

    def notice():
        together.wait()
        try:
            Announcer().announce([window], now)  # as in a process of its own
        finally:
            connections.close_all()

    threads = [threading.Thread(target=notice) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [event for event, *_ in heard] == ["started"]


def test_on_off_and_on_again_is_told_each_time(client, heard, schedule):
    """By whichever process is asked: another one may have told the rest."""
    start = timezone.now() - HOUR
    schedule(starts_at=start, ends_at=start + 2 * HOUR)
    for enabled in (True, False, True, False):
        MaintenanceWindow.objects.update(enabled=enabled)
        client.get("/other")
        announcer.forget()  # as in another process
        client.get("/other")

    assert [event for event, *_ in heard] == ["started", "ended", "started", "ended"]
    assert heard[0][2] == start
    assert heard[2][2] > start


def test_what_others_told_meanwhile_is_told_on(client, heard, schedule):
    """This process sees it on, on again, and over; another one saw it off between."""
    row = schedule(starts_at=timezone.now() - HOUR)
    client.get("/other")
    MaintenanceWindow.objects.update(enabled=False)
    Announcer().announce([MaintenanceWindow.objects.get().compile()], time())
    MaintenanceWindow.objects.update(enabled=True)
    client.get("/other")
    row.refresh_from_db()
    row.ends_at = timezone.now()
    row.save()
    client.get("/other")

    assert [event for event, *_ in heard] == ["started", "ended", "started", "ended"]


def test_nothing_is_asked_twice_while_nothing_changes(schedule):
    announcer = Announcer()
    windows = [schedule(starts_at=timezone.now() - HOUR).compile()]
    announcer.announce(windows, time())

    with CaptureQueriesContext(connection) as asked:
        announcer.announce(windows, time())

    assert len(asked) == 0


def test_a_process_of_years_keeps_no_window_that_is_gone(schedule):
    announcer = Announcer()
    announcer.announce([schedule(starts_at=timezone.now() - HOUR).compile()], time())
    announcer.announce([], time())

    assert announcer._known == {}


@pytest.fixture
def claims_refused():
    """A database that only reads, as a replica does; what is tried is listed."""
    tried = []

    def read_only(execute, sql, params, many, context):
        if "maintenanceevent" in sql and not sql.startswith("SELECT"):
            tried.append(sql)
            raise OperationalError("attempt to write a\nreadonly database")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(read_only):
        yield tried


def test_a_database_that_only_reads_harms_nobody_and_is_told_once_a_minute(
    client, heard, schedule, caplog, claims_refused
):
    start = timezone.now() - HOUR
    schedule(starts_at=start)
    statuses = [client.get("/shop/").status_code for _ in range(3)]
    first = len(claims_refused)
    announcer._tries_at -= PAUSE  # a minute later
    statuses.append(client.get("/shop/").status_code)

    assert statuses == [307] * 4
    assert (first, len(claims_refused)) == (1, 2)
    said = [record for record in caplog.records if record.name == "temp_redirects"]
    assert [record.exc_info for record in said] == [None] * 2
    assert said[0].getMessage() == (
        "The start or end of 'shop' is untold: attempt to write a readonly database"
    )
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_who_listens_may_take_long_and_keeps_no_visitor_waiting(schedule):
    """A look is over before its news are told: the next one need not wait."""
    schedule(starts_at=timezone.now() - HOUR)
    announcer.forget()
    MaintenanceEvent.objects.all().delete()
    is_telling, may_go_on = threading.Event(), threading.Event()

    def listens(**kwargs):
        is_telling.set()
        may_go_on.wait(30)

    maintenance_started.connect(listens)
    look = Look()
    thread = threading.Thread(target=store._run, args=[look])
    thread.start()
    try:
        assert is_telling.wait(30)
        assert look.done.done()
    finally:
        may_go_on.set()
        thread.join()
        maintenance_started.disconnect(listens)


def test_what_could_not_be_told_is_told_later(client, heard, schedule):
    start = timezone.now() - HOUR
    schedule(starts_at=start)
    announcer._tries_at = monotonic() + HOUR.total_seconds()
    client.get("/other")
    untold = list(heard)
    announcer._tries_at = 0.0
    client.get("/other")

    assert (untold, heard) == ([], [("started", "shop", start)])


SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 02:00 in Berlin
WEEK = timedelta(days=7)


@pytest.fixture
def weekly(schedule):
    return schedule(
        starts_at=SUNDAY,
        ends_at=SUNDAY + 2 * HOUR,
        timezone="Europe/Berlin",
        repeat="FREQ=WEEKLY",
    )


def announce(row, *moments, announcing=announcer):
    window = row.compile()
    for moment in moments:
        announcing.announce([window], moment.timestamp())


def test_each_time_of_a_window_is_announced_once(heard, weekly):
    minutes = [timedelta(minutes=number) for number in range(0, 180, 20)]
    processes = [Announcer(), Announcer()]
    for moment in [week + at for week in (SUNDAY, SUNDAY + WEEK) for at in minutes]:
        for process in processes:
            announce(weekly, moment, announcing=process)

    assert heard == [
        (event, "shop", week + at)
        for week in (SUNDAY, SUNDAY + WEEK)
        for event, at in (("started", timedelta()), ("ended", 2 * HOUR))
    ]


def test_an_end_that_nobody_saw_is_announced_with_the_next_time(heard, weekly):
    announce(weekly, SUNDAY + HOUR, SUNDAY + WEEK + HOUR)

    assert [(event, at) for event, _, at in heard] == [
        ("started", SUNDAY),
        ("ended", SUNDAY + 2 * HOUR),
        ("started", SUNDAY + WEEK),
    ]


def test_between_two_times_most_looks_ask_no_database(weekly, heard):
    announce(weekly, SUNDAY + 3 * HOUR)
    with CaptureQueriesContext(connection) as queries:
        window = weekly.compile()
        announcer.announce([window], (SUNDAY + 4 * HOUR).timestamp())
        known = len(queries)
        announcer.announce([window], (SUNDAY + 5 * HOUR).timestamp())

    assert len(queries) == known
    assert told(heard) == ["started", "ended"]


def test_a_time_that_is_ended_early_and_one_that_is_skipped(heard, weekly):
    announce(weekly, SUNDAY + HOUR)
    MaintenanceWindow.objects.end(SUNDAY + HOUR)
    MaintenanceWindow.objects.skip_next(SUNDAY + HOUR)
    row = MaintenanceWindow.objects.get()
    announce(row, SUNDAY + HOUR, SUNDAY + WEEK + HOUR, SUNDAY + 2 * WEEK)

    assert [(event, at) for event, _, at in heard] == [
        ("started", SUNDAY),
        ("ended", SUNDAY + HOUR),
        ("started", SUNDAY + 2 * WEEK),
    ]


def test_other_times_for_what_goes_on_are_no_second_start(heard, weekly, schedule):
    announce(weekly, SUNDAY + HOUR)
    moved = schedule(
        starts_at=SUNDAY + HOUR / 2,
        ends_at=SUNDAY + 2 * HOUR,
        timezone="Europe/Berlin",
        repeat="FREQ=WEEKLY",
    )
    announce(moved, SUNDAY + HOUR, SUNDAY + 3 * HOUR)

    assert told(heard) == ["started", "ended"]
