"""Rule: one temporary redirect, compiled, and the checks that a visit must pass."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from temp_redirects.core.conditions import Condition
from temp_redirects.core.orders import Precedence, precedence_of
from temp_redirects.core.patterns import Exact, Source, decoded
from temp_redirects.core.rules.audiences import KnownCountry, NotFor, OnlyFor, consulted
from temp_redirects.core.rules.destinations import (
    MAX_DESTINATIONS,
    Destination,
    Way,
)
from temp_redirects.core.rules.guards import NotItsOwnOutput, NotProtected
from temp_redirects.core.rules.limits import (
    ANY_HOST,
    ANY_METHOD,
    NO_EXCEPTIONS,
    ExceptedPaths,
    Hosts,
    Methods,
)
from temp_redirects.core.schedules import ALWAYS, Schedule
from temp_redirects.core.sentences import Refused, Sentence, standing_at
from temp_redirects.core.splits import ORIGINAL, Split
from temp_redirects.core.targets import Target
from temp_redirects.core.visits import NAVIGATION_HEADERS, Visit

__all__ = [
    "MAX_CONDITIONS",
    "MAX_DESTINATIONS",
    "MAX_PRIORITY",
    "NOTHING",
    "QUERIES",
    "REMEMBERING",
    "STATUSES",
    "STICKIES",
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
STICKIES = ("visitor", "user", "address", "request")
REMEMBERING = ("visitor", "user")  # of them, those that use the cookie
PAGES = Methods(("GET",))  # and HEAD
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One temporary redirect: a source, a window, conditions, destinations.

    ``cache_seconds`` is how long a cache may keep the answer, never beyond the end.
    Rules of a maintenance window are marked, and have its ``api``. ``sticky`` says by
    what a visitor gets the same arm again. With a ``goal``, a path, the rule is an
    experiment: who gets there within ``goal_days`` has converted. ``split`` are the
    shares of the destinations, the original page included.
    """

    id: str
    name: str
    source: Source
    destinations: tuple[Destination, ...]
    enabled: bool = True
    priority: int = 0
    methods: Methods = ANY_METHOD
    hosts: Hosts = ANY_HOST
    excepted: ExceptedPaths = NO_EXCEPTIONS
    conditions: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    schedule: Schedule = ALWAYS
    sticky: str = "visitor"
    goal: str = ""
    goal_days: int = 7
    planned_visitors: int | None = None
    status: int = 307
    query: str = "keep"
    cache_seconds: int = 0
    note: str = ""
    api: str = "redirect"
    is_window: bool = False
    checks: tuple[Check, ...] = field(init=False, repr=False, compare=False)
    ways: tuple[Way, ...] = field(init=False, repr=False, compare=False)
    split: Split = field(init=False, repr=False, compare=False)
    needed: frozenset[str] = field(init=False, repr=False, compare=False)
    depends: bool = field(init=False, repr=False, compare=False)  # on who asks

    def __post_init__(self) -> None:
        with standing_at("destinations"):
            object.__setattr__(self, "split", self._split())
        ways = tuple(Way(self.source, each.target) for each in self.destinations)
        object.__setattr__(self, "ways", ways)
        object.__setattr__(self, "checks", tuple(self._checks()))
        needed = NOTHING.union(*(each.needs for each in self.facts))
        if self.sticky == "user" and self.is_split:
            needed |= {"user"}
        object.__setattr__(self, "needed", needed)
        depends = (
            bool(self.facts) or self.names_country or self.api == "503" or self.is_split
        )
        object.__setattr__(self, "depends", depends)
        for at, way in enumerate(ways):
            with standing_at(f"destinations[{at}].target"):
                way.refuse_circle(self.captures)
                self._refuse_unknown_placeholders(way.target)
        self._refuse_goal()

    def with_ids(self, own: str, destinations: Iterable[str]) -> "Rule":
        """Return the same rule under other ids, of its destinations in their order.

        Nothing but the split is made of ids, so that nothing else is judged again.
        """
        twin = object.__new__(Rule)
        for name in self.__slots__:
            object.__setattr__(twin, name, getattr(self, name))
        parts = tuple(map(Destination.named, self.destinations, destinations))
        object.__setattr__(twin, "id", own)
        object.__setattr__(twin, "destinations", parts)
        object.__setattr__(twin, "split", twin._split())
        return twin

    def _split(self) -> Split:
        """Return who gets which; a destination without an id yet has its number."""
        shares = {
            each.id or str(at): each.percentage
            for at, each in enumerate(self.destinations)
        }
        if len(shares) < len(self.destinations) or ORIGINAL in shares:
            raise Refused(
                "Each destination needs an id of its own, another one than “original”."
            )
        return Split.of(self.id, shares)

    def _refuse_goal(self) -> None:
        if not self.goal:
            return
        if self.sticky not in REMEMBERING:
            with standing_at("sticky"):
                raise Refused(
                    "A goal needs visitors who stay with what they got: use “visitor” "
                    "or “user”."
                )
        if isinstance(self.source, Exact) and decoded(self.goal) == self.source.path:
            with standing_at("goal"):
                raise Refused(
                    "“{path}” is the page that is tested. The goal is the page that "
                    "you want visitors to reach.",
                    path=self.goal,
                )

    @property
    def is_split(self) -> bool:
        """Whether visitors may get different arms, or are counted by arm."""
        return (
            len(self.destinations) > 1
            or self.destinations[0].percentage is not None
            or bool(self.goal)
        )

    @property
    def remembers(self) -> bool:
        """Whether the arm of a visitor stands in the cookie."""
        return self.is_split and (bool(self.goal) or self.sticky == "user")

    @property
    def names_country(self) -> bool:
        """Whether a target has the visitor's country in it."""
        return any("country" in each.target.names for each in self.destinations)

    def _refuse_unknown_placeholders(self, target: Target) -> None:
        given = {name for each in self.conditions for name in each.gives}
        if "language" in target.names and "language" not in given:
            raise Refused(
                "“{{language}}” needs “only for” a language: it is the one that you "
                "write there."
            )

    def _checks(self) -> Iterator[Check]:
        if self.schedule.starts is not None or self.schedule.ends is not None:
            yield self.schedule
        if self.asked_methods.names:
            yield self.asked_methods
        if self.hosts.patterns:
            yield self.hosts
        if self.excepted.paths:
            yield self.excepted
        yield NotProtected(self.source)
        yield from (each.guard for each in self.ways if each.has_own_output)
        if self.names_country:
            yield KnownCountry()
        yield from map(OnlyFor, self.conditions)
        yield from map(NotFor, self.unless)

    @property
    def asked_methods(self) -> Methods:
        """The methods that are answered: an experiment's are those of pages."""
        return PAGES if self.goal and not self.methods.names else self.methods

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
        if self.names_country:
            asked.append((visit.country_headers, visit.country_is_by_address))
        if self.is_split:
            asked.append(self._consulted_by_split(visit))
        headers = [header for each, _ in asked for header in each]
        if self.api == "503":
            headers += NAVIGATION_HEADERS
        return tuple(headers), any(is_personal for _, is_personal in asked)

    def _consulted_by_split(self, visit: Visit) -> tuple[tuple[str, ...], bool]:
        """Return on what it depends who gets which, for redirects and pages alike."""
        if self.split.is_whole and not self.goal:
            return (), False
        headers: list[str] = []
        if self.sticky in REMEMBERING:
            headers += ["Cookie", *visit.privacy_headers]
        if self.sticky != "request" and not self.goal:
            headers += filter(None, [visit.address_header])
        return tuple(headers), True

    def captures(self, visit: Visit) -> dict[str, str]:
        """Return the texts of the placeholders that source and conditions give."""
        found = dict(self.source.match(visit.path) or {})
        for each in reversed(self.conditions):  # the first wins
            if each.gives:
                found |= each.captures(visit)
        return found
