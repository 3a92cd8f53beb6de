"""What is said to people: a template and its facts, in the language of the reader.

The first text in every `Sentence(…)`, `Refused(…)`, `Counted(…)` and `gettext_noop(…)`
is a message for translators: it stands there literally, never glued together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from gettext import NullTranslations
from typing import Any, Protocol


class Speech(Protocol):
    """What turns messages into the language of the reader, as gettext does."""

    def gettext(self, message: str, /) -> str:
        """Return the message translated."""

    def ngettext(self, singular: str, plural: str, number: int, /) -> str:
        """Return the form of the message that goes with a number, translated."""


def in_english(digits: str) -> str:
    """Return a number, “4351.5”, as English has it: “4,351.5”."""
    return f"{Decimal(digits):,}"


speech: Speech = NullTranslations()  # English, until a door says otherwise
figures: Callable[[str], str] = in_english


class Sentence:
    """A sentence in an editor's words; ``str()`` gives it in the reader's language.

    Facts may be sentences themselves: they are translated when they are shown.
    """

    __slots__ = ("facts", "template")

    def __init__(self, template: str, /, **facts: Any) -> None:
        self.template = template
        self.facts = facts

    def __str__(self) -> str:
        return speech.gettext(self.template).format(**self.facts)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class Counted(Sentence):
    """A sentence with a number, ``{count}``, that decides on its form."""

    __slots__ = ("plural",)

    def __init__(
        self, singular: str, plural: str, /, count: float, **facts: Any
    ) -> None:
        super().__init__(singular, count=count, **facts)
        self.plural = plural

    def __str__(self) -> str:
        # Nobody has a form for halves: of them it is the one for several.
        count = self.facts["count"]
        number = int(count) if count == int(count) else 2
        template = speech.ngettext(self.template, self.plural, number)
        return template.format(**self.facts)


class Figure(Sentence):
    """A number, “-4351.5”, that is told as the reader’s language writes it."""

    __slots__ = ()

    def __init__(self, number: str) -> None:
        super().__init__(number)

    def __str__(self) -> str:
        digits = self.template.lstrip("+-")
        sign = self.template.removesuffix(digits).replace("-", "\u2212")
        return f"{sign}{figures(digits)}"


class Refused(ValueError):  # noqa: N818 (the word that forms and logs use)
    """A value that cannot be taken, with the sentence that says why and what to do.

    ``place`` is where it stands in its document, where that is known.
    """

    place = ""

    def __init__(self, template: str, /, **facts: Any) -> None:
        self.sentence = Sentence(template, **facts)
        super().__init__(template, facts)

    def __str__(self) -> str:
        return str(self.sentence)


def gettext_noop(text: str) -> str:
    """Return the text itself, a message for translators that is shown elsewhere."""
    return text


@contextmanager
def standing_at(place: str) -> Iterator[None]:
    """Give what is refused within its place in the document."""
    try:
        yield
    except Refused as refused:
        refused.place = place
        raise


class Joined(Sentence):
    """Words one after the other: “DE, AT”."""

    __slots__ = ()

    def __init__(self, words: Iterable[object], between: str = "") -> None:
        super().__init__(between or gettext_noop(", "), words=tuple(words))

    def __str__(self) -> str:
        return speech.gettext(self.template).join(map(str, self.facts["words"]))


Said = str | Sentence
UNKNOWN = Sentence("unknown")


def listed(words: Sequence[object], last: str = "or") -> Said:
    """Return the words as people list them: “DE, AT or CH”; *last* is “or” or “and”.

    None at all are an empty text.
    """
    if len(words) < 2:
        return Joined(words) if words else ""
    facts = {"words": Joined(words[:-1]), "word": words[-1]}
    if last == "and":
        return Sentence("{words} and {word}", **facts)
    return Sentence("{words} or {word}", **facts)
