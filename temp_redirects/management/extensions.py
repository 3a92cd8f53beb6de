"""Ends of rules and maintenance windows that move away."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone as django_timezone

from temp_redirects.core.documents import unpack_schedule
from temp_redirects.core.schedules import moment, seconds
from temp_redirects.core.schedules.controls import coming, extended
from temp_redirects.management.actions import refuse
from temp_redirects.management.moments import later, parse_duration


def extension(row: Any, by: str, anew: str) -> tuple[timedelta, dict[str, Any]]:
    """Return how far an end moves, and the document with the end moved there.

    Refused without an end, and after it: whoever depends on the original page must not
    lose it again by surprise. *anew* says how to do that on purpose.
    """
    duration = parse_duration(by)
    if row.ends_at is None:
        raise refuse(
            f"“{row.name}” has no end that could be moved: it lasts until somebody "
            "ends it."
        )
    if row.state() == "ended":
        raise refuse(
            f"“{row.name}” has ended and is not opened again by extending it. {anew} "
            f"--for {by}"
        )
    document: dict[str, Any] = row.to_document()
    if row.recurrence:
        now = django_timezone.now().timestamp()
        moved = extended(row.schedule(), duration.total_seconds(), now)
        return duration, {**document, "schedule": unpack_schedule(moved.fields())}
    schedule = document["schedule"]
    # A day is 24 hours.
    ends = later(datetime.fromisoformat(schedule["ends_at"]).astimezone(UTC), duration)
    ends_at = moment(seconds(ends), schedule["timezone"]).isoformat()
    return duration, {**document, "schedule": {**schedule, "ends_at": ends_at}}


def skip_next(rows: Any, row: Any) -> str:
    """Leave out the next time of *row*, which *rows* are; return the result’s word."""
    if not row.recurrence:
        raise refuse(f"“{row.name}” does not repeat, so there is nothing to skip.")
    if coming(row.schedule(), django_timezone.now().timestamp()) is None:
        raise refuse(f"“{row.name}” does not come again.")
    rows.skip_next()
    return "skipped"
