"""What a visitor chose: “stay on this version”."""

from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.lists import parse_list
from temp_redirects.core.preferences import COOKIE, MAX_NAME, chosen, is_choice
from temp_redirects.core.sentences import Refused, Sentence, listed
from temp_redirects.core.visits import Facts, Visit


@dataclass(frozen=True, slots=True)
class Preference(Condition):
    """The visitor chose to stay, with the button that ``{% stay_here %}`` makes."""

    kind = "preference"
    label = Sentence("Chose to stay")
    hint = Sentence(
        "Choose “Not for” and the name that the page’s “stay here” button has: "
        "“region”. Visitors who pressed it keep this version."
    )
    examples = ("region", "region, news")
    personal = True
    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the names of choices."""
        names = parse_list(text)
        if not names:
            raise Refused("Name the choice. Example: “region”.")
        for name in names:
            if not is_choice(name):
                raise Refused(
                    "“{name}” is no choice’s name: letters, digits, “-” and “_”.",
                    name=name[:MAX_NAME],
                )
        return cls(names)

    def __str__(self) -> str:
        return ", ".join(self.names)

    def holds(self, visit: Visit) -> bool:
        """Say whether the visitor is known to have chosen one of them."""
        return not chosen(visit.cookie(COOKIE)).isdisjoint(self.names)

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"headers": {"Cookie": f"{COOKIE}={name}"}} for name in self.names)

    def explain(self, visit: Visit) -> Sentence:
        """Say what the visitor chose."""
        found = sorted(chosen(visit.cookie(COOKIE)))
        return Sentence(
            "visitor chose {actual}, wanted {wanted}",
            actual=listed(found, "and") or Sentence("nothing"),
            wanted=listed(self.names),
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        names = listed([f"“{name}”" for name in self.names])
        return Sentence("visitors who chose to stay ({names})", names=names)

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header that the choice stands in."""
        return ("Cookie",)
