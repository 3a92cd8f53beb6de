"""What live rules hold of the memory, and what they add to a garbage collection."""

import gc
import tracemalloc
from collections.abc import Iterable
from statistics import median
from time import thread_time
from typing import Any

from benchmarks import rulesets, site
from benchmarks.figures import Figure

RULES = 50_000
MILLION = 1_000_000


def measure(quick: bool = False) -> list[Figure]:
    """Return bytes a rule, and the pause that a million of them add."""
    rules = RULES // 10 if quick else RULES
    return [
        Figure(
            "memory of a rule without window and conditions",
            _bytes(rulesets.plain(rules), rules),
            200,
            "B",
        ),
        Figure(
            "memory of a rule with a window and two conditions",
            _bytes(rulesets.guarded(rules), rules),
            400,
            "B",
        ),
        _pause(MILLION // 50 if quick else MILLION),
    ]


def _bytes(rules: Iterable[Any], count: int) -> float:
    from temp_redirects.store import store

    site.lay([])
    site.store(rules)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    site.load()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    store.forget()
    return (after - before) / count


def _pause(rules: int) -> Figure:
    from temp_redirects.store import store

    site.keep(f"realistic-{rules}", rulesets.realistic(rules))
    site.load()
    full = _collection()
    store.forget()
    added = (full - _collection()) * 1_000
    name = f"garbage collection, added by {rules:,} rules"
    return Figure(name, max(0.0, added), 5, "ms")


def _collection() -> float:
    """Return the seconds that a whole collection takes, once all is settled."""
    for _ in range(3):
        gc.collect()
    times = []
    for _ in range(9):
        began = thread_time()
        gc.collect()
        times.append(thread_time() - began)
    return median(times)
