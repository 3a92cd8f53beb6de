"""Reading a document piece by piece: its keys, types and texts, and what is wrong."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar
from uuid import UUID

from temp_redirects.core.sentences import Refused, Sentence, gettext_noop
from temp_redirects.core.sites import Site

MAX_NAME = 100  # characters

Problem = tuple[str, Sentence]
Value = TypeVar("Value")

_MAY_BE_NULL = {"starts_at", "ends_at", "until", "percentage", "planned_visitors"}
_NUMBERS = {"percentage", "planned_visitors"}  # who reads them says what they must be
_CONTROL = re.compile(r"[\x00-\x1f]")
_NOT_STORED = re.compile(r"[\x00\ud800-\udfff]")  # what databases refuse in a text


class Rejected(Refused):
    """A document that is no rule: ``problems`` are places in it, each with a reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(
            "{problems}", problems=" ".join(f"{at}: {why}" for at, why in problems)
        )


class Reader:
    """Reads a document piece by piece, and keeps what is wrong with its place."""

    def __init__(self, site: Site, timezone: str) -> None:
        self.site = site
        self.timezone = timezone
        self.problems: list[Problem] = []

    def read(self, place: str, parse: Callable[..., Value], *args: Any) -> Value | None:
        """Return what *parse* makes of it, or None where something is wrong there."""
        if self.problems and self._is_refused(place):  # one mistake, one message
            return None
        try:
            return parse(*args)
        except Refused as refused:
            self.problems.append((place, refused.sentence))
            return None

    def _is_refused(self, place: str) -> bool:
        return any(f"{place}.".startswith(f"{at}.") for at, _ in self.problems)

    def refuse(self, place: str, sentence: Sentence) -> None:
        """Note what is wrong at a place."""
        self.problems.append((place, sentence))

    def fields(
        self, place: str, given: object, keys: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return every key with its value or default; what is not so is a problem."""
        if not isinstance(given, Mapping):
            self.refuse(place or "document", Sentence("must be an object with keys"))
            return dict(keys)
        prefix = f"{place}." if place else ""
        self._refuse_keys(prefix, given, keys)
        found = dict(keys)
        for key, default in keys.items():
            if key in given:
                value = given[key]
                if type(value) is not type(default):  # as nearly every value is
                    value = self._typed(prefix, key, value, default)
                found[key] = value
        return found

    def _refuse_keys(
        self, prefix: str, given: Mapping[Any, Any], keys: Mapping[str, Any]
    ) -> None:
        """Note the keys that are unknown, and those that are missing."""
        for key in given:
            if key not in keys:
                self.refuse(f"{prefix}{key}", _unknown(str(key), keys))
        for key, default in keys.items():
            if default is None and key not in _MAY_BE_NULL and key not in given:
                self.refuse(f"{prefix}{key}", Sentence("is missing"))

    def _typed(self, prefix: str, key: str, value: Any, default: Any) -> Any:
        if key in _NUMBERS:
            return value
        wanted = str if default is None else type(default)
        if key == "destinations":
            wanted = list
        if isinstance(value, wanted) and not isinstance(value, bool):
            return value
        self.refuse(f"{prefix}{key}", Sentence(_WANTED[wanted], value=value))
        return wanted()

    def texts(self, place: str, values: list[Any]) -> list[str]:
        """Return a list of texts."""
        for at, value in enumerate(values):
            if not isinstance(value, str):
                self.refuse(f"{place}[{at}]", Sentence(_WANTED[str], value=value))
        return [value for value in values if isinstance(value, str)]


_WANTED = {
    bool: gettext_noop("must be true or false, not {value}"),
    int: gettext_noop("must be a whole number, not {value}"),
    str: gettext_noop("must be text, not {value}"),
    list: gettext_noop("must be a list, not {value}"),
    dict: gettext_noop("must be an object with keys, not {value}"),
}


def _unknown(key: str, keys: Mapping[str, Any]) -> Sentence:
    near = get_close_matches(key, keys, n=1)
    if not near:
        return Sentence("unknown key.")
    return Sentence("unknown key. Did you mean “{near}”?", near=near[0])


def identity(text: str) -> str:
    """Return a UUID as it is written, or no text for none."""
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise Refused("“{text}” is not a UUID.", text=text) from None


def name(text: str | None) -> str:
    """Return a name without the blanks around it."""
    text = text or ""
    if not text.strip():
        raise Refused("Give the rule a name. Example: “pricing-test”.")
    if _CONTROL.search(text):
        raise Refused("The name has a line break or a control character.")
    return short(text.strip(), MAX_NAME)


def short(text: str, most: int) -> str:
    """Return a text of at most *most* characters that a database can hold."""
    if len(text) > most:
        raise Refused("is longer than {most} characters", most=most)
    if _NOT_STORED.search(text):
        raise Refused("has a character that is no text")
    return text


def within(number: int, least: int, most: int) -> int:
    """Return a number that is neither less nor more."""
    if not least <= number <= most:
        raise Refused(
            "{number} is not between {least} and {most}",
            number=number,
            least=least,
            most=most,
        )
    return number


def at_least_one(number: object, most: int) -> int | None:
    """Return a whole number above 0; None where none is given."""
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int):
        raise Refused("must be a whole number, not {value}", value=repr(number))
    return within(number, 1, most)


def one_of(value: Value, choices: tuple[Value, ...]) -> Value:
    """Return a value that is one of the choices."""
    if value not in choices:
        raise Refused(
            "{value} is not one of {choices}",
            value=value,
            choices=", ".join(map(str, choices)),
        )
    return value
