"""Visitors of a split: assigned, kept, counted once, and let alone where they ask."""

import re
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from django.views.decorators.cache import cache_page

from temp_redirects import record_conversion
from temp_redirects.core import pins
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import ArmCount, RedirectRule
from temp_redirects.signing import ARM, read_visitor, sign_arm, sign_visitor
from temp_redirects.store import store
from temp_redirects.tallies import tallies
from tests.urls import urlpatterns as others

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.test_visitors")]

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HALF = [{"label": "New", "target": "/pricing-b/", "percentage": 50}]
DAY = 86_400
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()


def order(request):
    """Take an order, and say that its visitor has bought."""
    record_conversion(request, "pricing-test")
    return HttpResponse(status=int(request.GET.get("status", 200)))


def broken(request):
    return HttpResponse(status=500)


def streamed(request):
    return StreamingHttpResponse(iter([b"original"]))


urlpatterns = [
    path("order/", order),
    path("broken/", broken),
    path("streamed/", streamed),
    path("cached/", cache_page(60)(streamed)),
    *others,
]


@pytest.fixture(autouse=True)
def nothing_counted():
    tallies.forget()
    cache.clear()
    yield
    tallies.forget()


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands where a test sets it."""
    now = [NOON]
    monkeypatch.setattr(TempRedirectMiddleware, "clock", staticmethod(lambda: now[0]))
    return now


@pytest.fixture
def as_live(monkeypatch):
    """Return a context in which the rules made so far are live, as in a server."""

    @contextmanager
    def as_live():
        with monkeypatch.context() as patch:
            patch.setattr(store, "live", store.newest())
            patch.setattr(store, "deadline", float("inf"))
            yield

    return as_live


def experiment(target=HALF, path="/pricing/", **keys):
    keys = {"name": "pricing-test", "goal": "/thanks/", **keys}
    return RedirectRule.objects.schedule(path, target, **keys)


def visitor(**headers):
    return Client(headers={"User-Agent": BROWSER, **headers})


def arm_of(answer):
    return "b" if answer.status_code == 307 else "original"


def counted():
    """Return visitors and conversions of both arms, written as a server writes them."""
    tallies.flush()
    found = Counter()
    for row in ArmCount.objects.all():
        arm = "original" if row.arm == "original" else "b"
        found[f"{arm} seen"] += row.visitors
        found[f"{arm} bought"] += row.conversions
    return {key: number for key, number in found.items() if number}


def some(arm, **headers):
    """Return a visitor who got that arm."""
    while True:
        client = visitor(**headers)
        if arm_of(client.get("/pricing/")) == arm:
            return client


def test_visitors_are_split_and_stay_with_what_they_got():
    experiment()
    clients = [visitor() for _ in range(40)]
    first = [arm_of(each.get("/pricing/")) for each in clients]
    for _ in range(3):
        assert [arm_of(each.get("/pricing/")) for each in clients] == first
    assert set(first) == {"b", "original"}
    assert counted() == {f"{arm} seen": n for arm, n in Counter(first).items()}


def test_the_cookie_is_signed_and_no_script_and_no_other_site_sees_it():
    experiment()
    client = visitor()
    answer = client.get("/pricing/", secure=True)
    cookie = answer.cookies["temp_redirects"]
    assert (cookie["httponly"], cookie["secure"]) == (True, True)
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert cookie["max-age"] == 90 * DAY
    found, kept = read_visitor(cookie.value)
    assert pins.is_visitor(found)
    assert [pin.arm == "original" for pin in kept.values()] == [
        arm_of(answer) == "original"
    ]
    assert not visitor().get("/pricing/").cookies["temp_redirects"]["secure"]


def test_the_cookie_is_as_the_settings_say(settings):
    settings.TEMP_REDIRECTS = {
        "COOKIE_NAME": "arms",
        "COOKIE_AGE": 60,
        "COOKIE_DOMAIN": "testserver",
    }
    experiment()
    cookie = visitor().get("/pricing/").cookies["arms"]
    assert (cookie["max-age"], cookie["domain"]) == (60, "testserver")


def test_the_cookie_is_set_only_where_a_rule_needs_it():
    experiment()
    RedirectRule.objects.schedule("/plain/", "/x/")
    RedirectRule.objects.schedule("/load/", HALF, sticky="address")
    RedirectRule.objects.schedule("/dice/", HALF, sticky="request")
    RedirectRule.objects.schedule(
        "/all/", [{"target": "/x/", "percentage": 100}], name="all"
    )
    for asked in ("/other/", "/plain/", "/load/", "/dice/", "/all/", "/thanks/"):
        assert not visitor().get(asked).cookies
    client = visitor()
    assert client.get("/pricing/").cookies
    assert not client.get("/pricing/").cookies


def test_a_split_without_a_goal_keeps_an_id_and_counts_nobody():
    RedirectRule.objects.schedule("/pricing/", HALF)
    client = visitor()
    answer = client.get("/pricing/")
    _, kept = read_visitor(answer.cookies["temp_redirects"].value)
    assert kept == {}
    assert not client.get("/pricing/").cookies
    assert counted() == {}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * 5_000, id="oversized"),
        pytest.param("AAAAAAAAAAAAAAAAAAAAAA:forged", id="forged"),
        pytest.param('"\\015\\012X-Evil: 1"', id="a header in it"),
    ],
)
def test_a_cookie_that_is_none_of_ours_is_a_new_visitors(value):
    experiment()
    client = visitor(Cookie=f"temp_redirects={value}")
    answer = client.get("/pricing/")
    assert answer.status_code in {200, 307}
    assert "X-Evil" not in answer
    assert pins.is_visitor(read_visitor(answer.cookies["temp_redirects"].value)[0])


def test_a_pin_of_an_arm_that_never_was_is_nothing():
    rule = experiment()
    pin = pins.Pin(pins.key_of(str(rule.pk)), "0" * 6, "gone", int(NOON))
    value = sign_visitor("A" * 22, [pin])
    visitor(Cookie=f"temp_redirects={value}").get("/pricing/")
    assert sum(counted().values()) == 1


def test_the_cookie_holds_twenty_arms_in_a_kilobyte_and_none_of_rules_gone():
    old = experiment(path="/old/", name="old", goal="/t/")
    client = visitor()
    client.get("/old/")
    old.delete()
    for number in range(22):
        experiment(path=f"/p{number}/", name=f"p{number}")
        client.get(f"/p{number}/")
    value = client.cookies["temp_redirects"].value
    _, kept = read_visitor(value)
    newest = [str(row.pk) for row in RedirectRule.objects.all()]
    keys = {pins.key_of(pk) for pk in newest}
    assert len(kept) == 20
    assert set(kept) <= keys
    assert len(value) <= 1_024


def test_long_ids_of_arms_push_out_the_oldest_pins():
    many = [pins.Pin(pins.key_of(str(n)), "0" * 6, "é" * 40, n) for n in range(20)]
    value = sign_visitor("A" * 22, many)
    assert len(value) <= 1_024
    assert [*read_visitor(value)[1].values()][-1] == many[-1]


def test_editing_shares_moves_nobody_and_draining_lets_them_go():
    rule = experiment()
    staying, going = some("original"), some("b")
    rule.destinations.update(percentage=1)
    assert arm_of(going.get("/pricing/")) == "b"
    rule.destinations.update(percentage=0)
    assert arm_of(going.get("/pricing/")) == "original"
    rule.destinations.update(percentage=99)
    assert arm_of(staying.get("/pricing/")) == "original"
    tallies.flush()
    assert ArmCount.objects.values("epoch").distinct().count() == 2


@pytest.mark.parametrize("arm", ["b", "original"])
def test_a_login_changes_no_arm(arm):
    experiment(sticky="user")
    client = some(arm)
    user = get_user_model().objects.create_user("ada")
    for change in (lambda: client.force_login(user), client.logout):
        change_cookie = client.cookies.get("temp_redirects")
        change()
        client.cookies["temp_redirects"] = change_cookie.value
        assert arm_of(client.get("/pricing/")) == arm


def test_a_user_has_the_same_arm_on_every_device():
    experiment(sticky="user")
    for number in range(8):
        user = get_user_model().objects.create_user(f"u{number}")
        arms = set()
        for _ in range(2):
            device = visitor()
            device.force_login(user)
            arms.add(arm_of(device.get("/pricing/")))
        assert len(arms) == 1


# Counting


@pytest.mark.parametrize("arm", ["b", "original"])
def test_a_goal_counts_once_for_the_arm_that_was_seen(arm):
    experiment()
    client = some(arm)
    before = counted()
    assert f"{arm} bought" not in before
    client.get("/thanks/")
    client.get("/thanks/")
    client.post("/order/")
    assert counted() == before | {f"{arm} bought": 1}


@pytest.mark.parametrize("status", [200, 201, 302, 404, 500])
def test_code_says_that_a_visitor_has_bought_where_nothing_failed(status):
    experiment()
    client = some("b")
    client.post(f"/order/?status={status}")
    assert counted().get("b bought", 0) == (status < 400)


@pytest.mark.parametrize("status", [200, 500])
def test_code_says_so_on_pages_that_no_rule_is_for(as_live, status):
    experiment()
    client = some("b")
    cookies = client.cookies["temp_redirects"].value

    async def buy():
        visitor = AsyncClient(headers={"User-Agent": BROWSER})
        visitor.cookies.load({"temp_redirects": cookies})
        return await visitor.post(f"/order/?status={status}")

    with as_live():
        client.post(f"/order/?status={status}")
        client.post(f"/order/?status={status}")
        client.get("/a/")
        async_to_sync(buy)()
    assert counted().get("b bought", 0) == 2 * (status < 400)


def test_a_goal_is_noticed_where_pages_are_passed_by(as_live):
    experiment()
    client = some("b")
    with as_live():
        client.get("/a/")
        client.get("/thanks/")
    assert counted()["b bought"] == 1


def test_the_name_of_no_experiment_counts_nothing():
    experiment(name="another")
    client = some("b")
    client.post("/order/")
    assert "b bought" not in counted()


def test_a_goal_is_this_path_by_get_and_answered_well():
    experiment(goal="/broken/")
    client = some("b")
    client.get("/broken/")
    experiment(goal="/thanks/")
    for ask in (
        lambda: client.get("/thanks/more/"),
        lambda: client.post("/thanks/"),
        lambda: client.head("/thanks/"),
    ):
        ask()
    assert "b bought" not in counted()


def test_a_goal_counts_within_its_days(clock):
    experiment(goal_days=2)
    late, early = some("b"), some("b")
    clock[0] += 2 * DAY
    early.get("/thanks/")
    clock[0] += 1
    late.get("/thanks/")
    assert counted()["b bought"] == 1


def test_a_goal_counts_after_the_end_too(clock):
    end = datetime.fromtimestamp(NOON, UTC) + timedelta(hours=1)
    experiment(ends_at=end)
    client = some("b")
    clock[0] += DAY
    assert arm_of(client.get("/pricing/")) == "original"
    client.get("/thanks/")
    assert counted()["b bought"] == 1


def test_who_never_saw_the_experiment_reaches_no_goal():
    experiment()
    visitor().get("/thanks/")
    visitor().post("/order/")
    visitor().get("/pricing-b/")
    assert counted() == {}


def test_a_page_that_fails_is_nobodys_first_answer():
    experiment(path="/broken/", target=[{"target": "/x/", "percentage": 0}])
    client = visitor()
    client.get("/broken/")
    client.get("/thanks/")
    assert counted() == {}


GUESSES = {
    "a prefetch": {"Sec-Purpose": "prefetch;anonymous-client-ip"},
    "a prerender": {"Sec-Purpose": "prefetch;prerender"},
    "an older prefetch": {"Purpose": "prefetch"},
    "Firefox’s prefetch": {"X-Moz": "prefetch"},
}
NOT_COUNTED = {
    "a robot": {"User-Agent": ROBOT},
    "an uptime check": {"User-Agent": "Mozilla/5.0 (compatible; UptimeRobot/2.0)"},
    "an uptime check that only the project knows": {"User-Agent": "Acme-Probe 7"},
    **GUESSES,
    "a script": {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
}


@pytest.mark.parametrize("headers", NOT_COUNTED.values(), ids=NOT_COUNTED)
def test_what_no_person_asked_for_never_counts(settings, headers):
    settings.TEMP_REDIRECTS = {"BOTS": ["acme-probe"], "REFUSE_PREFETCH": False}
    experiment()
    client = visitor(**headers)
    answers = [client.get("/pricing/") for _ in range(3)]
    client.get("/thanks/")
    assert {each.status_code for each in answers} <= {200, 307}
    assert counted() == {}


def test_a_browser_of_an_app_with_a_longer_name_counts(settings):
    settings.TEMP_REDIRECTS = {"BOTS": ["acme"]}
    experiment()
    visitor(**{"User-Agent": f"{BROWSER} AcmeShop/3.1"}).get("/pricing/")
    assert sum(counted().values()) == 1


@pytest.mark.parametrize("headers", GUESSES.values(), ids=GUESSES)
def test_a_prefetch_is_refused_so_that_the_visit_itself_counts(headers, caplog):
    experiment()
    client = visitor()
    guess = client.get("/pricing/", headers=headers)
    assert (guess.status_code, guess["Cache-Control"]) == (503, "no-store")
    assert "Cookie" in guess["Vary"]
    assert (guess.content, client.cookies, caplog.records) == (b"", {}, [])
    arm = arm_of(client.get("/pricing/"))
    assert client.get("/thanks/", headers=headers).status_code == 503
    assert counted() == {f"{arm} seen": 1}
    client.get("/thanks/")
    assert counted() == {f"{arm} seen": 1, f"{arm} bought": 1}


def test_a_prefetch_that_would_count_for_nothing_is_answered():
    experiment()
    experiment(name="load", goal="", path="/load/")
    client = some("b")
    guess = {"Sec-Purpose": "prefetch"}
    assert visitor().get("/thanks/", headers=guess).status_code == 200
    client.get("/thanks/")
    for url in ("/pricing/", "/thanks/", "/load/", "/a/"):
        assert client.get(url, headers=guess).status_code in {200, 307}


def test_a_prefetch_of_who_is_not_to_be_followed_is_answered():
    experiment()
    guess = {"Sec-Purpose": "prefetch", "Sec-GPC": "1"}
    assert visitor().get("/pricing/", headers=guess).status_code == 200


def test_head_gets_the_same_answer_without_cookie_and_count():
    experiment()
    for arm in ("b", "original"):
        client = some(arm)
        before = counted()
        assert arm_of(client.head("/pricing/")) == arm
        assert counted() == before
    assert not visitor().head("/pricing/").cookies


def test_a_robot_gets_no_cookie():
    experiment()
    assert not visitor(**{"User-Agent": ROBOT}).get("/pricing/").cookies


def test_who_opens_an_arms_page_by_its_own_address_is_nobodys_visitor():
    experiment()
    client = visitor()
    assert not client.get("/pricing-b/").cookies
    client.get("/thanks/")
    assert counted() == {}


def test_what_advertisers_add_to_an_address_comes_along_as_it_was():
    experiment(target=[{"target": "/pricing-b/?from=test#plans", "percentage": 100}])
    query = "utm_source=a%20b&gclid=X1&tag=&tag=2&from=mail"
    assert visitor().get(f"/pricing/?{query}")["Location"] == (
        "/pricing-b/?from=test&utm_source=a%20b&gclid=X1&tag=&tag=2#plans"
    )


def test_the_page_that_visitors_came_from_is_told_as_without_us(settings):
    settings.MIDDLEWARE = [OURS]
    experiment()
    for arm in ("b", "original"):
        client = visitor()
        while arm_of(answer := client.get("/pricing/")) != arm:
            client = visitor()
        assert "Referrer-Policy" not in answer


def test_staff_see_each_arm_uncounted_and_nothing_of_it_is_passed_on():
    rule = experiment()
    (key,) = rule.destinations.values_list("key", flat=True)
    for arm, expected in ((key, "b"), ("original", "original")):
        token = sign_arm(str(rule.pk), arm)
        answer = visitor().get(f"/pricing/?x=1&{ARM}={token}&y=2")
        assert arm_of(answer) == expected
        assert not answer.cookies
        if expected == "b":
            assert answer["Location"] == "/pricing-b/?x=1&y=2"
    assert counted() == {}


def test_a_link_that_nobody_signed_shows_nothing():
    rule = experiment(target=[{**HALF[0], "percentage": 0}])
    (key,) = rule.destinations.values_list("key", flat=True)
    answer = visitor().get(f"/pricing/?{ARM}={rule.pk},{key}")
    assert arm_of(answer) == "original"


def test_a_count_that_fails_costs_no_visitor_anything(monkeypatch, caplog):
    experiment()
    monkeypatch.setattr(tallies, "exposed", None)
    assert visitor().get("/pricing/").status_code in {200, 307}
    assert "could not be counted" in caplog.text


def test_switched_off_nothing_is_counted(settings, as_live):
    experiment()
    client = some("b")
    before = counted()
    settings.TEMP_REDIRECTS = {"ENABLED": False}
    client.get("/pricing/")
    client.get("/thanks/")
    client.post("/order/")
    with as_live():
        client.post("/order/")
    assert counted() == before


# Privacy


def no(request):
    return False


def failing(request):
    raise RuntimeError


def yes(request):
    return request.COOKIES.get("consent") == "yes"


REFUSING = {
    "Global Privacy Control": ({}, {"Sec-GPC": "1"}),
    "Do Not Track": ({}, {"DNT": "1"}),
    "no consent": ({"CONSENT": "tests.test_visitors.no"}, {}),
    "consent that fails": ({"CONSENT": "tests.test_visitors.failing"}, {}),
    "consent that is nowhere": ({"CONSENT": "tests.nowhere.no"}, {}),
}


@pytest.mark.parametrize(("given", "headers"), REFUSING.values(), ids=REFUSING)
def test_who_is_not_to_be_followed_is_not(settings, given, headers):
    settings.TEMP_REDIRECTS = given
    experiment()
    RedirectRule.objects.schedule("/load/", HALF, name="load")
    for number in range(10):
        client = visitor(**headers)
        answer = client.get("/pricing/")
        assert (answer.status_code, dict(answer.cookies)) == (200, {})
        answers = [
            client.get("/load/", REMOTE_ADDR=f"192.0.2.{number}") for _ in range(3)
        ]
        assert len({each.status_code for each in answers}) == 1
        assert not any(each.cookies for each in answers)
        client.get("/thanks/")
        client.post("/order/")
    assert counted() == {}


@pytest.mark.parametrize(
    "given",
    [{"PRIVACY_SIGNALS": []}, {"PRIVACY_SIGNALS": ["DNT"]}],
    ids=["none", "another one"],
)
def test_signals_are_respected_where_the_settings_say_so(settings, given):
    settings.TEMP_REDIRECTS = given
    experiment()
    assert visitor(**{"Sec-GPC": "1"}).get("/pricing/").cookies


def test_who_consents_takes_part(settings):
    settings.TEMP_REDIRECTS = {"CONSENT": "tests.test_visitors.yes"}
    experiment()
    assert not visitor().get("/pricing/").cookies
    assert visitor(Cookie="consent=yes").get("/pricing/").cookies


# Caches


UPDATE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
OURS = "temp_redirects.middleware.TempRedirectMiddleware"


@pytest.mark.parametrize(
    "middlewares",
    [
        pytest.param([UPDATE, OURS, FETCH], id="stored above, fetched below"),
        pytest.param([UPDATE, FETCH, OURS], id="outside"),
        pytest.param([OURS, UPDATE, FETCH], id="inside"),
    ],
)
@pytest.mark.parametrize("asked", ["/pricing/", "/cached/"])
def test_no_cache_gives_a_visitor_what_another_one_got(settings, middlewares, asked):
    settings.MIDDLEWARE = middlewares
    experiment(path=asked)
    clients = [visitor() for _ in range(20)]
    first = [arm_of(each.get(asked)) for each in clients]
    assert set(first) == {"b", "original"}
    assert [arm_of(each.get(asked)) for each in clients] == first
    assert sum(counted().values()) == len(clients)


@pytest.mark.parametrize("keys", [{}, {"goal": ""}, {"goal": "", "sticky": "address"}])
def test_every_answer_varies_alike_and_is_for_one_visitor(settings, keys):
    settings.TEMP_REDIRECTS = {"TRUSTED_PROXIES": ["127.0.0.1"]}
    experiment(path="/streamed/", **keys)
    varies, kept = set(), set()
    for number in range(20):
        forwarded = {"X-Forwarded-For": f"192.0.2.{number}"}
        answer = visitor(**forwarded).get("/streamed/")
        varies.add(frozenset(re.split(", *", answer["Vary"].lower())))
        kept.add((answer.status_code, answer["Cache-Control"]))
    assert kept == {(307, "no-store"), (200, "private")}
    assert len(varies) == 1


def test_a_goal_that_sets_the_cookie_is_for_one_visitor():
    experiment()
    answer = some("b").get("/thanks/")
    assert answer.cookies
    assert answer["Cache-Control"] == "private"
    assert "Cookie" in answer["Vary"]


# Event loops


def test_on_an_event_loop_it_is_the_same():
    experiment()

    async def visit():
        client = AsyncClient(headers={"User-Agent": BROWSER})
        first = await client.get("/pricing/")
        again = await client.get("/pricing/")
        await client.get("/thanks/")
        return arm_of(first), arm_of(again)

    answers = [async_to_sync(visit)() for _ in range(20)]
    assert all(first == again for first, again in answers)
    found = counted()
    for arm in ("b", "original"):
        number = sum(first == arm for first, _ in answers)
        assert number
        assert (found[f"{arm} seen"], found[f"{arm} bought"]) == (number, number)
