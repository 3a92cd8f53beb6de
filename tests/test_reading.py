"""What the store reads: one state of the database, and no row that hurts the others."""

import os
import threading
from itertools import count

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from temp_redirects import store as module
from temp_redirects.core.records import unpack
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


def test_no_reader_sees_half_of_a_transaction():
    for n in range(20):
        RedirectRule.objects.schedule(f"/s{n}", "/0")
    stop = threading.Event()

    def write():
        try:
            for n in count(1):
                if stop.is_set():
                    break
                with transaction.atomic():
                    RedirectRule.objects.update(note=str(n))
                    Destination.objects.update(target=f"/{n}")
                    transaction.set_rollback(n % 2 == 0)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(PROBES):
            _, records, *_ = read_records("default")
            rules = [unpack(record) for record in records]
            notes = {rule["note"] or "0" for rule in rules}
            targets = {rule["destinations"][0][2] for rule in rules}
            assert not any(int(note) % 2 == 0 for note in notes - {"0"})
            assert len(records) == 20
            assert {f"/{note}" for note in notes} == targets
            assert len(targets) == 1
    finally:
        stop.set()
        writer.join()


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
