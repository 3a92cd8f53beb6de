"""One fact that only this project knows."""

from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.visits import Facts, Visit


@dataclass(frozen=True, slots=True)
class Tide(Condition):
    """The harbour’s proxy says how the tide is."""

    kind = "tide"
    label = "Tide"
    hint = "“high” or “low”, as the harbour’s proxy tells it."
    examples = ("high", "low")
    wanted: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “high” or “low”."""
        if text not in cls.examples:
            raise Refused("“{text}” is no tide. Use “high” or “low”.", text=text)
        return cls(text)

    def __str__(self) -> str:
        return self.wanted

    def holds(self, visit: Visit) -> bool:
        """Say whether the tide is known to be as wanted."""
        return visit.header("X-Tide") == self.wanted

    def explain(self, visit: Visit) -> Sentence:
        """Say how the tide was."""
        actual = visit.header("X-Tide") or "unknown"
        return Sentence(
            "tide is {actual}, wanted {wanted}", actual=actual[:20], wanted=self.wanted
        )

    def describe(self) -> Sentence:
        """Say when it is, after “only for” or “not for”."""
        return Sentence("{wanted} tide", wanted=self.wanted)

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header that was read."""
        return ("X-Tide",)

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return ({"headers": {"X-Tide": self.wanted}},)
