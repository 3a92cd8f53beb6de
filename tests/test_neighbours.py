"""Neighbours: what other rules mean for one rule."""

from datetime import UTC, datetime, timedelta

import pytest

from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.neighbours import advise_among, sample_visit
from temp_redirects.store import store

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
COOKIE = {"conditions": [{"kind": "cookie", "value": "beta: yes"}]}


def schedule(name, source="/shop/", target="/new/", **fields):
    fields = {"timezone": "UTC", **fields}
    return RedirectRule.objects.schedule(source, target, name=name, **fields)


def told(name):
    """Return the advice about a stored rule, by its code; the last of each."""
    rule = RedirectRule.objects.named(name).compile()
    found = advise_among(rule, store.newest(), NOW.timestamp())
    return {each.code: each.text for each in found}


def test_alone_there_is_nothing_to_know():
    schedule("a")

    assert told("a") == {}


@pytest.mark.parametrize(
    ("ours", "theirs", "text"),
    [
        pytest.param(
            {"starts_at": NOW + HOUR, "ends_at": NOW + 3 * HOUR, "methods": ["GET"]},
            {"ends_at": NOW + 2 * HOUR, "priority": 5, "methods": ["GET", "POST"]},
            "“b” is for the same path from Sat 21 Nov 2026 14:05 UTC to Sat 21 Nov "
            "2026 15:05 UTC: there it is tried before this one, because its priority "
            "is higher (5, here 0).",
            id="another one first",
        ),
        pytest.param(
            {"priority": 5, **COOKIE},
            {"ends_at": NOW + 2 * HOUR},
            "“b” is for the same path until Sat 21 Nov 2026 15:05 UTC: there this one "
            "is tried first, because its priority is higher (5, here 0).",
            id="this one first",
        ),
        pytest.param(
            {"priority": 5, **COOKIE},
            {},
            "“b” is for the same path all the time: there this one is tried first, "
            "because its priority is higher (5, here 0).",
            id="without any end",
        ),
        pytest.param(
            {"priority": 5, "starts_at": NOW + HOUR},
            {},
            "“b” is for the same path from Sat 21 Nov 2026 14:05 UTC on: there this "
            "one is tried first, because its priority is higher (5, here 0).",
            id="from a moment on",
        ),
    ],
)
def test_who_wins_on_the_same_path_and_when_and_why(ours, theirs, text):
    schedule("a", **ours)
    schedule("b", **theirs)

    assert told("a")["overlap"] == text


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"ends_at": NOW + HOUR}, {"starts_at": NOW + HOUR}),
        ({}, {"ends_at": NOW - HOUR}),
        ({"methods": ["GET"]}, {"methods": ["POST"]}),
        ({"hosts": ["shop.example"]}, {"hosts": ["testserver"]}),
        ({}, {"enabled": False}),
        ({"enabled": False}, {}),
        ({"ends_at": NOW - HOUR}, {}),
    ],
)
def test_rules_that_never_meet_do_not_overlap(ours, theirs):
    schedule("a", **{"priority": 1, **ours})
    schedule("b", **theirs)

    assert told("a") == {}


def test_of_very_many_only_the_number_is_told():
    schedule("a", priority=9, **COOKIE)
    for at in range(5):
        schedule(f"b{at}", target=f"/n{at}/")

    assert told("a")["overlap"] == (
        "2 more rules are for the same path at the same time."
    )


def test_a_rule_that_is_never_reached_says_which_one_answers():
    schedule("a")
    schedule("b", "/", "/shop-elsewhere/", match="prefix", priority=1)
    RedirectRule.objects.filter(name="b").update(path="/shop")

    assert told("a") == {
        "never_reached": "It is never reached: “b” is tried first, because its "
        "priority is higher (1, here 0), and always answers."
    }


def test_a_maintenance_window_is_a_neighbour_too():
    schedule("a", **COOKIE)
    MaintenanceWindow.objects.schedule("update", ["/shop/"], starts_at=NOW + HOUR)

    assert "“update” is for the same path" in told("a")["overlap"]


def test_rules_under_a_prefix_are_named():
    schedule("a", "/shop/", match="prefix")
    for at in range(5):
        schedule(f"b{at}", f"/shop/b{at}")

    assert told("a")["under"] == (
        "Under this path other rules are tried first, whenever on: “/shop/b0” (“b0”), "
        "“/shop/b1” (“b1”), “/shop/b2” (“b2”), …."
    )


def test_a_target_that_is_redirected_again_is_told_with_the_moment():
    schedule("a", ends_at=NOW + 3 * HOUR)
    schedule("b", "/new/", "/newer/", starts_at=NOW + HOUR)

    assert told("a") == {
        "led_on": "Visitors take more than one redirect: “/new/” is sent on by “b” to "
        "“/newer/”, from Sat 21 Nov 2026 14:05 UTC on."
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"ends_at": NOW + HOUR}, {"starts_at": NOW + HOUR}),
        ({"target": "https://partner.example/new/"}, {}),
    ],
)
def test_a_target_that_stays_is_not_told(ours, theirs):
    schedule("a", **ours)
    schedule("b", "/new/", "/newer/", **theirs)

    assert told("a") == {}


@pytest.mark.parametrize(
    ("middleware", "seconds", "is_told"),
    [
        (["django.middleware.cache.UpdateCacheMiddleware"], 0, True),
        ([], 60, True),
        ([], 0, False),
    ],
)
def test_a_personal_answer_on_a_path_that_caches_keep_is_told(
    settings, middleware, seconds, is_told
):
    settings.MIDDLEWARE = [*middleware, *settings.MIDDLEWARE]
    schedule("a", cache_seconds=seconds, **COOKIE)

    assert ("personal_cached" in told("a")) is is_told


def test_what_is_the_same_for_everybody_may_be_kept():
    schedule("a", cache_seconds=60)

    assert told("a") == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"methods": ["POST"]},
        {"hosts": ["*.shop.example"]},
        {"match": "pattern", "source": "/x/<int:year>/"},
        {"conditions": [{"kind": "scheme", "value": "http"}]},
        {"conditions": [{"kind": "country", "value": "AT"}]},
    ],
)
def test_the_sample_is_a_visit_that_the_rule_is_for(fields):
    rule = schedule("a", **fields).compile()

    assert all(check.holds(sample_visit(rule), 0) for check in rule.checks)
