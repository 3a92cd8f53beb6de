"""What the tests of recurring schedules are made from."""

from datetime import datetime
from typing import Any

from temp_redirects.core.schedules import Recurrence, Schedule, instant, zone
from temp_redirects.core.schedules.repeats import Repeat

BERLIN = "Europe/Berlin"
HOUR = 3_600.0
DAY = 24 * HOUR


def repeating(
    first: str,
    rule: str,
    timezone: str = BERLIN,
    *,
    length: float = 2 * HOUR,
    fold: int = 0,
    **fields: Any,
) -> Schedule:
    """Return a schedule that begins at a wall time and comes again by a rule."""
    shown = wall(first).replace(fold=fold)
    starts = instant(shown, zone(timezone))
    recurrence = Recurrence(Repeat.parse(rule), shown, **fields)
    return Schedule(starts, starts + length, timezone, recurrence)


def at(text: str) -> float:
    """Return a moment with its offset as seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def wall(text: str) -> datetime:
    """Return a wall time, which has no offset."""
    return datetime.fromisoformat(text)
