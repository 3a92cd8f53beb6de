"""RedirectRule and its parts: what staff write, and what the database refuses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
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
    grouped,
    make_document,
    make_record,
)
from temp_redirects.models.fields import RuleFields
from temp_redirects.models.history import RULE
from temp_redirects.models.planned import constraints, schedule_columns
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
        """Return the documents of these rules, four queries for all of them.

        One that cannot be read has its id and name alone.
        """
        stored = cls.objects.using(using).filter(pk__in=pks).order_by()
        rows = list(stored.values_list("enabled", *RULE_COLUMNS))
        if not rows:  # they have just been deleted
            return {}
        parts = {"rule__in": pks}
        destinations = grouped(
            Destination.objects.using(using).filter(**parts).order_by("pk"),
            *DESTINATION_COLUMNS,
        )
        facts = Condition.objects.using(using).filter(**parts).order_by("pk")
        only, unless = (
            grouped(facts.filter(excepts=excepts), "kind", "value")
            for excepts in (False, True)
        )
        found = {}
        for enabled, *columns in rows:
            pk = columns[0]
            found[pk] = make_document(
                tuple(columns), enabled, destinations[pk], only[pk], unless[pk]
            )
        return found

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

    def take(self, rule: Rule, document: Mapping[str, Any] | None = None) -> None:
        """Take the fields of a compiled rule, its parts aside.

        *document* is the rule's own, where it is known.
        """
        for field, value in columns_of(rule, document or documents.dump(rule)).items():
            setattr(self, field, value)

    take.alters_data = True  # type: ignore[attr-defined]

    def take_parts(self, rule: Rule) -> None:
        """Write the destinations and conditions of a compiled, settled rule."""
        self.take_destinations(rule)
        self.conditions.all().delete()
        self.conditions.bulk_create(
            Condition(rule=self, kind=each.kind, value=str(each), excepts=excepts)
            for excepts, group in ((False, rule.conditions), (True, rule.unless))
            for each in group
        )

    take_parts.alters_data = True  # type: ignore[attr-defined]

    def take_destinations(self, rule: Rule) -> None:
        """Write where visitors go; a row stays while it is the same destination."""
        stored = list(self.destinations.all())
        rows = destination_rows(self, settled(rule, stored, is_edit=True), stored)
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


def columns_of(rule: Rule, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row has of a compiled rule and its document, but for its parts."""
    return {
        **{field: document[field] for field in _PLAIN},
        "hosts": ", ".join(document["hosts"]),
        "methods": ", ".join(document["methods"]),
        "except_paths": "\n".join(document["except_paths"]),
        **schedule_columns(rule.schedule),
    }


_PLAIN = (*(documents.VALUES.keys() - {"id"}), "match", "path")


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
    row: RedirectRule, rule: Rule, stored: Iterable[Destination]
) -> list[Destination]:
    """Return what to store of a settled rule's destinations, in their order.

    Rows come back in the order in which they were made, so that all are made anew
    where the order is another one.
    """
    pks = {each.key: each.pk for each in stored}
    keys = [each.id for each in rule.destinations]
    kept = [key for key in pks if key in keys]
    if keys[: len(kept)] != kept:
        pks = {}
    return [
        Destination(
            pk=pks.get(each.id),
            rule_id=row.pk,
            key=each.id,
            label=each.label,
            target=each.target.typed,
            percentage=each.percentage,
        )
        for each in rule.destinations
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
        return f"{self.kind}: {self.value}"


for _model in (RedirectRule, Destination, Condition):
    count_writes_of(_model)
