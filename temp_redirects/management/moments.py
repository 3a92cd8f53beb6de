"""Moments and durations as operators type them on a command line."""

import re
from datetime import UTC, datetime, time, timedelta

from temp_redirects.core import schedules
from temp_redirects.core.sentences import Refused

LONGEST = timedelta(days=36_525)  # a hundred years
DAYS = 5  # within so many days every clock shows each of its times
_DURATION = re.compile(
    r"(?:(?P<weeks>[0-9]{1,5})w)?(?:(?P<days>[0-9]{1,5})d)?"
    r"(?:(?P<hours>[0-9]{1,6})h)?(?:(?P<minutes>[0-9]{1,8})m)?"
    r"(?:(?P<seconds>[0-9]{1,9})s)?"
)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")


def parse_duration(text: str) -> timedelta:
    """Return the duration of “3h”, “90m”, “1h30m”, “2d” or “1w”; a day is 24 hours."""
    found = _DURATION.fullmatch(text.lower().replace(" ", ""))
    parts = found.groupdict("0") if found else {}
    duration = timedelta(**{unit: int(number) for unit, number in parts.items()})
    if not duration:
        raise Refused(
            "“{text}” is not a duration. Examples: “3h”, “90m”, “1h30m”, “2d”, “1w”.",
            text=text,
        )
    if duration > LONGEST:
        raise Refused("“{text}” is longer than a hundred years.", text=text)
    return duration


def parse_moment(text: str, now: datetime, timezone: str) -> datetime:
    """Return the moment in UTC that a text means at *now*.

    “+2h” counts from *now*. “22:00” is the next time that clocks in *timezone* show
    it. ISO 8601 without an offset is what they show; in an hour that happens twice
    the first counts, and one that is left out moves forward (RFC 5545 §3.3.5).
    """
    if text.startswith("+"):
        return later(now, parse_duration(text[1:]))
    clock = _parse_clock(text)
    if clock is not None:
        return next_time(clock, now, timezone)
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise _no_moment(text) from None
    # A naive one is the zone's own; its offset would have to agree with the zone.
    seconds = (
        schedules.seconds(given)
        if given.tzinfo
        else schedules.parse_moment(text, timezone)
    )
    return schedules.moment(seconds or 0.0, "UTC")


def next_time(clock: time, now: datetime, timezone: str) -> datetime:
    """Return the first moment after *now*, in UTC, at which clocks show a time.

    Clocks that are put forward leave times out that day, and show them the next.
    """
    where = schedules.zone(timezone)
    today = now.astimezone(where).date()
    shown = (
        datetime.combine(today + timedelta(days), clock, where).replace(fold=fold)
        for days in range(DAYS)
        for fold in (0, 1)
    )
    return next(
        at.astimezone(UTC)
        for at in shown
        if at.timestamp() > now.timestamp()
        and at.astimezone(UTC).astimezone(where).time() == clock
    )


def later(at: datetime, by: timedelta) -> datetime:
    """Return the moment that is *by* later, if there is one."""
    try:
        return at + by
    except OverflowError:
        raise Refused("That is after the year 9999.") from None


def _parse_clock(text: str) -> time | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    try:
        hour, minute, second = map(int, found.groups("0"))
        return time(hour, minute, second)
    except ValueError:
        raise _no_moment(text) from None


def _no_moment(text: str) -> Refused:
    return Refused(
        "“{text}” is not a time. Examples: “+2h”, “22:00”, “2026-12-01T02:00”.",
        text=text,
    )
