"""Attempts: one rule tried for one visit, check by check, and what it decides."""

from dataclasses import dataclass, field
from typing import NamedTuple

from temp_redirects.core.assignments import Assignment, assign
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Joined, Refused, Sentence
from temp_redirects.core.switches import CODE as KILL_SWITCH
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.targets import Address, sent_query
from temp_redirects.core.visits import Visit


@dataclass(frozen=True, slots=True)
class Step:
    """One check of a rule, done: a stable code, a tick or a cross, and the words."""

    code: str
    holds: bool
    sentence: Sentence


@dataclass(slots=True)
class Attempt:
    """A rule that was tried for a visit, with its steps in order.

    ``turn`` says when it was tried and why not earlier. ``rejected`` says why a stored
    rule is switched off; it then has no steps.
    """

    name: str
    turn: Sentence
    rule: Rule | None = None
    steps: list[Step] = field(default_factory=list)
    rejected: Sentence | None = None

    @property
    def holds(self) -> bool:
        """Whether the visit passed every step."""
        return self.rejected is None and all(step.holds for step in self.steps)


Trace = list[Attempt]


class Won(NamedTuple):
    """What the deciding rule says: the Location, empty for the original page."""

    rule: Rule
    location: str
    assignment: Assignment | None


def try_rule(
    rule: Rule,
    visit: Visit,
    now: float,
    attempt: Attempt | None,
    refusals: list[tuple[str, Sentence]],
    stop: KillSwitch | None = None,
) -> Won | None:
    """Return what the rule decides where it holds, or None; the attempt gets its steps.

    A Location that would not be safe is no decision; *refusals* get the reason. *stop*
    is what switches the rule off.
    """
    if stop is not None:
        _note(attempt, KILL_SWITCH, False, stop.explain())
        if attempt is None:
            return None
    if not _holds(rule, visit, now, attempt):
        return None
    return _decided(rule, visit, now, attempt, refusals)


def _decided(
    rule: Rule,
    visit: Visit,
    now: float,
    attempt: Attempt | None,
    refusals: list[tuple[str, Sentence]],
) -> Won | None:
    """Return what a rule that holds decides, arm by arm."""
    assignment, at = None, 0
    if rule.is_split:
        if _is_at_an_arm(rule, visit):
            _note(attempt, "own_url", False, Sentence("already at its target"))
            return None
        assignment = assign(rule, visit, now)
        _note(attempt, "split", True, assignment.explain() if attempt else NOTHING)
        if assignment.destination is None:
            _note(attempt, "original", True, Sentence("stays on the original page"))
            return Won(rule, "", assignment)
        at = rule.destinations.index(assignment.destination)
    location = _safe_location(rule, at, visit, attempt, refusals)
    return Won(rule, location, assignment) if location else None


NOTHING = Joined(())


def _safe_location(
    rule: Rule,
    at: int,
    visit: Visit,
    attempt: Attempt | None,
    refusals: list[tuple[str, Sentence]],
) -> str:
    """Return the Location of a destination, or an empty text where it is no use."""
    way = rule.ways[at]
    try:
        location = _location(rule, at, visit)
        there = way.address(location)
        is_own_url = _is_own_url(there, visit)
        leads_back = way.leads_back(there, visit)
    except Refused as refused:
        _note(attempt, "safe_target", False, refused.sentence)
        refusals.append((rule.name, refused.sentence))
        return ""
    if is_own_url:
        _note(attempt, "own_url", False, Sentence("already at its target"))
        return ""
    if leads_back:
        sentence = Sentence("“{at}” would be sent on by this rule again", at=location)
        _note(attempt, "own_target", False, sentence)
        return ""
    if attempt is not None:
        _note(attempt, "target", True, Sentence("to {at}", at=location))
    return location


def _is_at_an_arm(rule: Rule, visit: Visit) -> bool:
    """Say whether a visit asks for where an arm leads; it is nobody's first answer."""
    for at in range(len(rule.destinations)):
        try:
            there = rule.ways[at].address(_location(rule, at, visit))
            if _is_own_url(there, visit):
                return True
        except Refused:  # told where that arm is somebody's
            continue
    return False


def _holds(rule: Rule, visit: Visit, now: float, attempt: Attempt | None) -> bool:
    if attempt is None:
        return all(check.holds(visit, now) for check in rule.checks)
    for check in rule.checks:
        _note(attempt, check.code, check.holds(visit, now), check.explain(visit, now))
    return attempt.holds


def _note(attempt: Attempt | None, code: str, holds: bool, sentence: Sentence) -> None:
    if attempt is not None:
        attempt.steps.append(Step(code, holds, sentence))


def _location(rule: Rule, at: int, visit: Visit) -> str:
    target = rule.destinations[at].target
    captures = {} if target.is_fixed else rule.captures(visit)
    try:
        return target.location(visit, captures, keeps_query=rule.query == "keep")
    except Refused:
        if not rule.is_window:
            raise
    # Nothing that a visitor types opens what is closed.
    try:
        return target.location(visit, captures, keeps_query=False)
    except Refused:
        if not visit.site.notices:
            raise
    return visit.site.notice_of(rule.name)


def _is_own_url(there: Address, visit: Visit) -> bool:
    if (there.path or "/") != visit.path or not there.is_at(visit):
        return False
    return there.query == sent_query(visit.query)
