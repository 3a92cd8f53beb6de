"""Maintenance at real servers: processes agree, and PostgreSQL may be away."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.commands.running import COMMAND
from tests.serving import (
    COMMANDS,
    environment_for,
    free_port,
    manage,
    schedule,
    serving,
)

pytestmark = pytest.mark.process

LIVE_WITHIN = 2.0  # seconds: REFRESH_SECONDS and one more
ASKED = 8  # times, each on a connection of its own, so that every worker answers


def statuses(site, path: str) -> set[int]:
    return {httpx.get(f"{site.url}{path}").status_code for _ in range(ASKED)}


def settled(site, path: str) -> set[int]:
    """Return what every process answers after the time that a change may take."""
    until = time.monotonic() + LIVE_WITHIN
    while time.monotonic() < until:  # visitors keep coming meanwhile
        statuses(site, path)
        time.sleep(0.1)
    return statuses(site, path)


def maintenance(environment, *words: str) -> str:
    return manage(environment, COMMAND, "maintenance", *words)


def open_windows(environment, *windows: str) -> None:
    """Make windows in another process, by the calls a developer would write."""
    code = "; ".join(
        [
            "from datetime import timedelta",
            "from django.utils.timezone import now",
            "from temp_redirects.models import MaintenanceWindow as M",
            *windows,
        ]
    )
    manage(environment, "shell", "--command", code)


def test_all_processes_agree_within_two_seconds_of_a_change(tmp_path):
    environment = environment_for(f"sqlite:///{tmp_path}/site.sqlite3")
    with serving("gunicorn", environment) as site:
        seen = [settled(site, "/shop/")]
        for words in (
            ("on", "--for", "1h", "--path", "/shop/", "--no-staff-pass"),
            ("off",),
        ):
            maintenance(environment, *words)
            seen.append(settled(site, "/shop/"))
    assert seen == [{200}, {307}, {200}]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_kill_switch_is_live_in_all_processes_within_two_seconds(tmp_path, command):
    environment = environment_for(f"sqlite:///{tmp_path}/site.sqlite3")
    schedule(environment, 'R.objects.schedule("/old/", "/new/", name="moved")')
    with serving(command, environment) as site:
        seen = [settled(site, "/old/")]
        for words in (("off", "--for", "1h"), ("on",)):
            manage(environment, COMMAND, *words)
            seen.append(settled(site, "/old/"))
    assert seen == [{307}, {200}, {307}]


# A cluster of our own, to be stopped in the middle

BINARIES = Path(os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin"))


def control(data: Path, *words: str) -> None:
    """Run ``pg_ctl`` as somebody who may: PostgreSQL refuses to be root."""
    as_other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run(
        [*as_other, str(BINARIES / "pg_ctl"), "-D", str(data), "-w", *words],
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def cluster(folder: Path):
    """Run PostgreSQL in a folder while the block lasts; yields its data and address."""
    data, port = folder / "data", free_port()
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    control(data, "init", "-o", "-U postgres -A trust --no-sync")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
    control(data, "start", "-l", str(folder / "log"), "-o", options)
    try:
        yield data, f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            control(data, "stop", "-m", "immediate")


@pytest.mark.skipif(not BINARIES.exists(), reason=f"needs PostgreSQL in {BINARIES}")
def test_with_postgresql_stopped_a_window_opens_tells_and_closes_on_time():
    pytest.importorskip("psycopg")
    # Not pytest's own folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="temp-redirects-pg-"))
    try:
        with cluster(folder) as (data, address):
            told = watch_a_window_without_the_database(data, address)
    finally:
        shutil.rmtree(folder)
    before, during, notice, after = told
    assert (before, during, after) == ({200}, {307}, {200})
    assert notice.status_code == 503
    assert "The shop is being updated" in notice.text
    assert 0 < int(notice.headers["Retry-After"]) < 60


def watch_a_window_without_the_database(data: Path, address: str):
    """Return what visitors see before, in and after a window; the database is away."""
    environment = environment_for(address)
    starts, ends = 25, 35  # seconds from now, written by the other process
    with serving("gunicorn", environment) as site:
        open_windows(
            environment,
            "M.objects.schedule('known', ['/known/'], staff_pass=False)",
            f"M.objects.schedule('shop', ['/shop/'], staff_pass=False, "
            f"title='The shop is being updated', "
            f"starts_at=now() + timedelta(seconds={starts}), "
            f"ends_at=now() + timedelta(seconds={ends}))",
        )
        written = time.time()
        assert settled(site, "/known/") == {307}  # every process has read both
        control(data, "stop", "-m", "immediate")
        before = statuses(site, "/shop/")
        time.sleep(max(0, written + starts - time.time()) + 0.5)
        during = statuses(site, "/shop/")
        notice = httpx.get(f"{site.url}/shop/", follow_redirects=True)
        time.sleep(max(0, written + ends - time.time()) + 0.5)
        return before, during, notice, statuses(site, "/shop/")
