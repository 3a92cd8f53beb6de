"""Answers that are ready: sent again where a request made anew would get the same."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.utils import timezone

from temp_redirects import ready
from temp_redirects.core.hops import PROBE, address_of
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import HitCount, KillSwitch, RedirectRule
from temp_redirects.signing import HOP
from temp_redirects.store import store
from temp_redirects.tallies import tallies
from tests.test_hot_path import apage, step

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=1)
PATH = "/a/"
FACTORY = RequestFactory()
BROWSER = {"HTTP_ACCEPT": "text/html"}


@pytest.fixture
def rule():
    """A rule that sends everybody to one address, for an hour."""
    return RedirectRule.objects.schedule(PATH, "/b/", ends_at=timezone.now() + HOUR)


@pytest.fixture
def middleware():
    return TempRedirectMiddleware(lambda _: HttpResponse("page"))


def go_live():
    """Make the stored rules live; the process is between two looks at the database."""
    store.live = store.newest()
    store.deadline = float("inf")
    return store.live


@pytest.fixture
def live(rule):
    return go_live()


def told(response):
    return response.status_code, response.serialize()


def test_the_second_visitor_gets_what_the_first_one_got(live, middleware):
    first = middleware(FACTORY.get(PATH))

    assert [*live.ready] == [PATH]
    assert told(middleware(FACTORY.get(PATH))) == told(first)
    assert first["Location"] == "/b/"


def on_loop():
    middleware, factory = TempRedirectMiddleware(apage), AsyncRequestFactory()
    return lambda: step(middleware(factory.get(PATH)))


def in_thread():
    middleware = TempRedirectMiddleware(lambda _: HttpResponse("page"))
    return lambda: middleware(FACTORY.get(PATH))


@pytest.mark.parametrize("door", [in_thread, on_loop])
def test_it_is_the_answer_that_was_kept(live, door):
    ask = door()
    first = ask()
    live.ready[PATH].answer["X-Kept"] = "yes"

    second = ask()

    assert second["X-Kept"] == "yes"
    del second["X-Kept"]
    assert told(second) == told(first)


def test_every_one_is_counted(live, middleware, rule):
    for _ in range(3):
        middleware(FACTORY.get(PATH))
    tallies.flush()

    assert HitCount.objects.get(rule=rule).count == 3


def test_what_is_done_to_one_is_done_to_no_other(live, middleware):
    first = told(middleware(FACTORY.get(PATH)))
    closed = []
    for _ in range(2):
        response = middleware(FACTORY.get(PATH))
        assert told(response) == first
        response["X-Of-One"] = "yes"
        response.set_cookie("of", "one")
        response.write("more")
        response.status_code = 200
        response.reason_phrase = "Fine"
        response._resource_closers.append(lambda: closed.append(True))
        response.close()

    assert told(middleware(FACTORY.get(PATH))) == first
    assert len(closed) == 2


def known(staff):
    def make():
        request = FACTORY.get(PATH)
        request.user = get_user_model()(is_staff=staff)
        return request

    return make


def in_urlconf():
    request = FACTORY.get(PATH)
    request.urlconf = "tests.urls"
    return request


def looping(live_rule):
    here = address_of(str(live_rule.pk), PATH)
    return FACTORY.get(PATH, HTTP_COOKIE=f"{HOP}={here * PROBE}", **BROWSER)


OTHERS = {
    "a program": lambda: FACTORY.get(PATH),
    "a browser": lambda: FACTORY.get(PATH, **BROWSER),
    "a browser over https": lambda: FACTORY.get(PATH, secure=True, **BROWSER),
    "a script": lambda: FACTORY.get(PATH, HTTP_SEC_FETCH_MODE="cors"),
    "with a query": lambda: FACTORY.get(PATH, QUERY_STRING="x=1"),
    "head": lambda: FACTORY.head(PATH),
    "post": lambda: FACTORY.post(PATH, {"x": 1}),
    "under a script prefix": lambda: FACTORY.get("/", SCRIPT_NAME="/a"),
    "another path": lambda: FACTORY.get("/a"),
    "encoded": lambda: FACTORY.get("/%61/"),
    "encoded twice": lambda: FACTORY.get("/%2561/"),
    "staff": known(staff=True),
    "somebody": known(staff=False),
    "under another urlconf": in_urlconf,
}


def followed(response):
    """What is sent, cookies included."""
    return told(response), response.cookies.output()


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("first", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("debug", [False, True])
def test_whoever_asks_gets_what_would_be_made_anew(
    live, middleware, make, first, debug, settings
):
    settings.DEBUG = debug
    anew = followed(middleware(make()))
    store.live.ready.clear()
    for each in (first, *OTHERS.values()):
        middleware(each())

    assert store.live.ready
    assert followed(middleware(make())) == anew


def test_a_visitor_who_comes_back_again_and_again_is_noticed(live, middleware, rule):
    middleware(FACTORY.get(PATH))

    assert HOP in middleware(looping(rule))["Location"]
    assert middleware(FACTORY.get(PATH))["Location"] == "/b/"


def test_it_ends_with_the_window(live, middleware, rule):
    middleware(FACTORY.get(PATH))
    for moved, status in ((-MOMENT, 307), (timedelta(), 200), (-MOMENT, 307)):
        at = (rule.ends_at + moved).timestamp()
        middleware.clock = lambda at=at: at

        assert middleware(FACTORY.get(PATH)).status_code == status


def switched_off(rule, settings):
    KillSwitch.objects.pull(reason="test")


def disabled(rule, settings):
    settings.TEMP_REDIRECTS = {"ENABLED": False}


def disabled_in_place(rule, settings):
    settings.TEMP_REDIRECTS["ENABLED"] = False


def protected(rule, settings):
    settings.TEMP_REDIRECTS = {"PROTECTED_PATHS": [PATH]}


ENDS = (switched_off, disabled, disabled_in_place, protected)


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_the_rule_ends_its_ready_answer(rule, middleware, end, settings):
    settings.TEMP_REDIRECTS = {**settings.TEMP_REDIRECTS}
    assert [middleware(FACTORY.get(PATH)).status_code for _ in "12"] == [307, 307]

    end(rule, settings)

    assert middleware(FACTORY.get(PATH)).status_code == 200


def test_a_changed_target_is_answered_at_once(rule, middleware):
    assert {middleware(FACTORY.get(PATH))["Location"] for _ in "12"} == {"/b/"}

    rule.destinations.update(target="/c/")

    assert {middleware(FACTORY.get(PATH))["Location"] for _ in "12"} == {"/c/"}


def test_bytes_that_are_no_text_get_no_answer_of_another_path():
    RedirectRule.objects.schedule(
        "/%EF%BF%BD/", "/b/"
    )  # which is how Django shows them
    live = go_live()
    middleware = TempRedirectMiddleware(apage)

    def ask(raw):
        scope = {**AsyncRequestFactory()._base_scope(path="/"), "raw_path": raw}
        scope["path"] = raw.decode(errors="replace")
        return step(middleware(ASGIRequest(scope, None))).status_code

    assert [ask("/\ufffd/".encode()), ask(b"/\xff/")] == [307, 200]
    assert not live.ready


WATCHED = {
    "a condition": {"conditions": [{"kind": "scheme", "value": "http"}]},
    "a split": {"target": [{"target": "/b/"}, {"target": "/c/"}]},
    "kept by caches": {"cache_seconds": 60},
    "its methods": {"methods": ["GET"]},
    "a pattern": {"match": "pattern"},
}


@pytest.mark.parametrize("more", WATCHED.values(), ids=WATCHED)
def test_what_may_differ_is_made_for_each(middleware, more):
    RedirectRule.objects.schedule(PATH, **{"target": "/b/", **more})
    go_live()

    assert middleware(FACTORY.get(PATH)).status_code == 307
    assert not store.live.ready


def test_under_another_root_path_other_paths_are_protected(live):
    middleware = TempRedirectMiddleware(apage)

    def ask(root):  # which the server has not put before the path
        scope = AsyncRequestFactory()._base_scope(path=PATH)
        return step(middleware(ASGIRequest({**scope, "root_path": root}, None)))

    assert ask("/mounted").status_code == 307
    assert not live.ready
    assert ask("").status_code == 307
    assert [*live.ready] == [PATH]


def test_where_a_goal_is_looked_for_nothing_is_ready(live, middleware):
    arms = [{"target": "/b/", "percentage": 50}]
    RedirectRule.objects.schedule("/test/", arms, goal="/done/")
    go_live()

    assert middleware(FACTORY.get(PATH)).status_code == 307
    assert not store.live.ready


def test_few_are_kept(monkeypatch, middleware):
    monkeypatch.setattr(ready, "MOST", 3)
    for number in range(5):
        RedirectRule.objects.schedule(f"/a/{number}/", "/b/")
    go_live()
    for number in range(5):
        middleware(FACTORY.get(f"/a/{number}/"))

    assert [*store.live.ready] == ["/a/3/", "/a/4/"]
