"""Whether the visitor came over http or https."""

from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.visits import Visit


@dataclass(frozen=True, slots=True)
class Scheme(Condition):
    """The scheme of the address asked for, as Django knows it (``request.scheme``)."""

    kind = "scheme"
    label = Sentence("http or https")
    hint = Sentence("“http” for visits without encryption, “https” for those with it.")
    examples = ("http", "https")
    wanted: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “http” or “https”."""
        wanted = text.strip().lower()
        if wanted not in cls.examples:
            raise Refused("“{text}” is neither “http” nor “https”.", text=text)
        return cls(wanted)

    def __str__(self) -> str:
        return self.wanted

    def holds(self, visit: Visit) -> bool:
        """Say whether the visit came over the wanted scheme."""
        return visit.scheme == self.wanted

    def explain(self, visit: Visit) -> Sentence:
        """Say which scheme it was."""
        return Sentence(
            "scheme is {actual}, wanted {wanted}",
            actual=visit.scheme,
            wanted=self.wanted,
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        return Sentence("visits over {scheme}", scheme=self.wanted)

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header that a proxy tells the scheme with, if there is one."""
        return (visit.scheme_header,) if visit.scheme_header else ()
