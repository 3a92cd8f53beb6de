"""Maintenance at real servers: processes agree, and PostgreSQL may be away."""

import time

import httpx
import pytest

from tests.clusters import KINDS, Cluster, running
from tests.commands.running import COMMAND
from tests.serving import (
    COMMANDS,
    environment_for,
    manage,
    schedule,
    serving,
)

pytestmark = pytest.mark.process

LIVE_WITHIN = 2.0  # seconds: REFRESH_SECONDS and one more
ASKED = 8  # times, each on a connection of its own, so that every worker answers


# Of somebody who may be signed in: whether it is staff, only the database knows.
SESSION = {"Cookie": "sessionid=0123456789abcdefghijklmnopqrstuv"}


def statuses(site, path: str, headers: dict[str, str] | None = None) -> set[int]:
    url = f"{site.url}{path}"
    # On a busy machine the first answer of a worker takes long.
    return {
        httpx.get(url, headers=headers, timeout=60).status_code for _ in range(ASKED)
    }


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


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_database_stopped_a_window_opens_tells_and_closes_on_time(kind):
    with running(kind) as cluster:
        told = watch_a_window_without_the_database(cluster)
    before, during, notice, after = told
    assert (before, during, after) == ({200}, {307}, {200})
    assert notice.status_code == 503
    assert "The shop is being updated" in notice.text
    assert 0 < int(notice.headers["Retry-After"]) < 90


def watch_a_window_without_the_database(cluster: Cluster):
    """Return what visitors see before, in and after a window; the database is away."""
    environment = environment_for(cluster.url)
    starts, ends = 40, 60  # seconds from now, written by the other process
    with serving("gunicorn", environment) as site:
        statuses(site, "/known/")  # every worker is up
        open_windows(
            environment,
            "M.objects.schedule('known', ['/known/'], staff_pass=False)",
            f"M.objects.schedule('shop', ['/shop/'], "
            f"title='The shop is being updated', "
            f"starts_at=now() + timedelta(seconds={starts}), "
            f"ends_at=now() + timedelta(seconds={ends}))",
        )
        written = time.time()
        assert settled(site, "/known/") == {307}  # every process has read both
        cluster.stop()
        before = statuses(site, "/shop/")
        time.sleep(max(0, written + starts - time.time()) + 0.5)
        during = statuses(site, "/shop/") | statuses(site, "/shop/", SESSION)
        notice = httpx.get(f"{site.url}/shop/", follow_redirects=True)
        time.sleep(max(0, written + ends - time.time()) + 0.5)
        return before, during, notice, statuses(site, "/shop/")
