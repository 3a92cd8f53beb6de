"""What a request must not do, counted: queries, caches, files, threads."""

import asyncio
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import get_ident
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.cache.backends.dummy import DummyCache
from django.db import connection
from django.db.backends.signals import connection_created

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.misses import far, near
from benchmarks.requests import answered, ask_async, environs

RULES = 300
SECONDS = 3.0
done: Counter[str] = Counter()  # what happened, while `counting`


class Cache(DummyCache):
    """A cache that counts who asks it for anything."""

    def make_and_validate_key(self, *args: Any, **options: Any) -> str:
        """Count a use of the cache; every one makes a key."""
        done["cache calls"] += 1
        return str(super().make_and_validate_key(*args, **options))


def hit(number: int) -> str:
    """Return the path of a rule."""
    return f"/old/{number % RULES}/"


def measure(quick: bool = False) -> list[Figure]:
    """Return what many requests have done beside deciding."""
    handlers = {"view": site.handler(), "ours": site.handler(peers.MIDDLEWARE["ours"])}
    loops = {
        "view": site.async_handler(),
        "ours": site.async_handler(peers.MIDDLEWARE["ours"]),
    }
    site.lay(rulesets.Rule(number, hit(number)) for number in range(RULES))
    for handler in handlers.values():
        _ask(handler, 10)
    found = {
        name: _counted(handlers[name]) + asyncio.run(_acounted(loops[name]))
        for name in handlers
    }
    added = found["ours"] - found["view"]
    asked = f"of {6 * RULES:,} requests, WSGI and ASGI"
    return [
        *(
            Figure(f"{what} {asked}", added[what], 0, "")
            for what in ("cache calls", "file reads", "thread hops", "queries")
        ),
        _looks(handlers["ours"]),
    ]


def _ask(handler: Any, count: int) -> None:
    for path in (far, near, hit):
        for environ in environs(path)(count):
            answered(handler)(environ)


def _counted(handler: Any) -> Counter[str]:
    with counting():
        _ask(handler, RULES)
    return done.copy()


async def _acounted(handler: Any) -> Counter[str]:
    await ask_async(handler, far(0))
    with counting():
        for path in (far, near, hit):
            for number in range(RULES):
                await ask_async(handler, path(number))
    return done.copy()


@contextmanager
def counting() -> Any:
    """Count what this thread does: once a process, for audit hooks stay."""
    thread = get_ident()
    is_on = True

    def audited(event: str, arguments: Any) -> None:
        if is_on and event == "open" and get_ident() == thread:
            done["file reads"] += 1

    def profiled(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code is ThreadPoolExecutor.submit.__code__:
            done["thread hops"] += 1

    done.clear()
    sys.addaudithook(audited)
    with connection.execute_wrapper(_query):
        sys.setprofile(profiled)
        try:
            yield
        finally:
            sys.setprofile(None)
            is_on = False


def _query(execute: Any, sql: str, *arguments: Any) -> Any:
    done["queries"] += 1
    done["version queries"] += '"temp_redirects_rulesetversion"' in sql
    return execute(sql, *arguments)


def _looks(handler: Any) -> Figure:
    """Return how often the version is asked for in the time it may be old."""
    from temp_redirects.store import store

    refresh = settings.TEMP_REDIRECTS["REFRESH_SECONDS"]
    wrapped = ExitStack()

    def wrap(connection: Any, **kwargs: Any) -> None:
        wrapped.enter_context(connection.execute_wrapper(_query))

    connection_created.connect(wrap)
    store.deadline = 0.0
    _ask(handler, 10)
    done.clear()
    began = monotonic()
    while monotonic() - began < SECONDS:
        _ask(handler, 10)
    looks = (monotonic() - began) / refresh
    connection_created.disconnect(wrap)
    name = "version queries in each REFRESH_SECONDS, of one worker asked all the time"
    return Figure(name, done["version queries"] / looks, 1, "")
