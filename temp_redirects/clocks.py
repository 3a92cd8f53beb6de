"""The time that requests are answered by: one clock, so that a test may set it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
