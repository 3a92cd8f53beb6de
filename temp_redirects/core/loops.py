"""Loops: redirects that send a visitor round and round, found before they go live."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from temp_redirects.core.assignments import Assignment
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.facts import merged, samples_of
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Decision, Ruleset, Trace
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sites import Site
from temp_redirects.core.splits import ORIGINAL
from temp_redirects.core.targets import Target, taken_apart
from temp_redirects.core.visits import Visit

MAX_VISITS = 1_000  # followed for one rule
MAX_EACH = 100  # moments, paths, hosts or methods that are tried
MAX_OCCURRENCES = 8  # of one that repeats
MAX_LOOKS = 20  # for rules under a target
MAX_ARMS = 10_000  # of rules on the way that are tried
MAX_HOPS = 20  # where browsers stop (Fetch standard, “HTTP-redirect fetch”, step 6)


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect on the way: the address asked for, and the rule that answered."""

    url: str
    rule: str


def find_loop(
    ruleset: Ruleset, rule: Rule, site: Site, *, since: float
) -> list[Hop] | None:
    """Return the hops of a loop through *rule* from *since* on, or None.

    The ruleset, which contains the rule, is asked hop by hop for visits that the rule
    is for: over http and https, and with every moment, path, host, method, fact and arm
    at which a rule on the way may answer otherwise. The paths begin with samples of its
    source; a regular expression for which none is easily guessed is not followed. A
    chain that comes back to an address, or that is longer than browsers follow, is a
    loop.
    """
    search = _Search(ruleset, rule, site, since)
    for visit, now in search.visits():
        if hops := _follow(ruleset, visit, now, search):
            return hops
    return None


class _Search:
    """The visits to follow for one rule; the rules met on the way add to them."""

    def __init__(self, ruleset: Ruleset, rule: Rule, site: Site, since: float) -> None:
        self.index = ruleset.index
        self.rule = rule
        self.site = site
        self.moments = list(_moments(rule.schedule, since))
        self._first_moments = tuple(self.moments)
        self.hosts = _sample_hosts(rule) or sorted(site.hosts)[:1] or ["localhost"]
        self.methods = list(rule.asked_methods.names) or ["GET"]
        self.facts = list(samples_of(rule.conditions))
        self._met = {rule.name}
        literal = rule.source.literal
        samples = list(rule.source.samples)
        if rule.source.kind == "prefix":
            samples += [literal or "/", f"{literal}/", f"{literal}/x"]
        self.paths = list(dict.fromkeys(samples))
        self.bases = dict.fromkeys(self.paths, literal)  # below which paths are learned
        self.looks: set[tuple[str, str]] = set()
        self.arms_left = MAX_ARMS

    def visits(self) -> Iterator[tuple[Visit, float]]:
        """Yield each visit with its moment, the ones learned meanwhile included."""
        facts = self.rule.conditions
        schemes = [each.wanted for each in facts if isinstance(each, Scheme)]
        schemes = schemes or ["https", "http"]
        tried: set[tuple[str, int, float, str, str, str]] = set()
        while True:
            known = range(len(self.facts))
            axes = product(
                self.paths, known, self.moments, schemes, self.hosts, self.methods
            )
            new = (each for each in axes if each not in tried)
            todo = list(islice(new, MAX_VISITS - len(tried)))
            if not todo:
                return
            tried.update(todo)
            for path, at, now, scheme, host, method in todo:
                visit = Visit(
                    path,
                    method=method,
                    scheme=scheme,
                    host=host,
                    site=self.site,
                    **self.facts[at],
                )
                yield visit, now

    def learn(self, path: str, visit: Visit, trace: Trace) -> None:
        """Add what makes a difference to the rules of a trace, and the rule allows.

        The visit is one hop of a way that began at *path*.
        """
        for rule in [attempt.rule for attempt in trace if attempt.rule]:
            self._learn_moments(rule)
            for host in _sample_hosts(rule):
                if self._takes_host(Visit("/", scheme=visit.scheme, host=host)):
                    _add(self.hosts, host)
            for method in rule.asked_methods.names:
                if self._takes_method(Visit("/", method=method)):
                    _add(self.methods, method)
            self._learn_facts(rule)
            if self.rule.source.kind == "prefix":
                for each in rule.destinations:
                    self._learn_paths(path, each.target)

    def _learn_moments(self, rule: Rule) -> None:
        for since in self._first_moments:
            found = next(rule.schedule.occurrences(since), None)
            for edge in (found.starts, found.ends) if found else ():
                if edge is not None and edge > since:
                    _add(self.moments, edge)

    def _takes_host(self, visit: Visit) -> bool:
        hosts = self.rule.hosts
        return not hosts.patterns or hosts.holds(visit, self.moments[0])

    def _takes_method(self, visit: Visit) -> bool:
        methods = self.rule.asked_methods
        return not methods.names or methods.holds(visit, self.moments[0])

    def _learn_paths(self, path: str, target: Target) -> None:
        """Add paths under the rule's own that may arrive at a rule under the target.

        What a prefix captures mostly arrives as it was, at the end of the target.
        """
        start, literal = target.literal[2], self.rule.source.literal
        base = self.bases[path]
        look = base, start
        if target.is_fixed or look in self.looks or len(self.looks) >= MAX_LOOKS:
            return
        self.looks.add(look)
        for source in self.index.paths_under(start, MAX_EACH):
            segments = source[len(start) :].removeprefix("/").split("/")
            for at in range(min(len(segments), MAX_HOPS)):
                for below in dict.fromkeys([literal, base]):
                    learned = "/".join([below, *segments[at:]])
                    _add(self.paths, learned)
                    # Only once more, or a rule that strips its own path never ends.
                    further = learned.removesuffix("/") if below == literal else literal
                    self.bases.setdefault(learned, further)

    def _learn_facts(self, rule: Rule) -> None:
        """Add visitors who also have what another rule on the way asks for."""
        if rule.name in self._met:
            return
        self._met.add(rule.name)
        for more in samples_of(rule.conditions) if rule.conditions else ():
            for facts in list(self.facts):
                _add(self.facts, merged(facts, more))


