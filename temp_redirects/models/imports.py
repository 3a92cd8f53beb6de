"""Imports: many rules written at once, all of them or none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connections, transaction
from django.utils import timezone as django_timezone

from temp_redirects.core import documents
from temp_redirects.core.loops import find_loop
from temp_redirects.core.records import Record
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.models.columns import name_key
from temp_redirects.models.querysets import default_name
from temp_redirects.models.reading import read_records
from temp_redirects.models.rules import (
    Condition,
    Destination,
    RedirectRule,
    new_destination_key,
)
from temp_redirects.models.versions import RulesetVersion
from temp_redirects.models.windows import MaintenanceWindow
from temp_redirects.sites import current_site, site_timezone

CHUNK = 2_000  # rows at a time
TOLD = 500  # entries between two words of progress

Each = TypeVar("Each")
Entry = tuple[int, "Mapping[str, Any] | documents.Rejected"]  # its number, and what
Progress = Callable[[str, int, int], None]  # the word for the step, done, in all


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one entry: its number, the place in it, and why."""

    number: int
    place: str
    reason: Sentence


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def bad(self) -> set[int]:
        """The numbers of the entries that have a problem."""
        return {problem.number for problem in self.problems}


@dataclass(slots=True)
class _Plan:
    """One entry on its way: compiled, and the stored row that it replaces."""

    number: int
    rule: Rule
    row: RedirectRule | None = None

    @property
    def key(self) -> str:
        return name_key(self.rule.name)

    def settle(self, row: RedirectRule | None) -> None:
        """Take the ids of the stored rule, so that nobody gets another arm."""
        self.row = row
        own = self.rule.destination
        stored = list(row.destinations.all()) if row else []
        same = [each.key for each in stored if each.key == own.id]
        same += [each.key for each in stored if each.label == own.label]
        self.rule = replace(
            self.rule,
            id=str(row.pk) if row else self.rule.id or str(uuid4()),
            destination=replace(
                own, id=next(iter(same), own.id) or new_destination_key()
            ),
        )

    def is_as(self, row: RedirectRule) -> bool:
        """Say whether the stored rule is the same already."""
        try:
            return row.to_document() == documents.dump(self.rule)
        except Refused:  # the stored one cannot be read
            return False


