"""A cookie."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Said, Sentence
from temp_redirects.core.texts import Texts, parse_named, written_named
from temp_redirects.core.visits import Facts, Visit

MAX_NAME = 100  # characters
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 6265 §4.1.1


@dataclass(frozen=True, slots=True)
class Cookie(Condition):
    """A cookie is there, or has one of the values, as it was sent.

    Of several with that name the last counts, as in ``request.COOKIES``.
    """

    kind = "cookie"
    label = Sentence("Cookie")
    hint = Sentence(
        "“beta” where the cookie is there, “beta: yes, on” where it has one of the "
        "values; “*” at either end stands for any text."
    )
    examples = ("beta", "beta: yes, on", "cart: v2*")
    personal = True
    name: str
    texts: Texts

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name and values."""
        name, texts = parse_named(text, "beta: yes, on")
        if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
            raise Refused(
                "“{name}” is no cookie’s name. Example: “beta”.", name=name[:MAX_NAME]
            )
        return cls(name, texts)

    def __str__(self) -> str:
        return written_named(self.name, self.texts)

    def holds(self, visit: Visit) -> bool:
        """Say whether the cookie is as wanted."""
        return self.texts.match(visit.cookie(self.name))

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple(
            {"headers": {"Cookie": f"{self.name}={each}"}}
            for each in self.texts.samples()
        )

    def explain(self, visit: Visit) -> Sentence:
        """Say whether the cookie was there, but not what it said."""
        actual: Said | None = visit.cookie(self.name)
        if actual is not None and not self.texts.match(visit.cookie(self.name)):
            actual = Sentence("another value")
        elif actual is not None:
            actual = Sentence("as wanted")
        return self.texts.explain(Sentence("cookie {name}", name=self.name), actual)

    def describe(self) -> Sentence:
        """Say whom it is about."""
        return self.texts.describe(
            Sentence("visitors with the cookie {name}", name=self.name)
        )

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header that cookies stand in."""
        return ("Cookie",)
