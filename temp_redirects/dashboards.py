"""The dashboard: what is live, what comes next, what needs somebody, in few queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils import timezone as django_timezone

from temp_redirects import clocks
from temp_redirects.core.sentences import Said
from temp_redirects.findings import Finding, watch
from temp_redirects.models import HitCount, KillSwitch, MaintenanceWindow, RedirectRule
from temp_redirects.models.counts import DAY, HOUR, HitWriter
from temp_redirects.models.hits import Loops
from temp_redirects.models.hits import alias as counts_alias
from temp_redirects.store import alias, store

NEXT = 5  # moments that are told
REPEATING = 200  # rows that repeat and are asked when they come again
MOST = 10  # findings and rules that are named
CLEAN_UP = timedelta(days=30)  # after which nobody extends what has ended
STARTS, ENDS = "starts", "ends"


@dataclass(frozen=True, slots=True)
class Edge:
    """A moment that comes: a rule or a maintenance window starts or ends."""

    at: datetime
    what: str
    row: Any


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs somebody; ``is_known`` is False until everything was judged once.

    ``ended`` is how many rules are over for a month, ``dropped`` how many hits could
    not be counted, ``clock`` what is wrong with this server's clock.
    """

    findings: tuple[Finding, ...] = ()
    ended: int = 0
    dropped: int = 0
    clock: Said = ""
    judged: int = 0
    is_known: bool = True
    is_judging: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many problems of each code there are."""
        codes = [each.code for each in self.findings]
        return {code: codes.count(code) for code in dict.fromkeys(codes)}


class Looping(NamedTuple):
    """A rule whose redirects came back: how often in 24 hours, and when last."""

    name: str
    rule: UUID
    day: int
    last: datetime


class Busy(NamedTuple):
    """A rule with its hits in the last 24 hours."""

    name: str
    rule: UUID
    day: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One look at everything, at one moment."""

    at: datetime
    rules: dict[str, int]
    windows: dict[str, int]
    switches: Sequence[KillSwitch]
    next: list[Edge]
    attention: Attention
    hits: int = 0
    busiest: list[Busy] = field(default_factory=list)
    looping: list[Looping] = field(default_factory=list)


def look() -> Dashboard:
    """Return the dashboard of now.

    The number of queries does not depend on what is stored, nor does the time: what
    takes long, judging every rule, is what `watch` found last.
    """
    using, now, seconds = alias(), django_timezone.now(), time()
    rules = RedirectRule.objects.using(using)
    windows = MaintenanceWindow.objects.using(using)
    counts = HitCount.objects.using(counts_alias())  # they may be kept apart
    hits = counts.filter(hour__gt=int(seconds) // HOUR - DAY)
    repeating = {rows.model: _repeating(rows) for rows in (rules, windows)}
    states = _states(rules, repeating[RedirectRule], now)
    edges = [
        *_edges(rules, repeating[RedirectRule], now),
        *_edges(windows, repeating[MaintenanceWindow], now),
    ]
    return Dashboard(
        at=now,
        rules=states,
        windows={"on": windows.on(now).count(), "coming": windows.coming(now).count()},
        switches=list(KillSwitch.objects.using(using).on(now)),
        next=sorted(edges, key=lambda edge: edge.at)[:NEXT],
        attention=_attention(using, states["old"]),
        hits=hits.aggregate(day=Sum("count", default=0))["day"],
        busiest=_busiest(hits, rules),
        looping=_looping(counts.looping(MOST, now=seconds), rules),
    )


def _repeating(rows: Any) -> list[Any]:
    # In no order: by their keys the database would jump about among all rows.
    return list(rows.repeating().order_by()[:REPEATING])


def _states(rules: Any, repeating: list[Any], now: datetime) -> dict[str, int]:
    """Return how many rules are in each state, and long over, by one look at all."""
    begun = Q(starts_at=None) | Q(starts_at__lte=now)
    goes_on = Q(ends_at=None) | Q(ends_at__gt=now)
    picked = {
        "live": Q(enabled=True) & begun & goes_on,
        "scheduled": Q(enabled=True, starts_at__gt=now),
        "paused": Q(enabled=False) & goes_on,
        "old": Q(ends_at__lte=now - CLEAN_UP),
    }
    once = rules.filter(recurrence="").order_by()
    sums = {name: Count("pk", filter=which) for name, which in picked.items()}
    found: dict[str, int] = once.aggregate(**sums)
    for row in repeating:
        state = row.state(now, problem="")
        found[state] = found.get(state, 0) + 1
        last = row.last_end()
        found["old"] += last is not None and last <= (now - CLEAN_UP).timestamp()
    return found


def _edges(rows: Any, repeating: list[Any], now: datetime) -> Iterator[Edge]:
    for what, bound in ((STARTS, "starts_at"), (ENDS, "ends_at")):
        once = rows.filter(**{f"{bound}__gt": now}, recurrence="", enabled=True)
        for row in once.order_by(bound)[:NEXT]:
            yield Edge(getattr(row, bound), what, row)
    for row in repeating:
        if row.enabled:
            yield from _again(row, now)


def _again(row: Any, now: datetime) -> Iterator[Edge]:
    """Yield the edges of what is on or comes next of a row that repeats."""
    # One that cannot be read is among what needs attention.
    found = row.current_or_next(now)
    for what, at in zip((STARTS, ENDS), found or (), strict=False):
        if at is not None and at > now.timestamp():
            yield Edge(datetime.fromtimestamp(at, UTC), what, row)


def _attention(using: str, ended: int) -> Attention:
    is_done = watch.look(time())
    judged = watch.judged
    return Attention(
        findings=judged.findings if judged else (),
        ended=ended,
        dropped=HitWriter.lost(counts_alias()),
        clock=clocks.problem(store.clock_offset),
        judged=judged.rows if judged else 0,
        is_known=judged is not None,
        is_judging=not is_done,
    )


def _busiest(hits: Any, rules: Any) -> list[Busy]:
    sums = hits.order_by().values("rule_id").annotate(day=Sum("count"))
    most = list(sums.order_by("-day", "rule_id")[:MOST])
    names = _names(rules, [row["rule_id"] for row in most])
    return [
        Busy(names[row["rule_id"]], row["rule_id"], row["day"])
        for row in most
        if row["rule_id"] in names  # a rule that is gone has no page
    ]


def _looping(found: dict[UUID, Loops], rules: Any) -> list[Looping]:
    names = _names(rules, [*found])
    return [
        Looping(names[rule], rule, *loops)
        for rule, loops in found.items()
        if rule in names
    ]


def _names(rules: Any, ids: list[UUID]) -> dict[UUID, str]:
    return dict(rules.filter(pk__in=ids).values_list("pk", "name"))
