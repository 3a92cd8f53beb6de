"""How a schedule that repeats is told to people, and what clock changes make of it."""

from datetime import date, datetime, timedelta

from temp_redirects.core.schedules import Occurrence, Schedule
from temp_redirects.core.schedules.clocks import is_twice, moment
from temp_redirects.core.schedules.recurrences import DAY, Recurrence
from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.core.sentences import Sentence, listed

DAYS = (
    *("Monday", "Tuesday", "Wednesday", "Thursday"),
    *("Friday", "Saturday", "Sunday"),
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
NUMBERS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
COUNTED = 2 * DAY  # seconds; of a longer one nobody counts the hour of a clock change


def repeats(schedule: Schedule) -> str:
    """Return when it comes again: “every Sunday 02:00 to 04:00 (Europe/Berlin)”.

    Empty for a schedule that does not repeat.
    """
    recurrence = schedule.recurrence
    if recurrence is None:
        return ""
    first = recurrence.first
    facts = {
        "often": _often(recurrence.repeat, first),
        "starts": _clock(first),
        "how_long": _how_long(first, schedule.length),
        "zone": schedule.timezone,
        "limits": _limits(recurrence),
    }
    return str(Sentence("{often} {starts} {how_long} ({zone}){limits}", **facts))


def moved_ends(schedule: Schedule) -> str:
    """Return which days have an end of their own: “; on Sun 6 Dec 2026 to 05:00”."""
    moved = schedule.recurrence.moved if schedule.recurrence else ()
    told = [f"on {shown_day(day)} to {schedule.shown(ends)}" for day, ends in moved]
    return f"; {listed(told, 'and')}" if told else ""


def remarks(schedule: Schedule, found: Occurrence) -> list[Sentence]:
    """Return what is unusual about an occurrence: mostly nothing."""
    if found.starts is None or found.ends is None or found.wall is None:
        return []
    starts = moment(found.starts, schedule.timezone)
    ends = moment(found.ends, schedule.timezone)
    facts = {
        "planned": _clock(found.wall),
        "starts": _clock(starts),
        "ends": _clock(ends),
        "which": "second" if starts.fold else "first",
    }
    return [
        Sentence(template, **facts)
        for template in _unusual(schedule, found, starts, ends)
    ]


def lasting(seconds: float) -> str:
    """Return a length: “2 h”, “1 d 30 min”."""
    rest, parts = round(seconds), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts)


def _unusual(
    schedule: Schedule, found: Occurrence, starts: datetime, ends: datetime
) -> list[str]:
    templates = []
    length = (found.ends or 0.0) - (found.starts or 0.0)
    shown = (_naive(ends) - _naive(starts)) / timedelta(seconds=1)
    if _naive(starts) != _naive(found.wall or starts):
        templates.append(
            "Clocks are put forward and leave {planned} out: it starts at {starts} and "
            "ends at {ends}."
        )
    elif is_twice(starts):
        templates.append(
            "Clocks are put back and show {planned} twice: it starts the {which} time "
            "and ends at {ends}."
        )
    elif shown > length and length <= COUNTED:
        templates.append("Clocks are put forward meanwhile: it ends at {ends}.")
    elif shown < length <= COUNTED:
        templates.append("Clocks are put back meanwhile: it ends at {ends}.")
    if length != schedule.length:
        templates.append("It has an end of its own: {ends}.")
    return templates


def _often(repeat: Repeat, first: datetime) -> str:
    every = repeat.interval
    how_often = f"every {every} {UNITS[repeat.frequency]}s"
    if every == 1:
        how_often = f"every {UNITS[repeat.frequency]}"
    weekdays = [DAYS[day] for _, day in repeat.days] or [DAYS[first.weekday()]]
    if repeat.positions or (repeat.days and repeat.month_days):
        return f"by the rule {repeat}"
    if repeat.frequency in {"DAILY", "WEEKLY"}:
        months = _in_months(repeat)
        if every == 1 and (repeat.days or repeat.frequency == "WEEKLY"):
            return f"every {listed(weekdays, 'and')}{months}"
        on = f" on {listed(weekdays, 'and')}" if repeat.frequency == "WEEKLY" else ""
        return f"{how_often}{on or _only_on(repeat)}{months}"
    return f"{how_often}{_in_months(repeat, first)} on {_which(repeat, first)}"


def _only_on(repeat: Repeat) -> str:
    days = [DAYS[day] for _, day in repeat.days]
    return f" if it is a {listed(days)}" if days else ""


def _in_months(repeat: Repeat, first: datetime | None = None) -> str:
    months = [MONTHS[month - 1] for month in repeat.months]
    is_pinned = repeat.frequency == "YEARLY" and not (repeat.days or repeat.month_days)
    if first and is_pinned and not months:
        months = [MONTHS[first.month - 1]]
    return f" in {listed(months, 'and')}" if months else ""


def _which(repeat: Repeat, first: datetime) -> str:
    if repeat.days:
        return listed([_weekday(number, day) for number, day in repeat.days], "and")
    days = repeat.month_days or (first.day,)
    return listed([_month_day(day) for day in days], "and")


def _weekday(number: int, day: int) -> str:
    if not number:
        return f"each {DAYS[day]}"
    if number in NUMBERS:
        return f"the {NUMBERS[number]} {DAYS[day]}"
    return f"the {NUMBERS[-number]} {DAYS[day]} from the end"


def _month_day(day: int) -> str:
    if day == -1:
        return "the last day"
    return f"day {day}" if day > 0 else f"day {-day} from the end"


def _how_long(first: datetime, length: float) -> str:
    if length >= DAY:
        return f"for {lasting(length)}"
    return f"to {_clock(first + timedelta(seconds=length))}"


def _limits(recurrence: Recurrence) -> str:
    text = ""
    if recurrence.until is not None:
        text += f" until {shown_day(recurrence.until)}"
    if recurrence.skipped:
        days = [shown_day(day) for day in recurrence.skipped]
        text += f" except {listed(days, 'and')}"
    return text


def shown_day(day: date) -> str:
    """Return a day: “Sun 6 Dec 2026”."""
    return f"{day:%a} {day:%d %b %Y}".replace(" 0", " ")


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
