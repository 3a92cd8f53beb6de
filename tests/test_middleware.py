"""What the middleware answers, and what it leaves alone."""

import logging
from datetime import timedelta
from time import monotonic

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.utils import timezone

from temp_redirects import middleware, requests
from temp_redirects.core.conditions import KINDS
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.index import EVERYTHING
from temp_redirects.core.traffic import Traffic
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import RedirectRule
from temp_redirects.requests import RequestVisit

pytestmark = pytest.mark.django_db

HTTP = [{"kind": "scheme", "value": "http"}]
PROXIED = ("HTTP_X_FORWARDED_PROTO", "https")
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def schedule():
    return RedirectRule.objects.schedule


@pytest.fixture(params=["sync", "async"])
def ask(request, client, async_client):
    """Send a request through the whole stack, by either of Django's clients."""
    if request.param == "sync":
        return client.generic

    def send(method, path, *args, **extra):
        headers = {name[5:].replace("_", "-"): extra[name] for name in extra}

        async def answer():
            return await async_client.generic(method, path, *args, headers=headers)

        return async_to_sync(answer)()

    return send


def test_a_covered_path_answers_307_with_its_location(ask, schedule):
    schedule("/submit", "/elsewhere")

    response = ask("POST", "/submit")

    assert response.status_code == 307
    assert response.reason_phrase == "Temporary Redirect"
    assert response["Location"] == "/elsewhere"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Redirect-By"] == "temp_redirects"


@pytest.mark.parametrize("status", [303, 302])
def test_a_rule_may_choose_another_temporary_answer(ask, schedule, status):
    schedule("/a", "/b", status=status)

    assert ask("GET", "/a").status_code == status


def test_a_path_without_a_rule_is_answered_byte_by_byte_as_without_the_app(
    client, schedule, settings
):
    schedule("/a", "/b", conditions=HTTP)
    settings.SECURE_PROXY_SSL_HEADER = PROXIED
    with_app = client.get("/other")
    settings.MIDDLEWARE = [
        name for name in settings.MIDDLEWARE if "temp_redirects" not in name
    ]
    client.handler._middleware_chain = None

    without_app = client.get("/other")

    assert with_app.serialize() == without_app.serialize()


def test_the_content_is_a_short_escaped_note(ask, schedule):
    schedule("/a", "/b")

    content = ask("GET", "/a").content.decode()

    assert '<a href="/b">/b</a>' in content
    assert len(content) < 500


def test_a_hostile_query_cannot_leave_the_notes_link(client, schedule):
    schedule("/a", "/b")

    content = client.get("/a", QUERY_STRING='"><script>alert(1)</script>').content

    assert b"<script>" not in content


def test_cors_preflights_pass(ask, schedule):
    schedule("/a", "/b")

    response = ask(
        "OPTIONS",
        "/a",
        HTTP_ORIGIN="https://app.example",
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
    )

    assert response.status_code == 200


def test_options_that_is_no_preflight_is_redirected(ask, schedule):
    schedule("/a", "/b")

    assert ask("OPTIONS", "/a").status_code == 307


def test_vary_stands_on_the_redirect_and_on_the_page_alike(ask, schedule, settings):
    settings.SECURE_PROXY_SSL_HEADER = PROXIED
    schedule("/a", "/b", conditions=HTTP)

    redirect = ask("GET", "/a")
    page = ask("GET", "/a", HTTP_X_FORWARDED_PROTO="https")

    assert (redirect.status_code, redirect["Vary"]) == (307, "X-Forwarded-Proto")
    assert (page.status_code, page["Vary"]) == (200, "X-Forwarded-Proto")


def test_a_rule_that_is_not_live_varies_nothing(ask, schedule, settings):
    settings.SECURE_PROXY_SSL_HEADER = PROXIED
    tomorrow = timezone.now() + timedelta(days=1)
    schedule("/a", "/b", conditions=HTTP, starts_at=tomorrow)

    assert not ask("GET", "/a").has_header("Vary")


def test_a_host_that_a_proxy_tells_is_part_of_what_caches_tell_apart(
    ask, schedule, settings
):
    settings.USE_X_FORWARDED_HOST = True
    schedule("/a", "https://{host}/b", hosts=["shop.example"], cache_seconds=600)

    redirect = ask("GET", "/a", HTTP_X_FORWARDED_HOST="shop.example")
    page = ask("GET", "/a", HTTP_X_FORWARDED_HOST="localhost")

    assert (redirect.status_code, redirect["Vary"]) == (307, "X-Forwarded-Host")
    assert (page.status_code, page["Vary"]) == (200, "X-Forwarded-Host")


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("same-origin", "same-origin"),
        (["no-referrer", "origin"], "no-referrer,origin"),
        (None, "strict-origin-when-cross-origin"),
    ],
)
def test_another_site_learns_no_path_of_this_one(ask, schedule, settings, policy, told):
    settings.SECURE_REFERRER_POLICY = policy
    schedule("/a", "https://partner.example/b")

    assert ask("GET", "/a")["Referrer-Policy"] == told


