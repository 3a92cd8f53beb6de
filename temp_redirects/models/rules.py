"""RedirectRule and its parts: what staff write, and what the database refuses."""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone as django_timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from temp_redirects.core import documents, records
from temp_redirects.core.conditions import KINDS as CONDITION_KINDS
from temp_redirects.core.rules import QUERIES, STATUSES, Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.models.columns import (
    NameKeyField,
    as_moment,
    as_seconds,
    lines,
    listed,
)
from temp_redirects.models.querysets import RedirectRuleQuerySet, window_named
from temp_redirects.models.versions import Counted, CountedQuerySet, count_writes_of
from temp_redirects.sites import current_site, site_timezone

RULE_COLUMNS = (
    "pk",
    "name",
    "match",
    "path",
    "starts_at",
    "ends_at",
    "timezone",
    "priority",
    "hosts",
    "methods",
    "except_paths",
    "status",
    "query",
    "cache_seconds",
    "note",
)
DESTINATION_COLUMNS = ("key", "label", "target")


def condition_kinds() -> list[tuple[str, str]]:
    """Return the kinds of condition that are installed, for a form to choose from."""
    return [
        (kind, condition.label)
        for kind, condition in sorted(CONDITION_KINDS.items())
        if condition.is_offered
    ]


def source_kinds() -> list[tuple[str, Any]]:
    """Return the ways in which a path is matched."""
    return [
        ("exact", _("exactly this path")),
        ("prefix", _("this path and everything under it")),
        ("pattern", _("paths of a form: “/blog/<int:year>/*/”")),
        ("regex", _("paths that a regular expression matches (RE2)")),
    ]


def status_choices() -> list[tuple[int, Any]]:
    """Return the answers that a rule may give."""
    return [
        (307, _("Send again there: a form arrives as it was (307)")),
        (303, _("Show a page there: a form’s content stays behind (303)")),
        (302, _("As old clients know it: a form’s content may get lost (302)")),
    ]


def query_choices() -> list[tuple[str, Any]]:
    """Return what may become of the visitor's query."""
    return [("keep", _("Keep it")), ("drop", _("Drop it"))]


def new_destination_key() -> str:
    """Return a short id that no destination had before."""
    return get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")


