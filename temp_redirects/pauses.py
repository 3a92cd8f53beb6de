"""Pauses: work on many rules at once, without the garbage collector's rounds."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Let the collector rest, which would look at every rule again and again.

    Hardly anything of it is garbage before the end.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
