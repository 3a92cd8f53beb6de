"""High traffic."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.visits import Facts, Visit

MOST = 1_000_000.0  # requests per second
_NUMBER = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Busy(Condition):
    """Many requests reach this process, counted over ten seconds.

    It begins at one rate and ends below another, so that load is taken back calmly.
    """

    kind = "busy"
    label = Sentence("High traffic")
    hint = Sentence(
        "Requests per second in one server process, over ten seconds: “200, 150” "
        "begins at 200 and ends below 150; “200” ends below 160."
    )
    examples = ("200, 150", "50")
    counts_requests = True
    on: float
    off: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one rate or two; the second is else four fifths of the first."""
        values = [each.strip() for each in text.split(",", 2)]
        if len(values) > 2 or not all(map(_NUMBER.fullmatch, values)):
            raise Refused("“{text}” is no traffic. Example: “200, 150”.", text=text)
        on = float(values[0])
        off = float(values[1]) if len(values) > 1 else round(on * 0.8, 2)
        if not 0 < off <= on <= MOST:
            raise Refused(
                "{on} and {off} do not fit: first where it begins, then where it ends, "
                "above 0 and not more. Example: “200, 150”.",
                on=f"{on:.12g}",
                off=f"{off:.12g}",
            )
        return cls(on, off)

    def __str__(self) -> str:
        return f"{self.on:.12g}, {self.off:.12g}"

    def holds(self, visit: Visit) -> bool:
        """Say whether traffic is known to be high."""
        return visit.is_busy((self.on, self.off)) is True

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return ({"rate": self.on},)

    def explain(self, visit: Visit) -> Sentence:
        """Say how much traffic there is."""
        rate = visit.rate
        return Sentence(
            "traffic is {actual} requests per second, wanted {on}, until below {off}",
            actual=Sentence("an unknown number of") if rate is None else f"{rate:.1f}",
            on=f"{self.on:.12g}",
            off=f"{self.off:.12g}",
        )

    def describe(self) -> Sentence:
        """Say when it is."""
        return Sentence(
            "times of {on} requests per second and more, until below {off}",
            on=f"{self.on:.12g}",
            off=f"{self.off:.12g}",
        )
