"""From a request to a visit: lazily, and without losing a byte."""

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from temp_redirects.requests import RequestVisit, exact_path
from tests.databases import write_database


def visit(path="/", **extra):
    return RequestVisit(RequestFactory().get(path, **extra), path)


def test_headers_are_found_by_name_in_any_case():
    made = visit(HTTP_X_BETA="yes", CONTENT_TYPE="text/plain")

    assert made.header("x-beta") == "yes"
    assert made.header("Content-Type") == "text/plain"
    assert made.header("X-Absent") is None


@pytest.mark.parametrize(
    ("host", "known"),
    [
        pytest.param("SHOP.example.", "shop.example", id="case and final dot"),
        pytest.param("shop.example:80", "shop.example", id="the default port"),
        pytest.param("shop.example:8000", "shop.example:8000", id="another port"),
        pytest.param("evil.example", "", id="a host that Django refuses"),
    ],
)
def test_the_host_is_djangos_validated_one(host, known):
    assert visit(HTTP_HOST=host).host == known


def test_a_scheme_told_by_a_proxy_counts_only_where_settings_name_the_header(settings):
    forwarded = {"HTTP_X_FORWARDED_PROTO": "https"}
    assert (visit(**forwarded).scheme, visit(**forwarded).scheme_header) == ("http", "")

    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert visit(**forwarded).scheme == "https"
    assert visit(**forwarded).scheme_header == "X-Forwarded-Proto"


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        pytest.param("a=1&&b=&a=%20+", "a=1&&b=&a=%20+", id="kept as it is"),
        pytest.param("q=é".encode().decode("latin-1"), "q=%C3%A9", id="bytes (WSGI)"),
        pytest.param("q=語", "q=%E8%AA%9E", id="text (ASGI)"),
        pytest.param("a b", "a%20b", id="a blank"),
    ],
)
def test_the_query_is_raw_and_ascii(raw, query):
    assert visit(QUERY_STRING=raw).query == query


FF = "\udcff"
PATHS = {
    "an ordinary path": ("/a/é", {}, "/a/é"),
    "a byte as the server tells it": ("/a/%FF", {"RAW_URI": "/a/%FF?x"}, f"/a/{FF}"),
    "a percent sign": ("/a/%FF", {"REQUEST_URI": "/a/%25FF"}, "/a/%FF"),
    "nobody tells": ("/a/%FF", {}, "/a/%FF"),
    "the server tells another path": ("/a/%FF", {"RAW_URI": "/b"}, "/a/%FF"),
}


@pytest.mark.parametrize(("path", "meta", "exact"), PATHS.values(), ids=PATHS)
def test_a_byte_that_is_no_utf8_is_told_from_its_spelling(path, meta, exact):
    request = RequestFactory().get("/", **meta)
    request.path = path

    assert exact_path(request) == exact


@pytest.mark.parametrize(
    ("scope", "exact"),
    [({"raw_path": b"/a/%FF"}, f"/a/{FF}"), ({}, "/a/\ufffd")],
    ids=["told", "not told"],
)
def test_an_asgi_server_tells_the_bytes_in_its_scope(scope, exact):
    request = AsyncRequestFactory().get("/")
    request.path = "/a/\ufffd"
    request.scope.pop("raw_path", None)
    request.scope.update(scope)

    assert exact_path(request) == exact


@pytest.mark.parametrize(
    ("proxies", "address", "header"),
    [
        pytest.param([], "127.0.0.1", "", id="nobody is believed"),
        pytest.param(
            ["127.0.0.1"], "192.0.2.1", "X-Forwarded-For", id="a trusted proxy"
        ),
        pytest.param(
            ["10.0.0.0/8"], "127.0.0.1", "X-Forwarded-For", id="another proxy"
        ),
    ],
)
def test_the_address_is_the_peers_unless_a_trusted_proxy_tells_it(
    settings, proxies, address, header
):
    settings.TEMP_REDIRECTS = {"TRUSTED_PROXIES": proxies}
    made = visit(HTTP_X_FORWARDED_FOR="192.0.2.1")

    assert (made.address, made.address_header) == (address, header)


def test_a_peer_without_an_address_is_unknown():
    assert visit(REMOTE_ADDR="").address == ""


def test_who_is_signed_in_is_unknown_until_a_door_has_fetched_it():
    assert visit().person is None


@pytest.fixture
def database(settings, tmp_path):
    settings.GEOIP_PATH = write_database(tmp_path / "x.mmdb")


TOLD = {"HTTP_CF_IPCOUNTRY": "at", "REMOTE_ADDR": "192.0.2.7"}
HEADER = {"COUNTRY_HEADER": "CF-IPCountry"}


@pytest.mark.parametrize(
    ("given", "sent", "country"),
    [
        pytest.param({}, TOLD, "", id="no header is named"),
        pytest.param(HEADER, TOLD, "", id="the peer is not trusted"),
        pytest.param(
            HEADER | {"TRUSTED_PROXIES": ["192.0.2.7"]}, TOLD, "AT", id="told"
        ),
        pytest.param(
            HEADER | {"TRUSTED_PROXIES": ["192.0.2.7"]},
            TOLD | {"HTTP_CF_IPCOUNTRY": "T1"},
            "",
            id="no country",
        ),
    ],
)
def test_the_country_is_told_by_a_trusted_proxy(settings, given, sent, country):
    settings.TEMP_REDIRECTS = given

    assert visit(**sent).country == country


@pytest.mark.usefixtures("database")
def test_without_a_proxy_that_tells_it_the_database_knows(settings):
    settings.TEMP_REDIRECTS = HEADER

    made = visit(**TOLD)

    assert made.country == "DE"
    assert made.country_headers == ("CF-IPCountry",)
    assert made.country_is_by_address


@pytest.mark.usefixtures("database")
def test_the_header_that_tells_the_address_tells_the_country(settings):
    settings.TEMP_REDIRECTS = {"TRUSTED_PROXIES": ["192.0.2.7"]}
    made = visit(HTTP_X_FORWARDED_FOR="2001:db8::1", **TOLD)

    assert made.country == "FR"
    assert made.country_headers == ("X-Forwarded-For",)


def test_a_country_that_nobody_tells_depends_on_nothing():
    made = visit(**TOLD)

    assert (made.country_headers, made.country_is_by_address) == ((), False)


def test_a_user_agent_is_cut_before_anybody_looks_at_it():
    assert visit(HTTP_USER_AGENT="Googlebot/2.1").is_bot is True
    assert visit(HTTP_USER_AGENT=" " * 512 + "Googlebot/2.1").is_bot is None


def test_a_robot_is_known_by_a_word_that_the_settings_name(settings):
    settings.TEMP_REDIRECTS = {"BOTS": ["acme-probe"]}
    assert visit(HTTP_USER_AGENT="Acme-Probe/7 (checkout)").is_bot is True
    assert visit(HTTP_USER_AGENT="acme-prober").is_bot is False


def test_the_cookie_that_holds_the_chosen_language_is_djangos(settings):
    assert visit().site.language_cookie == "django_language"
    settings.USE_I18N = False
    assert visit().site.language_cookie == ""
