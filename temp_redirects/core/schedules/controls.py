"""Controls: what is done to one occurrence of a schedule, the others left alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import takewhile

from temp_redirects.core.schedules import Occurrence, Recurrence, Schedule, seconds
from temp_redirects.core.sentences import Refused

LATEST = seconds(datetime.max.replace(tzinfo=UTC))


def coming(schedule: Schedule, now: float) -> Occurrence | None:
    """Return the next occurrence to begin after *now*; None where there is none."""
    return next(
        (each for each in schedule.occurrences(now) if (each.starts or now) > now), None
    )


def skipped(schedule: Schedule, now: float) -> Schedule:
    """Return a schedule that repeats without the next occurrence to begin."""
    found = coming(schedule, now)
    if found is None or found.wall is None:
        raise Refused("There is no next time to skip.")
    return _changed(schedule, lambda old, day: old.skipping(day, now), [found])


def ended(schedule: Schedule, now: float) -> Schedule:
    """Return a schedule that repeats with what is on ended at *now*."""
    begun = list(
        takewhile(lambda each: (each.starts or now) <= now, schedule.occurrences(now))
    )
    if not begun:
        raise Refused("It is not on now.")
    return _changed(schedule, lambda old, day: old.ending(day, now, now), begun)


def extended(schedule: Schedule, by: float, now: float) -> Schedule:
    """Return a schedule with what is on, else comes next, *by* longer.

    *by* is in seconds.
    """
    found = next(schedule.occurrences(now), None)
    if found is None:
        raise Refused("It is over.")
    if found.ends is None:
        raise Refused("It has no end.")
    ends = found.ends + by
    if ends > LATEST:
        raise Refused("That is after the year 9999.")
    if schedule.recurrence is None:
        return replace(schedule, ends=ends)
    return _changed(schedule, lambda old, day: old.ending(day, ends, now), [found])


def _changed(
    schedule: Schedule,
    change: Callable[[Recurrence, date], Recurrence],
    found: list[Occurrence],
) -> Schedule:
    recurrence = schedule.recurrence
    for each in found:
        if recurrence is not None and each.wall is not None:
            recurrence = change(recurrence, each.wall.date())
    return replace(schedule, recurrence=recurrence)
