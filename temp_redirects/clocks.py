"""The time that requests are answered by: one clock, so that a test may set it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from temp_redirects.core.sentences import Figure, Said, Sentence

APART = 2.0  # seconds that two clocks may differ without anybody having to know

_set: list[Callable[[], float]] = []  # clocks of tests, the innermost last


def now() -> float:
    """Return the time, in seconds since the epoch."""
    return _set[-1]() if _set else time.time()


@contextmanager
def going_by(clock: Callable[[], float]) -> Iterator[None]:
    """Answer requests by another clock while the block runs, in every thread."""
    _set.append(clock)
    try:
        yield
    finally:
        _set.pop()


def problem(ahead: float | None) -> Said:
    """Say what it means that this clock is so many seconds ahead of the database's.

    Nothing where that is little, or where nobody knows (None).
    """
    if ahead is None or abs(ahead) < APART:
        return ""
    seconds = Figure(f"{abs(ahead):.0f}")
    if ahead > 0:
        return Sentence(
            "The clock of this server is {seconds} s ahead of the database’s. If it is "
            "wrong, windows open and close too early by as much.",
            seconds=seconds,
        )
    return Sentence(
        "The clock of this server is {seconds} s behind the database’s. If it is "
        "wrong, windows open and close too late by as much.",
        seconds=seconds,
    )
