import pytest

from temp_redirects.core.sites import Site
from temp_redirects.core.visits import Visit

PREFLIGHT = {
    "Origin": "https://app.example",
    "Access-Control-Request-Method": "PUT",
}


@pytest.mark.parametrize("name", ["X-Beta", "x-beta", "X-BETA"])
def test_headers_are_found_whatever_their_case(name):
    assert Visit("/", headers={"x-Beta": "yes"}).header(name) == "yes"


def test_a_header_that_was_not_sent_is_none_and_an_empty_one_is_empty():
    visit = Visit("/", headers={"X-Beta": ""})
    assert visit.header("X-Beta") == ""
    assert visit.header("X-Alpha") is None


@pytest.mark.parametrize(
    ("method", "headers", "is_preflight"),
    [
        pytest.param("OPTIONS", PREFLIGHT, True, id="what browsers send"),
        pytest.param("PUT", PREFLIGHT, False, id="the request that follows"),
        pytest.param("OPTIONS", {}, False, id="a plain OPTIONS"),
        pytest.param("OPTIONS", {"Origin": "null"}, False, id="no method asked for"),
        pytest.param(
            "OPTIONS",
            {"Access-Control-Request-Method": "PUT"},
            False,
            id="no origin",
        ),
    ],
)
def test_a_preflight_is_options_with_both_headers(method, headers, is_preflight):
    assert Visit("/", method=method, headers=headers).is_preflight is is_preflight


@pytest.mark.parametrize(
    ("scheme", "asked", "host", "hostname"),
    [
        pytest.param("http", "M.Docs.Test.", "m.docs.test", "m.docs.test", id="spelt"),
        pytest.param("http", "a.test:8000", "a.test:8000", "a.test", id="a port"),
        pytest.param("https", "a.test:443", "a.test", "a.test", id="the default port"),
        pytest.param("http", "a.test:443", "a.test:443", "a.test", id="not http’s"),
        pytest.param("http", "[::1]:8000", "[::1]:8000", "[::1]", id="IPv6 and port"),
        pytest.param("http", "[::1]", "[::1]", "[::1]", id="IPv6"),
        pytest.param("http", "", "", "", id="unknown or refused"),
    ],
)
def test_the_host_is_in_one_spelling(scheme, asked, host, hostname):
    visit = Visit("/", scheme=scheme, host=asked)
    assert (visit.host, visit.hostname) == (host, hostname)


@pytest.mark.parametrize(
    ("path", "query", "url"),
    [
        pytest.param("/a/", "", "https://a.test/a/", id="no query"),
        pytest.param("/a/", "x=1", "https://a.test/a/?x=1", id="a query"),
        pytest.param(
            "/a?b", "", "https://a.test/a%3Fb", id="a question mark in a path"
        ),
        pytest.param("/\udcff", "", "https://a.test/%FF", id="a byte that is no text"),
        pytest.param("/a\r\nb", "", "https://a.test/a%0D%0Ab", id="a line break"),
    ],
)
def test_the_address_can_be_shown_to_people(path, query, url):
    visit = Visit(path, scheme="https", host="a.test", query=query)
    assert visit.url == url
    assert visit.url.encode()


def test_a_bare_visit_is_a_get_of_an_unknown_host():
    visit = Visit("/")
    assert (visit.method, visit.scheme, visit.host) == ("GET", "http", "")
    assert (visit.query, visit.scheme_header) == ("", "")
    assert visit.site == Site()
    assert (visit.address, visit.address_header, visit.person) == ("", "", None)
    assert visit.cookie("a") is None


@pytest.mark.parametrize(
    ("header", "value"),
    [
        pytest.param("a=1", "1", id="alone"),
        pytest.param("b=2; a=1; c=3", "1", id="among others"),
        pytest.param("b=2;a=1", "1", id="without a blank"),
        pytest.param(" a = 1 ", "1", id="with blanks"),
        pytest.param("a=1; a=2", "2", id="twice: the last counts"),
        pytest.param("aa=2; b=a=3", None, id="another name, another value"),
        pytest.param("A=1", None, id="another case"),
        pytest.param("a=", "", id="empty"),
        pytest.param("a", None, id="a name without a value"),
        pytest.param('a="1 2"', "1 2", id="quoted"),
        pytest.param('a="', '"', id="half quoted"),
        pytest.param("a=" + "x" * 5_000, None, id="a value that is too long"),
        pytest.param("a=1;" + "x" * 70_000, None, id="a header that is too long"),
        pytest.param('a="' + "\\" * 32_000 + '"', None, id="hostile backslashes"),
    ],
)
def test_one_cookie_is_found_without_reading_the_others(header, value):
    assert Visit("/", headers={"Cookie": header}).cookie("a") == value


def test_a_cookies_name_is_no_pattern():
    assert Visit("/", headers={"Cookie": "abc=1"}).cookie("a.c") is None


def test_what_raised_is_kept_for_a_door():
    visit, error = Visit("/"), ValueError("x")
    visit.failed("tide", error)
    assert visit.errors == (("tide", error),)
