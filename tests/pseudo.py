"""A language in which every message of the app and of Django is in other letters.

What still has plain letters on a page is no message: nobody could translate it.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.messages import found

LANGUAGE = "en-xa"
ASCII = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in ASCII}  # the full-width ones
# Tags and placeholders, which a translator leaves alone.
_KEPT = re.compile(r"(<[^>]*>|&\w+;|%\(\w+\)[sd]|%[sd%]|\{[^{}]*\})")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SHOWN = {"title", "aria-label", "placeholder", "alt", "label"}
_UNREAD = {"script", "style", "code", "pre", "textarea"}
_EDGES = "“”‘’'\"()[].,:;!?…"


def pseudo(text: str) -> str:
    """Return a message in the language of wide letters."""
    parts = _KEPT.split(text)
    return "".join(
        part if at % 2 else part.translate(WIDE) for at, part in enumerate(parts)
    )


def write_catalogue(folder: Path) -> None:
    """Write the language as a project would, for ``LOCALE_PATHS``."""
    catalog = Catalog(fuzzy=False)
    for each in _messages():
        if isinstance(each.id, tuple):
            said: str | tuple[str, ...] = tuple(map(pseudo, each.id))
        else:
            said = pseudo(each.id)
        catalog.add(each.id, said, context=each.context)
    path = folder / LANGUAGE.replace("-xa", "_XA") / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


def _messages() -> Iterator[object]:
    root = Path(django.__file__).parent
    for path in sorted(root.glob("**/locale/en/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            yield from (each for each in read_po(file) if each.id)
    yield from (each for each in found() if each.id)


class Reader(HTMLParser):
    """Collects what people read on a page, and what is read to them."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the texts of attributes; nothing within code is read."""
        if tag in _UNREAD:
            self._unread = tag
        told = dict(attrs)
        is_button = tag == "input" and told.get("type") in {"submit", "button"}
        for name, value in attrs:
            is_data = name.startswith("data-") and " " in (value or "")
            if name in _SHOWN or is_data or (is_button and name == "value"):
                self.texts.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Read on behind code."""
        if tag == self._unread:
            self._unread = ""

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if not self._unread:
            self.texts.append(data)


def plain_words(text: str) -> set[str]:
    """Return the words in plain letters that are no address, code or abbreviation."""
    tokens = {token.strip(_EDGES) for token in text.split()}
    return {token for token in tokens if _WORD.fullmatch(token) and not token.isupper()}


def untranslated(html: str) -> set[str]:
    """Return the texts of a page that have plain words."""
    reader = Reader()
    reader.feed(html)
    return {" ".join(each.split()) for each in reader.texts if plain_words(each)}
