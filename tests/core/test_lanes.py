"""Lanes: what is on for each path, where it overlaps, and where nothing is."""

from math import inf
from uuid import UUID

import pytest

from temp_redirects.core.documents import parse, parse_record
from temp_redirects.core.lanes import Gap, Version, lanes, standing
from temp_redirects.core.schedules import Schedule, moment
from temp_redirects.core.windows import MaintenanceWindow
from tests.core.making import HOUR, NOON, SITE, document

WEEK = 7 * 24  # hours


def rule(name, path="/old/", starts=None, ends=None, **keys):
    """Return a rule; its bounds are hours from noon on."""
    at = [
        None if hours is None else moment(NOON + hours * HOUR, "UTC").isoformat()
        for hours in (starts, ends)
    ]
    schedule = {"starts_at": at[0], "ends_at": at[1], "timezone": "UTC"}
    schedule |= keys.pop("schedule", {})
    made = document(path, f"/to-{name}/", name=name, schedule=schedule, **keys)
    number = sum(map(ord, name))  # another one for another name
    return parse({**made, "id": str(UUID(int=number))}, SITE)


def hours(at):
    return (at - NOON) / HOUR


def drawn(*versions, since=0, until=WEEK):
    """Return the lanes of versions, or of rules that always stood so."""
    given = [each if isinstance(each, Version) else Version(each) for each in versions]
    return lanes(given, NOON + since * HOUR, NOON + until * HOUR)


def spans(lane):
    return [
        (each.rule.name, hours(each.starts), hours(each.ends), each.track)
        for each in lane.spans
    ]


def overlaps(lane):
    return [
        (hours(each.starts), hours(each.ends), [rule.name for rule in each.rules])
        for each in lane.overlaps
    ]


def gaps(lane):
    return [(hours(each.starts), hours(each.ends)) for each in lane.gaps]


def version(made, since=-inf, until=inf):
    return Version(made, NOON + since * HOUR, NOON + until * HOUR)


def test_each_path_has_a_lane_in_the_order_of_paths():
    found = drawn(rule("b", "/b/"), rule("a", "/a/"), rule("c", "/a/"))

    assert [lane.source.typed for lane in found] == ["/a/", "/b/"]
    assert spans(found[0]) == [("a", -inf, inf, 0), ("c", -inf, inf, 1)]


@pytest.mark.parametrize(
    ("starts", "ends", "is_shown"),
    [
        pytest.param(-2, -1, False, id="before"),
        pytest.param(-2, 0, False, id="ends where the period begins"),
        pytest.param(-2, 1, True, id="runs into it"),
        pytest.param(WEEK - 1, WEEK + 9, True, id="runs out of it"),
        pytest.param(WEEK, WEEK + 1, False, id="begins where it ends"),
        pytest.param(-2, WEEK + 2, True, id="longer"),
        pytest.param(None, None, True, id="open"),
    ],
)
def test_what_touches_the_period_is_shown_with_its_own_bounds(starts, ends, is_shown):
    found = drawn(rule("a", starts=starts, ends=ends))

    bounds = -inf if starts is None else starts, inf if ends is None else ends
    assert [spans(lane) for lane in found] == [[("a", *bounds, 0)]] * is_shown


def test_what_is_switched_off_is_not_shown():
    assert drawn(rule("a", enabled=False)) == []


def test_what_repeats_has_each_of_its_times():
    daily = rule("a", starts=-24, ends=-22, schedule={"repeat": "FREQ=DAILY"})

    (lane,) = drawn(daily, until=72)

    assert spans(lane) == [("a", 0, 2, 0), ("a", 24, 26, 0), ("a", 48, 50, 0)]
    assert gaps(lane) == []


def test_times_that_adjoin_are_one():
    daily = rule("a", starts=-24, ends=0, schedule={"repeat": "FREQ=DAILY"})

    (lane,) = drawn(daily, until=72)

    assert spans(lane) == [("a", 0, 72, 0)]


def test_in_a_track_nothing_lies_on_something_else():
    made = [rule("a", starts=1, ends=5), rule("b", starts=2, ends=3)]

    (lane,) = drawn(*made, rule("c", starts=3, ends=6), rule("d", starts=5, ends=7))

    assert spans(lane) == [
        ("a", 1, 5, 0),
        ("b", 2, 3, 1),
        ("c", 3, 6, 1),
        ("d", 5, 7, 0),
    ]
    assert lane.tracks == 2


@pytest.mark.parametrize(
    ("second", "found"),
    [
        pytest.param(rule("b", starts=4, ends=9), [(4, 6, ["a", "b"])], id="both"),
        pytest.param(rule("b", starts=6, ends=9), [], id="they adjoin"),
        pytest.param(
            rule("b", starts=4, ends=9, priority=1), [(4, 6, ["b", "a"])], id="order"
        ),
        pytest.param(rule("b", "/other/", starts=4, ends=9), [], id="another path"),
        pytest.param(
            rule("b", starts=4, ends=9, methods=["POST"]),
            [(4, 6, ["a", "b"])],
            id="of some of its methods",
        ),
        pytest.param(
            rule("b", "/", starts=4, ends=9, match="prefix"),
            [(4, 6, ["a", "b"])],
            id="a wider path",
        ),
        pytest.param(
            rule("b", "/", starts=4, ends=9, match="prefix", except_paths=["/old/"]),
            [],
            id="a wider path without this one",
        ),
    ],
)
def test_rules_of_one_path_overlap_while_both_are_on(second, found):
    first = rule("a", starts=2, ends=6)

    lane = next(lane for lane in drawn(first, second) if lane.source.typed == "/old/")

    assert overlaps(lane) == found