class RedirectRule(Counted):
    """One temporary redirect, as staff wrote it.

    What its texts mean, and which of them are refused, the core decides: see
    `to_document`.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(
        _("name"),
        max_length=documents.MAX_NAME,
        help_text=_("What you call it, here and on the command line: “pricing-test”."),
    )
    name_key = NameKeyField(max_length=200, unique=True, editable=False)
    enabled = models.BooleanField(
        _("switched on"),
        default=True,
        help_text=_("Switched off, it redirects nobody, whatever its window says."),
    )
    priority = models.IntegerField(
        _("priority"),
        default=0,
        help_text=_("Where two rules cover one path, the higher number decides."),
    )
    match = models.CharField(
        _("covers"), max_length=20, default="exact", choices=source_kinds
    )
    path = models.CharField(
        _("path"),
        max_length=2_048,
        help_text=_("What visitors ask for, as the browser shows it: “/shop/”."),
    )
    hosts = models.TextField(
        _("hosts"),
        blank=True,
        default="",
        help_text=_(
            "Only on these hosts, separated by commas: “shop.example, *.example.org”. "
            "Empty means every host."
        ),
    )
    methods = models.CharField(
        _("methods"),
        max_length=200,
        blank=True,
        default="",
        help_text=_(
            "Only requests of these methods, separated by commas: “POST, PUT”. Empty "
            "means all; GET includes HEAD."
        ),
    )
    except_paths = models.TextField(
        _("except"),
        blank=True,
        default="",
        help_text=_("Paths that are not redirected, one a line, with all under them."),
    )
    starts_at = models.DateTimeField(
        _("starts"),
        null=True,
        blank=True,
        help_text=_("The first moment it redirects. Empty means at once."),
    )
    ends_at = models.DateTimeField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("The first moment it no longer does. Empty: until switched off."),
    )
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        default=site_timezone,
        help_text=_("The clock that start and end are read from: “Europe/Berlin”."),
    )
    status = models.PositiveSmallIntegerField(
        _("answer"), default=307, choices=status_choices
    )
    query = models.CharField(
        _("query"), max_length=10, default="keep", choices=query_choices
    )
    cache_seconds = models.PositiveIntegerField(
        _("cache for"),
        default=0,
        help_text=_(
            "Seconds that browsers and caches may keep the answer, never beyond the "
            "end. 0 means that each request asks again."
        ),
    )
    note = models.TextField(
        _("note"), blank=True, default="", help_text=_("For your colleagues.")
    )

    objects = RedirectRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("redirect rule")
        verbose_name_plural = _("redirect rules")
        ordering = ["name_key"]
        constraints = [
            models.CheckConstraint(
                name="temp_redirects_rule_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at"))
                | Q(ends_at=None)
                | Q(starts_at=None),
                violation_error_message=_("The end must come after the start."),
            ),
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
                name="temp_redirects_rule_has_a_name",
                condition=~Q(name_key=""),
                violation_error_message=_("Give the rule a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def to_document(self) -> dict[str, Any]:
        """Return the rule as document, texts as staff typed them."""
        return documents.document_of(self.to_record()) | {"enabled": self.enabled}

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

    def state(self, now: datetime | None = None) -> str:
        """Return the rule's state: live, scheduled, paused, ended or rejected."""
        now = now or django_timezone.now()
        if self.ends_at is not None and self.ends_at <= now:
            return "ended"
        if not self.enabled:
            return "paused"
        if self.problem():
            return "rejected"
        if self.starts_at is not None and self.starts_at > now:
            return "scheduled"
        return "live"

    def take(self, rule: Rule) -> None:
        """Take the fields of a compiled rule, its parts aside."""
        document = documents.dump(rule)
        for field in ("name", "enabled", "priority", "match", "path"):
            setattr(self, field, document[field])
        for field in ("status", "query", "cache_seconds", "note"):
            setattr(self, field, document[field])
        self.hosts = ", ".join(document["hosts"])
        self.methods = ", ".join(document["methods"])
        self.except_paths = "\n".join(document["except_paths"])
        self.timezone = rule.schedule.timezone
        self.starts_at = as_moment(rule.schedule.starts)
        self.ends_at = as_moment(rule.schedule.ends)

    def take_parts(self, rule: Rule) -> None:
        """Write the destination and conditions of a compiled rule; ids are kept."""
        self.take_destination(rule.destination.label, rule.destination.target.typed)
        self.conditions.all().delete()
        self.conditions.bulk_create(
            Condition(rule=self, kind=each.kind, value=str(each), excepts=excepts)
            for excepts, group in ((False, rule.conditions), (True, rule.unless))
            for each in group
        )

    def take_destination(self, label: str, target: str) -> None:
        """Write where visitors go, and keep the destination's id."""
        destination = self.destinations.first() or Destination(rule=self)
        destination.label = label
        destination.target = target
        destination.save(using=self._state.db)

    def duplicate(self) -> "RedirectRule":
        """Store a paused copy under a free name, as sound or unsound as this rule.

        Its destinations get keys of their own.
        """
        using = self._state.db
        columns = set(RULE_COLUMNS) - {"pk", "name"}
        copy = RedirectRule(
            **{column: getattr(self, column) for column in columns},
            name=self._name_of_copy(),
            enabled=False,
        )
        with transaction.atomic(using=using):
            copy.save(using=using)
            for each in self.destinations.all():
                Destination(rule=copy, label=each.label, target=each.target).save(
                    using=using
                )
            for fact in self.conditions.all():
                Condition(
                    rule=copy, kind=fact.kind, value=fact.value, excepts=fact.excepts
                ).save(using=using)
        return copy

    duplicate.alters_data = True  # type: ignore[attr-defined]

    def _name_of_copy(self) -> str:
        rules = RedirectRule.objects.using(self._state.db)
        for number in count(1):
            suffix = f" (copy {number})" if number > 1 else " (copy)"
            name = f"{self.name[: documents.MAX_NAME - len(suffix)]}{suffix}"
            if rules.named(name) is None and window_named(name, rules.db) is None:
                return name
        raise AssertionError("numbers never end")


class Destination(Counted):
    """Where visitors of a rule go; its key is given once and never reused."""

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
        ]

    def __str__(self) -> str:
        return self.label or self.target


class Condition(Counted):
    """Whom a rule is for, or not for: a kind and one text."""

    rule = models.ForeignKey(
        RedirectRule, models.CASCADE, related_name="conditions", verbose_name=_("rule")
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


def make_record(
    columns: tuple[Any, ...],
    destinations: tuple[tuple[str, ...], ...],
    conditions: tuple[tuple[str, ...], ...],
    unless: tuple[tuple[str, ...], ...],
) -> records.Record:
    """Return the record of a rule's `RULE_COLUMNS` and its parts."""
    row = {**records.DEFAULTS, **dict(zip(RULE_COLUMNS, columns, strict=True))}
    row |= {
        "id": str(row["pk"]),
        "destinations": destinations,
        "starts": as_seconds(row["starts_at"]),
        "ends": as_seconds(row["ends_at"]),
        "hosts": listed(row["hosts"]),
        "methods": listed(row["methods"]),
        "except_paths": lines(row["except_paths"]),
        "conditions": conditions,
        "unless": unless,
    }
    return records.pack(row[field] for field in records.FIELDS)
