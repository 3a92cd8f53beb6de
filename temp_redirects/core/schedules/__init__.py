"""Schedule: when a rule holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any, ClassVar, NamedTuple, TypeAlias

from temp_redirects.core.schedules.clocks import (
    EPOCH,
    instant,
    is_twice,
    moment,
    parse_moment,
    parse_wall,
    reread_zones,
    seconds,
    zone,
)
from temp_redirects.core.schedules.dates import shown_moment
from temp_redirects.core.schedules.recurrences import DAY, Recurrence
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.visits import Visit

__all__ = [
    "ALWAYS",
    "EPOCH",
    "Occurrence",
    "Recurrence",
    "Schedule",
    "instant",
    "is_twice",
    "moment",
    "parse_moment",
    "parse_wall",
    "reread_zones",
    "seconds",
    "zone",
]

HOUR = 60 * 60.0  # seconds


class Occurrence(NamedTuple):
    """One of a schedule's times, seconds since the epoch; None is open.

    ``wall`` is the wall time at which one that repeats was planned to start.
    """

    starts: float | None
    ends: float | None
    wall: datetime | None = None


Known: TypeAlias = "tuple[float, float, Occurrence | None]"
UNKNOWN: Known = (inf, -inf, None)


class _Memo:
    """What a schedule found, each swapped by one assignment.

    ``known`` is what it found last, from when, until when; ``span`` the bounds of that
    occurrence; ``over`` its last end.
    """

    __slots__ = ("known", "over", "span")

    def __init__(self) -> None:
        self.known = UNKNOWN
        self.span = (inf, inf)
        self.over: float | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The moments ``starts <= now < ends``, seconds since the epoch; None is open.

    ``timezone`` is the zone in which people planned it and are told about it. With a
    ``recurrence`` these are the bounds of the first occurrence, and the others last as
    long, to the second.
    """

    code: ClassVar[str] = "window"
    starts: float | None = None
    ends: float | None = None
    timezone: str = "UTC"
    recurrence: Recurrence | None = None
    _memo: _Memo = field(default_factory=_Memo, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        zone(self.timezone)
        starts, ends = self.starts, self.ends
        if starts is not None and ends is not None and ends <= starts:
            raise Refused(
                "The end ({end}) must come after the start ({start}).",
                end=self.shown(ends),
                start=self.shown(starts),
            )
        if self.recurrence is not None:
            self._refuse_too_long(self.recurrence)

    def _refuse_too_long(self, recurrence: Recurrence) -> None:
        if self.starts is None or self.ends is None:
            raise Refused("What repeats needs a start and an end.")
        if self.length > recurrence.repeat.period * DAY:
            raise Refused("It lasts longer than the time until it comes again.")

    @property
    def length(self) -> float:
        """How long each occurrence lasts, in seconds; infinite without a bound."""
        is_open = self.starts is None or self.ends is None
        return inf if is_open else self.ends - self.starts  # type: ignore[operator]

    def fields(self) -> dict[str, Any]:
        """Return the fields that a record has for a schedule."""
        recurrence = self.recurrence
        return {
            "starts": self.starts,
            "ends": self.ends,
            "timezone": self.timezone,
            "recurrence": recurrence.stored(self.timezone) if recurrence else "",
        }

    def shown(self, at: float) -> Sentence:
        """Return a moment for people: “Sun 22 Nov 2026 02:00 Europe/Berlin”.

        Of the second what is below it is left out.
        """
        return shown_moment(moment(at, self.timezone), self.timezone)

    def active(self, now: float) -> bool:
        """Say whether *now* lies in an occurrence, its end excluded."""
        found: Schedule | Occurrence | None = self
        if self.recurrence is not None:
            # Asked on every hit: the short way, and no call more.
            opens, closes = self._memo.span
            if opens <= now < closes:
                return True
            since, until, found = self._memo.known
            if not since <= now < until:
                found = self.occurrence(now)
        return (
            found is not None
            and (found.starts is None or found.starts <= now)
            and (found.ends is None or now < found.ends)
        )

    def current(self, now: float) -> Occurrence | None:
        """Return the occurrence that is on; None where none is."""
        return self.occurrence(now) if self.active(now) else None

    def occurrence(self, now: float) -> Occurrence | None:
        """Return the occurrence that is on, else the next one; None where it is over.

        It is looked for once and remembered while it stays the answer.
        """
        if self.recurrence is None:
            return next(self.occurrences(now), None)
        since, until, found = self._memo.known
        if not since <= now < until:
            since, until, found = self._memo.known = self._look(now)
            if found and found.starts is not None and found.ends is not None:
                self._memo.span = found.starts, found.ends
        return found

    def only(self, found: Occurrence) -> "Schedule":
        """Return the schedule of one occurrence alone."""
        return Schedule(found.starts, found.ends, self.timezone)

    def occurrences(self, since: float) -> Iterator[Occurrence]:
        """Yield the occurrences that end after *since*, the earliest first."""
        if self.recurrence is not None:
            yield from self._repeated(self.recurrence, since)
        elif self.ends is None or self.ends > since:
            yield Occurrence(self.starts, self.ends)

    def _repeated(self, recurrence: Recurrence, since: float) -> Iterator[Occurrence]:
        where, length = zone(self.timezone), self.length
        for wall in recurrence.starts(recurrence.looks_back(since, length)):
            starts = instant(wall, where)
            ends = recurrence.end_of(wall, starts + length)
            if ends > max(since, starts):
                yield Occurrence(starts, ends, wall)

    def _look(self, now: float) -> Known:
        found = next(self.occurrences(now), None)
        if found is None or found.starts is None or found.ends is None:
            return now, inf, found
        # Shortly before it starts it is looked for again, by the newest data.
        return now, max(found.starts - DAY, min(found.ends, now + HOUR)), found

    def meets(self, other: "Schedule") -> bool:
        """Say whether both windows may share a moment."""
        return _before(self.starts, other.last_end) and _before(
            other.starts, self.last_end
        )

    @property
    def last_end(self) -> float | None:
        """The moment from which on it is over for good; None is never.

        Of one that repeats it is looked for once, for requests ask for it too.
        """
        if self.recurrence is None:
            return self.ends
        if self.recurrence.until is None:
            return None
        if self._memo.over is None:
            self._memo.over = self._over(self.recurrence, self.recurrence.until)
        return self._memo.over

    def _over(self, recurrence: Recurrence, until: datetime) -> float:
        """Return the end of the last occurrence, sought from the last day backwards.

        Where every day is left out there is none, and it was over before it began.
        """
        first, last = self.starts or 0.0, instant(until, zone(self.timezone))
        back = recurrence.repeat.period * DAY
        while (
            not (found := list(self.occurrences(last - back))) and last - back > first
        ):
            back *= 2
        return max((each.ends or 0.0 for each in found), default=first)

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the rule is live now, whatever the visit."""
        return self.active(now)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say where *now* stands to the window."""
        found = self.occurrence(now)
        if found is None:
            over = self.last_end or now
            return Sentence("ended {at}", at=self.shown(min(over, now)))
        if found.starts is not None and now < found.starts:
            return Sentence("starts {at}", at=self.shown(found.starts))
        if found.ends is None:
            return Sentence("live until it is switched off")
        return Sentence("live until {at}", at=self.shown(found.ends))


ALWAYS = Schedule()


def _before(starts: float | None, ends: float | None) -> bool:
    return starts is None or ends is None or starts < ends
