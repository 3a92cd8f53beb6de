import json
from collections import Counter
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.sentences import Refused
from temp_redirects.core.splits import (
    ORIGINAL,
    SAMPLE,
    Split,
    draw,
    moves,
    parse_percentage,
    shares,
)

PINNED = json.loads(
    (Path(__file__).parents[1] / "data" / "rendezvous.json").read_text()
)
VISITORS = 100_000
# What chi-squared exceeds once in a million, by degrees of freedom.
RARE = {2: 27.63, 5: 35.89}

percentages = st.one_of(st.none(), st.integers(0, 3_333).map(lambda each: each / 100))
arms = st.dictionaries(st.sampled_from("abc"), percentages, min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([20], [20, 80], id="the rest stays on the original page"),
        pytest.param([None], [100, 0], id="one, empty"),
        pytest.param([None] * 3, [100 / 3] * 3 + [0], id="thirds"),
        pytest.param([50, None, None], [50, 25, 25, 0], id="what the others leave"),
        pytest.param([0], [0, 100], id="drained"),
        pytest.param([0, None], [0, 100, 0], id="drained, the other takes all"),
        pytest.param([100, None], [100, 0, 0], id="nothing left to share"),
        pytest.param([33.33, 33.33, 33.34], [33.33, 33.33, 33.34, 0], id="decimals"),
        pytest.param([0.01], [0.01, 99.99], id="the smallest"),
        pytest.param([0.1, 0.2], [0.1, 0.2, 99.7], id="no rounding error"),
    ],
)
def test_shares_are_the_percentages_and_what_they_leave(given, expected):
    found = shares(dict(zip("abc", given, strict=False)))
    assert list(found.values()) == pytest.approx(expected, abs=1e-12)
    assert list(found)[-1] == ORIGINAL


@given(arms)
def test_shares_are_a_hundred_together(percentages):
    assert sum(shares(percentages).values()) == pytest.approx(100)


def test_more_than_a_hundred_is_refused():
    with pytest.raises(Refused, match=r"are 100\.01 together"):
        shares({"a": 100, "b": 0.01})


@pytest.mark.parametrize("value", [None, 0, 100, 50, 0.01, 33.33, 99.99])
def test_a_percentage_is_read(value):
    assert parse_percentage(value) == value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (-1, "must be from 0 to 100, not -1"),
        (100.01, "must be from 0 to 100, not 100.01"),
        (float("nan"), "must be from 0 to 100, not nan"),
        (33.333, "must have at most two decimals, not 33.333"),
        ("50", "must be a number from 0 to 100, not “50”"),
        (True, "must be a number from 0 to 100, not “True”"),
    ],
)
def test_what_is_no_percentage_is_refused(value, why):
    with pytest.raises(Refused, match=why):
        parse_percentage(value)


@pytest.mark.parametrize("pinned", PINNED["vectors"], ids=lambda each: each["visitor"])
def test_who_gets_which_arm_never_changes(pinned):
    salt, visitor = pinned["salt"], pinned["visitor"]
    assert draw(salt, "gate", "", visitor) == pinned["gate_u"]
    for arm, unit in pinned["u"].items():
        assert draw(salt, "arm", arm, visitor) == unit
    before, after = (
        Split(salt, tuple(PINNED[key].items())) for key in ("weights", "weights_after")
    )
    assert before.arm(visitor) == pinned["arm_50_30_20"]
    assert after.arm(visitor) == pinned["arm_after_raising_b_to_60"]


IDS = {
    "UUIDs": lambda number: str(UUID(int=number * 0x9E3779B97F4A7C15 << 32, version=4)),
    "sequential numbers": str,
    "IPv4": lambda number: str(IPv4Address(0x0A000000 + number)),
    "IPv6": lambda number: str(IPv6Address(0x20010DB8 << 96 | number << 64)),
}


def chi_squared(counts, expected):
    return sum((counts[arm] - e) ** 2 / e for arm, e in expected.items())


@pytest.mark.parametrize("make_id", [pytest.param(IDS[key], id=key) for key in IDS])
def test_shares_come_out_two_rules_do_not_care_and_growth_only_takes(make_id):
    """Ids of arms that are numbers, and 3 to 1, are where weak hashes fail."""
    weights = {"1": 45.0, "2": 15.0, ORIGINAL: 40.0}
    before = Split("rule-1", tuple(weights.items()))
    after = Split("rule-1", tuple({**weights, "2": 30.0}.items()))
    other = Split("rule-2", (("1", 50.0), ("2", 50.0)))
    counts, pairs, moved = Counter(), Counter(), Counter()
    for number in range(VISITORS):
        visitor = make_id(number)
        arm, grown = before.arm(visitor), after.arm(visitor)
        counts[arm] += 1
        pairs[arm, other.arm(visitor)] += 1
        if grown != arm:
            moved[grown] += 1
    expected = {arm: VISITORS * share / 100 for arm, share in weights.items()}
    assert chi_squared(counts, expected) < RARE[2]
    halves = {(arm, half): e / 2 for arm, e in expected.items() for half in "12"}
    assert chi_squared(pairs, halves) < RARE[5]
    assert set(moved) == {"2"}
    fewest = VISITORS * (30 / 115 - 15 / 100)
    assert abs(moved["2"] - fewest) < 4 * fewest**0.5


