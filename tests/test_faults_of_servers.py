"""Servers whose database is in trouble: no visitor notices, and no hit is lost.

``LOCKED_SECONDS`` says for how long SQLite is locked: longer than Django waits for it.
"""

import os
import resource
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from tests.clusters import KINDS, running
from tests.serving import environment_for, schedule, serving
from tests.test_hits_of_servers import total
from tests.wires import Wire

pytestmark = pytest.mark.process

FLUSH = "0.3"  # seconds
LASTS = 1.2  # seconds of each trouble
PATIENCE = 20  # seconds
RECOVERED = 30.0  # seconds after which at most what is changed is seen again
LOCKED = float(os.environ.get("LOCKED_SECONDS", "6"))
RENAME = "ALTER TABLE temp_redirects_{} RENAME {} TO {}"

# What is done to the database, and what takes it back.
STATEMENTS = {
    "no table of rules": (
        RENAME.format("redirectrule", "", "away"),
        "ALTER TABLE away RENAME TO temp_redirects_redirectrule",
    ),
    "no table of versions": (
        RENAME.format("rulesetversion", "", "away"),
        "ALTER TABLE away RENAME TO temp_redirects_rulesetversion",
    ),
    "no table of hits": (
        RENAME.format("hitcount", "", "away"),
        "ALTER TABLE away RENAME TO temp_redirects_hitcount",
    ),
    "an older schema": (
        RENAME.format("redirectrule", "COLUMN recurrence", "away"),
        RENAME.format("redirectrule", "COLUMN away", "recurrence"),
    ),
    "a newer schema": (
        "ALTER TABLE temp_redirects_hitcount ADD COLUMN later int NOT NULL DEFAULT 0",
        "ALTER TABLE temp_redirects_hitcount DROP COLUMN later",
    ),
}


class Visitors:
    """Visitors of a redirected path: what they were answered, and how slowly."""

    def __init__(self, site) -> None:
        self.address = f"{site.url}/a"
        self.lock = threading.Lock()
        self.redirected = 0
        self.others: list[int] = []  # statuses
        self.slowest = 0.0

    def settle(self) -> None:
        """Come until every worker has read the rules, and forget what was before."""
        for _ in range(PATIENCE):
            self.others.clear()
            self.come(2.0)
            if not self.others:
                break
        self.slowest = 0.0

    def come(self, seconds: float) -> None:
        """Come one after the other from four places for so long."""
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(4) as threads:
            for each in [threads.submit(self._come, until) for _ in range(4)]:
                each.result()

    def _come(self, until: float) -> None:
        with httpx.Client(timeout=60) as client:
            while time.monotonic() < until:
                began = time.monotonic()
                status = client.get(self.address).status_code
                self.slowest = max(self.slowest, time.monotonic() - began)
                with self.lock:
                    self.redirected += status == 307
                    self.others += [status] * (status != 307)
                time.sleep(0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_visitors_notice_no_trouble_and_every_hit_is_counted_once(kind):
    with running(kind) as cluster:
        made = environment_for(cluster.url) | {"FLUSH_SECONDS": FLUSH}
        schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
        wire = Wire(cluster.port)
        wired = {"DATABASE_URL": cluster.url_at(wire.port)}
        with serving("gunicorn-preload", made | wired) as site:
            visitors = Visitors(site)
            visitors.settle()
            slowest = get_into_trouble(visitors, wire, cluster)
            cluster.start()
            recovery = recover(visitors, site)
            visitors.come(0.5)
        wire.close()
        counted = total(made)

    assert visitors.others == []
    assert visitors.redirected == counted
    assert {name: at for name, at in slowest.items() if at >= 1.0} == {}
    assert recovery < RECOVERED


def get_into_trouble(visitors, wire, cluster):
    """Return how slow the slowest answer was in each trouble, in seconds."""
    slowest = {}

    def bear(name):
        visitors.come(LASTS)
        slowest[name], visitors.slowest = visitors.slowest, 0.0

    for trouble in ("slow", "hangs"):
        wire.trouble = trouble
        bear(trouble)
    wire.trouble = "loses commits"
    bear("loses commits")
    assert wire.lost.wait(PATIENCE)  # what was counted last, perhaps
    wire.cut()
    bear("cut")
    wire.trouble = ""
    statements = {"read-only": cluster.read_only} | STATEMENTS
    for name, (begin, end) in statements.items():
        cluster.say(begin)
        bear(name)
        cluster.say(end)
    cluster.stop()
    bear("stopped")
    return slowest


def recover(visitors, site):
    """Return after how many seconds all see a change: the database is there again."""
    began = time.monotonic()
    schedule(site.environment, 'R.objects.schedule("/late", "/echo/", name="late")')
    while time.monotonic() - began < RECOVERED:
        answers = [httpx.get(f"{site.url}/late").status_code for _ in range(8)]
        visitors.redirected += answers.count(307)
        if set(answers) == {307}:
            break
        time.sleep(0.1)
    return time.monotonic() - began


def test_visitors_notice_nothing_while_sqlite_is_locked(tmp_path):
    file = tmp_path / "site.sqlite3"
    made = environment_for(f"sqlite:///{file}") | {"FLUSH_SECONDS": FLUSH}
    schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
    with serving("gunicorn-preload", made) as site:
        visitors = Visitors(site)
        visitors.settle()
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            visitors.come(LOCKED)
            other.execute("ROLLBACK")
        slowest = visitors.slowest
        visitors.come(0.5)

    assert visitors.others == []
    assert visitors.redirected == total(made)
    assert slowest < 1.0


def test_visitors_notice_nothing_while_the_disk_is_full(tmp_path):
    made = environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    made |= {"FLUSH_SECONDS": FLUSH, "SNAPSHOT_FILE": str(tmp_path / "rules.snapshot")}
    schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
    with serving("gunicorn-preload", made) as site:
        visitors = Visitors(site)
        visitors.settle()
        limit_files(site, 1)  # byte: neither the database nor the log gets any more
        schedule(made, 'R.objects.schedule("/b", "/echo/", name="b")')
        visitors.come(3.0)
        limit_files(site, resource.RLIM_INFINITY)
        slowest = visitors.slowest
        visitors.come(0.5)

    assert visitors.others == []
    assert visitors.redirected == total(made)
    assert slowest < 1.0


def limit_files(site, most):
    """Let no file grow beyond so many bytes by the workers of a site."""
    for worker in site.workers():
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
