"""Plans: the entries of an import on their way, each kind matched and written alike."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias
from uuid import UUID, uuid4

from django.db import connections

from temp_redirects.core import documents, records
from temp_redirects.core.records import Record
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused, Sentence, gettext_noop
from temp_redirects.core.sites import Site
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.models import windows
from temp_redirects.models.columns import name_key
from temp_redirects.models.compact import columns_of
from temp_redirects.models.history import text_of
from temp_redirects.models.recording import open_recorder
from temp_redirects.models.rules import (
    Condition,
    Destination,
    RedirectRule,
    condition_rows,
    destination_rows,
    stored_rules,
)
from temp_redirects.models.settling import settled_ids
from temp_redirects.sites import current_site, site_timezone

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"

Document: TypeAlias = dict[str, Any]


class At(NamedTuple):
    """Where an entry stands in its file: “line 3”, “rule 2”."""

    unit: str
    number: int

    def __str__(self) -> str:
        return str(Sentence(_UNITS[self.unit], number=self.number))


_UNITS = {
    "line": gettext_noop("line {number}"),
    "rule": gettext_noop("rule {number}"),
    "window": gettext_noop("window {number}"),
    "maintenance window": gettext_noop("maintenance window {number}"),
    "redirect": gettext_noop("redirect {number}"),
}


class Plan(ABC):
    """One entry that is none but sound, and what becomes of it, once it is settled.

    It has no more than it takes to store it, for there may be very many.
    """

    __slots__ = ("at", "deed", "key")

    model: ClassVar[type[Any]]
    taken: ClassVar[Sentence]  # what is said where the other kind has the name
    target: ClassVar[str]  # its place in the document

    def __init__(self, at: At) -> None:
        self.at = at
        self.key = name_key(self.name)
        self.deed = ""

    @classmethod
    @abstractmethod
    def read(cls, at: At, document: object) -> Self:
        """Return the plan of an entry, or raise `documents.Rejected`."""

    @classmethod
    @abstractmethod
    def restored(cls, at: At, kept: list[Any]) -> Self:
        """Return the plan that was `kept`."""

    @abstractmethod
    def kept(self) -> list[Any]:
        """Return it as values for JSON, so that another process need not read it."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called."""

    @property
    @abstractmethod
    def own(self) -> str:
        """The id; empty where it has none yet."""

    @property
    @abstractmethod
    def is_on(self) -> bool:
        """Whether it is switched on."""

    @property
    @abstractmethod
    def is_endless(self) -> bool:
        """Whether it is switched on and has no end."""

    @abstractmethod
    def is_over(self, now: float) -> bool:
        """Say whether it is switched on and ends before *now*, for good."""

    @property
    @abstractmethod
    def document(self) -> Document:
        """The document that will be stored, once it is settled."""

    @property
    @abstractmethod
    def targets(self) -> list[str]:
        """Where it sends visitors; what may send them round and round."""

    @abstractmethod
    def rules(self, site: Site) -> list[Rule]:
        """Return what it compiles to."""

    @classmethod
    @abstractmethod
    def stored(cls, using: str, column: str, values: Sequence[Any]) -> dict[Any, Any]:
        """Return what is stored, by the value of a column, for `settle`."""

    @staticmethod
    @abstractmethod
    def key_of(stored: Any) -> tuple[UUID, str]:
        """Return the id and the name of what is stored."""

    @staticmethod
    @abstractmethod
    def document_of(stored: Any) -> Document | None:
        """Return the document of what is stored; None where it cannot be read."""

    def settle(self, stored: Any) -> None:
        """Take the ids of what is stored, if anything is, and see what changes."""
        pk, _ = self.key_of(stored) if stored else (self.own or uuid4(), "")
        self._take_ids(str(pk), stored)
        if not stored:
            self.deed = CREATED
        else:
            self.deed = UNCHANGED if self._is_same(stored) else UPDATED

    @abstractmethod
    def _take_ids(self, own: str, stored: Any) -> None:
        """Take an id, and those of the stored parts."""

    def _is_same(self, stored: Any) -> bool:
        return self.document_of(stored) == self.document

    @classmethod
    @abstractmethod
    def write(cls, plans: Sequence[Self], using: str) -> None:
        """Write settled plans, the new ones and those that change a row."""


