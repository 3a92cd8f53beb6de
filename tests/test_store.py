"""The live ruleset: fresh within its time, kept when the database is away."""

import os
import sqlite3
import threading
import time
import uuid
from datetime import UTC, datetime

import pytest
from asgiref.sync import ThreadSensitiveContext, async_to_sync
from django.db import connection, connections, transaction
from django.test import override_settings

from temp_redirects import store as module
from temp_redirects.core.schedules import zone
from temp_redirects.core.visits import Visit
from temp_redirects.models import KillSwitch, RedirectRule, RulesetVersion
from temp_redirects.models.versions import Change
from temp_redirects.store import Store

pytestmark = pytest.mark.django_db(transaction=True)


def redirects(ruleset, path="/a"):
    return ruleset.decide(Visit(path), time.time()).location


def in_thread(call):
    """Run in another thread, with connections of its own."""
    results = []

    def run():
        try:
            results.append(call())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


@pytest.fixture
def fresh(settings):
    """A store as in another process: it hears of nothing."""
    settings.TEMP_REDIRECTS = {"REFRESH_SECONDS": 0.05}
    made = Store()
    yield made
    settle(made)


def settle(store):
    look = store._look
    if look:
        look.done.result(5)


def test_the_first_request_waits_for_the_first_rules(fresh):
    RedirectRule.objects.schedule("/a", "/b")

    assert redirects(fresh.ruleset()) == "/b"


def test_an_event_loop_gets_the_first_rules_as_well(fresh):
    RedirectRule.objects.schedule("/a", "/b")

    async def ask():
        async with ThreadSensitiveContext():
            return redirects(await fresh.aruleset())

    assert async_to_sync(ask)() == "/b"


def test_a_change_of_another_process_is_seen_after_the_refresh_time(fresh):
    fresh.ruleset()
    RedirectRule.objects.schedule("/a", "/b")
    time.sleep(0.06)

    fresh.ruleset()  # starts the look beside it
    settle(fresh)

    assert redirects(fresh.ruleset()) == "/b"


def test_after_a_quiet_time_the_first_request_does_not_get_old_rules(fresh):
    fresh.ruleset()
    RedirectRule.objects.schedule("/a", "/b")
    fresh.looked -= 2  # seconds
    time.sleep(0.06)

    assert redirects(fresh.ruleset()) == "/b"


def test_between_two_looks_no_query_is_made(settings, django_assert_num_queries):
    settings.TEMP_REDIRECTS = {"REFRESH_SECONDS": 60}
    store = Store()
    store.ruleset()
    look = store.looked

    with django_assert_num_queries(0):
        for _ in range(1000):
            store.ruleset()

    assert store._look is None  # nor does a thread beside it make one
    assert store.looked == look


def test_a_thread_with_uncommitted_rules_decides_by_them_and_others_do_not(fresh):
    assert redirects(fresh.ruleset()) == ""
    with transaction.atomic():
        RedirectRule.objects.schedule("/a", "/b")
        time.sleep(0.06)  # it hears of nothing
        assert redirects(fresh.ruleset()) == "/b"
        assert redirects(in_thread(fresh.ruleset)) == ""
        transaction.set_rollback(True)

    assert redirects(fresh.ruleset()) == ""


def test_a_rolled_back_savepoint_is_undecided_at_once(fresh):
    with transaction.atomic():
        RedirectRule.objects.schedule("/a", "/b")
        with transaction.atomic():
            RedirectRule.objects.schedule("/a", "/c", name="/a → /b")
            assert redirects(fresh.ruleset()) == "/c"
            transaction.set_rollback(True)

        assert redirects(fresh.ruleset()) == "/b"


def test_uncommitted_rules_are_read_once_for_many_requests(
    fresh, django_assert_num_queries
):
    with transaction.atomic():
        RedirectRule.objects.schedule("/a", "/b")
        first = fresh.ruleset()
        assert fresh.ruleset() is first


