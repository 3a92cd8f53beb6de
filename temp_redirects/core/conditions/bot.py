"""Programs that visit: search engines, previews, scrapers."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.lists import parse_list, written_list
from temp_redirects.core.sentences import UNKNOWN, Joined, Refused, Sentence, listed
from temp_redirects.core.visits import Facts, Visit

ANY = "any"
MAX_NAME = 100  # characters
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")


@dataclass(frozen=True, slots=True)
class Bot(Condition):
    """The visitor says that it is a program: any that is known, or one by name."""

    kind = "bot"
    label = Sentence("Robot")
    hint = Sentence(
        "“any” for every known search engine and program, or names: “Googlebot, "
        "bingbot”. For people only, choose “Not for” and “any”."
    )
    examples = (ANY, "Googlebot, bingbot")
    names: tuple[str, ...]  # none: any

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “any” or names."""
        names = parse_list(text)
        if not names:
            raise Refused("Write “any”, or names: “Googlebot, bingbot”.")
        found = tuple(map(parse_name, names))
        return cls(() if ANY in map(str.lower, found) else found)

    def __str__(self) -> str:
        return written_list(self.names) or ANY

    def holds(self, visit: Visit) -> bool:
        """Say whether the visitor is known to be one of them."""
        if not self.names:
            return visit.is_bot is True
        agent = visit.user_agent
        return any(is_named(name, agent) for name in self.names)

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        names = self.names or ("bot",)
        return tuple(
            {"headers": {"User-Agent": name}, "is_bot": True} for name in names
        )

    def explain(self, visit: Visit) -> Sentence:
        """Say what the visitor is taken for."""
        actual = {
            True: Sentence("a robot"),
            False: Sentence("no known robot"),
            None: UNKNOWN,
        }
        return Sentence(
            "visitor is {actual}, wanted {wanted}",
            actual=actual[visit.is_bot],
            wanted=listed(self.names) or Sentence("any robot"),
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        return Joined([listed(self.names) or Sentence("robots")])

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header in which programs tell their name."""
        return ("User-Agent",)


def parse_name(text: str) -> str:
    """Return a robot's name as it stands in its user agent, “Googlebot”."""
    if not _NAME.fullmatch(text) or len(text) > MAX_NAME:
        raise Refused(
            "“{name}” is no robot’s name. Example: “Googlebot”.", name=text[:MAX_NAME]
        )
    return text


def is_named(name: str, agent: str) -> bool:
    """Say whether a name stands in a user agent as a word of its own."""
    pattern = rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"
    return re.search(pattern, agent, re.IGNORECASE) is not None
