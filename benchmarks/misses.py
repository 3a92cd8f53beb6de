"""What a request costs that no rule redirects."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.http import HttpRequest

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.requests import answered, environs
from benchmarks.rounds import Variant, timed

SIZES = (0, 10, 1_000, 1_000_000)
QUICK_SIZES = (0, 10, 1_000, 20_000)


def paths(path: Callable[[int], str]) -> Callable[[int], Sequence[str]]:
    """Return what makes as many texts, each of its own."""
    return lambda count: [path(number) for number in range(count)]


def asked(middleware: Callable[[HttpRequest], Any]) -> Callable[[str], Any]:
    """Return what asks a middleware for a path by a request that is warm, as it is."""
    request = HttpRequest()
    request.method = "GET"
    request.META = {"SERVER_NAME": "testserver", "SERVER_PORT": "80"}

    def ask(path: str) -> None:
        request.path = path
        middleware(request)

    return ask


def awaited(middleware: Callable[[HttpRequest], Any]) -> Callable[[str], Any]:
    """Return the same for a middleware on an event loop that never has to wait."""
    return asked(lambda request: _step(middleware(request)))


def _step(coroutine: Any) -> None:
    with suppress(StopIteration):
        coroutine.send(None)


def far(number: int) -> str:
    """Return a path whose first segment no rule has."""
    return f"/elsewhere{number}/page/"


def near(number: int) -> str:
    """Return a path that shares its first two segments with rules, and no more."""
    number = number // 180 * 200 + number % 180 + 20  # of an exact path
    return f"{rulesets.exact(number)}x/"


def measure(quick: bool = False) -> list[Figure]:
    """Return what misses cost at every size."""
    idle = peers.middleware("contrib", peers.found)
    ours = peers.middleware("ours", peers.found)
    sizes = QUICK_SIZES if quick else SIZES
    most, some = sizes[-1], 1_000
    ratios: dict[str, dict[int, float]] = {"far": {}, "near": {}}
    for size in sizes:
        site.keep(f"realistic-{size}", rulesets.realistic(size))
        site.load()
        taken = timed(
            {
                "nothing": Variant(asked(_nothing), paths(far)),
                "idle": Variant(asked(idle), paths(far)),
                "far": Variant(asked(ours), paths(far)),
                "near": Variant(asked(ours), paths(near)),
            }
        )
        for kind, of_kind in ratios.items():
            of_kind[size] = taken.ratio(kind, "idle", less="nothing")
    share, idle_share, micros = _shares(ours, idle)
    idling = "of contrib.redirects doing nothing"
    far_, near_ = ratios["far"], ratios["near"]
    return [
        Figure("the trivial view on this machine, whole handler", micros, unit="µs"),
        Figure(f"far miss, 0 to {most:,} rules, {idling}", max(far_.values()), 1.35),
        Figure(
            f"far miss, growth from 10 to {most:,} rules", far_[most] / far_[10], 1.10
        ),
        Figure(
            "far miss, part of the handler with a trivial view",
            share,
            0.6,
            "%",
            note=f"contrib.redirects doing nothing: {idle_share:.2f} %",
        ),
        Figure("far miss, added on an event loop", _added_to_loop(), 2, "µs"),
        Figure(f"near miss, {some:,} rules, {idling}", near_[some], 2.5),
        Figure(f"near miss, {most:,} rules, {idling}", near_[most], 12),
    ]


def _added_to_loop() -> float:
    """Return the microseconds that a far miss adds to a request under ASGI."""
    ours = peers.middleware("ours", peers.afound)
    taken = timed(
        {
            "ours": Variant(awaited(ours), paths(far)),
            "bare": Variant(awaited(peers.afound), paths(far)),
        }
    )
    return taken.added("ours", "bare")


def _shares(ours: Any, idle: Any) -> tuple[float, float, float]:
    """Return what a far miss adds to a request, in percent of all that it takes.

    With it what the peer does that does nothing, and all of it in microseconds.
    """
    handler = site.handler()
    whole = timed(
        {
            "handler": Variant(answered(handler), environs(far)),
            "far": Variant(asked(ours), paths(far)),
            "idle": Variant(asked(idle), paths(far)),
            "bare": Variant(asked(peers.found), paths(far)),
        },
        calls=500,
    )
    far_, idle_ = (whole.added(name, "bare") for name in ("far", "idle"))
    handler_ = whole.micros("handler")
    return far_ / handler_ * 100, idle_ / handler_ * 100, handler_


def _nothing(request: HttpRequest) -> None:
    """Take a request, and the time of a call."""
