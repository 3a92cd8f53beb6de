"""Verdicts: what may be said about an experiment, and what not yet.

Two roads lead to a winner. Whoever looks at any time goes by the always-valid p;
whoever planned a size gets the ordinary test as well, once, when it is reached. On the
way to that size the first one errs in less than 2 % of tests without a difference, so
the second asks for `PLANNED_ALPHA`: together they err in less than `ALPHA`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from temp_redirects.core.experiments.mismatches import MISMATCH, mismatch
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

PLANNED_ALPHA = 0.04
MIN_VISITORS = 30  # in each arm
MIN_CONVERSIONS = 5  # in each arm
MIN_DAYS = 7.0  # a week has all of its days
DAY = 24 * 60 * 60  # seconds


class Look(NamedTuple):
    """All counts until a moment, seconds since the epoch, by arm."""

    at: float
    arms: Mapping[str, Counts]

    @property
    def visitors(self) -> int:
        """The visitors of all arms."""
        return sum(counts.visitors for counts in self.arms.values())


class Verdict(NamedTuple):
    """What may be said, as a stable code; ``arm`` is the winner's id.

    ``better`` names a winner, ``no_clear_difference`` and ``mismatch`` none.
    ``too_early`` has a reason: ``visitors``, ``conversions`` (an arm has too few),
    ``week`` (none is over) or ``planned`` (the size is not reached).
    """

    code: str
    arm: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm against the control: how much higher its rate is, and how sure that is.

    ``p`` is always valid, corrected for how many arms are compared, and the smallest
    so far; ``sequence`` is the confidence sequence. ``fixed_p`` is there once the
    planned size is reached, and from then on stays as it was.
    """

    arm: str
    difference: float
    interval: Interval
    sequence: Interval
    p: float
    fixed_p: float | None = None

    @property
    def is_clear(self) -> bool:
        """Whether chance alone is ruled out."""
        by_plan = self.fixed_p is not None and self.fixed_p <= PLANNED_ALPHA
        return self.p <= ALPHA or by_plan


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that an experiment's counts say; see `evaluate`."""

    control: str
    arms: Mapping[str, Counts]
    comparisons: tuple[Comparison, ...]
    mismatch: float  # the p of the visitors of the arms, by their shares
    days: float  # since the first visitor
    planned: int | None
    verdict: Verdict = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", self._judge())

    @property
    def visitors(self) -> int:
        """The visitors of all arms."""
        return sum(counts.visitors for counts in self.arms.values())

    @property
    def is_decided(self) -> bool:
        """Whether there is a winner, or as many visitors as were planned."""
        has_all = self.planned is not None and self.visitors >= self.planned
        return has_all or self.verdict.code == "better"

    def rate_interval(self, arm: str) -> Interval:
        """Return the interval of an arm's rate."""
        return wilson(self.arms[arm])

    def _judge(self) -> Verdict:
        if self.mismatch < MISMATCH:
            return Verdict("mismatch")
        if reason := self._too_early():
            return Verdict("too_early", reason=reason)
        if winner := self._winner():
            return Verdict("better", arm=winner)
        if self.planned is not None and self.visitors < self.planned:
            return Verdict("too_early", reason="planned")
        return Verdict("no_clear_difference")

    def _too_early(self) -> str:
        compared = [self.arms[self.control]]
        compared += [self.arms[each.arm] for each in self.comparisons]
        if min(counts.visitors for counts in compared) < MIN_VISITORS:
            return "visitors"
        if min(counts.conversions for counts in compared) < MIN_CONVERSIONS:
            return "conversions"
        return "week" if self.days < MIN_DAYS else ""

    def _winner(self) -> str:
        """Return the best arm that is clearly better, or a control that beats all."""
        clear = [each for each in self.comparisons if each.is_clear]
        best = max(clear, key=lambda each: each.difference, default=None)
        if best is None:
            return ""
        if best.difference > 0:
            return best.arm
        return self.control if len(clear) == len(self.comparisons) else ""


def evaluate(
    looks: Sequence[Look],
    shares: Mapping[str, float],
    control: str,
    *,
    now: float,
    planned: int | None = None,
) -> Evidence:
    """Return what the looks at an experiment say at *now*, seconds since the epoch.

    *shares* are those of all arms, of any sum; arms with a share are compared with
    the *control*. *planned* is the number of visitors in all arms together.
    """
    none = Look(now, {})
    last = looks[-1] if looks else none
    reached = next((each for each in looks if _has_reached(each, planned)), None)
    arms = {arm: last.arms.get(arm, Counts()) for arm in {**shares, **last.arms}}
    rivals = [arm for arm, share in shares.items() if share and arm != control]
    p = holm([_running_p(looks, control, arm, planned) for arm in rivals])
    fixed = _fixed(reached, control, rivals)
    return Evidence(
        control=control,
        arms=arms,
        comparisons=tuple(
            Comparison(
                arm=arm,
                difference=arms[arm].rate - arms[control].rate,
                interval=difference_interval(arms[control], arms[arm]),
                sequence=_sequence(looks, control, arm, planned),
                p=p[at],
                fixed_p=fixed[at],
            )
            for at, arm in enumerate(rivals)
        ),
        mismatch=mismatch(
            [counts.visitors for counts in arms.values()],
            [shares.get(arm, 0.0) for arm in arms],
        ),
        days=max(0.0, (now - (looks[0].at if looks else now)) / DAY),
        planned=planned,
    )


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values corrected for how many there are.

    Source: S. Holm, Scand. J. Stat. 6 (1979) 65-70.
    """
    corrected = [0.0] * len(values)
    so_far = 0.0
    for turn, at in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        so_far = max(so_far, min(1.0, values[at] * (len(values) - turn)))
        corrected[at] = so_far
    return corrected


def _has_reached(look: Look, planned: int | None) -> bool:
    return planned is not None and look.visitors >= planned


def _pair(look: Look, control: str, arm: str) -> tuple[Counts, Counts]:
    return look.arms.get(control, Counts()), look.arms.get(arm, Counts())


def _fixed(
    reached: Look | None, control: str, rivals: Sequence[str]
) -> Sequence[float | None]:
    if reached is None:
        return [None] * len(rivals)
    return holm([fixed_p(*_pair(reached, control, arm)) for arm in rivals])


def _running_p(
    looks: Sequence[Look], control: str, arm: str, planned: int | None
) -> float:
    size = planned or DEFAULT_PLAN
    return min(
        (always_valid_p(*_pair(look, control, arm), size) for look in looks),
        default=1.0,
    )


def _sequence(
    looks: Sequence[Look], control: str, arm: str, planned: int | None
) -> Interval:
    """Return what no look so far ruled out; the last one's where nothing is left."""
    size = planned or DEFAULT_PLAN
    parts = [always_valid_interval(*_pair(look, control, arm), size) for look in looks]
    lower = max((part.lower for part in parts), default=-1.0)
    upper = min((part.upper for part in parts), default=1.0)
    if lower > upper:  # the rates themselves have moved
        lower, upper = parts[-1]
    return Interval(max(lower, -1.0), min(upper, 1.0))
