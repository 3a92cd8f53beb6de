"""The table in the README, between two marks."""

import os
import platform
from datetime import date
from pathlib import Path

import django

from benchmarks.figures import Figure, table

README = Path(__file__).resolve().parent.parent / "README.md"
BEGINS, ENDS = "<!-- benchmarks -->", "<!-- end of benchmarks -->"


def write(figures: list[Figure], file: Path = README) -> None:
    """Put the figures in place of those that stand there."""
    before, _, rest = file.read_text("utf-8").partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    told = (
        f"Measured on {date.today():%-d %B %Y} on {os.cpu_count()} cores with Python "  # noqa: DTZ011
        f"{platform.python_version()} and Django {django.__version__}."
    )
    block = f"{BEGINS}\n{told}\n\n{table(figures)}\n{ENDS}"
    file.write_text(f"{before}{block}{after}", "utf-8")
