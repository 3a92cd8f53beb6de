"""Upcoming: which maintenance windows are on and which come next, for the public."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from temp_redirects.core.rules import Hosts
from temp_redirects.core.schedules import Occurrence
from temp_redirects.core.schedules.controls import coming
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow, opens_again


@dataclass(frozen=True, slots=True)
class Planned:
    """One time of a maintenance window, seconds since the epoch; None is open."""

    window: MaintenanceWindow
    starts: float | None
    ends: float | None
    day: str = ""  # on which one that repeats starts, “20261122”

    @property
    def key(self) -> str:
        """A short word for this time alone, which tells nothing of the window."""
        text = f"{self.window.id} {self.starts}"
        return blake2b(text.encode(), digest_size=6).hexdigest()

    @property
    def uid(self) -> str:
        """What stays the same for a calendar when this time is moved or extended."""
        return f"{self.window.id}-{self.day}" if self.day else self.window.id


def here(windows: Iterable[MaintenanceWindow], visit: Visit) -> list[MaintenanceWindow]:
    """Return the windows that are switched on and meant for the visit's host."""
    return [
        window
        for window in windows
        if window.enabled
        and (not window.hosts or Hosts(window.hosts).holds(visit, 0.0))
    ]


def on_now(windows: list[MaintenanceWindow], visit: Visit, now: float) -> list[Planned]:
    """Return what is on, each until its paths are open again; the longest last."""
    found = []
    for window in windows:
        current = window.schedule.current(now)
        if current is not None:
            closed = visit.moved(window.paths[0])
            ends = opens_again(windows, closed, now)
            found.append(Planned(window, current.starts, ends))
    return sorted(found, key=lambda each: (each.ends is None, each.ends or 0.0))


def next_up(windows: Iterable[MaintenanceWindow], now: float) -> list[Planned]:
    """Return the next time of each window to begin, the earliest first."""
    found = []
    for window in windows:
        occurrence = coming(window.schedule, now)
        if occurrence is not None:
            found.append(_planned(window, occurrence))
    return sorted(found, key=lambda each: each.starts or now)


def planned(
    windows: Iterable[MaintenanceWindow], now: float, until: float
) -> Iterator[Planned]:
    """Yield the times that begin before *until* and are not over at *now*."""
    for window in windows:
        for occurrence in window.schedule.occurrences(now):
            if (occurrence.starts or now) >= until:
                break
            yield _planned(window, occurrence)


def _planned(window: MaintenanceWindow, found: Occurrence) -> Planned:
    day = f"{found.wall:%Y%m%d}" if found.wall else ""
    return Planned(window, found.starts, found.ends, day)
