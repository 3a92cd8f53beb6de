"""Plans: the entries of an import on their way, each kind matched and written alike."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.db import connections

from temp_redirects.core import documents
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.models import windows
from temp_redirects.models.columns import name_key
from temp_redirects.models.recording import open_recorder
from temp_redirects.models.rules import (
    Condition,
    Destination,
    RedirectRule,
    columns_of,
    destination_rows,
)
from temp_redirects.models.settling import settled_ids

CHUNK = 2_000  # rows at a time

Compiled = TypeVar("Compiled", Rule, MaintenanceWindow)


class At(NamedTuple):
    """Where an entry stands in its file: “line 3”, “rule 2”."""

    unit: str
    number: int

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"


class Plan(ABC, Generic[Compiled]):
    """One entry: compiled, and the stored row that it replaces."""

    model: ClassVar[type[Any]]
    parts: ClassVar[tuple[str, ...]] = ()  # what is read with its row
    taken: ClassVar[str]  # what is said where the other kind has the name
    target: ClassVar[str]  # its place in the document

    def __init__(self, at: At, compiled: Compiled) -> None:
        self.at = at
        self.compiled: Compiled = compiled
        self.key = name_key(compiled.name)
        self.row: Any = None
        self._document: dict[str, Any] | None = None

    @classmethod
    @abstractmethod
    def read(cls, at: At, document: object, site: Site, timezone: str) -> "Plan[Any]":
        """Return the plan of an entry, or raise `documents.Rejected`."""

    def settle(self, row: Any) -> None:
        """Take the id of the stored row, if there is one."""
        self.row = row
        own = str(row.pk) if row else self.compiled.id or str(uuid4())
        self.compiled = self.settled(own)

    @abstractmethod
    def settled(self, own: str) -> Compiled:
        """Return what is compiled with its own id, and those of the stored parts."""

    def stored(self) -> dict[str, Any] | None:
        """Return the document of the stored row; None where none can be read."""
        try:
            return self.row.to_document() if self.row else None
        except Refused:
            return None

    def changes_nothing(self) -> bool:
        """Say whether the stored row is the same already."""
        return self.stored() == self.document

    @property
    def document(self) -> dict[str, Any]:
        """The document that will be stored, once it is settled."""
        if self._document is None:
            self._document = self.dumped()
        return self._document

    @abstractmethod
    def dumped(self) -> dict[str, Any]:
        """Return the document of what is compiled."""

    @abstractmethod
    def followed(self, site: Site) -> list[Rule]:
        """Return the rules that may lead visitors round and round."""

    @classmethod
    @abstractmethod
    def write(cls, plans: Sequence["Plan[Compiled]"], using: str) -> None:
        """Write the plans, the new ones and those that change a row."""


class RulePlan(Plan[Rule]):
    """A redirect rule on its way."""

    model = RedirectRule
    parts = ("destinations", "conditions")
    taken = "A maintenance window has this name already; use another."
    target = "destinations[0].target"

    @classmethod
    def read(cls, at: At, document: object, site: Site, timezone: str) -> "RulePlan":
        """Return the plan of a rule, or raise `documents.Rejected`."""
        return cls(at, documents.parse(document, site, timezone))

    def settled(self, own: str) -> Rule:
        """Return the rule with the stored ids, so that nobody gets another arm."""
        stored = self.row.destinations.all() if self.row else ()
        return self.compiled.with_ids(own, settled_ids(self.compiled, stored))

    def dumped(self) -> dict[str, Any]:
        """Return the rule as document."""
        return documents.dump(self.compiled)

    def followed(self, site: Site) -> list[Rule]:
        """Return the rule, where it is switched on."""
        return [self.compiled] if self.compiled.enabled else []

    @classmethod
    def write(cls, plans: Sequence[Plan[Rule]], using: str) -> None:
        """Write rules and their parts, a few statements for many of them."""
        rules = RedirectRule.objects.using(using)
        rows = list(map(_taken, plans))
        known = [plan.row for plan in plans if plan.row]
        pks = {row.pk for row in known}
        rules.bulk_create([row for row in rows if row.pk not in pks])
        if known:
            _upsert(rules, known)
            conditions = Condition.objects.using(using)
            conditions.filter(rule__in=pks).delete()
        cls._write_parts(plans, rows, using)
        recorder = open_recorder(using)
        if recorder is not None:
            pairs = zip(rows, plans, strict=True)
            recorder.know({row.pk: plan.document for row, plan in pairs})

    @staticmethod
    def _write_parts(
        plans: Sequence[Plan[Rule]], rows: Sequence[RedirectRule], using: str
    ) -> None:
        destinations: list[Destination] = []
        conditions: list[Condition] = []
        old: list[int] = []
        for plan, row in zip(plans, rows, strict=True):
            rule = plan.compiled
            stored = list(row.destinations.all()) if plan.row else []
            found = destination_rows(row, rule, stored)
            kept = {each.pk for each in found}
            old += [each.pk for each in stored if each.pk not in kept]
            destinations += found
            conditions += [
                Condition(
                    rule_id=row.pk, kind=each.kind, value=str(each), excepts=excepts
                )
                for excepts, group in ((False, rule.conditions), (True, rule.unless))
                for each in group
            ]
        written = Destination.objects.using(using)
        if old:
            written.filter(pk__in=old).delete()
        _upsert(written, [each for each in destinations if each.pk])
        written.bulk_create([each for each in destinations if not each.pk])
        Condition.objects.using(using).bulk_create(conditions)


class WindowPlan(Plan[MaintenanceWindow]):
    """A maintenance window on its way."""

    model = windows.MaintenanceWindow
    taken = "A redirect rule has this name already; use another."
    target = "target"

    @classmethod
    def read(cls, at: At, document: object, site: Site, timezone: str) -> "WindowPlan":
        """Return the plan of a window, or raise `documents.Rejected`."""
        window, _ = windows.compile_window(document, site, timezone)
        return cls(at, window)

    def settled(self, own: str) -> MaintenanceWindow:
        """Return the window with its stored id."""
        return replace(self.compiled, id=own)

    def dumped(self) -> dict[str, Any]:
        """Return the window as document."""
        return documents.dump_window(self.compiled)

    def followed(self, site: Site) -> list[Rule]:
        """Return its rules where they lead somewhere else than to the notice."""
        if not self.compiled.enabled or not self.compiled.target:
            return []
        return [documents.parse_record(each, site) for each in self.compiled.records()]

    @classmethod
    def write(cls, plans: Sequence[Plan[MaintenanceWindow]], using: str) -> None:
        """Write windows one by one; their pass links stay good."""
        for plan in plans:
            row = plan.row or windows.MaintenanceWindow(pk=UUID(plan.compiled.id))
            row.take(plan.compiled)
            row.save(using=using)


KINDS: tuple[type[Plan[Any]], ...] = (RulePlan, WindowPlan)


def _taken(plan: Plan[Rule]) -> RedirectRule:
    """Return the row of a plan with what it will have; a new one is made of that."""
    row: RedirectRule | None = plan.row
    if row is None:
        columns = columns_of(plan.compiled, plan.document)
        return RedirectRule(pk=UUID(plan.compiled.id), **columns)
    row.take(plan.compiled, plan.document)
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
