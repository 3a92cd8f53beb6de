"""Rule: one temporary redirect, compiled, and the checks that a visit must pass."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from temp_redirects.core.conditions import Condition
from temp_redirects.core.orders import Precedence, precedence_of
from temp_redirects.core.patterns import SHAPED, Exact, Prefix, Source
from temp_redirects.core.rules.audiences import KnownCountry, NotFor, OnlyFor, consulted
from temp_redirects.core.rules.guards import NotItsOwnOutput, NotProtected, under
from temp_redirects.core.rules.limits import (
    ANY_HOST,
    ANY_METHOD,
    NO_EXCEPTIONS,
    ExceptedPaths,
    Hosts,
    Methods,
)
from temp_redirects.core.schedules import ALWAYS, Schedule
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.targets import Target, taken_apart
from temp_redirects.core.visits import NAVIGATION_HEADERS, Visit

__all__ = [
    "MAX_CONDITIONS",
    "MAX_PRIORITY",
    "NOTHING",
    "QUERIES",
    "STATUSES",
    "Check",
    "Destination",
    "ExceptedPaths",
    "Hosts",
    "KnownCountry",
    "Methods",
    "NotFor",
    "NotItsOwnOutput",
    "NotProtected",
    "OnlyFor",
    "Rule",
]

STATUSES = (307, 303, 302)
QUERIES = ("keep", "drop")
MAX_CONDITIONS = 20
MAX_PRIORITY = 1_000_000
NOTHING: frozenset[str] = frozenset()


class Check(Protocol):
    """One thing that a visit must have for a rule to hold, and the words for it."""

    @property
    def code(self) -> str:
        """A stable word for the step in a trace."""

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the visit passes."""

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say what was found and what was wanted."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where visitors go; ``id`` is short, given once and never reused."""

    id: str
    label: str
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One temporary redirect: a source, a window, conditions, a destination.

    ``cache_seconds`` is how long a cache may keep the answer, never beyond the end.
    Rules of a maintenance window are marked, and have its ``api``.
    """

    id: str
    name: str
    source: Source
    destination: Destination
    enabled: bool = True
    priority: int = 0
    methods: Methods = ANY_METHOD
    hosts: Hosts = ANY_HOST
    excepted: ExceptedPaths = NO_EXCEPTIONS
    conditions: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    schedule: Schedule = ALWAYS
    status: int = 307
    query: str = "keep"
    cache_seconds: int = 0
    note: str = ""
    api: str = "redirect"
    is_window: bool = False
    checks: tuple[Check, ...] = field(init=False, repr=False, compare=False)
    _has_own_output: bool = field(init=False, repr=False, compare=False)
    needed: frozenset[str] = field(init=False, repr=False, compare=False)
    depends: bool = field(init=False, repr=False, compare=False)  # on who asks

    def __post_init__(self) -> None:
        object.__setattr__(self, "_has_own_output", self._lies_inside())
        object.__setattr__(self, "checks", tuple(self._checks()))
        needed = NOTHING.union(*(each.needs for each in self.facts))
        object.__setattr__(self, "needed", needed)
        names_country = "country" in self.destination.target.names
        depends = bool(self.facts) or names_country or self.api == "503"
        object.__setattr__(self, "depends", depends)
        self._refuse_own_target()
        self._refuse_unknown_placeholders()

    def _refuse_own_target(self) -> None:
        target = self.destination.target
        path = target.literal[2]
        if not target.is_relative:
            return
        if (
            isinstance(self.source, Exact)
            and target.is_fixed
            and self.source.path == path
        ):
            raise Refused(
                "“{target}” is the address itself: “{path}” would redirect to “{path}” "
                "again and again. Send visitors to another path.",
                target=target.typed,
                path=self.source.typed,
            )
        if isinstance(self.source, Prefix) and self._covers_only_own_output():
            raise Refused(
                "Everything under “{path}” would be sent to an address under “{path}” "
                "again and again. Send visitors to another path.",
                path=self.source.typed,
            )
        samples = self.source.samples
        if samples and all(map(self._comes_back, samples)):
            raise Refused(
                "What “{path}” covers would be sent to an address that it covers, "
                "again and again. Send visitors to another path.",
                path=self.source.typed,
            )

    def _covers_only_own_output(self) -> bool:
        target = self.destination.target
        path = target.literal[2]
        return self._has_own_output and under(
            path, self.source.path, target.cuts_segment
        )

    def _comes_back(self, path: str) -> bool:
        """Say whether a path that the source covers leads to such a path again."""
        target = self.destination.target
        if self._has_own_output:
            return under(target.literal[2], path, target.cuts_segment)
        visit = Visit(path)
        try:
            location = target.location(visit, self.captures(visit), keeps_query=False)
        except Refused:  # it depends on the visit: each Location is looked at
            return False
        is_itself = taken_apart(location)[2:] == (path, "")
        return self.leads_back(location, visit) or (
            is_itself and self.source.kind in SHAPED
        )

    def _lies_inside(self) -> bool:
        """Whether the target's literal part lies inside the source."""
        target = self.destination.target
        path = target.literal[2]
        if self.source.kind in SHAPED and not target.is_fixed:
            head = self.source.path
            return len(path) > len(head) and path.startswith(head)
        return path != "" and self.source.match(path) is not None

    def _refuse_unknown_placeholders(self) -> None:
        given = {name for each in self.conditions for name in each.gives}
        if "language" in self.destination.target.names and "language" not in given:
            raise Refused(
                "“{{language}}” needs “only for” a language: it is the one that you "
                "write there."
            )

    def _checks(self) -> Iterator[Check]:
        if self.schedule.starts is not None or self.schedule.ends is not None:
            yield self.schedule
        if self.methods.names:
            yield self.methods
        if self.hosts.patterns:
            yield self.hosts
        if self.excepted.paths:
            yield self.excepted
        yield NotProtected(self.source)
        target = self.destination.target
        if self._has_own_output:
            yield NotItsOwnOutput(*target.literal, target.cuts_segment)
        if "country" in target.names:
            yield KnownCountry()
        yield from map(OnlyFor, self.conditions)
        yield from map(NotFor, self.unless)

    @property
    def precedence(self) -> Precedence:
        """The place in the order of rules: the smallest is tried first."""
        return precedence_of(
            self.priority,
            self.source.rank,
            self.source.literal,
            bool(self.hosts.patterns),
            self.id,
        )

    def leads_back(self, location: str, visit: Visit) -> bool:
        """Say whether a Location is covered by this rule, which would send it on.

        Where the target's literal part lies inside the source, a check stops that; and
        on the visit's own path the query settles after one redirect.
        """
        if self._has_own_output:
            return False
        scheme, host, path, _ = taken_apart(location)
        if scheme not in {"", visit.scheme} or host not in {"", visit.host}:
            return False
        return path != visit.path and self.source.match(path or "/") is not None

    @property
    def facts(self) -> tuple[Condition, ...]:
        """All conditions, the ones that except included."""
        return (*self.conditions, *self.unless)

    def needs(self, visit: Visit, now: float) -> frozenset[str]:
        """Return what has to be fetched before the rule can decide about a visit.

        Nothing, where the rule does not hold whatever would be fetched.
        """
        if not self.needed or not all(
            check.holds(visit, now)
            for check in self.checks
            if not (isinstance(check, OnlyFor | NotFor) and check.condition.needs)
        ):
            return NOTHING
        return self.needed

    def consulted(self, visit: Visit) -> tuple[tuple[str, ...], bool]:
        """Return the request headers that the rule's answer depends on.

        With them, whether it is about one person, so that no shared cache keeps it.
        """
        asked = [consulted(each, visit) for each in self.facts]
        if "country" in self.destination.target.names:
            asked.append((visit.country_headers, visit.country_is_by_address))
        headers = [header for each, _ in asked for header in each]
        if self.api == "503":
            headers += NAVIGATION_HEADERS
        return tuple(headers), any(is_personal for _, is_personal in asked)

    def captures(self, visit: Visit) -> dict[str, str]:
        """Return the texts of the placeholders that source and conditions give."""
        found = dict(self.source.match(visit.path) or {})
        for each in reversed(self.conditions):  # the first wins
            if each.gives:
                found |= each.captures(visit)
        return found
