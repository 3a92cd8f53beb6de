"""Shadows: what is never reached, told only where that is certain."""

import pytest

from temp_redirects.core.documents import parse, record_of
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.shadows import shadow_of
from temp_redirects.core.sites import Site

SITE = Site(hosts=frozenset({"shop.example"}), logins=("/shop/login/",))
HIGH = "00000000-0000-4000-8000-00000000000a"
LOW = "00000000-0000-4000-8000-00000000000b"


def rule(identity, **fields):
    return parse(
        {
            "id": identity,
            "name": identity[-1],
            "path": "/shop/a",
            "destinations": [{"target": "/new/"}],
            **fields,
        },
        SITE,
    )


def is_shadowed(above, below):
    first, second = rule(HIGH, **above), rule(LOW, **below)
    ruleset = Ruleset([record_of(first), record_of(second)])
    found = shadow_of(second, ruleset, {HIGH: first, LOW: second}, SITE)
    assert found in (None, first)
    return found is first


SHOP = {"match": "prefix", "path": "/shop", "priority": 1}


def window(starts, ends):
    at = [
        None if hour is None else f"2026-12-01T{hour}:00:00Z" for hour in (starts, ends)
    ]
    return {"schedule": {"starts_at": at[0], "ends_at": at[1], "timezone": "UTC"}}


def weekly(starts, ends, **fields):
    once = window(starts, ends)["schedule"]
    return {"schedule": {**once, "repeat": "FREQ=WEEKLY", **fields}}


SHADOWED = {
    "the same path": ({}, {}),
    "a prefix that is tried first": (SHOP, {}),
    "a prefix over a prefix": (SHOP, {"match": "prefix", "path": "/shop/a/"}),
    "a prefix over a pattern": (SHOP, {"match": "pattern", "path": "/shop/<int:n>/"}),
    "the same pattern": (
        {"match": "pattern", "path": "/shop/<int:n>/"},
        {"match": "pattern", "path": "/shop/<int:n>/"},
    ),
    "a method of those": ({"methods": ["GET", "POST"]}, {"methods": ["POST"]}),
    "any method": ({}, {"methods": ["POST"]}),
    "any host": ({**SHOP}, {"hosts": ["shop.example"]}),
    "a window within": (window("02", "06"), window("03", "04")),
    "the same window": (window("02", "06"), window("02", "06")),
    "the same times of every week": (weekly("02", "06"), weekly("02", "06")),
    "what repeats within": (
        window("02", None),
        weekly("03", "04", until="2026-12-31"),
    ),
    "a condition of the later one": (
        {},
        {"conditions": [{"kind": "scheme", "value": "http"}]},
    ),
}
REACHED = {
    "tried before": ({**SHOP, "priority": -1}, {}),
    "another path": ({"path": "/shop/b"}, {}),
    "a prefix that begins like it": ({**SHOP, "path": "/sho"}, {}),
    "a prefix under it": (
        {**SHOP, "path": "/shop/a/"},
        {"match": "prefix", "path": "/shop/"},
    ),
    "a path of a prefix": ({"priority": 1}, {"match": "prefix"}),
    "a pattern that may be longer": (
        SHOP,
        {"match": "pattern", "path": "/shop<slug:s>/"},
    ),
    "other methods": ({"methods": ["GET"]}, {"methods": ["POST"]}),
    "more methods": ({"methods": ["GET"]}, {}),
    "another host": ({"hosts": ["shop.example"]}, {}),
    "a condition": ({"conditions": [{"kind": "scheme", "value": "http"}]}, {}),
    "an exception": ({"unless": [{"kind": "scheme", "value": "http"}]}, {}),
    "an excepted path": ({**SHOP, "except_paths": ["/shop/a"]}, {}),
    "a start that is later": (window("02", None), window("01", None)),
    "a start where the other has none": (window("02", None), {}),
    "an end that is earlier": (window(None, "02"), window(None, "03")),
    "an end where the other has none": (window(None, "02"), {}),
    "other times of every week": (weekly("02", "06"), weekly("03", "04")),
    "only one week": (weekly("02", "06"), window("03", "04")),
    "what repeats beyond the end": (window("02", "06"), weekly("03", "04")),
    "a target under its own source": (
        {**SHOP, "path": "/", "destinations": [{"target": "/shop/a"}]},
        {},
    ),
    "a country that may be unknown": (
        {**SHOP, "destinations": [{"target": "/{country}/new/"}]},
        {},
    ),
    "a login, which only its own path redirects": (
        SHOP,
        {"path": "/shop/login/"},
    ),
    "a host that may be unknown": (
        {"destinations": [{"target": "https://{host}/new/"}]},
        {},
    ),
}


@pytest.mark.parametrize("pair", SHADOWED.values(), ids=SHADOWED)
def test_a_rule_whose_visits_another_always_takes_is_never_reached(pair):
    assert is_shadowed(*pair)


@pytest.mark.parametrize("pair", REACHED.values(), ids=REACHED)
def test_a_rule_that_some_visit_may_reach_is_not_called_unreachable(pair):
    assert not is_shadowed(*pair)


def test_a_rule_that_could_not_be_compiled_shadows_nobody():
    first, second = rule(HIGH), rule(LOW)
    ruleset = Ruleset([record_of(first), record_of(second)])

    assert shadow_of(second, ruleset, {LOW: second}, SITE) is None
