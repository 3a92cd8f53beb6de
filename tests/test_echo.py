"""What a visitor was submitting is held by the visitor's own page, and by nobody's."""

import re
from html.parser import HTMLParser
from io import BytesIO

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, override_settings
from django.urls import include, path
from django.views.decorators.csrf import ensure_csrf_cookie

from temp_redirects.signing import sign_next
from temp_redirects.views import notice
from tests.closing import HOUR, NOW, close
from tests.test_notice import text_of

pytestmark = pytest.mark.django_db

NOTICE = f"/maintenance/notice/shop/?next={sign_next('/shop/')}"
ORDER = {"name": "Ada <3", "note": "two\nlines", "size": ["S", "M"]}


@pytest.fixture(autouse=True)
def _at_two():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser():
    """A client of whom Django asks a CSRF token, as of every browser."""
    return Client(enforce_csrf_checks=True)


class Form(HTMLParser):
    """The form of a page: where it leads, and what it would send."""

    def __init__(self, response):
        super().__init__()
        self.action = ""
        self.kind = ""
        self.fields = {}
        self.files = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "form":
            assert values["method"] == "post"
            self.action = values["action"]
            self.kind = values.get("enctype", "")
        if tag == "input" and values["type"] == "hidden":
            self.fields.setdefault(values["name"], []).append(values["value"])
        if tag == "input" and values["type"] == "file":
            self.files.append((values["name"], "multiple" in values))


def has_echo(response):
    assert response.status_code == 503
    return "Send again" in response.content.decode()


def test_the_notice_shows_what_was_sent_and_holds_it(client):
    close(ends_at=NOW + HOUR)

    response = client.post("/shop/", ORDER, follow=True)

    form = Form(response)
    token = form.fields.pop("csrfmiddlewaretoken")
    assert form.action == "/shop/"
    assert form.fields == {
        "name": ["Ada <3"],
        "note": ["two\nlines"],
        "size": ["S", "M"],
    }
    assert len(token[0]) == 64
    assert "Name Ada <3 Note two lines Size S Size M" in text_of(response)
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_both_kinds_of_forms_are_kept(client, kind):
    close()
    sent = {"urlencoded": ("name=Ada", "application/x-www-form-urlencoded")}

    response = (
        client.post(NOTICE, *sent[kind])
        if kind in sent
        else client.post(NOTICE, {"name": "Ada"})
    )

    assert Form(response).fields["name"] == ["Ada"]


def test_tokens_passwords_and_cards_are_not_given_back(client):
    close()
    secrets = {
        "csrfmiddlewaretoken": "t" * 64,
        "password": "hunter2",
        "card_number": "1",
        "note": "4111 1111 1111 1111",
    }

    page = client.post(NOTICE, {"name": "Ada", **secrets})

    assert not [
        value for value in ("t" * 64, "hunter2", "4111") if value in text_of(page)
    ]
    assert set(Form(page).fields) == {"csrfmiddlewaretoken", "name"}
    assert Form(page).fields["csrfmiddlewaretoken"] != ["t" * 64]
    assert "type it again later: Card number, Note, Password" in text_of(page)


def test_keys_that_the_form_made_itself_are_kept_and_not_shown(client):
    close()
    key = "8f14e45f-ceea-467a-9a8b-0123456789ab"

    page = client.post(NOTICE, {"name": "Ada", "key": key, "empty": ""})

    assert Form(page).fields["key"] == [key]
    assert Form(page).fields["empty"] == [""]
    assert "Key" not in text_of(page)
    assert "Empty" not in text_of(page)


def file(name):
    return SimpleUploadedFile(name, b"x" * 3_000_000)


def test_files_are_named_to_be_chosen_again(client):
    close()

    page = client.post(
        NOTICE, {"drawing": file("a.png"), "all": [file("b.png"), file("c.png")]}
    )

    form = Form(page)
    assert form.kind == "multipart/form-data"
    assert form.files == [("drawing", False), ("all", True)]
    assert "Choose again: a.png" in text_of(page)
    assert "Choose again: b.png, c.png" in text_of(page)
    assert "files and all" in text_of(page)


def test_a_form_that_somebody_read_before_is_kept_as_well(client):
    close()
    with override_settings(MIDDLEWARE=["tests.test_echo.reads"]):
        page = client.post(NOTICE, {"name": "Ada", "drawing": file("a.png")})

    assert Form(page).fields["name"] == ["Ada"]
    assert Form(page).files == [("drawing", False)]


def reads(get_response):
    """A middleware that looks at every form."""

    def middleware(request):
        request.POST.get("x")
        return get_response(request)

    return middleware


