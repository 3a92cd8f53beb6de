"""The notice: what a visitor of closed pages meets."""

import json
import logging
import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from temp_redirects.models import MaintenanceWindow
from temp_redirects.signing import MAX_NEXT, read_next, sign_next
from tests.closing import HOUR, MINUTE, NOW, close

pytestmark = pytest.mark.django_db

NOTICE = "/maintenance/notice/shop/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(autouse=True)
def _at_two():
    with time_machine.travel(NOW, tick=False):
        yield


def at(path, to="/shop/"):
    """Return an address of the app that leads back to another."""
    return f"{path}?next={sign_next(to)}"


def text_of(response):
    """Return what a page says, without its markup."""
    page = response.content.decode().partition("<body")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", f"<b{page}")).split())


def test_it_says_that_the_pages_are_closed_and_until_when(client):
    close(title="The shop is being updated", message="Back soon.", ends_at=NOW + HOUR)

    response = client.get("/shop/cart?a=1", follow=True)

    assert response.status_code == 503
    text = text_of(response)
    assert "The shop is being updated" in text
    assert "Back soon." in text
    assert "in about 60 minutes" in text
    assert "Dec. 1, 2026, 3 a.m. Europe/Berlin" in text
    assert "2 a.m. UTC" in text


def test_nobody_stores_or_indexes_it(client):
    close()

    response = client.get(NOTICE)

    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Vary"] == "Accept, HX-Request, Sec-Fetch-Mode"


def test_retry_after_is_the_real_end_and_a_little_more(client):
    close(ends_at=NOW + HOUR)

    said = {int(client.get(NOTICE)["Retry-After"]) for _ in range(50)}

    assert all(3_600 < seconds <= 3_630 for seconds in said)
    assert len(said) > 1


