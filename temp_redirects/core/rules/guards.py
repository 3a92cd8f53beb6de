"""Guards: the paths that a rule leaves alone, whatever its source covers."""

from dataclasses import dataclass
from typing import ClassVar

from temp_redirects.core.patterns import Exact, Source, covers, typed_path
from temp_redirects.core.sentences import Sentence
from temp_redirects.core.visits import Visit


@dataclass(frozen=True, slots=True)
class NotProtected:
    """The path is none that the site keeps from every redirect."""

    code: ClassVar[str] = "protected"
    source: Source

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether this rule may redirect the path at all."""
        if visit.site.protects(visit.path):
            return False
        return isinstance(self.source, Exact) or not visit.site.is_login(visit.path)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say whether the path is protected."""
        if self.holds(visit, now):
            return Sentence("not a protected path")
        return Sentence(
            "“{path}” is protected and never redirected", path=typed_path(visit.path)
        )


@dataclass(frozen=True, slots=True)
class NotItsOwnOutput:
    """The visit is not where the rule itself sends visitors, scheme and host included.

    An empty ``scheme`` and ``host`` mean those of the visit.
    """

    code: ClassVar[str] = "own_target"
    scheme: str
    host: str
    path: str
    cuts_segment: bool  # a capture follows within the last segment of ``path``

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the visit is not at the rule's own target already."""
        here = self.scheme in {"", visit.scheme} and self.host in {"", visit.host}
        return not (here and under(self.path, visit.path, self.cuts_segment))

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say whether the visit is at the target."""
        if self.holds(visit, now):
            return Sentence("not at its own target")
        return Sentence(
            "“{path}” is where this rule sends visitors", path=typed_path(visit.path)
        )


def under(literal: str, path: str, cuts_segment: bool) -> bool:
    """Say whether a path is one that begins as a target's literal part does."""
    if cuts_segment or literal.endswith("/"):
        return path.startswith(literal)
    return covers(literal, path)
