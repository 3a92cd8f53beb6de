"""Replays: made-up visitors through the site's own middleware; nobody is counted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from ipaddress import IPv4Address
from time import time
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.module_loading import import_string

from temp_redirects.core.experiments import dependence, mismatch
from temp_redirects.core.patterns import sample_path, typed_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Decision
from temp_redirects.core.splits import ORIGINAL
from temp_redirects.installation import MIDDLEWARE, places
from temp_redirects.management.actions import refuse
from temp_redirects.rehearsals import Rehearsal
from temp_redirects.requests import RequestVisit
from temp_redirects.store import store
from temp_redirects.tallies import tallies

BROWSER = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
AGAIN = 1_000  # visitors who come a second time
BESIDE = 10_000  # visitors who are led through the other splits too
NETWORK = 10 << 24  # 10.0.0.0, whose addresses the visitors have
OTHERS = 10  # splits beside which a rule is looked at, at most


@dataclass(slots=True)
class Replay:
    """What the visitors got: how many each arm, and how many another page next time.

    ``beside`` are the visitors by their arm here and in another split, by its name.
    ``missed`` are those whom the rule did not answer.
    """

    rule: Rule
    visitors: int = 0
    missed: int = 0
    came_again: int = 0
    changed: int = 0
    arms: Counter[str] = field(default_factory=Counter)
    beside: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)

    @property
    def shares(self) -> Mapping[str, float]:
        """The share that each arm is to have, percent."""
        return {arm: share for arm, share in self.rule.split.shares if share}

    @property
    def mismatch(self) -> float:
        """The p of the arms by their shares."""
        arms = {**self.shares, **self.arms}
        return mismatch(
            [self.arms[arm] for arm in arms], [self.shares.get(arm, 0) for arm in arms]
        )

    @property
    def dependences(self) -> dict[str, float]:
        """The p of what the other splits gave the same visitors, by their name."""
        return {name: dependence(counts) for name, counts in self.beside.items()}


class Visitor:
    """A made-up visitor with an address and, from the first answer on, cookies."""

    def __init__(self, number: int, middleware: Any, headers: Sequence[str]) -> None:
        self._address = str(IPv4Address(NETWORK + number % 2**24))
        self._middleware = middleware
        self._headers = (BROWSER, *headers)
        self._cookies: dict[str, str] = {}

    def visit(self, url: str) -> RequestVisit:
        """Return the visit of an address or a path of the site."""
        cookies = [f"{name}={value}" for name, value in self._cookies.items()]
        rehearsal = Rehearsal(
            url=url, headers=self._headers, cookies=cookies, address=self._address
        )
        return rehearsal.visit()

    def open(self, url: str) -> str | None:
        """Return the Location, None for the page itself; keep the cookies."""
        response = self._middleware(self.visit(url).request)
        cookies: SimpleCookie = response.cookies
        self._cookies |= {name: each.coded_value for name, each in cookies.items()}
        location: str | None = response.headers.get("Location")
        return location


class Places:
    """Where the arms of one rule lead from one address."""

    def __init__(self, rule: Rule, url: str, headers: Sequence[str]) -> None:
        self.rule = rule
        self.url = url
        self._arms = dict(self._locations(headers))

    def _locations(self, headers: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield where each arm leads, where the rule answers such visitors at all."""
        first = Visitor(0, None, headers)
        for arm, share in self.rule.split.shares:
            decision = self._shown(first, arm)
            if share and decision.location and self._is_mine(decision):
                yield decision.location, arm

    def arm(self, visitor: Visitor) -> str | None:
        """Return the arm that a visitor gets; None where the rule does not answer."""
        location = visitor.open(self.url)
        if location is not None:
            return self._arms.get(location)
        return ORIGINAL if self._is_mine(self._shown(visitor, ORIGINAL)) else None

    def _shown(self, visitor: Visitor, arm: str) -> Decision:
        """Return what would be decided about a visitor who is shown that arm."""
        visit = visitor.visit(self.url)
        visit.arms = {self.rule.id: arm}
        return store.ruleset().decide(visit, time())

    def _is_mine(self, decision: Decision) -> bool:
        given = decision.assignment
        return given is not None and given.rule.id == self.rule.id


def replay(
    here: Places, others: Sequence[Places], visitors: int, headers: Sequence[str] = ()
) -> Replay:
    """Lead so many visitors through a rule, some again, some through other splits."""
    middleware = own_middleware()
    found = Replay(here.rule, visitors)
    found.beside = {each.rule.name: Counter() for each in others}
    with tallies.uncounted():
        for number in range(visitors):
            visitor = Visitor(number, middleware, headers)
            arm = here.arm(visitor)
            if arm is None:
                found.missed += 1
                continue
            found.arms[arm] += 1
            if number < AGAIN and here.rule.sticky != "request":
                found.came_again += 1
                found.changed += here.arm(visitor) != arm
            for other in others if number < BESIDE else ():
                found.beside[other.rule.name][arm, other.arm(visitor) or ""] += 1
    return found


def own_middleware() -> Any:
    """Return the project's middleware of this app, in front of an empty page."""
    for at in places():
        middleware = import_string(settings.MIDDLEWARE[at])
        with store.serving_nobody():
            return middleware(lambda request: HttpResponse())
    raise refuse(
        f"“{MIDDLEWARE}” is missing in MIDDLEWARE; “check” says where it stands."
    )


def address_of(rule: Rule) -> str:
    """Return what a rule is for: a path, or an address of the host that it names."""
    path = typed_path(sample_path(rule.source))
    host = next(iter(rule.hosts.patterns), "").replace("*.", "www.", 1)
    return f"https://{host}{path}" if host else path