class RulePlan(Plan):
    """A redirect rule on its way: its compact record, and whether it is switched on."""

    __slots__ = ("_is_on", "before", "keeps_parts", "record")

    model = RedirectRule
    taken = Sentence("A maintenance window has this name already; use another.")
    target = "destinations[0].target"

    def __init__(self, at: At, record: Record, is_on: bool) -> None:
        self.record = record
        self._is_on = is_on
        # Of what it changes: the stored text, and whether its parts stay as they are.
        self.before = ""
        self.keeps_parts = False
        super().__init__(at)

    @classmethod
    def read(cls, at: At, document: object) -> Self:
        """Return the plan of a rule, or raise `documents.Rejected`."""
        rule = documents.parse(document, current_site(), site_timezone())
        return cls(at, documents.record_of(rule), rule.enabled)

    @classmethod
    def restored(cls, at: At, kept: list[Any]) -> Self:
        """Return the plan that was `kept`."""
        record, is_on = kept
        return cls(at, records.from_json(record), is_on)

    def kept(self) -> list[Any]:
        """Return it as values for JSON."""
        return [self.record, self._is_on]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.record[1])

    @property
    def own(self) -> str:
        """The id; empty where it has none yet."""
        return str(self.record[0])

    @property
    def is_on(self) -> bool:
        """Whether it is switched on."""
        return self._is_on

    @property
    def is_endless(self) -> bool:
        """Whether it is switched on and has no end."""
        return self._is_on and records.ends(self.record) is None

    def is_over(self, now: float) -> bool:
        """Say whether it is switched on and ends before *now*, for good."""
        return self._is_on and records.is_over(self.record, now)

    @property
    def document(self) -> Document:
        """The document that will be stored, once it is settled."""
        return documents.document_of(self.record) | {"enabled": self._is_on}

    @property
    def targets(self) -> list[str]:
        """Where it sends visitors, while it is switched on."""
        arms = records.destinations(self.record) if self._is_on else ()
        return [target for _, _, target, *_ in arms]

    def rules(self, site: Site) -> list[Rule]:
        """Return the rule."""
        return [documents.parse_record(self.record, site)]

    @classmethod
    def stored(cls, using: str, column: str, values: Sequence[Any]) -> dict[Any, Any]:
        """Return rules by their name or id, a few queries for all of them."""
        rows = RedirectRule.objects.using(using).filter(**{f"{column}__in": values})
        is_name = column == "name_key"
        return {
            row.name_key if is_name else UUID(row.record[0]): row
            for row in stored_rules(rows)
        }

    @staticmethod
    def key_of(stored: Any) -> tuple[UUID, str]:
        """Return the id and the name of a stored record."""
        return UUID(stored.record[0]), stored.record[1]

    @staticmethod
    def document_of(stored: Any) -> Document | None:
        """Return the document of a stored rule; None where it cannot be read."""
        document: Document | None = stored.document()
        return document

    def _take_ids(self, own: str, stored: Any) -> None:
        """Take the stored ids, so that nobody gets another arm."""
        known = records.destinations(stored.record) if stored else ()
        arms = records.destinations(self.record)
        ids = settled_ids(*([each[:3] for each in some] for some in (arms, known)))
        self.record = records.with_ids(self.record, own, ids)
        if stored:
            is_same = records.parts(stored.record) == records.parts(self.record)
            self.keeps_parts = is_same

    def settle(self, stored: Any) -> None:
        """Take the ids of what is stored, and keep what it was, if anything changes."""
        super().settle(stored)
        if self.deed == UPDATED:
            self.before = text_of(stored.what_is_known())

    def _is_same(self, stored: Any) -> bool:
        # Equal records are equal documents; others may be, where zones have changed.
        is_same = (stored.record, stored.enabled) == (self.record, self._is_on)
        return is_same or super()._is_same(stored)

    @classmethod
    def write(cls, plans: Sequence[Self], using: str) -> None:
        """Write rules and their parts, a few statements for many of them."""
        pks = [UUID(plan.own) for plan in plans]
        some = list(zip(pks, plans, strict=True))
        known = {pk for pk, plan in some if plan.deed == UPDATED}
        rows = [
            RedirectRule(pk=pk, enabled=plan.is_on, **columns_of(plan.record))
            for pk, plan in some
        ]
        recorder = open_recorder(using)
        if recorder is not None:
            before = {pk: plan.before for pk, plan in some if plan.deed == UPDATED}
            recorder.knew(RedirectRule, before)
        rules = RedirectRule.objects.using(using)
        rules.bulk_create([row for row in rows if row.pk not in known])
        _upsert(rules, [row for row in rows if row.pk in known])
        changed = {pk: plan.record for pk, plan in some if not plan.keeps_parts}
        _write_parts(changed, known & changed.keys(), using)
        if recorder is not None:  # last, for whatever is written is not known any more
            recorder.know({pk: plan.document for pk, plan in some})


