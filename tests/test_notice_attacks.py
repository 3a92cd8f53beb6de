"""Attacks on the notice and on who passes: what is tried, and what comes of it."""

import re
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from temp_redirects.models import MaintenanceWindow
from temp_redirects.signing import (
    LINK_SALT,
    NEXT_SALT,
    PASS_COOKIE,
    sign_cookie,
    sign_next,
    sign_pass,
)
from tests.closing import HOUR, NOW, close
from tests.test_echo import FORGED, HERE, NOTICE, Form, has_echo
from tests.test_notice import text_of

pytestmark = pytest.mark.django_db

EVIL = "https://evil.example"
SOON = (NOW + HOUR).timestamp()


@pytest.fixture(autouse=True)
def _at_two():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser():
    """A client of whom Django asks a CSRF token, as of every browser."""
    return Client(enforce_csrf_checks=True)


# Making a valid form of a forged one.


def launders(browser, fields=FORGED, **headers):
    """Say whether the notice gives a forged form back, or any token for one."""
    page = browser.post(NOTICE, fields, **headers)
    assert page.status_code == 503
    given = "Mallory" in page.content.decode() or "csrftoken" in page.cookies
    return given or bool(Form(page).fields) or Form(page).action != ""


FORGERIES = {
    "another site": {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": EVIL},
    "a sandboxed frame": {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "null"},
    "a data: page, old browser": {"HTTP_ORIGIN": "null"},
    "another subdomain": {
        "HTTP_SEC_FETCH_SITE": "same-site",
        "HTTP_ORIGIN": "http://evil.shop.example",
    },
    "the domain above": {
        "HTTP_SEC_FETCH_SITE": "same-site",
        "HTTP_ORIGIN": "http://example",
    },
    "another port": {"HTTP_ORIGIN": "http://shop.example:8001"},
    "a name that begins alike": {"HTTP_ORIGIN": "http://shop.example.evil.example"},
    "a name that ends alike": {"HTTP_ORIGIN": "http://evilshop.example"},
    "a user in the origin": {"HTTP_ORIGIN": "http://shop.example@evil.example"},
    "two origins": {"HTTP_ORIGIN": "http://shop.example http://evil.example"},
    "two words for where from": {
        "HTTP_SEC_FETCH_SITE": "same-origin, cross-site",
        "HTTP_ORIGIN": EVIL,
    },
    "a word that no browser says": {
        "HTTP_SEC_FETCH_SITE": "Same-Origin",
        "HTTP_ORIGIN": EVIL,
    },
    "a referrer of this site": {
        "HTTP_ORIGIN": EVIL,
        "HTTP_REFERER": "http://shop.example/shop/",
    },
    "nothing said": {},
}


@pytest.mark.parametrize("headers", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_form_is_not_laundered(browser, headers):
    close()

    assert not launders(browser, HTTP_HOST="shop.example", **headers)


def test_the_same_form_from_here_is_given_back(browser):
    """Else the tests above would prove nothing."""
    close()
    here = {"HTTP_HOST": "shop.example", "HTTP_ORIGIN": "http://shop.example"}

    assert launders(browser, **here)


COOKIE, OTHER = "a" * 32, "b" * 32
TOKENS = {
    "none in the cookie": ("", OTHER),
    "none in the form": (COOKIE, ""),
    "of another session": (COOKIE, OTHER),
    "masked, of another session": (COOKIE, "c" * 32 + "d" * 32),
    "too short": (COOKIE, "a"),
    "no token at all": (COOKIE, "ä" * 64),
    "with a blank": (COOKIE, f"{COOKIE} "),
}


@pytest.mark.parametrize(("cookie", "sent"), TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("origin", [{}, {"HTTP_ORIGIN": "null"}], ids=["", "null"])
def test_a_forged_token_is_none(browser, cookie, sent, origin):
    close()
    if cookie:
        browser.cookies["csrftoken"] = cookie

    assert not launders(browser, {**FORGED, "csrfmiddlewaretoken": sent}, **origin)


@pytest.mark.parametrize("origin", [EVIL, "null", "http://evil.testserver"])
def test_a_cookie_that_a_subdomain_has_set_helps_it_nowhere(browser, origin):
    """Who may write cookies for the whole domain knows a token that fits."""
    close()
    browser.cookies["csrftoken"] = COOKIE
    tossed = {**FORGED, "csrfmiddlewaretoken": COOKIE}

    assert not launders(browser, tossed, HTTP_ORIGIN=origin)


def test_over_https_a_token_without_any_origin_is_none(browser):
    """There Django asks for a referrer, and so does the notice."""
    close()
    browser.cookies["csrftoken"] = COOKIE
    tossed = {**FORGED, "csrfmiddlewaretoken": COOKIE}

    assert not launders(browser, tossed, secure=True)
    assert not launders(browser, tossed, secure=True, HTTP_REFERER=f"{EVIL}/")


def test_an_unsafe_answer_in_place_is_no_way_around(browser):
    close(api="503")
    program = {"HTTP_ACCEPT": "*/*", "HTTP_SEC_FETCH_MODE": "cors"}

    answer = browser.post("/shop/", FORGED, **program, HTTP_ORIGIN=EVIL)

    assert answer["Content-Type"] == "application/problem+json"
    assert "Mallory" not in answer.content.decode()
    assert not answer.cookies


def test_what_is_given_back_is_in_no_frame_and_no_cache(browser):
    close()

    page = browser.post(NOTICE, {"name": "Ada"}, **HERE)

    assert has_echo(page)
    assert page["X-Frame-Options"] == "DENY"
    assert page["Cache-Control"] == "no-store"


# What it shows of what was sent.


def part(head, content=b"Mallory", end=b"\r\n--edge--\r\n"):
    return b"--edge\r\n" + head + b"\r\n\r\n" + content + end


MULTIPART = "multipart/form-data; boundary=edge"
URLENCODED = "application/x-www-form-urlencoded"
NAMED = b'Content-Disposition: form-data; name="name"'

SECRETS = {
    "password": "hunter2hunter2",
    "new-Password2": "hunter2hunter2",
    "user[password]": "hunter2hunter2",
    "login.pw": "hunter2hunter2",
    "form-0-passwd": "hunter2hunter2",
    "wachtwoord": "hunter2hunter2",
    "card": "4111",
    "card1": "4111",
    "cardNumber": "4111",
    "cc-csc": "123456",
    "cvn": "123456",
    "note": "4111.1111.1111.1111",
    "memo": "4111\u00a01111\u00a01111\u00a01111",
    "message": "4111  1111  1111  1111",
    "csrfmiddlewaretoken": "stolen-token",
    "CSRFmiddlewareToken": "stolen-token",
    "form-csrf": "stolen-token",
}


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
@pytest.mark.parametrize(("name", "value"), SECRETS.items(), ids=SECRETS)
def test_no_password_card_or_token_comes_back(browser, name, value, kind):
    close()
    fields = {"colour": "blue", name: value}
    sent = (fields,)
    if kind == "urlencoded":
        sent = ("&".join(f"{k}={quote(v)}" for k, v in fields.items()), URLENCODED)

    page = browser.post(NOTICE, *sent, **HERE)

    assert Form(page).fields["colour"] == ["blue"]
    assert value not in page.content.decode()
    own = Form(page).fields.get("csrfmiddlewaretoken")
    assert own is not None
    assert own != ["stolen-token"]
    assert {*Form(page).fields} == {"colour", "csrfmiddlewaretoken"}


class Markup(HTMLParser):
    """The elements of a page with their attributes, and its hidden fields."""

    def __init__(self, page):
        super().__init__()
        self.elements = []
        self.hidden = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        names = tuple(sorted(name for name, _ in attrs))
        self.elements.append((tag, names))
        given = dict(attrs)
        if given.get("type") == "hidden" and given["name"] != "csrfmiddlewaretoken":
            self.hidden.append((given["name"], given["value"]))


def markup_of(browser, text):
    """Return the notice for a form with a field and a file of such names."""
    # As browsers write them (HTML, “multipart/form-data encoding algorithm”).
    safe = text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    named = f'Content-Disposition: form-data; name="n{safe}"'.encode()
    file = named + f'; filename="a{safe}"'.encode()
    body = part(named, f"v{text}".encode(), b"\r\n") + part(file, b"x")
    page = browser.generic("POST", NOTICE, body, MULTIPART, **HERE)
    return Markup(page.content.decode())


BREAKOUTS = [
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</textarea></form><form action=//evil.example>",
    "{{ settings.ROOT_URLCONF }}{% debug %}",
    "javascript:alert(1)",
    "--><script>",
    "&quot;&gt;&lt;script&gt;",
    'x" onfocus=alert(1) autofocus="',
    "\u2028\u2029\u202e",
    "=\r\n\t;",
]


@pytest.mark.parametrize("text", BREAKOUTS)
def test_names_values_and_files_are_text_and_no_markup(browser, text):
    close()

    assert markup_of(browser, text).elements == markup_of(browser, "").elements


@pytest.mark.parametrize("text", BREAKOUTS)
def test_a_field_of_any_name_and_value_is_text_and_no_markup(browser, text):
    close()
    pages = [
        browser.post(NOTICE, f"n{quote(each)}=v{quote(each)}", URLENCODED, **HERE)
        for each in (text, "")
    ]
    hostile, plain = (Markup(page.content.decode()) for page in pages)

    assert hostile.elements == plain.elements
    assert read(hostile) == [(_read(f"n{text}"), _read(f"v{text}"))]


# What a browser could have sent: no unpaired surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_whatever_is_sent_comes_back_as_it_was_or_not_at_all(browser, pairs):
    if not MaintenanceWindow.objects.exists():
        close()
    body = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)

    page = browser.post(NOTICE, body, URLENCODED, **HERE)

    assert page.status_code == 503
    names = {tag for tag, _ in Markup(page.content.decode()).elements}
    assert names <= {
        *("html", "head", "meta", "title", "link", "body", "main", "h1", "section"),
        *("p", "strong", "ul", "li", "time", "span", "h2", "dl", "div", "dt", "dd"),
        *("form", "input", "button", "a", "script", "b"),
    }
    sent = [(_read(name), _read(value)) for name, value in pairs]
    assert {*read(Markup(page.content.decode()))} <= {*sent}


def read(markup):
    return [(_read(name), _read(value)) for name, value in markup.hidden]


def _read(text):
    """Return a text as a page has it: one kind of line end, and a sign for NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


# What can hardly be read.


ODDITIES = {
    "cut off": (part(NAMED, end=b""), MULTIPART),
    "without an end": (part(NAMED, end=b"\r\n--edge\r\n"), MULTIPART),
    "a part without a name": (part(b"Content-Disposition: form-data"), MULTIPART),
    "a part without a head": (part(b""), MULTIPART),
    "base64 that is none": (
        part(NAMED + b"\r\nContent-Transfer-Encoding: base64", b"!!!"),
        MULTIPART,
    ),
    "a charset that is none": (part(NAMED), f"{MULTIPART}; charset=klingon"),
    "UTF-7": (part(NAMED, b"+ADw-script+AD4-"), f"{MULTIPART}; charset=utf-7"),
    "UTF-16": (part(NAMED), f"{MULTIPART}; charset=utf-16"),
    "bytes that are no text": (part(NAMED, b"\xff\xfe\x00"), MULTIPART),
    "NUL in a name": (
        part(b'Content-Disposition: form-data; name="a\0b"'),
        MULTIPART,
    ),
    "a boundary of 5,000 characters": (
        b"x",
        f"multipart/form-data; boundary={'e' * 5_000}",
    ),
    "a head of a megabyte": (part(NAMED + b"\r\nX: " + b"x" * 2**20), MULTIPART),
    "1,001 parts": (
        b"".join(part(NAMED, end=b"\r\n") for _ in range(1_001)) + b"--edge--\r\n",
        MULTIPART,
    ),
    "101 files": (
        b"".join(part(NAMED + b'; filename="a"', end=b"\r\n") for _ in range(101))
        + b"--edge--\r\n",
        MULTIPART,
    ),
    "no percent sign": (b"name=%ZZ%", URLENCODED),
    "no UTF-8": (b"name=%FF%FE", URLENCODED),
    "a megabyte of names": (b"&" * 2**20, URLENCODED),
    "3 MB": (b"name=" + b"x" * 3 * 2**20, URLENCODED),
    "a type with a comma": (b"name=Mallory", f"{URLENCODED}, text/html"),
}


@pytest.mark.parametrize("headers", [HERE, {"HTTP_ORIGIN": "null"}], ids=["own", ""])
@pytest.mark.parametrize(("body", "kind"), ODDITIES.values(), ids=ODDITIES)
def test_what_can_hardly_be_read_gets_the_notice(browser, body, kind, headers):
    close()

    page = browser.generic("POST", NOTICE, body, kind, **headers)

    assert page.status_code == 503
    assert "<script>alert" not in page.content.decode()
    assert "Back" in text_of(page)


def test_files_of_any_size_are_counted_and_thrown_away(browser, settings):
    """Django would keep the small in memory, and write the large to disk."""
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"
    close()
    sent = {"name": "Ada", "file": SimpleUploadedFile("a.bin", b"x" * 8 * 2**20)}

    page = browser.post(NOTICE, sent, **HERE)

    assert "a.bin" in text_of(page)
    assert Form(page).files == [("file", False)]


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\boot.ini", "a\0.png"])
def test_a_file_is_only_a_name(browser, name):
    close()
    head = f'{NAMED.decode()}; filename="{name}"'.encode()

    page = browser.generic("POST", NOTICE, part(head), MULTIPART, **HERE)

    assert page.status_code == 503
    assert "etc/passwd" not in page.content.decode()


# Being led elsewhere by ?next=.

ELSEWHERE = [
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    "/\r\nLocation: //evil.example/",
    "https://evil.example/",
    "https:evil.example",
    "http:///evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://testserver/shop/",
    "http://testserver:80/shop/",
    "testserver/shop/",
    "@evil.example/",
    "",
    " ",
    "?x",
]


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "unsigned"])
def test_next_never_leads_off_this_site(client, address, is_signed):
    """Not even what has a signature, for the day on which something wrong is signed."""
    token = signing.Signer(salt=NEXT_SALT).sign(address) if is_signed else address
    close(ends_at=NOW + HOUR)

    page = client.get("/maintenance/notice/shop/", {"next": token})

    refresh = page["Refresh"].partition("; url=")[2]
    assert refresh == ""
    assert "evil" not in page.content.decode()
    with time_machine.travel(NOW + HOUR, tick=False):
        back = client.get("/maintenance/notice/shop/", {"next": token})
        assert back["Location"] == "/"


PATHS = ["//evil.example/", "/%2f%2fevil.example/", "/%5cevil.example/", "/.//evil/"]


@pytest.mark.parametrize("path", [*PATHS, "/%09/evil.example/", "/%0d%0a/evil/"])
def test_no_path_that_is_asked_for_becomes_another_site(client, path):
    """With the whole site closed, whatever is asked for is signed to lead back."""
    close("/", ends_at=NOW + HOUR)

    address = client.generic("GET", path)["Location"]
    with time_machine.travel(NOW + HOUR, tick=False):
        back = client.get(address)["Location"]

    assert urlsplit(back)[:2] == ("", "")
    assert not re.match(r"[/\\\s]{2}", back)
    assert back.isprintable()


@pytest.mark.parametrize(
    "salt", ["temp_redirects.preview", LINK_SALT, "django.core.signing", ""]
)
def test_what_was_signed_for_something_else_is_no_next(client, salt):
    close(ends_at=NOW + HOUR)
    token = signing.Signer(salt=salt).sign("/shop/") if salt else "/shop/:x"

    page = client.get("/maintenance/notice/shop/", {"next": token})

    assert "url=" not in page["Refresh"]


def test_a_next_of_another_window_leads_only_there(client):
    """A signature says that we made it, and whoever has it may go there anyway."""
    close(ends_at=NOW + HOUR)

    answer = client.post(
        f"/maintenance/notice/shop/?next={sign_next('/open/?a=1')}", {"name": "Ada"}
    )

    assert answer.status_code == 307
    assert answer["Location"] == "/open/?a=1"


# Passing.


def link(key, expires=SOON):
    return f"/maintenance/pass/{sign_pass(key, expires=expires)}/"


def test_the_key_alone_is_no_pass(client):
    """It stands in exports, backups and explanations; the signature does not."""
    key = close().pass_key

    for value in (key, f"{key}:{int(SOON)}", signing.dumps([[key, SOON]])):
        client.cookies[PASS_COOKIE] = value
        assert client.get("/shop/").status_code == 307
    assert client.get(f"/maintenance/pass/{key}/").status_code == 410


def test_a_link_put_into_the_cookie_is_no_pass(client):
    key = close().pass_key
    client.cookies[PASS_COOKIE] = sign_pass(key, expires=SOON)

    assert client.get("/shop/").status_code == 307


def test_a_later_end_cannot_be_written_into_a_link(client):
    token = sign_pass(close().pass_key, expires=NOW.timestamp() - 1)
    later = sign_pass("f" * 32, expires=SOON)
    forged = later.partition(":")[0] + ":" + token.partition(":")[2]

    assert client.get(f"/maintenance/pass/{forged}/").status_code == 410


def test_a_link_is_of_its_window_and_not_of_one_that_takes_its_name(client):
    window = close()
    address = link(window.pass_key)
    MaintenanceWindow.objects.all().delete()
    close()

    assert client.get(address).status_code == 410
    assert client.get("/shop/").status_code == 307


def test_a_copy_of_a_window_has_links_of_its_own(client):
    window = close()
    client.get(link(window.pass_key))
    copy = window.duplicate()
    MaintenanceWindow.objects.filter(pk=copy.pk).update(enabled=True)

    assert client.get("/shop/").status_code == 307


def test_a_pass_kept_beyond_its_end_in_the_browser_is_none(client):
    window = close(ends_at=NOW + 9 * HOUR)
    client.cookies[PASS_COOKIE] = sign_cookie([(window.pass_key, SOON)])
    assert client.get("/shop/").status_code == 200

    with time_machine.travel(NOW + HOUR, tick=False):
        assert client.get("/shop/").status_code == 307


def test_another_secret_key_signs_nothing_here(client):
    window = close()
    with override_settings(SECRET_KEY="another"):
        address = link(window.pass_key)
        cookie = sign_cookie([(window.pass_key, SOON)])
        next_ = sign_next("/shop/")

    assert client.get(address).status_code == 410
    client.cookies[PASS_COOKIE] = cookie
    assert client.get("/shop/").status_code == 307
    notice = client.get("/maintenance/notice/shop/", {"next": next_})
    assert "url=" not in notice["Refresh"]


SPOOFS = {
    "a header": {"HTTP_X_STAFF": "1", "HTTP_X_IS_STAFF": "true"},
    "a user in a header": {"HTTP_REMOTE_USER": "root", "HTTP_X_REMOTE_USER": "root"},
    "credentials": {"HTTP_AUTHORIZATION": "Basic cm9vdDpyb290"},
    "a cookie": {"HTTP_COOKIE": "is_staff=1; staff=true; user=root; sessionid=root"},
    "a pass that nobody signed": {"HTTP_COOKIE": f"{PASS_COOKIE}=staff"},
    "an address": {
        "HTTP_X_FORWARDED_FOR": "10.0.0.1",
        "HTTP_X_REAL_IP": "10.0.0.1",
        "HTTP_FORWARDED": "for=10.0.0.1",
        "HTTP_CLIENT_IP": "10.0.0.1",
        "HTTP_TRUE_CLIENT_IP": "10.0.0.1",
        "HTTP_CF_CONNECTING_IP": "10.0.0.1",
    },
    "another method": {"HTTP_X_HTTP_METHOD_OVERRIDE": "OPTIONS"},
    "a rewritten address": {"HTTP_X_ORIGINAL_URL": "/", "HTTP_X_REWRITE_URL": "/"},
}


@pytest.mark.parametrize("headers", SPOOFS.values(), ids=SPOOFS)
def test_nobody_passes_by_saying_so(client, headers):
    get_user_model().objects.create_superuser("root", password="root")
    close(staff_pass=True, pass_addresses=["10.0.0.0/8"])

    answer = client.get("/shop/?staff=1&pass=staff&is_staff=true", **headers)

    assert answer.status_code == 307


@pytest.mark.parametrize(
    ("peer", "forwarded", "status"),
    [
        ("192.0.2.1", "10.0.0.1", 307),
        ("10.9.9.9", "", 200),
        ("10.9.9.9", "192.0.2.1", 200),
        ("", "10.0.0.1", 307),
        ("unix:", "10.0.0.1", 307),
        ("110.0.0.1", "", 307),
        ("::ffff:10.0.0.1", "", 200),
    ],
    ids=[
        "a header of a stranger",
        "from there",
        "what it says is not asked",
        "no address",
        "no address either",
        "a number that ends alike",
        "the same in IPv6",
    ],
)
def test_only_the_peer_is_believed_where_no_proxy_is_trusted(
    client, peer, forwarded, status
):
    close(pass_addresses=["10.0.0.0/8"])

    answer = client.get("/shop/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("10.0.0.1", 200),
        ("10.0.0.1, 192.0.2.1", 307),
        ("192.0.2.1, 10.0.0.1", 200),
        ("10.0.0.1, junk", 307),
        ("", 307),
    ],
    ids=["the visitor", "written by the visitor", "left of it", "junk", "nothing"],
)
@override_settings(TEMP_REDIRECTS={"TRUSTED_PROXIES": ["127.0.0.1"]})
def test_a_trusted_proxy_is_believed_about_its_own_peer_alone(
    client, forwarded, status
):
    close(pass_addresses=["10.0.0.0/8"])

    answer = client.get("/shop/", HTTP_X_FORWARDED_FOR=forwarded)

    assert answer.status_code == status


def test_staff_who_are_no_longer_do_not_pass(client, django_user_model):
    user = django_user_model.objects.create_user("ada", is_staff=True)
    client.force_login(user)
    close(staff_pass=True)
    passed = client.get("/shop/").status_code
    django_user_model.objects.update(is_staff=False)

    assert (passed, client.get("/shop/").status_code) == (200, 307)


# Going around.


@pytest.mark.parametrize(
    "host", ["SHOP.example", "shop.example.", "shop.example:80", "Shop.Example.:80"]
)
def test_another_spelling_of_the_host_is_no_way_around(client, host):
    close(hosts=["shop.example"])

    assert client.get("/shop/", HTTP_HOST=host).status_code == 307


@pytest.mark.urls("tests.test_echo")
@pytest.mark.parametrize(
    "path",
    [
        *("/shop/", "/%73hop/", "/shop%2f", "//shop/", "/./shop/", "/x/../shop/"),
        *("/SHOP/", "/shop/;x", "/shop/%00", "/shop/.", "/shop\\", "/shop/?/open/"),
    ],
)
def test_another_spelling_of_the_path_is_no_way_around(client, path):
    close()

    assert client.generic("GET", path).status_code in {307, 404}


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"]
)
def test_another_method_is_no_way_around(client, method):
    close()

    assert client.generic(method, "/shop/").status_code == 307
