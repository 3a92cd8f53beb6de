"""Visitors: the cookie in which they keep their arms, and when they are counted.

The cookie holds an id of 128 random bits and the visitor's newest arms, signed. It is
set only where a rule needs it, and never for who does not want to be remembered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.cache import patch_cache_control, patch_vary_headers

import temp_redirects
from temp_redirects import conf
from temp_redirects.core.assignments import Assignment
from temp_redirects.core.goals import Goal
from temp_redirects.core.pins import Pin
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.requests import RequestVisit
from temp_redirects.signing import sign_visitor
from temp_redirects.tallies import tallies

ERROR = 400  # the first status that says something went wrong
_UNSHARED = {"private", "no-store"}  # what keeps a page out of shared caches


@dataclass(slots=True)
class Following:
    """What the answer to one visit decides: its arm, if any, and the goals reached."""

    ruleset: Ruleset
    visit: RequestVisit
    now: float
    assignment: Assignment | None = None

    @property
    def is_premature(self) -> bool:
        """Whether a browser asks before its visitor does, who would count."""
        is_new = self.assignment is not None and self.assignment.is_premature
        return is_new or self.ruleset.awaits(self.visit, self.now)

    def answered(self, response: Any) -> None:
        """Count what the answer makes true, and let the visitor keep it.

        An error counts for nobody: neither a page that failed nor a goal.
        """
        is_error = response.status_code >= ERROR
        pins = [] if is_error else [*self._exposed(), *self._converted(response)]
        may_keep = bool(self.assignment and self.assignment.uses_cookie)
        is_new = may_keep and not self.visit.has_visitor
        if pins or is_new:
            self._keep(response, pins)

    def _exposed(self) -> Iterable[Pin]:
        found = self.assignment
        if found is None or found.pin is None:
            return
        if found.is_exposure:
            tallies.exposed(found.rule.id, found.epoch, found.arm, self.now)
        yield found.pin

    def _converted(self, response: Any) -> Iterable[Pin]:
        for goal in self._goals(is_page=200 <= response.status_code < 300):
            pin = goal.pin
            tallies.converted(goal.rule.id, pin.epoch, pin.arm, self.now)
            yield replace(pin, has_converted=True)

    def _goals(self, *, is_page: bool) -> Iterable[Goal]:
        """Return the goals that are reached, each once."""
        visit, now = self.visit, self.now
        found = self.ruleset.reached(visit, now) if is_page else []
        for name in visit.request.META.get(temp_redirects.NOTED, ()):
            found += self.ruleset.converted(name, visit, now)
        return {goal.pin.rule: goal for goal in found}.values()

    def _keep(self, response: Any, new: list[Pin]) -> None:
        visit, given = self.visit, conf.current()
        pins = {**self.ruleset.kept(visit.pins, visit, self.now)}
        for pin in new:
            if not pin.has_converted:
                pins.pop(pin.rule, None)  # the newest stand last
            pins[pin.rule] = pin
        response.set_cookie(
            given.COOKIE_NAME,
            sign_visitor(visit.visitor, pins.values()),
            max_age=given.COOKIE_AGE,
            domain=given.COOKIE_DOMAIN,
            secure=visit.request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        patch_vary_headers(response, ["Cookie"])
        keep_private(response)


def keep_private(response: Any) -> None:
    """Keep an answer that is for one visitor out of shared caches."""
    said = response.headers.get("Cache-Control", "").lower().split(",")
    if _UNSHARED.isdisjoint(each.strip() for each in said):
        patch_cache_control(response, private=True)
