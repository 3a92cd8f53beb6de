"""Random rules and requests, and judges of where their Locations lead.

The judges are no code of the app: Node’s ``new URL()`` where there is a Node, and the
parser of `tests.core.browsers` always. ``FUZZ_REQUESTS`` says how many requests.
"""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit
from uuid import UUID

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test import RequestFactory

from temp_redirects.core import documents
from temp_redirects.core.patterns import parse_source
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.responses import Redirect
from temp_redirects.sites import current_site
from tests.core.browsers import follow
from tests.core.shapes import KINDS_HERE

WANTED = int(os.environ.get("FUZZ_REQUESTS", "5000"))
OWN = {"testserver", "shop.example", "localhost", "127.0.0.1"}
LISTED = {"https://partner.example", "http://localhost:8001"}
HOSTS = ["shop.example", "SHOP.example", "shop.example:443", "shop.example.:8443"]
NODE = shutil.which("node")
RULES = 30  # of one ruleset
MANY = 20_000  # Locations judged at a time

DATA = Path(__file__).parent / "data" / "urltestdata.json"
STRINGS: list[str] = json.loads(DATA.read_text())["inputs"]

SIGNS = [
    *("/", "//", "\\", "/\\", "/./", "/../", ".", "..", "@", ":", "?", "#", "&", "="),
    *(";", "+", "%", "%25", "%2f", "%2F", "%5c", "%2e", "%2e%2e", "%00", "%09"),
    *("%0d%0aLocation:", "%3f", "%23", "%26", "%40", "%ff", "%c3%a9", "%e3%80%82"),
    *("%ef%bc%8f", "%e2%80%ae", "%252f", "%255c", "\t", "\r\n", "\0", " ", "é", "。"),
    *(
        "／",
        "＼",
        "ⓔ",
        "\xad",
        "\u202e",
        "[",
        "]",
        "[::1]",
        "{",
        "}",
        "{rest}",
        "{path}",
    ),
    *("{host}", "{next}", "|", "^", "`", '"', "<", ">", "~", "$", "!", "*", "'", "("),
    *("a", "b", "1", "-", "_", "x.test", "evil.test", "//evil.test", "@evil.test"),
    *("http:", "https:", "https://evil.test", "javascript:", "data:,", "xn--", ":80"),
    *("shop.example", "localhost:8001", "partner.example", "0x7f.1", "2130706433"),
]
# Fits a placeholder, so that a source is met.
FITTING = {"int": ["1", "007"], "slug": ["a-b", "1"]}
SOURCES = {
    "exact": ["/x", "/x/", "/é/", "/x%2525", "/x//y"],
    "prefix": ["/", "/x", "/x/", "/é", "/x/y%3f"],
    "pattern": [
        "/x/*",
        "/x-*/y",
        "/<path:p>",
        "/x/<path:p>/z",
        "/<a>/<int:n>/<slug:s>",
    ],
    "regex": ["/x(.*)", "/(?P<p>.+)", "/x/(a|b)?(.*)", "/([^/]*)/?(.*)", "/.*"],
}
BEGINNINGS = [
    *("/", "/y", "/y/", "/y-", "/y?q=", "/y?q=1&r=", "/y#", "/é/", "{path}", "/{path}"),
    *(
        "https://{host}",
        "https://{host}/",
        "https://{host}{path}",
        "https://shop.example",
    ),
    *("https://partner.example", "https://partner.example/", "http://localhost:8001/"),
    *("https://partner.example?q=", "https://partner.example#", "//", "/\\", "https:"),
    *(
        "https://shop.example@",
        "https://",
        "http://shop.example/",
        "https://evil.test/",
    ),
]


class Sent(NamedTuple):
    """A Location, the origin that was asked, and for what."""

    location: str
    asked: str
    request: str


def sent_by(chance: random.Random, wanted: int) -> Iterator[Sent | None]:
    """Yield what that many random requests are answered; None is the page."""
    count = 0
    while count < wanted:
        made = dict(islice(_rules(chance), RULES))
        ruleset = Ruleset(documents.record_of(rule) for rule in made.values())
        for _ in range(min(wanted - count, RULES * 10)):
            count += 1
            path, query = _path(chance, chance.choice(list(made))), _text(chance)
            yield ask(ruleset, path, query, chance.choice(HOSTS), chance.random() < 0.5)


