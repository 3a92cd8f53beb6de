"""RedirectRule and its parts: what staff write, and what the database refuses."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, router
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from temp_redirects.core import documents, records
from temp_redirects.core.rules import QUERIES, STATUSES, STICKIES, Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.models.choices import (
    condition_kinds,
    new_destination_key,
    query_choices,
    source_kinds,
    status_choices,
    sticky_choices,
)
from temp_redirects.models.compact import (
    DESTINATION_COLUMNS,
    RULE_COLUMNS,
    columns_of,
    facts_of,
    grouped,
    make_record,
)
from temp_redirects.models.fields import RuleFields
from temp_redirects.models.history import RULE
from temp_redirects.models.planned import constraints
from temp_redirects.models.querysets import RedirectRuleQuerySet
from temp_redirects.models.settling import settled
from temp_redirects.models.versions import (
    Counted,
    CountedQuerySet,
    count_writes_of,
    writing,
)
from temp_redirects.sites import current_site

__all__ = [  # the choices, for migrations look for them here
    "Condition",
    "Destination",
    "RedirectRule",
    "condition_kinds",
    "new_destination_key",
    "query_choices",
    "source_kinds",
    "status_choices",
    "sticky_choices",
]


class RedirectRule(RuleFields):
    """One temporary redirect, as staff wrote it.

    What its texts mean, and which of them are refused, the core decides: see
    `to_document`.
    """

    kind = RULE
    states = ("live", "paused")

    objects = RedirectRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("redirect rule")
        verbose_name_plural = _("redirect rules")
        ordering = ["name_key"]
        permissions = [
            ("publish", "Can switch on redirect rules and maintenance windows")
        ]
        constraints = [
            *constraints("rule", _("Give the rule a name.")),
            models.CheckConstraint(
                name="temp_redirects_rule_path_is_absolute",
                condition=Q(path__startswith="/"),
                violation_error_message=_("The path must begin with “/”."),
            ),
            models.CheckConstraint(
                name="temp_redirects_rule_status_is_temporary",
                condition=Q(status__in=STATUSES),
                violation_error_message=_("Use one of 307, 303 and 302."),
            ),
            models.CheckConstraint(
                name="temp_redirects_rule_query_is_known",
                condition=Q(query__in=QUERIES),
            ),
            models.CheckConstraint(
                name="temp_redirects_rule_sticky_is_known",
                condition=Q(sticky__in=STICKIES),
            ),
        ]

    def to_document(self) -> dict[str, Any]:
        """Return the rule as document, texts as staff typed them."""
        return documents.document_of(self.to_record()) | {"enabled": self.enabled}

    @classmethod
    def documents(cls, using: str, pks: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """Return the documents of these rules, four queries for all of them."""
        rows = stored_rules(cls.objects.using(using).filter(pk__in=pks))
        return {UUID(row.record[0]): row.what_is_known() for row in rows}

    def to_record(self) -> records.Record:
        """Return the compact record that the store works with."""
        conditions = list(self.conditions.all())
        return make_record(
            tuple(getattr(self, column) for column in RULE_COLUMNS),
            tuple(
                tuple(getattr(each, column) for column in DESTINATION_COLUMNS)
                for each in self.destinations.all()
            ),
            tuple((each.kind, each.value) for each in conditions if not each.excepts),
            tuple((each.kind, each.value) for each in conditions if each.excepts),
        )

    def compile(self) -> Rule:
        """Return the compiled rule; raises `documents.Rejected`."""
        return documents.parse(self.to_document(), current_site())

    def problem(self) -> str:
        """Return why the stored rule is switched off by an error, or an empty text."""
        try:
            self.compile()
        except Refused as refused:
            return str(refused)
        return ""

    def take(self, rule: Rule) -> None:
        """Take the fields of a compiled rule, its parts aside."""
        self.enabled = rule.enabled
        for column, value in columns_of(documents.record_of(rule)).items():
            setattr(self, column, value)

    take.alters_data = True  # type: ignore[attr-defined]

    def take_parts(self, rule: Rule) -> None:
        """Write the destinations and conditions of a compiled, settled rule."""
        self.take_destinations(rule)
        self.conditions.all().delete()
        rows = condition_rows(self.pk, documents.record_of(rule))
        self.conditions.bulk_create(rows)

    take_parts.alters_data = True  # type: ignore[attr-defined]

    def take_destinations(self, rule: Rule) -> None:
        """Write where visitors go; a row stays while it is the same destination."""
        stored = list(self.destinations.all())
        record = documents.record_of(settled(rule, stored, is_edit=True))
        rows = destination_rows(self.pk, record, {each.key: each.pk for each in stored})
        kept = [row.pk for row in rows if row.pk]
        self.destinations.exclude(pk__in=kept).delete()
        for row in rows:
            row.save(using=self._state.db)

    take_destinations.alters_data = True  # type: ignore[attr-defined]

    def duplicate(self) -> "RedirectRule":
        """Store a paused copy under a free name, as sound or unsound as this rule.

        Its destinations get keys of their own.
        """
        using = self._state.db or router.db_for_write(RedirectRule)
        columns = set(RULE_COLUMNS) - {"pk", "name"}
        copy = RedirectRule(
            **{column: getattr(self, column) for column in columns},
            name=self.name_of_copy(),
            enabled=False,
        )
        with writing(using):
            copy.save(using=using)
            for each in self.destinations.all():
                Destination(
                    rule=copy,
                    label=each.label,
                    target=each.target,
                    percentage=each.percentage,
                ).save(using=using)
            for fact in self.conditions.all():
                Condition(
                    rule=copy, kind=fact.kind, value=fact.value, excepts=fact.excepts
                ).save(using=using)
        return copy

    duplicate.alters_data = True  # type: ignore[attr-defined]


class Destination(Counted):
    """Where visitors of a rule go; its key is given once and never reused."""

    part_of = "rule"

    rule = models.ForeignKey(
        RedirectRule,
        models.CASCADE,
        related_name="destinations",
        verbose_name=_("rule"),
    )
    key = models.CharField(max_length=40, default=new_destination_key, editable=False)
    label = models.CharField(_("label"), max_length=100, blank=True, default="")
    target = models.CharField(
        _("target"),
        max_length=2_048,
        help_text=_(
            "A path, “/news/”, or an address, “https://www.example.com/news/”."
        ),
    )

    percentage = models.DecimalField(
        _("percentage"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Of the visitors. Empty shares equally what the others leave."),
    )

    objects = CountedQuerySet.as_manager()

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "key"], name="temp_redirects_destination_key"
            ),
            models.CheckConstraint(
                name="temp_redirects_destination_has_a_target",
                condition=~Q(target=""),
            ),
            models.CheckConstraint(
                name="temp_redirects_destination_percentage",
                condition=Q(percentage=None) | Q(percentage__range=(0, 100)),
                violation_error_message=_("Use a percentage from 0 to 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.target


def destination_rows(
    pk: UUID, record: records.Record, stored: Mapping[str, int]
) -> list[Destination]:
    """Return what to store of a settled record's destinations, in their order.

    *stored* are the rows that the rule has, by their keys. Rows come back in the order
    in which they were made, so that all are made anew where the order is another one.
    """
    destinations = records.unpack(record)["destinations"]
    keys = [each[0] for each in destinations]
    kept = [key for key in stored if key in keys]
    if keys[: len(kept)] != kept:
        stored = {}
    return [
        Destination(
            pk=stored.get(key),
            rule_id=pk,
            key=key,
            label=label,
            target=target,
            percentage=percentage[0] if percentage else None,
        )
        for key, label, target, *percentage in destinations
    ]


def condition_rows(pk: UUID, record: records.Record) -> list["Condition"]:
    """Return what to store of a record's conditions, in their order."""
    fields = records.unpack(record)
    return [
        Condition(rule_id=pk, kind=kind, value=value, excepts=excepts)
        for excepts, key in ((False, "conditions"), (True, "unless"))
        for kind, value in fields[key]
    ]