def test_too_early_shows_the_notice_again_and_keeps_it_all(client):
    close()
    first = Form(client.post("/shop/", ORDER, follow=True))

    second = Form(client.post(first.action, first.fields, follow=True))

    first.fields.pop("csrfmiddlewaretoken")
    second.fields.pop("csrfmiddlewaretoken")
    assert second.fields == first.fields


def shop(request):
    """A page with a form, protected as Django's are."""
    if request.method == "POST":
        return HttpResponse(f"Ordered by {request.POST['name']}")
    return HttpResponse(get_token(request))


urlpatterns = [
    path("shop/", ensure_csrf_cookie(shop)),
    path("maintenance/", include("temp_redirects.urls")),
]

HERE = {"HTTP_ORIGIN": "http://testserver"}


@pytest.mark.urls("tests.test_echo")
@pytest.mark.parametrize("httponly", [True, False])
def test_after_the_end_one_click_sends_it_where_it_was_meant_to(
    browser, httponly, settings
):
    settings.CSRF_COOKIE_HTTPONLY = httponly
    token = browser.get("/shop/").content.decode()
    close(ends_at=NOW + HOUR)
    order = {"name": "Ada", "csrfmiddlewaretoken": token}
    form = Form(browser.post("/shop/", order, follow=True, **HERE))

    with time_machine.travel(NOW + HOUR, tick=False):
        done = browser.post(form.action, form.fields, **HERE)

    assert done.content == b"Ordered by Ada"


@pytest.mark.urls("tests.test_echo")
def test_a_reload_after_the_end_sends_everything_there(browser):
    token = browser.get("/shop/").content.decode()
    close(ends_at=NOW + HOUR)
    order = {"name": "Ada", "csrfmiddlewaretoken": token}
    address = browser.post("/shop/", order)["Location"]
    assert browser.post(address, order).status_code == 503

    with time_machine.travel(NOW + HOUR, tick=False):
        done = browser.post(address, order, follow=True)

    assert done.content == b"Ordered by Ada"


# Who gets it back.

FORGED = {"name": "Mallory", "amount": "1000"}
EVIL = "https://evil.example"

OWN = {
    "the browser says so": {"HTTP_SEC_FETCH_SITE": "same-origin"},
    "as well without a referrer": {
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "HTTP_ORIGIN": "null",
    },
    "its origin": {"HTTP_ORIGIN": "http://testserver"},
}
FOREIGN = {
    "another site": {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": EVIL},
    "another site without a referrer": {
        "HTTP_SEC_FETCH_SITE": "cross-site",
        "HTTP_ORIGIN": "null",
    },
    "a neighbour": {
        "HTTP_SEC_FETCH_SITE": "same-site",
        "HTTP_ORIGIN": "http://evil.testserver",
    },
    "after another site sent it on": {
        "HTTP_SEC_FETCH_SITE": "cross-site",
        "HTTP_ORIGIN": "http://testserver",
    },
    "by hand, or an old page reloaded": {
        "HTTP_SEC_FETCH_SITE": "none",
        "HTTP_ORIGIN": EVIL,
    },
    "an old browser": {"HTTP_ORIGIN": EVIL},
    "an old browser without a referrer": {"HTTP_ORIGIN": "null"},
    "another scheme": {"HTTP_ORIGIN": "https://testserver"},
    "nothing said": {},
}


@pytest.mark.parametrize("headers", OWN.values(), ids=OWN)
def test_a_form_of_this_site_is_given_back(browser, headers):
    close()

    assert has_echo(browser.post(NOTICE, ORDER, **headers))


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("has_cookie", [True, False])
def test_a_form_of_another_site_is_not(browser, headers, has_cookie):
    close()
    if has_cookie:
        browser.cookies["csrftoken"] = "a" * 32
    stolen = {**FORGED, "csrfmiddlewaretoken": "b" * 32}

    page = browser.post(NOTICE, stolen, **headers)

    assert not has_echo(page)
    assert "Mallory" not in page.content.decode()
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert 'href="/shop/"' in page.content.decode()


@pytest.mark.urls("tests.test_echo")
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_the_notice_makes_no_forged_form_valid(browser, headers):
    """The attack: a page elsewhere sends a form while the window is on.

    What the visitor then has on the screen, clicked through to the end, must not do
    what the form wanted.
    """
    browser.get("/shop/")  # the visitor has been here, so the cookie is set
    close(ends_at=NOW + HOUR)

    redirect = browser.post("/shop/", FORGED, **headers)
    page = browser.post(redirect["Location"], FORGED, **headers)

    assert redirect.status_code == 307
    assert Form(page).action == ""
    assert Form(page).fields == {}
    links = re.findall(r'<a href="([^"]+)"', page.content.decode())
    with time_machine.travel(NOW + HOUR, tick=False):
        for link in links:  # a way back, by GET
            assert b"Ordered" not in browser.get(link).content
        # A reload, and the form again at its first address.
        back = browser.post(redirect["Location"], FORGED, **headers)
        assert back["Location"] == "/shop/"
        assert browser.post("/shop/", FORGED, **headers).status_code == 403


@pytest.mark.urls("tests.test_echo")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="an old browser that says nothing"),
        pytest.param(
            {"HTTP_ORIGIN": "https://pay.example", "HTTP_SEC_FETCH_SITE": "cross-site"},
            id="a trusted origin",
        ),
    ],
)
@override_settings(CSRF_TRUSTED_ORIGINS=["https://pay.example"])
def test_what_django_would_accept_is_given_back(browser, headers):
    token = browser.get("/shop/").content.decode()
    close()

    page = browser.post(
        NOTICE, {"name": "Ada", "csrfmiddlewaretoken": token}, **headers
    )

    assert has_echo(page)
    assert Form(page).fields["name"] == ["Ada"]


