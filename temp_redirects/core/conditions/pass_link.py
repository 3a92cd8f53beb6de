"""Whether the visitor has opened the pass link of a maintenance window."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.visits import Visit


@dataclass(frozen=True, slots=True)
class PassLink(Condition):
    """A pass: proved by a signed cookie that the link sets, revoked with its key."""

    kind = "pass"
    label = Sentence("Pass link of a maintenance window")
    hint = Sentence("The key of the link, as the window shows it.")
    examples = ("8f14e45fceea167a",)
    personal = True
    is_offered = False  # windows make it; nobody types it
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the key of a window's pass link."""
        if not re.fullmatch(r"[0-9a-f]{16,64}", text):
            raise Refused("“{text}” is not the key of a pass link.", text=text[:80])
        return cls(text)

    def __str__(self) -> str:
        return self.key

    def holds(self, visit: Visit) -> bool:
        """Say whether the visitor has opened this link."""
        return self.key in visit.passes

    def explain(self, visit: Visit) -> Sentence:
        """Say whether there is a pass."""
        if self.holds(visit):
            return Sentence("the visitor has opened the pass link")
        return Sentence("the visitor has no pass link")

    def describe(self) -> Sentence:
        """Say whom it is about."""
        return Sentence("visitors with the pass link")

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header that carries the pass."""
        return ("Cookie",)
