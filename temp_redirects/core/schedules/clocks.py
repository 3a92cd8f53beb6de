"""Clocks: wall times of a time zone, and the moments that they mean."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from temp_redirects.core.sentences import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_zones: dict[str, ZoneInfo] = {}  # as last read; there are some hundred names


def zone(name: str) -> ZoneInfo:
    """Return a time zone of the IANA database by its name, “Europe/Berlin”."""
    try:
        return _zones[name]
    except KeyError:
        pass
    try:
        found = _zones[name] = ZoneInfo.no_cache(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(
            "“{name}” is not a time zone. Examples: “Europe/Berlin”, “UTC”.", name=name
        ) from None
    return found


def reread_zones() -> None:
    """Read the zones in use anew: the database changes while processes run."""
    for name in list(_zones):
        try:
            _zones[name] = ZoneInfo.no_cache(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue  # while it is being replaced; what is known goes on


def seconds(moment: datetime) -> float:
    """Return an aware moment as seconds since the epoch."""
    return (moment - EPOCH) / timedelta(seconds=1)


def moment(seconds: float, timezone: str) -> datetime:
    """Return seconds since the epoch as the wall clock of a time zone shows them."""
    where = zone(timezone)
    try:
        return (EPOCH + timedelta(seconds=seconds)).astimezone(where)
    except OverflowError:  # years 1 and 9999 have no neighbours
        if seconds > 0:
            return datetime.max.replace(tzinfo=where)
        return datetime.min.replace(tzinfo=where)


def instant(wall: datetime, where: ZoneInfo) -> float:
    """Return the seconds since the epoch at which clocks show a wall time.

    Where they show it twice, its ``fold`` says which is meant; a wall time that a
    clock change leaves out moves forward by as much (RFC 5545 §3.3.5).
    """
    local = wall.replace(tzinfo=where)
    if local.fold and not is_twice(local):
        local = local.replace(fold=0)
    try:
        return seconds(local.astimezone(UTC))
    except OverflowError:
        return seconds(wall.replace(tzinfo=UTC))


def parse_moment(text: object, timezone: str) -> float | None:
    """Return an ISO 8601 wall time of *timezone* as seconds since the epoch.

    An offset that disagrees with the zone is refused; in an hour that happens twice
    it chooses, and without it the first one counts.
    """
    return None if text is None else instant(parse_wall(text, timezone), zone(timezone))


def parse_wall(text: object, timezone: str) -> datetime:
    """Return an ISO 8601 wall time, its offset turned into its ``fold``."""
    try:
        parsed = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused(
            "“{text}” is not a time. Example: “2026-12-01 08:00”.", text=text
        ) from None
    where = zone(timezone)
    try:
        return _choose(parsed, where, timezone) if parsed.tzinfo else parsed
    except OverflowError:
        return parsed.replace(tzinfo=None)


def _choose(parsed: datetime, where: ZoneInfo, timezone: str) -> datetime:
    first, second = (parsed.replace(tzinfo=where, fold=fold) for fold in (0, 1))
    if parsed.utcoffset() == first.utcoffset():
        return first.replace(tzinfo=None)
    # Where the second has the larger offset, clocks leave that wall time out.
    if parsed.utcoffset() == second.utcoffset() and is_twice(second):
        return second.replace(tzinfo=None)
    shown = first.isoformat()
    raise Refused(
        "“{text}” is not how clocks in {zone} show that time; there it is “{shown}”.",
        text=parsed.isoformat(),
        zone=timezone,
        shown=shown,
    )


def is_twice(local: datetime) -> bool:
    """Say whether clocks show this wall time twice, as one is put back."""
    first, second = (local.replace(fold=fold).timestamp() for fold in (0, 1))
    return first < second
