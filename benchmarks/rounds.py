"""Ratios of one run: variants in shuffled, interleaved rounds on fresh arguments."""

import gc
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import thread_time
from typing import Any


@dataclass(frozen=True)
class Variant:
    """What is timed: *call* with each of the arguments that *make* made for a round."""

    call: Callable[[Any], Any]
    make: Callable[[int], Sequence[Any]]


class Times:
    """Seconds per call of each variant, one figure a round."""

    def __init__(self, rounds: Mapping[str, list[float]]) -> None:
        self.rounds = rounds

    def micros(self, name: str) -> float:
        """Return a variant's median in microseconds."""
        return median(self.rounds[name]) * 1e6

    def ratio(self, name: str, to: str, less: str = "") -> float:
        """Return the median of what the rounds say of one variant over another.

        Both less what a third one takes, if there is one: asking for nothing.
        """
        names = (self.rounds[name], self.rounds[to])
        none = self.rounds[less] if less else [0.0] * len(names[0])
        return median(
            (one - idle) / (other - idle)
            for one, other, idle in zip(*names, none, strict=True)
        )

    def added(self, name: str, to: str) -> float:
        """Return the median microseconds that one variant takes beyond another."""
        pairs = zip(self.rounds[name], self.rounds[to], strict=True)
        return median(one - other for one, other in pairs) * 1e6


def timed(
    variants: Mapping[str, Variant],
    *,
    rounds: int = 41,
    calls: int = 1_000,
    clock: Callable[[], float] = thread_time,
) -> Times:
    """Time every variant once a round, in an order that is new in each.

    By the processor time of this thread, or another *clock* where others work too.
    What the empty loop costs is taken off, and the garbage collector is off inside.
    """
    order = random.Random(307)  # noqa: S311  # which variant is first, no secret
    names = list(variants)
    times: dict[str, list[float]] = {name: [] for name in names}
    for name in names:  # warm
        _seconds(variants[name], calls, clock)
    for _ in range(rounds):
        order.shuffle(names)
        for name in names:
            times[name].append(_seconds(variants[name], calls, clock))
    return Times(times)


def _seconds(variant: Variant, calls: int, clock: Callable[[], float]) -> float:
    arguments = variant.make(calls)
    call = variant.call
    gc.collect(0)
    gc.disable()
    try:
        began = clock()
        for _ in arguments:
            pass
        empty = clock() - began
        began = clock()
        for each in arguments:
            call(each)
        return (clock() - began - empty) / len(arguments)
    finally:
        gc.enable()
