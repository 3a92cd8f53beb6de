"""The edges of maintenance windows, announced once across all processes.

No cron is needed: whoever looks at the rules after an edge (a request does, and the
``maintenance status`` verb) claims it by a row that can be made, or taken away, only
once.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import Error, IntegrityError, router, transaction
from django.db.models import Exists, OuterRef
from django.dispatch import Signal

from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import Occurrence
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.models import MaintenanceEvent, MaintenanceWindow
from temp_redirects.models.columns import as_moment, as_seconds
from temp_redirects.signals import looked, maintenance_ended, maintenance_started

logger = logging.getLogger("temp_redirects")

RECENT = 7 * 24 * 60 * 60  # seconds; what ended before is history, not news
PAUSE = 60.0  # seconds after a database has refused to take a claim

NOTHING = Occurrence(None, None)
STARTED, ENDED, NEITHER = "started", "ended", ""
_SIGNALS: dict[str, Signal] = {STARTED: maintenance_started, ENDED: maintenance_ended}


class Edge(NamedTuple):
    """What happened last to a window: by which of its times, in seconds, and what.

    ``ends`` is None where that time has no end.
    """

    kind: str
    starts: float
    ends: float | None

    @property
    def occurrence(self) -> datetime:
        """What a claim calls that time: its start."""
        return cast("datetime", as_moment(self.starts))


class Announcer:
    """What this process knows to be announced, so that most looks ask no database."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing, as when the process started."""
        # By id, the window as it was read and its newest edge. Every change of the
        # rules reads another one: whatever happened meanwhile is asked anew.
        self._known: dict[str, tuple[Window, Edge]] = {}
        self._tries_at = 0.0  # monotonic seconds

    def announce(self, windows: Iterable[Window], now: float) -> None:
        """Send the signals of every edge up to *now* that nobody has announced.

        A database that takes no claims is asked again in a minute; nothing is lost
        meanwhile, for the edge is still there.
        """
        if monotonic() < self._tries_at:
            return
        seen = {each.id: (each, newest_edge(each, now)) for each in windows}
        gone = {
            id: (window, edge._replace(kind=NEITHER))
            for id, (window, edge) in self._known.items()
            if edge.kind == STARTED and id not in seen
        }
        news = [
            (window, edge)
            for id, (window, edge) in {**gone, **seen}.items()
            if not self._knows(id, window, edge)
        ]
        if not news or self._tell(news, now):
            self._known = seen

    def _knows(self, id: str, window: Window, edge: Edge) -> bool:
        seen, told = self._known.get(id, (None, None))
        return seen is window and told == edge

    def _tell(self, news: list[tuple[Window, Edge]], now: float) -> bool:
        """Claim what is untold of these and send it; False where that failed."""
        name = news[0][0].name
        try:
            begun = _begun()
            for window, edge in news:
                name = window.name
                if edge.kind or window.id in begun:
                    _send(window, _claimed(window, edge, begun, now))
        except Error as error:
            self._tries_at = monotonic() + PAUSE
            reason = " ".join(str(error).split())
            logger.warning("The start or end of %r is untold: %s", name, reason)
            return False
        return True


def newest_edge(window: Window, now: float) -> Edge:
    """Return whether the window has started or ended last, or neither lately."""
    begun = NOTHING
    for each in window.schedule.occurrences(now - RECENT):
        if (each.starts or 0.0) > now:
            break
        begun = each
    if begun is NOTHING:
        return Edge(NEITHER, window.schedule.starts or 0.0, window.schedule.ends)
    is_on = window.enabled and (begun.ends is None or now < begun.ends)
    return Edge(STARTED if is_on else ENDED, begun.starts or 0.0, begun.ends)


def _begun() -> dict[str, set[datetime]]:
    """Return the starts, by window, that are announced and whose end is not."""
    events = MaintenanceEvent.objects.using(router.db_for_write(MaintenanceEvent))
    same = {name: OuterRef(name) for name in ("window_id", "occurrence")}
    is_over = Exists(events.filter(event=ENDED, **same))
    begun: dict[str, set[datetime]] = {}
    rows = events.filter(~is_over, event=STARTED)
    for id, occurrence in rows.values_list("window_id", "occurrence"):
        begun.setdefault(str(id), set()).add(occurrence)
    return begun


