"""The pass link: one browser through one window, until it expires or is revoked."""

from hashlib import sha256

import pytest
import time_machine

from temp_redirects.models import MaintenanceWindow
from temp_redirects.signing import (
    MAX_COOKIE,
    MAX_PASSES,
    PASS_COOKIE,
    read_cookie,
    sign_cookie,
    sign_next,
    sign_pass,
)
from tests.closing import HOUR, NOW, close
from tests.test_notice import text_of

pytestmark = pytest.mark.django_db

SOON = (NOW + HOUR).timestamp()


@pytest.fixture(autouse=True)
def _at_two():
    with time_machine.travel(NOW, tick=False):
        yield


def link(window, expires=SOON):
    return f"/maintenance/pass/{sign_pass(window.pass_key, expires=expires)}/"


def test_the_link_lets_its_visitor_past_and_nobody_else(client):
    window = close("/shop/über/")
    assert client.get("/shop/über/").status_code == 307

    page = client.get(link(window))

    assert page.status_code == 200
    assert "you may pass until Dec. 1, 2026, 3 a.m. (Europe/Berlin)" in text_of(page)
    assert 'href="/shop/%C3%BCber/"' in page.content.decode()
    assert client.get("/shop/über/").status_code == 200
    client.cookies.clear()
    assert client.get("/shop/über/").status_code == 307


def test_it_is_over_when_it_says_so(client):
    client.get(link(close()))

    with time_machine.travel(NOW + HOUR, tick=False):
        assert client.get("/shop/").status_code == 307


def test_it_opens_no_other_window(client):
    client.get(link(close()))
    close("/other/", "other")

    assert client.get("/other/").status_code == 307


def test_passes_of_several_windows_go_together(client):
    client.get(link(close()))
    client.get(link(close("/other/", "other"), SOON + 60))

    assert client.get("/shop/").status_code == 200
    assert client.get("/other/").status_code == 200
    assert client.cookies[PASS_COOKIE]["max-age"] == 3_660


@pytest.mark.parametrize(("secure", "said"), [(True, True), (False, "")])
def test_the_cookie_is_for_this_site_and_no_script(client, secure, said):
    cookie = client.get(link(close()), secure=secure).cookies[PASS_COOKIE]

    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["secure"] == said
    assert cookie["path"] == "/"
    assert cookie["max-age"] == 3_600


def test_nobody_keeps_the_page_or_learns_the_link_from_it(client):
    page = client.get(link(close()))

    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex"
    assert page["Referrer-Policy"] == "no-referrer"


def test_a_link_that_was_revoked_says_so_and_its_cookie_opens_nothing(client):
    window = close()
    address = link(window)
    client.get(address)

    MaintenanceWindow.objects.get().revoke_passes()

    assert client.get("/shop/").status_code == 307
    page = client.get(address)
    assert page.status_code == 410
    assert "It has been withdrawn." in text_of(page)
    assert not page.cookies


def test_a_link_that_has_expired_says_so(client):
    page = client.get(link(close(), NOW.timestamp()))

    assert page.status_code == 410
    assert "It has expired" in text_of(page)
    assert not page.cookies


@pytest.mark.parametrize(
    "token",
    [
        "x",
        pytest.param(sign_next("/shop/"), id="signed for something else"),
        pytest.param(sign_cookie([("a" * 32, SOON)]), id="a cookie"),
    ],
)
def test_what_is_no_link_is_refused(client, token):
    response = client.get(f"/maintenance/pass/{token.replace('/', '')}/")

    assert response.status_code == 410
    assert not response.cookies


def test_a_link_is_only_opened(client):
    assert client.post(link(close())).status_code == 405


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a" * 32, id="not signed"),
        pytest.param(sign_next("a" * 32), id="signed for something else"),
        pytest.param("x" * MAX_COOKIE * 5, id="too long to read"),
    ],
)
def test_a_cookie_that_is_none_opens_nothing(client, value):
    close()
    client.cookies[PASS_COOKIE] = value

    assert client.get("/shop/").status_code == 307


def test_the_newest_passes_stay_and_fit_into_the_cookie():
    passes = [(f"{number:032x}", SOON + number / 7) for number in range(100)]

    value = sign_cookie(passes)

    assert len(value) <= MAX_COOKIE
    kept = list(read_cookie(value, NOW.timestamp()))
    assert kept == [key for key, _ in passes[-len(kept) :]]
    assert 10 < len(kept) <= MAX_PASSES


def test_keys_that_nothing_makes_smaller_fit_as_well():
    keys = [sha256(bytes([number])).hexdigest() for number in range(20)]

    value = sign_cookie([(key, SOON) for key in keys])

    assert len(value) <= MAX_COOKIE
    assert keys[-1] in read_cookie(value, NOW.timestamp())


def test_an_old_cookie_beside_a_new_link_is_replaced(client):
    client.cookies[PASS_COOKIE] = "rubbish"

    client.get(link(close()))

    assert client.get("/shop/").status_code == 200
