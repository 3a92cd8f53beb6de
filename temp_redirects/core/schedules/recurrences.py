"""Recurrence: a repeat on the wall clock, with its last day and its exceptions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from json import dumps
from typing import Any

from temp_redirects.core.schedules.clocks import moment, parse_wall, seconds
from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.core.sentences import Refused

MAX_DAYS = 366  # that are excepted, or have an end of their own
DAY = 24 * 60 * 60.0  # seconds
KEPT = 31 * DAY  # seconds that an end of the past is remembered


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a schedule comes again; all of it wall time, so that zones may change.

    ``first`` is the wall time of the first start and its ``fold`` the one of all.
    ``until`` is the last wall time at which one starts, ``skipped`` are days on which
    none does, and ``moved`` days on which one starts that has an end of its own.
    """

    repeat: Repeat
    first: datetime
    until: datetime | None = None
    skipped: tuple[date, ...] = ()
    moved: tuple[tuple[date, float], ...] = ()  # (day, seconds since the epoch), ...

    def __post_init__(self) -> None:
        first = next(self.repeat.starts(self.first, self.first), None)
        if first is None:
            raise Refused("There is no such day: “{repeat}”.", repeat=self.repeat)
        if self.until is not None and self.until < first:
            raise Refused(
                "It ends before it begins: the first time is {first}, the last day "
                "{until}.",
                first=first.date(),
                until=self.until.date(),
            )
        if max(len(self.skipped), len(self.moved)) > MAX_DAYS:
            raise Refused("At most {most} days are excepted.", most=MAX_DAYS)

    def starts(self, since: float) -> Iterator[datetime]:
        """Yield the wall times of the starts that may be after *since*, in order.

        *since* is in seconds since the epoch; starts up to two days before it are
        among them, for no zone is further from UTC.
        """
        found = self.repeat.starts(self.first, _day_of(since - 2 * DAY))
        skipped = frozenset(self.skipped)
        for wall in found:
            if self.until is not None and wall > self.until:
                return
            if wall.date() not in skipped:
                yield wall

    def looks_back(self, since: float, length: float) -> float:
        """Return the earliest start of one that may end after *since*, in seconds."""
        moved = [_midnight(day) for day, ends in self.moved if ends > since]
        return min([since - length, *moved])

    def end_of(self, wall: datetime, usual: float) -> float:
        """Return when the one that starts at a wall time ends, in seconds."""
        for day, ends in self.moved:
            if day == wall.date():
                return ends
        return usual

    def skipping(self, day: date, now: float) -> "Recurrence":
        """Return the recurrence without what starts on a day."""
        kept = [each for each in self.skipped if _midnight(each) > now - KEPT]
        return replace(self, skipped=tuple(sorted({*kept, day})))

    def ending(self, day: date, at: float, now: float) -> "Recurrence":
        """Return the recurrence in which what starts on a day ends at *at*."""
        kept = {each: ends for each, ends in self.moved if ends > now - KEPT}
        return replace(self, moved=tuple(sorted({**kept, day: at}.items())))

    def fields(self, timezone: str) -> dict[str, Any]:
        """Return the keys of a document, the start aside."""
        return {
            "repeat": str(self.repeat),
            "until": _until_text(self.until),
            "except": [day.isoformat() for day in self.skipped],
            "moved_ends": {
                day.isoformat(): moment(ends, timezone).isoformat()
                for day, ends in self.moved
            },
        }

    def stored(self, timezone: str) -> str:
        """Return the compact text of the record: the keys, and the first wall time."""
        fields = {key: each for key, each in self.fields(timezone).items() if each}
        first = {"first": self.first.isoformat()}
        fold = {"fold": 1} if self.first.fold else {}
        return dumps({**fields, **first, **fold})


def parse_until(text: str | None, timezone: str) -> datetime | None:
    """Return the last wall time of a start; a date stands for the whole day."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time.max)
    except ValueError:
        return parse_wall(text, timezone)


def parse_day(text: object) -> date:
    """Return a day, “2026-12-27”."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Refused("“{text}” is no day. Example: “2026-12-27”.", text=text) from None


def parse_moved(
    ends: Mapping[str, object], timezone: str
) -> tuple[tuple[date, float], ...]:
    """Return the days whose occurrence has an end of its own, and that end."""
    found = {parse_day(day): _parse_end(text, timezone) for day, text in ends.items()}
    return tuple(sorted(found.items()))


def _parse_end(text: object, timezone: str) -> float:
    """Return a moment; its own offset counts, for what is over does not move."""
    try:
        parsed = datetime.fromisoformat(str(text))
        return seconds(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    except ValueError:
        raise Refused(
            "“{text}” is not a time. Example: “2026-12-01 08:00”.", text=text
        ) from None


def _until_text(until: datetime | None) -> str | None:
    if until is None:
        return None
    is_day = until.time() == time.max
    return until.date().isoformat() if is_day else until.isoformat()


def _midnight(day: date) -> float:
    return seconds(datetime.combine(day, time(), UTC)) - DAY


def _day_of(at: float) -> datetime:
    return moment(at, "UTC").replace(tzinfo=None)
