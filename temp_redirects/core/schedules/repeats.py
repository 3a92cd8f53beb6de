"""Repeat: on which days something comes again, a bounded part of RFC 5545's RRULE."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from temp_redirects.core.sentences import Refused, gettext_noop, listed

MAX_INTERVAL = 99
MAX_TEXT = 200  # characters
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES: Mapping[str, Literal[0, 1, 2, 3]] = {
    "DAILY": DAILY,
    "WEEKLY": WEEKLY,
    "MONTHLY": MONTHLY,
    "YEARLY": YEARLY,
}
PERIODS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}  # days, the shortest

# The calendar repeats after 400 years, weekdays included. `rrule` looks for a day that
# there is none of until the year 9999, so it is asked where that is not far.
_CYCLE = 146_097  # days
_LATE = date(9_200, 1, 1).toordinal()

_WEEKDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A frequency and the days that it takes; ``str()`` gives the RRULE.

    ``days`` are weekdays, 0 is Monday, each with its number in the month or 0 for all;
    ``month_days`` and ``positions`` count from the end where they are negative.
    """

    frequency: str
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()  # (number, weekday), ...
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_starts: int = 0

    @classmethod
    def parse(cls, text: str) -> "Repeat":
        """Return the repeat of an RRULE, “FREQ=WEEKLY;BYDAY=SU”."""
        parts = _parts(text)
        frequency = _frequency(parts.pop("FREQ", ""))
        fields: dict[str, Any] = {}
        for name, value in parts.items():
            if name not in _READERS:
                why = _UNKNOWN.get(name, _NOT_TAKEN)
                raise Refused(why, name=name, value=value)
            field, read = _READERS[name]
            fields[field] = read(name, value)
        repeat = replace(cls(frequency), **fields)
        repeat._refuse_what_it_cannot()
        return repeat

    def _refuse_what_it_cannot(self) -> None:
        is_short = self.frequency in {"DAILY", "WEEKLY"}
        if is_short and (self.month_days or self.positions):
            raise Refused(
                "Days of the month go with “FREQ=MONTHLY” or “FREQ=YEARLY”, not with "
                "“FREQ={frequency}”.",
                frequency=self.frequency,
            )
        if is_short and any(number for number, _ in self.days):
            raise Refused(
                "A weekday has a number, “2SU”, only with “FREQ=MONTHLY” or "
                "“FREQ=YEARLY”."
            )
        if self.positions and not (self.days or self.month_days):
            raise Refused("“BYSETPOS” picks from the days of “BYDAY”: name them too.")

    def __str__(self) -> str:
        days = [f"{number or ''}{WEEKDAYS[day]}" for number, day in self.days]
        parts: dict[str, Sequence[Any]] = {
            "FREQ": [self.frequency],
            "INTERVAL": [self.interval] if self.interval > 1 else [],
            "BYMONTH": self.months,
            "BYMONTHDAY": self.month_days,
            "BYDAY": days,
            "BYSETPOS": self.positions,
            "WKST": [WEEKDAYS[self.week_starts]] if self.week_starts else [],
        }
        return ";".join(
            f"{name}={','.join(map(str, values))}"
            for name, values in parts.items()
            if values
        )

    @property
    def period(self) -> int:
        """The days that it takes at least until the next period."""
        return PERIODS[self.frequency] * self.interval

    def starts(self, first: datetime, since: datetime) -> Iterator[datetime]:
        """Yield the wall times from *first* and *since* on, the earliest first.

        Both are naive. However long ago the first was, this takes no longer.
        """
        since = max(first, since)
        pinned = self._pinned(first)
        begins = pinned._begins(first, since)
        moved = _LATE + (begins - _LATE) % _CYCLE
        is_month = pinned._is_of_one_month
        rule = rrule(
            MONTHLY if is_month else FREQUENCIES[self.frequency],
            dtstart=datetime.combine(date.fromordinal(moved), first.time()),
            interval=self.interval * (12 if is_month else 1),
            wkst=self.week_starts,
            bysetpos=self.positions or None,
            bymonth=pinned.months or None,
            bymonthday=pinned.month_days or None,
            byweekday=[weekday(day, n or None) for n, day in pinned.days] or None,
        )
        for late in rule:
            day = late.toordinal() - moved + begins
            if day > date.max.toordinal():
                return
            if day >= since.toordinal():
                wall = datetime.combine(date.fromordinal(day), first.time())
                if wall >= since:
                    yield wall.replace(fold=first.fold)

    def _begins(self, first: date, since: date) -> int:
        """Return the day with which the period of *since* begins, counted from year 1.

        Periods are counted from the one of *first*, by the interval.
        """
        if self.frequency in {"DAILY", "WEEKLY"}:
            is_week = self.frequency == "WEEKLY"
            since_start = (first.weekday() - self.week_starts) % 7 if is_week else 0
            day = first.toordinal() - since_start
            step = self.period
            return day + (since.toordinal() - day) // step * step
        is_year = self.frequency == "YEARLY"
        month = first.year * 12 + (0 if is_year else first.month - 1)
        if self._is_of_one_month:
            month += self.months[0] - 1
        step = self.interval * (12 if is_year else 1)
        month += max(0, since.year * 12 + since.month - 1 - month) // step * step
        return date(month // 12, month % 12 + 1, 1).toordinal()

    @property
    def _is_of_one_month(self) -> bool:
        """Whether it asks for one month of the year: a year takes ten times as long."""
        return self.frequency == "YEARLY" and len(self.months) == 1

    def _pinned(self, first: date) -> "Repeat":
        """Return the repeat with the days that it has from its first one."""
        if self.days or self.month_days or self.frequency == "DAILY":
            return self
        if self.frequency == "WEEKLY":
            return replace(self, days=((0, first.weekday()),))
        months = self.months
        if self.frequency == "YEARLY":
            months = months or (first.month,)
        return replace(self, month_days=(first.day,), months=months)


def _parts(text: str) -> dict[str, str]:
    text = re.sub(r"\s+", "", text[: MAX_TEXT + 1]).upper()
    if len(text) > MAX_TEXT:
        raise Refused("The rule is longer than {most} characters.", most=MAX_TEXT)
    parts: dict[str, str] = {}
    for part in filter(None, text.removeprefix("RRULE:").split(";")):
        name, equals, value = part.partition("=")
        if not (equals and value) or name in parts:
            raise Refused(
                "“{part}” cannot be read. Example: “FREQ=WEEKLY;BYDAY=SU”.", part=part
            )
        parts[name] = value
    return parts


def _frequency(name: str) -> str:
    if name in FREQUENCIES:
        return name
    if name in {"SECONDLY", "MINUTELY", "HOURLY"}:
        raise Refused(
            "It can repeat every day at most: “FREQ={name}” is too often.", name=name
        )
    raise Refused(
        "Say how often it repeats: “FREQ=” and one of {names}. Example: "
        "“FREQ=WEEKLY;BYDAY=SU”.",
        names=listed(list(FREQUENCIES)),
    )


def _within(least: int, most: int, *, counts_back: bool = False) -> Callable[..., int]:
    def read(name: str, text: str) -> int:
        number = int(text) if _NUMBER.fullmatch(text) else 0
        if not least <= (abs(number) if counts_back else number) <= most:
            raise Refused(
                "“{name}={text}” is not a number from {least} to {most}.",
                name=name,
                text=text,
                least=least,
                most=most,
            )
        return number

    return read


def _several(read: Callable[..., int]) -> Callable[..., tuple[int, ...]]:
    def read_all(name: str, text: str) -> tuple[int, ...]:
        return tuple(sorted({read(name, each) for each in text.split(",")}))

    return read_all


def _days(name: str, text: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for each in text.split(","):
        day = _WEEKDAY.fullmatch(each)
        if day is None:
            raise Refused(
                "“{name}={text}” is no weekday. Examples: “MO,TU”, “2SU” for the "
                "second Sunday, “-1FR” for the last Friday.",
                name=name,
                text=each,
            )
        found.add((int(day[1] or 0), WEEKDAYS.index(day[2])))
    return tuple(sorted(found))


def _week_start(name: str, text: str) -> int:
    if text not in WEEKDAYS:
        raise Refused("“{name}={text}” is no weekday.", name=name, text=text)
    return WEEKDAYS.index(text)


_NOT_TAKEN = gettext_noop(
    "“{name}” is not taken. There are FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, "
    "BYSETPOS and WKST."
)
_TIME = gettext_noop("The time of day is the one of the start: leave “{name}” out.")
_UNKNOWN = {
    "COUNT": gettext_noop("Say the last day in “until” instead of “COUNT”."),
    "UNTIL": gettext_noop("Say the last day in “until” beside the rule, not in it."),
    "BYHOUR": _TIME,
    "BYMINUTE": _TIME,
    "BYSECOND": _TIME,
}
_READERS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "INTERVAL": ("interval", _within(1, MAX_INTERVAL)),
    "BYDAY": ("days", _days),
    "BYMONTHDAY": ("month_days", _several(_within(1, 31, counts_back=True))),
    "BYMONTH": ("months", _several(_within(1, 12))),
    "BYSETPOS": ("positions", _several(_within(1, 31, counts_back=True))),
    "WKST": ("week_starts", _week_start),
}
