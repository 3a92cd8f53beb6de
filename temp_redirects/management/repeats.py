"""The options that say how often something comes again, and its next times."""

from typing import Any

from django.utils import timezone as django_timezone

from temp_redirects.core.schedules import Occurrence, Schedule, moment
from temp_redirects.core.schedules.phrases import parse_repeat
from temp_redirects.core.schedules.previews import next_times, told, unusual_times
from temp_redirects.core.schedules.words import remarks
from temp_redirects.management.windows import Window

REPEAT_PLACES = {
    "schedule.repeat": "--repeat",
    "schedule.until": "--repeat-until",
    "schedule.except": "--skip",
}


def add_repeat(group: Any) -> None:
    """Take how often it comes again; the window is the first time then."""
    group.add_argument(
        "--repeat",
        default="",
        metavar="HOW",
        help="“every Sunday”, “every month on the last Friday”, or an RRULE",
    )
    group.add_argument(
        "--repeat-until",
        default=None,
        metavar="DAY",
        help="the last day on which it begins: 2027-12-31; else for ever",
    )
    group.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="DAY",
        help="a day that is left out: 2026-12-27; may be repeated",
    )


def read_repeat(window: Window, options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `schedule` that the options mean."""
    text = options["repeat"]
    repeat = window.read("schedule.repeat", parse_repeat, text) if text else None
    return {
        "repeat": str(repeat or ""),
        "repeat_until": options["repeat_until"],
        "skip": options["skip"],
    }


def times_lines(schedule: Schedule) -> list[str]:
    """Return the next times of what repeats, and those that clock changes touch."""
    if schedule.recurrence is None:
        return []
    now, zones = _now(), ("UTC", django_timezone.get_current_timezone_name())
    lines = ["Next:"]
    lines += [f"  {told(schedule, each, zones)}" for each in next_times(schedule, now)]
    unusual = unusual_times(schedule, now)
    lines += ["Clock changes ahead:"] if unusual else []
    return lines + [f"  {told(schedule, each, zones)}" for each in unusual]


def times_json(schedule: Schedule) -> list[dict[str, Any]]:
    """Return the next times for a script to read; of what is once, that one."""
    found = next_times(schedule, _now())
    return [_json(schedule, each) for each in found]


def _json(schedule: Schedule, found: Occurrence) -> dict[str, Any]:
    starts, ends = found.starts, found.ends
    seconds = None if starts is None or ends is None else ends - starts
    return {
        "starts_at": _shown(starts, schedule.timezone),
        "ends_at": _shown(ends, schedule.timezone),
        "seconds": seconds,
        "remarks": [str(each) for each in remarks(schedule, found)],
    }


def _shown(at: float | None, timezone: str) -> str | None:
    return None if at is None else moment(at, timezone).isoformat()


def _now() -> float:
    return django_timezone.now().timestamp()
