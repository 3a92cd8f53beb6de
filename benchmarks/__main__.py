"""Run the benchmarks: ``python -m benchmarks`` prints the table.

Each part runs in a process of its own. ``--only misses,hits`` runs some, ``--quick``
smaller ones, ``--json FILE`` writes what was measured, ``--readme`` puts the table into
the README. Parts on PostgreSQL need a server: `POSTGRESQL_URL` says which.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from time import monotonic

from benchmarks import published, site
from benchmarks.databases import ON_POSTGRESQL, database
from benchmarks.figures import Figure, table

# Each a module, and some of them once more on another database.
PARTS = (
    "misses",
    "hostile",
    "hits",
    f"hits{ON_POSTGRESQL}",
    "splits",
    "recurrences",
    "regexes",
    "counted",
    "loading",
    f"loading{ON_POSTGRESQL}",
    "memory",
    "imports",
    "servers",
    "rebuilding",
    "freshness",
)


def main() -> int:
    """Run what was asked for; 1 where a part failed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), metavar="PART,…")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        site.start()
        part = import_module(f"benchmarks.{options.part.removesuffix(ON_POSTGRESQL)}")
        print(json.dumps([each.as_json() for each in part.measure(options.quick)]))
        return 0
    figures, failed = _run_all(options.only.split(","), options.quick)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(_document(figures), indent=1) + "\n")
    if options.readme:
        published.write(figures)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run_all(parts: list[str], quick: bool) -> tuple[list[Figure], list[str]]:
    figures: list[Figure] = []
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for number, part in enumerate(parts, 1):
            told = f"{number}/{len(parts)} {part} …"
            print(told, end="", file=sys.stderr, flush=True)
            began = monotonic()
            found = _run(part, quick, folder)
            print(f" {monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            failed += [part] if found is None else []
            figures += found or []
    return figures, failed


def _run(part: str, quick: bool, folder: str) -> list[Figure] | None:
    """Return the figures of a part, or None where it failed."""
    command = [sys.executable, "-m", "benchmarks", "--part", part]
    with database(part, folder) as url:
        done = subprocess.run(
            command + ["--quick"] * quick,
            stdout=subprocess.PIPE,
            env={**os.environ, "BENCHMARK_DIR": folder, "DATABASE_URL": url},
            check=False,
        )
    if done.returncode:
        return None
    found = json.loads(done.stdout.splitlines()[-1])
    return [Figure.from_json(each) for each in found]


def _document(figures: list[Figure]) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "figures": [each.as_json() for each in figures],
    }


if __name__ == "__main__":
    sys.exit(main())
