"""Hits: exact, bounded, written beside requests, and left over by nobody."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from asgiref.sync import ThreadSensitiveContext
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from temp_redirects import tallies as module
from temp_redirects.models import ArmCount, HitCount, HitWriter, RedirectRule
from temp_redirects.models.arms import ArmKey, ArmTally
from temp_redirects.tallies import Tallies

pytestmark = pytest.mark.django_db(transaction=True)

NOW = 1_800_000_000.0  # seconds since the epoch, the first of an hour


@pytest.fixture
def rule():
    return str(RedirectRule.objects.schedule("/a", "/b").pk)


@pytest.fixture
def fresh(settings):
    """The hits of another process, written when the test says so."""
    settings.TEMP_REDIRECTS = {"FLUSH_SECONDS": 60}
    made = Tallies()
    yield made
    made.forget()
    made.finish()


def arms():
    """Return visitors and conversions of each arm, whatever the rule and hour."""
    rows = ArmCount.objects.order_by("arm", "hour")
    return [*rows.values_list("epoch", "arm", "visitors", "conversions")]


def stored():
    """Return the hits of each method, whatever the rule and hour."""
    counts = Counter()
    for method, count in HitCount.objects.values_list("method", "count"):
        counts[method] += count
    return dict(counts)


def eventually(claim):
    """Return when the claim is true, or fail after some seconds."""
    until = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_redirect_is_counted_and_a_page_is_not(client, rule):
    module.tallies.forget()
    client.get("/a")
    client.post("/a")
    client.post("/a")
    client.get("/other")

    module.tallies.flush()

    assert stored() == {"GET": 1, "POST": 2}


def test_a_refused_target_is_no_hit(client, settings):
    settings.TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": ["x.example"]}
    RedirectRule.objects.schedule("/a", "https://x.example/")
    settings.TEMP_REDIRECTS = {}

    assert client.get("/a").status_code == 200
    module.tallies.flush()

    assert stored() == {}


def test_a_method_that_somebody_made_up_is_counted_as_other(fresh, rule):
    for number in range(100):
        fresh.hit(rule, f"X{number}", NOW)
    fresh.flush()

    assert stored() == {"OTHER": 100}


def test_hours_are_counted_apart_and_the_last_hit_is_kept(fresh, rule):
    fresh.hit(rule, "GET", NOW + 3_599.5)
    fresh.hit(rule, "GET", NOW + 3_600)
    fresh.flush()
    fresh.hit(rule, "GET", NOW + 3_600.25)
    fresh.flush()

    rows = HitCount.objects.order_by("hour")
    assert [row.count for row in rows] == [1, 2]
    assert [row.hour for row in rows] == [NOW // 3_600, NOW // 3_600 + 1]
    assert rows[1].last_at.timestamp() == NOW + 3_600.25


def test_no_hit_is_lost_among_sixty_four_threads(fresh, rule):
    """Written meanwhile, again and again."""
    stop = threading.Event()

    def write():
        while not stop.is_set():
            fresh.flush()
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    with ThreadPoolExecutor(64) as threads:
        list(threads.map(lambda _: fresh.hit(rule, "GET", NOW), range(64 * 200)))
    stop.set()
    writer.join()
    fresh.flush()

    assert stored() == {"GET": 64 * 200}


COUNTING = """
import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()

from django.db import connections
from temp_redirects.tallies import tallies

def count(number):
    tallies.hit(sys.argv[2], "GET", float(sys.argv[3]))
    if number % 100 == 0:  # in the way of the other processes
        tallies.flush()
        connections.close_all()

with ThreadPoolExecutor(16) as threads:
    list(threads.map(count, range(16 * 100)))
