"""Hits of real servers: all there when they end, whatever they ran on.

``KILLS`` says how many workers are ended at random moments.
"""

import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress

import httpx
import pytest

from tests.clusters import KINDS, running
from tests.serving import COMMANDS, environment_for, manage, schedule, serving

pytestmark = pytest.mark.process

SENT = 400
FLUSH = 10  # seconds, the default
PATIENCE = 60  # seconds


@pytest.fixture
def environment(tmp_path):
    made = environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
    return made


def total(environment):
    """Return the hits that are stored, asked in a process of its own."""
    code = (
        "from temp_redirects.models import HitCount as H; import json;"
        "print(json.dumps(sum(H.objects.values_list('count', flat=True))))"
    )
    printed = manage(environment, "shell", "-v0", "--command", code)
    return json.loads(printed.strip().splitlines()[-1])


def send(site, count=SENT):
    """Send that many requests from eight clients, and count the redirects."""
    client = httpx.Client(timeout=PATIENCE)
    with ThreadPoolExecutor(8) as threads, client:
        answers = threads.map(lambda _: client.get(f"{site.url}/a"), range(count))
        return sum(answer.status_code == 307 for answer in answers)


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_server_that_is_told_to_end_loses_no_hit(environment, kind):
    with serving(kind, environment) as site:
        assert send(site) == SENT
        assert send(site, 1) == 1  # nobody waits for it to be written

    assert total(environment) == SENT + 1


def test_a_server_that_is_killed_loses_the_last_interval_at_most(environment):
    with serving("gunicorn", environment) as site:
        send(site)
        time.sleep(FLUSH + 1)
        send(site, 8)
        for worker in [site.pid, *site.workers()]:
            os.kill(worker, signal.SIGKILL)

    assert total(environment) >= SENT


@pytest.mark.parametrize("kind", KINDS)
def test_servers_keep_every_hit_while_the_database_is_stopped(kind):
    with running(kind) as cluster:
        made = environment_for(cluster.url)
        schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
        with serving("gunicorn", made) as site:
            assert send(site) == SENT  # every process has read the rule
            cluster.stop()
            assert send(site) == SENT
            time.sleep(FLUSH + 1)  # each has tried to write, in vain
            assert send(site) == SENT
            cluster.start()

        assert total(made) == 3 * SENT


KILLS = int(os.environ.get("KILLS", "2"))
INTERVAL = 0.3  # seconds, FLUSH_SECONDS where workers are killed
GRACE = 1.0  # seconds that writing may take


class Senders(threading.Thread):
    """Clients who know when each redirect came, and how often nothing did."""

    def __init__(self, site) -> None:
        super().__init__()
        self.address = f"{site.url}/a"
        self.stop = threading.Event()
        self.came: list[float] = []  # monotonic seconds
        self.unanswered: list[Exception] = []

    def run(self) -> None:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(4):
                threads.submit(self._send)

    def _send(self) -> None:
        with httpx.Client(timeout=PATIENCE) as client:
            while not self.stop.is_set():
                try:
                    answer = client.get(self.address)
                except httpx.TransportError as error:
                    self.unanswered.append(error)
                else:
                    self.came += [time.monotonic()] * (answer.status_code == 307)
                time.sleep(0.005)


def end_workers(site, how):
    """End workers at random moments; return when that was, in monotonic seconds."""
    chance = random.Random()  # noqa: S311
    ended = []
    for _ in range(KILLS):
        time.sleep(chance.uniform(2, 4))
        with suppress(ProcessLookupError):  # one that was told to end before, just now
            os.kill(chance.choice(site.workers()), how)
        ended.append(time.monotonic())
    time.sleep(INTERVAL)
    return ended


def hits_while_workers_end(kind, folder, how, interval):
    """Return what senders know, when workers ended, and the hits that are stored."""
    with running(kind) if kind else nullcontext() as cluster:
        url = cluster.url if cluster else f"sqlite:///{folder / 'site.sqlite3'}"
        made = environment_for(url) | {"FLUSH_SECONDS": str(interval)}
        schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
        with serving("gunicorn-preload", made) as site:
            senders = Senders(site)
            senders.start()
            ended = end_workers(site, how)
            senders.stop.set()
            senders.join()
        return senders, ended, total(made)


on_each_database = pytest.mark.parametrize(
    "kind", [pytest.param(None, id="SQLite"), *KINDS]
)


@on_each_database
def test_of_a_killed_worker_the_last_interval_is_lost_and_nothing_twice(kind, tmp_path):
    senders, ended, counted = hits_while_workers_end(
        kind, tmp_path, signal.SIGKILL, INTERVAL
    )

    sent = len(senders.came)
    in_doubt = [
        came
        for came in senders.came
        if any(at - INTERVAL - GRACE < came <= at for at in ended)
    ]
    assert sent - len(in_doubt) <= counted <= sent + len(senders.unanswered)


@on_each_database
def test_a_worker_that_is_told_to_end_at_any_moment_loses_nothing(kind, tmp_path):
    senders, _, counted = hits_while_workers_end(kind, tmp_path, signal.SIGTERM, FLUSH)

    assert senders.unanswered == []
    assert counted == len(senders.came)