def _moments(schedule: Schedule, since: float) -> Iterator[float]:
    """Yield when the next occurrences begin, or *since* where one is on."""
    found = list(islice(schedule.occurrences(since), MAX_OCCURRENCES))
    for each in found:
        yield max(since, each.starts or since)
    if not found:
        yield since


def _add(values: list[Any], value: Any) -> None:
    if value not in values and len(values) < MAX_EACH:
        values.append(value)


def _sample_hosts(rule: Rule) -> list[str]:
    return [name.replace("*.", "x.", 1) for name in rule.hosts.patterns]


def _follow(
    ruleset: Ruleset,
    visit: Visit,
    now: float,
    search: _Search,
    way: tuple[tuple[Visit, Hop], ...] = (),
) -> list[Hop] | None:
    """Return the hops of a way through the rule that never ends, or None.

    Where a rule has several arms each is tried: a visitor has one in each rule, so
    that a rule that is met again leads on as before.
    """
    trace: Trace = []
    decision = ruleset.decide(visit, now, trace)
    search.learn((way[0][0] if way else visit).path, visit, trace)
    chosen = decision.assignment
    if chosen and chosen.by != "preview":
        for arm in _arms_to_try(chosen, search):
            fixed = visit.moved(visit.path, arms={**visit.arms, chosen.rule.id: arm})
            if hops := _follow(ruleset, fixed, now, search, way):
                return hops
        return None
    if decision.rule is None:
        return None
    following = next_visit(visit, decision)
    if following is None:
        return None
    way = (*way, (visit, Hop(visit.url, decision.rule.name)))
    asked = {(each.method, each.url) for each, _ in way}
    if len(way) <= MAX_HOPS and (following.method, following.url) not in asked:
        return _follow(ruleset, following, now, search, way)
    hops = [*(hop for _, hop in way), Hop(following.url, "")]
    return hops if search.rule.name in {hop.rule for hop in hops} else None


def _arms_to_try(assignment: Assignment, search: _Search) -> Iterator[str]:
    """Yield the arms that lead on and have a share, as long as any may be tried."""
    for arm, share in assignment.rule.split.shares:
        if arm != ORIGINAL and share > 0 and search.arms_left > 0:
            search.arms_left -= 1
            yield arm


def next_visit(visit: Visit, decision: Decision) -> Visit | None:
    """Return the visit that follows a redirect, or None where it leaves the site."""
    scheme, host, path, query = taken_apart(decision.location)
    if host and host != visit.host and not visit.site.owns(host):
        return None
    return visit.moved(
        path or "/",
        method=_next_method(visit.method, decision.rule.status if decision.rule else 0),
        scheme=scheme or visit.scheme,
        host=host or visit.host,
        query=query,
    )


def _next_method(method: str, status: int) -> str:
    """Return the method of the next request (Fetch, “HTTP-redirect fetch”, step 12)."""
    if status == 303 and method != "HEAD":
        return "GET"
    return "GET" if (status, method) == (302, "POST") else method