"""


def test_no_hit_is_lost_among_processes_that_write_at_once(rule):
    """Four of sixteen threads, on one row; what is left is written at their end."""
    words = [str(connection.settings_dict["NAME"]), rule, str(NOW)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    processes = [
        subprocess.Popen([sys.executable, "-c", COUNTING, *words], env=environment)
        for _ in range(4)
    ]
    codes = [process.wait(timeout=60) for process in processes]

    assert codes == [0] * 4
    assert stored() == {"GET": 4 * 16 * 100}
    assert HitCount.objects.count() == 1
    assert HitWriter.objects.count() == 4


def test_the_thread_writes_by_itself_and_then_there_is_none(fresh, rule, settings):
    settings.TEMP_REDIRECTS = {"FLUSH_SECONDS": 0.05}

    fresh.hit(rule, "GET", NOW)

    eventually(lambda: fresh._thread is None)
    assert stored() == {"GET": 1}


def test_what_comes_while_the_thread_writes_is_written_as_well(fresh, rule, settings):
    settings.TEMP_REDIRECTS = {"FLUSH_SECONDS": 0.02}

    for number in range(30):
        fresh.hit(rule, "GET", NOW + number)
        time.sleep(0.005)

    eventually(lambda: fresh._thread is None)
    assert stored() == {"GET": 30}


def test_two_first_hits_start_one_thread(fresh, rule):
    fresh.hit(rule, "GET", NOW)
    thread = fresh._thread

    fresh._start()

    assert fresh._thread is thread


def test_many_rules_are_written_before_they_are_too_many(fresh, rule, monkeypatch):
    monkeypatch.setattr(module, "MAX_KEYS", 10)

    for hour in range(5):
        fresh.hit(rule, "GET", NOW + hour * 3_600)

    eventually(lambda: fresh._thread is None)
    assert stored() == {"GET": 5}


def test_memory_is_bounded_and_what_is_left_out_is_told(fresh, rule, monkeypatch):
    monkeypatch.setattr(module, "MAX_KEYS", 3)

    for hour in range(8):
        fresh.hit(rule, "GET", NOW + hour * 3_600)
        fresh.hit(rule, "GET", NOW)
    fresh.flush()

    assert stored() == {"GET": 1 + 8 + 2}
    assert fresh.dropped == 5
    assert HitWriter.lost("default") == 5


def test_loops_are_counted_beside_hits_and_bounded_with_them(fresh, rule, monkeypatch):
    monkeypatch.setattr(module, "MAX_KEYS", 1)

    for _ in range(2):
        fresh.hit(rule, "GET", NOW)
        fresh.looped(rule, "GET", NOW)
    fresh.looped(rule, "GET", NOW + 3_600)
    fresh.flush()

    assert [*HitCount.objects.values_list("count", "loops")] == [(2, 2)]
    assert (fresh.loops, fresh.dropped) == (3, 1)


def test_loops_are_written_by_the_thread_too(fresh, rule, settings):
    settings.TEMP_REDIRECTS = {"FLUSH_SECONDS": 0.05}

    fresh.looped(rule, "BREW", NOW)

    eventually(lambda: fresh._thread is None)
    assert [*HitCount.objects.values_list("method", "loops")] == [("OTHER", 1)]


def test_when_the_process_ends_what_is_left_is_written(fresh, rule):
    fresh.hit(rule, "GET", NOW)

    fresh.finish()

    assert stored() == {"GET": 1}
    assert fresh._thread is None


def away(*query):
    raise OperationalError("server closed the connection\nunexpectedly")


def test_hits_are_kept_while_the_database_is_away(fresh, rule):
    fresh.hit(rule, "GET", NOW)
    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        fresh.flush()
    fresh.hit(rule, "GET", NOW)

    fresh.flush()

    assert stored() == {"GET": 2}
    assert HitWriter.objects.get().number == 2  # the batch that failed, and the rest


@pytest.fixture
def _no_table():
    """The table is gone, for every connection."""
    name = HitWriter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO away")
        yield
        cursor.execute(f"ALTER TABLE away RENAME TO {name}")


@pytest.mark.usefixtures("_no_table")
def test_the_thread_tries_again_and_says_so_once(fresh, rule, settings, caplog):
    settings.TEMP_REDIRECTS = {"FLUSH_SECONDS": 0.01}

    fresh.hit(rule, "GET", NOW)
    eventually(lambda: fresh.failures >= 2)
    fresh.finish()

    assert caplog.text.count("Hits cannot be written") == 1
    assert fresh._thread is None


def test_pauses_between_tries_grow_up_to_a_bound(fresh):
    pauses = [fresh._failed(DatabaseError("away")) for _ in range(12)]

    assert 60 * 0.8 <= pauses[0] <= 60 * 1.2
    assert module.MAX_PAUSE * 0.8 <= pauses[-1] <= module.MAX_PAUSE * 1.2


def test_a_batch_whose_commit_nobody_heard_of_counts_once(fresh, rule, monkeypatch):
    commit = BaseDatabaseWrapper._commit
    answers = iter([False])

    def unheard(self):
        commit(self)
        if not next(answers, True):
            raise OperationalError("connection lost after COMMIT")

    fresh.hit(rule, "GET", NOW)
    fresh.exposed(rule, "e", "b", NOW)
    fresh.converted(rule, "e", "b", NOW)
    monkeypatch.setattr(BaseDatabaseWrapper, "_commit", unheard)

    fresh.flush()

    assert next(answers, "used") == "used"
    assert stored() == {"GET": 1}
    assert arms() == [("e", "b", 1, 1)]


def test_visitors_and_conversions_are_counted_by_epoch_arm_and_hour(fresh, rule):
    fresh.exposed(rule, "e", "b", NOW)
    fresh.exposed(rule, "e", "b", NOW + 3_599)
    fresh.exposed(rule, "e", "b", NOW + 3_600)
    fresh.exposed(rule, "e", "original", NOW)
    fresh.exposed(rule, "f", "b", NOW)
    fresh.flush()
    fresh.converted(rule, "e", "b", NOW + 3_600)
    fresh.flush()

    assert sorted(arms()) == [
        ("e", "b", 1, 1),
        ("e", "b", 2, 0),
        ("e", "original", 1, 0),
        ("f", "b", 1, 0),
    ]


def test_visitors_counted_by_many_threads_are_all_there(rule):
    processes = [Tallies() for _ in range(5)]

    def count(number):
        mine = processes[number % 5]
        for _ in range(20):
            mine.exposed(rule, "e", "b", NOW)
            mine.converted(rule, "e", "b", NOW)

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(count, range(50)))
    for each in processes:
        each.finish()
        each.flush()

    assert arms() == [("e", "b", 1_000, 1_000)]


def test_of_too_many_arms_it_is_known_how_many_are_left_out(fresh, rule, monkeypatch):
    monkeypatch.setattr(module, "MAX_KEYS", 1)
    fresh.exposed(rule, "e", "b", NOW)
    fresh.exposed(rule, "e", "c", NOW)
    fresh.exposed(rule, "e", "b", NOW)

    fresh.flush()

    assert arms() == [("e", "b", 2, 0)]
    assert HitWriter.lost("default") == 1


def test_arms_of_a_deleted_rule_do_not_stop_the_others(fresh, rule):
    fresh.exposed(str(uuid4()), "e", "b", NOW)
    fresh.exposed(rule, "e", "b", NOW)
    fresh.flush()

    assert arms() == [("e", "b", 1, 0)]


def test_an_arm_that_the_database_refuses_is_set_aside_alone(fresh, rule):
    keys = [ArmKey(rule, epoch, "b", int(NOW) // 3_600) for epoch in ("e", "f")]

    def refuse(execute, sql, params, *rest):
        if "INTO" in sql and "armcount" in sql and "'f'" in repr(params):
            raise IntegrityError("refused")
        return execute(sql, params, *rest)

    with connection.execute_wrapper(refuse):
        lost = ArmCount.objects.add(dict.fromkeys(keys, ArmTally(2, 1)))

    assert lost == 3
    assert arms() == [("e", "b", 2, 1)]


def test_a_batch_of_a_process_whose_row_is_gone_is_written(fresh, rule):
    fresh.hit(rule, "GET", NOW)
    fresh.flush()
    HitWriter.objects.all().delete()

    fresh.hit(rule, "GET", NOW)
    fresh.flush()

    assert stored() == {"GET": 2}


def test_a_deleted_rule_does_not_stop_the_others(fresh, rule):
    fresh.hit(str(uuid4()), "GET", NOW)
    fresh.hit(rule, "GET", NOW)
    fresh.flush()

    assert stored() == {"GET": 1}


BIGGEST = 2**63 - 1
POISON = {  # makes the database refuse one more hit of the rule
    "sqlite": (
        "CREATE TRIGGER poison BEFORE UPDATE ON temp_redirects_hitcount"
        " WHEN NEW.method = 'PUT' BEGIN SELECT RAISE(ABORT, 'poison'); END",
        "DROP TRIGGER poison",
    ),
    "postgresql": (
        "ALTER TABLE temp_redirects_hitcount ADD CONSTRAINT poison"
        " CHECK (method <> 'PUT' OR count < 1)",
        "ALTER TABLE temp_redirects_hitcount DROP CONSTRAINT poison",
    ),
    "mysql": (
        "ALTER TABLE temp_redirects_hitcount ADD CONSTRAINT poison"
        " CHECK (method <> 'PUT' OR count < 1)",
        "ALTER TABLE temp_redirects_hitcount DROP CONSTRAINT poison",
    ),
}


@pytest.fixture
def _poison():
    before, after = POISON[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(before)
        yield
        cursor.execute(after)


@pytest.mark.usefixtures("_poison")
def test_a_count_that_the_database_refuses_is_set_aside_alone(fresh, rule, caplog):
    for method in ("GET", "PUT", "PUT", "POST"):
        fresh.hit(rule, method, NOW)
    fresh.flush()

    assert HitCount.objects.get(method="GET").count == 1
    assert HitCount.objects.get(method="POST").count == 1
    assert fresh.dropped == HitWriter.lost("default") == 2
    assert "refuses 2 counts" in caplog.text


def test_a_row_made_by_another_process_in_this_moment_is_added_to(fresh, rule):
    fresh.hit(rule, "GET", NOW)
    others = {module.Key(rule, int(NOW) // 3_600, "GET"): module.Tally(5, NOW)}

    def overtake(execute, sql, *rest):
        if "INTO" in sql and "hitcount" in sql and others:
            tallies = dict(others)
            others.clear()
            HitCount.objects.add(tallies)
        return execute(sql, *rest)

    with connection.execute_wrapper(overtake):
        fresh.flush()

    assert stored() == {"GET": 6}


def test_in_somebodys_test_case_nothing_is_written_and_no_query_is_made(
    fresh, rule, django_assert_num_queries
):
    with transaction.atomic(), django_assert_num_queries(0):
        for _ in range(3):
            fresh.hit(rule, "GET", NOW)
        assert fresh._thread is None

    fresh.flush()
    assert stored() == {"GET": 3}


def test_an_async_test_writes_nothing_and_a_server_does(fresh, rule):
    async def ask():
        fresh.hit(rule, "GET", NOW)
        in_test = fresh._thread
        async with ThreadSensitiveContext():
            fresh.hit(rule, "GET", NOW)
        return in_test

    assert asyncio.run(ask()) is None
    assert fresh._thread is not None


def test_hits_of_a_test_are_not_written_into_another_database(fresh, rule):
    fresh.hit(rule, "GET", NOW)
    fresh._database = "test_of_somebody"

    fresh.flush()

    assert stored() == {}
    assert not fresh._sealed


def test_hits_that_are_forgotten_while_they_are_written_stay_forgotten(fresh, rule):
    fresh.hit(rule, "GET", NOW)

    def forget(execute, *query):
        fresh.forget()
        return execute(*query)

    with connection.execute_wrapper(forget):
        fresh.flush()

    assert fresh._sealed is None


def test_a_redirect_is_sent_where_no_thread_can_be_started(
    fresh, rule, monkeypatch, caplog
):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    fresh.hit(rule, "GET", NOW)

    assert "cannot be started" in caplog.text
    monkeypatch.undo()
    fresh.hit(rule, "GET", NOW)
    fresh.finish()
    assert stored() == {"GET": 2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_child_process_begins_empty_and_the_parent_keeps_its_hits(fresh, rule):
    fresh.hit(rule, "GET", NOW)
    parent = fresh._writer
    kept = fresh._tallies

    fresh.after_fork()

    assert (fresh._tallies, fresh._thread) == ({}, None)
    assert fresh._writer != parent
    assert len(kept) == 1


@pytest.fixture
def sigterms():
    """The test's own handler for SIGTERM, as a server has one."""
    got = []
    before = signal.signal(signal.SIGTERM, lambda *args: got.append(args))
    yield got
    signal.signal(signal.SIGTERM, before)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def blocked():
    return signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_second_sigterm_waits_until_hits_are_written(fresh, sigterms):
    async def serve():
        module.outlive_sigterm()
        module.outlive_sigterm()  # the second time it is there already
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)

    asyncio.run(serve())
    assert len(sigterms) == 1
    assert blocked()
    signal.raise_signal(signal.SIGTERM)
    assert len(sigterms) == 1
    # What uvicorn does before it raises the signal again.
    signal.signal(signal.SIGTERM, lambda *args: sigterms.append(args))

    fresh.finish()

    assert not blocked()
    assert len(sigterms) == 2


