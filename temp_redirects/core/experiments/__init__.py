"""Experiments: the statistics of A/B tests, pure functions of counts.

The standard library suffices: errors of the normal distribution are `math.erfc`, its
quantiles `statistics.NormalDist`.
"""

from temp_redirects.core.experiments.mismatches import (
    MISMATCH,
    chi_square_tail,
    dependence,
    mismatch,
)
from temp_redirects.core.experiments.plans import days_left, visitors_per_arm
from temp_redirects.core.experiments.rates import (
    ALPHA,
    Counts,
    Interval,
    difference_interval,
    fixed_p,
    wilson,
)
from temp_redirects.core.experiments.sequences import (
    DEFAULT_PLAN,
    always_valid_interval,
    always_valid_p,
)
from temp_redirects.core.experiments.verdicts import (
    PLANNED_ALPHA,
    Comparison,
    Evidence,
    Look,
    Verdict,
    evaluate,
    holm,
)

__all__ = [
    "ALPHA",
    "DEFAULT_PLAN",
    "MISMATCH",
    "PLANNED_ALPHA",
    "Comparison",
    "Counts",
    "Evidence",
    "Interval",
    "Look",
    "Verdict",
    "always_valid_interval",
    "always_valid_p",
    "chi_square_tail",
    "days_left",
    "dependence",
    "difference_interval",
    "evaluate",
    "fixed_p",
    "holm",
    "mismatch",
    "visitors_per_arm",
    "wilson",
]
