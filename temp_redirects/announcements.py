"""The edges of maintenance windows, announced once across all processes.

No cron is needed: whoever looks at the rules after an edge (a request does, and the
``maintenance status`` verb) claims it by a row that can be made, or taken away, only
once.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import Error, IntegrityError, models, router, transaction
from django.dispatch import Signal

from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.models import MaintenanceEvent, MaintenanceWindow
from temp_redirects.models.columns import as_moment
from temp_redirects.signals import looked, maintenance_ended, maintenance_started

logger = logging.getLogger("temp_redirects")

RECENT = 7 * 24 * 60 * 60  # seconds; what ended before is history, not news
PAUSE = 60.0  # seconds after a database has refused to take a claim

STARTED, ENDED = "started", "ended"
_SIGNALS: dict[str, Signal] = {STARTED: maintenance_started, ENDED: maintenance_ended}


class Announcer:
    """What this process knows to be announced, so that most looks ask no database."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing, as when the process started."""
        # By id, the window as it was read and its newest edge. Every change of the
        # rules reads another one: whatever happened meanwhile is asked anew.
        self._known: dict[str, tuple[Window, str]] = {}
        self._tries_at = 0.0  # monotonic seconds

    def announce(self, windows: Iterable[Window], now: float) -> None:
        """Send the signals of every edge up to *now* that nobody has announced.

        A database that takes no claims is asked again in a minute; nothing is lost
        meanwhile, for the edge is still there.
        """
        if monotonic() < self._tries_at:
            return
        known = {}
        for window in windows:
            edge = newest_edge(window, now)
            if edge:
                known[window.id] = window, edge
                if not self._knows(window, edge) and not self._tell(window, edge, now):
                    return
        self._known = known

    def _knows(self, window: Window, edge: str) -> bool:
        seen, told = self._known.get(window.id, (None, ""))
        return seen is window and told == edge

    def _tell(self, window: Window, edge: str, now: float) -> bool:
        """Claim what is news and send its signals; False where that cannot be known."""
        try:
            with transaction.atomic(using=router.db_for_write(MaintenanceEvent)):
                news = list(_claimed(window, edge, now))
        except Error as error:
            self._tries_at = monotonic() + PAUSE
            reason = " ".join(str(error).split())
            logger.warning("The start or end of %r is untold: %s", window.name, reason)
            return False
        for event, at in news:
            moment = datetime.fromtimestamp(at, UTC)
            _SIGNALS[event].send_robust(MaintenanceWindow, window=window, at=moment)
        return True


def newest_edge(window: Window, now: float) -> str:
    """Return whether the window has started or ended last; empty is neither lately."""
    starts, ends = window.schedule.starts or 0.0, window.schedule.ends
    if starts > now or (ends or now) < now - RECENT:
        return ""
    return STARTED if window.active(now) else ENDED


def _claimed(window: Window, edge: str, now: float) -> Iterator[tuple[str, float]]:
    """Yield the edges that this process is the first to announce, and when they were.

    One that is on again within the same time has its end taken back. A window ends
    only if it was announced to start: one that was off all the time is no news.
    """
    starts, ends = window.schedule.starts or 0.0, window.schedule.ends
    using = router.db_for_write(MaintenanceEvent)
    names = {"window_id": UUID(window.id), "occurrence": as_moment(starts)}
    events = MaintenanceEvent.objects.using(using).filter(**names)
    told = {*events.values_list("event", flat=True)}
    if window.enabled and STARTED not in told:
        if _claims(events, **names, event=STARTED):
            yield STARTED, starts
        told.add(STARTED)
    elif edge == STARTED and events.filter(event=ENDED).delete()[0]:
        yield STARTED, now
    is_over = edge == ENDED and STARTED in told and ENDED not in told
    if is_over and _claims(events, **names, event=ENDED):
        yield ENDED, now if ends is None else min(ends, now)


def _claims(events: "models.QuerySet[MaintenanceEvent]", **names: Any) -> bool:
    """Say whether this process is the first to write an event."""
    try:
        with transaction.atomic(using=events.db):
            events.create(**names)
    except IntegrityError:
        return False
    return True


announcer = Announcer()


def _on_looked(ruleset: Ruleset, now: float, **kwargs: Any) -> None:
    announcer.announce(ruleset.windows.values(), now)


def listen() -> None:
    """Announce what each look at the rules shows; called when Django starts."""
    looked.connect(_on_looked, dispatch_uid="temp_redirects.announcements")
