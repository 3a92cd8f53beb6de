"""The “schedule” of a document: read, written, and from the fields of a record."""

from collections.abc import Mapping
from datetime import date, datetime
from json import loads
from typing import Any

from temp_redirects.core.documents.reading import Reader, Rejected
from temp_redirects.core.schedules import (
    Recurrence,
    Schedule,
    instant,
    is_twice,
    moment,
    parse_moment,
    parse_wall,
    zone,
)
from temp_redirects.core.schedules.recurrences import (
    parse_day,
    parse_moved,
    parse_until,
)
from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.sites import Site

SCHEDULE_KEYS: Mapping[str, Any] = {
    "starts_at": None,
    "ends_at": None,
    "timezone": "",
    "repeat": "",
    "until": None,
    "except": [],
    "moved_ends": {},
}
_OF_REPEAT = ("until", "except", "moved_ends")


def parse_schedule(reader: Reader, given: object) -> Schedule | None:
    """Return the schedule of a document, which rules and windows have alike."""
    fields = reader.fields("schedule", given, SCHEDULE_KEYS)
    timezone = fields["timezone"] or reader.timezone
    if reader.read("schedule.timezone", zone, timezone) is None:
        return None
    bounds = [
        reader.read(f"schedule.{key}", parse_moment, fields[key], timezone)
        for key in ("starts_at", "ends_at")
    ]
    recurrence = _parse_recurrence(reader, fields, timezone)
    return reader.read("schedule.ends_at", Schedule, *bounds, timezone, recurrence)


def schedule_of(fields: Mapping[str, Any]) -> Schedule:
    """Return the schedule of a record’s fields, or raise `Refused`."""
    reader = Reader(Site(), fields["timezone"])
    schedule = parse_schedule(reader, unpack_schedule(fields))
    if schedule is None or reader.problems:
        raise Rejected(reader.problems)
    return schedule


def dump_schedule(schedule: Schedule) -> dict[str, Any]:
    """Return the whole “schedule” of a document, every key included."""
    return unpack_schedule(schedule.fields())


def unpack_schedule(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the “schedule” of a document from the fields of a record."""
    timezone, starts, ends = fields["timezone"], fields["starts"], fields["ends"]
    plain = {**SCHEDULE_KEYS, "except": [], "moved_ends": {}, "timezone": timezone}
    if not fields["recurrence"]:
        bounds = {"starts_at": starts, "ends_at": ends}
        return plain | {key: _shown(at, timezone) for key, at in bounds.items()}
    kept, first = _read_stored(fields["recurrence"])
    where = zone(timezone)
    if first.fold and not is_twice(first.replace(tzinfo=where)):
        first = first.replace(fold=0)
    if ends is not None and starts is not None:
        ends = instant(first, where) + ends - starts  # zones may have changed
    kept |= {
        "starts_at": first.replace(tzinfo=where).isoformat(),
        "ends_at": _shown(ends, timezone),
    }
    return {key: kept.get(key, plain[key]) for key in SCHEDULE_KEYS}


def _parse_recurrence(
    reader: Reader, fields: Mapping[str, Any], timezone: str
) -> Recurrence | None:
    if not fields["repeat"]:
        for key in _OF_REPEAT:
            if fields[key]:
                text = Sentence("goes with “repeat” alone")
                reader.refuse(f"schedule.{key}", text)
        return None
    if not fields["starts_at"]:
        text = Sentence("What repeats needs a start: the first.")
        reader.refuse("schedule.starts_at", text)
    known = len(reader.problems)
    parts = [
        reader.read("schedule.repeat", Repeat.parse, fields["repeat"]),
        reader.read("schedule.starts_at", parse_wall, fields["starts_at"], timezone),
        reader.read("schedule.until", parse_until, fields["until"], timezone),
        _parse_days(reader, fields["except"]),
        reader.read("schedule.moved_ends", parse_moved, fields["moved_ends"], timezone),
    ]
    if len(reader.problems) > known or None in (parts[0], parts[1]):
        return None
    return reader.read("schedule.repeat", Recurrence, *parts)


def _parse_days(reader: Reader, given: list[Any]) -> tuple[date, ...]:
    days = {
        reader.read(f"schedule.except[{at}]", parse_day, text)
        for at, text in enumerate(given)
    }
    return tuple(sorted(day for day in days if day is not None))


def _read_stored(text: str) -> tuple[dict[str, Any], datetime]:
    """Return the keys that a record keeps, and the wall time of the first start."""
    try:
        kept = dict(loads(text))
        first = datetime.fromisoformat(kept["first"])
        return kept, first.replace(tzinfo=None, fold=int(kept.get("fold", 0)))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused("The repetition cannot be read.") from None


def _shown(seconds: float | None, timezone: str) -> str | None:
    return None if seconds is None else moment(seconds, timezone).isoformat()
