"""Mismatches: arms that did not get their share of the visitors."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import erfc, exp, pi, sqrt

MISMATCH = 0.001  # below this p nothing about the arms is to be trusted


def mismatch(visitors: Sequence[int], shares: Sequence[float]) -> float:
    """Return the p of getting these visitors from these shares, of any sum.

    Below `MISMATCH` something is broken, whatever the rates say. Visitors in an arm
    that is closed are a mismatch by themselves; arms that are closed and empty do not
    count. Source: Fabijan et al., “Diagnosing sample ratio mismatch”, KDD 2019.
    """
    if any(n and not share for n, share in zip(visitors, shares, strict=True)):
        return 0.0
    total, whole = sum(visitors), sum(shares)
    expected = [
        (n, total * share / whole)
        for n, share in zip(visitors, shares, strict=True)
        if share
    ]
    if total == 0 or len(expected) < 2:
        return 1.0
    return chi_square_tail(
        sum((n - wanted) ** 2 / wanted for n, wanted in expected), len(expected) - 1
    )


def dependence(counts: Mapping[tuple[str, str], int]) -> float:
    """Return the p of what two splits gave the same visitors by chance alone.

    *counts* are visitors by their arm in the one and in the other. Pearson's chi-square
    of the table; 1 where there is nothing to compare.
    """
    rows, columns = Counter[str](), Counter[str]()
    for (row, column), n in counts.items():
        rows[row] += n
        columns[column] += n
    total = rows.total()
    degrees = (len(+rows) - 1) * (len(+columns) - 1)
    if degrees < 1:
        return 1.0
    value = sum(
        (counts.get((row, column), 0) - wanted) ** 2 / wanted
        for row, of_row in (+rows).items()
        for column, of_column in (+columns).items()
        for wanted in [of_row * of_column / total]
    )
    return chi_square_tail(value, degrees)


def chi_square_tail(value: float, degrees: int) -> float:
    """Return the chance of a chi-square of so many degrees above *value*.

    Closed forms for whole degrees: Abramowitz and Stegun 26.4.4 and 26.4.5.
    """
    half = value / 2
    if degrees % 2:
        total = erfc(sqrt(half))
        term = 2 * sqrt(half / pi) * exp(-half)
        first = 3
    else:
        total, term, first = 0.0, exp(-half), 2
    for degree in range(first, degrees + 1, 2):
        total += term
        term *= value / degree
    return total
