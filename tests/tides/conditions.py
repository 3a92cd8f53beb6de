"""One fact that only this project knows."""

from dataclasses import dataclass

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence


@dataclass(frozen=True, slots=True)
class Tide(Condition):
    kind = "tide"
    label = "Tide"
    hint = "“high” or “low”, as the harbour’s proxy tells it."
    examples = ("high", "low")
    wanted: str

    @classmethod
    def parse(cls, text):
        if text not in cls.examples:
            raise Refused("“{text}” is no tide.", text=text)
        return cls(text)

    def __str__(self):
        return self.wanted

    def holds(self, visit):
        return visit.header("X-Tide") == self.wanted

    def explain(self, visit):
        actual = visit.header("X-Tide") or "unknown"
        return Sentence(
            "tide is {actual}, wanted {wanted}", actual=actual, wanted=self.wanted
        )

    def describe(self):
        return Sentence("{wanted} tide", wanted=self.wanted)

    def consulted(self, visit):
        return ("X-Tide",)
