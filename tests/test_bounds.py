"""What a request may cost: little time whatever it holds, and no lasting memory.

``UNIQUE_REQUESTS=1000000`` makes it a million requests of which no two are alike.
"""

import gc
import os
import random
import sys
from pathlib import Path
from time import thread_time
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.core.handlers.wsgi import WSGIRequest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from temp_redirects.core import documents
from temp_redirects.core.patterns import parse_source
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import MAX_QUERY
from temp_redirects.responses import Redirect
from temp_redirects.signing import HOP
from temp_redirects.sites import current_site
from tests.core.shapes import HAS_RE2
from tests.fuzzing import FACTORY, MIDDLEWARE

pytestmark = pytest.mark.django_db  # nothing is counted in somebody's database

# Seconds; five times as many where each line is measured, which is half of the cost.
MOST = 0.05 if sys.gettrace() else 0.01
GROWTH = 5 * 1024 * 1024  # bytes
UNIQUE = int(os.environ.get("UNIQUE_REQUESTS", "4000"))
LONG = 64 * 1024  # bytes; servers take no longer line or field
MEMORY = Path("/proc/self/statm")

CONDITIONS = {
    "language": "de",
    "device": "mobile",
    "bot": "any",
    "header": "X-Beta: yes*",
    "cookie": "beta: yes",
    "query": "a: b",
    "referrer": "https://news.example/*",
    "address": "10.0.0.0/8",
    "country": "DE",
    "preference": "region",
}
SOURCES = {
    "prefix": "/a/",
    "pattern": "/a/*/<path:rest>",
    **({"regex": "/a/(a|aa)*(.*)x"} if HAS_RE2 else {}),
}


SPLIT = {
    "match": "prefix",
    "path": "/a/",
    "goal": "/thanks/",
    "schedule": {"ends_at": "2036-01-01T00:00:00+00:00"},
    "destinations": [
        {"target": "/b/{rest}", "percentage": 50},
        {"target": "/c/{rest}", "percentage": 50},
    ],
}


def document(name, **fields):
    return {"name": name, "id": str(uuid5(NAMESPACE_URL, name)), **fields}


@pytest.fixture
def ruleset():
    """Rules that ask everything that there is to ask, and hold at last."""
    told = [
        document(
            kind,
            match="prefix",
            path="/a/",
            conditions=[{"kind": kind, "value": value}],
            destinations=[{"target": f"/{kind}/{{rest}}"}],
        )
        for kind, value in CONDITIONS.items()
    ]
    told += [
        document(
            f"by {match}",
            match=match,
            path=path,
            methods=["PUT"],
            destinations=[{"target": "/b/{path}"}],
        )
        for match, path in SOURCES.items()
    ]
    return made([*told, document("split", priority=-1, **SPLIT)])


@pytest.fixture
def asks_everything():
    """One rule that asks everything of everybody, and redirects to two places."""
    unless = [{"kind": kind, "value": value} for kind, value in CONDITIONS.items()]
    return made([document("split", unless=unless, **SPLIT)])


def made(told):
    rules = [documents.parse(each, current_site()) for each in told]
    return Ruleset(map(documents.record_of, rules))


def answer(ruleset, path, query="", **headers):
    return MIDDLEWARE.answer(ruleset, asked(path, query, **headers))


def asked(path, query="", **headers):
    environ = {
        **FACTORY._base_environ(),
        "PATH_INFO": path,
        "RAW_URI": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "shop.example",
        **headers,
    }
    return WSGIRequest(environ)


