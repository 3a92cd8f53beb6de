"""Periods: the week or month that a calendar shows, in whole days of a time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from temp_redirects.core.schedules import instant, zone

WEEK, MONTH = "week", "month"
KINDS = (WEEK, MONTH)
# Of a calendar; in between no neighbour of a day is out of what dates can say.
FIRST, LAST = date(1900, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days ``first <= day < after`` as clocks of ``timezone`` count them."""

    kind: str
    first: date
    after: date
    timezone: str

    @classmethod
    def around(
        cls, kind: str, day: date, timezone: str, *, week_starts: int = 0
    ) -> Self:
        """Return the week or month that a day is in; weeks start on Monday, 0.

        A day that no calendar reaches is moved to where one does.
        """
        day = min(max(day, FIRST), LAST)
        if kind == MONTH:
            first = day.replace(day=1)
            after = (first + timedelta(days=31)).replace(day=1)
        else:
            first = day - timedelta(days=(day.weekday() - week_starts) % 7)
            after = first + timedelta(days=7)
        return cls(kind, first, after, timezone)

    @property
    def days(self) -> list[date]:
        """Its days in order."""
        number = (self.after - self.first).days
        return [self.first + timedelta(days=at) for at in range(number)]

    @property
    def midnights(self) -> list[float]:
        """When its days begin, and when the last one ends, seconds since the epoch.

        A day has 23 or 25 hours where clocks change.
        """
        where = zone(self.timezone)
        return [
            instant(datetime.combine(day, time()), where)
            for day in (*self.days, self.after)
        ]

    @property
    def earlier(self) -> date:
        """A day of the period before."""
        return self.first - timedelta(days=1)

    @property
    def later(self) -> date:
        """A day of the period after."""
        return self.after
