"""What the clients that people and programs use make of a maintenance window."""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx
import pytest

from tests.serving import environment_for, manage, serving

pytestmark = pytest.mark.process

WORKERS = range(8)  # requests, so that each of the two workers is asked
ENDS = int(time.time()) + 3_600
NOTICE = "/maintenance/notice/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

WINDOWS = f"""
from datetime import UTC, datetime
from temp_redirects.models import MaintenanceWindow as W
ends = datetime.fromtimestamp({ENDS}, UTC)
close = W.objects.schedule
close("pages", ["/shop/"], ends_at=ends, staff_pass=False, message="Back soon.")
close("api", ["/api/"], ends_at=ends, staff_pass=False, api="503")
close("all", ["/site/", "/robots.txt", "/.well-known/", "/static/", "/admin/"])
"""


@pytest.fixture(scope="module", params=["gunicorn", "uvicorn"])
def site(request, tmp_path_factory):
    database = tmp_path_factory.mktemp("site") / "site.sqlite3"
    environment = environment_for(f"sqlite:///{database}")
    manage(environment, "shell", "--command", WINDOWS.strip())
    with serving(request.param, environment) as running:
        wait_until_closed(running, "/shop/")
        yield running


def wait_until_closed(site, path):
    """Return when every worker knows; on a busy machine the first load takes long."""
    until, statuses = time.monotonic() + 60, set()
    while statuses != {307}:
        assert time.monotonic() < until
        url = f"{site.url}{path}"
        statuses = {httpx.get(url, timeout=30).status_code for _ in WORKERS}


def curl(*words):
    done = subprocess.run(
        ["curl", "-s", "--max-time", "20", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.replace("\r", "")


def fields(head):
    pairs = (line.partition(": ") for line in head.splitlines() if ": " in line)
    return {name.lower(): value for name, _, value in pairs}


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")


@needs_curl
def test_curl_follows_to_the_notice_with_its_form(site):
    printed = curl(
        *("-iL", "-d", "name=Ada", "-H", f"Origin: {site.url}", f"{site.url}/shop/")
    )

    first, second, page = printed.split("\n\n", 2)
    assert "307 Temporary Redirect" in first
    assert "retry-after" not in fields(first)  # some clients would sleep on it
    assert "503 Service Unavailable" in second
    assert 3_000 < int(fields(second)["retry-after"]) <= 3_630
    assert fields(second)["cache-control"] == "no-store"
    assert fields(second)["x-robots-tag"] == "noindex"
    assert 'name="name" value="Ada"' in page


@needs_curl
def test_curl_without_following_learns_where_the_notice_is(site):
    head = curl("-I", f"{site.url}/shop/cart?a=1")

    assert "307 Temporary Redirect" in head
    assert fields(head)["location"].startswith(f"{NOTICE}pages/?next=/shop/cart")


def test_a_json_client_learns_when_to_come_back(site):
    answer = httpx.post(
        f"{site.url}/shop/orders",
        json={"sku": "mug"},
        headers={"Accept": "application/json"},
        follow_redirects=True,
    )

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    ends = datetime.fromtimestamp(ENDS, UTC)
    assert datetime.fromisoformat(answer.json()["ends_at"]) == ends
    assert answer.json()["retry_after"] == int(answer.headers["Retry-After"])


CALLERS = {
    "a JSON client": {"Accept": "application/json"},
    "fetch": {
        "Accept": "*/*",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "cross-site",
    },
    "HTMX": {"Accept": "*/*", "HX-Request": "true"},
    "a client that says nothing": {"Accept": "*/*"},
}


@pytest.mark.parametrize("headers", CALLERS.values(), ids=CALLERS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_client_that_does_not_follow_gets_the_answer_in_place(site, method, headers):
    answer = httpx.request(method, f"{site.url}/api/orders", headers=headers)

    assert answer.status_code == 503
    assert answer.json()["status"] == 503
    assert 3_000 < int(answer.headers["Retry-After"]) <= 3_630


def test_a_browser_is_sent_to_the_page_all_the_same(site):
    answer = httpx.get(
        f"{site.url}/api/orders",
        headers={"Accept": BROWSER, "Sec-Fetch-Mode": "navigate"},
    )

    assert answer.status_code == 307


@pytest.mark.parametrize("headers", [CALLERS["fetch"], CALLERS["HTMX"]])
def test_a_script_that_follows_gets_no_page_into_its_fragment(site, headers):
    answer = httpx.get(f"{site.url}/shop/part", headers=headers, follow_redirects=True)

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_crawler_keeps_what_it_knows_and_asks_again(site):
    crawler = {
        "User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; "
        "+http://www.google.com/bot.html)",
        "Accept": "text/html,application/xhtml+xml,application/signed-exchange;v=b3,"
        "application/xml;q=0.9,*/*;q=0.8",
    }

    answer = httpx.get(f"{site.url}/shop/", headers=crawler, follow_redirects=True)

    assert [each.status_code for each in answer.history] == [307]
    assert answer.history[0].headers["Cache-Control"] == "no-store"
    assert answer.status_code == 503
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize("path", ["/shop/", "/api/orders"])
def test_a_preflight_is_no_redirect_and_no_refusal(site, path):
    answer = httpx.options(
        f"{site.url}{path}",
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "PUT",
        },
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/robots.txt", "/.well-known/security.txt", "/health/", "/admin/login/"]
)
def test_robots_health_checks_and_the_admin_stay_open(site, path):
    assert httpx.get(f"{site.url}{path}").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Accept": BROWSER}])
def test_head_tells_the_same_without_a_page(site, headers):
    answer = httpx.head(f"{site.url}{NOTICE}pages/", headers=headers)

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert answer.content == b""


URLLIB = """
import sys
from urllib.error import HTTPError
from urllib.request import urlopen
try:
    urlopen(sys.argv[1])
except HTTPError as answer:
    print(answer.code, answer.headers["Retry-After"])
    answer.close()
"""
REQUESTS = """
import sys, requests
answer = requests.post(sys.argv[1], data={"name": "Ada"}, timeout=20)
print(answer.status_code, answer.headers["Retry-After"])
"""
URLLIB3 = """
import sys, urllib3
pool = urllib3.connectionpool.connection_from_url(sys.argv[1])
answer = pool.request("GET", "/soon/", timeout=20)
print(answer.status, answer.data.decode())
"""


def run(program, url):
    """Run a client in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, url],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


@pytest.mark.parametrize("program", [URLLIB, REQUESTS], ids=["urllib", "requests"])
def test_the_clients_of_python_follow_at_once(site, program):
    pytest.importorskip("requests", reason="needs the extra test")

    status, retry_after = run(program, f"{site.url}/shop/").split()

    assert status == "503"
    assert int(retry_after) > 3_000


def test_urllib3_waits_for_the_end_and_no_longer_and_has_its_page(site):
    """On a 307 its pools would sleep as well, before they have even asked."""
    pytest.importorskip("requests", reason="needs the extra test")
    ends = int(time.time()) + 25
    manage(
        site.environment,
        "shell",
        "--command",
        "from datetime import UTC, datetime;"
        "from temp_redirects.models import MaintenanceWindow as W;"
        "W.objects.schedule('soon', ['/soon/'], staff_pass=False,"
        f"ends_at=datetime.fromtimestamp({ends}, UTC))",
    )
    wait_until_closed(site, "/soon/")

    printed = run(URLLIB3, f"{site.url}/soon/")

    assert printed == "200 original /soon/\n"
    assert time.time() >= ends
