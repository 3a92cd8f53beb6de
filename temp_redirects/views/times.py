"""When a window ends, told to people and programs from one computed moment."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from temp_redirects.core.schedules import moment

MINUTE, HOUR, DAY = 60, 3_600, 86_400  # seconds
UNKNOWN = 300  # seconds after which to ask again where no end is known
LONGEST_REFRESH = 600  # seconds; staff may end a window before its time
MOST_JITTER = 30  # seconds over which those who wait come back


@dataclass(frozen=True, slots=True)
class Return:
    """The moment at which visitors may come back; no ``at`` is not known yet.

    ``left`` are the seconds until then. ``retry_after`` is a little more, by chance,
    so that not everybody is back in the same second.
    """

    at: float | None
    left: int
    retry_after: int
    timezone: str

    @classmethod
    def after(cls, at: float | None, now: float, timezone: str) -> "Return":
        """Return what to tell at *now* about an end, both seconds since the epoch."""
        at = None if at is None else ceil(at)  # said in whole seconds, never too early
        left = UNKNOWN if at is None else max(0, ceil(at - now))
        spread = min(max(left // 20, 2), MOST_JITTER)
        jitter = random.randint(1, spread)  # noqa: S311
        return cls(at, left, left + jitter, timezone)

    @property
    def refresh(self) -> int:
        """Seconds after which a browser asks again by itself."""
        return min(self.retry_after, LONGEST_REFRESH)

    @property
    def iso(self) -> str | None:
        """The end for programs, in UTC."""
        return None if self.at is None else f"{_utc(self.at):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def local(self) -> str:
        """The end as clocks of the window's zone show it, in the reader's language."""
        return "" if self.at is None else shown(moment(self.at, self.timezone))

    @property
    def utc(self) -> str:
        """The end in UTC: without the day where that is the same."""
        if self.at is None or self.timezone == "UTC":
            return ""
        utc, local = _utc(self.at), moment(self.at, self.timezone)
        if utc.date() == local.date():
            return formats.time_format(utc.time(), "TIME_FORMAT")
        return shown(utc)

    @property
    def about(self) -> str:
        """How long it takes, for people: “in about 25 minutes”."""
        if self.at is None:
            return _("as soon as we can")
        if self.left <= 0:
            return _("in a moment")
        if self.left <= 90 * MINUTE:
            count = ceil(self.left / MINUTE)
            text = ngettext("in about %d minute", "in about %d minutes", count)
        elif self.left <= 36 * HOUR:
            count = round(self.left / HOUR)
            text = ngettext("in about %d hour", "in about %d hours", count)
        else:
            count = round(self.left / DAY)
            text = ngettext("in about %d day", "in about %d days", count)
        return text % count


def _utc(at: float) -> datetime:
    return moment(at, "UTC").astimezone(UTC)


def shown(at: datetime) -> str:
    return formats.date_format(at, "DATETIME_FORMAT")
