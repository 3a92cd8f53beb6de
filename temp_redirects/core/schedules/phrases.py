"""Phrases: repeats as people type them on a command line, “every Sunday”."""

import re

from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.core.schedules.words import DAYS, NUMBERS, UNITS
from temp_redirects.core.sentences import Refused

_ADVERBS = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_FREQUENCIES = {unit: frequency for frequency, unit in UNITS.items()}
_WEEKDAYS = {name.lower(): at for at, name in enumerate(DAYS)}
_NUMBERS = {word: number for number, word in NUMBERS.items()} | {
    f"{number}{ending}": number
    for number, ending in ((1, "st"), (2, "nd"), (3, "rd"), (4, "th"), (5, "th"))
}
_EVERY = re.compile(r"every(?: ([0-9]{1,2}))? (day|week|month|year)s?(?: on (.+))?")
_SEPARATOR = re.compile(r",? and |, ?")
WORKDAYS = tuple((0, day) for day in range(5))


def parse_repeat(text: str) -> Repeat:
    """Return the repeat of an RRULE, or of words.

    “every day”, “every 2 weeks on Sunday”, “every Monday and Friday”, “every weekday”,
    “every month on day 15”, “every month on the last Friday”.
    """
    words = " ".join(text.lower().split())
    if "=" in words:
        return Repeat.parse(text)
    if words in _ADVERBS:
        words = f"every {_ADVERBS[words]}"
    found = _EVERY.fullmatch(words)
    if found is not None:
        return _with_unit(text, found[2], int(found[1] or 1), found[3] or "")
    if words == "every weekday":
        return Repeat("WEEKLY", days=WORKDAYS)
    days = _weekdays(words.removeprefix("every "))
    if not words.startswith("every ") or not days:
        raise _unknown(text)
    return Repeat("WEEKLY", days=days)


def _with_unit(text: str, unit: str, every: int, details: str) -> Repeat:
    rule = f"FREQ={_FREQUENCIES[unit]};INTERVAL={every}"
    if details and unit == "week":
        days = _weekdays(details)
        if days:
            return Repeat.parse(f"{rule};BYDAY={','.join(_codes(days))}")
    elif details and unit == "month":
        return Repeat.parse(f"{rule};{_of_month(text, details)}")
    if details:
        raise _unknown(text)
    return Repeat.parse(rule)


def _of_month(text: str, details: str) -> str:
    day = re.fullmatch(r"day ([0-9]{1,2})", details)
    if day is not None:
        return f"BYMONTHDAY={day[1]}"
    if details in {"the last day", "last day"}:
        return "BYMONTHDAY=-1"
    which, _, name = details.removeprefix("the ").partition(" ")
    if which not in _NUMBERS or name not in _WEEKDAYS:
        raise _unknown(text)
    return f"BYDAY={_NUMBERS[which]}{_codes([(0, _WEEKDAYS[name])])[0]}"


def _weekdays(words: str) -> tuple[tuple[int, int], ...]:
    """Return the weekdays of a list, none where another word is among them."""
    names = _SEPARATOR.split(words)
    if not all(name in _WEEKDAYS for name in names):
        return ()
    return tuple(sorted({(0, _WEEKDAYS[name]) for name in names}))


def _codes(days: "list[tuple[int, int]] | tuple[tuple[int, int], ...]") -> list[str]:
    return [DAYS[day][:2].upper() for _, day in days]


def _unknown(text: str) -> Refused:
    return Refused(
        "“{text}” does not say how often. Examples: “every Sunday”, “every 2 weeks on "
        "Monday”, “every month on the last Friday”, “FREQ=MONTHLY;BYMONTHDAY=15”.",
        text=text,
    )
