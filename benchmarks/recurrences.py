"""What it costs a request that a rule's window comes again."""

from datetime import timedelta

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.misses import asked, paths
from benchmarks.rounds import Variant, timed

SINCE = rulesets.NOW - timedelta(days=28, hours=1)
OPEN = rulesets.recurring(SINCE, timedelta(hours=12), "FREQ=WEEKLY")
SHUT = rulesets.recurring(
    SINCE - timedelta(days=2), timedelta(hours=12), "FREQ=WEEKLY;INTERVAL=2"
)
ONCE_OPEN = {"starts_at": SINCE, "ends_at": rulesets.NOW + timedelta(days=1)}
WINDOWS = {
    "open": OPEN,
    "shut": SHUT,
    "once": ONCE_OPEN,
    "tomorrow": rulesets.TOMORROW,
}


def measure(quick: bool = False) -> list[Figure]:
    """Return what recurring adds to a rule that holds, and to one that does not."""
    site.lay(
        rulesets.Rule(number, f"/{name}/", columns=columns)
        for number, (name, columns) in enumerate(WINDOWS.items())
    )
    ours = asked(peers.middleware("ours", peers.found))
    taken = timed(
        {
            name: Variant(ours, paths(lambda number, name=name: f"/{name}/"))
            for name in WINDOWS
        },
        rounds=31 if quick else 401,
        calls=300,
    )
    return [
        Figure(
            "added by a recurring window that is open",
            max(0.0, taken.added("open", "once")),
            0.3,
            "µs",
        ),
        Figure(
            "added by a recurring window that is shut",
            max(0.0, taken.added("shut", "tomorrow")),
            0.3,
            "µs",
        ),
    ]
