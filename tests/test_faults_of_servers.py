"""Servers whose database is in trouble: no visitor notices, and no hit is lost."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from tests.clusters import needs_postgresql, postgresql
from tests.serving import environment_for, schedule, serving
from tests.test_hits_of_servers import total
from tests.wires import Wire

pytestmark = pytest.mark.process

FLUSH = "0.3"  # seconds
LASTS = 1.2  # seconds of each trouble
RENAME = "ALTER TABLE temp_redirects_{} RENAME {} TO {}"

# What is done to PostgreSQL, and what takes it back.
STATEMENTS = {
    "read-only": (
        "ALTER SYSTEM SET default_transaction_read_only = on",
        "ALTER SYSTEM RESET default_transaction_read_only",
    ),
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
        """Come until every worker has started and read the rules; forget the rest."""
        self.come(3.0)
        self.others.clear()
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


def said(url, *statements):
    """Have PostgreSQL do something, whatever it may do else."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for statement in (*statements, "SELECT pg_reload_conf()"):
            connection.execute(statement)


@needs_postgresql
def test_visitors_notice_no_trouble_of_postgresql_and_every_hit_is_counted_once():
    with postgresql() as cluster:
        made = environment_for(cluster.url) | {"FLUSH_SECONDS": FLUSH}
        schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
        wire = Wire(cluster.port)
        wired = f"postgres://postgres@127.0.0.1:{wire.port}/postgres?sslmode=disable"
        with serving("gunicorn", made | {"DATABASE_URL": wired}) as site:
            visitors = Visitors(site)
            visitors.settle()
            slowest = get_into_trouble(visitors, wire, cluster.url)
            wire.trouble = ""
            visitors.come(0.5)
        wire.close()
        counted = total(made)

    assert visitors.others == []
    assert visitors.redirected == counted
    assert {name: at for name, at in slowest.items() if at >= 1.0} == {}


def get_into_trouble(visitors, wire, url):
    """Return how slow the slowest answer was in each trouble, in seconds."""
    slowest = {}

    def bear(name):
        visitors.come(LASTS)
        slowest[name], visitors.slowest = visitors.slowest, 0.0

    for trouble in ("slow", "hangs", "loses commits"):
        wire.trouble = trouble
        bear(trouble)
        wire.trouble = ""
    assert wire.lost.is_set()
    wire.cut()
    bear("cut")
    wire.trouble = ""
    for name, (begin, end) in STATEMENTS.items():
        said(url, begin)
        bear(name)
        said(url, end)
    return slowest


def test_visitors_notice_nothing_while_sqlite_is_locked(tmp_path):
    file = tmp_path / "site.sqlite3"
    made = environment_for(f"sqlite:///{file}") | {"FLUSH_SECONDS": FLUSH}
    schedule(made, 'R.objects.schedule("/a", "/echo/", name="a")')
    with serving("gunicorn-preload", made) as site:
        visitors = Visitors(site)
        visitors.settle()
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            visitors.come(6.0)  # longer than Django waits for it
            other.execute("ROLLBACK")
        slowest = visitors.slowest
        visitors.come(0.5)

    assert visitors.others == []
    assert visitors.redirected == total(made)
    assert slowest < 1.0
