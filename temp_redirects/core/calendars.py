"""Calendars: events as iCalendar has them (RFC 5545), in UTC, so that all agree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from temp_redirects.core.schedules import moment

WIDTH = 75  # octets of a line (RFC 5545 §3.1)
PRODUCT = "-//temp_redirects//maintenance windows//EN"
MAX_FOLDED = 200  # lines that are remembered
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


@lru_cache(MAX_FOLDED)  # each time of a window says the same
def _folded(line: str) -> str:
    """Return a line cut into pieces of at most 75 octets, no character torn."""
    octets = line.encode()
    pieces: list[bytes] = []
    start = 0
    while start < len(octets) or not pieces:
        end = start + WIDTH - bool(pieces)  # a space begins each but the first
        while octets[end : end + 1] and octets[end] & 0xC0 == 0x80:
            end -= 1  # within a character
        pieces.append(octets[start:end])
        start = end
    return b"\r\n ".join(pieces).decode() + "\r\n"