def test_windows_that_adjoin_are_one_end_for_people_programs_and_headers(client):
    close(ends_at=NOW + HOUR)
    close(name="next", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    close("/other/", "other", ends_at=NOW + 9 * HOUR)
    close(name="elsewhere", hosts=["shop.example"], ends_at=NOW + 9 * HOUR)

    page = client.get(at(NOTICE))
    program = client.get(at(NOTICE), HTTP_ACCEPT="application/json")

    assert 7_200 < int(page["Retry-After"]) <= 7_230
    assert 'datetime="2026-12-01T03:00:00Z"' in page.content.decode()
    assert program.json()["ends_at"] == "2026-12-01T03:00:00Z"
    assert program.json()["retry_after"] == int(program["Retry-After"])


def test_an_end_that_nobody_knows_is_not_made_up(client):
    close()

    page = client.get(NOTICE)
    program = client.get(NOTICE, HTTP_ACCEPT="application/json")

    assert "as soon as we can" in text_of(page)
    assert "UTC" not in text_of(page)
    assert 300 < int(page["Retry-After"]) <= 330
    assert program.json()["ends_at"] is None
    assert program.json()["detail"].endswith("as soon as we can.")


@pytest.mark.parametrize(
    ("left", "about"),
    [
        (timedelta(seconds=20), "in about 1 minute"),
        (25 * MINUTE, "in about 25 minutes"),
        (90 * MINUTE, "in about 90 minutes"),
        (3 * HOUR, "in about 3 hours"),
        (48 * HOUR, "in about 2 days"),
    ],
)
def test_how_long_it_takes_is_said_in_words(client, left, about):
    close(ends_at=NOW + left)

    assert f"Back {about} " in text_of(client.get(NOTICE))


def test_utc_says_the_day_where_that_is_another(client):
    close(ends_at=NOW + HOUR, timezone="Asia/Tokyo")
    close("/late/", "late", ends_at=NOW - 90 * MINUTE + 24 * HOUR)
    close("/utc/", "utc", ends_at=NOW + HOUR, timezone="UTC")

    assert "11 a.m. Asia/Tokyo 2 a.m. UTC" in text_of(client.get(NOTICE))
    late = text_of(client.get("/maintenance/notice/late/"))
    assert "12:30 a.m. Europe/Berlin Dec. 1, 2026, 11:30 p.m. UTC" in late
    utc = text_of(client.get("/maintenance/notice/utc/"))
    assert utc.count("UTC") == 1


def test_it_takes_people_back_by_itself(client):
    close(ends_at=NOW + 5 * MINUTE)

    address = client.get("/shop/cart?a=1&b=%3B")["Location"]
    seconds, _, url = client.get(address)["Refresh"].partition("; ")

    assert 300 < int(seconds) <= 315
    assert url == "url=/shop/cart?a=1&b=%3B"


def test_it_looks_now_and_then_whether_the_end_has_moved(client):
    close(ends_at=NOW + 9 * HOUR)

    assert client.get(NOTICE)["Refresh"] == "600"


def test_what_is_sent_is_not_left_behind_by_a_refresh(client):
    close(ends_at=NOW + HOUR)

    assert not client.post(at(NOTICE), {"name": "Ada"}).has_header("Refresh")


def test_head_has_the_headers_of_get_and_no_content(client):
    close(ends_at=NOW + HOUR)

    get, head = client.get(NOTICE), client.head(NOTICE)

    assert head.status_code == 503
    assert head.content == b""
    assert head["Content-Length"] == get["Content-Length"]
    assert 3_600 < int(head["Retry-After"]) <= 3_630


PROGRAMS = {
    "asks for JSON": {"HTTP_ACCEPT": "application/json"},
    "asks for a problem": {"HTTP_ACCEPT": "application/problem+json"},
    "likes JSON better": {"HTTP_ACCEPT": "text/html;q=0.5, application/json"},
    "fetch": {"HTTP_ACCEPT": "*/*", "HTTP_SEC_FETCH_MODE": "cors"},
    "an image": {"HTTP_ACCEPT": "image/avif,*/*", "HTTP_SEC_FETCH_MODE": "no-cors"},
    "HTMX": {"HTTP_ACCEPT": "*/*", "HTTP_HX_REQUEST": "true"},
}
PEOPLE = {
    "a browser": {"HTTP_ACCEPT": BROWSER, "HTTP_SEC_FETCH_MODE": "navigate"},
    "an old browser": {"HTTP_ACCEPT": BROWSER},
    "curl": {"HTTP_ACCEPT": "*/*"},
    "nothing said": {},
    "a script that asks for a page": {
        "HTTP_ACCEPT": "text/vnd.turbo-stream.html, text/html",
        "HTTP_SEC_FETCH_MODE": "cors",
    },
    "a crawler": {
        "HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8",
        "HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Googlebot/2.1)",
    },
}


@pytest.mark.parametrize("headers", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_get_the_facts_as_a_problem(client, headers):
    close(title="Counting", message="Back soon.", ends_at=NOW + HOUR)

    response = client.get(NOTICE, **headers)

    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "https://www.rfc-editor.org/rfc/rfc9110#status.503",
        "title": "Counting",
        "status": 503,
        "detail": "Back soon.",
        "window": "shop",
        "ends_at": "2026-12-01T02:00:00Z",
        "retry_after": int(response["Retry-After"]),
    }


@pytest.mark.parametrize("headers", PEOPLE.values(), ids=PEOPLE)
def test_people_get_the_page(client, headers):
    close()

    response = client.get(NOTICE, **headers)

    assert response["Content-Type"] == "text/html; charset=utf-8"


def test_a_boosted_link_of_htmx_opens_the_notice_as_a_page(client):
    close()
    boosted = {"HTTP_HX_REQUEST": "true", "HTTP_HX_BOOSTED": "true"}

    assert client.get(at(NOTICE), **boosted)["HX-Redirect"] == "/shop/"
    assert not client.post(at(NOTICE), **boosted).has_header("HX-Redirect")
    assert not client.get(NOTICE, **boosted).has_header("HX-Redirect")
    assert not client.get(at(NOTICE), HTTP_HX_REQUEST="true").has_header("HX-Redirect")


def test_the_answer_in_place_knows_what_was_asked_for(client):
    close(api="503", ends_at=NOW + HOUR)
    close("/shop/", "longer", api="503", ends_at=NOW + 2 * HOUR)

    program = client.post("/shop/orders?next=x", "{}", "application/json")

    assert program.status_code == 503
    assert program.json()["ends_at"] == "2026-12-01T03:00:00Z"
    assert "Accept" in program["Vary"]


def test_a_preflight_is_answered_and_not_refused(client):
    close()

    response = client.options(
        NOTICE,
        HTTP_ORIGIN="https://a.example",
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="PUT",
    )

    assert response.status_code == 204
    assert client.options(NOTICE).status_code == 503


# When it is over.


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete"])
def test_over_leads_back_with_the_same_method_and_content(client, method):
    close(ends_at=NOW + MINUTE)
    token = client.get("/shop/cart?a=1")["Location"]

    with time_machine.travel(NOW + MINUTE, tick=False):
        response = getattr(client, method)(token)

    assert response.status_code == 307
    assert response["Location"] == "/shop/cart?a=1"
    assert response["Cache-Control"] == "no-store"


def test_the_last_second_is_still_told(client):
    close(ends_at=NOW + MINUTE)

    with time_machine.travel(NOW + MINUTE - timedelta(seconds=0.5), tick=False):
        response = client.get(NOTICE)

    assert response.status_code == 503
    assert 1 < int(response["Retry-After"]) <= 3


def test_a_window_that_is_gone_switched_off_or_elsewhere_now_leads_back(client):
    close()
    shop = MaintenanceWindow.objects.get()
    address = client.get("/shop/")["Location"]

    with override_settings(TEMP_REDIRECTS={"ENABLED": False}):
        assert client.get(address)["Location"] == "/shop/"
    close("/other/")
    assert client.get(address)["Location"] == "/shop/"
    close(enabled=False)
    assert client.get(address)["Location"] == "/shop/"
    shop.delete()
    client.cookies.clear()
    assert client.post(address, {"name": "Ada"})["Location"] == "/shop/"


def test_over_without_an_address_leads_to_the_start(client):
    close(ends_at=NOW - MINUTE)

    assert client.get(NOTICE)["Location"] == "/"
    assert client.get(NOTICE).status_code == 307


def test_over_without_an_address_says_that_nothing_has_arrived(client):
    close(ends_at=NOW - MINUTE)

    page = client.post(NOTICE, {"name": "Ada"})
    program = client.put(NOTICE, HTTP_ACCEPT="application/json")

    assert page.status_code == program.status_code == 410
    assert "What you sent has not arrived" in text_of(page)
    assert "Ada" in text_of(page)
    assert program.json()["title"] == "This is over"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("https://evil.example/", id="not signed"),
        pytest.param(sign_next("//evil.example/"), id="a server"),
        pytest.param(sign_next("/\\evil.example/"), id="a backslash"),
        pytest.param(sign_next("https://evil.example/"), id="an address"),
        pytest.param(f"{sign_next('/shop/')}x", id="changed"),
        pytest.param("x" * MAX_NEXT * 3, id="too long to read"),
        "",
    ],
)
def test_nobody_is_led_elsewhere(client, token):
    close(ends_at=NOW - MINUTE)

    assert client.get(NOTICE, {"next": token})["Location"] == "/"


