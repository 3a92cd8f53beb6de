"""Spans of time in words: on the window's clock, in UTC, on the reader's clock."""

from datetime import date, datetime, timedelta

from django.utils import timezone as django_timezone
from django.utils.translation import gettext, ngettext

from temp_redirects.admin.times import happens_twice, shown_time
from temp_redirects.core.schedules import Schedule, moment, seconds, zone
from temp_redirects.core.schedules.words import repeats

# Of a longer one nobody counts the hour that a clock change takes or gives.
COUNTED = 2 * 24 * 60 * 60  # seconds
FOLDS = ("0", "1")


def when(schedule: Schedule) -> str:
    """Return when it is: one span of time, or how it repeats."""
    text = str(repeats(schedule))
    return f"{text[:1].upper()}{text[1:]}" if text else phrase(schedule)


def phrase(schedule: Schedule) -> str:
    """Return when it is: “From Sun 22 Nov 2026 02:00 to 04:00 Europe/Berlin (…)”."""
    starts, ends = schedule.starts, schedule.ends
    if starts is not None and ends is not None:
        text = gettext("From %(span)s")
    elif starts is not None:
        text = gettext("From %(span)s until somebody ends it")
    elif ends is not None:
        text = gettext("Until %(span)s")
    else:
        text = gettext("Until somebody ends it")
    return text % {"span": span(schedule)}


def span(schedule: Schedule) -> str:
    """Return both ends with their zone; in brackets other clocks, and the length."""
    bounds = [at for at in (schedule.starts, schedule.ends) if at is not None]
    if not bounds:
        return ""
    here = [moment(at, schedule.timezone) for at in bounds]
    more = [_clocks(bounds, name, here) for name in _other_clocks(schedule, bounds)]
    if len(bounds) == 2:
        more.append(length(schedule))
    shown = f"{range_of(here)} {schedule.timezone}"
    return f"{shown} ({', '.join(more)})" if more else shown


def length(schedule: Schedule) -> str:
    """Return how long it really is, and why where clocks change meanwhile."""
    starts, ends = schedule.starts or 0.0, schedule.ends or 0.0
    text = _duration(ends - starts)
    first, last = (moment(at, schedule.timezone) for at in (starts, ends))
    shown = last.replace(tzinfo=None) - first.replace(tzinfo=None)
    gained = (ends - starts) - shown / timedelta(seconds=1)
    if not gained or ends - starts > COUNTED:
        return text
    if gained < 0:
        return gettext("%(length)s, because clocks jump forward") % {"length": text}
    return gettext("%(length)s, because clocks are put back") % {"length": text}


def which_is_meant(text: str, timezone: str) -> list[tuple[str, str]]:
    """Return the two moments that clocks show as this wall time, or nothing.

    *text* is as typed; one with an offset says itself which is meant.
    """
    try:
        typed = datetime.fromisoformat(text)
        where = zone(timezone)
    except ValueError:
        return []
    first = typed.replace(tzinfo=where, fold=0)
    second = typed.replace(tzinfo=where, fold=1)
    if typed.tzinfo or first.timestamp() >= second.timestamp():
        return []
    return [
        (fold, _label(at, name, gettext("summer time"), gettext("winter time")))
        for fold, at, name in zip(
            FOLDS, (first, second), (gettext("first"), gettext("second")), strict=True
        )
    ]


def chosen(text: str, timezone: str, fold: str) -> str:
    """Return a wall time that happens twice with the offset of the one chosen."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone(timezone), fold=int(fold))
    return local.isoformat()


def _label(at: datetime, which: str, summer: str, winter: str) -> str:
    other = at.replace(fold=1 - at.fold)
    kind = f"{at:%z}"
    if at.dst() != other.dst():  # clocks are put back, the zone stays as it is
        kind = summer if at.fold == 0 else winter
    return gettext("%(which)s %(time)s (%(kind)s, %(utc)s UTC)") % {
        "which": which,
        "time": f"{at:%H:%M}",
        "kind": kind,
        "utc": f"{moment(seconds(at), 'UTC'):%H:%M}",
    }


def _other_clocks(schedule: Schedule, bounds: list[float]) -> list[str]:
    """Return UTC and the reader's zone, where they show another time."""
    known = [[moment(at, schedule.timezone).utcoffset() for at in bounds]]
    names = []
    for name in ("UTC", django_timezone.get_current_timezone_name()):
        offsets = [moment(at, name).utcoffset() for at in bounds]
        if offsets not in known:
            known.append(offsets)
            names.append(name)
    return names


def _clocks(bounds: list[float], name: str, here: list[datetime]) -> str:
    """Return the bounds on another clock, without a date where all are on one day."""
    there = [moment(at, name) for at in bounds]
    days = {at.date() for at in (*here, *there)}
    if len(days) > 1:
        return f"{range_of(there)} {name}"
    return f"{_joined([_shown(at, *days) for at in there])} {name}"


def range_of(moments: list[datetime]) -> str:
    """Return one or two moments of a zone: “Sun 22 Nov 2026 02:00 to 04:00”."""
    days: list[date | None] = [None, moments[0].date()]
    return _joined([_shown(at, day) for at, day in zip(moments, days, strict=False)])


def _joined(shown: list[str]) -> str:
    if len(shown) == 1:
        return shown[0]
    return gettext("%(start)s to %(end)s") % {"start": shown[0], "end": shown[1]}


def _shown(at: datetime, known: date | None) -> str:
    """Return a time for people; the clock alone on a date that is known."""
    text = shown_time(at)
    if at.date() == known:
        text = text.rpartition(" ")[2]
    return f"{text} ({at:%z})" if happens_twice(at) else text


def _duration(length: float) -> str:
    minutes, rest = divmod(round(length), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        ngettext("%d day", "%d days", days) % days if days else "",
        gettext("%d\u00a0h") % hours if hours else "",
        gettext("%d\u00a0min") % minutes if minutes else "",
        gettext("%d\u00a0s") % rest if rest else "",
    ]
    return " ".join(filter(None, parts))
