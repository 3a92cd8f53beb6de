"""What rules cost that nobody should have."""

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.misses import asked, paths
from benchmarks.requests import answered, environs
from benchmarks.rounds import Variant, timed

MANY = 10_000
DEEP = 64  # segments


def measure(quick: bool = False) -> list[Figure]:
    """Return what each such set costs where it hurts most."""
    many = 1_000 if quick else MANY
    rounds = 11 if quick else 41
    return [*_folder(many, rounds), *_crowd(many, rounds), *_deep(rounds)]


def _folder(many: int, rounds: int) -> list[Figure]:
    ours = peers.middleware("ours", peers.found)
    site.lay(rulesets.prefixes_under_one_folder(many))
    taken = timed(
        {
            "idle": Variant(
                asked(peers.middleware("contrib", peers.found)),
                paths(lambda number: f"/folder/page{number}/"),
            ),
            "near": Variant(
                asked(ours), paths(lambda number: f"/folder/page{number}/")
            ),
        },
        rounds=rounds,
    )
    name = f"near miss beside {many:,} prefixes under one folder"
    idling = "of contrib.redirects doing nothing"
    return [Figure(f"{name}, {idling}", taken.ratio("near", "idle"), 12)]


def _crowd(many: int, rounds: int) -> list[Figure]:
    handlers = {"view": site.handler()}
    handlers["ours"] = site.handler(peers.MIDDLEWARE["ours"])
    site.lay(rulesets.rules_on_one_path(many))
    crowd = environs(lambda number: "/crowd/")
    beside = environs(lambda number: f"/crowd/page{number}/")
    taken = timed(
        {
            "view": Variant(answered(handlers["view"]), beside),
            "beside": Variant(answered(handlers["ours"]), beside),
            "crowd": Variant(answered(handlers["ours"]), crowd),
        },
        rounds=rounds // 4,
        calls=20,
    )
    crowded = f"{many:,} rules on one path"
    return [
        Figure(
            f"{crowded}: the last of them holds, whole handler",
            taken.micros("crowd") / 1_000,
            10,
            "ms",
        ),
        Figure(
            f"{crowded}: a page beneath it, of the trivial view",
            taken.ratio("beside", "view"),
            1.1,
        ),
    ]


def _deep(rounds: int) -> list[Figure]:
    handlers = {"view": site.handler()}
    handlers["ours"] = site.handler(peers.MIDDLEWARE["ours"])
    site.lay(rulesets.prefixes_within_each_other(DEEP))
    path = "/deep" + "".join(f"/s{each}" for each in range(DEEP))
    miss = environs(lambda number: path.replace("/deep", "/deep" + str(number)))
    hit = environs(lambda number: f"{path}/page{number}/")
    taken = timed(
        {
            "view": Variant(answered(handlers["view"]), miss),
            "hit": Variant(answered(handlers["ours"]), hit),
        },
        rounds=rounds,
        calls=50,
    )
    name = f"hit under {DEEP} prefixes within each other, of the trivial view"
    return [Figure(name, taken.ratio("hit", "view"), 20)]
