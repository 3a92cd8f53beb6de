"""How long others wait while a process reads all its rules anew, again and again."""

import time
from statistics import median

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.misses import far
from benchmarks.rebuilds import SIGN
from benchmarks.serving import GUNICORN, UVICORN, Load, p99, served

RULES = 100_000
SERVERS = {
    "gunicorn with threads": (*GUNICORN, "--threads=4"),
    "uvicorn": UVICORN,
}


def measure(quick: bool = False) -> list[Figure]:
    """Return the 99th percentile of pages meanwhile, over that at rest."""
    rules, rounds = (5_000, 2) if quick else (RULES, 5)
    site.keep(f"realistic-{rules}", rulesets.realistic(rules))
    pages = [far(number) for number in range(1_000)]
    figures = []
    for name, command in SERVERS.items():
        ours = peers.MIDDLEWARE["ours"]
        with served(command, ours, BENCHMARK_REBUILDS="1") as port:
            load = Load(port, pages)
            load.run(1)  # warm
            ratios = [_rebuilding(load) / p99(load, 2) for _ in range(rounds)]
        told = f"{name}: p99 of pages while {rules:,} rules are read again and again"
        figures.append(Figure(f"{told}, of that at rest", median(ratios), 4))
    return figures


def _rebuilding(load: Load) -> float:
    SIGN.touch()
    time.sleep(0.2)
    try:
        return p99(load, 3)
    finally:
        SIGN.unlink()
        time.sleep(1.0)  # until the last one is through
