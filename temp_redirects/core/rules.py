"""Rule: one temporary redirect, compiled, and the checks that a visit must pass."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from temp_redirects.core.conditions import Condition
from temp_redirects.core.orders import Precedence, precedence_of
from temp_redirects.core.patterns import (
    SHAPED,
    Exact,
    Prefix,
    Source,
    covers,
    parse_path,
    typed_path,
)
from temp_redirects.core.schedules import ALWAYS, Schedule
from temp_redirects.core.sentences import Refused, Sentence, listed
from temp_redirects.core.sites import normal_host
from temp_redirects.core.targets import Target, taken_apart
from temp_redirects.core.visits import NAVIGATION_HEADERS, Visit

STATUSES = (307, 303, 302)
QUERIES = ("keep", "drop")
MAX_CONDITIONS = 20
MAX_PRIORITY = 1_000_000
NOTHING: frozenset[str] = frozenset()

_METHOD = re.compile(r"[A-Z]{1,32}")
_PORT = re.compile(r":[0-9]+$")
_HOST_PATTERN = re.compile(
    r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?"
)


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
class Methods:
    """The request methods that a rule answers; GET includes HEAD (RFC 9110 §9.3.2)."""

    code: ClassVar[str] = "method"
    names: tuple[str, ...]

    @classmethod
    def parse(cls, names: list[str]) -> "Methods":
        """Read method names, in any case."""
        methods = tuple(dict.fromkeys(name.strip().upper() for name in names))
        for name in methods:
            if not _METHOD.fullmatch(name):
                raise Refused(
                    "“{name}” is no request method. Examples: GET, POST.", name=name
                )
        return cls(methods)

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the visit's method is one of them."""
        return visit.method in self.names or (
            visit.method == "HEAD" and "GET" in self.names
        )

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which method it was."""
        return Sentence(
            "method is {actual}, wanted {wanted}",
            actual=visit.method,
            wanted=listed(self.names),
        )


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts that a rule is for: “shop.example”, “*.shop.example” for subdomains.

    The port counts only where it is written.
    """

    code: ClassVar[str] = "host"
    patterns: tuple[str, ...]

    @classmethod
    def parse(cls, patterns: list[str]) -> "Hosts":
        """Read host names and wildcards."""
        return cls(tuple(dict.fromkeys(map(cls._parse_one, patterns))))

    @staticmethod
    def _parse_one(text: str) -> str:
        host = normal_host(text)
        if not host.isascii():
            with suppress(UnicodeError):  # refused below
                host = host.encode("idna").decode()
        if not _HOST_PATTERN.fullmatch(host):
            raise Refused(
                "“{text}” is not a host name. Examples: “shop.example”, "
                "“*.shop.example”.",
                text=text,
            )
        return host

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the visit's host is one of them; an unknown host is none."""
        return visit.host != "" and any(
            self._covers(pattern, visit) for pattern in self.patterns
        )

    @staticmethod
    def _covers(pattern: str, visit: Visit) -> bool:
        host = visit.hostname
        if _PORT.search(pattern):
            pattern, host = normal_host(pattern, visit.scheme), visit.host
        if pattern.startswith("*."):
            return host.endswith(pattern[1:])
        return host == pattern

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which host it was."""
        return Sentence(
            "host is {actual}, wanted {wanted}",
            actual=visit.host or "?",
            wanted=listed(self.patterns),
        )


@dataclass(frozen=True, slots=True)
class ExceptedPaths:
    """Exact paths and prefixes under the source that pass."""

    code: ClassVar[str] = "except_paths"
    paths: tuple[str, ...]

    @classmethod
    def parse(cls, paths: list[str]) -> "ExceptedPaths":
        """Read paths as editors type them."""
        return cls(tuple(map(parse_path, paths)))

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether no excepted path covers the visit."""
        return not any(covers(path, visit.path) for path in self.paths)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which exception covers the path, if one does."""
        for path in self.paths:
            if covers(path, visit.path):
                return Sentence("“{path}” is excepted", path=typed_path(path))
        return Sentence("not among the excepted paths")


@dataclass(frozen=True, slots=True)
class OnlyFor:
    """A condition that must be known to hold."""

    condition: Condition

    @property
    def code(self) -> str:
        """The condition's kind."""
        return self.condition.kind

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the condition holds; one that raises does not."""
        return _is_known(self.condition, visit)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say what was found and wanted."""
        return _explained(self.condition, visit)


@dataclass(frozen=True, slots=True)
class NotFor:
    """A condition that lets the visit past where it is known to hold."""

    condition: Condition

    @property
    def code(self) -> str:
        """The condition's kind, marked as an exception."""
        return f"unless_{self.condition.kind}"

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the condition is not known to hold."""
        return not _is_known(self.condition, visit)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say what was found and is excepted."""
        return Sentence("excepted: {fact}", fact=_explained(self.condition, visit))


# A project's own condition may raise; a visitor never pays for that.


def _is_known(condition: Condition, visit: Visit) -> bool:
    try:
        return bool(condition.holds(visit))
    except Exception as error:
        visit.failed(condition.kind, error)
        return False


def _explained(condition: Condition, visit: Visit) -> Sentence:
    try:
        return condition.explain(visit)
    except Exception as error:
        visit.failed(condition.kind, error)
        return Sentence(
            "{kind} failed: {error}", kind=condition.kind, error=repr(error)
        )


def _consulted(condition: Condition, visit: Visit) -> tuple[tuple[str, ...], bool]:
    """Return the headers that a condition depends on, and whether it is personal."""
    try:
        return tuple(condition.consulted(visit)), condition.is_personal(visit)
    except Exception as error:
        visit.failed(condition.kind, error)
        return (), True  # nobody knows on what: no shared cache keeps it


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
        return not (here and _under(self.path, visit.path, self.cuts_segment))

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say whether the visit is at the target."""
        if self.holds(visit, now):
            return Sentence("not at its own target")
        return Sentence(
            "“{path}” is where this rule sends visitors", path=typed_path(visit.path)
        )


def _under(literal: str, path: str, cuts_segment: bool) -> bool:
    if cuts_segment or literal.endswith("/"):
        return path.startswith(literal)
    return covers(literal, path)


@dataclass(frozen=True, slots=True)
class KnownCountry:
    """The visitor's country is known, for the target names it."""

    code: ClassVar[str] = "known_country"

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether it is known."""
        return visit.country != ""

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which country it is."""
        if visit.country:
            return Sentence("country is {country}", country=visit.country)
        return Sentence("country is unknown, and the target names it")


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
    methods: Methods = Methods(())
    hosts: Hosts = Hosts(())
    excepted: ExceptedPaths = ExceptedPaths(())
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
        return self._has_own_output and _under(
            path, self.source.path, target.cuts_segment
        )

    def _comes_back(self, path: str) -> bool:
        """Say whether a path that the source covers leads to such a path again."""
        target = self.destination.target
        if self._has_own_output:
            return _under(target.literal[2], path, target.cuts_segment)
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
        asked = [_consulted(each, visit) for each in self.facts]
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
