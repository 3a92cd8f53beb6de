"""Redirects that come back between real servers, and visitors who only come again."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from temp_redirects.core.hops import PROBE
from temp_redirects.signing import HOP
from tests.circles import DROPS, KEEPS, MOVED, Cdn, Host, answering
from tests.serving import environment_for, manage, schedule, serving

pytestmark = pytest.mark.process

MOST = 20  # redirects that browsers follow
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
API = {"Accept": "application/json"}
SCRIPT = {"Sec-Fetch-Mode": "cors", "Accept": "*/*"}
TIMEOUT = 60  # seconds


@pytest.fixture
def other():
    """Another host, which sends everything back to the site."""
    with answering(Host) as server:
        yield server


@pytest.fixture
def environment(tmp_path, other):
    made = environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    return made | {"MORE_TARGET_HOSTS": other.url}


def visitor(headers, **options):
    return httpx.Client(
        headers=headers, timeout=TIMEOUT, max_redirects=MOST, trust_env=False, **options
    )


def counted(environment):
    """Return the hits and loops that are stored, asked in a process of its own."""
    code = (
        "from temp_redirects.models import HitCount as H; import json;"
        "print(json.dumps([*H.objects.values_list('count', 'loops')]))"
    )
    rows = json.loads(manage(environment, "shell", "-v0", "--command", code))
    return [sum(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("kind", ["gunicorn", "uvicorn"])
def test_what_another_host_sends_back_ends_with_the_page(environment, other, kind):
    schedule(environment, f'R.objects.schedule("/a", "{other.url}{KEEPS}/a")')

    with serving(kind, environment) as site, visitor(BROWSER) as who:
        other.site = site.url
        answer = who.get(f"{site.url}/a?x=1", follow_redirects=True)

    assert (answer.status_code, answer.text) == (200, "original /a")
    assert answer.url.params["x"] == "1"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert len(answer.history) == 2 * PROBE
    assert counted(environment) == [PROBE, 1]


def test_what_a_cdn_sends_back_ends_with_the_page(environment):
    schedule(environment, f'R.objects.schedule("/a", "{MOVED}")')

    with (
        serving("gunicorn", environment) as site,
        answering(Cdn, "127.0.0.1") as cdn,
        visitor(BROWSER) as who,
    ):
        cdn.site = site.url
        answer = who.get(f"{cdn.url}/a", follow_redirects=True)

    assert (answer.status_code, answer.text) == (200, "original /a")
    assert len(answer.history) == 2 * PROBE
    assert counted(environment) == [PROBE, 1]


def test_what_drops_the_query_is_left_to_the_browser(environment, other):
    schedule(environment, f'R.objects.schedule("/a", "{other.url}{DROPS}/a")')

    with serving("gunicorn", environment) as site, visitor(BROWSER) as who:
        other.site = site.url
        with pytest.raises(httpx.TooManyRedirects):
            who.get(f"{site.url}/a", follow_redirects=True)

    assert counted(environment)[1] == 0


def test_maintenance_that_is_sent_back_stays_closed(environment, other):
    code = (
        "from temp_redirects.models import MaintenanceWindow as W;"
        f'W.objects.schedule("w", ["/a"], target="{other.url}{KEEPS}/a")'
    )
    manage(environment, "shell", "--command", code)

    with serving("gunicorn", environment) as site, visitor(BROWSER) as who:
        other.site = site.url
        with pytest.raises(httpx.TooManyRedirects):
            who.get(f"{site.url}/a", follow_redirects=True)

        assert HOP not in who.cookies


INNOCENT = {
    "a browser that reloads": (BROWSER, 1),
    "a browser with many tabs": (BROWSER, 8),
    "scripts of a page": (SCRIPT, 8),
    "a program with a session": (API, 1),
}


@pytest.mark.parametrize(("headers", "at_once"), INNOCENT.values(), ids=INNOCENT)
def test_who_only_comes_again_is_redirected_each_time(environment, headers, at_once):
    schedule(environment, 'R.objects.schedule("/a", "/echo/")')

    with (
        serving("gunicorn", environment) as site,
        visitor(headers, follow_redirects=True) as who,
        ThreadPoolExecutor(at_once) as threads,
    ):
        asked = threads.map(lambda _: who.get(f"{site.url}/a?x=1"), range(MOST))
        answers = [*asked]

    assert {(each.url.path, len(each.history)) for each in answers} == {("/echo/", 1)}
    assert {each.url.params["x"] for each in answers} == {"1"}
    marked = sum(HOP in each.url.params for each in answers)
    if headers is not BROWSER:
        assert marked == 0
    elif at_once == 1:  # tabs at once take the trail from each other
        assert marked > 0
    assert counted(environment) == [MOST, 0]
