"""The pitfalls of maintenance modes, each with what happens here instead."""

import logging
import time
from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path
from django.views.i18n import set_language

from temp_redirects.advice import advise_window
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.testing import override_window
from tests.closing import HOUR, MINUTE, NOW, close
from tests.serving import ROOT

pytestmark = pytest.mark.django_db

OURS = "temp_redirects.middleware.TempRedirectMiddleware"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
HERE = "tests.test_pitfalls"


@pytest.fixture(autouse=True)
def _at_two():
    with time_machine.travel(NOW, tick=False):
        yield


def advised(window):
    return {each.code: each.text for each in advise_window(window.compile(), NOW)}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_302_would_lose_the_form_so_it_is_always_a_307(client, method):
    close()

    answer = getattr(client, method)("/shop/", {"name": "Ada"})

    assert answer.status_code == 307


def test_a_notice_of_200_would_be_indexed_so_it_is_a_503(client):
    close(ends_at=NOW + HOUR)

    page = client.get("/shop/", follow=True)

    assert [status for _, status in page.redirect_chain] == [307]
    assert page.status_code == 503
    assert page["X-Robots-Tag"] == "noindex"
    assert page["Cache-Control"] == "no-store"
    assert int(page["Retry-After"]) > 3_600


@pytest.mark.parametrize(("hours", "is_told"), [(48, False), (49, True)])
def test_a_long_window_drops_out_of_search_engines_so_staff_are_warned(hours, is_told):
    window = close(starts_at=NOW, ends_at=NOW + hours * HOUR)
    told = {each.code for each in advise_window(window.compile(), NOW.timestamp())}

    assert ("too_long" in told) is is_told


def test_a_constant_retry_after_is_ignored_so_it_is_the_real_end_and_spread(client):
    close(ends_at=NOW + HOUR)
    soon = {int(client.get("/shop/", follow=True)["Retry-After"]) for _ in range(40)}
    MaintenanceWindow.objects.extend(HOUR)
    later = {int(client.get("/shop/", follow=True)["Retry-After"]) for _ in range(40)}

    assert all(0 < each - 3_600 <= 30 for each in soon)
    assert all(0 < each - 7_200 <= 30 for each in later)
    assert min(len(soon), len(later)) > 1  # no herd of them in one second


def page(request):
    return HttpResponse("open")


urlpatterns = [
    path("i18n/setlang/", set_language, name="set_language"),
    path("jsi18n/", page, name="javascript-catalog"),
    path("maps/all.xml", page, name="django.contrib.sitemaps.views.sitemap"),
    path("maps/", page, name="django.contrib.sitemaps.views.index"),
    path("maintenance/", include("temp_redirects.urls")),
    path("", include("tests.urls")),
]


@override_settings(ROOT_URLCONF=HERE)
@pytest.mark.parametrize(
    "open_path",
    ["/robots.txt", "/.well-known/security.txt", "/maps/all.xml", "/maps/"],
)
def test_a_503_on_robots_txt_halts_crawlers_so_it_stays_open(client, open_path):
    close("/")

    assert client.get(open_path).status_code == 200
    assert client.get("/").status_code == 307


def test_a_cdn_keeps_what_it_may_so_nothing_may_be_kept(client):
    close(ends_at=NOW + HOUR)

    redirect = client.get("/shop/")
    notice = client.get(redirect["Location"])

    assert (redirect["Cache-Control"], notice["Cache-Control"]) == ("no-store",) * 2
    assert redirect["Vary"] == "Cookie"  # in which a pass may be
    assert notice["Vary"] == "Accept, HX-Request, Sec-Fetch-Mode"


@pytest.mark.parametrize("word", ["purge", "stale-if-error", "NTP", "PROTECTED_PATHS"])
def test_what_no_code_can_help_with_is_documented(word):
    text = (ROOT / "docs/notice.md").read_text()

    assert word in text


@pytest.mark.parametrize("opened", ["settings", "except"])
def test_a_health_check_takes_the_site_offline_so_it_can_be_kept_open(client, opened):
    paths = ["/healthz"] if opened == "settings" else []
    with override_settings(TEMP_REDIRECTS={"PROTECTED_PATHS": paths}):
        close("/", except_paths=["/healthz"] if opened == "except" else [])

        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz-of-shop").status_code == 307


def test_a_health_check_that_is_closed_is_warned_of():
    assert "“/health”" in advised(close("/"))["health"]


PREFLIGHT = {
    "HTTP_ORIGIN": "https://app.example",
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT",
}