def test_a_cached_answer_never_outlives_the_window(client, schedule):
    schedule(
        "/a",
        "/b",
        cache_seconds=3600,
        ends_at=timezone.now() + timedelta(seconds=60),
    )

    scope, age = client.get("/a")["Cache-Control"].split(", max-age=")

    assert scope == "public"
    assert 57 <= int(age) <= 60


def test_a_rule_without_an_end_caches_as_long_as_it_says(client, schedule):
    schedule("/a", "/b", cache_seconds=3600)

    assert client.get("/a")["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    ("offset", "status"),
    [
        pytest.param(-MOMENT, 200, id="just before the start"),
        pytest.param(timedelta(0), 307, id="at the start"),
        pytest.param(timedelta(hours=1) - MOMENT, 307, id="just before the end"),
        pytest.param(timedelta(hours=1), 200, id="at the end"),
    ],
)
def test_a_window_opens_and_closes_on_the_second(
    client, schedule, offset, status, monkeypatch
):
    start = timezone.now() + timedelta(days=1)
    schedule("/a", "/b", starts_at=start, ends_at=start + timedelta(hours=1))
    at = (start + offset).timestamp()
    monkeypatch.setattr(TempRedirectMiddleware, "clock", staticmethod(lambda: at))

    assert client.get("/a").status_code == status


def test_the_switch_in_the_settings_needs_no_database(
    client, schedule, settings, django_assert_num_queries
):
    schedule("/a", "/b")
    client.get("/a")
    settings.TEMP_REDIRECTS = {"ENABLED": False}

    with django_assert_num_queries(0):
        assert client.get("/a").status_code == 200


def test_one_bad_row_switches_only_itself_off(client, schedule):
    schedule("/a", "/b")
    begun = timezone.now() - timedelta(days=1)
    RedirectRule.objects.update(starts_at=begun, timezone="Atlantis/Capital")
    schedule("/c", "/d")

    assert client.get("/a").status_code == 200
    assert client.get("/c").status_code == 307


def test_a_row_written_past_every_check_never_leaves_the_site(client, schedule):
    rule = schedule("/a", "/b")
    rule.destinations.update(target="//evil.example/")

    assert client.get("/a").status_code == 200


