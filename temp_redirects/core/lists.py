"""Lists: several values in one text, separated by commas and quoted as in CSV."""

import csv
import re

from temp_redirects.core.sentences import Refused

MAX_TEXT = 10_000  # characters
_OR = re.compile(r"\sor\s", re.IGNORECASE)
_SIGNS = set(',"')


def parse_list(text: str) -> tuple[str, ...]:
    """Return the values of “DE, AT” or “"one, two", three”, each one once, in order.

    An empty place is nothing, but ``""`` is the empty value (RFC 4180 §2).
    """
    if len(text) > MAX_TEXT:
        raise Refused("The text is longer than {most} characters.", most=MAX_TEXT)
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise Refused("The text has a line break or a control character.")
    try:
        # What is not closed would swallow the rest: strict.
        row = next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error:
        raise Refused("“{text}” has a quote without its partner.", text=text) from None
    quoted = '""' in text
    values = (each.strip() for each in row)
    return tuple(dict.fromkeys(each for each in values if each or quoted))


def parse_either(text: str) -> tuple[str, ...]:
    """Return the values of a list in which people may write “or” for a comma.

    For words that are known beforehand: “Germany or Austria”.
    """
    return parse_list(_OR.sub(", ", text))


def written_list(values: tuple[str, ...]) -> str:
    """Return the text that `parse_list` reads as these values."""
    return ", ".join(map(_written, values))


def _written(value: str) -> str:
    if value and not _SIGNS & set(value):
        return value
    return '"{}"'.format(value.replace('"', '""'))
