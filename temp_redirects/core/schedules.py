"""Schedule: when a rule holds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.visits import Visit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone(name: str) -> ZoneInfo:
    """Return a time zone of the IANA database by its name, “Europe/Berlin”."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(
            "“{name}” is not a time zone. Examples: “Europe/Berlin”, “UTC”.", name=name
        ) from None


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


def parse_moment(text: object, timezone: str) -> float | None:
    """Return an ISO 8601 wall time of *timezone* as seconds since the epoch.

    An offset that disagrees with the zone is refused; in an hour that happens twice
    it chooses, and without it the first one counts. A wall time that a clock change
    leaves out moves forward by as much (RFC 5545 §3.3.5).
    """
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused(
            "“{text}” is not a time. Example: “2026-12-01T02:00:00+01:00”.", text=text
        ) from None
    where = zone(timezone)
    try:
        local = _choose(parsed, where, timezone) if parsed.tzinfo else parsed
        return seconds(local.replace(tzinfo=where).astimezone(UTC))
    except OverflowError:
        return seconds(parsed.replace(tzinfo=UTC))


def _choose(parsed: datetime, where: ZoneInfo, timezone: str) -> datetime:
    first, second = (parsed.replace(tzinfo=where, fold=fold) for fold in (0, 1))
    if parsed.utcoffset() == first.utcoffset():
        return first.replace(tzinfo=None)
    # Where the second has the larger offset, clocks leave that wall time out.
    if parsed.utcoffset() == second.utcoffset() and _is_twice(second):
        return second.replace(tzinfo=None)
    shown = first.isoformat()
    raise Refused(
        "“{text}” is not how clocks in {zone} show that time; there it is “{shown}”.",
        text=parsed.isoformat(),
        zone=timezone,
        shown=shown,
    )


def _is_twice(local: datetime) -> bool:
    """Say whether clocks show this wall time twice, as one is put back."""
    first, second = (local.replace(fold=fold).timestamp() for fold in (0, 1))
    return first < second


@dataclass(frozen=True, slots=True)
class Schedule:
    """The moments ``starts <= now < ends``, seconds since the epoch; None is open.

    ``timezone`` is the zone in which people planned it and are told about it.
    """

    code: ClassVar[str] = "window"
    starts: float | None = None
    ends: float | None = None
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        zone(self.timezone)
        starts, ends = self.starts, self.ends
        if starts is not None and ends is not None and ends <= starts:
            raise Refused(
                "The end ({end}) must come after the start ({start}).",
                end=self.shown(ends),
                start=self.shown(starts),
            )

    def shown(self, at: float) -> str:
        """Return a moment for people: “Sun 22 Nov 2026 02:00 Europe/Berlin”."""
        local = moment(at, self.timezone)
        clock = "%H:%M:%S" if local.second or local.microsecond else "%H:%M"
        clock += ".%f" if local.microsecond else ""
        text = f"{local:%a} {local.day} {local:%b %Y {clock}} {self.timezone}"
        return f"{text} ({local:%z})" if _is_twice(local) else text

    def active(self, now: float) -> bool:
        """Say whether *now* lies in the window, its end excluded."""
        return (self.starts is None or self.starts <= now) and (
            self.ends is None or now < self.ends
        )

    def meets(self, other: "Schedule") -> bool:
        """Say whether both windows share a moment."""
        return _before(self.starts, other.ends) and _before(other.starts, self.ends)

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the rule is live now, whatever the visit."""
        return self.active(now)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say where *now* stands to the window."""
        if self.starts is not None and now < self.starts:
            return Sentence("starts {at}", at=self.shown(self.starts))
        if self.ends is not None and self.ends <= now:
            return Sentence("ended {at}", at=self.shown(self.ends))
        if self.ends is None:
            return Sentence("live until it is switched off")
        return Sentence("live until {at}", at=self.shown(self.ends))


ALWAYS = Schedule()


def _before(starts: float | None, ends: float | None) -> bool:
    return starts is None or ends is None or starts < ends
