"""The “schedule” of a document: read, written, and as fields of a record."""

from collections.abc import Mapping
from typing import Any

from temp_redirects.core.documents.reading import Reader
from temp_redirects.core.schedules import Schedule, moment, parse_moment, zone

SCHEDULE_KEYS: Mapping[str, Any] = {"starts_at": None, "ends_at": None, "timezone": ""}


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
    return reader.read("schedule.ends_at", Schedule, *bounds, timezone)


def dump_schedule(schedule: Schedule) -> dict[str, Any]:
    """Return the whole “schedule” of a document, every key included."""
    return unpack_schedule(pack_schedule(schedule))


def pack_schedule(schedule: Schedule) -> dict[str, Any]:
    """Return the fields that a record has for a schedule."""
    return {
        "starts": schedule.starts,
        "ends": schedule.ends,
        "timezone": schedule.timezone,
    }


def unpack_schedule(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the “schedule” of a document from the fields of a record."""
    timezone = fields["timezone"]
    return {
        "starts_at": _shown(fields["starts"], timezone),
        "ends_at": _shown(fields["ends"], timezone),
        "timezone": timezone,
    }


def _shown(seconds: float | None, timezone: str) -> str | None:
    return None if seconds is None else moment(seconds, timezone).isoformat()