def _send(window: Window, news: Iterable[tuple[str, float]]) -> None:
    for event, at in news:
        moment = datetime.fromtimestamp(at, UTC)
        _SIGNALS[event].send_robust(MaintenanceWindow, window=window, at=moment)


class Claims:
    """The claims on what happens to one window, of which each is made only once."""

    def __init__(self, window: Window) -> None:
        using = router.db_for_write(MaintenanceEvent)
        self.window_id = UUID(window.id)
        self.rows = MaintenanceEvent.objects.using(using).filter(
            window_id=self.window_id
        )

    def told(self, occurrence: datetime) -> set[str]:
        """Return what is claimed already."""
        rows = self.rows.filter(occurrence=occurrence)
        return {*rows.values_list("event", flat=True)}

    def make(self, occurrence: datetime, event: str) -> bool:
        """Say whether this process is the first to claim it."""
        names = {"window_id": self.window_id, "occurrence": occurrence}
        try:
            with transaction.atomic(using=self.rows.db):
                self.rows.create(**names, event=event)
        except IntegrityError:
            return False
        return True

    def take_back(self, occurrence: datetime, event: str) -> bool:
        """Say whether this process is the first to take it back."""
        rows = self.rows.filter(occurrence=occurrence, event=event)
        return bool(rows.delete()[0])


def _claimed(
    window: Window, edge: Edge, begun: dict[str, set[datetime]], now: float
) -> list[tuple[str, float]]:
    """Return what this process is the first to announce, with the moments."""
    claims, open_since = Claims(window), begun.get(window.id, set())
    starts = edge.occurrence
    # Read before: what reads first in its transaction, SQLite may not let write.
    told = claims.told(starts)
    with transaction.atomic(using=claims.rows.db):
        if edge.kind == NEITHER:
            return [*_over(window, claims, open_since, now)]
        others = open_since - {starts}
        earlier = {each for each in others if _own_end(window, each) is not None}
        news = [*_over(window, claims, earlier, now)]
        if _is_moved(claims, others - earlier, starts):
            told = {STARTED}
        return [*news, *_news(window, edge, claims, told, now)]


def _over(
    window: Window, claims: Claims, open_since: Iterable[datetime], now: float
) -> Iterator[tuple[str, float]]:
    """Yield the end of what goes on no longer.

    Its window is deleted, put off or at another of its times.
    """
    for starts in sorted(open_since):
        if claims.make(starts, ENDED):
            repeats = window.schedule.recurrence is not None
            ends = _own_end(window, starts) if repeats else window.schedule.ends
            yield ENDED, min(ends or now, now)


def _own_end(window: Window, starts: datetime) -> float | None:
    """Return when the time of a window that repeats and starts then is over."""
    begins = as_seconds(starts) or 0.0
    if window.schedule.recurrence is not None:
        for each in window.schedule.occurrences(begins):
            if (each.starts or 0.0) >= begins:
                return each.ends if each.starts == begins else None
    return None


def _is_moved(claims: Claims, others: Iterable[datetime], starts: datetime) -> bool:
    """Say whether what goes on had begun at another time, before somebody edited it.

    It is the same maintenance then, and its start no news.
    """
    taken_back = [claims.take_back(other, STARTED) for other in others]
    if not any(taken_back):
        return False
    claims.take_back(starts, ENDED)
    claims.make(starts, STARTED)
    return True


def _news(
    window: Window, edge: Edge, claims: Claims, told: set[str], now: float
) -> Iterator[tuple[str, float]]:
    """Yield the edges of a window that are untold, and when they were.

    One that is on again within the same time has its end taken back. A window ends
    only if it was announced to start: one that was off all the time is no news.
    """
    occurrence, ends = edge.occurrence, edge.ends
    if window.enabled and STARTED not in told:
        if claims.make(occurrence, STARTED):
            yield STARTED, edge.starts
        told = {*told, STARTED}
    elif edge.kind == STARTED and claims.take_back(occurrence, ENDED):
        yield STARTED, now
    is_over = edge.kind == ENDED and STARTED in told and ENDED not in told
    if is_over and claims.make(occurrence, ENDED):
        yield ENDED, now if ends is None else min(ends, now)


announcer = Announcer()


def _on_looked(ruleset: Ruleset, now: float, **kwargs: Any) -> None:
    announcer.announce(ruleset.windows.values(), now)


def listen() -> None:
    """Announce what each look at the rules shows; called when Django starts."""
    looked.connect(_on_looked, dispatch_uid="temp_redirects.announcements")
