"""Hits of real servers: all there when they end, whatever they ran on."""

import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.clusters import needs_postgresql, postgresql
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
        found = subprocess.run(
            ["pgrep", "-f", f"bind=127.0.0.1:{site.port}"],
            capture_output=True,
            check=True,
            text=True,
        )
        for worker in map(int, found.stdout.split()):
            os.kill(worker, signal.SIGKILL)

    assert total(environment) >= SENT


@needs_postgresql
def test_servers_keep_every_hit_while_postgresql_is_stopped():
    with postgresql() as cluster:
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