# What cannot be kept is no error.


def odd(content, kind="multipart/form-data; boundary=edge", **headers):
    return {"data": content, "content_type": kind, **headers}


FORM_TYPE = "application/x-www-form-urlencoded"
ODD = {
    "too much": odd("name=" + "x" * 3_000_000, FORM_TYPE),
    "too many fields": odd("&".join(f"f{n}=1" for n in range(1_001)), FORM_TYPE),
    "no boundary": odd(b"x", "multipart/form-data"),
    "a strange boundary": odd(b"x", "multipart/form-data; boundary=\u00e9"),
    "another charset": odd("name=Ada", f"{FORM_TYPE}; charset=iso-8859-1"),
    "JSON": odd('{"name": "Ada"}', "application/json"),
    "nothing": odd(b"", ""),
}
STATES = {
    "own": HERE,
    "null": {"HTTP_ORIGIN": "null"},
    "foreign": {"HTTP_ORIGIN": EVIL},
    "none": {},
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize("sent", ODD.values(), ids=ODD)
def test_what_django_will_not_read_gets_the_notice_without_it(browser, sent, state):
    close()

    page = browser.post(NOTICE, **sent, **state)

    assert not has_echo(page)
    assert "What you sent has not been taken" in text_of(page)


def test_a_body_that_is_cut_off_gets_the_notice(rf):
    class Gone(BytesIO):
        def read(self, *size):
            raise OSError("the visitor has left")

    close()
    request = rf.post(NOTICE, "name=Ada", FORM_TYPE, **HERE)
    request._stream = Gone()

    assert not has_echo(notice(request, "shop"))


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_what_no_form_can_send_is_not_kept(client, method):
    close()

    assert not has_echo(getattr(client, method)(NOTICE, "name=Ada", FORM_TYPE))


def test_without_an_address_it_can_only_be_copied(client):
    close()

    page = client.post("/maintenance/notice/shop/", {"name": "Ada"})

    assert not has_echo(page)
    assert "Name Ada" in text_of(page)
    assert "Copy what you need" in text_of(page)


@override_settings(CSRF_USE_SESSIONS=True)
def test_where_the_token_would_need_a_session_it_says_how_else(client):
    close()

    page = client.post(NOTICE, {"name": "Ada"})

    assert not has_echo(page)
    assert "Name Ada" in text_of(page)
    assert "reload this page once the time has come" in text_of(page)
    assert "sessionid" not in page.cookies


@pytest.mark.urls("tests.test_echo")
@override_settings(CSRF_USE_SESSIONS=True)
def test_with_a_token_in_the_session_it_can_be_sent_again(browser):
    token = browser.get("/shop/").content.decode()
    close(ends_at=NOW + HOUR)
    form = Form(
        browser.post(NOTICE, {"name": "Ada", "csrfmiddlewaretoken": token}, **HERE)
    )

    with time_machine.travel(NOW + HOUR, tick=False):
        done = browser.post(form.action, form.fields, **HERE)

    assert done.content == b"Ordered by Ada"


class AwaySessions(SessionStore):
    """Sessions in a database that is away."""

    def load(self):
        raise OperationalError("connection refused")


SessionStore = AwaySessions  # as Django looks for it in SESSION_ENGINE


@pytest.mark.parametrize("in_session", [True, False], ids=["session", "cookie"])
def test_while_sessions_cannot_be_read_a_token_in_a_cookie_is_kept_all_the_same(
    client, in_session
):
    """What the system check W013 says of CSRF_USE_SESSIONS."""
    close()
    client.cookies["sessionid"] = "x" * 32
    with override_settings(
        SESSION_ENGINE="tests.test_echo", CSRF_USE_SESSIONS=in_session
    ):
        if in_session:
            with pytest.raises(OperationalError):
                client.post("/shop/", ORDER)
        else:
            assert has_echo(client.post("/shop/", ORDER, follow=True))
