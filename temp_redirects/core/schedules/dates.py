"""Dates: days and moments as people read them."""

from datetime import date, datetime

from temp_redirects.core.schedules.clocks import is_twice
from temp_redirects.core.sentences import Sentence, gettext_noop

WEEKDAYS = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)
MONTHS = (
    gettext_noop("Jan"),
    gettext_noop("Feb"),
    gettext_noop("Mar"),
    gettext_noop("Apr"),
    gettext_noop("May"),
    gettext_noop("Jun"),
    gettext_noop("Jul"),
    gettext_noop("Aug"),
    gettext_noop("Sep"),
    gettext_noop("Oct"),
    gettext_noop("Nov"),
    gettext_noop("Dec"),
)


def shown_day(day: date) -> Sentence:
    """Return a day: “Sun 6 Dec 2026”."""
    return Sentence(
        "{weekday} {day} {month} {year}",
        weekday=Sentence(WEEKDAYS[day.weekday()]),
        day=day.day,
        month=Sentence(MONTHS[day.month - 1]),
        year=day.year,
    )


def shown_moment(local: datetime, timezone: str) -> Sentence:
    """Return a moment: “Sun 22 Nov 2026 02:00 Europe/Berlin”.

    Its offset is told where clocks show it twice.
    """
    facts = {"day": shown_day(local), "clock": shown_clock(local), "zone": timezone}
    if is_twice(local):
        offset = f"{local:%z}"
        return Sentence("{day} {clock} {zone} ({offset})", **facts, offset=offset)
    return Sentence("{day} {clock} {zone}", **facts)


def shown_clock(local: datetime) -> str:
    """Return a time of day without empty seconds: “02:00”."""
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
