"""Always-valid p-values and confidence sequences, as gbstats has them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.experiments import (
    Counts,
    always_valid_interval,
    always_valid_p,
)
from tests.core.experiments import NOBODY, REFERENCE, ROWS, counts, exactly, pair


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "always_valid_p_nstar5000" in row.values[0]]
)
def test_always_valid(row):
    expected = tuple(row["always_valid_diff_cs95_nstar5000"])

    assert always_valid_interval(*pair(row)) == exactly(expected)
    assert always_valid_p(*pair(row)) == exactly(row["always_valid_p_nstar5000"])


@pytest.mark.parametrize("row", REFERENCE["sequential"], ids=str)
def test_always_valid_as_gbstats_has_it(row):
    (conversions_a, a), (conversions_b, b) = row["a"], row["b"]
    arms = Counts(a, conversions_a), Counts(b, conversions_b)

    assert always_valid_interval(*arms) == exactly(tuple(row["interval"]))
    assert always_valid_p(*arms) == exactly(row["p"])


def test_nothing_is_known_where_nobody_came():
    assert always_valid_p(NOBODY, Counts(9, 3)) == 1
    assert always_valid_interval(Counts(9, 3), NOBODY) == (-math.inf, math.inf)


@pytest.mark.parametrize("conversions", [0, 10])
def test_all_arms_converted_alike(conversions):
    same = Counts(10, conversions)

    assert always_valid_p(same, same) == 1


@given(counts, counts)
def test_arms_may_be_swapped(a, b):
    assert always_valid_p(a, b) == exactly(always_valid_p(b, a))


@given(counts, counts, st.integers(1, 10**7))
def test_the_confidence_sequence_excludes_zero_where_p_is_small(a, b, planned):
    lower, upper = always_valid_interval(a, b, planned)
    p = always_valid_p(a, b, planned)

    assert 0 <= p <= 1
    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == (not lower <= 0 <= upper)
