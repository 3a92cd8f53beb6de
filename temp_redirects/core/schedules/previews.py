"""Previews: the next times of a schedule, and those that clock changes touch."""

from datetime import datetime
from itertools import islice, takewhile

from temp_redirects.core.schedules import Occurrence, Schedule
from temp_redirects.core.schedules.clocks import is_twice, moment
from temp_redirects.core.schedules.dates import shown_clock, shown_day
from temp_redirects.core.schedules.recurrences import DAY
from temp_redirects.core.schedules.words import lasting, remarks
from temp_redirects.core.sentences import Joined, Sentence

SHOWN = 5
AHEAD = 400 * DAY  # seconds; both clock changes of a year, wherever one begins
MAX_UNUSUAL = 3


def next_times(schedule: Schedule, now: float) -> list[Occurrence]:
    """Return the next occurrences after *now*, the one that is on included."""
    return list(islice(schedule.occurrences(now), SHOWN))


def unusual_times(schedule: Schedule, now: float) -> list[Occurrence]:
    """Return the occurrences behind the next ones that clock changes touch, a few."""
    coming = takewhile(
        lambda each: (each.starts or now) < now + AHEAD, schedule.occurrences(now)
    )
    behind = islice(coming, SHOWN, None)
    touched = (each for each in behind if remarks(schedule, each))
    return list(islice(touched, MAX_UNUSUAL))


def told(schedule: Schedule, found: Occurrence, zones: tuple[str, ...]) -> str:
    """Return an occurrence in its own zone and others, its length and what is unusual.

    “Sun 22 Nov 2026 02:00 to 04:00 Europe/Berlin (01:00 to 03:00 UTC), 2 h”
    """
    starts, ends = found.starts or 0.0, found.ends or 0.0
    own = _both(starts, ends, schedule.timezone)
    clocks = [_both(starts, ends, each) for each in dict.fromkeys(zones)]
    others = [each for each in clocks if each != own]
    facts = {"own": own, "length": lasting(ends - starts)}
    text = Sentence("{own}, {length}", **facts)
    if others:
        text = Sentence("{own} ({others}), {length}", **facts, others=Joined(others))
    unusual = (str(each).removesuffix(".") for each in remarks(schedule, found))
    return ". ".join([str(text), *unusual])


def _both(starts: float, ends: float, timezone: str) -> Sentence:
    first, last = moment(starts, timezone), moment(ends, timezone)
    facts = {
        "day": shown_day(first),
        "starts": _clock(first),
        "ends": _clock(last),
        "zone": timezone,
    }
    if first.date() == last.date():
        return Sentence("{day} {starts} to {ends} {zone}", **facts)
    last_day = shown_day(last)
    return Sentence(
        "{day} {starts} to {last_day} {ends} {zone}", **facts, last_day=last_day
    )


def _clock(at: datetime) -> str:
    shown = shown_clock(at)
    return f"{shown} ({at:%z})" if is_twice(at) else shown
