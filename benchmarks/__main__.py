"""Run the benchmarks: ``python -m benchmarks`` prints the table.

Each part runs in a process of its own. ``--only misses,hits`` runs some, ``--quick``
smaller ones, ``--json FILE`` writes what was measured.
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

from benchmarks import site
from benchmarks.figures import Figure, table

PARTS = ("misses", "hits")


def main() -> int:
    """Run what was asked for; 1 where a part failed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), metavar="PART,…")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        site.start(peers=True)
        figures = import_module(f"benchmarks.{options.part}").measure(options.quick)
        print(json.dumps([each.as_json() for each in figures]))
        return 0
    figures, failed = [], []
    for part in options.only.split(","):
        print(f"{part} …", file=sys.stderr, flush=True)
        found = _run(part, options.quick)
        failed += [part] if found is None else []
        figures += found or []
    print(table(figures))
    if options.json:
        document = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "figures": [each.as_json() for each in figures],
        }
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(part: str, quick: bool) -> list[Figure] | None:
    command = [sys.executable, "-m", "benchmarks", "--part", part]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            command + ["--quick"] * quick,
            stdout=subprocess.PIPE,
            env={**os.environ, "BENCHMARK_DIR": folder},
            check=False,
        )
    if done.returncode:
        return None
    found = json.loads(done.stdout)
    return [Figure.from_json(each) for each in found]


sys.exit(main())
