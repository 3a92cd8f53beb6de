"""What requests cost, counted: lines of the app, queries, caches, files, threads.

How long they take is measured by ``python -m benchmarks``.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, get_ident
from time import monotonic

import pytest
from django.core.cache import cache
from django.core.cache.backends.dummy import DummyCache
from django.db import connections
from django.db.backends.signals import connection_created
from django.http import HttpResponse
from django.test import AsyncRequestFactory, RequestFactory

import temp_redirects
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import Destination, RedirectRule, RulesetVersion
from temp_redirects.store import Store, store
from tests.core.tracing import run_traced

PACKAGE = str(Path(temp_redirects.__file__).parent)
PAGE = HttpResponse("page")
FEW, MANY = 10, 1_000
PATHS = {
    "far": "/elsewhere/page/",
    "near": "/section1/page1x/",
    "hit": "/section1/p/",  # whose answer is ready, once one was made
    "hit with a query": "/section1/p/?x=1",
}

pytestmark = pytest.mark.django_db


def page(request):
    return PAGE


async def apage(request):
    return PAGE


def step(coroutine):
    """Run what never waits to its end, without an event loop."""
    with pytest.raises(StopIteration) as stopped:
        coroutine.send(None)
    return stopped.value.value


def in_thread():
    return TempRedirectMiddleware(page)


def on_loop():
    middleware = TempRedirectMiddleware(apage)
    return lambda request: step(middleware(request))


DOORS = {
    "sync": (in_thread, RequestFactory()),
    "async": (on_loop, AsyncRequestFactory()),
}
every_door = pytest.mark.parametrize("door", DOORS)


def live(number):
    """Make rules live, and let the process be between two looks."""
    kinds = ("exact", "prefix", "pattern")
    rules = [
        RedirectRule(
            name=f"r{each}",
            match=kinds[each % 3],
            path=f"/section{each}/page{each}/" + "<int:year>/" * (each % 3 == 2),
        )
        for each in range(number - 1)
    ]
    rules.append(RedirectRule(name="hit", path=PATHS["hit"]))
    RedirectRule.objects.bulk_create(rules)
    Destination.objects.bulk_create(
        Destination(rule=rule, key="d", target="/new/") for rule in rules
    )
    store.live = store.newest()
    store.deadline = float("inf")


def lines(call):
    """Return how many lines of the app's own code a call runs."""
    count = 0

    def trace(frame, event, arg):  # pragma: no cover (coverage looks away meanwhile)
        nonlocal count
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        count += event == "line"
        return trace

    run_traced(call, trace)
    return count


def cost(door, path):
    """Return the lines that the middleware runs for a path, once it is warm."""
    answered, factory = DOORS[door]
    answer = answered()
    answer(factory.get(path))
    request = factory.get(path)
    return lines(lambda: answer(request))


# A quarter more than there are: who needs more makes every page of a site slower.
MOST = {"far": 12, "near": 31, "hit": 144, "hit with a query": 420}


@every_door
@pytest.mark.parametrize("kind", PATHS)
def test_a_request_runs_few_lines_and_no_more_among_many_rules(kind, door):
    live(FEW)
    few = cost(door, PATHS[kind])
    RedirectRule.objects.all().delete()
    live(MANY)

    assert few == cost(door, PATHS[kind]) <= MOST[kind]


class Cache(DummyCache):
    """A cache that notes who asks it for anything."""

    asked = 0

    def make_and_validate_key(self, *args, **options):
        Cache.asked += 1
        return super().make_and_validate_key(*args, **options)


_opened: list[int] = []  # the threads in which files were opened while they are noted
_noting = False


def _audit(event, arguments):
    if _noting and event == "open":
        _opened.append(get_ident())


sys.addaudithook(_audit)  # stays while the process lasts


@contextmanager
def noted(hops):
    """Note files that are opened, and work that is handed to other threads."""
    global _noting

    def profile(frame, event, arg):  # pragma: no cover (coverage looks away meanwhile)
        if event == "call" and frame.f_code is ThreadPoolExecutor.submit.__code__:
            hops.append(frame)

    before = sys.getprofile()
    _opened.clear()
    _noting = True
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)
        _noting = False


@every_door
@pytest.mark.parametrize("kind", PATHS)
def test_a_request_asks_no_database_cache_file_or_thread(
    kind, door, settings, django_assert_num_queries
):
    backend = f"{Cache.__module__}.{Cache.__qualname__}"
    settings.CACHES = {"default": {"BACKEND": backend}}
    live(FEW)
    answered, factory = DOORS[door]
    answer = answered()
    requests = [factory.get(PATHS[kind]) for _ in range(20)]
    answer(requests.pop())  # compiles what it needs
    Cache.asked, hops = 0, []

    with django_assert_num_queries(0), noted(hops):
        statuses = {answer(request).status_code for request in requests}

    assert statuses == {307 if kind.startswith("hit") else 200}
    assert (Cache.asked, _opened, hops) == (0, [], [])


def test_what_asks_for_more_is_noted(settings, tmp_path):
    backend = f"{Cache.__module__}.{Cache.__qualname__}"
    settings.CACHES = {"default": {"BACKEND": backend}}
    Cache.asked, hops = 0, []

    with noted(hops), ThreadPoolExecutor() as pool:
        cache.get("key")
        (tmp_path / "file").touch()
        (tmp_path / "file").read_text()
        pool.submit(len, "").result()

    assert (Cache.asked, len(hops)) == (1, 1)
    assert _opened


@pytest.mark.django_db(transaction=True)
def test_a_process_asks_for_the_version_once_in_its_refresh_time(settings):
    refresh = 0.1  # seconds
    settings.TEMP_REDIRECTS = {"REFRESH_SECONDS": refresh}
    asked = []

    def note(execute, sql, *args):
        asked.append(RulesetVersion._meta.db_table in sql)
        return execute(sql, *args)

    def wrap(connection, **kwargs):
        connection.execute_wrappers.append(note)  # gone with the connection

    def ask():
        while monotonic() < until:
            process.ruleset()
        connections.close_all()

    process = Store()
    process.ruleset()  # reads all
    connection_created.connect(wrap)
    began = monotonic()
    until = began + 10 * refresh
    threads = [Thread(target=ask) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        look = process._look
        if look:
            look.done.result(5)
    finally:
        connection_created.disconnect(wrap)

    assert 0 < sum(asked) <= (monotonic() - began) / refresh + 1
    assert all(asked)  # nothing else is asked while nothing changes
