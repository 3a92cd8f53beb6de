"""What clients see of real servers: gunicorn with workers, preloaded, and uvicorn."""

import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import httpx
import pytest

from tests.serving import COMMANDS, environment_for, manage, schedule, serving

pytestmark = pytest.mark.process

LIVE_WITHIN = 2.0  # seconds: REFRESH_SECONDS and one more

RULES = """
add = R.objects.schedule
add("/submit-data", "/echo/", name="submit-data")
add("/account-statements", "https://partner.example/account-statements")
add("/api/v1/submit", "/echo/", name="api")
add("/shown", "/echo/", status=303)
add("/old/", "/echo/{rest}", match="prefix")
"""

BODIES = {
    "form": (b"name=Ada&note=%C3%A9+%26", "application/x-www-form-urlencoded"),
    "json": ('{"name": "Ada", "ä": [1, 2]}'.encode(), "application/json"),
    "multipart": (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n"
        + bytes(range(256)) * 4_000
        + b"\r\n--edge--\r\n",
        "multipart/form-data; boundary=edge",
    ),
}


@pytest.fixture(scope="module", params=COMMANDS)
def site(request, tmp_path_factory):
    database = tmp_path_factory.mktemp("site") / "site.sqlite3"
    environment = environment_for(f"sqlite:///{database}")
    schedule(environment, RULES.strip().replace("\n", "; "))
    with serving(request.param, environment) as running:
        yield running


def head_of(answer: bytes) -> list[str]:
    return answer.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def field(lines: list[str], name: str) -> list[str]:
    return [
        line.partition(":")[2].strip()
        for line in lines
        if line.lower().startswith(f"{name.lower()}:")
    ]


EXCHANGES = {
    "a form to a path that moved": (
        b"POST /submit-data HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\n"
        b"name=Ada",
        "/echo/",
    ),
    "a page that another host serves": (
        b"GET /account-statements HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"\r\n",
        "https://partner.example/account-statements",
    ),
    "JSON to an API's next version": (
        b"POST /api/v1/submit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a": 12}',
        "/echo/",
    ),
}


@pytest.mark.parametrize(("sent", "location"), EXCHANGES.values(), ids=EXCHANGES)
def test_the_exchange_is_as_the_standard_shows_it(site, sent, location):
    lines = head_of(site.exchange(sent))

    assert re.fullmatch(r"HTTP/1\.[01] 307 Temporary Redirect", lines[0])
    assert field(lines, "Location") == [location]
    assert field(lines, "Cache-Control") == ["no-store"]
    assert field(lines, "X-Redirect-By") == ["temp_redirects"]


def test_head_has_the_fields_of_get_and_no_content(site):
    get, head = (
        site.exchange(
            b"%s /submit-data HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            % method
        )
        for method in (b"GET", b"HEAD")
    )

    assert head.partition(b"\r\n\r\n")[2] == b""
    assert b"/echo/" in get.partition(b"\r\n\r\n")[2]
    for name in ("Location", "Content-Length", "Content-Type"):
        assert field(head_of(head), name) == field(head_of(get), name)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("content", BODIES)
def test_httpx_brings_the_body_to_the_target_byte_by_byte(site, method, content):
    body, kind = BODIES[content]

    answer = httpx.request(
        method,
        f"{site.url}/api/v1/submit",
        content=body,
        headers={"Content-Type": kind},
        follow_redirects=True,
    ).json()

    assert answer["method"] == method
    assert answer["sha256"] == sha256(body).hexdigest()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("content", BODIES)
def test_curl_brings_the_body_to_the_target_byte_by_byte(
    site, method, content, tmp_path
):
    body, kind = BODIES[content]
    (tmp_path / "body").write_bytes(body)

    done = subprocess.run(
        [
            *("curl", "-sL", "-X", method, "-H", f"Content-Type: {kind}"),
            *("--data-binary", f"@{tmp_path / 'body'}", f"{site.url}/api/v1/submit"),
        ],
        capture_output=True,
        check=True,
    )

    assert sha256(body).hexdigest() in done.stdout.decode()
    assert f'"method": "{method}"' in done.stdout.decode()