NAVIGATION = {"HTTP_SEC_FETCH_MODE": "navigate"}
HEAVY = {
    "path": ("/a/" + "a" * LONG, "", {}),
    "segments": ("/a" * (LONG // 2), "", {}),
    "encoded path": ("/a/" + "%C3%A9" * (LONG // 6), "", {}),
    "bytes that are no text": ("/a/" + "\xff" * 8_000, "", {}),
    "path that a pattern may match": ("/a/" + "a/" * 1_020, "", {}),
    "path for a bad expression": ("/a/" + "a" * 2_000, "", {}),
    "query": ("/a/", "a=b&" * (LONG // 4), {}),
    "query that is one word": ("/a/", "a" * LONG, {}),
    "query of percent signs": ("/a/", "%" * LONG, {}),
    "cookie of backslashes": ("/a/", "", {"HTTP_COOKIE": f'beta="{chr(92) * LONG}"'}),
    "many cookies": ("/a/", "", {"HTTP_COOKIE": "beta=no; " * (LONG // 9)}),
    "visitor’s cookie": ("/a/", "", {"HTTP_COOKIE": "temp_redirects=" + "x" * LONG}),
    "trail": ("/a/", "", NAVIGATION | {"HTTP_COOKIE": f"{HOP}=" + "a" * 4_000}),
    "markers": ("/a/", f"{HOP}=x:y&" * (LONG // 24), NAVIGATION),
    "long marker": ("/a/", f"{HOP}={'a' * LONG}", NAVIGATION),
    "languages": ("/a/", "", {"HTTP_ACCEPT_LANGUAGE": "en;q=0.1," * (LONG // 9)}),
    "user agent": ("/a/", "", {"HTTP_USER_AGENT": "Mozilla (" * (LONG // 9)}),
    "blank user agent": ("/a/", "", {"HTTP_USER_AGENT": " " * LONG}),
    "referrer": ("/a/", "", {"HTTP_REFERER": "https://" + "a." * (LONG // 2)}),
    "header": ("/a/", "", {"HTTP_X_BETA": "y" * LONG}),
    "proxies": ("/a/", "", {"HTTP_X_FORWARDED_FOR": "10.0.0.1," * (LONG // 9)}),
}


@pytest.mark.parametrize(("path", "query", "headers"), HEAVY.values(), ids=HEAVY)
def test_nothing_in_a_request_costs_more_than_ten_milliseconds(
    ruleset, settings, path, query, headers
):
    settings.TEMP_REDIRECTS = {
        "TRUSTED_PROXIES": ["127.0.0.0/8", "10.0.0.0/8"],
        "COUNTRY_HEADER": "CF-IPCountry",
    }
    answer(ruleset, "/a/b/c")  # compiles the rules

    costs = []
    for _ in range(3):
        request = asked(path, query, **headers)
        began = thread_time()
        MIDDLEWARE.answer(ruleset, request)
        costs.append(thread_time() - began)

    assert min(costs) < MOST


MANY = {
    "query": "a: b{}",
    "cookie": "beta: yes{}",
    "header": "X-Beta: *no{}*",
    "referrer": "https://news.example/{}*",
    "language": "de-{:03}",
    "address": "10.0.{}.0/24",
}


@pytest.mark.parametrize("kind", MANY)
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        pytest.param(query, headers, id=name)
        for name, (_, query, headers) in {
            **HEAVY,
            "most of a query": ("", "%41=%41&" * (MAX_QUERY // 8), {}),
            "most of the names": ("", "a=b&" * (MAX_QUERY // 4), {}),
            "most of the cookies": ("", "", {"HTTP_COOKIE": "beta=;" * (16_384 // 6)}),
        }.items()
        if query or headers
    ],
)
def test_it_is_read_once_for_rules_of_many_conditions(kind, query, headers):
    conditions = [
        {"kind": kind, "value": MANY[kind].format(number)} for number in range(20)
    ]
    told = [
        document(
            f"{number}",
            path="/",
            conditions=conditions[number % 20 :][:1] if number else [],
            unless=[] if number else conditions,
            methods=["GET"],
            destinations=[{"target": f"/to/{number}/"}],
        )
        for number in range(50)
    ]
    ruleset = made(told)
    answer(ruleset, "/")  # compiles the rules

    costs = []
    for _ in range(3):
        request = asked("/", query, **headers)
        began = thread_time()
        MIDDLEWARE.answer(ruleset, request)
        costs.append(thread_time() - began)

    assert min(costs) < MOST


# Expressions that make a matcher try much at once, and paths that let it.
_ATOMS = [
    "a",
    ".",
    "[^b]",
    "(a|ab|b)",
    "(.)",
    "(.*)",
    "(a*)",
    "é",
    r"\w",
    r"\pL",
    "(?i:b)",
]
_TIMES = ["*", "+", "?", "*?", "{30}", "{2,60}", "{0,100}", "{1,250}"]
_times = st.sampled_from(_TIMES)
_expressions = st.recursive(
    st.sampled_from(_ATOMS),
    lambda inner: st.one_of(
        st.builds("({}){}".format, inner, _times),
        st.builds("(?:{}|{}){}".format, inner, inner, _times),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=6,
)
_routes = st.lists(
    st.sampled_from(["*", "a", "-", "/", "<{}>", "<slug:{}>", "<int:{}>", "<path:{}>"]),
    max_size=20,
).map(lambda parts: "".join(each.format(f"n{at}") for at, each in enumerate(parts)))
_sources = st.tuples(st.just("pattern"), _routes)
if HAS_RE2:
    _sources |= st.tuples(st.just("regex"), _expressions)
LONGEST = [
    "a" * 2_047,
    "é" * 2_047,
    "ab" * 1_023,
    "a" * 2_046 + "!",
    "a/" * 1_023,
    "a-" * 1_023,
]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(_sources)
@example(("regex", "(a*){1,250}"))
@example(("regex", "(((((((((a*)*)*)*)*)*)*)*)*){25}"))
@example(("pattern", "*-" * 10))
def test_no_source_that_is_accepted_takes_long_on_any_path(source):
    kind, text = source
    try:
        accepted = parse_source(kind, f"/{text}")
    except Refused:
        return

    most = 2 * MOST  # what else runs here may halve the speed
    for rest in LONGEST:
        costs = []
        while len(costs) < 3 and min(costs, default=most) >= most:
            began = thread_time()
            accepted.match(f"/{rest}")
            costs.append(thread_time() - began)

        assert min(costs) < most


def resident():
    gc.collect()
    return int(MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ask_unique(ruleset, count, chance):
    redirects = 0
    for _ in range(count):
        some = f"{chance.getrandbits(64):x}"
        got = answer(
            ruleset,
            f"/a/{some}/{some}",
            f"{some}={some}&{HOP}={some}",
            HTTP_SEC_FETCH_MODE="navigate",
            REQUEST_METHOD=chance.choice(["GET", "GET", some]),
            HTTP_COOKIE=f"temp_redirects={some}; {HOP}={some}; beta={some}; {some}=1",
            HTTP_USER_AGENT=f"Mozilla/5.0 {some}",
            HTTP_ACCEPT_LANGUAGE=f"{some[:2]},en",
            HTTP_REFERER=f"https://{some}.example/",
            HTTP_X_BETA=some,
            HTTP_X_FORWARDED_FOR=some,
            REMOTE_ADDR=f"192.0.2.{chance.randint(0, 255)}",
        )
        redirects += isinstance(got, Redirect)
    return redirects


@pytest.mark.skipif(not MEMORY.exists(), reason="there is no /proc here")
def test_requests_of_which_no_two_are_alike_leave_nothing_in_memory(asks_everything):
    chance = random.Random(7)  # noqa: S311
    ask_unique(asks_everything, 1_000, chance)
    before = resident()

    redirects = ask_unique(asks_everything, UNIQUE, chance)

    assert redirects > UNIQUE / 5
    assert resident() - before < GROWTH
