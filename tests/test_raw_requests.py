"""Request targets that no browser sends, byte by byte to real servers."""

import re

import pytest

from tests.serving import environment_for, schedule, serving

pytestmark = pytest.mark.process

RULES = """
add = R.objects.schedule
add("/a", "/echo/", name="a")
add("/old/", "/echo/{rest}", match="prefix")
add("/keep", "https://{host}{path}", conditions=[dict(kind="scheme", value="http")])
add("/elsewhere/", "https://partner.example/{rest}", match="prefix")
"""
ALLOWED = re.compile(
    rb"/(?![/\\])[!-~]*|https://(partner\.example|localhost|127\.0\.0\.1|shop\.example)"
    rb"(:[0-9]+)?(/[!-~]*)?"
)


@pytest.fixture(scope="module", params=["gunicorn-preload", "uvicorn"])
def site(request, tmp_path_factory):
    database = tmp_path_factory.mktemp("raw") / "site.sqlite3"
    environment = environment_for(f"sqlite:///{database}")
    schedule(environment, RULES.strip().replace("\n", "; "))
    with serving(request.param, environment) as running:
        yield running


def sent(target: bytes, *lines: bytes, version: bytes = b"1.1", method: bytes = b"GET"):
    fields = lines or (b"Host: localhost", b"Connection: close")
    first = b"%s %s HTTP/%s" % (method, target, version)
    return b"\r\n".join([first, *fields, b"", b""])


REQUESTS = {
    "absolute form": sent(b"http://localhost/a"),
    "absolute form of another host": sent(b"http://evil.test/old/x"),
    "absolute form that begins with two slashes": sent(b"http://evil.test//evil.test"),
    "absolute form with a user": sent(b"http://localhost@evil.test/keep"),
    "two slashes": sent(b"//evil.test/a"),
    "two slashes before a path": sent(b"//a"),
    "three slashes": sent(b"///evil.test/old/x"),
    "two slashes in what is captured": sent(b"/old//evil.test/"),
    "an encoded slash before another": sent(b"/old/%2fevil.test/"),
    "a backslash": sent(b"/\\evil.test"),
    "a backslash in what is captured": sent(b"/old/\\evil.test"),
    "an encoded backslash": sent(b"/old/%5cevil.test"),
    "backslashes only": sent(b"\\\\evil.test"),
    "dots in what is captured": sent(b"/old/../../evil.test"),
    "encoded dots": sent(b"/old/%2e%2e/%2e%2e//evil.test"),
    "a line break": sent(b"/old/%0d%0aSet-Cookie:%20a=b"),
    "an encoded NUL": sent(b"/old/%00"),
    "a tab": sent(b"/old/%09/evil.test"),
    "a user": sent(b"/elsewhere/@evil.test/"),
    "a fragment": sent(b"/old/x#//evil.test"),
    "bytes that are no UTF-8": sent(b"/old/\xff\xfe"),
    "letters that are no ASCII": sent("/old/é".encode()),
    "a star": sent(b"*", method=b"OPTIONS"),
    "a star to a page": sent(b"*"),
    "a host and a port": sent(b"localhost:80", method=b"CONNECT"),
    "no target": sent(b""),
    "HTTP/1.0": sent(b"/a", b"Host: localhost", version=b"1.0"),
    "HTTP/1.0 without a host": sent(b"/keep", b"X-A: b", version=b"1.0"),
    "no host": sent(b"/keep", b"Connection: close"),
    "two hosts": sent(b"/keep", b"Host: localhost", b"Host: evil.test"),
    "a host of somebody else": sent(b"/keep", b"Host: evil.test", b"Connection: close"),
    "a host with a path": sent(b"/keep", b"Host: localhost/evil.test/@evil.test"),
    "a host with a user": sent(b"/keep", b"Host: localhost@evil.test"),
    "a forwarded host": sent(
        b"/keep",
        b"Host: localhost",
        b"X-Forwarded-Host: evil.test",
        b"Connection: close",
    ),
    "a method nobody knows": sent(b"/a", method=b"BREW"),
    "a long path": sent(b"/old/" + b"a/" * 1_500),
    "a long query": sent(b"/old/?" + b"a=b&" * 1_000),
}


@pytest.mark.parametrize("request_line", REQUESTS.values(), ids=REQUESTS)
def test_what_nobody_sends_leads_nobody_astray(site, request_line):
    answer = site.exchange(request_line)

    head = answer.partition(b"\r\n\r\n")[0]
    status = re.match(rb"HTTP/1\.[01] ([0-9]{3})", head)
    locations = re.findall(rb"\r\nlocation: ?([^\r]*)", head, re.IGNORECASE)
    assert status is None or int(status[1]) < 500  # some servers just close
    assert len(locations) <= 1
    assert all(map(ALLOWED.fullmatch, locations))
    assert b"\r\nset-cookie: a" not in head.lower()


REDIRECTED = {
    "HTTP/1.0": b"/echo/",
    "a forwarded host": b"https://localhost/keep",
    "a user": b"https://partner.example/@evil.test/",
    "a method nobody knows": b"/echo/",
}


@pytest.mark.parametrize("name", REDIRECTED)
def test_what_is_sound_is_redirected_whoever_sends_it(site, name):
    head = site.exchange(REQUESTS[name]).partition(b"\r\n\r\n")[0]

    assert re.findall(rb"\r\nlocation: ?([^\r]*)", head, re.IGNORECASE) == [
        REDIRECTED[name]
    ]
