import pytest

from temp_redirects.core.rules import (
    ExceptedPaths,
    Hosts,
    Methods,
)
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit
from tests.core.making import (
    NOON,
)


def holds(rule, visit):
    """Say whether the visit passes every check of the rule."""
    return all(each.holds(visit, NOON) for each in rule.checks)


# Methods


@pytest.mark.parametrize(
    ("names", "method", "is_asked"),
    [
        pytest.param(["POST"], "POST", True, id="the method"),
        pytest.param(["POST"], "GET", False, id="another one"),
        pytest.param([" post "], "POST", True, id="as people type it"),
        pytest.param(["GET"], "HEAD", True, id="GET includes HEAD"),
        pytest.param(["HEAD"], "GET", False, id="HEAD does not include GET"),
        pytest.param(["POST"], "HEAD", False, id="and POST includes nothing"),
        pytest.param(["GET", "PUT"], "PUT", True, id="one of two"),
        pytest.param(["PURGE"], "PURGE", True, id="a method of one’s own"),
    ],
)
def test_a_rule_answers_its_methods(names, method, is_asked):
    assert Methods.parse(names).holds(Visit("/", method=method), NOON) is is_asked


def test_a_method_named_twice_is_one():
    assert Methods.parse(["get", "GET"]).names == ("GET",)


@pytest.mark.parametrize(
    "name", ["", "GET POST", "GET,POST", "G\nT", "ΓΕΤ", "X" * 33, "X" * 1_000_000]
)
def test_what_is_no_method_is_refused(name):
    with pytest.raises(Refused, match="is no request method"):
        Methods.parse([name])


# Hosts


@pytest.mark.parametrize(
    ("pattern", "scheme", "host", "is_asked"),
    [
        pytest.param("m.docs.test", "http", "M.Docs.Test.", True, id="one spelling"),
        pytest.param("M.Docs.Test.", "http", "m.docs.test", True, id="typed otherwise"),
        pytest.param("docs.test", "http", "docs.test:8000", True, id="any port"),
        pytest.param("docs.test:8000", "http", "docs.test:8000", True, id="this port"),
        pytest.param("docs.test:8000", "http", "docs.test", False, id="another port"),
        pytest.param("docs.test:443", "https", "docs.test", True, id="https’s port"),
        pytest.param("docs.test:443", "https", "docs.test:443", True, id="written"),
        pytest.param("docs.test:443", "http", "docs.test", False, id="not http’s port"),
        pytest.param("docs.test:80", "http", "docs.test", True, id="http’s port"),
        pytest.param("docs.test", "http", "m.docs.test", False, id="no subdomain"),
        pytest.param("*.docs.test", "http", "m.docs.test", True, id="a subdomain"),
        pytest.param("*.docs.test", "http", "a.m.docs.test", True, id="a deeper one"),
        pytest.param("*.docs.test", "http", "docs.test", False, id="not itself"),
        pytest.param("*.docs.test", "http", "evildocs.test", False, id="whole labels"),
        pytest.param("*.docs.test", "http", "docs.test.evil", False, id="at the end"),
        pytest.param("*.docs.test:8000", "http", "m.docs.test:8000", True, id="+ port"),
        pytest.param("*.docs.test:8000", "http", "m.docs.test", False, id="- port"),
        pytest.param(
            "münchen.example", "http", "xn--mnchen-3ya.example", True, id="IDN"
        ),
        pytest.param("*.ä.test", "http", "m.xn--4ca.test", True, id="IDNA, subdomain"),
        pytest.param("[::1]", "http", "[::1]:8000", True, id="IPv6"),
        pytest.param("[::1]:8000", "http", "[::1]:8000", True, id="IPv6 and its port"),
        pytest.param("[::1]:8000", "http", "[::1]", False, id="IPv6, another port"),
        pytest.param("docs.test", "http", "", False, id="an unknown host is none"),
    ],
)
def test_a_rule_answers_its_hosts(pattern, scheme, host, is_asked):
    visit = Visit("/", scheme=scheme, host=host)
    assert Hosts.parse([pattern]).holds(visit, NOON) is is_asked


def test_a_host_named_twice_is_one():
    assert Hosts.parse(["A.test", "a.test."]).patterns == ("a.test",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("*", id="a star alone"),
        pytest.param("shop.*", id="a star at the end"),
        pytest.param("*shop.test", id="a star within a label"),
        pytest.param("https://shop.test", id="an address"),
        pytest.param("shop.test/x", id="a path"),
        pytest.param("a.test, b.test", id="two"),
        pytest.param("shop..test", id="an empty label"),
        pytest.param("ä..test", id="an empty label, no IDNA"),
        pytest.param("shop.test:x", id="no port"),
        pytest.param("shop.test\x00", id="NUL"),
        pytest.param("ä" * 2_000, id="far too long for IDNA"),
        pytest.param("\ud800", id="half a character"),
    ],
)
def test_what_is_no_host_is_refused(text):
    with pytest.raises(Refused, match="is not a host name"):
        Hosts.parse([text])


# Paths that pass


@pytest.mark.parametrize(
    ("path", "passes"),
    [
        pytest.param("/shop/help", False, id="the path"),
        pytest.param("/shop/help/", False, id="with a slash"),
        pytest.param("/shop/help/x", False, id="under it"),
        pytest.param("/shop/helpers", True, id="whole segments"),
        pytest.param("/shop/caf\u00e9", False, id="typed encoded"),
        pytest.param("/shop/", True, id="above it"),
    ],
)
def test_excepted_paths_are_left_alone_with_all_under_them(path, passes):
    excepted = ExceptedPaths.parse(["/shop/help", "/shop/caf%C3%A9"])
    assert excepted.holds(Visit(path), NOON) is passes


def test_an_excepted_path_is_read_as_a_path():
    with pytest.raises(Refused, match="does not begin with"):
        ExceptedPaths.parse(["help"])
