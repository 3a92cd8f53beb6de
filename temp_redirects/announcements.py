"""The edges of maintenance windows, announced once across all processes.

No cron is needed: whoever looks at the rules after an edge (a request does, and the
``maintenance status`` verb) claims it by a row that can be made only once.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, router, transaction
from django.dispatch import Signal

from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.models import MaintenanceEvent, MaintenanceWindow
from temp_redirects.models.columns import as_moment
from temp_redirects.signals import looked, maintenance_ended, maintenance_started

MAX_KNOWN = 10_000
RECENT = 7 * 24 * 60 * 60  # seconds; what ended before is history, not news

_SIGNALS: dict[str, Signal] = {
    "started": maintenance_started,
    "ended": maintenance_ended,
}
_known: set[tuple[str, float, str]] = set()  # claimed, by this process or another


class Edge(NamedTuple):
    """A moment at which a window started or ended."""

    event: str
    window: Window
    at: float  # seconds since the epoch

    @property
    def occurrence(self) -> float:
        """The start of the time that the window is on, which names it."""
        return self.window.schedule.starts or 0.0

    @property
    def key(self) -> tuple[str, float, str]:
        """What is announced once."""
        return self.window.id, self.occurrence, self.event


def announce(windows: Iterable[Window], now: float) -> None:
    """Send the signals of every edge up to *now* that nobody has announced."""
    for window in windows:
        for edge in _edges(window, now):
            if edge.key not in _known and _claim(edge):
                at = datetime.fromtimestamp(edge.at, UTC)
                signal = _SIGNALS[edge.event]
                signal.send_robust(MaintenanceWindow, window=window, at=at)


def _edges(window: Window, now: float) -> Iterator[Edge]:
    starts, ends = window.schedule.starts or 0.0, window.schedule.ends
    if starts > now or (ends or now) < now - RECENT:
        return
    if window.enabled:
        yield Edge("started", window, starts)
        if ends is not None and ends <= now:
            yield Edge("ended", window, ends)
    else:  # switched off while it was on
        yield Edge("ended", window, now)


def _claim(edge: Edge) -> bool:
    """Say whether this process is the first to announce the edge.

    A window ends only if it was announced to start: one that is switched off before
    is no news.
    """
    using = router.db_for_write(MaintenanceEvent)
    events = MaintenanceEvent.objects.using(using)
    names = {
        "window_id": UUID(edge.window.id),
        "occurrence": as_moment(edge.occurrence),
    }
    try:
        with transaction.atomic(using=using):
            is_news = (
                edge.event == "started"
                or events.filter(**names, event="started").exists()
            )
            if is_news:
                events.create(**names, event=edge.event)
    except IntegrityError:
        is_news = False
    if len(_known) > MAX_KNOWN:  # a process of years
        _known.clear()
    _known.add(edge.key)
    if edge.event == "started":  # seen switched off before, its end is still to come
        _known.discard(edge._replace(event="ended").key)
    return is_news


def _on_looked(ruleset: Ruleset, now: float, **kwargs: Any) -> None:
    announce(ruleset.windows.values(), now)


def listen() -> None:
    """Announce what each look at the rules shows; called when Django starts."""
    looked.connect(_on_looked, dispatch_uid="temp_redirects.announcements")
