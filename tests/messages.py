"""The app's messages for translators: found in its code and templates, and compiled.

“python -m tests.messages de” makes or updates the catalogue of German.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "temp_redirects"
LOCALE = PACKAGE / "locale"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    # The core knows no Django: temp_redirects/core/sentences.py.
    "Sentence": None,
    "Refused": None,
    "Counted": (1, 2),
}


def found() -> Catalog:
    """Return every message of the app, with the files that it stands in."""
    catalog = Catalog(project="django-temp-redirects", fuzzy=False)
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]):
        place = path.relative_to(PACKAGE).as_posix()
        if not place.startswith(("migrations/", "management/")):
            for message, context in _messages(path):
                catalog.add(message, locations=[(place, None)], context=context)
    return catalog


def _messages(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    code = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        code = _as_python(code)
    source = BytesIO(code.encode())
    for _, message, _, context in extract("python", source, KEYWORDS):
        yield message, context


def _as_python(template: str) -> str:
    """Return a template as Django gives it to xgettext, one line after the other."""
    return re.sub(r"^\s+|\\$", "", templatize(template), flags=re.MULTILINE)


def update(language: str, folder: Path = LOCALE) -> Catalog:
    """Bring a language's catalogue up to date, and compile what is translated.

    A message that has changed is to be translated anew.
    """
    path = folder / language / "LC_MESSAGES" / "django.po"
    catalog = Catalog(language, fuzzy=False)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    catalog.update(found(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, sort_output=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return catalog


def to_translate(catalog: Catalog) -> list[Message]:
    """Return the messages that have no translation, or not every form of it."""
    return [each for each in catalog if each.id and not _is_said(each)]


def _is_said(message: Message) -> bool:
    said = message.string
    return all(said) if isinstance(said, tuple) else bool(said)


def languages(folder: Path = LOCALE) -> set[str]:
    """Return the languages that are there."""
    return {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/django.po")}


if __name__ == "__main__":
    settings.configure()
    for name in sorted({*languages(), *sys.argv[1:]}):
        left = len(to_translate(update(name)))
        print(f"{name}: {left} messages to translate")  # noqa: T201