def test_303_turns_a_put_into_a_get(site):
    answer = httpx.put(f"{site.url}/shown", content=b"x", follow_redirects=True).json()

    assert answer["method"] == "GET"
    assert answer["sha256"] == sha256(b"").hexdigest()


PATHS = {
    "bytes that are no UTF-8 arrive as sent": (b"/old/%FF", "/echo/%FF"),
    "an encoded percent sign stays encoded once": (b"/old/50%25", "/echo/50%25"),
    "an encoded slash is a slash to Django": (b"/old/a%2Fb", "/echo/a/b"),
    "a question mark in the path stays there": (b"/old/a%3Fb", "/echo/a%3Fb"),
    "letters of other scripts": (b"/old/%C3%A9?q=%C3%A9", "/echo/%C3%A9?q=%C3%A9"),
}


@pytest.mark.parametrize(("path", "location"), PATHS.values(), ids=PATHS)
def test_what_follows_the_prefix_is_encoded_once(site, path, location):
    sent = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path

    assert field(head_of(site.exchange(sent)), "Location") == [location]


def statuses(site, path: str, count: int = 8) -> set[int]:
    """Ask often enough that every worker answers, each on a connection of its own."""
    return {httpx.get(f"{site.url}{path}").status_code for _ in range(count)}


def test_a_rule_changed_in_one_process_is_live_in_all(site):
    assert statuses(site, "/later") == {200}

    schedule(site.environment, 'R.objects.schedule("/later", "/echo/", name="later")')
    time.sleep(LIVE_WITHIN)

    assert statuses(site, "/later") == {307}

    schedule(site.environment, 'R.objects.filter(name="later").end()')
    time.sleep(LIVE_WITHIN)

    assert statuses(site, "/later") == {200}


EVERYBODY = 8  # workers
COMMITTING = """
import time; R.objects.schedule("/later", "/echo/", name="later"); print(time.time())
"""


def test_a_commit_reaches_the_last_of_eight_workers_within_two_seconds(tmp_path):
    environment = environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    with (
        serving("eight", environment) as site,
        httpx.Client(base_url=site.url, timeout=30) as client,
        ThreadPoolExecutor(16) as threads,
    ):

        def ask(_):
            asked = time.time()
            answer = client.get("/later")  # on a connection of its own
            return answer.status_code, asked, answer.headers.get("X-Process")

        before = list(threads.map(ask, range(400)))
        stop = threading.Event()
        meanwhile = threads.submit(lambda: [*map(ask, iter(stop.is_set, True))])
        *_, committed = schedule(environment, COMMITTING.strip()).split()
        time.sleep(LIVE_WITHIN)
        after = list(threads.map(ask, range(400)))
        stop.set()
        answers = before + meanwhile.result() + after

    assert len({process for *_, process in before}) == EVERYBODY
    assert {status for status, *_ in answers} == {200, 307}
    late = max(asked for status, asked, _ in answers if status == 200)
    assert late < float(committed) + LIVE_WITHIN
    code = "from temp_redirects.models import HitWriter as W; print(W.objects.count())"
    *_, processes = manage(environment, "shell", "-v0", "--command", code).split()
    assert int(processes) == EVERYBODY  # each sent a redirect, and counted it


FLOODED = """
R.objects.schedule("/flooded", "/echo/", conditions=[dict(kind="busy", value="5, 4")])
"""


def test_a_flood_is_sent_elsewhere_and_comes_back_after_a_pause(tmp_path):
    environment = environment_for(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    schedule(environment, FLOODED.strip())

    with serving("gunicorn", environment) as site, httpx.Client() as client:

        def ask():
            return client.get(f"{site.url}/flooded").status_code

        assert ask() == 200
        answers = [ask() for _ in range(300)]  # 50 are enough for a worker
        assert answers[0] == 200
        assert 307 in answers  # the system may give one worker nearly all of them
        time.sleep(10.5)  # over ten seconds traffic is counted
        assert ask() == 200
