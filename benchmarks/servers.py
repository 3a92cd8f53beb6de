"""How many requests a second real servers answer, beside peers behind the same."""

from collections.abc import Mapping
from contextlib import ExitStack
from itertools import islice

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.misses import far
from benchmarks.serving import (
    GUNICORN,
    UVICORN,
    Load,
    nginx_with,
    rates,
    ratio,
    running,
    served,
)
from tests.serving import free_port

RULES = 100_000
PATHS = 1_000  # asked for in turn
USUAL = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
OURS = peers.MIDDLEWARE["ours"]
WITH_USUAL = (*USUAL[:5], OURS, *USUAL[5:])
PEERS = ("contrib", "wagtail", "django-redirects")


def missing(number: int) -> str:
    """Return a path that has no page, but a rule in every peer."""
    return f"/missing/page{number}/"


def measure(quick: bool = False) -> list[Figure]:
    """Return the rates of redirects and pages, over that of the trivial view."""
    # Each run begins with a look at the database, for the last one is long ago.
    rules, rounds, seconds = (2_000, 3, 1.0) if quick else (RULES, 7, 2.0)
    site.keep(f"realistic-{rules}", rulesets.realistic(rules))
    peers.fill((missing(number), f"/new/{number}/") for number in range(rules))
    return [*_gunicorn(rules, rounds, seconds), *_uvicorn(rules, rounds, seconds)]


def _hits(rules: int) -> list[str]:
    return list(islice(rulesets.open_paths(rules), PATHS))


def _gunicorn(rules: int, rounds: int, seconds: float) -> list[Figure]:
    pages = [far(number) for number in range(PATHS)]
    hits = _hits(rules)
    gone = [missing(number) for number in range(0, rules, rules // PATHS)]
    with ExitStack() as stack:

        def gunicorn(*middleware: str, **environment: str) -> int:
            return stack.enter_context(served(GUNICORN, *middleware, **environment))

        def peer(name: str) -> int:
            return gunicorn(peers.MIDDLEWARE[name], BENCHMARK_PEERS="yes")

        ours, usual_ours = gunicorn(OURS), gunicorn(*WITH_USUAL)
        loads = {
            "view": Load(gunicorn(), pages),
            "miss": Load(ours, pages),
            "hit": Load(ours, hits),
            "usual view": Load(gunicorn(*USUAL), pages),
            "usual miss": Load(usual_ours, pages),
            "usual hit": Load(usual_ours, hits),
            **{name: Load(peer(name), gone) for name in PEERS},
            "maintenance-mode": Load(peer("maintenance-mode"), pages),
            "nginx": Load(_nginx(stack, hits, rules), hits),
        }
        for name, load in loads.items():
            is_page = load.paths is pages
            moved = 302 if name == "wagtail" else 301 if name == "contrib" else 307
            load.check(200 if is_page else moved)
        found = rates(loads, rounds=rounds, seconds=seconds)
    usual = "gunicorn sync with Django’s usual middlewares"
    of_hit = "of the app’s hits"
    return [
        _of_view(f"gunicorn sync, {rules:,} rules: hit", found, "hit", 1.08),
        _of_view("gunicorn sync: miss", found, "miss", 0.97),
        _of_view(f"{usual}: hit", found, "usual hit", 1.2, view="usual view"),
        _of_view(f"{usual}: miss", found, "usual miss", 0.97, view="usual view"),
        *(
            Figure(f"gunicorn sync: hit of {name}, {of_hit}", ratio(found, name, "hit"))
            for name in PEERS
        ),
        _of_view(
            "gunicorn sync: page with django-maintenance-mode off",
            found,
            "maintenance-mode",
        ),
        Figure(
            f"nginx with the same {rules:,} in a map, of the app behind gunicorn",
            ratio(found, "nginx", "hit"),
        ),
    ]


def _of_view(
    what: str,
    found: Mapping[str, list[float]],
    name: str,
    least: float | None = None,
    view: str = "view",
) -> Figure:
    rate = ratio(found, name, view)
    return Figure(f"{what}, of the trivial view’s rate", rate, least, most=False)


def _nginx(stack: ExitStack, hits: list[str], rules: int) -> int:
    port = free_port()
    others = (missing(number) for number in range(rules - len(hits)))
    pairs = ((path, "/new/") for path in (*hits, *others))
    stack.enter_context(running(nginx_with(pairs, port), port, {}))
    return port


def _uvicorn(rules: int, rounds: int, seconds: float) -> list[Figure]:
    pages = [far(number) for number in range(PATHS)]
    with served(UVICORN) as plain, served(UVICORN, OURS) as ours:
        loads = {
            "view": Load(plain, pages),
            "miss": Load(ours, pages),
            "hit": Load(ours, _hits(rules)),
        }
        loads["hit"].check(307)
        found = rates(loads, rounds=rounds, seconds=seconds)
    return [
        _of_view("uvicorn: hit", found, "hit", 1.0),
        _of_view("uvicorn: miss", found, "miss", 0.97),
    ]
