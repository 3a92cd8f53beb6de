"""What regular expressions cost, and the worst of what rules may say."""

from itertools import chain
from time import thread_time

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.misses import asked, far, paths
from benchmarks.rounds import Variant, timed

MANY = 1_000
LENGTH = 2_048  # characters, the longest path that a rule can be for
TRIES = 5  # of which the fastest counts: what the machine does else is not meant

# What has hung other engines, and what is the most of what may be said.
HARD = {
    "regex": (
        "(a+)+",
        "(a|a)*b",
        "(a|aa)+b",
        "(.*)*x",
        "(.*a){12}b",
        "(x+x+)+y",
        "([a-z]+)*[0-9]",
        "(a?){50}a{50}",
        "(.*)(.*)(.*)(.*)(.*)x",
        "[a-z]{1,500}b",
        "(a|b|ab)*c",
        ".*.*.*.*=.*",
        r"(\w+\s?)*x",
        "(?:[^/]*/)*x",
        "(?i)(é|è|a)*z",
    ),
    "pattern": (
        "/*/*/*/*/*/*/*/*/*/x",
        "<path:rest>/x",
        "/*a*a*a*a*a*a*a*a*b",
        "/<slug:a>-<slug:b>-<slug:c>-<slug:d>-<slug:e>/x",
        "/<int:a><int:b><int:c><int:d>x",
        "/<str:a>a<str:b>a<str:c>a<str:d>b",
        "/*<path:rest>a*b",
        "/<path:a>a*a*a*b",
    ),
}
BODIES = ("a", "ab", "x", "a/", "/", "1", "a-", "é", "aé", "%", "a=")


def measure(quick: bool = False) -> list[Figure]:
    """Return what regexes add to a miss, and what the hardest rule takes."""
    return [_without_a_start(quick), _hardest(quick)]


def _without_a_start(quick: bool) -> Figure:
    ours = asked(peers.middleware("ours", peers.found))
    rounds = 11 if quick else 31
    micros = []
    for more in (0, MANY):
        regexes = (
            each._replace(number=MANY + each.number)
            for each in rulesets.regexes_without_a_start(more)
        )
        site.lay(chain(rulesets.plain(MANY), regexes))
        ours("/warm/")
        taken = timed({"far": Variant(ours, paths(far))}, rounds=rounds, calls=100)
        micros.append(taken.micros("far"))
    name = f"far miss, added by {MANY:,} regexes without a literal start"
    return Figure(name, max(0.0, micros[1] - micros[0]), 1, "µs")


def _hardest(quick: bool) -> Figure:
    from temp_redirects.store import store

    hard = [(kind, each) for kind, patterns in HARD.items() for each in patterns]
    site.lay(
        rulesets.Rule(number, f"/p{number}{path}", columns={"match": kind})
        for number, (kind, path) in enumerate(hard)
    )
    ours = asked(peers.middleware("ours", peers.found))
    worst, whose = 0.0, ""
    for number, (_, pattern) in enumerate(hard):
        for body in BODIES[:3] if quick else BODIES:
            path = f"/p{number}{body * LENGTH}"[:LENGTH]
            ours(path)  # compiles it
            fastest = min(_seconds(ours, path) for _ in range(TRIES))
            if fastest > worst:
                worst, whose = fastest, pattern
    accepted = len(hard) - len(store.live.rejected)
    name = f"the slowest of {accepted} hard rules on paths of {LENGTH:,} characters"
    return Figure(name, worst * 1_000, 1, "ms", note=f"`{whose}`".replace("|", "\\|"))


def _seconds(call, path: str) -> float:  # type: ignore[no-untyped-def]
    began = thread_time()
    call(path)
    return thread_time() - began
