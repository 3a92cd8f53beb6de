"""What the store reads: one state of the database, and no row that hurts the others."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from temp_redirects import store as module
from temp_redirects.core.records import unpack
from temp_redirects.core.visits import Visit
from temp_redirects.databases import is_test
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import (
    Destination,
    KillSwitch,
    MaintenanceWindow,
    RedirectRule,
)
from temp_redirects.models.reading import read_records, read_ruleset

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db(transaction=True)

HALVES = [{"target": "/b", "percentage": 50}, {"target": "/c", "percentage": 50}]
HTTP = [{"kind": "scheme", "value": "http"}]
STARTS = datetime(2027, 1, 15, 8, 30, 0, 250_000, UTC)
ENDS = datetime(2027, 7, 15, 8, tzinfo=ZoneInfo("Europe/Berlin"))
RULE, WINDOW = "temp_redirects_redirectrule", "temp_redirects_maintenancewindow"
CONDITION, SWITCH = "temp_redirects_condition", "temp_redirects_killswitch"
PART = "temp_redirects_destination"
NO_TEXT = "CAST(x'ff' AS TEXT)"
UNREADABLE = {
    "sqlite": {
        "a text of a rule": f"UPDATE {RULE} SET note = {NO_TEXT} WHERE name = 'bad'",
        "a number of a rule": f"UPDATE {RULE} SET priority = 'x' WHERE name = 'bad'",
        "a moment of a rule": f"UPDATE {RULE} SET ends_at = {NO_TEXT} "
        "WHERE name = 'bad'",
        "a share": f"UPDATE {PART} SET percentage = 'x' WHERE target = '/bad'",
        "a condition": f"UPDATE {CONDITION} SET value = {NO_TEXT}",
        "a window": f"UPDATE {WINDOW} SET title = {NO_TEXT}",
        "a switch": f"UPDATE {SWITCH} SET reason = {NO_TEXT}",
        "an id": f"UPDATE {RULE} SET id = 'x' WHERE name = 'bad'",
    },
    "postgresql": {
        "a moment of a rule": f"UPDATE {RULE} SET ends_at = 'infinity' "
        "WHERE name = 'bad'",
        "a window": f"UPDATE {WINDOW} SET ends_at = 'infinity'",
        "a switch": f"UPDATE {SWITCH} SET ends_at = 'infinity'",
    },
}
CASES = [*{name: None for each in UNREADABLE.values() for name in each}]


@pytest.fixture(params=CASES)
def unreadable(request):
    """Something that cannot be read, beside a rule that can."""
    statement = UNREADABLE.get(connection.vendor, {}).get(request.param)
    if statement is None:
        pytest.skip("it can be read here, or is never stored")
    RedirectRule.objects.schedule("/a", "/bad", name="bad", conditions=HTTP)
    MaintenanceWindow.objects.create(name="window", paths="/w/")
    KillSwitch.objects.create(scope="maintenance")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute(statement)
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
            cursor.execute("PRAGMA foreign_keys = ON")
    RedirectRule.objects.schedule("/c", "/d", name="good")
    return request.param


def expected(unreadable):
    return ["bad", "good"] if unreadable in {"a window", "a switch"} else ["good"]


def test_what_the_driver_cannot_read_hurts_only_itself(unreadable, caplog):
    _, records, windows, switches = read_records("default")

    assert sorted(record[1] for record in records) == expected(unreadable)
    assert len(windows) == (unreadable != "a window")
    assert len(switches) == (unreadable != "a switch")
    assert "cannot be read" in caplog.text


def test_what_is_live_lacks_only_what_cannot_be_read(unreadable, caplog):
    _, ruleset = read_ruleset("default")

    names = sorted(record[1] for record in ruleset.records())
    assert names == expected(unreadable)
    assert "cannot be read" in caplog.text


def test_an_offset_in_a_moment_counts():
    if connection.vendor != "sqlite":
        pytest.skip("moments are no texts here")
    RedirectRule.objects.schedule("/a", "/b", ends_at=ENDS)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {RULE} SET ends_at = '2026-12-01 02:00:00+01:00'")

    _, ruleset = read_ruleset("default")

    (record,) = ruleset.records()
    assert record[6] == datetime(2026, 12, 1, 1, tzinfo=UTC).timestamp()


KINDS_OF_RULES = {
    "plain": {},
    "encoded": {"path": "/caf%C3%A9/"},
    "prefix": {"match": "prefix"},
    "pattern": {"match": "pattern", "path": "/p/<int:year>/"},
    "everywhere": {"match": "pattern", "path": "/<slug:one>/all/"},
    "a window": {"starts_at": STARTS, "ends_at": ENDS},
    "an end": {"ends_at": ENDS},
    "again": {"starts_at": STARTS, "ends_at": STARTS + HOUR, "repeat": "FREQ=DAILY"},
    "for some": {"conditions": HTTP},
    "for some, in a window": {"conditions": HTTP, "unless": HTTP, "ends_at": ENDS},
    "a share": {"target": HALVES[:1]},
    "two ways": {"target": HALVES},
    "two ways, for some": {"target": HALVES, "conditions": HTTP, "goal": "/done/"},
    "many columns": {
        "priority": 3,
        "hosts": ["shop.example", "*.shop.example"],
        "methods": ["GET", "POST"],
        "except_paths": ["/a/x/", "/a/y/"],
        "status": 303,
        "query": "drop",
        "cache_seconds": 60,
        "note": "a\nnote",
    },
}


def test_what_is_read_at_once_is_what_is_read_one_by_one(settings):
    settings.ALLOWED_HOSTS = ["shop.example", ".shop.example"]
    for number, fields in enumerate(KINDS_OF_RULES.values()):
        given = {"path": f"/a{number}/", "target": "/b/", **fields}
        RedirectRule.objects.schedule(given.pop("path"), given.pop("target"), **given)
    RedirectRule.objects.create(name="nowhere", path="/nowhere/")
    RedirectRule.objects.create(name="off", path="/off/", enabled=False)

    _, expected, *_ = read_records("default")
    _, ruleset = read_ruleset("default")

    assert len(expected) == len(KINDS_OF_RULES) + 1
    assert sorted(ruleset.records()) == sorted(expected)
    assert {row.pk for row in RedirectRule.objects.filter(enabled=True)} == {
        UUID(record[0]) for record in expected
    }


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_without_time_zones_in_the_database_moments_are_the_same(settings, zone):
    settings.USE_TZ = False
    settings.TIME_ZONE = zone
    RedirectRule.objects.schedule("/a/", "/b/", starts_at=STARTS, ends_at=ENDS)

    _, ruleset = read_ruleset("default")

    (record,) = ruleset.records()
    assert record[5:7] == (STARTS.timestamp(), ENDS.timestamp())


PROBES = int(os.environ.get("PROBES", "40"))  # reads, while somebody writes
TOGETHER = 20  # rules that are changed in one transaction
READERS = 4
CHANGES = 6  # at least, so that there is something to see


class Writer(threading.Thread):
    """Changes all rules together, over and over, and takes every second one back."""

    def __init__(self) -> None:
        super().__init__()
        self.stop = threading.Event()
        self.committed = 1

    def run(self) -> None:
        try:
            for n in count(2):
                if self.stop.is_set():
                    break
                with transaction.atomic():
                    RedirectRule.objects.filter(priority=1).update(note=str(n))
                    Destination.objects.update(target=f"/{n}")
                    transaction.set_rollback(n % 2 == 0)
                self.committed += 2 * (n % 2)
        finally:
            connections.close_all()

    def probes(self, number):
        """Yield so often, and until enough was changed for it to be worth it."""
        yield from range(number)
        while self.committed < CHANGES and self.is_alive():
            yield
        yield


@pytest.fixture
def writer():
    for n in range(TOGETHER):  # every second one is plain, and read by another query
        RedirectRule.objects.schedule(f"/s{n}", "/1", priority=n % 2)
    RedirectRule.objects.filter(priority=1).update(note="1")
    thread = Writer()
    thread.start()
    yield thread
    thread.stop.set()
    thread.join()


def all_at_once(using):
    version, ruleset = read_ruleset(using)
    return version, [*ruleset.records()]


def one_by_one(using):
    return read_records(using)[:2]


@pytest.mark.parametrize("read", [all_at_once, one_by_one])
def test_no_reader_sees_half_of_a_transaction_or_an_older_one(writer, read):
    newest = (0, 0)
    for _ in writer.probes(PROBES):
        version, records = read("default")
        rules = [unpack(record) for record in records]
        (note,) = {rule["note"] for rule in rules if rule["priority"]}
        (target,) = {rule["destinations"][0][2] for rule in rules}
        assert len(records) == TOGETHER
        assert target == f"/{note}"
        assert int(note) % 2 == 1  # never what was taken back
        assert newest <= (version.number, int(note))
        newest = version.number, int(note)

    assert newest[1] >= CHANGES


def test_what_is_live_is_whole_and_never_goes_back(writer):
    store = module.Store()
    visits = [Visit(f"/s{n}") for n in range(TOGETHER)]

    def look():
        newest, wrong = 0, []
        try:
            for _ in writer.probes(PROBES // READERS):
                store.newest()
                live = store.live  # what another thread has just put there, perhaps
                found = {live.decide(visit, 0.0).location for visit in visits}
                numbers = {int(location[1:]) for location in found}
                if len(found) > 1 or min(numbers) < newest or max(numbers) % 2 == 0:
                    wrong.append((newest, found))
                newest = max(newest, *numbers)
        finally:
            connections.close_all()
        return newest, wrong

    with ThreadPoolExecutor(READERS) as threads:
        looks = [threads.submit(look) for _ in range(READERS)]

    results = [each.result() for each in looks]
    assert [wrong for _, wrong in results] == [[]] * READERS
    assert max(newest for newest, _ in results) >= CHANGES


def test_what_is_written_to_another_database_is_not_live_here(monkeypatch):
    live = module.store.live

    module.rules_committed.send(None, using="archive")

    assert module.store.live is live


def test_a_request_inside_of_somebody_elses_transaction_is_no_test(monkeypatch):
    RedirectRule.objects.schedule("/a", "/b")
    monkeypatch.delattr("django.core.mail.outbox")
    app = TempRedirectMiddleware(lambda request: HttpResponse("page"))

    with transaction.atomic():
        response = app(RequestFactory().get("/a"))
        assert not is_test("default")

    assert response.status_code == 307
