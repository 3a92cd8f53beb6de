"""Explanations: what the stored rules decide for a visit, and why, step by step.

The command line and the admin tell the same one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext

from temp_redirects import conf
from temp_redirects.core.chains import ELSEWHERE, IN_PLACE, LOOP, PAGE, Chain, chain
from temp_redirects.core.documents import record_of
from temp_redirects.core.index import Overlay
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Attempt, Decision, Ruleset, Trace
from temp_redirects.core.schedules import Schedule, moment
from temp_redirects.core.switches import CODE as KILL_SWITCH
from temp_redirects.core.visits import Visit
from temp_redirects.models import RedirectRule
from temp_redirects.sites import site_timezone
from temp_redirects.store import alias, store

DISABLED, PREFETCH = "disabled", "prefetch"
ANSWERING = {"match", "original", PREFETCH}  # reasons that are one rule's
DECIDES, HOLDS, FAILS, REJECTED, UNASKED, OFF = (
    *("decides", "holds", "fails", "rejected", "unasked", "off"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A rule that covers the path: what became of it, as a stable code and in words.

    ``place`` counts the rules in the order tried; None is one that is paused.
    """

    attempt: Attempt
    place: int | None
    code: str
    verdict: str


@dataclass(frozen=True)
class Explanation:
    """A decision, the rules tried for it, and the paused ones that were not.

    ``chain`` is the way on from there, redirect after redirect.
    """

    visit: Visit
    at: float
    decision: Decision
    trace: Trace
    paused: Trace
    reason: str
    chain: Chain

    @property
    def is_redirected(self) -> bool:
        """Whether the visitor is sent elsewhere."""
        return self.reason == "match"

    def as_json(self) -> dict[str, Any]:
        """Return the explanation for a script to read."""
        decision = self.decision
        rule = decision.rule if self.is_redirected else None
        return {
            "method": self.visit.method,
            "url": self.visit.url,
            "at": moment(self.at, site_timezone()).isoformat(),
            "reason": self.reason,
            "rule": rule and rule.name,
            "status": rule and rule.status,
            "location": decision.location if rule else None,
            "max_age": decision.max_age if rule else 0,
            "vary": list(decision.vary),
            "chain": [
                {
                    "method": link.method,
                    "url": link.url,
                    "rule": link.decision.rule and link.decision.rule.name,
                    "location": link.decision.location,
                }
                for link in self.chain.links
            ],
            "ends": self.chain.end,
            "rules": [self._attempt_json(attempt) for attempt in self.trace],
            "paused": [self._attempt_json(attempt) for attempt in self.paused],
        }

    def _attempt_json(self, attempt: Attempt) -> dict[str, Any]:
        return {
            "name": attempt.name,
            "turn": str(attempt.turn),
            "decides": self._decides(attempt),
            "holds": bool(attempt.steps) and attempt.holds,
            "problem": str(attempt.rejected or ""),
            "steps": [
                {"code": step.code, "holds": step.holds, "sentence": str(step.sentence)}
                for step in attempt.steps
            ],
        }

    def _decides(self, attempt: Attempt) -> bool:
        assignment = self.decision.assignment
        rule = self.decision.rule or (assignment and assignment.rule)
        is_answer = self.reason in ANSWERING
        return is_answer and rule is not None and attempt.rule is rule

    def lines(self) -> Iterator[str]:
        """Yield the answer first, then each rule in the order tried."""
        at = Schedule(timezone=site_timezone()).shown(int(self.at))
        yield f"{self.visit.method} {self.visit.url} at {at}"
        yield f"{self.answer} [{self.reason}]"
        if not self.visit.host:
            yield "Django refuses this host (ALLOWED_HOSTS): it answers 400 by itself."
        if len(self.chain.links) > 1:
            yield from self.way
        if self.is_redirected:
            yield self._cache()
        yield f"Vary: {', '.join(self.decision.vary) or 'nothing added'}"
        for row in self.rows:
            turn = f"; {row.attempt.turn}" if (row.place or 0) > 1 else ""
            mark = f"{row.place}. " if row.place else "paused: "
            yield f"{mark}“{row.attempt.name}” {row.verdict}{turn}"
            yield from _steps(row.attempt)

    @property
    def answer(self) -> str:
        """The answer in one sentence."""
        decision, path = self.decision, self.visit.path
        if self.is_redirected and decision.rule:
            facts = {
                "rule": decision.rule.name,
                "status": decision.rule.status,
                "location": decision.location,
            }
            if decision.in_place:
                text = gettext("Answered in place by the notice of “%(rule)s” (503).")
            else:
                text = gettext("Redirected (%(status)s) to %(location)s by “%(rule)s”.")
            return text % facts
        if not self.visit.host:
            text = gettext("Refused (400): Django does not accept the host “%(host)s”.")
            return text % {"host": urlsplit(self.visit.url).netloc}
        text = {
            DISABLED: gettext(
                'Passes to the page: TEMP_REDIRECTS["ENABLED"] is False.'
            ),
            "preflight": gettext(
                "Passes to the page: a CORS preflight is never redirected."
            ),
            "no_rule": gettext("Passes to the page: no rule covers “%(path)s”."),
            "original": gettext(
                "Stays on the original page, which “%(rule)s” gives this visitor."
            ),
            PREFETCH: gettext(
                "Refused (503): a browser asks before its visitor does, and “%(rule)s” "
                "counts the visit itself."
            ),
            KILL_SWITCH: gettext("Passes to the page: %(stop)s."),
            "none_holds": gettext(
                "Passes to the page: no rule that covers “%(path)s” holds."
            ),
        }[self.reason]
        assigned = decision.assignment.rule.name if decision.assignment else ""
        return text % {"path": path, "stop": self._stop(), "rule": assigned}

    @property
    def way(self) -> list[str]:
        """The redirects one after the other, and where they end; a sentence each."""
        hop = gettext("%(method)s %(url)s → %(location)s (%(status)s, “%(rule)s”)")
        told = [
            hop
            % {
                "method": link.method,
                "url": link.url,
                "location": link.decision.location,
                "status": link.decision.rule.status,
                "rule": link.decision.rule.name,
            }
            for link in self.chain.links
            if link.decision.rule
        ]
        return [*told, self._end()]

    def _end(self) -> str:
        text = {
            PAGE: gettext("It ends at %(method)s %(url)s, where no rule holds."),
            IN_PLACE: gettext("At %(url)s a notice answers in place (503)."),
            ELSEWHERE: gettext("It leaves this site for %(url)s."),
            LOOP: gettext("Round and round: browsers give up at %(url)s."),
        }[self.chain.end]
        return text % {"method": self.chain.method, "url": self.chain.url}

    @property
    def rows(self) -> list[Row]:
        """The rules that cover the path, in the order tried; then the paused ones."""
        tried = [
            Row(attempt, place, *self._verdict(attempt))
            for place, attempt in enumerate(self.trace, 1)
        ]
        return tried + [Row(each, None, OFF, _if_resumed(each)) for each in self.paused]

    def _stop(self) -> str:
        """Return what the kill switch says, which is why rules were not tried."""
        steps = (step for attempt in self.trace for step in attempt.steps)
        said = (str(step.sentence) for step in steps if step.code == KILL_SWITCH)
        return next(said, "")

    def _cache(self) -> str:
        age = self.decision.max_age
        return f"Cache: up to {age} s" if age else "Cache: never stored"

    def _verdict(self, attempt: Attempt) -> tuple[str, str]:
        if self._decides(attempt):
            return DECIDES, gettext("decides")
        if attempt.rejected:
            return REJECTED, gettext("switched off by an error")
        if not attempt.steps:
            return UNASKED, gettext("not asked")
        if not attempt.holds:
            return self._failed(attempt)
        if self.reason in ANSWERING:
            return HOLDS, gettext("would hold too")
        return HOLDS, gettext("would hold")

    def _failed(self, attempt: Attempt) -> tuple[str, str]:
        last = attempt.rule.schedule.last_end if attempt.rule else None
        if last is None or last > self.at:
            return FAILS, gettext("does not hold")
        if all(step.holds for step in attempt.steps if step.code != Schedule.code):
            return OFF, gettext("is over; it would hold if it were on")
        return OFF, gettext("is over, and would not hold either")