def test_an_address_too_long_to_sign_is_left_out(client):
    close()

    address = client.get(f"/shop/?q={'x' * MAX_NEXT}")["Location"]

    assert address == f"{NOTICE}?next="
    assert client.get(address).status_code == 503


def test_a_name_that_is_none_is_not_found_and_tells_nothing(client):
    close(title="Secret plans")

    page = client.get("/maintenance/notice/other/")
    program = client.get("/maintenance/notice/other/", HTTP_ACCEPT="application/json")

    assert page.status_code == program.status_code == 404
    assert "There is no notice here" in text_of(page)
    assert "other" not in page.content.decode()
    assert "shop" not in page.content.decode()
    assert program.json()["status"] == 404


def test_processes_that_disagree_do_not_send_people_in_circles(client):
    """One that knows of no window yet leads back to one that does."""
    address = at("/maintenance/notice/new/")

    statuses = [client.post(address, {"name": "Ada"}).status_code for _ in range(5)]

    assert statuses == [307, 307, 307, 503, 503]
    page = client.post(address, {"name": "Ada"})
    assert "Ada" in text_of(page)
    assert "in a moment" in text_of(page)
    assert int(page["Retry-After"]) <= 2


@pytest.mark.parametrize("count", ["x", "-1", "9" * 5_000])
def test_a_count_that_is_none_counts_from_nothing(client, count):
    client.cookies["temp_redirects_bounces"] = count

    assert client.get(at("/maintenance/notice/new/")).status_code == 307


@pytest.mark.parametrize("name", ["A/B", "Größe & Co", "50%", "a b"])
def test_every_name_has_its_notice(client, name):
    close(name=name)

    response = client.get("/shop/", follow=True)

    assert response.status_code == 503


