"""What is said to people: a template and its facts, so that doors can translate."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Sentence:
    """A sentence in an editor's words; ``str()`` gives it in English."""

    __slots__ = ("facts", "template")

    def __init__(self, template: str, /, **facts: Any) -> None:
        self.template = template
        self.facts = facts

    def __str__(self) -> str:
        return self.template.format(**self.facts)

    def __repr__(self) -> str:
        return f"Sentence({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


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


@contextmanager
def standing_at(place: str) -> Iterator[None]:
    """Give what is refused within its place in the document."""
    try:
        yield
    except Refused as refused:
        refused.place = place
        raise


def listed(words: "list[str] | tuple[str, ...]", last: str = "or") -> str:
    """Return the words as people list them: “DE, AT or CH”."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