def explain(visit: Visit, at: float, draft: Rule | None = None) -> Explanation:
    """Return what the stored rules decide for a visit at a moment, and why.

    With a *draft* as if that rule were stored too, in place of the one with its id.
    """
    ruleset = with_draft(store.newest(), draft)
    trace: Trace = []
    decision = ruleset.decide(visit, at, trace)
    paused: Trace = []
    rows = RedirectRule.objects.using(alias()).filter(enabled=False)
    parts = rows.covering(visit.path).prefetch_related("destinations", "conditions")
    off = {str(row.pk): row.to_record() for row in parts}
    if draft:
        off.pop(draft.id, None)
        off |= {} if draft.enabled else {draft.id: record_of(draft)}
    Ruleset(off.values()).decide(visit, at, paused)
    reason = _reason(decision)
    way = Chain((), visit.method, visit.url, PAGE)
    if reason == decision.reason:
        way = chain(ruleset, visit, at)
    return Explanation(visit, at, decision, trace, paused, reason, way)


def _reason(decision: Decision) -> str:
    """Return why the site answers as it does, which settings may know better."""
    given, found = conf.current(), decision.assignment
    if not given.ENABLED:
        return DISABLED
    if found and found.is_premature and given.REFUSE_PREFETCH:
        return PREFETCH
    return decision.reason


def with_draft(ruleset: Ruleset, draft: Rule | None) -> Ruleset:
    """Return the ruleset as it would be with a rule that nobody has saved."""
    if draft is None:
        return ruleset
    added = [record_of(draft)] if draft.enabled else []
    index = Overlay(ruleset.index, [draft.id], added)
    return Ruleset.over(index, ruleset.windows.values(), ruleset.switches)


def _steps(attempt: Attempt) -> Iterator[str]:
    if attempt.rejected:
        yield f"   ✗ {attempt.rejected}"
    for step in attempt.steps:
        tick = "✓" if step.holds else "✗"
        yield f"   {tick} {step.code}: {step.sentence}"


def _if_resumed(attempt: Attempt) -> str:
    if attempt.holds:
        return gettext("would hold if resumed")
    return gettext("would not hold either if resumed")