class Unreadable:
    """A body that fails the test when somebody reads it."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


def test_the_body_is_never_read(schedule):
    schedule("/a", "/b")
    request = RequestFactory().post("/a", data={"x": "y"})
    request.META["wsgi.input"] = request._stream = Unreadable()

    response = TempRedirectMiddleware(lambda _: HttpResponse("page"))(request)

    assert response.status_code == 307


class Broken:
    """A ruleset with a defect in it."""

    counts_requests = False
    beginnings = EVERYTHING

    def covers(self, path):
        raise RuntimeError("defect")


def test_a_failure_of_ours_goes_to_the_log_and_the_request_to_its_view_once(
    monkeypatch, caplog
):
    asked = []
    monkeypatch.setattr(middleware.store, "live", Broken())
    monkeypatch.setattr(middleware.store, "deadline", float("inf"))

    def view(request):
        asked.append(request.path)
        return HttpResponse("page")

    async def aview(request):
        return view(request)

    sync = TempRedirectMiddleware(view)(RequestFactory().get("/a"))
    middleware._told.clear()  # a minute later
    asyn = async_to_sync(TempRedirectMiddleware(aview))(AsyncRequestFactory().get("/a"))

    assert (sync.content, asyn.content) == (b"page", b"page")
    assert asked == ["/a", "/a"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_an_exception_of_the_view_stays_as_it_is(schedule):
    def view(request):
        raise KeyError("the view's own")

    with pytest.raises(KeyError, match="the view's own"):
        TempRedirectMiddleware(view)(RequestFactory().get("/a"))


def test_an_unsafe_location_is_logged_and_the_page_served(ask, schedule, caplog):
    schedule("/x/", "/y/{rest}", match="prefix")

    response = ask("GET", "/x//evil.example")

    assert response.status_code == 200
    assert "did not redirect" in caplog.text


def test_the_rules_name_is_told_in_debug_and_to_staff_only(client, schedule, settings):
    schedule("/a", "/b", name="moved é")
    told = {"HTTP_X": "1"}

    assert not client.get("/a", **told).has_header("X-Redirect-Rule")
    settings.DEBUG = True
    assert client.get("/a", **told)["X-Redirect-Rule"] == "moved%20%C3%A9"


def test_staff_that_is_known_already_is_told_the_rules_name(schedule):
    schedule("/a", "/b", name="moved")
    request = RequestFactory().get("/a")
    request._cached_user = get_user_model()(is_staff=True)

    response = TempRedirectMiddleware(lambda _: HttpResponse("page"))(request)

    assert response["X-Redirect-Rule"] == "moved"


PROTECTED = ["/admin/", "/admin", "/static/x.css", "/robots.txt", "/.well-known/x"]


@pytest.mark.parametrize("path", PROTECTED)
def test_protected_paths_pass_whatever_a_rule_covers(client, schedule, path):
    schedule("/", "/elsewhere", match="prefix")

    assert client.get(path).status_code != 307
    assert client.get("/administration").status_code == 307


def test_a_login_page_is_redirected_only_by_a_rule_that_names_it(client, schedule):
    schedule("/", "/elsewhere", match="prefix")
    assert client.get("/login/").status_code == 200

    schedule("/login/", "/elsewhere")
    assert client.get("/login/").status_code == 307


@pytest.mark.parametrize(
    ("target", "is_taken"),
    [
        ("https://partner.example/login", False),
        ("https://partner.example:8443/{path}", False),
        ("https://shop.example/login", True),
        ("https://{host}/sign-in/", True),
    ],
)
def test_passwords_are_sent_to_no_host_but_the_sites_own(
    client, schedule, settings, target, is_taken
):
    partners = ["partner.example", "https://partner.example:8443"]
    settings.TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": partners}
    if is_taken:
        schedule("/login/", target)
    else:
        with pytest.raises(ValidationError, match="would get their passwords"):
            schedule("/login/", target)
        schedule("/login/", "/elsewhere").destinations.update(target=target)  # as SQL

    status = client.post("/login/", {"password": "x"}).status_code
    assert status == (307 if is_taken else 200)


def test_a_host_that_django_refuses_is_left_to_django(client, schedule):
    schedule("/a", "/b", hosts=["shop.example"])

    assert client.get("/a", HTTP_HOST="evil.example").status_code == 400
    assert client.get("/a", HTTP_HOST="SHOP.example.:80").status_code == 307


def test_a_query_of_1001_fields_is_no_error(client, schedule):
    schedule("/a", "/b")
    query = "&".join(f"{n}=" for n in range(1001))

    response = client.get("/a", QUERY_STRING=query)

    assert response["Location"] == f"/b?{query}"


def test_a_location_beyond_what_servers_take_is_not_sent(client, schedule):
    schedule("/a", "/b")

    assert client.get("/a", QUERY_STRING="x=" + "y" * 30_000).status_code == 200


def test_a_query_that_is_no_ascii_is_encoded_once(client, schedule):
    schedule("/a", "/b")

    raw = "q=é ü".encode().decode("latin-1")
    assert client.get("/a", QUERY_STRING=raw)["Location"] == "/b?q=%C3%A9%20%C3%BC"


def test_the_script_prefix_is_part_of_the_path(client, schedule):
    schedule("/app/a", "/b")

    assert client.get("/a", SCRIPT_NAME="/app").status_code == 307
    assert client.get("/a").status_code == 200


STAFF = [{"kind": "user", "value": "staff"}]


@pytest.fixture
def staff(client, async_client):
    user = get_user_model().objects.create_user("ada", is_staff=True)
    client.force_login(user)
    async_client.force_login(user)
    return user


def test_a_rule_for_staff_redirects_staff(ask, schedule, staff):
    schedule("/a", "/b", conditions=STAFF)

    response = ask("GET", "/a")

    assert response.status_code == 307
    assert response["Vary"] == "Cookie"
    assert response["Cache-Control"] == "no-store"


def test_a_rule_for_staff_leaves_others_their_page_and_caches_know(ask, schedule):
    schedule("/a", "/b", conditions=STAFF)

    response = ask("GET", "/a")

    assert response.status_code == 200
    assert response["Vary"] == "Cookie"
    assert response["Cache-Control"] == "private"


def test_an_answer_about_a_person_is_cached_by_their_browser_alone(
    client, schedule, staff
):
    schedule("/a", "/b", conditions=STAFF, cache_seconds=60)

    assert client.get("/a")["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("no-store", "no-store", id="not stored at all"),
        pytest.param("Private, max-age=5", "Private, max-age=5", id="private already"),
        pytest.param("public, max-age=5", "max-age=5, private", id="public no more"),
    ],
)
def test_a_page_that_says_enough_to_caches_is_left_as_it_is(schedule, said, kept):
    schedule("/a", "/b", conditions=STAFF)
    page = HttpResponse("page", headers={"Cache-Control": said})

    response = TempRedirectMiddleware(lambda _: page)(RequestFactory().get("/a"))

    assert response["Cache-Control"] == kept


def test_nobody_is_fetched_where_no_rule_of_the_path_asks(
    client, schedule, staff, django_assert_num_queries
):
    schedule("/a", "/b", conditions=STAFF)
    schedule("/c", "/d")
    tomorrow = timezone.now() + timedelta(days=1)
    schedule("/e", "/f", conditions=STAFF, starts_at=tomorrow)
    client.get("/c")

    for path in ("/c", "/d", "/e"):
        with django_assert_num_queries(0):
            client.get(path)
    with django_assert_num_queries(2):  # the session and the user
        assert client.get("/a").status_code == 307


def test_a_signed_out_visitor_costs_no_query(
    client, schedule, django_assert_num_queries
):
    schedule("/a", "/b", conditions=[{"kind": "user", "value": "anonymous"}])
    client.get("/c")

    with django_assert_num_queries(0):
        assert client.get("/a").status_code == 307


def test_the_address_is_the_clients_own_unless_a_proxy_is_trusted(
    ask, schedule, settings
):
    schedule("/a", "/b", conditions=[{"kind": "address", "value": "192.0.2.0/24"}])

    assert ask("GET", "/a", HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 200
    settings.TEMP_REDIRECTS = {"TRUSTED_PROXIES": ["127.0.0.1"]}
    response = ask("GET", "/a", HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert (response.status_code, response["Vary"]) == (307, "X-Forwarded-For")


class Sunny(Scheme):
    """A project's own condition, with a defect."""

    kind = None  # on no form

    def holds(self, visit):
        raise RuntimeError("defect")


