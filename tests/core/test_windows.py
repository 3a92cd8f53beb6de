"""Maintenance windows: what they close, for whom, and until when."""

from dataclasses import replace

import pytest

from temp_redirects.core import documents
from temp_redirects.core.records import FIELDS
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sites import Site
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import (
    MaintenanceWindow,
    opens_again,
    with_pass_key,
)
from tests.core.making import HOUR, NOON
from tests.core.schedules.making import at, repeating

SITE_WITH_NOTICES = Site(notices="/maintenance/notice/")


def make_window(starts=NOON, ends=NOON + HOUR, paths=("/shop/",), **fields):
    """Return a window of an hour, with the fields that a case is about."""
    schedule = Schedule(starts, ends)
    return MaintenanceWindow(
        **{"id": "1", "name": "Shop", "paths": paths, "schedule": schedule, **fields}
    )


@pytest.mark.parametrize(
    ("now", "on"),
    [
        (NOON - 0.001, False),
        (NOON, True),
        (NOON + HOUR - 0.001, True),
        (NOON + HOUR, False),
    ],
)
def test_it_is_on_from_its_start_to_before_its_end(now, on):
    assert make_window().active(now) is on
    assert make_window(enabled=False).active(now) is False


@pytest.mark.parametrize(
    ("path", "closed"),
    [
        ("/shop/", True),
        ("/shop/cart", True),
        ("/shopping", False),
        ("/shop/help/", False),
        ("/shop/help/more", False),
    ],
)
def test_it_covers_what_is_under_its_paths_but_not_what_is_excepted(path, closed):
    assert make_window(excepted=("/shop/help/",)).covers(path) is closed


@pytest.mark.parametrize(
    ("host", "closed"), [("shop.example", True), ("a.example", False), ("", False)]
)
def test_it_is_for_its_hosts(host, closed):
    window = make_window(hosts=("shop.example",))

    assert window.is_for(Visit("/shop/", host=host)) is closed
    assert make_window().is_for(Visit("/shop/", host=host))


def test_names_are_compared_without_case_and_margins():
    assert make_window(name=" Größe ").key == "grösse"


def test_each_path_is_a_rule_above_the_rules_of_editors():
    window = make_window(paths=("/shop/", "/a b/"), excepted=("/shop/help/",))

    first, second = (
        dict(zip(FIELDS, record, strict=True)) for record in window.records()
    )

    assert (first["id"], second["id"]) == ("1/0", "1/1")
    assert (first["path"], second["path"]) == ("/shop/", "/a b/")
    assert first["priority"] == 1_000
    assert first["query"] == "drop"
    assert first["except_paths"] == ("/shop/help/",)


def test_who_passes_are_exceptions_of_the_rule():
    window = with_pass_key(make_window(pass_addresses=("::1", "10.0.0.0/8")), "a" * 32)

    (record,) = window.records()

    unless = dict(zip(FIELDS, record, strict=True))["unless"]
    assert unless == (
        ("address", "::1, 10.0.0.0/8"),
        ("pass", "a" * 32),
        ("user", "staff"),
    )


def test_nobody_passes_who_is_not_named():
    (record,) = make_window(staff_pass=False).records()

    assert dict(zip(FIELDS, record, strict=True))["unless"] == ()


def test_a_window_that_leads_elsewhere_keeps_the_query():
    (record,) = make_window(target="https://pay.example{path}").records()

    assert dict(zip(FIELDS, record, strict=True))["query"] == "keep"


ENDS = {
    "one": ([(0, 1)], 1),
    "adjoining": ([(0, 1), (1, 3)], 3),
    "overlapping": ([(0, 2), (1, 3)], 3),
    "one inside another": ([(0, 3), (1, 2)], 3),
    "in whatever order": ([(2, 4), (0, 1), (1, 2)], 4),
    "with a break between them": ([(0, 1), (1.001, 3)], 1),
    "not begun": ([(1, 3)], 0),
    "over": ([(-2, -1)], 0),
    "without an end": ([(0, 1), (1, None)], None),
}


@pytest.mark.parametrize(("spans", "hours"), ENDS.values(), ids=ENDS)
def test_windows_that_meet_have_one_end(spans, hours):
    windows = [
        make_window(NOON + starts * HOUR, None if ends is None else NOON + ends * HOUR)
        for starts, ends in spans
    ]

    opens = opens_again(windows, Visit("/shop/"), NOON)

    assert opens == (None if hours is None else NOON + hours * HOUR)


def test_times_that_adjoin_have_one_end():
    daily = repeating("2027-01-15T00:00", "FREQ=DAILY;BYDAY=FR,SA", length=24 * HOUR)
    weekend = make_window(schedule=daily)
    assert weekend.active(NOON)
    saturday = at("2027-01-17T00:00+01:00")
    assert opens_again([weekend], Visit("/shop/"), NOON) == saturday


def test_what_never_pauses_has_no_end_that_is_known():
    always = repeating("2027-01-15T00:00", "FREQ=DAILY", "UTC", length=24 * HOUR)
    window = make_window(schedule=always)
    assert opens_again([window], Visit("/shop/"), NOON) is None


def test_what_repeats_is_compiled_with_its_times():
    schedule = repeating("2027-01-15T00:00", "FREQ=DAILY")
    (record,) = make_window(schedule=schedule).records()
    assert documents.parse_record(record, SITE_WITH_NOTICES).schedule == schedule


def test_windows_for_others_do_not_count():
    others = [
        make_window(ends=NOON + 9 * HOUR, paths=("/other/",)),
        make_window(ends=NOON + 9 * HOUR, hosts=("other.example",)),
        make_window(ends=NOON + 9 * HOUR, enabled=False),
    ]

    visit = Visit("/shop/", host="a.example")

    assert opens_again([make_window(), *others], visit, NOON) == NOON + HOUR


def test_a_urlconf_without_notices_hurts_no_other():
    ruleset = Ruleset(windows=[make_window()])
    sites = (Site(), SITE_WITH_NOTICES, Site())

    reasons = [
        ruleset.decide(Visit("/shop/", site=site), NOON).reason for site in sites
    ]

    assert reasons == ["no_rule", "match", "no_rule"]


@pytest.mark.parametrize(
    ("target", "path", "query", "location"),
    [
        ("https://status.example/", "/shop/", "a" * 9_000, "https://status.example/"),
        ("https://status.example/", "/shop/", "\\" * 2_750, "https://status.example/"),
        ("/sorry{path}", f"/shop/{'a' * 9_000}", "", "/maintenance/notice/Shop/"),
    ],
)
def test_nothing_that_is_too_long_to_be_sent_on_opens_it(target, path, query, location):
    ruleset = Ruleset(windows=[make_window(target=target)])
    site = replace(
        SITE_WITH_NOTICES, target_origins=frozenset({"https://status.example"})
    )

    decision = ruleset.decide(Visit(path, query=query, site=site), NOON)

    assert (decision.reason, decision.location) == ("match", location)
