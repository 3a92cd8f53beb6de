"""Mismatches: shares that were not kept, as SciPy finds them."""

from math import erfc, exp, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.experiments import (
    MISMATCH,
    chi_square_tail,
    dependence,
    mismatch,
)
from tests.core.experiments import REFERENCE, ROWS, exactly, pair


@pytest.mark.parametrize("row", ROWS)
def test_mismatches_of_the_rows(row):
    visitors = [counts.visitors for counts in pair(row)]

    assert mismatch(visitors, row["weights"]) == exactly(row["srm_p"])


@pytest.mark.parametrize("row", REFERENCE["mismatches"], ids=str)
def test_mismatches(row):
    assert mismatch(row["counts"], row["weights"]) == exactly(row["p"])


@pytest.mark.parametrize(("degrees", "value", "tail"), REFERENCE["chi_square_tails"])
def test_the_tail_of_chi_square(degrees, value, tail):
    assert chi_square_tail(value, degrees) == exactly(tail)


def test_nobody_came_or_there_is_one_arm():
    assert mismatch([0, 0], [50, 50]) == mismatch([7], [100]) == 1


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 100)), min_size=1))
def test_a_mismatch_is_a_probability_and_closed_arms_that_are_empty_do_not_count(arms):
    visitors, shares = zip(*arms, strict=True)

    p = mismatch(visitors, shares)

    assert 0 <= p <= 1
    assert mismatch((*visitors, 0), (*shares, 0)) == p


def test_the_threshold_of_a_mismatch_is_met_by_the_documented_example():
    assert mismatch([5_177, 4_823, 0], [0.5, 0.5, 0]) < MISMATCH
    assert mismatch([600, 400, 3], [1, 1, 0]) == 0


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        pytest.param(
            {("a", "x"): 10, ("a", "y"): 20, ("b", "x"): 20, ("b", "y"): 10},
            erfc(sqrt(10 / 3)),  # chi-square 20/3, one degree
            id="four cells",
        ),
        pytest.param(
            {
                **{("a", "x"): 10, ("a", "y"): 20, ("b", "x"): 20, ("b", "y"): 10},
                **{("c", "x"): 15, ("c", "y"): 15},
            },
            exp(-10 / 3),  # chi-square 20/3, two degrees
            id="six cells",
        ),
        pytest.param(
            {("a", "x"): 30, ("b", "y"): 30},
            erfc(sqrt(30)),  # chi-square 60, one degree
            id="one split is the other",
        ),
        pytest.param(
            {(row, column): 5 for row in "abc" for column in "xyz"}, 1, id="even"
        ),
        pytest.param({("a", "x"): 9, ("a", "y"): 3}, 1, id="one arm alone"),
        pytest.param({("a", "x"): 9, ("b", "x"): 0}, 1, id="an arm of nobody"),
        pytest.param({}, 1, id="nobody"),
    ],
)
def test_splits_that_know_each_other_are_found(counts, p):
    assert dependence(counts) == exactly(p)
