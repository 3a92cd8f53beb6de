"""The page that a visitor comes from."""

from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.texts import ANYTHING, Texts
from temp_redirects.core.visits import Facts, Visit

HEADER = "Referer"  # so spelt in RFC 9110 §10.1.3


@dataclass(frozen=True, slots=True)
class Referrer(Condition):
    """The address that the browser names as the one it comes from.

    From other sites browsers tell no more than the server: “https://news.example/”.
    """

    kind = "referrer"
    label = Sentence("Page they come from")
    hint = Sentence(
        "“https://news.example/*” for one server, “*.example/*” for several, “*” for "
        "any; commas between several. Other sites’ paths are mostly not told."
    )
    examples = ("https://news.example/*", "*", "https://a.example/, *b.example/*")
    texts: Texts

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read addresses with wildcards."""
        texts = Texts.parse(text)
        if not texts.wanted and ANYTHING not in text:
            raise Refused(
                "Name an address, or “*” for any. Example: “https://news.example/*”."
            )
        return cls(texts)

    def __str__(self) -> str:
        return str(self.texts) or ANYTHING

    def holds(self, visit: Visit) -> bool:
        """Say whether the visitor comes from there."""
        return self.texts.match(visit.header(HEADER) or None)

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"headers": {HEADER: each}} for each in self.texts.samples())

    def explain(self, visit: Visit) -> Sentence:
        """Say where the visitor comes from, without the query."""
        address = (visit.header(HEADER) or "").partition("?")[0]
        return self.texts.explain(Sentence("referrer"), address or None)

    def describe(self) -> Sentence:
        """Say whom it is about."""
        if not self.texts.wanted:
            return Sentence("visitors who come from any page")
        return self.texts.describe(Sentence("visitors who come from"))

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header."""
        return (HEADER,)
