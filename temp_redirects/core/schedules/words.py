"""How a schedule that repeats is told to people, and what clock changes make of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from temp_redirects.core.schedules import Occurrence, Schedule
from temp_redirects.core.schedules.clocks import is_twice, moment
from temp_redirects.core.schedules.dates import shown_clock, shown_day
from temp_redirects.core.schedules.recurrences import DAY, Recurrence
from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.core.sentences import (
    Counted,
    Joined,
    Said,
    Sentence,
    gettext_noop,
    listed,
)

DAYS = (
    gettext_noop("Monday"),
    gettext_noop("Tuesday"),
    gettext_noop("Wednesday"),
    gettext_noop("Thursday"),
    gettext_noop("Friday"),
    gettext_noop("Saturday"),
    gettext_noop("Sunday"),
)
MONTHS = (
    gettext_noop("January"),
    gettext_noop("February"),
    gettext_noop("March"),
    gettext_noop("April"),
    gettext_noop("May"),
    gettext_noop("June"),
    gettext_noop("July"),
    gettext_noop("August"),
    gettext_noop("September"),
    gettext_noop("October"),
    gettext_noop("November"),
    gettext_noop("December"),
)
NUMBERS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
COUNTED = 2 * DAY  # seconds; of a longer one nobody counts the hour of a clock change


def repeats(schedule: Schedule) -> Said:
    """Return when it comes again: “every Sunday 02:00 to 04:00 (Europe/Berlin)”.

    Empty for a schedule that does not repeat.
    """
    recurrence = schedule.recurrence
    if recurrence is None:
        return ""
    first = recurrence.first
    facts = {
        "often": _often(recurrence.repeat, first),
        "starts": shown_clock(first),
        "zone": schedule.timezone,
    }
    if schedule.length >= DAY:
        length = lasting(schedule.length)
        told = Sentence(
            "{often} {starts} for {length} ({zone})", **facts, length=length
        )
    else:
        ends = shown_clock(first + timedelta(seconds=schedule.length))
        told = Sentence("{often} {starts} to {ends} ({zone})", **facts, ends=ends)
    return _limited(told, recurrence)


def moved_ends(schedule: Schedule) -> Said:
    """Return which days have an end of their own: “on Sun 6 Dec 2026 to 05:00”."""
    moved = schedule.recurrence.moved if schedule.recurrence else ()
    told = [
        Sentence("on {day} to {ends}", day=shown_day(day), ends=schedule.shown(ends))
        for day, ends in moved
    ]
    return listed(told, "and")


def remarks(schedule: Schedule, found: Occurrence) -> list[Sentence]:
    """Return what is unusual about an occurrence: mostly nothing."""
    if found.starts is None or found.ends is None or found.wall is None:
        return []
    starts = moment(found.starts, schedule.timezone)
    ends = moment(found.ends, schedule.timezone)
    return list(_unusual(schedule, found, starts, ends))


def lasting(seconds: float) -> Said:
    """Return a length: “2 h”, “1 d 30 min”."""
    rest, parts = round(seconds), []
    for unit, size in _LENGTHS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(Sentence(unit, count=count))
    return Joined(parts, gettext_noop(" ")) if parts else ""


_LENGTHS = (
    (gettext_noop("{count} d"), 86_400),
    (gettext_noop("{count} h"), 3_600),
    (gettext_noop("{count} min"), 60),
    (gettext_noop("{count} s"), 1),
)


_TWICE = (  # by the fold of the start
    gettext_noop(
        "Clocks are put back and show {planned} twice: it starts the first time and "
        "ends at {ends}."
    ),
    gettext_noop(
        "Clocks are put back and show {planned} twice: it starts the second time and "
        "ends at {ends}."
    ),
)


def _unusual(
    schedule: Schedule, found: Occurrence, starts: datetime, ends: datetime
) -> Iterator[Sentence]:
    length = (found.ends or 0.0) - (found.starts or 0.0)
    shown = (_naive(ends) - _naive(starts)) / timedelta(seconds=1)
    planned = found.wall or starts
    facts = {
        "planned": shown_clock(planned),
        "starts": shown_clock(starts),
        "ends": shown_clock(ends),
    }
    if _naive(starts) != _naive(planned):
        yield Sentence(
            "Clocks are put forward and leave {planned} out: it starts at {starts} and "
            "ends at {ends}.",
            **facts,
        )
    elif is_twice(starts):
        yield Sentence(_TWICE[starts.fold], **facts)
    elif shown > length and length <= COUNTED:
        yield Sentence("Clocks are put forward meanwhile: it ends at {ends}.", **facts)
    elif shown < length <= COUNTED:
        yield Sentence("Clocks are put back meanwhile: it ends at {ends}.", **facts)
    if length != schedule.length:
        yield Sentence("It has an end of its own: {ends}.", **facts)


def _often(repeat: Repeat, first: datetime) -> Sentence:
    weekdays = [DAYS[day] for _, day in repeat.days] or [DAYS[first.weekday()]]
    days = listed([Sentence(day) for day in weekdays], "and")
    if repeat.positions or (repeat.days and repeat.month_days):
        return Sentence("by the rule {rule}", rule=repeat)
    if repeat.frequency in {"MONTHLY", "YEARLY"}:
        every = _in_months(_every(repeat), repeat, first)
        return Sentence("{every} on {days}", every=every, days=_which(repeat, first))
    if repeat.interval == 1 and (repeat.days or repeat.frequency == "WEEKLY"):
        every = Sentence("every {days}", days=days)
    elif repeat.frequency == "WEEKLY":
        every = Sentence("{every} on {days}", every=_every(repeat), days=days)
    elif repeat.days:
        either = listed([Sentence(day) for day in weekdays])
        every = Sentence("{every} if it is a {days}", every=_every(repeat), days=either)
    else:
        every = _every(repeat)
    return _in_months(every, repeat)


def _every(repeat: Repeat) -> Sentence:
    count = repeat.interval
    if repeat.frequency == "DAILY":
        return Counted("every day", "every {count} days", count)
    if repeat.frequency == "WEEKLY":
        return Counted("every week", "every {count} weeks", count)
    if repeat.frequency == "MONTHLY":
        return Counted("every month", "every {count} months", count)
    return Counted("every year", "every {count} years", count)


def _in_months(
    every: Sentence, repeat: Repeat, first: datetime | None = None
) -> Sentence:
    months = [MONTHS[month - 1] for month in repeat.months]
    is_pinned = repeat.frequency == "YEARLY" and not (repeat.days or repeat.month_days)
    if first and is_pinned and not months:
        months = [MONTHS[first.month - 1]]
    if not months:
        return every
    names = listed([Sentence(month) for month in months], "and")
    return Sentence("{every} in {months}", every=every, months=names)


def _which(repeat: Repeat, first: datetime) -> Said:
    if repeat.days:
        return listed([_weekday(number, day) for number, day in repeat.days], "and")
    days = repeat.month_days or (first.day,)
    return listed([_month_day(day) for day in days], "and")


_WEEKDAYS = {
    0: gettext_noop("each {day}"),
    1: gettext_noop("the first {day}"),
    2: gettext_noop("the second {day}"),
    3: gettext_noop("the third {day}"),
    4: gettext_noop("the fourth {day}"),
    5: gettext_noop("the fifth {day}"),
    -1: gettext_noop("the last {day}"),
    -2: gettext_noop("the second {day} from the end"),
    -3: gettext_noop("the third {day} from the end"),
    -4: gettext_noop("the fourth {day} from the end"),
    -5: gettext_noop("the fifth {day} from the end"),
}


def _weekday(number: int, day: int) -> Sentence:
    return Sentence(_WEEKDAYS[number], day=Sentence(DAYS[day]))


def _month_day(day: int) -> Sentence:
    if day == -1:
        return Sentence("the last day")
    if day > 0:
        return Sentence("day {number}", number=day)
    return Sentence("day {number} from the end", number=-day)


def _limited(told: Sentence, recurrence: Recurrence) -> Sentence:
    if recurrence.until is not None:
        told = Sentence(
            "{repeats} until {day}", repeats=told, day=shown_day(recurrence.until)
        )
    if recurrence.skipped:
        days = listed([shown_day(day) for day in recurrence.skipped], "and")
        told = Sentence("{repeats} except {days}", repeats=told, days=days)
    return told


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
