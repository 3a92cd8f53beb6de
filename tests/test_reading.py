"""What the store reads: one state of the database, and no row that hurts the others."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from temp_redirects import store as module
from temp_redirects.core.records import unpack
from temp_redirects.core.visits import Visit
from temp_redirects.databases import is_test
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import Destination, RedirectRule
from temp_redirects.models.reading import read_records

pytestmark = pytest.mark.django_db(transaction=True)

UNREADABLE = {
    "sqlite": "UPDATE temp_redirects_redirectrule SET note = CAST(x'ff' AS TEXT)",
    "postgresql": "UPDATE temp_redirects_redirectrule SET ends_at = 'infinity'",
}


def test_a_row_that_the_driver_cannot_read_hurts_only_itself(caplog):
    if connection.vendor not in UNREADABLE:
        pytest.skip("every row can be read here")
    RedirectRule.objects.schedule("/a", "/b", name="bad")
    with connection.cursor() as cursor:
        cursor.execute(UNREADABLE[connection.vendor])
    RedirectRule.objects.schedule("/c", "/d", name="good")

    _, records, *_ = read_records("default")

    assert [record[1] for record in records] == ["good"]
    assert "cannot be read" in caplog.text


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


def test_no_reader_sees_half_of_a_transaction_or_an_older_one(writer):
    newest = (0, 0)
    for _ in writer.probes(PROBES):
        version, records, *_ = read_records("default")
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
