"""The kill switch: pulled, live, over by itself, recorded, taken back."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections, transaction

from temp_redirects.models import (
    Batch,
    KillSwitch,
    MaintenanceWindow,
    RedirectRule,
)
from temp_redirects.models.reading import read_switches
from temp_redirects.models.recording import recorded
from temp_redirects.models.undoing import Undo
from temp_redirects.models.versions import writing
from temp_redirects.store import Store, store

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _rules():
    with time_machine.travel(NOON, tick=False):
        RedirectRule.objects.schedule("/old/", "/new/", name="moved")
        MaintenanceWindow.objects.schedule("closed", ["/shop/"])
        yield


def statuses(client, **headers):
    return [client.get(path, **headers).status_code for path in ("/old/", "/shop/")]


def test_everything_is_off_at_once_and_on_again(client):
    assert statuses(client) == [307, 307]
    KillSwitch.objects.pull(reason="loop")
    assert statuses(client) == [200, 200]
    KillSwitch.objects.all().delete()
    assert statuses(client) == [307, 307]


def test_maintenance_alone(client):
    KillSwitch.objects.pull("maintenance")
    assert statuses(client) == [307, 200]


def test_one_host_alone(client):
    KillSwitch.objects.pull("host", host=" Shop.Example ")
    assert statuses(client) == [307, 307]
    assert statuses(client, HTTP_HOST="shop.example") == [200, 200]


def test_it_is_over_by_itself(client):
    KillSwitch.objects.pull(ends_at=NOON + HOUR)
    with time_machine.travel(NOON + HOUR - timedelta(seconds=1)):
        assert statuses(client) == [200, 200]
    with time_machine.travel(NOON + HOUR):
        assert statuses(client) == [307, 307]


def test_the_notice_leads_back_whoever_waits_there(client):
    notice = client.get("/shop/").headers["Location"]
    assert client.get(notice).status_code == 503
    KillSwitch.objects.pull()
    answer = client.get(notice)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/shop/")


def test_pulled_again_it_has_another_end_and_reason():
    KillSwitch.objects.pull(ends_at=NOON + HOUR, reason="loop")
    KillSwitch.objects.pull(reason="still")
    row = KillSwitch.objects.get()
    assert (row.ends_at, row.reason) == (None, "still")


@pytest.mark.parametrize(
    "nonsense", [{"scope": "host"}, {"host": "x"}, {"scope": "host", "host": "a b"}]
)
def test_nonsense_is_refused(nonsense):
    with pytest.raises(ValidationError):
        KillSwitch.objects.pull(**nonsense)


def test_a_row_written_past_every_check_says_nothing(client):
    KillSwitch.objects.pull("host", host="a.example")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE temp_redirects_killswitch SET host = 'a b'")
    assert read_switches("default") == []


def test_it_is_live_before_the_rules_are_read(monkeypatch):
    fresh = Store()
    fresh._refresh("default")
    KillSwitch.objects.pull()

    def slow(using):
        assert fresh.live.switches
        assert fresh.live.covers("/old/")
        return read(using)

    read = fresh._read
    monkeypatch.setattr(fresh, "_read", slow)
    fresh._refresh("default")
    assert fresh.version != store.version or fresh.live.switches


@pytest.mark.django_db(transaction=True)
def test_what_was_stopped_goes_on_with_the_new_rules_only(monkeypatch):
    KillSwitch.objects.pull()
    fresh = Store()
    fresh._refresh("default")
    with transaction.atomic():  # mended, and switched on again
        RedirectRule.objects.filter(name="moved").pause()
        KillSwitch.objects.all().delete()

    with monkeypatch.context() as patched:
        patched.setattr(fresh, "_read", None)  # as where the connection is cut
        with pytest.raises(TypeError):
            fresh._refresh("default")
    assert fresh.live.switches

    fresh._refresh("default")
    assert not fresh.live.switches
    assert not fresh.live.index.candidates("/old/")


def test_the_history_has_it_and_taking_that_back_is_switching_on_and_off():
    with recorded("admin", who="mia"):
        KillSwitch.objects.pull(reason="loop", ends_at=NOON + HOUR)
    assert KillSwitch.objects.get().who == "mia"
    before = KillSwitch.objects.get().to_document()

    with recorded(who="bob"):
        Undo.of("default", Batch.objects.get(who="mia").changes).run()
    assert not KillSwitch.objects.exists()
    Undo.of("default", Batch.objects.get(who="bob").changes).run()
    assert KillSwitch.objects.get().to_document() == before


def test_back_to_a_moment_leaves_it_as_it_is():
    with time_machine.travel(NOON + HOUR):
        with recorded():
            RedirectRule.objects.all().pause()
            KillSwitch.objects.pull()
        Undo.to("default", NOON).run()
    assert KillSwitch.objects.exists()
    assert RedirectRule.objects.get().enabled


def test_who_may_not_use_it_cannot_on_any_way():
    with recorded(who="mia"):
        KillSwitch.objects.pull()
    mine = Batch.objects.get(who="mia")
    with recorded(may_kill=False):
        with pytest.raises(PermissionDenied):
            KillSwitch.objects.pull("maintenance")
        with pytest.raises(PermissionDenied):
            KillSwitch.objects.all().delete()
        with pytest.raises(PermissionDenied):
            KillSwitch.objects.get().delete()
        plan = Undo.of("default", mine.changes)
        plan.run()
    assert [step.problem for step in plan.steps] == ["You may not use the kill switch."]
    assert KillSwitch.objects.get().scope == "everything"


def test_its_name_is_what_is_off():
    assert str(KillSwitch.objects.pull("maintenance")) == "maintenance"
    assert str(KillSwitch.objects.pull("host", host="a.example")) == "a.example"


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_who_writes_many_rules_longer_than_sqlite_does():
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 50")  # milliseconds
    has_lock, is_done = threading.Event(), threading.Event()

    def write():
        with writing("default"):
            has_lock.set()
            is_done.wait(1)
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    has_lock.wait(10)
    pulled = KillSwitch.objects.pull(reason="loop")
    writer.join()

    assert KillSwitch.objects.get() == pulled
    connection.close()
