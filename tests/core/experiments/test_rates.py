"""Rates: intervals, and the test to be looked at once."""

import pytest
from hypothesis import given

from temp_redirects.core.experiments import (
    Counts,
    Interval,
    difference_interval,
    fixed_p,
    wilson,
)
from tests.core.experiments import NOBODY, REFERENCE, ROWS, counts, exactly, pair


@pytest.mark.parametrize("row", ROWS)
def test_rate_intervals(row):
    a, b = pair(row)

    assert wilson(a) == exactly(tuple(row["wilson95_a"]))
    assert wilson(b) == exactly(tuple(row["wilson95_b"]))


@pytest.mark.parametrize("row", ROWS)
def test_differences(row):
    assert difference_interval(*pair(row)) == exactly(tuple(row["diff_newcombe95"]))
    assert fixed_p(*pair(row)) == exactly(row["p_two_sided"])


@pytest.mark.parametrize("row", REFERENCE["published_wilson"], ids=str)
def test_published_rate_intervals(row):
    interval = wilson(Counts(row["n"], row["k"]))

    assert interval == pytest.approx(tuple(row["ci"]), abs=5.1e-5)


@pytest.mark.parametrize("row", REFERENCE["published_differences"], ids=str)
def test_published_differences(row):
    first, second = Counts(row["n1"], row["k1"]), Counts(row["n2"], row["k2"])

    interval = difference_interval(second, first)

    assert interval == pytest.approx(tuple(row["ci"]), abs=5.1e-5)


def test_nobody_came():
    assert NOBODY.rate == 0
    assert wilson(NOBODY) == Interval(0, 1)
    assert fixed_p(NOBODY, Counts(9, 3)) == fixed_p(Counts(9, 3), NOBODY) == 1


@pytest.mark.parametrize("conversions", [0, 10])
def test_all_arms_converted_alike(conversions):
    same = Counts(10, conversions)

    assert fixed_p(same, same) == 1


@pytest.mark.parametrize(("visitors", "conversions"), [(1, 2), (1, -1), (-1, 0)])
def test_more_conversions_than_visitors_are_no_rate(visitors, conversions):
    with pytest.raises(ValueError, match="is no rate"):
        Counts(visitors, conversions)


@given(counts)
def test_the_interval_holds_the_rate(arm):
    lower, upper = wilson(arm)

    assert 0 <= lower <= arm.rate <= upper <= 1


@given(counts, counts)
def test_swapping_arms_negates_the_difference(a, b):
    lower, upper = difference_interval(a, b)

    assert difference_interval(b, a) == exactly((-upper, -lower))
    assert fixed_p(a, b) == exactly(fixed_p(b, a))
