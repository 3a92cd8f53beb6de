"""From the database to live rules: all of them, and one that was edited."""

import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter, thread_time
from typing import Any

from django.db import connection

from benchmarks import rulesets, site
from benchmarks.figures import Figure

SIZES = {100_000: 0.5, 1_000_000: 6.0}  # rules, and the seconds aimed at
LOADED = 400_000  # rules that are loaded again, of the same size each time
QUICK_SIZES = {10_000: 0.05, 20_000: 0.12}
EDITS = 3
EDIT = """
import django; django.setup()
from temp_redirects.models import RedirectRule
assert RedirectRule.objects.filter(name_key="rule-5").update(note="{number}")
"""


def measure(quick: bool = False) -> list[Figure]:
    """Return what it takes until rules are live, and until an edit is."""
    from temp_redirects.store import store

    on = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    figures = []
    for size, goal in (QUICK_SIZES if quick else SIZES).items():
        site.keep(f"realistic-{size}", rulesets.realistic(size))
        took = median(_seconds(site.load) for _ in range(1 + LOADED // size))
        figures.append(Figure(f"{size:,} rules from {on} to live", took, goal, "s"))
    took = median(_edited(number, store.newest) for number in range(EDITS)) * 1_000
    name = f"one edit among {size:,} live rules on {on}, work of each worker"
    look = median(_look(store.newest) for _ in range(100)) * 1_000
    nothing = f"a look on {on} that finds nothing new, its connection included"
    return [*figures, Figure(name, took, 100, "ms"), Figure(nothing, look, unit="ms")]


def _look(look: Callable[[], Any]) -> float:
    connection.close()  # each look is made in a thread, with a connection of its own
    return _seconds(look)


def _edited(number: int, look: Callable[[], Any]) -> float:
    """Let another process edit a rule; return how long looking takes then."""
    subprocess.run([sys.executable, "-c", EDIT.format(number=number)], check=True)
    return _seconds(look)


def _seconds(call: Callable[[], Any]) -> float:
    """Return what a call takes; of a file, all is done in this thread."""
    clock = thread_time if connection.vendor == "sqlite" else perf_counter
    began = clock()
    call()
    return clock() - began
