"""Windows: from the options that say when to start and end, and what is wrong there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from temp_redirects.core.schedules import moment, zone
from temp_redirects.core.sentences import Refused
from temp_redirects.management.moments import (
    later,
    next_time,
    parse_duration,
    parse_moment,
)
from temp_redirects.sites import site_timezone

Value = TypeVar("Value")


@dataclass
class Window:
    """The window asked for, and what is wrong with the options read so far."""

    timezone: str
    now: datetime
    starts: datetime | None = None
    ends: datetime | None = None
    problems: dict[str, list[str]] = field(default_factory=dict)

    def read(
        self, place: str, parse: Callable[..., Value], *args: Any
    ) -> "Value | None":
        """Return what *parse* makes of an option, or note why it is refused."""
        try:
            return parse(*args)
        except Refused as refused:
            self.problems.setdefault(place, []).append(str(refused))
            return None


def read_window(
    now: datetime,
    timezone: str,
    starts: str | None,
    *,
    until: str | None = None,
    lasts: str | None = None,
) -> Window:
    """Return the window that texts mean at *now*; without *until* and *lasts*, open."""
    now = now.replace(microsecond=0)  # people read the end
    window = Window(timezone or site_timezone(), now)
    if window.read("--timezone", zone, window.timezone) is None:
        return window
    if starts is not None:
        window.starts = window.read(
            "--from", parse_moment, starts, now, window.timezone
        )
    begins = window.starts or now
    if lasts:
        window.ends = window.read("--for", _end_after, lasts, begins, window)
    elif until:
        window.ends = window.read("--until", _end_at, until, begins, window)
    return window


def _end_after(text: str, begins: datetime, window: Window) -> datetime:
    ends = later(begins, parse_duration(text))
    if ends <= window.now:
        raise Refused(
            "{text} after {begins} is in the past (now {now}).",
            text=text,
            begins=_shown(begins, window),
            now=_shown(window.now, window),
        )
    return ends


def _end_at(text: str, begins: datetime, window: Window) -> datetime:
    # “02:00” is the next one after the start; “+2h” counts from now.
    is_relative = text.startswith("+")
    after = window.now if is_relative else max(begins, window.now)
    ends = parse_moment(text, after, window.timezone)
    if ends <= window.now:
        local = ends.astimezone(zone(window.timezone))
        better = next_time(local.time(), window.now, window.timezone)
        raise Refused(
            "{text} is in the past (now {now} {zone}); did you mean {better}?",
            text=text,
            now=_shown(window.now, window),
            zone=window.timezone,
            better=_shown(better, window),
        )
    return ends


def _shown(at: datetime, window: Window) -> str:
    return f"{moment(at.timestamp(), window.timezone):%Y-%m-%dT%H:%M}"
