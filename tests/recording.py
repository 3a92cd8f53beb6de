"""A site in a process of its own that answers a recorded list of requests.

The clock stands still, so that two sites can be compared byte for byte. What is drawn
for each answer of one site is left out: a form's tokens, and by how many seconds
clients are spread that come back after a maintenance window.
"""

import json
import random
import re
import sys
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from itertools import product
from pathlib import Path
from urllib.parse import unquote_to_bytes

import django
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.wsgi import get_wsgi_application

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
HOSTS = ("127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]:8000", "evil.example")
BELOW = ("", "deeper/%C3%A9", "two//slashes")
QUERIES = ("", "utm_source=newsletter&a=1&a=", "q=%20x&&=&next=//evil.example", "b=%zz")
FIELDS = {
    "Accept": ("text/html", "application/json"),
    "Accept-Language": ("de-AT, en;q=0.8", "en, de;q=0.8", "*"),
    "CF-IPCountry": ("AT", "US", "XX"),
    "Cookie": ("cart=3; beta=yes", "temp_redirects_stay=region", "cart=3"),
    "Origin": ("https://news.example",),
    "Referer": ("https://news.example/", "https://blog.example/"),
    "Sec-CH-UA-Mobile": ("?1", "?0"),
    "User-Agent": ("Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.5.0"),
    "X-Beta": ("on", "off"),
    "X-Forwarded-For": ("192.0.2.7", "198.51.100.7"),
    "X-Forwarded-Proto": ("https", "http"),
}
EACH = 14  # requests for each path

DRAWN = (
    re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w+'),
    re.compile(rb'(?<=name="key" value=")[\w-]+'),  # of an order
    re.compile(rb"(?<=csrftoken=)\w+"),
    re.compile(rb'(?<="retry_after": )\d+'),
)
SPREAD = 60  # seconds


def record(folder: Path) -> None:
    """Make the demo, its exports, the list of requests, and its answers."""
    call_command("demo_data")
    call_command("temp_redirects", "export", "--to", str(folder / "whole.json"))
    with suppress(CommandError):  # which says what needs more than a line
        call_command("temp_redirects", "export", "--to", str(folder / "rules.csv"))
    (folder / "requests.json").write_text(json.dumps(requests()))
    answer(folder, "demo")


def replay(folder: Path, file: str) -> None:
    """Import a file into the empty site, and answer."""
    call_command("migrate", verbosity=0)
    call_command("temp_redirects", "import", str(folder / file))
    answer(folder, file)


def requests() -> list[dict[str, object]]:
    """Return requests for every rule's and window's paths, in every way, mixed."""
    chance = random.Random(307)  # noqa: S311
    return [
        {
            "method": chance.choice(METHODS if chance.random() < 0.5 else ("GET",)),
            "host": chance.choice(HOSTS),
            "path": f"{path}{chance.choice(BELOW) if path.endswith('/') else ''}",
            "query": chance.choice(QUERIES),
            "fields": with_visitor(
                {
                    name: chance.choice(FIELDS[name])
                    for name in chance.sample(sorted(FIELDS), chance.randint(0, 5))
                },
                f"visitor-{number:014}",
            ),
        }
        for path, number in product(sorted(paths()), range(EACH))
    ]


def with_visitor(fields: dict[str, str], visitor: str) -> dict[str, str]:
    """Return the fields of a visitor who was here before: a new one is drawn."""
    from temp_redirects.signing import sign_visitor

    kept = f"temp_redirects={sign_visitor(visitor, ())}"
    return {
        **fields,
        "Cookie": "; ".join([*filter(None, [fields.get("Cookie")]), kept]),
    }


def paths() -> set[str]:
    from temp_redirects.core.patterns import sample_path
    from temp_redirects.models import MaintenanceWindow, RedirectRule

    found = {sample_path(row.compile().source) for row in RedirectRule.objects.all()}
    for window in MaintenanceWindow.objects.all():
        found |= {*window.compile().paths, f"/maintenance/notice/{window.name}/"}
    return {*found, "/maintenance/status.json", "/nowhere/", "/"}


def answer(folder: Path, name: str) -> None:
    """Answer the recorded requests through the site's whole WSGI application."""
    settings.DEBUG = False  # its pages of errors name addresses in memory
    application = get_wsgi_application()
    asked = json.loads((folder / "requests.json").read_text())
    answers = [answered(application, each) for each in asked]
    (folder / f"{name}.answers").write_text(json.dumps(answers))


def answered(application, asked) -> list[object]:
    """Return an answer whole: its status, its fields in order, its content."""
    fields = {
        f"HTTP_{name.upper().replace('-', '_')}": text
        for name, text in asked["fields"].items()
    }
    found: list[object] = []

    def start(status, headers, exc_info=None):
        found.extend([status, [field_without_chance(*field) for field in headers]])

    server, _, port = asked["host"].rpartition(":")
    sent = {
        "REQUEST_METHOD": asked["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(asked["path"]).decode("latin-1"),
        "QUERY_STRING": asked["query"],
        "HTTP_HOST": asked["host"],
        "SERVER_NAME": server or asked["host"],
        "SERVER_PORT": port if server else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        **fields,
    }
    response = application(sent, start)
    content = without_chance(b"".join(response))
    response.close()
    return [*found, b64encode(content).decode()]


def without_chance(sent: bytes) -> bytes:
    """Return what is sent without what is drawn for each answer."""
    for pattern in DRAWN:
        sent = pattern.sub(b"", sent)
    return sent


def field_without_chance(name, text) -> list[str]:
    if name == "Retry-After":
        text = str(int(text) // SPREAD)
    return [name, without_chance(text.encode("latin-1")).decode("latin-1")]


if __name__ == "__main__":
    verb, place, *file = sys.argv[1:]
    with time_machine.travel(NOW, tick=False):
        django.setup()
        {"record": record, "replay": replay}[verb](Path(place), *file)
