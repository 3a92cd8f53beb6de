"""Chains: where a visitor is led, hop by hop."""

from dataclasses import replace
from itertools import pairwise

import pytest

from temp_redirects.core.chains import chain
from temp_redirects.core.loops import MAX_HOPS
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.visits import Visit
from tests.core.making import NOON, SITE, document, make_record, make_ruleset

HOME = "https://shop.example"


def led(method="GET", **rules):
    """Return what is asked for on the way from “/a”, the last address, and the end."""
    visit = Visit("/a", method=method, scheme="https", host="shop.example", site=SITE)
    found = chain(make_ruleset(**rules), visit, NOON)
    way = [f"{each.method} {each.url.removeprefix(HOME)}" for each in found.links]
    return way, f"{found.method} {found.url.removeprefix(HOME)}", found.end


@pytest.mark.parametrize(
    ("rules", "way", "end"),
    [
        pytest.param({}, [], ("GET /a", "page"), id="no redirect"),
        pytest.param(
            {"a": document("/a", "/b"), "b": document("/b", "/c?x=1")},
            ["GET /a", "GET /b"],
            ("GET /c?x=1", "page"),
            id="two redirects",
        ),
        pytest.param(
            {"a": document("/a", "https://pay.example/b")},
            ["GET /a"],
            ("GET https://pay.example/b", "elsewhere"),
            id="another server",
        ),
        pytest.param(
            {"a": document("/a", "https://www.shop.example/b")},
            ["GET /a"],
            ("GET https://www.shop.example/b", "page"),
            id="another host of the site",
        ),
        pytest.param(
            {"a": document("/a", "/b"), "b": document("/b", "/a")},
            ["GET /a", "GET /b"],
            ("GET /a", "loop"),
            id="round and round",
        ),
    ],
)
def test_each_redirect_is_on_the_way_and_the_end_is_named(rules, way, end):
    assert led(**rules) == (way, *end)


def test_a_form_becomes_a_request_for_a_page_where_the_rule_says_so():
    seen = {"a": document("/a", "/b", status=303), "b": document("/b", "/c")}

    assert led("POST", **seen) == (["POST /a", "GET /b"], "GET /c", "page")


def test_a_way_longer_than_browsers_follow_is_a_loop():
    names = ["a", *(f"p{at}" for at in range(MAX_HOPS + 5))]
    rules = {name: document(f"/{name}", f"/{after}") for name, after in pairwise(names)}

    way, _, end = led(**rules)

    assert (len(way), end) == (MAX_HOPS, "loop")


def test_a_notice_in_place_ends_the_way():
    site = replace(SITE, notices="/maintenance/notice/")
    record = make_record(
        "/a", match="prefix", api="503", window=True, destinations=(("n", "", ""),)
    )
    visit = Visit("/a", host="shop.example", site=site)

    found = chain(Ruleset([record]), visit, NOON)

    assert (found.links, found.end) == ((), "in_place")
