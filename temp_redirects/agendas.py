"""The agenda of a period: past times as they were, future ones as planned.

What it costs does not depend on how many rules there are: some are read, the others
counted.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Case, IntegerField, Min, Q, Value, When

from temp_redirects.core import documents
from temp_redirects.core.lanes import Lane, Version, lanes, standing
from temp_redirects.core.patterns import decoded
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.models import Batch, MaintenanceWindow, RedirectRule, Revision
from temp_redirects.models.columns import as_moment, as_seconds
from temp_redirects.models.history import RULE, WINDOW, read_text
from temp_redirects.models.windows import compile_window
from temp_redirects.sites import current_site, site_timezone
from temp_redirects.store import alias

MOST = 200  # rules, and windows, that are read; lanes that are shown
CHANGES = 1_000  # of the past that are read
BRIEF = 5 * 60.0  # seconds; no picture of a week shows so little
MODELS: Mapping[str, Any] = {RULE: RedirectRule, WINDOW: MaintenanceWindow}

Changes: TypeAlias = "dict[UUID, list[tuple[float, Any, Any]]]"  # when, before, after


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is on from one moment to another, path by path.

    ``left_out`` is how many rules and windows of the period are not shown, and
    ``deleted`` has the ids of those that are shown and are no more. ``is_cut`` says
    that so much was changed that the past is not whole.
    """

    lanes: list[Lane]
    deleted: frozenset[str] = frozenset()
    left_out: int = 0
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """The versions of one kind that were read, and how many were not."""

    versions: list[Version]
    deleted: frozenset[str]
    left_out: int
    is_cut: bool


def agenda(
    since: float,
    until: float,
    now: float,
    *,
    kinds: Collection[str] = MODELS.keys(),
    path: str = "",
) -> Agenda:
    """Return the agenda between two moments, seconds since the epoch.

    With a *path* it is about the rules of that path, and of those that begin so.
    """
    found = [
        _Reader(kind, since, until, now, path).read()
        for kind in MODELS
        if kind in kinds
    ]
    versions = [version for each in found for version in each.versions]
    every = [
        lane
        for lane in lanes(versions, since, until)
        if not path or _is_under(lane, path)
    ]
    deleted = frozenset[str]().union(*(each.deleted for each in found))
    shown = _kept(every, _Turns(since, until, now, deleted))
    missing = _rules(every) - _rules(shown)
    return Agenda(
        shown,
        deleted,
        sum(each.left_out for each in found) + len(missing),
        any(each.is_cut for each in found),
    )


def _is_under(lane: Lane, path: str) -> bool:
    covering = lane.source.match(decoded(path)) is not None
    return covering or lane.source.typed.startswith(path)


@dataclass(frozen=True, slots=True)
class _Turns:
    """Whose turn it is where not every lane can be shown."""

    since: float
    until: float
    now: float
    deleted: frozenset[str]

    def turn(self, lane: Lane) -> int:
        """Return 0 for what is on or planned, 1 for what was, 2 for what hardly was.

        In a period that is over nothing is planned: what was on then is as good.
        """
        if self._hardly_was(lane):
            return 2
        over = self.since if self.until < self.now else self.now
        return 0 if any(span.ends > over for span in lane.spans) else 1

    def _hardly_was(self, lane: Lane) -> bool:
        """Say whether all of it was undone at once, as an import may be."""
        seconds = sum(
            min(span.ends, self.until) - max(span.starts, self.since)
            for span in lane.spans
        )
        owners = {span.rule.id.partition("/")[0] for span in lane.spans}
        return seconds < BRIEF and owners <= self.deleted


def _kept(every: list[Lane], turns: _Turns) -> list[Lane]:
    """Return as many lanes as are shown, in the order that they have."""
    by_turn = sorted(range(len(every)), key=lambda at: turns.turn(every[at]))
    return [every[at] for at in sorted(by_turn[:MOST])]


def _rules(found: Iterable[Lane]) -> set[str]:
    return {span.rule.id for lane in found for span in lane.spans}


