"""Ends of rules and maintenance windows that move away."""

from datetime import timedelta
from typing import Any

from django.utils import timezone as django_timezone

from temp_redirects.core.schedules.controls import coming
from temp_redirects.management.actions import refuse
from temp_redirects.management.moments import parse_duration


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
    return duration, row.extended(duration)


def skip_next(rows: Any, row: Any) -> str:
    """Leave out the next time of *row*, which *rows* are; return the result’s word."""
    if not row.recurrence:
        raise refuse(f"“{row.name}” does not repeat, so there is nothing to skip.")
    if coming(row.schedule(), django_timezone.now().timestamp()) is None:
        raise refuse(f"“{row.name}” does not come again.")
    rows.skip_next()
    return "skipped"
