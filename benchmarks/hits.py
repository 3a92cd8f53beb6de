"""What a redirect costs, from the WSGI environment to the closed response."""

from time import perf_counter
from typing import Any

from django.db import connection
from django.test.utils import override_settings

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.requests import answered, environs
from benchmarks.rounds import Times, Variant, timed

RULES = 1_000


def missing(number: int) -> str:
    """Return a path that has no page, but a rule in every peer."""
    return f"/missing/page{number % RULES}/"


def measure(quick: bool = False) -> list[Figure]:
    """Return what hits cost beside the trivial view, and beside peers."""
    peers.fill((missing(number), f"/new/{number}/") for number in range(RULES))
    site.lay(rulesets.record(number, missing(number)) for number in range(RULES))
    handlers = {"view": site.handler()}
    handlers |= {
        name: site.handler(peers.MIDDLEWARE[name])
        for name in ("ours", "contrib", "wagtail")
    }
    taken = _timed(handlers, quick)
    vendor = connection.vendor
    against = {"sqlite": 7, "postgresql": 12}[vendor]
    figures = [
        Figure(
            f"contrib.redirects, {vendor}, of a plain hit",
            taken.ratio("contrib", "ours"),
            against,
            most=False,
        )
    ]
    if vendor == "postgresql":
        connection.close()
        with override_settings():
            connection.settings_dict["CONN_MAX_AGE"] = 0
            taken = _timed(handlers, quick)
        name = "contrib.redirects, postgresql, CONN_MAX_AGE=0, of a plain hit"
        return [*figures, Figure(name, taken.ratio("contrib", "ours"), 80, most=False)]
    return [
        Figure("plain hit, of the trivial view", taken.ratio("ours", "view"), 0.75),
        *figures,
        Figure(
            "Wagtail, of a plain hit", taken.ratio("wagtail", "ours"), 35, most=False
        ),
    ]


def _timed(handlers: dict[str, Any], quick: bool) -> Times:
    made = {"view": environs(lambda number: f"/elsewhere/page{number}/")}
    return timed(
        {
            name: Variant(answered(handler), made.get(name, environs(missing)))
            for name, handler in handlers.items()
        },
        rounds=11 if quick else 31,
        calls=100,
        clock=perf_counter,
    )
