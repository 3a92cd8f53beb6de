"""Splits behind real servers: every process decides alike, before and after."""

import time
from collections import Counter
from itertools import cycle

import httpx
import pytest

from tests.serving import environment_for, schedule, serving

pytestmark = pytest.mark.process

JARS = 1_000
LIVE_WITHIN = 2.0  # seconds
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
HOSTS = ("one", "two", "three")
SPLIT = "[{'label': each, 'target': f'/{each}/'} for each in ('one', 'two', 'three')]"
DRAINED = (
    "[{'label': 'one', 'target': '/one/'},"
    " {'label': 'two', 'target': '/two/', 'percentage': 0},"
    " {'label': 'three', 'target': '/three/'}]"
)


@pytest.fixture
def environment(tmp_path):
    return environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")


def rule(environment, split, **keys):
    options = "".join(f", {key}={value!r}" for key, value in keys.items())
    call = f"R.objects.schedule('/load/', {split}, name='load'{options})"
    schedule(environment, call)


def ask(client, site, jar):
    """Return the host that a browser with this jar of cookies is sent to."""
    client.cookies = httpx.Cookies(jar)
    answer = client.get(f"{site.url}/load/")
    jar.update(answer.cookies)
    return answer.headers.get("Location", "original").strip("/")


def ask_all(sites, jars):
    with httpx.Client(headers=BROWSER, timeout=60) as client:
        turns = zip(cycle(sites), jars, strict=False)
        return [ask(client, site, jar) for site, jar in turns]


def test_after_draining_a_host_no_jar_of_the_other_two_moves(environment):
    """Three processes on three ports, asked in turn; one host is drained meanwhile."""
    rule(environment, SPLIT)
    jars = [{} for _ in range(JARS)]
    with (
        serving("gunicorn", environment) as first,
        serving("gunicorn", environment) as second,
        serving("gunicorn", environment) as third,
    ):
        before = ask_all([first, second, third], jars)
        assert ask_all([second, third, first], jars) == before
        rule(environment, DRAINED)
        time.sleep(LIVE_WITHIN)
        after = ask_all([third, first, second], jars)
    shares = Counter(before)
    assert set(shares) == set(HOSTS)
    assert all(abs(n - JARS / 3) < 4 * (JARS * 2 / 9) ** 0.5 for n in shares.values())
    moved = {(old, new) for old, new in zip(before, after, strict=True) if old != new}
    assert moved == {("two", "one"), ("two", "three")}


@pytest.mark.parametrize("kind", ["gunicorn", "uvicorn"])
def test_who_is_in_an_experiment_stays_over_restarts(environment, kind):
    half = "[{'label': 'b', 'target': '/b/', 'percentage': 50}]"
    rule(environment, half, goal="/thanks/")
    jars = [{} for _ in range(60)]
    with serving(kind, environment) as site:
        before = ask_all([site], jars)
    assert set(before) == {"b", "original"}
    rule(environment, half.replace("50", "1"), goal="/thanks/")
    with serving(kind, environment) as site:
        assert ask_all([site], jars) == before


@pytest.mark.parametrize("kind", ["gunicorn", "uvicorn"])
def test_a_prefetch_is_refused_and_the_visit_answered(environment, kind):
    half = "[{'label': 'b', 'target': '/b/', 'percentage': 50}]"
    rule(environment, half, goal="/thanks/")
    with (
        serving(kind, environment) as site,
        httpx.Client(base_url=site.url, headers=BROWSER, timeout=60) as client,
    ):
        guess = client.get("/load/", headers={"Sec-Purpose": "prefetch;prerender"})
        kept = dict(client.cookies)
        visit = client.get("/load/")
    assert (guess.status_code, guess.headers["Cache-Control"]) == (503, "no-store")
    assert (guess.content, kept) == (b"", {})
    assert visit.status_code != 503
    assert "temp_redirects" in visit.cookies
