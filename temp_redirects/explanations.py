"""Explanations: what the stored rules decide for a visit, and why, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from temp_redirects import conf
from temp_redirects.core.rulesets import Attempt, Decision, Ruleset, Trace
from temp_redirects.core.schedules import Schedule, moment
from temp_redirects.core.visits import Visit
from temp_redirects.models import RedirectRule
from temp_redirects.models.reading import read_records
from temp_redirects.sites import site_timezone
from temp_redirects.store import alias

DISABLED = "disabled"


@dataclass(frozen=True)
class Explanation:
    """A decision, the rules tried for it, and the paused ones that were not."""

    visit: Visit
    at: float
    decision: Decision
    trace: Trace
    paused: Trace
    reason: str

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
        rule = self.decision.rule
        return self.is_redirected and rule is not None and attempt.rule is rule

    def lines(self) -> Iterator[str]:
        """Yield the answer first, then each rule in the order tried."""
        at = Schedule(timezone=site_timezone()).shown(int(self.at))
        yield f"{self.visit.method} {self.visit.url} at {at}"
        yield f"{self._answer()} [{self.reason}]"
        if not self.visit.host:
            yield "Django refuses this host (ALLOWED_HOSTS): it answers 400 by itself."
        if self.is_redirected:
            yield self._cache()
        yield f"Vary: {', '.join(self.decision.vary) or 'nothing added'}"
        for number, attempt in enumerate(self.trace, 1):
            verdict = self._verdict(attempt)
            verdict += f"; {attempt.turn}" if number > 1 else ""
            yield from self._attempt(f"{number}. ", attempt, verdict)
        for attempt in self.paused:
            verdict = "would hold" if attempt.holds else "would not hold either"
            yield from self._attempt("paused: ", attempt, f"{verdict} if resumed")

    def _answer(self) -> str:
        decision, path = self.decision, self.visit.path
        passes = "Passes to the page:"
        if self.is_redirected and decision.rule:
            name, status = decision.rule.name, decision.rule.status
            if decision.in_place:
                return f"Answered in place by the notice of “{name}” (503)."
            return f"Redirected ({status}) to {decision.location} by “{name}”."
        return {
            DISABLED: f'{passes} TEMP_REDIRECTS["ENABLED"] is False.',
            "preflight": f"{passes} a CORS preflight is never redirected.",
            "no_rule": f"{passes} no rule covers “{path}”.",
            "none_holds": f"{passes} no rule that covers “{path}” holds.",
        }[self.reason]

    def _cache(self) -> str:
        age = self.decision.max_age
        return f"Cache: up to {age} s" if age else "Cache: never stored"

    def _verdict(self, attempt: Attempt) -> str:
        if self._decides(attempt):
            return "decides"
        if attempt.rejected:
            return "switched off by an error"
        if not attempt.steps:
            return "not asked"
        if not attempt.holds:
            return "does not hold"
        return "would hold too" if self.is_redirected else "would hold"

    def _attempt(self, mark: str, attempt: Attempt, verdict: str) -> Iterator[str]:
        yield f"{mark}“{attempt.name}” {verdict}"
        if attempt.rejected:
            yield f"   ✗ {attempt.rejected}"
        for step in attempt.steps:
            tick = "✓" if step.holds else "✗"
            yield f"   {tick} {step.code}: {step.sentence}"


def explain(visit: Visit, at: float) -> Explanation:
    """Return what the stored rules decide for a visit at a moment, and why."""
    using = alias()
    trace: Trace = []
    decision = Ruleset(*read_records(using)[1:]).decide(visit, at, trace)
    paused: Trace = []
    rows = RedirectRule.objects.using(using).filter(enabled=False)
    covering = rows.covering(visit.path)
    Ruleset(row.to_record() for row in covering).decide(visit, at, paused)
    reason = decision.reason if conf.current().ENABLED else DISABLED
    return Explanation(visit, at, decision, trace, paused, reason)
