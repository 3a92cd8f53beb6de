"""Destinations: where a rule sends visitors, and that it sends none in a circle."""

from collections.abc import Callable
from dataclasses import dataclass, field

from temp_redirects.core.patterns import SHAPED, Exact, Prefix, Source
from temp_redirects.core.rules.guards import NotItsOwnOutput, under
from temp_redirects.core.sentences import Refused
from temp_redirects.core.targets import Address, Target, taken_apart
from temp_redirects.core.visits import Visit

MAX_DESTINATIONS = 50  # of one rule

Captures = Callable[[Visit], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where visitors go; ``id`` is short, given once and never reused.

    ``percentage`` is its share of the visitors, 0 to 100; None shares equally what the
    others leave.
    """

    id: str
    label: str
    target: Target
    percentage: float | None = None

    def named(self, id: str) -> "Destination":
        """Return the same destination under another id."""
        return Destination(id, self.label, self.target, self.percentage)


@dataclass(frozen=True, slots=True)
class Way:
    """The way from a source to one target.

    ``has_own_output`` says that the target's literal part lies inside the source.
    """

    source: Source
    target: Target
    has_own_output: bool = field(init=False)
    _fixed: Address = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_own_output", self._lies_inside())
        object.__setattr__(self, "_fixed", taken_apart(self.target.parts[0]))

    def address(self, location: str) -> Address:
        """Return the parts of one of the target's Locations."""
        # Most are the same for every visitor, and were taken apart once.
        is_fixed = location == self.target.parts[0]
        return self._fixed if is_fixed else taken_apart(location)

    def _lies_inside(self) -> bool:
        path = self.target.literal[2]
        if self.source.kind in SHAPED and not self.target.is_fixed:
            head = self.source.path
            return len(path) > len(head) and path.startswith(head)
        return path != "" and self.source.match(path) is not None

    @property
    def guard(self) -> NotItsOwnOutput:
        """What keeps visits at the target from being sent there again."""
        return NotItsOwnOutput(*self.target.literal, self.target.cuts_segment)

    def refuse_circle(self, captures: Captures) -> None:
        """Raise Refused where whatever the source covers is sent back to it."""
        target, source = self.target, self.source
        if not target.is_relative:
            return
        if isinstance(source, Exact) and target.is_fixed:
            if source.path != target.literal[2]:
                return
            raise Refused(
                "“{target}” is the address itself: “{path}” would redirect to “{path}” "
                "again and again. Send visitors to another path.",
                target=target.typed,
                path=source.typed,
            )
        if isinstance(source, Prefix) and self._covers_only_own_output():
            raise Refused(
                "Everything under “{path}” would be sent to an address under “{path}” "
                "again and again. Send visitors to another path.",
                path=source.typed,
            )
        samples = source.samples
        if samples and all(self._comes_back(each, captures) for each in samples):
            raise Refused(
                "What “{path}” covers would be sent to an address that it covers, "
                "again and again. Send visitors to another path.",
                path=source.typed,
            )

    def _covers_only_own_output(self) -> bool:
        path = self.target.literal[2]
        return self.has_own_output and under(
            path, self.source.path, self.target.cuts_segment
        )

    def _comes_back(self, path: str, captures: Captures) -> bool:
        """Say whether a path that the source covers leads to such a path again."""
        target = self.target
        if self.has_own_output:
            return under(target.literal[2], path, target.cuts_segment)
        visit = Visit(path)
        try:
            location = target.location(visit, captures(visit), keeps_query=False)
        except Refused:  # it depends on the visit: each Location is looked at
            return False
        there = taken_apart(location)
        is_itself = (there.path, there.query) == (path, "")
        return self.leads_back(there, visit) or (
            is_itself and self.source.kind in SHAPED
        )

    def leads_back(self, there: Address, visit: Visit) -> bool:
        """Say whether an address is covered by the source, so that it is sent on.

        Where the target's literal part lies inside the source, a check stops that; and
        on the visit's own path the query settles after one redirect.
        """
        if self.has_own_output:
            return False
        is_covered = self.source.match(there.path or "/") is not None
        return is_covered and there.path != visit.path and there.is_at(visit)
