"""Lanes: which rules are on for each path, from moment to moment, side by side."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, takewhile
from math import inf
from operator import attrgetter
from typing import TypeVar

from temp_redirects.core.patterns import Exact, Source, covers, sample_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.rules.limits import may_share

What = TypeVar("What")


@dataclass(frozen=True, slots=True)
class Version:
    """A rule as it stood while ``since <= t < until``, seconds since the epoch."""

    rule: Rule
    since: float = -inf
    until: float = inf


@dataclass(frozen=True, slots=True)
class Span:
    """A time ``starts <= t < ends`` in which a rule is on; infinite where it is open.

    In the same ``track`` of a lane no two spans share a moment.
    """

    rule: Rule
    starts: float
    ends: float
    track: int = 0


@dataclass(frozen=True, slots=True)
class Overlap:
    """A time in which several rules are on for one path, the first to be tried first.

    One of a wider path may be among them.
    """

    starts: float
    ends: float
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time between two different rules of a path in which none of them is on.

    Maintenance windows are none of them: when one ends the page is to be back.
    """

    starts: float
    ends: float


@dataclass(frozen=True, slots=True)
class Lane:
    """What is on for one path as typed, the earliest first.

    The ``source`` is that of the first; a path may also stand for all under it.
    """

    source: Source
    spans: tuple[Span, ...]
    overlaps: tuple[Overlap, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def tracks(self) -> int:
        """How many spans lie above one another at most."""
        return 1 + max(span.track for span in self.spans)


def standing(
    changes: Iterable[tuple[float, What, What]], now_stands: What
) -> Iterator[tuple[What, float, float]]:
    """Yield what stood from when to when, by its changes in their order.

    A change is its moment, what stood before, and what stood after it.
    """
    since, stands, is_first = -inf, now_stands, True
    for at, before, after in changes:
        yield (before if is_first else stands), since, at
        since, stands, is_first = at, after, False
    yield stands, since, inf


def lanes(versions: Iterable[Version], since: float, until: float) -> list[Lane]:
    """Return the lanes of rules as they stood, from *since* to *until*, by path.

    Infinite bounds of a span are open; others may lie outside the period.
    """
    found = [span for each in versions for span in _spans(each, since, until)]
    found.sort(key=lambda span: (_path(span), span.starts, span.ends))
    grouped = [
        _joined(list(spans))
        for _path_of_lane, spans in groupby(found, key=lambda span: _path(span))
    ]
    wide = [
        span for span in found if not isinstance(span.rule.source, Exact)
    ]  # the others are for their own lane alone
    return [_lane(spans, wide, since, until) for spans in grouped]


def _path(span: Span) -> tuple[str, str]:
    source = span.rule.source
    return source.typed, "" if source.kind in {"exact", "prefix"} else source.kind


def _spans(version: Version, since: float, until: float) -> Iterator[Span]:
    """Yield when a version was or will be on, as far as that is in the period."""
    since, until = max(since, version.since), min(until, version.until)
    if not version.rule.enabled or until <= since:
        return
    begun = takewhile(
        lambda each: each.starts is None or each.starts < until,
        version.rule.schedule.occurrences(since),
    )
    for each in begun:
        starts = -inf if each.starts is None else each.starts
        ends = inf if each.ends is None else each.ends
        yield Span(version.rule, max(starts, version.since), min(ends, version.until))


def _joined(spans: list[Span]) -> list[Span]:
    """Return spans without the seams where a rule changed and did the same."""
    found: list[Span] = []
    last: dict[str, int] = {}
    for span in spans:
        at = last.get(span.rule.id)
        before = None if at is None else found[at]
        if before and before.ends >= span.starts and _same(before.rule, span.rule):
            found[last[span.rule.id]] = replace(span, starts=before.starts)
        else:
            last[span.rule.id] = len(found)
            found.append(span)
    return found


def _same(rule: Rule, other: Rule) -> bool:
    return rule.destinations == other.destinations and rule.name == other.name


def _lane(spans: list[Span], wide: Sequence[Span], since: float, until: float) -> Lane:
    source = spans[0].rule.source
    path, own = sample_path(source), {_owner(span.rule) for span in spans}
    covering = [
        span
        for span in wide
        if _owner(span.rule) not in own and _is_for(span.rule, path)
    ]
    return Lane(
        source,
        tuple(_tracked(spans)),
        tuple(_overlaps(spans, covering, since, until)),
        tuple(_gaps([each for each in spans if not each.rule.is_window], since, until)),
    )


def _owner(rule: Rule) -> str:
    """Return what a rule belongs to: those of one maintenance window are one."""
    return rule.id.partition("/")[0]


def _is_for(rule: Rule, path: str) -> bool:
    return rule.source.match(path) is not None and not any(
        covers(each, path) for each in rule.excepted.paths
    )


def _tracked(spans: list[Span]) -> Iterator[Span]:
    """Yield the spans, each in the first track that is free."""
    free: list[float] = []  # from when on, track by track
    for span in spans:
        track = next((at for at, ends in enumerate(free) if ends <= span.starts), -1)
        if track < 0:
            track = len(free)
            free.append(-inf)
        free[track] = span.ends
        yield replace(span, track=track)


def _overlaps(
    spans: list[Span], covering: list[Span], since: float, until: float
) -> Iterator[Overlap]:
    """Yield the times in which a rule of the lane meets another one."""
    own = {_owner(span.rule) for span in spans}
    edges: list[tuple[float, bool, Span]] = []
    for span in (*spans, *covering):
        edges += [(span.starts, True, span), (span.ends, False, span)]
    edges.sort(key=lambda edge: edge[:2])
    on: dict[int, Rule] = {}
    met: Overlap | None = None
    for (at, is_start, span), following in pairwise([*edges, (inf, True, spans[0])]):
        if is_start:
            on[id(span)] = span.rule
        else:
            on.pop(id(span), None)
        starts, ends = max(at, since), min(following[0], until)
        if ends <= starts:
            continue
        rules = _meeting(on.values(), own)
        if met and met.rules != rules:
            yield met
            met = None
        if rules:
            met = Overlap(met.starts if met else starts, ends, rules)
    if met:
        yield met


def _meeting(on: Iterable[Rule], own: set[str]) -> tuple[Rule, ...]:
    """Return the rules that one visit may meet together, one of them the lane's own."""
    rules = list({_owner(rule): rule for rule in on}.values())
    if len(rules) < 2 or not any(_owner(rule) in own for rule in rules):
        return ()
    if all(rule.methods.names or rule.hosts.patterns for rule in rules):
        rules = [
            rule
            for rule in rules
            if any(share_visits(rule, other) for other in rules if other is not rule)
        ]
    return tuple(sorted(rules, key=attrgetter("precedence")))


def share_visits(rule: Rule, other: Rule) -> bool:
    """Say whether one visit may be for both, path and time aside."""
    return may_share(rule.methods.names, other.methods.names) and may_share(
        rule.hosts.patterns, other.hosts.patterns
    )


def _gaps(spans: list[Span], since: float, until: float) -> Iterator[Gap]:
    """Yield where one rule has ended and another one has not begun.

    Between two times of the same rule there is nothing forgotten.
    """
    ends, ending = -inf, set[str]()
    for starts, group in groupby(spans, key=attrgetter("starts")):
        beginning = list(group)
        rules = {span.rule.id for span in beginning}
        if -inf < ends < starts and not rules & ending:
            gap = Gap(max(ends, since), min(starts, until))
            if gap.starts < gap.ends:
                yield gap
        for span in beginning:
            if span.ends > ends:
                ends, ending = span.ends, {span.rule.id}
            elif span.ends == ends:
                ending.add(span.rule.id)