class Condition(Counted):
    """Whom a rule is for, or not for: a kind and one text."""

    part_of = "rule"

    rule = models.ForeignKey(
        RedirectRule,
        models.CASCADE,
        related_name="conditions",
        verbose_name=_("rule"),
    )
    excepts = models.BooleanField(
        _("only for or not for"),
        default=False,
        choices=[(False, _("Only for")), (True, _("Not for"))],
    )
    kind = models.CharField(_("what"), max_length=40, choices=condition_kinds)
    value = models.TextField(_("which"), blank=True, default="")

    objects = CountedQuerySet.as_manager()

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="temp_redirects_condition_has_a_kind", condition=~Q(kind="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"


class StoredRule(NamedTuple):
    """A rule as it is stored: its record, and what its row has beside that."""

    record: records.Record
    name_key: str
    enabled: bool

    def document(self) -> dict[str, Any] | None:
        """Return the document; None where the rule cannot be read."""
        try:
            return documents.document_of(self.record) | {"enabled": self.enabled}
        except Refused:
            return None

    def what_is_known(self) -> dict[str, Any]:
        """Return the document; of a rule that cannot be read its id and name alone."""
        identity, name, *_ = self.record
        named = {"id": identity, "name": name, "enabled": self.enabled}
        return self.document() or named


def stored_rules(rows: "models.QuerySet[RedirectRule]") -> list[StoredRule]:
    """Return rules as they are stored, four queries for all of them."""
    found = list(rows.order_by().values_list("name_key", "enabled", *RULE_COLUMNS))
    if not found:  # they have just been deleted
        return []
    of_these = {"rule__in": [columns[0] for _, _, *columns in found]}
    arms = Destination.objects.using(rows.db).filter(**of_these).order_by("pk")
    destinations = grouped(arms, *DESTINATION_COLUMNS)
    only, unless = facts_of(Condition.objects.using(rows.db).filter(**of_these))
    return [
        StoredRule(
            make_record(tuple(columns), destinations[pk], only[pk], unless[pk]),
            key,
            enabled,
        )
        for key, enabled, pk, *others in found
        for columns in [(pk, *others)]
    ]


for _model in (RedirectRule, Destination, Condition):
    count_writes_of(_model)