# What it needs, and what it does without.


def test_it_asks_no_database(client):
    close(ends_at=NOW + HOUR)
    client.get(NOTICE)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(NOTICE)

    assert not asked.captured_queries


@override_settings(
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "temp_redirects.middleware.TempRedirectMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
)
def test_it_asks_nobody_to_sign_in(client):
    close()

    assert client.get("/shop/", follow=True).status_code == 503
    assert client.get("/open/").status_code == 302  # to the login
    assert client.get("/maintenance/pass/x/").status_code == 410


def test_it_is_a_quiet_line_and_no_error(client, caplog):
    close()

    with caplog.at_level(logging.INFO):
        client.get(at(NOTICE))

    lines = [(line.name, line.levelname) for line in caplog.records]
    assert lines == [("temp_redirects.notices", "INFO")]
    assert caplog.messages == ["Notice of 'shop' for GET /shop/"]


def test_it_speaks_the_language_of_the_visitor(client):
    close(ends_at=NOW + HOUR)

    with translation.override("de"):
        page = client.get(NOTICE).content.decode()

    assert '<html lang="de" dir="ltr">' in page
    assert "1. Dezember 2026 03:00" in page


def test_it_has_no_script_and_no_style_of_its_own(client):
    close(ends_at=NOW + HOUR)

    page = client.post(at(NOTICE), {"name": "Ada"}).content.decode()

    assert re.findall(r"<script[^>]*>", page) == [
        '<script src="/static/temp_redirects/notice.js" defer>'
    ]
    assert not re.findall(r"<style|style=|\son\w+=|javascript:", page)


def templates(**files):
    """Return settings in which a project has these templates."""
    loader = ("django.template.loaders.locmem.Loader", files)
    app = "django.template.loaders.app_directories.Loader"
    return override_settings(
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": [loader, app]},
            }
        ]
    )


def test_a_project_and_a_window_may_have_their_own(client):
    close(name="Shop")
    close("/other/", "other")
    extends = '{% extends "temp_redirects/notice.html" %}{% block brand %}'

    with templates(
        **{
            "temp_redirects/notice.html": f"{extends}<p>Ours</p>{{% endblock %}}",
            "temp_redirects/notice/shop.html": f"{extends}<p>Only</p>{{% endblock %}}",
        }
    ):
        shop = text_of(client.get(NOTICE))
        other = text_of(client.get("/maintenance/notice/other/"))

    assert "Only" in shop
    assert "Ours" in other


def test_a_template_that_fails_still_tells(client, caplog):
    close(title="Shop & more", ends_at=NOW + HOUR)
    broken = {"temp_redirects/notice.html": "{% nonsense %}"}

    with templates(**broken):
        response = client.get(NOTICE)

    assert response.status_code == 503
    assert "<h1>Shop &amp; more</h1>" in response.content.decode()
    assert "in about 60 minutes" in response.content.decode()
    assert "A notice’s template failed" in caplog.text


def test_a_template_that_fails_is_shown_to_its_author(client):
    close()

    with (
        templates(**{"temp_redirects/notice.html": "{% nonsense %}"}),
        override_settings(DEBUG=True),
        pytest.raises(Exception, match="nonsense"),
    ):
        client.get(NOTICE)


@override_settings(
    STORAGES={
        "staticfiles": {
            "BACKEND": ("django.contrib.staticfiles.storage.ManifestStaticFilesStorage")
        }
    }
)
def test_it_is_readable_where_no_static_files_were_collected(client):
    close(ends_at=NOW + HOUR)

    response = client.get(NOTICE)

    assert response.status_code == 503
    assert "stylesheet" not in response.content.decode()
    assert "in about 60 minutes" in text_of(response)


def test_what_staff_wrote_is_text_and_no_markup(client):
    close(title="<b>Hi</b>", message="<script>1</script>\n\nAsk a@b.example")

    page = client.get(NOTICE).content.decode()

    assert "<b>Hi" not in page
    assert "<script>1" not in page
    assert 'href="mailto:a@b.example"' in page


def test_a_signed_address_is_read_back():
    assert read_next(sign_next("/shop/?a=1")) == "/shop/?a=1"


def test_the_facts_for_programs_are_json(client):
    close(title="Größe")

    response = client.get(NOTICE, HTTP_ACCEPT="application/json")

    assert json.loads(response.content)["title"] == "Größe"