class Import:
    """Documents on their way into the database ``using``."""

    def __init__(self, using: str, progress: Progress | None = None) -> None:
        self.using = using
        self.rules = RedirectRule.objects.using(using)
        self.site = current_site()
        self.outcome = Outcome()
        self._progress = progress or (lambda *step: None)

    def run(
        self,
        entries: Sequence[Entry],
        *,
        replaces: bool = False,
        skips_bad: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Write the entries in one transaction; nothing where one has a problem.

        *skips_bad* leaves out what has a problem, *replaces* deletes the rules that
        the entries do not name; not beside a bad one, which may have named any.
        """
        plans = list(self._parsed(entries))
        plans = self._without_doubles(plans)
        with transaction.atomic(using=self.using):
            RulesetVersion.lock(self.using)
            self._match(plans)
            kept = {plan.row.pk for plan in plans if plan.row}
            gone = self._others(kept) if replaces else set()
            plans = self._without_loops(plans, gone)
            if not self.outcome.problems or skips_bad:
                self._write(plans)
                self._delete(set() if self.outcome.problems else gone)
            if dry_run:
                transaction.set_rollback(True, using=self.using)
        return self.outcome

    def _refuse(self, number: int, place: str, template: str, /, **facts: Any) -> None:
        self.outcome.problems.append(
            Problem(number, place, Sentence(template, **facts))
        )

    # What the entries say by themselves.

    def _parsed(self, entries: Sequence[Entry]) -> Iterator[_Plan]:
        timezone = site_timezone()
        for number, document in self._told("read", entries):
            try:
                if isinstance(document, documents.Rejected):
                    raise document
                rule = documents.parse(document, self.site, timezone)
            except documents.Rejected as rejected:
                self.outcome.problems += [
                    Problem(number, place, why) for place, why in rejected.problems
                ]
            else:
                yield _Plan(number, rule)

    def _without_doubles(self, plans: list[_Plan]) -> list[_Plan]:
        """Return the plans, each name and each id only once."""
        kept, names, ids = [], dict[str, int](), dict[str, int]()
        for plan in plans:
            name, own = plan.key, plan.rule.id
            if name in names:
                text = "“{name}” is the name of entry {first} too; case is ignored."
                facts = {"name": plan.rule.name, "first": names[name]}
                self._refuse(plan.number, "name", text, **facts)
            elif own and own in ids:
                text = "“{id}” is the id of entry {first} too."
                self._refuse(plan.number, "id", text, id=own, first=ids[own])
            else:
                names[name] = ids[own] = plan.number
                kept.append(plan)
        return kept

    # What is stored.

    def _match(self, plans: list[_Plan]) -> None:
        """Find the stored rule of each plan: by name, else by id."""
        rows = self.rules.prefetch_related("destinations", "conditions")
        named: dict[str, RedirectRule] = {}
        for keys in _chunks([plan.key for plan in plans]):
            named |= {row.name_key: row for row in rows.filter(name_key__in=keys)}
        taken = {row.pk for row in named.values()}
        ids = [plan.rule.id for plan in plans if plan.key not in named and plan.rule.id]
        others: dict[str, RedirectRule] = {}
        for chunk in _chunks(ids):
            others |= {str(row.pk): row for row in rows.filter(pk__in=chunk)}
        windows = self._names_of_windows([plan.key for plan in plans])
        for plan in plans:
            if plan.key in windows:
                text = "A maintenance window has this name already; use another."
                self._refuse(plan.number, "name", text)
            row = named.get(plan.key) or others.get(plan.rule.id)
            if plan.key not in named and row is not None and row.pk in taken:
                text = "“{id}” is the id of the rule “{name}”, which is here too."
                facts = {"id": plan.rule.id, "name": row.name}
                self._refuse(plan.number, "id", text, **facts)
                row = None
            plan.settle(row)

    def _names_of_windows(self, names: list[str]) -> set[str]:
        windows = MaintenanceWindow.objects.using(self.using).order_by()
        return {
            name
            for keys in _chunks(names)
            for name in windows.filter(name_key__in=keys).values_list(
                "name_key", flat=True
            )
        }

    def _others(self, kept: set[UUID]) -> set[UUID]:
        return {*self.rules.order_by().values_list("pk", flat=True)} - kept

    def _without_loops(self, plans: list[_Plan], gone: set[UUID]) -> list[_Plan]:
        """Return the plans but those that send visitors round and round.

        Every rule is asked in memory, together with all that are stored.
        """
        bad = self.outcome.bad
        plans = [plan for plan in plans if plan.number not in bad]
        records: dict[str, Record] = {
            record[0]: record for record in read_records(self.using)[1]
        }
        for pk in [*gone, *(plan.rule.id for plan in plans)]:
            records.pop(str(pk), None)
        records |= {
            plan.rule.id: documents.record_of(plan.rule)
            for plan in plans
            if plan.rule.enabled
        }
        ruleset = Ruleset(records.values())
        now = django_timezone.now().timestamp()
        return [
            plan
            for plan in self._told("follow", plans)
            if not self._is_loop(plan, ruleset, now)
        ]

    def _is_loop(self, plan: _Plan, ruleset: Ruleset, now: float) -> bool:
        rule = plan.rule
        if not rule.enabled or not leads_on(ruleset, rule):
            return False
        hops = find_loop(ruleset, rule, self.site, since=now)
        if hops:
            way = " → ".join(
                f"{hop.url} ({hop.rule})" if hop.rule else hop.url for hop in hops
            )
            text = "Visitors would go round and round: {way}."
            self._refuse(plan.number, "destinations[0].target", text, way=way)
        return bool(hops)

    # What is written.

    def _write(self, plans: list[_Plan]) -> None:
        new = [plan for plan in plans if plan.row is None]
        changed = [plan for plan in plans if plan.row and not plan.is_as(plan.row)]
        self.outcome.created = len(new)
        self.outcome.updated = len(changed)
        self.outcome.unchanged = len(plans) - len(new) - len(changed)
        for chunk in _chunks(list(self._told("write", new))):
            rows = [_row(plan) for plan in chunk]
            self.rules.bulk_create(rows)
            self._write_parts(chunk, rows)
        for chunk in _chunks(list(self._told("update", changed))):
            rows = [_row(plan) for plan in chunk]
            _upsert(self.rules, rows)
            conditions = Condition.objects.using(self.using)
            conditions.filter(rule__in=[row.pk for row in rows]).delete()
            self._write_parts(chunk, rows)

    def _write_parts(
        self, plans: Sequence[_Plan], rows: Sequence[RedirectRule]
    ) -> None:
        destinations, conditions = [], []
        old: list[int] = []
        for plan, row in zip(plans, rows, strict=True):
            own = plan.rule.destination
            stored = list(plan.row.destinations.all()) if plan.row else []
            pks = {each.key: each.pk for each in stored}
            pk = pks.pop(own.id, None)
            old += pks.values()
            destinations.append(
                Destination(
                    pk=pk,
                    rule=row,
                    key=own.id,
                    label=own.label,
                    target=own.target.typed,
                )
            )
            conditions += [
                Condition(rule=row, kind=each.kind, value=str(each), excepts=excepts)
                for excepts, group in (
                    (False, plan.rule.conditions),
                    (True, plan.rule.unless),
                )
                for each in group
            ]
        written = Destination.objects.using(self.using)
        written.filter(pk__in=old).delete()
        _upsert(written, [each for each in destinations if each.pk])
        written.bulk_create([each for each in destinations if not each.pk])
        Condition.objects.using(self.using).bulk_create(conditions)

    def _delete(self, gone: set[UUID]) -> None:
        for chunk in _chunks(sorted(gone)):
            self.rules.filter(pk__in=chunk).delete()
        self.outcome.deleted = len(gone)

    def _told(self, step: str, items: Sequence[Each]) -> Iterator[Each]:
        """Yield the items, and tell how far they are."""
        for at, item in enumerate(items):
            if at % TOLD == 0:
                self._progress(step, at, len(items))
            yield item


def leads_on(ruleset: Ruleset, rule: Rule) -> bool:
    """Say whether another redirect may follow this rule's; False is certain."""
    target = rule.destination.target
    return not target.is_fixed or bool(
        ruleset.index.candidates(target.literal[2] or "/")
    )


def named(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document with a name, made of its path and target where it has none."""
    if "name" in document:
        return document
    target = document["destinations"][0].get("target", "")
    return {**document, "name": default_name(document.get("path", ""), target)}


def _row(plan: _Plan) -> RedirectRule:
    row = plan.row or RedirectRule(pk=UUID(plan.rule.id))
    row.take(plan.rule)
    return row


def _upsert(rows: Any, objects: list[Any]) -> None:
    """Write rows that exist, in one statement a chunk."""
    if not objects:
        return
    features = connections[rows.db].features
    fields = [each for each in rows.model._meta.concrete_fields if not each.primary_key]
    target = ["pk"] if features.supports_update_conflicts_with_target else None
    rows.bulk_create(
        objects,
        update_conflicts=True,
        update_fields=[each.name for each in fields],
        unique_fields=target,
    )


def _chunks(items: Sequence[Each]) -> Iterator[Sequence[Each]]:
    for at in range(0, len(items), CHUNK):
        yield items[at : at + CHUNK]
