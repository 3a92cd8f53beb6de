"""Chains: where a visitor is led, redirect after redirect, within this site."""

from dataclasses import dataclass

from temp_redirects.core.loops import MAX_HOPS, next_visit
from temp_redirects.core.rulesets import Decision, Ruleset
from temp_redirects.core.visits import Visit

PAGE, IN_PLACE, ELSEWHERE, LOOP = "page", "in_place", "elsewhere", "loop"


@dataclass(frozen=True, slots=True)
class Link:
    """A redirect on the way: what was asked for, and what answered it."""

    method: str
    url: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Chain:
    """The redirects that follow each other, and where they end.

    ``end`` is a stable code: the ``page`` at ``url``, a notice ``in_place`` of it,
    ``elsewhere`` (another server), or a ``loop`` that browsers give up.
    """

    links: tuple[Link, ...]
    method: str
    url: str
    end: str


def chain(ruleset: Ruleset, visit: Visit, now: float) -> Chain:
    """Return where a visit is led at *now*, seconds since the epoch."""
    links: list[Link] = []
    seen: set[tuple[str, str]] = set()
    while (visit.method, visit.url) not in seen and len(links) < MAX_HOPS:
        seen.add((visit.method, visit.url))
        decision = ruleset.decide(visit, now)
        if decision.in_place:
            return Chain(tuple(links), visit.method, visit.url, IN_PLACE)
        if decision.rule is None:
            return Chain(tuple(links), visit.method, visit.url, PAGE)
        links.append(Link(visit.method, visit.url, decision))
        following = next_visit(visit, decision)
        if following is None:
            return Chain(tuple(links), visit.method, decision.location, ELSEWHERE)
        visit = following
    return Chain(tuple(links), visit.method, visit.url, LOOP)
