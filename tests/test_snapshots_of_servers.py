"""Servers that start while the database is away, from what another one left."""

import os
import subprocess
import sys
import time

import httpx
import pytest

from tests.serving import ROOT, environment_for, schedule, serving
from tests.wires import silent

pytestmark = pytest.mark.process

ASKED = 6  # times, each on a connection of its own, so that every worker answers


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The environment of a server that has run and left its rules in a file."""
    folder = tmp_path_factory.mktemp("left")
    file = folder / "rules.snapshot"
    environment = environment_for(f"sqlite:///{folder / 'site.sqlite3'}")
    environment["SNAPSHOT_FILE"] = str(file)
    schedule(environment, 'R.objects.schedule("/a", "/echo/", name="a")')
    with serving("uvicorn", environment) as site:
        until = time.monotonic() + 10
        while not file.exists() and time.monotonic() < until:
            httpx.get(f"{site.url}/a")
            time.sleep(0.05)
    assert file.exists()
    return environment


CHECKING = """
from django.core.management import call_command
from temp_redirects.store import store
call_command("temp_redirects", "selfcheck", "a", "--visitors", "1000")
print("serves", store.is_serving)
"""


def test_a_command_that_makes_the_middleware_leaves_the_file_to_servers(tmp_path):
    environment = environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    arms = "[{'target': '/b', 'percentage': 50}]"
    schedule(environment, f'R.objects.schedule("/a", {arms}, name="a")')

    done = subprocess.run(
        [sys.executable, "-m", "django", "shell", "--command", CHECKING],
        env=environment | {"SNAPSHOT_FILE": str(tmp_path / "rules.snapshot")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "1,000" in done.stdout
    assert done.stdout.endswith("serves False\n")


def ask(site, path="/a"):
    """Return the statuses, and the seconds that the slowest answer took."""
    statuses, slowest = set(), 0.0
    for _ in range(ASKED):
        began = time.monotonic()
        statuses.add(httpx.get(f"{site.url}{path}", timeout=30).status_code)
        slowest = max(slowest, time.monotonic() - began)
    return statuses, slowest


@pytest.mark.parametrize("kind", ["gunicorn-preload", "uvicorn"])
def test_a_server_starts_from_the_file_while_the_database_hangs(left, kind, capfd):
    pytest.importorskip("psycopg")
    with silent() as port:
        database = f"postgres://postgres@127.0.0.1:{port}/postgres"
        with serving(kind, left | {"DATABASE_URL": database}) as site:
            statuses, slowest = ask(site)

    assert statuses == {307}
    assert slowest < 1.0
    told = capfd.readouterr().err
    assert "the rules of SNAPSHOT_FILE, written 20" in told
    assert told.count("SNAPSHOT_FILE") <= 2  # once in a worker


def test_a_server_starts_from_the_file_while_the_database_is_away(left, capfd):
    database = "sqlite:////nonexistent/site.sqlite3"
    with serving("gunicorn-preload", left | {"DATABASE_URL": database}) as site:
        statuses, slowest = ask(site)

    assert statuses == {307}
    assert slowest < 1.0
    assert "requests go on with the rules of SNAPSHOT_FILE" in capfd.readouterr().err


KILLED = 6
KILLING = """
import os, random, signal, sys, time, uuid
from pathlib import Path
import django
django.setup()
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.models.versions import Version
from temp_redirects.snapshots import Snapshot, read, write

file, generation, chance = Path(sys.argv[1]), uuid.UUID(int=7), random.Random(7)
rules = [(str(n), str(n), "exact", f"/{n}", (("a", "", "/b"),)) for n in range(3000)]
ruleset = Ruleset(rules)
number = 1
write(file, Snapshot(Version(generation, number), ruleset))
for _ in range(int(sys.argv[2])):
    begun = file.stat()
    child = os.fork()
    while not child:
        number += 1
        write(file, Snapshot(Version(generation, number), ruleset))
    while os.path.samestat(begun, file.stat()):
        time.sleep(0.01)  # until it has written once
    time.sleep(chance.random() / 10)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    found = read(file)
    assert list(found.ruleset.records()) == rules, "half of the rules"
    assert found.version.number >= number, "older rules over newer ones"
    number = found.version.number
print(number)
"""


def test_a_process_killed_while_it_writes_leaves_a_whole_file(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
    }
    file = tmp_path / "rules.snapshot"

    done = subprocess.run(
        [sys.executable, "-c", KILLING, str(file), str(KILLED)],
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.stderr == ""
    assert int(done.stdout) > KILLED  # it was killed while it wrote, not before
    assert {each.name for each in tmp_path.iterdir()} <= {
        "rules.snapshot",
        "rules.snapshot.lock",
        "rules.snapshot.new",
    }