def cors(get_response):
    """What a middleware for CORS does, as far as it matters here."""

    def middleware(request):
        response = get_response(request)
        response["Access-Control-Allow-Origin"] = "https://app.example"
        return response

    return middleware


def test_a_preflight_may_not_be_redirected_so_it_reaches_the_view(client):
    close()

    assert client.options("/shop/", **PREFLIGHT).content == b"original /shop/"


@override_settings(MIDDLEWARE=[f"{HERE}.cors", OURS])
def test_what_cors_adds_is_on_the_redirect_and_on_the_notice(client):
    close()

    redirect = client.put("/shop/", **PREFLIGHT)
    notice = client.put(redirect["Location"], **PREFLIGHT)

    assert (redirect.status_code, notice.status_code) == (307, 503)
    for answer in (redirect, notice):
        assert answer["Access-Control-Allow-Origin"] == "https://app.example"


@pytest.mark.parametrize(
    "script", [{"HTTP_SEC_FETCH_MODE": "cors"}, {"HTTP_HX_REQUEST": "true"}]
)
def test_fetch_and_htmx_swap_pages_into_fragments_so_they_get_a_problem(client, script):
    close()

    answer = client.get("/shop/", HTTP_ACCEPT="*/*", **script, follow=True)

    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("api", ["redirect", "503"])
@pytest.mark.parametrize("target", ["", "https://partner.example{path}"])
def test_a_websocket_follows_no_redirect_so_it_gets_a_503(client, api, target):
    close(api=api, target=target, ends_at=NOW + HOUR)
    handshake = {
        "HTTP_UPGRADE": "WebSocket",
        "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_FETCH_MODE": "websocket",
    }

    answer = client.get("/shop/", **handshake)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 3_600


def test_a_websocket_is_redirected_by_a_rule_that_is_no_window(client):
    RedirectRule.objects.schedule("/a/", "/b/")

    assert client.get("/a/", HTTP_UPGRADE="websocket").status_code == 307


def test_form_action_may_block_another_server_so_staff_are_warned():
    assert "other_origin" not in advised(close())
    other = advised(close(target="https://partner.example{path}"))

    assert "“form-action”" in other["other_origin"]


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example/", "http://partner.example/", "//evil.example"],
)
def test_secrets_may_cross_so_only_hosts_that_are_listed_get_them(target):
    with pytest.raises(Exception, match=r"ALLOWED_TARGET_HOSTS|“//evil.example”"):
        close(target=target)


def test_secrets_may_cross_so_sign_in_is_never_closed(client):
    close("/", target="https://partner.example{path}")

    assert client.post("/login/", {"password": "hunter2"}).status_code == 200


def test_secrets_in_a_query_are_not_written_to_the_log(client, caplog):
    close()

    with caplog.at_level(logging.INFO, "temp_redirects"):
        client.get(client.get("/shop/reset?token=hunter2")["Location"])

    assert caplog.messages == ["Notice of 'shop' for GET /shop/reset"]


def test_a_loop_is_refused_and_the_notice_is_none(client):
    close("/", ends_at=NOW + HOUR)

    notice = client.get("/shop/")["Location"]

    assert client.get(notice).status_code == 503
    assert client.get("/maintenance/anything").status_code != 307
    assert client.get("/maintenance-plans/").status_code == 307
    with pytest.raises(Exception, match="again and again"):
        close("/shop/", "other", target="/shop/")


ADMINS = [
    "/admin/",
    "/admin/login/",
    "/admin/jsi18n/",
    "/login/",
    "/i18n/setlang/",
    "/jsi18n/",
    "/sso/callback",
]


@override_settings(ROOT_URLCONF=HERE)
@pytest.mark.parametrize("open_path", ADMINS)
def test_admins_are_never_locked_out(client, open_path):
    with override_settings(TEMP_REDIRECTS={"PROTECTED_PATHS": ["/sso/"]}):
        close("/")
        answer = client.get(open_path)

    assert answer.status_code != 307
    assert "notice" not in answer.get("Location", "")


def test_admins_are_never_locked_out_with_a_command_and_a_switch(client):
    close("/")
    with override_settings(TEMP_REDIRECTS={"ENABLED": False}):
        assert client.get("/").status_code == 200
    assert client.get("/").status_code == 307

    call_command("temp_redirects", "maintenance", "off", "shop")

    assert client.get("/").status_code == 200


def test_what_only_begins_like_the_admin_is_closed(client):
    close("/")

    assert client.get("/administration-public/").status_code == 307
    assert client.get("/admin").status_code != 307


