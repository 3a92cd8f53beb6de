"""Sequences: p-values and intervals that stay valid however often one looks.

A normal mixture over the size of the difference, tightest around the size that was
planned. Source: Waudby-Smith et al., “Time-uniform central limit theory and asymptotic
confidence sequences”, Ann. Stat. 52 (2024), equation 9; the p-value is the mixture
sequential probability ratio test of Johari, Pekelis and Walsh.
"""

from math import exp, inf, log, sqrt

from temp_redirects.core.experiments.rates import ALPHA, Counts, Interval

DEFAULT_PLAN = 5_000  # visitors in all arms, where nobody said


def always_valid_p(
    a: Counts, b: Counts, planned: int = DEFAULT_PLAN, alpha: float = ALPHA
) -> float:
    """Return the p-value of one look; the smallest of all looks so far counts.

    *planned* visitors, both arms together, is where it is most likely to find
    something. 1 where nothing can be compared yet.
    """
    n, variance = _spread(a, b)
    if variance == 0:
        return 1.0
    mixed = n * _rho_squared(planned, alpha) + 1
    difference = b.rate - a.rate
    drop = (mixed - 1) * difference**2 / (2 * variance * mixed)
    return min(1.0, sqrt(mixed) * exp(-drop))


def always_valid_interval(
    a: Counts, b: Counts, planned: int = DEFAULT_PLAN, alpha: float = ALPHA
) -> Interval:
    """Return one look's part of the confidence sequence of the difference, b less a.

    It excludes 0 exactly where `always_valid_p` is below *alpha*. Everything is
    possible where nothing can be compared yet.
    """
    n, variance = _spread(a, b)
    if variance == 0:
        return Interval(-inf, inf)
    rho_squared = _rho_squared(planned, alpha)
    mixed = n * rho_squared + 1
    half = sqrt(
        variance * n * 2 * mixed * log(sqrt(mixed) / alpha) / (n * n * rho_squared)
    )
    difference = b.rate - a.rate
    return Interval(difference - half, difference + half)


def _rho_squared(planned: int, alpha: float) -> float:
    """Return the mixture's precision that is best at *planned* visitors."""
    doubled = -2 * log(alpha)
    return (doubled + log(doubled + 1)) / max(planned, 1)


def _spread(a: Counts, b: Counts) -> tuple[int, float]:
    """Return how many visitors there are, and the variance of the difference."""
    variance = sum(
        each.rate * (1 - each.rate) / each.visitors for each in (a, b) if each.visitors
    )
    is_comparable = a.visitors > 0 and b.visitors > 0
    return a.visitors + b.visitors, variance if is_comparable else 0.0