def test_while_somebody_writes_the_others_go_on_with_what_is_live(fresh):
    RedirectRule.objects.schedule("/a", "/b")
    assert redirects(fresh.ruleset()) == "/b"

    with transaction.atomic():
        RedirectRule.objects.update(enabled=False)
        assert Change.open
        assert redirects(in_thread(fresh.ruleset)) == "/b"


def test_a_lower_number_is_a_replica_that_lags_and_is_not_taken(fresh):
    for _ in range(3):
        RedirectRule.objects.schedule("/a", "/b")
    fresh.ruleset()
    taken = fresh.version

    RulesetVersion.objects.update(number=1)
    fresh._refresh("default")

    assert fresh.version == taken


def test_a_lower_number_that_stays_for_a_minute_is_a_restored_backup(fresh):
    for _ in range(3):
        RedirectRule.objects.schedule("/a", "/b")
    fresh.ruleset()
    RulesetVersion.objects.update(number=1)
    fresh._refresh("default")

    fresh._lags_since -= module.LAG
    fresh._refresh("default")

    assert fresh.version.number == 1


def test_another_generation_is_taken_whatever_its_number(fresh):
    RedirectRule.objects.schedule("/a", "/b")
    fresh.ruleset()
    with connection.cursor() as cursor:
        for table in ("destination", "redirectrule"):
            cursor.execute(f"DELETE FROM temp_redirects_{table}")
    RulesetVersion.objects.update(number=0, generation=uuid.uuid4())

    fresh._refresh("default")

    assert redirects(fresh.live) == ""


def test_a_reader_that_began_earlier_never_replaces_a_later_one(fresh):
    RedirectRule.objects.schedule("/a", "/b")
    fresh.ruleset()
    live = fresh.live

    fresh._publish(None, Store().live, began=0.0)

    assert fresh.live is live


@pytest.fixture
def away():
    """The tables are gone, as before ``migrate`` or with the wrong database."""
    with connection.cursor() as cursor:
        name = RulesetVersion._meta.db_table
        cursor.execute(f"ALTER TABLE {name} RENAME TO away")
        yield
        cursor.execute(f"ALTER TABLE away RENAME TO {name}")


def test_without_its_tables_nobody_sees_an_error(fresh, away, client, caplog):
    assert redirects(fresh.ruleset()) == ""
    assert client.get("/a").status_code == 200
    assert "manage.py migrate" in caplog.text


def test_the_last_good_rules_serve_while_the_database_is_away(fresh, request):
    RedirectRule.objects.schedule("/a", "/b")
    fresh.ruleset()
    request.getfixturevalue("away")
    time.sleep(0.06)

    fresh.ruleset()
    settle(fresh)

    assert fresh.failures == 1
    assert redirects(fresh.ruleset()) == "/b"


def test_a_pulled_switch_holds_and_is_over_at_its_time_while_the_database_is_away(
    fresh, request
):
    RedirectRule.objects.schedule("/a", "/b")
    ends = int(time.time()) + 60 * 60  # a whole second, stored as it is
    KillSwitch.objects.pull(reason="loop", ends_at=datetime.fromtimestamp(ends, UTC))
    assert redirects(fresh.ruleset()) == ""
    request.getfixturevalue("away")
    time.sleep(0.06)

    fresh.ruleset()
    settle(fresh)

    assert fresh.failures == 1
    moments = (time.time(), ends - 1, ends, ends + 60)
    found = [fresh.ruleset().decide(Visit("/a"), at).location for at in moments]
    assert found == ["", "", "/b", "/b"]


def test_looks_become_rarer_during_an_outage_and_return_to_normal(fresh, request):
    RedirectRule.objects.schedule("/a", "/b")
    for _ in range(12):
        fresh._failed(RuntimeError("away"))
    pause = fresh._next_look - time.monotonic()
    assert module.MAX_BACKOFF * 0.7 < pause <= module.MAX_BACKOFF * 1.2

    fresh._next_look = fresh.deadline = module.NOT_YET
    fresh.ruleset()
    settle(fresh)

    assert fresh.failures == 0
    assert redirects(fresh.live) == "/b"


