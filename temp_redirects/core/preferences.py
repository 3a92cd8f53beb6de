"""Preferences: the choices that a visitor's cookie holds."""

import re

COOKIE = "temp_redirects_stay"
MAX_NAME = 40  # characters
MAX_CHOICES = 20
_CHOICE = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_NAME}}}")


def chosen(cookie: str | None) -> frozenset[str]:
    """Return the names of the choices in a cookie's value; junk is none."""
    return frozenset(_choices(cookie or ""))


def changed(cookie: str | None, name: str, *, stays: bool) -> str:
    """Return the cookie's value with a choice made or taken back, the newest kept."""
    names = [each for each in _choices(cookie or "") if each != name]
    if stays:
        names.append(name)
    return ".".join(names[-MAX_CHOICES:])


def is_choice(name: str) -> bool:
    """Say whether a text can be the name of a choice."""
    return _CHOICE.fullmatch(name) is not None


def _choices(value: str) -> list[str]:
    parts = value.split(".", MAX_CHOICES)[:MAX_CHOICES]
    return list(dict.fromkeys(filter(is_choice, parts)))