def test_rules_that_no_visit_is_for_together_do_not_overlap():
    made = [
        rule("a", methods=["GET"], hosts=["shop.example"]),
        rule("b", methods=["POST"]),
        rule("c", methods=["POST"], hosts=["www.shop.example"]),
    ]

    (lane,) = drawn(*made)

    assert overlaps(lane) == [(0, WEEK, ["c", "b"])]


def test_overlaps_are_told_apart_by_who_is_in_them():
    made = [rule("a"), rule("b", starts=2, ends=6), rule("c", starts=4, ends=8)]

    (lane,) = drawn(*made)

    assert overlaps(lane) == [
        (2, 4, ["a", "b"]),
        (4, 6, ["a", "b", "c"]),
        (6, 8, ["a", "c"]),
    ]


def test_paths_of_one_maintenance_window_do_not_overlap_each_other():
    window = MaintenanceWindow(
        id=str(UUID(int=1)),
        name="w",
        paths=("/a/", "/a/b/"),
        schedule=Schedule(),
        target="/closed/",
    )
    made = [parse_record(record, SITE) for record in window.records()]

    assert [overlaps(lane) for lane in drawn(*made)] == [[], []]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        pytest.param([(2, 4), (6, 8)], [(4, 6)], id="between two"),
        pytest.param([(2, 4), (4, 8)], [], id="they adjoin"),
        pytest.param([(2, 7), (3, 4), (9, 10)], [(7, 9)], id="after the longest"),
        pytest.param([(-9, -4), (2, 4)], [], id="before what is shown"),
        pytest.param([(None, 4), (WEEK - 1, None)], [(4, WEEK - 1)], id="open"),
        pytest.param([(2, 4), (3, 4), (6, 8)], [(4, 6)], id="two end at once"),
    ],
)
def test_a_gap_is_where_one_rule_has_ended_and_another_not_begun(made, found):
    rules = [
        rule("abc"[at], starts=starts, ends=ends)
        for at, (starts, ends) in enumerate(made)
    ]

    (lane,) = drawn(*rules)

    assert gaps(lane) == found


def test_after_a_maintenance_window_nothing_is_missing():
    window = MaintenanceWindow(
        id=str(UUID(int=1)),
        name="w",
        paths=("/old/",),
        schedule=Schedule(NOON, NOON + HOUR),
        target="/closed/",
    )
    made = [parse_record(record, SITE) for record in window.records()]

    (lane,) = drawn(*made, rule("a", starts=5, ends=6))

    assert (len(lane.spans), gaps(lane)) == (2, [])


def test_a_gap_is_cut_to_the_period():
    made = [version(rule("a", starts=2, ends=4)), version(rule("b", starts=9, ends=12))]

    (lane,) = drawn(*made, since=3, until=10)

    assert lane.gaps == (Gap(NOON + 4 * HOUR, NOON + 9 * HOUR),)


def test_the_past_is_as_it_was():
    as_it_was = version(rule("a", starts=1, ends=20), until=5)
    as_it_is = version(rule("a", "/new/", starts=3), since=5)

    old, new = reversed(drawn(as_it_was, as_it_is))

    assert (old.source.typed, spans(old)) == ("/old/", [("a", 1, 5, 0)])
    assert (new.source.typed, spans(new)) == ("/new/", [("a", 5, inf, 0)])


def test_a_change_that_visitors_do_not_notice_leaves_no_seam():
    made = [version(rule("a"), until=5), version(rule("a", note="why"), since=5)]

    (lane,) = drawn(*made)

    assert spans(lane) == [("a", -inf, inf, 0)]


def test_a_pause_leaves_a_hole_that_is_no_gap():
    made = [
        version(rule("a"), until=5),
        version(rule("a", enabled=False), 5, 8),
        version(rule("a"), since=8),
    ]

    (lane,) = drawn(*made)

    assert spans(lane) == [("a", -inf, 5, 0), ("a", 8, inf, 0)]
    assert gaps(lane) == []


def test_a_version_that_ended_before_it_began_is_none():
    assert drawn(version(rule("a"), until=-1)) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param([], [("now", -inf, inf)], id="never changed"),
        pytest.param(
            [(5, "was", "now")], [("was", -inf, 5), ("now", 5, inf)], id="once"
        ),
        pytest.param(
            [(5, None, "a"), (7, "a", "now")],
            [(None, -inf, 5), ("a", 5, 7), ("now", 7, inf)],
            id="made and changed",
        ),
        pytest.param([(5, "was", None)], [("was", -inf, 5), (None, 5, inf)], id="gone"),
    ],
)
def test_what_stood_when_is_told_by_the_changes(changes, found):
    now_stands = changes[-1][2] if changes else "now"

    assert list(standing(changes, now_stands)) == found