@pytest.fixture
def sunny(monkeypatch):
    monkeypatch.setattr(middleware, "_told", {})
    monkeypatch.setattr(Sunny, "kind", "sunny")
    monkeypatch.setitem(KINDS, "sunny", Sunny)
    return [{"kind": "sunny", "value": "http"}]


def test_a_condition_that_raises_holds_for_nobody_and_is_logged_once_a_minute(
    ask, schedule, sunny, caplog, monkeypatch
):
    schedule("/a", "/b", conditions=sunny)
    schedule("/c", "/d", unless=sunny)

    assert ask("GET", "/a").status_code == 200
    assert ask("GET", "/c").status_code == 307
    assert len(caplog.records) == 1
    monkeypatch.setattr(middleware, "MINUTE", 0)
    ask("GET", "/a")
    assert len(caplog.records) == 2


@pytest.fixture
def traffic(monkeypatch):
    fresh = Traffic()
    for module in (middleware, requests):
        monkeypatch.setattr(module, "traffic", fresh)
    return fresh


BUSY = [{"kind": "busy", "value": "2, 1"}]  # twenty requests in ten seconds


def test_a_flood_is_sent_elsewhere(ask, schedule, traffic):
    schedule("/a", "/b", conditions=BUSY)
    answers = [ask("GET", "/a").status_code for _ in range(25)]

    assert answers[:19] == [200] * 19
    assert answers[20:] == [307] * 5


def test_requests_for_other_paths_count_too(ask, schedule, traffic):
    schedule("/a", "/b", conditions=BUSY)
    for _ in range(20):
        assert ask("GET", "/other").status_code == 200

    assert ask("GET", "/a").status_code == 307


def test_nothing_is_counted_where_no_rule_asks(client, schedule, traffic):
    schedule("/a", "/b", conditions=[{"kind": "device", "value": "mobile"}])
    client.get("/a")

    assert traffic.rate(monotonic()) == 0
    visit = RequestVisit(RequestFactory().get("/a"), "/a")
    assert visit.rate == 0


def test_a_rule_whose_first_segment_is_no_utf8_is_reached(schedule):
    schedule("/%FFa", "/new/")
    request = RequestFactory().get("/x", RAW_URI="/%FFa")
    request.path = request.path_info = "/%FFa"  # as Django shows that byte
    answer = TempRedirectMiddleware(lambda request: HttpResponse("page"))(request)

    assert answer.status_code == 307