def test_a_form_opened_before_is_valid_after_for_sessions_are_left_alone(
    client, django_user_model
):
    client.force_login(django_user_model.objects.create_user("ada"))
    before = client.cookies["sessionid"].value
    close(ends_at=NOW + HOUR)
    client.get("/shop/", follow=True)
    client.post("/shop/", {"name": "Ada"}, follow=True)

    assert client.cookies["sessionid"].value == before
    assert client.session["_auth_user_id"]
    with time_machine.travel(NOW + HOUR, tick=False):
        assert client.get("/shop/").status_code == 200


def test_wall_times_of_one_zone_compare_wrongly_so_only_utc_is_compared(client):
    """Clocks are put back at 03:00: from 02:30 to 02:30 is an hour."""
    document = {
        "name": "shop",
        "paths": ["/shop/"],
        "staff_pass": False,
        "schedule": {
            "starts_at": "2026-10-25T02:30:00+02:00",
            "ends_at": "2026-10-25T02:30:00+01:00",
            "timezone": "Europe/Berlin",
        },
    }
    MaintenanceWindow.objects.save_document(document)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    statuses = []
    for minutes in (-1, 0, 59, 60):
        with time_machine.travel(first + minutes * MINUTE, tick=False):
            statuses.append(client.get("/shop/").status_code)

    assert statuses == [200, 307, 307, 200]


def test_clocks_differ_so_a_request_has_one_time_and_an_end_is_open_again(
    client, monkeypatch
):
    """The answer in place is told by the moment at which it was decided."""
    close(api="503", ends_at=NOW + HOUR)
    ends = (NOW + HOUR).timestamp()
    program = {"HTTP_ACCEPT": "application/json"}
    monkeypatch.setattr(TempRedirectMiddleware, "clock", lambda self: ends - 0.001)
    with time_machine.travel(NOW + HOUR, tick=False):
        last = client.get("/shop/", **program)
        assert time.time() == ends
    monkeypatch.setattr(TempRedirectMiddleware, "clock", lambda self: ends)
    after = client.get("/shop/", **program)

    assert (last.status_code, after.status_code) == (503, 200)


def test_at_the_boundary_what_comes_late_goes_back_with_its_content(client):
    close(ends_at=NOW + MINUTE)
    notice = client.post("/shop/?a=1", {"name": "Ada"})["Location"]

    with time_machine.travel(NOW + MINUTE, tick=False):
        back = client.post(notice, {"name": "Ada"})

    assert (back.status_code, back["Location"]) == (307, "/shop/?a=1")


@pytest.mark.parametrize("order", [[OURS, CONDITIONAL], [CONDITIONAL, OURS]])
@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_MODIFIED_SINCE": "Tue, 01 Dec 2037 01:00:00 GMT"},
        {"HTTP_RANGE": "bytes=0-9"},
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_conditional_requests_get_no_304_and_ranges_no_part(
    client, settings, order, headers, method
):
    settings.MIDDLEWARE = order
    close()

    redirect = getattr(client, method)("/shop/", **headers)
    notice = getattr(client, method)(redirect["Location"], **headers)

    assert (redirect.status_code, notice.status_code) == (307, 503)
    assert not redirect.has_header("ETag")
    assert not notice.has_header("ETag")


@override_settings(
    ADMINS=[("Ada", "ada@shop.example")],
    LOGGING_CONFIG=None,
)
def test_a_planned_503_mails_nobody(client):
    handler = logging.handlers.MemoryHandler(1_000)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        close()
        client.get("/shop/", follow=True)
        client.get("/shop/", HTTP_ACCEPT="application/json", follow=True)
    finally:
        logger.removeHandler(handler)

    assert handler.buffer == []
    assert mail.outbox == []


def test_maintenance_left_on_is_off_for_a_test_that_says_so(client):
    left = close()
    off = close("/off/", "off", enabled=False)
    with override_window():
        assert client.get("/shop/").status_code == 200
    with override_window("/open/", message="Back soon.", staff_pass=False):
        assert client.get("/shop/").status_code == 200
        assert "Back soon." in client.get("/open/", follow=True).content.decode()

    assert client.get("/open/").status_code == 200
    assert client.get("/shop/").status_code == 307
    windows = MaintenanceWindow.objects.values_list("name", "enabled")
    assert dict(windows) == {left.name: True, off.name: False}


@override_window("/shop/")
def test_a_test_is_decorated_with_maintenance(client):
    assert client.get("/shop/").status_code == 307
