import pytest

from tests.core.browsers import NOWHERE, follow

HERE = "https://shop.example"


@pytest.mark.parametrize(
    ("location", "origin"),
    [
        pytest.param("/a", HERE, id="a path"),
        pytest.param("/\ta", HERE, id="a tab is dropped"),
        pytest.param("\\a", HERE, id="a backslash is a slash"),
        pytest.param("https:/a", HERE, id="one slash, on a page of the scheme"),
        pytest.param("https:\\a", HERE, id="one backslash"),
        pytest.param("HTTPS://Shop.Example:443/a", HERE, id="in any spelling"),
        pytest.param("https://shop%2eexample/a", HERE, id="a host is decoded"),
        pytest.param("https://a:b@shop.example/a", HERE, id="a user is no host"),
        pytest.param("http:/h/", "http://h", id="one slash, from another scheme"),
        pytest.param("http:h/", "http://h", id="none, from another scheme"),
        pytest.param("https:///h", "https://h", id="three after the scheme"),
        pytest.param("//h", "https://h", id="two slashes"),
        pytest.param("///h", "https://h", id="three slashes"),
        pytest.param("/\\h", "https://h", id="slash and backslash"),
        pytest.param("\\/h", "https://h", id="backslash and slash"),
        pytest.param("/\t/h", "https://h", id="a tab between them"),
        pytest.param("\0//h", "https://h", id="NUL before them"),
        pytest.param("//h:8001?x", "https://h:8001", id="a port, no path"),
        pytest.param("https://[::1]:443/", "https://[::1]", id="IPv6"),
        pytest.param("https://shop.example@h\\@x", "https://h", id="a user, and more"),
        pytest.param("https://shop.example.h/", "https://shop.example.h", id="a label"),
    ],
)
def test_a_browser_goes_where_it_goes(location, origin):
    assert follow(location).origin == origin


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("ftp://h/", id="another scheme"),
        pytest.param("a", id="relative to the page"),
        pytest.param("?a", id="a query alone"),
        pytest.param("https:h", id="relative, with the page’s scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("https://a%2fb/", id="a slash in the host"),
        pytest.param("https://h:99999/", id="no such port"),
        pytest.param("https://h:x/", id="no port"),
    ],
)
def test_what_leads_to_no_page_of_a_server_leads_nowhere(location):
    assert follow(location) == NOWHERE


@pytest.mark.parametrize(
    ("location", "segments", "has_dots"),
    [
        pytest.param("/", ("",), False, id="the root"),
        pytest.param("https://shop.example", ("",), False, id="no path is the root"),
        pytest.param("/a/b?c/d#e", ("a", "b"), False, id="without query and fragment"),
        pytest.param("/a//b/", ("a", "", "b", ""), False, id="empty segments"),
        pytest.param("/a\\b", ("a", "b"), False, id="a backslash is a slash"),
        pytest.param("/a/../b", ("b",), True, id="up"),
        pytest.param("/../../b", ("b",), True, id="not above the root"),
        pytest.param("/a/%2e%2E", ("",), True, id="up, encoded, at the end"),
        pytest.param("/a/./b", ("a", "b"), True, id="here"),
        pytest.param("/a/.", ("a", ""), True, id="here, at the end"),
        pytest.param("/a/..%2fb", ("a", "..%2fb"), False, id="no slash"),
    ],
)
def test_a_path_is_read_as_browsers_read_it(location, segments, has_dots):
    place = follow(location)
    assert (place.segments, place.has_dots) == (segments, has_dots)


def test_the_scheme_of_the_page_decides_for_addresses_without_one():
    assert follow("//h/", base="http://shop.example").origin == "http://h"
    assert follow("https:h", base="http://shop.example").origin == "https://h"


def test_the_query_stands_before_the_fragment():
    assert follow("/a?b?c#d?e").query == "b?c"