class _Reader:
    """Reads what one kind has for a period, in few queries."""

    def __init__(
        self, kind: str, since: float, until: float, now: float, path: str
    ) -> None:
        self.kind, self.model, self.using = kind, MODELS[kind], alias()
        self.since, self.until = as_moment(since), as_moment(until)
        self.known = as_moment(min(until, now))  # from then on it is as planned
        self.is_past, self.is_over = since < now, until < now
        self.path = path

    def read(self) -> _Found:
        """Return the rules as they stood and stand."""
        rows = self._touching()
        pks = list(
            rows.annotate(turn=self._turn())
            .order_by("turn", *self._order())
            .values_list("pk", flat=True)[: MOST + 1]
        )
        left_out = rows.count() - MOST if len(pks) > MOST else 0
        pks = pks[:MOST]
        every, is_whole = pks, True
        changes: Changes = {}
        if self.is_past:
            gone, is_all = self._gone(rows)
            every = [*pks, *gone]
            changes, is_whole = self._changes(every)
            is_whole = is_whole and is_all
        current = self.model.documents(self.using, every) if every else {}
        versions = [
            Version(rule, since, until)
            for pk in every
            for document, since, until in standing(changes.get(pk, ()), current.get(pk))
            for rule in self._compiled(document)
        ]
        deleted = frozenset(str(pk) for pk in every if pk not in current)
        return _Found(versions, deleted, left_out, not is_whole)

    def _touching(self) -> Any:
        """Return the rows that are switched on with times that touch the period."""
        begins = Q(starts_at=None) | Q(starts_at__lt=self.until)
        goes_on = Q(ends_at=None) | Q(ends_at__gt=self.since) | ~Q(recurrence="")
        rows = self.model.objects.using(self.using).filter(begins, goes_on)
        rows = rows.filter(enabled=True)
        if self.path and self.kind == RULE:
            near = RedirectRule.objects.using(self.using)
            covering = near.plainly_covering(decoded(self.path)).values("pk")
            rows = rows.filter(Q(path__startswith=self.path) | Q(pk__in=covering))
        return rows

    def _turn(self) -> Case:
        """Return what is read first: what changes, what goes on, what is over."""
        over = Q(ends_at__lte=self.known, recurrence="")
        changing = Q(starts_at__gte=self.since) | Q(ends_at__lt=self.until)
        turns = [When(changing, Value(0))]
        if not self.is_over:  # else all that changed in the period is over
            turns.insert(0, When(over, Value(2)))
        return Case(*turns, default=Value(1), output_field=IntegerField())

    def _order(self) -> list[str]:
        return ["path", "pk"] if self.kind == RULE else ["pk"]

    def _gone(self, touching: Any) -> tuple[list[UUID], bool]:
        """Return what touches the period no more, and whether that is all of it.

        What has left it was changed since it began, and existed before that change.
        """
        batches = Batch.objects.using(self.using).filter(at__gt=self.since)
        first = Revision.objects.using(self.using).filter(
            batch__in=batches.values("pk")
        )
        # By its number, in the order written: of an import all is new, and much.
        number = first.aggregate(number=Min("pk"))["number"] or 0
        rows = Revision.objects.using(self.using).filter(kind=self.kind, pk__gte=number)
        changed = rows.exclude(before="").order_by("pk") if number else rows.none()
        found = list(changed.values_list("object_id", flat=True)[: CHANGES + 1])
        objects = list(dict.fromkeys(found[:CHANGES]))
        still = set(touching.filter(pk__in=objects).values_list("pk", flat=True))
        gone = [pk for pk in objects if pk not in still]
        return gone[:MOST], len(found) <= CHANGES and len(gone) <= MOST

    def _changes(self, pks: list[UUID]) -> tuple[Changes, bool]:
        """Return what was changed in the period, and whether that is all of it.

        Of what was changed later, the first change says how it stood in the period.
        """
        rows = Revision.objects.using(self.using).filter(kind=self.kind)
        rows = rows.filter(batch__at__gt=self.since, object_id__in=pks)
        within = rows.filter(batch__at__lte=self.known).order_by("pk")
        columns = ("object_id", "batch__at", "before", "after")
        told = list(within.values_list(*columns)[: CHANGES + 1])
        is_whole = len(told) <= CHANGES
        del told[CHANGES:]
        if self.is_over:
            later = rows.filter(batch__at__gt=self.known).order_by()
            first = later.values("object_id").annotate(first=Min("pk"))
            numbers = list(first.values_list("first", flat=True))
            later = later.filter(pk__in=numbers)
            told += later.order_by("pk").values_list(*columns)
        found: Changes = {}
        for pk, at, before, after in told:
            changed = (as_seconds(at) or 0.0, read_text(before), read_text(after))
            found.setdefault(pk, []).append(changed)
        return found, is_whole

    def _compiled(self, document: Any) -> Iterator[Rule]:
        """Yield the rules of a document; what cannot be read redirects nobody."""
        if not document or not document.get("enabled"):
            return
        try:
            if self.kind == WINDOW:
                yield from compile_window(document, current_site(), site_timezone())[1]
            else:
                yield documents.parse(document, current_site(), site_timezone())
        except Refused:
            return