def test_fields_are_framed():
    assert draw("1", "arm", "23", "v") != draw("12", "arm", "3", "v")


@given(arms, st.text(max_size=20), st.integers(0, 2**64))
def test_an_arm_without_a_share_is_nobodys(percentages, salt, number):
    split = Split.of(salt, percentages)
    assert split.share(split.arm(str(number))) > 0


def test_the_order_of_arms_does_not_matter():
    forth, back = (
        Split("salt", order)
        for order in [(("a", 50), ("b", 50)), (("b", 50), ("a", 50))]
    )
    visitors = range(1_000)
    assert [forth.arm(f"{v}") for v in visitors] == [back.arm(f"{v}") for v in visitors]


@pytest.mark.parametrize(
    ("shares", "arm"),
    [
        pytest.param((), ORIGINAL, id="no arm"),
        pytest.param((("a", 0.0),), ORIGINAL, id="all closed"),
        pytest.param((("a", 100.0), (ORIGINAL, 0.0)), "a", id="one for all"),
    ],
)
def test_where_one_gets_everybody_nobody_is_told_apart(shares, arm):
    split = Split("salt", shares)
    assert split.is_whole
    assert split.arm("anybody") == arm


def test_a_text_that_is_no_utf8_is_a_visitor_too():
    assert Split.of("salt", {"a": 50}).arm("\ud800") in {"a", ORIGINAL}


def test_another_epoch_for_other_arms_or_shares_only():
    epoch = Split.of("salt", {"a": 50}).epoch
    assert Split.of("salt", {"a": 50}).epoch == epoch
    assert Split.of("salt", {"a": 50, "b": 0}).epoch == epoch
    others = [{"a": 60}, {"b": 50}, {"a": 50, "b": 10}]
    assert len({Split.of("salt", each).epoch for each in others} | {epoch}) == 4


def test_draining_moves_only_the_visitors_of_the_drained():
    before = Split.of("salt", dict.fromkeys("abc"))
    after = Split.of("salt", {"a": None, "b": 0, "c": None})
    moved = moves(before, after)
    assert set(moved) == {("b", "a"), ("b", "c")}
    assert sum(moved.values()) == pytest.approx(SAMPLE / 3, rel=0.05)


@given(arms, arms, st.integers(0, 2**32))
def test_visitors_move_only_to_what_has_grown_more_in_proportion(before, after, first):
    old, new = Split.of("salt", before), Split.of("salt", after)
    for visitor in map(str, range(first, first + 50)):
        left, got = old.arm(visitor), new.arm(visitor)
        if left != got:
            growth = new.share(got) * old.share(left)
            assert growth > new.share(left) * old.share(got)


def test_where_the_original_page_makes_up_the_difference_others_gain_too():
    before = Split.of("salt", {"a": 30, "b": 30, "c": 20})
    after = Split.of("salt", {"a": 40, "b": 30, "c": 20})
    moved = moves(before, after)
    into = {arm: sum(n for (_, to), n in moved.items() if to == arm) for arm in "abc"}
    assert sum(into.values()) == sum(moved.values())
    assert into["a"] == pytest.approx(SAMPLE / 10, rel=0.1)
    assert {left for left, got in moved if got in "bc"} == {ORIGINAL}
    assert into["b"] + into["c"] == pytest.approx(SAMPLE / 20, rel=0.2)


@pytest.mark.parametrize("others", [{}, {"b": None, "c": None}])
def test_a_share_that_alone_grows_moves_visitors_only_into_it(others):
    moved = moves(
        Split.of("salt", {"a": 30, **others}), Split.of("salt", {"a": 40, **others})
    )
    assert {got for _, got in moved} == {"a"}
    assert sum(moved.values()) == pytest.approx(SAMPLE / 10, rel=0.1)


def test_who_is_pinned_moves_only_out_of_what_is_closed():
    before, grown = Split.of("salt", {"a": 20}), Split.of("salt", {"a": 30})
    assert sum(moves(before, grown).values()) == pytest.approx(SAMPLE / 10, rel=0.15)
    assert moves(before, grown, pinned=True) == {}
    closed = Split.of("salt", {"a": 0})
    assert set(moves(before, closed, pinned=True)) == {("a", ORIGINAL)}
