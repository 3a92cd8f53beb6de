"""What a redirect costs, from the WSGI environment to the closed response."""

from time import perf_counter
from typing import Any

from django.db import connection

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
    on_postgresql = connection.vendor == "postgresql"
    least: dict[str, Any] = {"most": False}
    peers.fill((missing(number), f"/new/{number}/") for number in range(RULES))
    site.lay(rulesets.Rule(number, missing(number)) for number in range(RULES))
    handlers = {"view": site.handler()}
    names = ("ours", "contrib") if on_postgresql else ("ours", "contrib", "wagtail")
    handlers |= {name: site.handler(peers.MIDDLEWARE[name]) for name in names}
    taken = _timed(handlers, quick)
    contrib = taken.ratio("contrib", "ours")
    if on_postgresql:
        connection.close()
        connection.settings_dict["CONN_MAX_AGE"] = 0
        anew = _timed(handlers, quick).ratio("contrib", "ours")
        return [
            Figure(
                "contrib.redirects on PostgreSQL, of a plain hit", contrib, 12, **least
            ),
            Figure("the same with CONN_MAX_AGE=0", anew, 80, **least),
        ]
    wagtail = taken.ratio("wagtail", "ours")
    return [
        Figure("plain hit, of the trivial view", taken.ratio("ours", "view"), 0.75),
        Figure("contrib.redirects on SQLite, of a plain hit", contrib, 7, **least),
        Figure("Wagtail’s on SQLite, of a plain hit", wagtail, 35, **least),
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