def ask(
    ruleset: Ruleset, path: str, query: str, host: str, is_secure: bool
) -> Sent | None:
    """Return what a request is answered, sent as a server passes it on (PEP 3333)."""
    sent = unquote_to_bytes(path.encode("utf-8", "surrogatepass"))
    environ: dict[str, Any] = {
        **FACTORY._base_environ(),
        "PATH_INFO": sent.decode("latin-1"),
        "RAW_URI": quote(path, safe="/%?#:@!$&'()*+,;=[]\\", errors="surrogatepass"),
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "HTTP_HOST": host,
        "wsgi.url_scheme": "https" if is_secure else "http",
    }
    request = WSGIRequest(environ)
    answer = MIDDLEWARE.answer(ruleset, request)
    if not isinstance(answer, Redirect):
        return None
    asked = f"{environ['wsgi.url_scheme']}://{host.lower()}"
    asked = asked.removesuffix(":443" if is_secure else ":80")
    return Sent(answer.headers["Location"], asked, f"{path!r} {query!r}")


FACTORY: Any = RequestFactory()
MIDDLEWARE = TempRedirectMiddleware(lambda request: HttpResponse())


def _text(chance: random.Random, most: int = 5) -> str:
    if chance.random() < 0.1:
        return chance.choice(STRINGS)
    return "".join(chance.choices(SIGNS, k=chance.randint(0, most)))


def _rules(chance: random.Random) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield sound rules with their sources: all kinds, placeholders, policies."""
    site = current_site()
    while True:
        kind = chance.choice(KINDS_HERE)
        path = chance.choice(SOURCES[kind])
        captures = [f"{{{name}}}" for name in parse_source(kind, path).captures]
        ends = chance.choices([*captures, "{path}", "{host}", _text(chance, 2)], k=2)
        document = {
            "id": str(UUID(int=chance.getrandbits(128))),
            "name": str(chance.getrandbits(64)),
            "match": kind,
            "path": path,
            "query": chance.choice(["keep", "drop"]),
            "priority": chance.randint(0, 9),
            "destinations": [{"target": chance.choice(BEGINNINGS) + "".join(ends)}],
        }
        try:
            yield (kind, path), documents.parse(document, site)
        except Refused:
            continue


def _path(chance: random.Random, source: tuple[str, str]) -> str:
    """Return a path that may well be covered, and hostile where it is free."""
    kind, path = source
    if kind == "exact":
        return path
    if kind == "prefix":
        return f"{path}{chance.choice(['', '/'])}{_text(chance)}"
    if kind == "regex":
        return f"/{chance.choice(['x', 'x/', ''])}{_text(chance)}"
    made = path.replace("*", _text(chance)).replace("<a>", _text(chance, 2) or "a")
    made = made.replace("<path:p>", _text(chance) or "p")
    for name, texts in FITTING.items():
        made = made.replace(f"<{name}:{name[0]}>", chance.choice(texts))
    return made.replace("<int:n>", chance.choice(FITTING["int"]))


def astray(found: Iterable[Sent]) -> Iterator[Sent]:
    """Yield what is no clean address on this site or a listed one, by any judge."""
    left = iter(found)
    while some := list(islice(left, MANY)):
        verdicts = [judge(some) for judge in JUDGES]
        for each, *origins in zip(some, *verdicts, strict=True):
            if not (is_clean(each.location) and all(_may(at, each) for at in origins)):
                yield each


def is_clean(location: str) -> bool:
    """Say whether it is one URI-reference in ASCII, no longer than 8,192 bytes."""
    is_ascii = all("\x21" <= sign <= "\x7e" for sign in location)
    return is_ascii and len(location) <= 8_192 and location[:2] not in {"//", "/\\"}


def _may(origin: str | None, sent: Sent) -> bool:
    """Say whether a redirect may lead there."""
    leads, asked = urlsplit(origin or ""), urlsplit(sent.asked)
    stays = origin == sent.asked and sent.location.startswith("/")
    is_own = leads.scheme == "https" and leads.hostname in OWN
    return stays or origin in LISTED or (is_own and leads.port in {None, asked.port})


def by_parser(some: Iterable[Sent]) -> list[str | None]:
    """Return the origins that the parser of these tests reads."""
    return [follow(each.location, base=each.asked).origin for each in some]


def by_node(some: Iterable[Sent]) -> list[str | None]:
    """Return the origins that ``new URL()`` reads."""
    script = """
    const origin = ([text, base]) => {
      try { return new URL(text, base).origin; } catch { return null; }
    };
    const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
    console.log(JSON.stringify(asked.map(origin)));
    """
    pairs = [(each.location, each.asked) for each in some]
    done = subprocess.run(
        [str(NODE), "-e", script],
        input=json.dumps(pairs),
        capture_output=True,
        check=True,
        text=True,
    )
    found: list[str | None] = json.loads(done.stdout)
    return found


JUDGES = [by_parser, by_node][: 2 if NODE else 1]
