"""The ribbon: who is let past sees that the page is closed for others."""

import gzip
import re

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import include, path

from temp_redirects.core.schedules import ALWAYS
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.ribbon import Ribbon, with_ribbon
from temp_redirects.signing import sign_pass
from tests.closing import HOUR, NOW, close
from tests.test_notice import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.test_ribbon")]

PAGE = "<html><body><h1>Shop</h1><p></body> is how it ends</p></body></html>"


def answer(content=PAGE, **headers):
    """Return a view that answers this."""

    def view(request):
        return HttpResponse(content, headers=headers)

    return view


urlpatterns = [
    path("shop/", answer()),
    path("shop/length/", answer(**{"Content-Length": str(len(PAGE)), "ETag": '"x"'})),
    path(
        "shop/old/",
        answer(PAGE.encode(), **{"Content-Type": "text/html; charset=cp1252"}),
    ),
    path("shop/upper/", answer(PAGE.upper(), **{"Content-Type": "TEXT/HTML"})),
    path("shop/fragment/", answer("<p>part</p>")),
    path(
        "shop/gzip/",
        answer(gzip.compress(PAGE.encode()), **{"Content-Encoding": "gzip"}),
    ),
    path("shop/json/", lambda request: JsonResponse({"a": "</body>"})),
    path("shop/stream/", lambda request: StreamingHttpResponse([PAGE])),
    path("shop/public/", answer(**{"Cache-Control": "public, max-age=60"})),
    path("maintenance/", include("temp_redirects.urls")),
]


@pytest.fixture(autouse=True)
def _at_two():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def passing(client):
    """A visitor with the link, while the shop is closed."""
    window = close(ends_at=NOW + HOUR)
    token = sign_pass(window.pass_key, expires=NOW.timestamp() + 60)
    client.get(f"/maintenance/pass/{token}/")
    return client


def ribbon_of(response):
    return re.findall(r"<aside.*?</aside>", response.content.decode(), re.DOTALL)


def test_who_passes_sees_why_and_until_when(passing):
    response = passing.get("/shop/")

    assert len(ribbon_of(response)) == 1
    text = text_of(response)
    assert text.startswith("Shop is how it ends You see")
    assert "You see this page because you have the link." in text
    assert "until Dec. 1, 2026, 3 a.m. (Europe/Berlin)." in text


def test_it_stands_at_the_end_of_the_page_and_has_a_name(passing):
    content = passing.get("/shop/").content.decode()

    assert content.endswith("</aside>\n</body></html>")
    assert '<aside class="temp-redirects-ribbon" aria-label="Maintenance">' in content


def test_it_needs_no_style_and_no_script_in_the_page(passing):
    (ribbon,) = ribbon_of(passing.get("/shop/"))

    assert '<link rel="stylesheet" href="/static/temp_redirects/notice.css">' in ribbon
    assert not re.findall(r"<style|<script|style=|\son\w+=", ribbon)


def test_it_leads_to_what_visitors_see_and_that_leads_back(passing):
    (ribbon,) = ribbon_of(passing.get("/shop/?a=1"))

    address = re.findall(r'<a href="([^"]+)">See what visitors see', ribbon)[0]
    notice = passing.get(address)
    assert notice.status_code == 503
    assert 'href="/shop/?a=1"' in notice.content.decode()


def test_staff_see_it(admin_client):
    close(ends_at=NOW + HOUR, staff_pass=True)

    response = admin_client.get("/shop/")

    assert "because you are staff" in text_of(response)
    assert len(ribbon_of(response)) == 1


def test_networks_see_it(client):
    close(ends_at=NOW + HOUR, pass_addresses=["127.0.0.0/8"])

    assert "because your network is let through" in text_of(client.get("/shop/"))


def test_others_see_none(client):
    close("/other/", ends_at=NOW + HOUR)

    response = client.get("/shop/")

    assert response.content.decode() == PAGE
    assert not response.has_header("Cache-Control")


def test_there_is_none_once_the_window_is_over(passing):
    with time_machine.travel(NOW + HOUR, tick=False):
        assert passing.get("/shop/").content.decode() == PAGE


def test_the_length_is_right_and_the_tag_of_the_other_page_is_gone(passing):
    response = passing.get("/shop/length/")

    assert int(response["Content-Length"]) == len(response.content) > len(PAGE)
    assert not response.has_header("ETag")


@pytest.mark.parametrize("path", ["/shop/old/", "/shop/upper/"])
def test_other_charsets_and_spellings_have_it_too(passing, path):
    assert len(ribbon_of(passing.get(path))) == 1


@pytest.mark.parametrize("kind", ["fragment", "gzip", "json", "stream"])
def test_what_is_no_whole_page_stays_as_it_is(passing, kind):
    response = passing.get(f"/shop/{kind}/")

    content = b"".join(response) if response.streaming else response.content
    assert b"temp-redirects-ribbon" not in content


@pytest.mark.parametrize("kind", ["", "public/", "json/", "stream/", "gzip/"])
def test_no_shared_cache_keeps_what_others_must_not_see(passing, kind):
    said = passing.get(f"/shop/{kind}")["Cache-Control"]

    assert "private" in said
    assert "public" not in said


def test_a_server_of_either_kind_shows_it(passing, async_client):
    async_client.cookies = passing.cookies

    response = async_to_sync(async_client.get)("/shop/")

    assert len(ribbon_of(response)) == 1


def ribbon(passed_by="pass", ends=None, notice=""):
    return Ribbon(passed_by, ends, "UTC", notice)


@pytest.mark.parametrize(
    ("passed_by", "why"),
    [
        ("user", "because you are staff"),
        ("address", "because your network is let through"),
        ("pass", "because you have the link"),
    ],
)
def test_it_says_what_lets_the_visitor_past(passed_by, why):
    assert why in ribbon(passed_by).markup(HttpRequest())


def test_it_names_no_end_and_no_notice_where_there_is_none():
    text = ribbon().markup(HttpRequest())

    assert "Visitors see a maintenance notice." in text
    assert "<a " not in text


def test_a_site_without_a_notice_has_no_way_to_see_it():
    window = MaintenanceWindow(id="", name="x", paths=("/",), schedule=ALWAYS)

    assert Ribbon.of([], window, Visit("/"), "user", 0).notice == ""


def test_it_does_without_the_stylesheet_where_nobody_can_say_its_address():
    with override_settings(
        STORAGES={
            "staticfiles": {
                "BACKEND": (
                    "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
                )
            }
        }
    ):
        assert "<link" not in ribbon().markup(HttpRequest())


def test_a_page_without_a_length_gets_none():
    response = with_ribbon(HttpRequest(), HttpResponse(PAGE), ribbon())

    assert not response.has_header("Content-Length")
