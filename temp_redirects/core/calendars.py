"""Calendars: events as iCalendar has them (RFC 5545), in UTC, so that all agree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from temp_redirects.core.schedules import moment

WIDTH = 75  # octets of a line (RFC 5545 §3.1)
PRODUCT = "-//temp_redirects//maintenance windows//EN"
ASK_AGAIN = "PT1H"  # how often calendars had better look


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``ends`` is None where nobody knows it."""

    uid: str
    starts: float
    ends: float | None
    summary: str
    description: str = ""


def calendar(events: Iterable[Event], *, name: str, stamp: float) -> str:
    """Return a calendar feed; *stamp* is when it was made, seconds since the epoch."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        f"NAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{ASK_AGAIN}",
        f"X-PUBLISHED-TTL:{ASK_AGAIN}",
    ]
    for event in events:
        lines += _lines(event, stamp)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _lines(event: Event, stamp: float) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_utc(stamp)}"
    yield f"DTSTART:{_utc(event.starts)}"
    if event.ends is not None:
        yield f"DTEND:{_utc(event.ends)}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    yield "STATUS:CONFIRMED"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _utc(at: float) -> str:
    return f"{moment(at, 'UTC'):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Return a text escaped (RFC 5545 §3.3.11), without what no line may hold."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,")):
        text = text.replace(plain, escaped)
    text = "\\n".join(text.splitlines())
    return "".join(sign for sign in text if sign.isprintable())


def _folded(line: str) -> str:
    """Return a line cut into pieces of at most 75 octets, no character torn."""
    pieces: list[str] = []
    piece = ""
    for sign in line:
        if len(f"{piece}{sign}".encode()) > WIDTH - bool(pieces):
            pieces.append(piece)
            piece = ""
        piece += sign
    return "\r\n ".join([*pieces, piece]) + "\r\n"
