"""Timelines: what becomes of one visit from moment to moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile

from temp_redirects.core.rulesets import Decision, Ruleset, Trace
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.visits import Visit

WEEK = 7 * 24 * 60 * 60.0  # seconds
MAX_EDGES = 200  # moments looked at; a rule may come again every few minutes


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time ``starts <= t < ends`` in which a visit is answered alike."""

    starts: float
    ends: float
    decision: Decision


def timeline(
    ruleset: Ruleset, visit: Visit, since: float, until: float
) -> list[Stretch]:
    """Return the stretches from *since* to *until*, seconds since the epoch.

    Only time passes, the visit stays as it is. After very many changes the last
    stretch ends before *until*.
    """
    trace: Trace = []
    ruleset.decide(visit, since, trace)
    schedules = [attempt.rule.schedule for attempt in trace if attempt.rule]
    inside = {
        edge
        for schedule in schedules
        for edge in _edges(schedule, since, until)
        if since < edge < until
    }
    inside |= {
        switch.ends
        for switch in ruleset.switches
        if switch.ends is not None and since < switch.ends < until
    }
    edges = [since, *sorted(inside), until]
    found: list[Stretch] = []
    for starts, ends in islice(pairwise(edges), MAX_EDGES):
        decision = ruleset.decide(visit, starts)
        if found and _what(found[-1].decision) == _what(decision):
            starts = found.pop().starts
        found.append(Stretch(starts, ends, decision))
    return found


def _edges(schedule: Schedule, since: float, until: float) -> Iterator[float]:
    """Yield the moments at which a schedule begins or ends, as far as they matter."""
    begun = takewhile(
        lambda each: each.starts is None or each.starts < until,
        schedule.occurrences(since),
    )
    for each in islice(begun, MAX_EDGES):
        yield from (edge for edge in (each.starts, each.ends) if edge is not None)


def _what(decision: Decision) -> tuple[str, str, bool]:
    """Return what a visitor notices of a decision."""
    rule = decision.rule.id if decision.rule else ""
    return rule, decision.location, decision.in_place