LOCKS = {
    "sqlite": ("BEGIN EXCLUSIVE", "ROLLBACK"),
    "postgresql": ("BEGIN; LOCK TABLE temp_redirects_rulesetversion", "ROLLBACK"),
    "mysql": ("LOCK TABLES temp_redirects_rulesetversion WRITE", "UNLOCK TABLES"),
}


@pytest.fixture
def hanging(fresh):
    """Somebody holds a lock, and the database makes every reader wait."""
    lock, unlock = LOCKS[connection.vendor]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(lock)
        yield
        cursor.execute(unlock)
    other.close()
    for thread in threading.enumerate():
        if thread.name == "temp_redirects-look":
            thread.join(10)


def test_a_request_waits_only_so_long_and_only_once_for_a_database_that_hangs(
    fresh, hanging, monkeypatch, caplog
):
    monkeypatch.setattr(module, "FIRST_WAIT", 0.05)

    first = fresh.ruleset()
    look = fresh._look
    assert look.was_waited_for
    second = fresh.ruleset()

    assert first is second is module.EMPTY
    assert fresh._look is look
    assert "did not answer" in caplog.text


def test_an_event_loop_waits_only_so_long_too(fresh, hanging, monkeypatch):
    monkeypatch.setattr(module, "FIRST_WAIT", 0.05)

    async def ask():
        async with ThreadSensitiveContext():
            return await fresh.aruleset(), await fresh.aruleset()

    assert async_to_sync(ask)() == (module.EMPTY, module.EMPTY)


def test_a_look_that_is_lost_is_replaced_by_another_up_to_a_bound(
    fresh, hanging, monkeypatch
):
    monkeypatch.setattr(module, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(module, "STUCK", 0.0)

    looks = set()
    for _ in range(module.MAX_LOST + 4):
        fresh.ruleset()
        looks.add(fresh._look)

    assert len(looks - {None}) == module.MAX_LOST


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_child_process_keeps_the_rules_and_looks_again(fresh):
    fresh.ruleset()
    fresh._look = module.Look()

    fresh.after_fork()

    assert fresh.is_loaded
    assert fresh._look is None
    assert fresh.deadline == module.NOT_YET


def test_a_failing_refresh_after_a_commit_leaves_the_save_alone(request, caplog):
    module.store.newest()
    request.getfixturevalue("away")

    module.store.committed("default")

    assert "cannot be read" in caplog.text


def test_hooks_that_a_test_tool_runs_early_publish_nothing(
    fresh, django_capture_on_commit_callbacks
):
    before = module.store.version
    with transaction.atomic():
        with django_capture_on_commit_callbacks(execute=True):
            RedirectRule.objects.schedule("/a", "/b")
        transaction.set_rollback(True)

    assert module.store.version == before


def test_settings_that_change_are_seen_by_rules_compiled_before(client):
    with override_settings(TEMP_REDIRECTS={"ALLOWED_TARGET_HOSTS": ["x.example"]}):
        RedirectRule.objects.schedule("/a", "https://x.example/")
        assert client.get("/a").status_code == 307

    assert client.get("/a").status_code == 200


def test_the_sqlite_of_this_machine_can_rename_tables():
    assert sqlite3.sqlite_version_info >= (3, 25)


def test_a_process_that_runs_for_long_reads_zone_data_anew(fresh, monkeypatch):
    RedirectRule.objects.schedule("/a", "/b")
    in_thread(fresh.ruleset)
    known = zone("Europe/Berlin")
    settle(fresh)
    fresh.deadline = fresh._next_look = 0.0
    in_thread(fresh.ruleset)
    settle(fresh)
    assert zone("Europe/Berlin") is known

    fresh._zones_read -= module.ZONES_AGE
    fresh.deadline = fresh._next_look = 0.0
    in_thread(fresh.ruleset)
    settle(fresh)
    assert zone("Europe/Berlin") is not known
