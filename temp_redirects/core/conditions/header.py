"""A request header."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.texts import Texts, parse_named, written_named
from temp_redirects.core.visits import Facts, Visit

# What signs somebody in must not stand in a rule, where staff and exports show it.
_SECRET = re.compile(
    r"authori[sz]ation|cookie|csrf|xsrf|token|secret|pass(?:w|phrase|code)|api-?key"
    r"|session|jwt|bearer|credential|signature|client-cert|(?:^|-)otp(?:-|$)"
)
MAX_NAME = 100  # characters
# Without “_”, which servers take for “-” or drop.
_NAME = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Header(Condition):
    """A request header is there, or has one of the values."""

    kind = "header"
    label = Sentence("Request header")
    hint = Sentence(
        "“X-Beta” where the header is there, “X-Beta: yes, on” where it has one of "
        "the values; “*” at either end stands for any text."
    )
    examples = ("X-Beta", "X-Beta: yes, on", "Accept: *json*")
    name: str
    texts: Texts

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name and values."""
        name, texts = parse_named(text, "X-Beta: yes, on")
        if _SECRET.search(name.lower().replace("_", "-")):
            raise Refused(
                "“{name}” carries secrets, and rules are shown to many. Use “user” or "
                "“cookie”.",
                name=name,
            )
        if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
            raise Refused(
                "“{name}” is no header’s name: letters, digits and “-”. Example: "
                "“X-Beta”.",
                name=name[:MAX_NAME],
            )
        return cls(name.title(), texts)

    def __str__(self) -> str:
        return written_named(self.name, self.texts)

    def holds(self, visit: Visit) -> bool:
        """Say whether the header is as wanted."""
        return self.texts.match(visit.header(self.name))

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"headers": {self.name: each}} for each in self.texts.samples())

    def explain(self, visit: Visit) -> Sentence:
        """Say what the header was."""
        return self.texts.explain(
            Sentence("header {name}", name=self.name), visit.header(self.name)
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        return self.texts.describe(
            Sentence("requests with the header {name}", name=self.name)
        )

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header."""
        return (self.name,)
