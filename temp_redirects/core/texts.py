"""Texts that a visit brings along: present, one of several, or with a wildcard."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.lists import parse_list, written_list
from temp_redirects.core.sentences import Refused, Said, Sentence, listed

ANYTHING = "*"
MAX_SHOWN = 60  # characters of a visitor's text in a trace
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that are wanted; none means any. ``*`` at either end is a wildcard."""

    wanted: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “yes, on” or “news*, *.example”."""
        wanted = parse_list(text)
        for each in wanted:
            if "*" in each[1:-1]:
                raise Refused(
                    "“{text}” has a “*” in the middle; it can stand at either end.",
                    text=each,
                )
        return cls(() if ANYTHING in wanted else wanted)

    def __str__(self) -> str:
        return written_list(self.wanted)

    def match(self, text: str | None) -> bool:
        """Say whether a text is there and one of those wanted, case as written."""
        if text is None:
            return False
        return not self.wanted or any(_is_like(each, text) for each in self.wanted)

    def samples(self) -> tuple[str, ...]:
        """Return texts that match."""
        return tuple(each.strip("*") for each in self.wanted) or ("x",)

    def describe(self, name: Sentence) -> Sentence:
        """Say what is wanted of what the name stands for."""
        if not self.wanted:
            return name
        return Sentence("{name} {wanted}", name=name, wanted=self._quoted())

    def explain(self, name: Sentence, actual: Said | None) -> Sentence:
        """Say what was found and what was wanted."""
        wanted = self._quoted() if self.wanted else Sentence("any")
        if actual is None:
            return Sentence(
                "{name} is not there, wanted {wanted}", name=name, wanted=wanted
            )
        return Sentence(
            "{name} is “{actual}”, wanted {wanted}",
            name=name,
            actual=_shown(actual) if isinstance(actual, str) else actual,
            wanted=wanted,
        )

    def _quoted(self) -> Said:
        return listed([f"“{each}”" for each in self.wanted])


def _shown(text: str) -> str:
    shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return _UNPRINTABLE.sub("?", shown)


def _is_like(pattern: str, text: str) -> bool:
    starts, ends = pattern.endswith("*"), pattern.startswith("*")
    bare = pattern[ends : len(pattern) - starts]
    if starts and ends:
        return bare in text
    if starts:
        return text.startswith(bare)
    return text.endswith(bare) if ends else text == bare


def parse_named(text: str, example: str) -> tuple[str, Texts]:
    """Return the name and the texts of “X-Beta” or “X-Beta: yes, on”."""
    name, colon, values = text.partition(":")
    texts = Texts.parse(values)
    if not name.strip():
        raise Refused(
            "Write a name, or a name and values: “{example}”.", example=example
        )
    if colon and not texts.wanted and ANYTHING not in values:
        raise Refused(
            "Nothing stands after “:”. Write the name alone where any value will do.",
        )
    return name.strip(), texts


def written_named(name: str, texts: Texts) -> str:
    """Return the text that `parse_named` reads as these."""
    return f"{name}: {texts}" if texts.wanted else name
