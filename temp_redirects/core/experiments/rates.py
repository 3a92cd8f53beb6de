"""Rates: how many of an arm's visitors converted, and how far that can be trusted."""

from dataclasses import dataclass
from math import erfc, hypot, sqrt
from statistics import NormalDist
from typing import NamedTuple

ALPHA = 0.05  # how often chance alone may look like a difference


class Interval(NamedTuple):
    """What the data do not rule out, ``lower <= upper``."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Counts:
    """One arm: how many visitors saw it, and how many of them reached the goal."""

    visitors: int = 0
    conversions: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.conversions <= self.visitors:
            raise ValueError(f"{self.conversions} of {self.visitors} is no rate")

    @property
    def rate(self) -> float:
        """The share that converted; 0 where nobody came."""
        return self.conversions / self.visitors if self.visitors else 0.0


def quantile(p: float) -> float:
    """Return the standard normal quantile, ``0 < p < 1``."""
    return NormalDist().inv_cdf(p)


def wilson(counts: Counts, alpha: float = ALPHA) -> Interval:
    """Return the score interval of a rate; all of 0 to 1 where nobody came.

    Source: E. B. Wilson, JASA 22 (1927); R. G. Newcombe, Stat. Med. 17 (1998) 857-872,
    method 3.
    """
    n, rate = counts.visitors, counts.rate
    if n == 0:
        return Interval(0.0, 1.0)
    z = quantile(1 - alpha / 2)
    share = z * z / n
    middle = rate + share / 2
    spread = z * sqrt(rate * (1 - rate) / n + share / (4 * n))
    # Exact at both ends, where rounding leaves about 1e-17.
    lower = (middle - spread) / (1 + share) if counts.conversions else 0.0
    upper = (middle + spread) / (1 + share) if counts.conversions < n else 1.0
    return Interval(lower, upper)


def difference_interval(a: Counts, b: Counts, alpha: float = ALPHA) -> Interval:
    """Return the interval of how much higher the rate of *b* is than that of *a*.

    Source: R. G. Newcombe, Stat. Med. 17 (1998) 873-890, method 10.
    """
    of_a, of_b = wilson(a, alpha), wilson(b, alpha)
    difference = b.rate - a.rate
    down = hypot(b.rate - of_b.lower, of_a.upper - a.rate)
    up = hypot(of_b.upper - b.rate, a.rate - of_a.lower)
    return Interval(difference - down, difference + up)


def fixed_p(a: Counts, b: Counts) -> float:
    """Return the two-sided p of the pooled z-test, to be looked at once.

    It is Pearson's chi-square without correction; 1 where nothing can be compared.
    """
    visitors = a.visitors + b.visitors
    conversions = a.conversions + b.conversions
    if not a.visitors or not b.visitors or conversions in {0, visitors}:
        return 1.0
    pooled = conversions / visitors
    variance = pooled * (1 - pooled) * (1 / a.visitors + 1 / b.visitors)
    return erfc(abs(b.rate - a.rate) / sqrt(2 * variance))
