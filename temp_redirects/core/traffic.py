"""Traffic: how many requests come, and whether that is a flood."""

from collections.abc import Iterator

SECONDS = 10  # over which requests are counted
SLICES = 4  # a second
_KEPT = SECONDS * SLICES
MAX_THRESHOLDS = 1_000  # pairs that are remembered

Thresholds = tuple[float, float]  # requests per second: on from, off below


class Traffic:
    """The requests of the last ten seconds; moments are monotonic seconds.

    It is high from a rate on, and until the rate is below another, lower one, so that
    load which is shed does not come back at once. Threads may lose a count to each
    other, which no rate shows.
    """

    def __init__(self) -> None:
        self._slices = [0] * _KEPT
        self._total = 0
        self._at = 0  # the slice that is counted in
        self._high: dict[Thresholds, bool] = {}

    def count(self, now: float) -> None:
        """Count one request."""
        self._go_to(now)
        self._slices[self._at % _KEPT] += 1
        self._total += 1

    def rate(self, now: float) -> float:
        """Return the requests per second."""
        self._go_to(now)
        return self._total / SECONDS

    def is_high(self, thresholds: Thresholds, now: float) -> bool:
        """Say whether the rate was high, and has not fallen below since.

        What is asked for the first time is remembered, and followed from then on.
        """
        self._go_to(now)
        if thresholds not in self._high and len(self._high) >= MAX_THRESHOLDS:
            self._high.clear()
        self._high[thresholds] = self._follow(thresholds)
        return self._high[thresholds]

    def _go_to(self, now: float) -> None:
        at = int(now * SLICES)
        if at <= self._at:
            return
        for slice_ in self._passed(at):
            self._slices[slice_ % _KEPT] = 0
        self._at = at
        self._total = sum(self._slices)
        for thresholds in list(self._high):
            self._high[thresholds] = self._follow(thresholds)

    def _passed(self, at: int) -> Iterator[int]:
        yield from range(max(self._at, at - _KEPT) + 1, at + 1)

    def _follow(self, thresholds: Thresholds) -> bool:
        on, off = thresholds
        rate = self._total / SECONDS
        return rate >= (off if self._high.get(thresholds) else on)
