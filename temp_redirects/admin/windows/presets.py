"""Presets: usual times of a maintenance window, filled in by one click."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext

from temp_redirects.admin.spans import phrase, which_is_meant
from temp_redirects.admin.times import wall_text
from temp_redirects.core.schedules import Schedule, parse_moment, zone

NIGHT = (time(2), time(4))
SUNDAY = 6
WEEK = 7  # days
HOUR = 60 * 60  # seconds
MINUTE = 60  # seconds


@dataclass(frozen=True, slots=True)
class Preset:
    """A start and an end as wall times, and what the link to them says."""

    key: str
    label: str
    starts_at: str
    ends_at: str
    timezone: str

    @property
    def shown(self) -> str:
        """What it means on other clocks; empty where the form has to ask first."""
        texts = (self.starts_at, self.ends_at)
        if any(which_is_meant(text, self.timezone) for text in texts):
            return ""
        starts, ends = (parse_moment(text, self.timezone) for text in texts)
        return f"{phrase(Schedule(starts, ends, self.timezone))}."

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the form that it fills in."""
        return {
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "timezone": self.timezone,
            "until_switched_off": False,
        }


def presets(now: float, timezone: str) -> Iterator[Preset]:
    """Yield the presets at *now*, seconds since the epoch, on the clocks of a zone."""
    begun = now // MINUTE * MINUTE
    starts, ends = (wall_text(at, timezone) for at in (begun, begun + HOUR))
    yield Preset("now", gettext("Now for 1 hour"), starts, ends, timezone)
    tonight = gettext("Tonight 02:00 to 04:00")
    yield Preset("tonight", tonight, *_night(now, timezone), timezone)
    sunday = gettext("Next Sunday 02:00 to 04:00")
    yield Preset("sunday", sunday, *_night(now, timezone, SUNDAY), timezone)


def _night(now: float, timezone: str, weekday: int | None = None) -> tuple[str, str]:
    """Return the next night that has not begun, as wall times without an offset.

    Where clocks change in it, the form tells what becomes of that.
    """
    today = datetime.fromtimestamp(now, UTC).astimezone(zone(timezone)).date()
    days = (today + timedelta(days) for days in range(WEEK + 1))
    nights = (
        tuple(f"{datetime.combine(day, at):%Y-%m-%dT%H:%M}" for at in NIGHT)
        for day in days
        if weekday is None or day.weekday() == weekday
    )
    return next(
        (first, last)
        for first, last in nights
        if (parse_moment(first, timezone) or 0.0) > now
    )
