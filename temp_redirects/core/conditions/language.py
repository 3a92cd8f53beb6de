"""The language that a visitor prefers."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.languages import (
    Preferences,
    covers,
    language_name,
    parse_tag,
)
from temp_redirects.core.lists import parse_either
from temp_redirects.core.sentences import UNKNOWN, Refused, Said, Sentence, listed
from temp_redirects.core.visits import Facts, Visit

_OVER = re.compile(r"\s+over\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """One language that is wanted: first of all, or before another one."""

    tag: str
    over: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “de” or “de over en”."""
        tag, *over = map(parse_tag, _OVER.split(text, maxsplit=1))
        if over and tag.lower() == over[0].lower():
            raise Refused("“{text}” names one language twice.", text=text)
        return cls(tag, *over)

    def __str__(self) -> str:
        return f"{self.tag} over {self.over}" if self.over else self.tag

    def holds(self, preferences: Preferences) -> bool:
        """Say whether a visitor prefers this."""
        place = preferences.place(self.tag)
        if place is None:
            return False
        if not self.over:
            return bool(preferences.first) and covers(self.tag, preferences.first)
        other = preferences.place(self.over)
        return other is None or place < other

    def describe(self) -> Said:
        """Say it with the names of the languages."""
        name = language_name(self.tag)
        if not self.over:
            return name
        other = language_name(self.over)
        return Sentence("{language} over {other}", language=name, other=other)


@dataclass(frozen=True, slots=True)
class Language(Condition):
    """The visitor prefers one of the languages.

    What somebody chose on this site counts first, then what the browser asks for
    (RFC 9110 §12.5.4). “de” is also for who wants “de-AT” (RFC 4647 §3.4).
    """

    kind = "language"
    label = Sentence("Language")
    hint = Sentence(
        "The language their browser prefers, by tag or English name: “de” or “German”; "
        "“de, fr” for either; “de over en” where another language may come first."
    )
    examples = ("de", "de, fr", "de over en", "pt-BR")
    gives = ("language",)
    wishes: tuple[Wish, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read tags or names of languages."""
        wishes = tuple(dict.fromkeys(map(Wish.parse, parse_either(text))))
        if not wishes:
            raise Refused("Name a language. Example: “de”.")
        return cls(wishes)

    def __str__(self) -> str:
        return ", ".join(map(str, self.wishes))

    def holds(self, visit: Visit) -> bool:
        """Say whether the visitor is known to prefer one of them."""
        return self._held(visit) != ""

    def captures(self, visit: Visit) -> dict[str, str]:
        """Return the tag that holds, as staff wrote it: the most exact one."""
        return {"language": self._held(visit)}

    def _held(self, visit: Visit) -> str:
        preferences = visit.languages
        held = [wish.tag for wish in self.wishes if wish.holds(preferences)]
        return max(held, key=len, default="")

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"headers": {"Accept-Language": wish.tag}} for wish in self.wishes)

    def explain(self, visit: Visit) -> Sentence:
        """Say what the visitor prefers."""
        return Sentence(
            "languages are {actual}, wanted {wanted}",
            actual=str(visit.languages) or UNKNOWN,
            wanted=listed(list(map(str, self.wishes))),
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        wanted = listed([wish.describe() for wish in self.wishes])
        return Sentence("visitors who prefer {languages}", languages=wanted)

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the headers that tell the choice on this site, and the browser's."""
        cookie = ("Cookie",) if visit.site.language_cookie else ()
        return ("Accept-Language", *cookie)
