"""Patterns agree with the routes of Django, whose syntax they read."""

import pytest
from django.urls.converters import get_converters
from django.urls.resolvers import RoutePattern
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.patterns import Pattern
from temp_redirects.core.patterns.fields import CONVERTERS
from tests.core.shapes import met

FIXED = ["/shop/", "/a.b/", "/a-b"]
BUILT_IN = ["int", "path", "slug", "str", "uuid"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_converter_matches_what_djangos_does(name):
    ours, theirs = CONVERTERS[name], get_converters()[name]
    spelt = {"[^\\n]+": ".+", "[0-9a-f]": "[0-9a-f]"}
    assert spelt.get(ours.regex, ours.regex) == theirs.regex


def test_the_converters_are_djangos():
    assert sorted(CONVERTERS) == BUILT_IN


@given(met.filter(lambda each: each[0][0] == "pattern" and "*" not in each[0][1]))
def test_a_pattern_covers_the_paths_that_djangos_route_covers(each):
    (_, text), path = each
    assert_agreement(text, path)


@given(st.sampled_from(FIXED), st.sampled_from([*FIXED, "/shop", "/aXb/", "/shop/\n"]))
def test_a_pattern_without_placeholders_is_djangos_too(text, path):
    assert_agreement(text, path)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("/blog/<int:year>/<slug:s>/", "/blog/2026/a-b/", id="usual"),
        pytest.param("/<slug:a>-<slug:b>", "/a-b-c", id="greedy"),
        pytest.param("/<int:a><int:b>", "/123", id="adjacent"),
        pytest.param("/<path:p>/<int:n>", "/1/2/3", id="a path, then more"),
        pytest.param("/<path:p>", "/a\nb", id="a line break in a path"),
        pytest.param("/<x>", "/a\n", id="a line break in a segment"),
        pytest.param("/<int:n>", "/\u0663", id="digits of another script"),
        pytest.param("/<uuid:u>/", f"/{'0' * 8}-0000-0000-0000-{'0' * 12}/", id="id"),
        pytest.param("/<uuid:u>/", f"/{'A' * 8}-0000-0000-0000-{'0' * 12}/", id="AA"),
    ],
)
def test_a_pattern_gives_the_captures_that_djangos_route_gives(text, path):
    assert_agreement(text, path)


def assert_agreement(text, path):
    """See that both cover the path or not, and capture the same text."""
    pattern = Pattern.parse(text)
    route = "".join(
        map("".join, zip(pattern.literals, [*_fields(text), ""], strict=True))
    )
    found = RoutePattern(route, is_endpoint=True).match(path)
    captures = pattern.match(path)
    assert (captures is None) is (found is None)
    if captures is not None:
        # Django makes numbers of digits, and objects of UUIDs.
        assert {name: _plain(value) for name, value in captures.items()} == {
            name: _plain(str(value)) for name, value in found[2].items()
        }


def _plain(text):
    return int(text) if text.isascii() and text.isdigit() else text


def _fields(text):
    """Return the placeholders as typed; literals are compared decoded."""
    return [f"<{part.partition('>')[0]}>" for part in text.split("<")[1:]]