@pytest.mark.parametrize("handler", [signal.SIG_DFL, "no loop", "other thread"])
def testsigterms_is_left_alone_where_nothing_would_be_lost(sigterms, handler):
    async def serve():
        module.outlive_sigterm()

    if handler == "no loop":
        module.outlive_sigterm()
    elif handler == "other thread":
        thread = threading.Thread(target=asyncio.run, args=[serve()])
        thread.start()
        thread.join()
    else:
        signal.signal(signal.SIGTERM, handler)
        asyncio.run(serve())

    assert not isinstance(signal.getsignal(signal.SIGTERM), module._Outliving)


def test_where_signals_cannot_be_blocked_they_are_left_alone(
    fresh, sigterms, monkeypatch
):
    monkeypatch.setattr(module, "_CAN_BLOCK", False)

    async def serve():
        module.outlive_sigterm()

    asyncio.run(serve())
    fresh.finish()

    assert not isinstance(signal.getsignal(signal.SIGTERM), module._Outliving)


def test_in_a_transaction_that_the_database_broke_nothing_is_tried_again(fresh, rule):
    tries = []

    def broken(*query):
        tries.append(query)
        raise OperationalError("broken")

    with transaction.atomic():
        fresh.hit(rule, "GET", NOW)
        with connection.execute_wrapper(broken), pytest.raises(OperationalError):
            fresh.flush()

    assert len(tries) == 1


def test_rows_have_names_for_people(fresh, rule):
    fresh.hit(rule, "GET", NOW)
    fresh.flush()

    assert str(HitCount.objects.get()) == f"{rule} GET: 1"
    assert str(HitWriter.objects.get()).endswith(":1")