def _write_parts(
    records: Mapping[UUID, Record], known: Collection[UUID], using: str
) -> None:
    """Write destinations and conditions; some of the rules are *known* already."""
    written = Destination.objects.using(using)
    facts = Condition.objects.using(using)
    stored: dict[UUID, dict[str, int]] = {}
    if known:
        rows = written.filter(rule__in=known).order_by("pk")
        for rule, key, pk in rows.values_list("rule_id", "key", "pk"):
            stored.setdefault(rule, {})[key] = pk
        facts.filter(rule__in=known).delete()
    destinations = [
        row
        for pk, record in records.items()
        for row in destination_rows(pk, record, stored.get(pk, {}))
    ]
    kept = {row.pk for row in destinations}
    old = [pk for keys in stored.values() for pk in keys.values() if pk not in kept]
    if old:
        written.filter(pk__in=old).delete()
    _upsert(written, [row for row in destinations if row.pk])
    written.bulk_create([row for row in destinations if not row.pk])
    facts.bulk_create(
        row for pk, record in records.items() for row in condition_rows(pk, record)
    )


class WindowPlan(Plan):
    """A maintenance window on its way; there are few."""

    __slots__ = ("window",)

    model = windows.MaintenanceWindow
    taken = Sentence("A redirect rule has this name already; use another.")
    target = "target"

    def __init__(self, at: At, window: MaintenanceWindow) -> None:
        self.window = window
        super().__init__(at)

    @classmethod
    def read(cls, at: At, document: object) -> Self:
        """Return the plan of a window, or raise `documents.Rejected`."""
        window, _ = windows.compile_window(document, current_site(), site_timezone())
        return cls(at, window)

    @classmethod
    def restored(cls, at: At, kept: list[Any]) -> Self:
        """Return the plan that was `kept`."""
        (document,) = kept
        return cls(at, documents.parse_window(document, current_site()))

    def kept(self) -> list[Any]:
        """Return it as values for JSON."""
        return [self.document]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.window.name

    @property
    def own(self) -> str:
        """The id; empty where it has none yet."""
        return self.window.id

    @property
    def is_on(self) -> bool:
        """Whether it is switched on."""
        return self.window.enabled

    @property
    def is_endless(self) -> bool:
        """Whether it is switched on and has no end."""
        return self.window.enabled and self.window.schedule.ends is None

    def is_over(self, now: float) -> bool:
        """Say whether it is switched on and ends before *now*, for good."""
        end = self.window.schedule.last_end
        return self.window.enabled and end is not None and end <= now

    @property
    def document(self) -> Document:
        """The document that will be stored, once it is settled."""
        return documents.dump_window(self.window)

    @property
    def targets(self) -> list[str]:
        """Where it sends visitors, if not to the notice, while it is switched on."""
        has_own = self.window.enabled and self.window.target
        return [self.window.target] if has_own else []

    def rules(self, site: Site) -> list[Rule]:
        """Return its rules, one for each path."""
        return [documents.parse_record(each, site) for each in self.window.records()]

    @classmethod
    def stored(cls, using: str, column: str, values: Sequence[Any]) -> dict[Any, Any]:
        """Return rows by the value of a column."""
        rows = cls.model.objects.using(using).filter(**{f"{column}__in": values})
        return {getattr(row, column): row for row in rows.order_by()}

    @staticmethod
    def key_of(stored: Any) -> tuple[UUID, str]:
        """Return the id and the name of a row."""
        return stored.pk, stored.name

    @staticmethod
    def document_of(stored: Any) -> Document | None:
        """Return the document of a row; None where it cannot be read."""
        try:
            document: Document = stored.to_document()
        except Refused:
            return None
        return document

    def _take_ids(self, own: str, stored: Any) -> None:
        self.window = replace(self.window, id=own)

    @classmethod
    def write(cls, plans: Sequence[Self], using: str) -> None:
        """Write windows one by one; their pass links stay good."""
        rows = cls.stored(using, "pk", [UUID(plan.own) for plan in plans])
        for plan in plans:
            pk = UUID(plan.own)
            row = rows.get(pk) or windows.MaintenanceWindow(pk=pk)
            row.take(plan.window)
            row.save(using=using)


KINDS: tuple[type[Plan], ...] = (RulePlan, WindowPlan)


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
