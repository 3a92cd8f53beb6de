"""Plans: how many visitors it takes, and how long until they have come."""

from math import ceil, sqrt

from temp_redirects.core.experiments.rates import ALPHA, quantile

POWER = 0.8  # how often a difference of the planned size is found


def visitors_per_arm(
    baseline: float, effect: float, alpha: float = ALPHA, power: float = POWER
) -> int:
    """Return how many visitors each arm needs to find a rise of *effect*.

    Both are shares: 0.05 and 0.01 ask for a rise from 5 % to 6 %; a negative effect
    is a fall. Raises ValueError where either rate is not between 0 and 1. Source: the
    normal approximation that E. Miller's “Sample size calculator” uses.
    """
    other = baseline + effect
    if not (0 < baseline < 1 and 0 <= other <= 1 and effect):
        raise ValueError(f"no rate goes from {baseline} to {other}")
    before, after = baseline * (1 - baseline), other * (1 - other)
    chance = quantile(1 - alpha / 2) * sqrt(2 * before)
    miss = quantile(power) * sqrt(before + after)
    return ceil(((chance + miss) / effect) ** 2)


def days_left(planned: int, visitors: int, days: float) -> int | None:
    """Return how many more days it takes, at the pace of the *days* so far.

    None where there is no pace yet; 0 where all have come.
    """
    if visitors >= planned:
        return 0
    if not visitors or days <= 0:
        return None
    return ceil((planned - visitors) / visitors * days)
