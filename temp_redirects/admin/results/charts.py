"""The chart of rates over time: where its lines and bands run, as SVG has it.

It is stretched to the width of the page, so no text stands in it: the labels are the
page's own, spread evenly beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from math import ceil, floor, log10

from temp_redirects.core.experiments import Interval, wilson
from temp_redirects.core.experiments.words import percent
from temp_redirects.results import Day, Results

WIDTH, HEIGHT = 1_000, 300  # units of the SVG
MOST_DATES = 5  # written beneath
STEPS = (1, 2, 5)  # times a power of ten, between two lines of the grid
MOST_STEPS = 5
EARLY = 3  # the first of so many parts of the time has bands too wide to show


@dataclass(frozen=True, slots=True)
class Curve:
    """One arm: corners of its line and of the band around it, “x,y x,y”."""

    number: int  # which of the stylesheet's looks it has
    name: str
    line: str
    band: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn; rates from the top down, dates from the left."""

    curves: Sequence[Curve]
    rates: Sequence[str]
    grid: Sequence[int]
    dates: Sequence[date]
    width: int = WIDTH
    height: int = HEIGHT


def chart(found: Results) -> Chart | None:
    """Return the rates of all days so far, or None before the second day."""
    days = found.days
    if len(days) < 2:
        return None
    span = (days[-1].date - days[0].date).days
    step, lowest, highest = _scale(found)

    def place(day: Day, rate: float) -> str:
        x = (day.date - days[0].date).days / span * WIDTH
        y = (1 - (rate - lowest * step) / ((highest - lowest) * step)) * HEIGHT
        return f"{x:.1f},{y:.1f}"

    curves = []
    for number, arm in enumerate(found.arms):
        known = [
            (day, day.total[arm.id].rate, wilson(day.total[arm.id]))
            for day in days
            if arm.id in day.total and day.total[arm.id].visitors
        ]
        upper = [place(day, around.upper) for day, _, around in known]
        lower = [place(day, around.lower) for day, _, around in known]
        line = [place(day, rate) for day, rate, _ in known]
        band = " ".join([*upper, *reversed(lower)])
        curves.append(Curve(number, arm.name, " ".join(line), band))
    lines = range(highest - lowest + 1)
    return Chart(
        curves=curves,
        rates=[str(percent((highest - line) * step)) for line in lines],
        grid=[round(line / (highest - lowest) * HEIGHT) for line in lines],
        dates=_dates(days[0].date, span),
    )


def _scale(found: Results) -> tuple[float, int, int]:
    """Return the step between lines of the grid, and the first and last line.

    Counted in steps from 0. It is made for the later days, whose bands are narrow.
    """
    later = found.days[len(found.days) // EARLY :]
    shown = list(_intervals(later))
    low = min(each.lower for each in shown)
    high = max(max(each.upper for each in shown), low + 0.001)
    step = next(
        size
        for size in _sizes(high - low)
        if ceil(high / size) - floor(low / size) <= MOST_STEPS
    )
    return step, floor(low / step + 1e-9), ceil(high / step - 1e-9)


def _intervals(days: Sequence[Day]) -> Iterator[Interval]:
    for day in days:
        for counts in day.total.values():
            if counts.visitors:
                yield wilson(counts)


def _sizes(span: float) -> Iterator[float]:
    """Yield sizes of a step that are easily read, the smallest that may do first."""
    for power in count(floor(log10(span / MOST_STEPS))):
        yield from (each * 10.0**power for each in STEPS)


def _dates(first: date, span: int) -> list[date]:
    """Return dates at even distances, the first and the last among them."""
    gaps = next(each for each in range(MOST_DATES - 1, 0, -1) if span % each == 0)
    return [
        date.fromordinal(first.toordinal() + span * gap // gaps)
        for gap in range(gaps + 1)
    ]
