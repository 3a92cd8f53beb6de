"""An import of very many lines: its work, and the memory that it needs beside."""

from collections.abc import Iterator
from io import StringIO
from resource import RUSAGE_SELF, getrusage
from time import process_time

from django.core.management import call_command

from benchmarks import site
from benchmarks.figures import Figure

LINES = 20_000
KIB = 1_024
HEADER = "path,target,match,starts_at,ends_at,conditions"


def measure(quick: bool = False) -> list[Figure]:
    """Return what the lines take when they are new, and when each is changed."""
    count = LINES // 10 if quick else LINES
    file = site.FOLDER / "moves.csv"
    figures, before = [], _peak()
    for word, day in ("made", 30), ("changed", 31):
        file.write_text("\n".join([HEADER, *_lines(count, day)]))
        began = process_time()
        call_command("temp_redirects", "import", str(file), stdout=StringIO())
        took = process_time() - began
        figures.append(Figure(f"import of {count:,} lines, all {word}", took, 10, "s"))
    name = f"import of {count:,} lines, memory"
    return [*figures, Figure(name, _peak() - before, 150, "MB")]


def _lines(count: int, day: int) -> Iterator[str]:
    for number in range(count):
        match = "prefix" if number % 12 == 0 else "exact"
        starts = "2026-12-01 08:00" if number % 3 == 0 else ""
        fact = '"country: DE, AT"' if number % 20 == 0 else ""
        window = f"{starts},2027-01-{day} 18:00"
        yield f"/old/{number}/,/new/{number}.html,{match},{window},{fact}"


def _peak() -> float:
    """Return the most memory that this process has had, in megabytes (Linux)."""
    return getrusage(RUSAGE_SELF).ru_maxrss * KIB / 1_000_000
