"""Times as staff type and read them: the wall clock of the rule's own zone."""

from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from django.utils.formats import date_format
from django.utils.translation import gettext

from temp_redirects.core.schedules import moment, parse_moment
from temp_redirects.core.sentences import Refused

USUAL_LENGTH = 3 * 60 * 60  # seconds that a new rule lasts unless staff say otherwise
ROUND = 5 * 60  # seconds; a prefilled end is a full five minutes


@cache
def zone_names() -> list[str]:
    """Return the names of time zones that people live in, for a form to suggest."""
    names = available_timezones()
    places = {name for name in names if "/" in name and not name.startswith("Etc/")}
    return [*sorted(places), "UTC"]


def usual_end(now: float) -> float:
    """Return the end that is prefilled: in three hours, at a full five minutes."""
    return -(-(now + USUAL_LENGTH) // ROUND) * ROUND


def wall_text(at: float | None, timezone: str) -> str:
    """Return seconds since the epoch as `parse_moment` reads them on that wall clock.

    The offset stands there only where the time alone would not say which moment is
    meant: in an hour that happens twice, or where the zone is not known.
    """
    if at is None:
        return ""
    try:
        local = moment(at, timezone)
    except Refused:
        return moment(at, "UTC").isoformat(timespec="seconds")
    precision = "seconds" if local.second else "minutes"
    if not happens_twice(local):
        local = local.replace(tzinfo=None)
    return local.isoformat(timespec=precision)


def clock_note(text: str, timezone: str) -> str:
    """Return what a clock change makes of a typed wall time, or an empty text.

    The text is one that `parse_moment` has read already.
    """
    typed = datetime.fromisoformat(text)
    seconds = parse_moment(text, timezone)
    if seconds is None or typed.tzinfo:
        return ""
    local = moment(seconds, timezone)
    facts = {"typed": shown_time(typed), "zone": timezone}
    if local.replace(tzinfo=None) != typed:
        note = gettext(
            "%(typed)s is left out by a clock change in %(zone)s, so it became %(at)s."
        )
        return note % (facts | {"at": shown_time(local)})
    if not happens_twice(local):
        return ""
    note = gettext(
        "%(typed)s happens twice in %(zone)s, and the first one counts. For the second "
        "one, type “%(second)s”."
    )
    second = local.replace(fold=1).isoformat(timespec="minutes")
    return note % (facts | {"second": second})


def shown_time(at: datetime) -> str:
    """Return a time for people: “Sun 22 Nov 2026 02:00”."""
    return date_format(at, "D j M Y H:i:s" if at.second else "D j M Y H:i")


def local_time(at: float, timezone: str) -> datetime:
    """Return a moment on the rule's wall clock; in UTC where its zone is not known."""
    try:
        return moment(at, timezone)
    except Refused:
        return moment(at, "UTC")


def happens_twice(local: datetime) -> bool:
    """Say whether a moment's wall time comes again, or came before, by a clock change.

    A moment never lies in an hour that is left out, where offsets differ as well.
    """
    return local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
