"""The history: what was done in one go, by whom and from where, rule by rule."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.core.changes import Difference, differences

RULE = "rule"
WINDOW = "window"
SWITCH = "switch"
MAX_WHO = 150  # characters, as Django's own user names
MAX_WHAT = 500


def sources() -> list[tuple[str, Any]]:
    """Return from where rules are written."""
    return [
        ("admin", _("admin")),
        ("command", _("command line")),
        ("import", _("import")),
        ("code", _("code")),
    ]


def kinds() -> list[tuple[str, Any]]:
    """Return what has a history."""
    return [
        (RULE, _("redirect rule")),
        (WINDOW, _("maintenance window")),
        (SWITCH, _("kill switch")),
    ]


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches, the newest first."""

    def of(self, object_id: UUID) -> "BatchQuerySet":
        """Return the batches that changed this rule or window."""
        rows = Revision.objects.using(self.db).filter(object_id=object_id)
        return self.filter(pk__in=rows.values("batch"))

    def forget(self, before: datetime) -> int:
        """Delete what was done before that moment; the number of changes in it."""
        old = self.filter(at__lt=before)
        revisions = Revision.objects.using(self.db).filter(batch__in=old)
        count = revisions.count()
        revisions.order_by()._raw_delete(self.db)
        old._raw_delete(self.db)
        return count

    forget.alters_data = True  # type: ignore[attr-defined]


class Batch(models.Model):
    """What was done in one go: one save, one action of a list, one import.

    The name of who did it is a text, so that it outlives the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    at = models.DateTimeField(_("when"), default=django_timezone.now, db_index=True)
    source = models.CharField(
        _("from where"), max_length=20, default="code", choices=sources
    )
    who = models.CharField(_("who"), max_length=MAX_WHO, blank=True, default="")
    what = models.CharField(_("what"), max_length=MAX_WHAT, blank=True, default="")

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("history")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who or self.source}"

    @property
    def changes(self) -> "models.QuerySet[Revision]":
        """What it did to each rule and window, in the order written."""
        return Revision.objects.using(self._state.db).filter(batch=self)


class Revision(models.Model):
    """One rule or maintenance window, as document, before and after a batch.

    An empty text stands for one that did not exist, or is deleted. There is no key to
    the row: the history of what is deleted stays.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="revisions")
    kind = models.CharField(max_length=10, choices=kinds)
    object_id = models.UUIDField()
    name = models.CharField(_("name"), max_length=200)
    before = models.TextField(blank=True, default="")
    after = models.TextField(blank=True, default="")

    objects: ClassVar[models.Manager["Revision"]] = models.Manager()

    class Meta:
        verbose_name = _("changed rule")
        verbose_name_plural = _("changed rules")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "kind", "object_id"],
                name="temp_redirects_revision_once",
            )
        ]
        indexes = [
            models.Index(fields=["object_id"], name="temp_redirects_revision_of")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> tuple[str, UUID]:
        """What this is a revision of."""
        return self.kind, self.object_id

    @property
    def was(self) -> dict[str, Any] | None:
        """The document before, None where there was none."""
        return read_text(self.before)

    @property
    def became(self) -> dict[str, Any] | None:
        """The document after, None where there is none."""
        return read_text(self.after)

    @property
    def differences(self) -> list[Difference]:
        """Where the documents differ."""
        return differences(self.was, self.became)

    @classmethod
    def newest(cls, using: str, object_id: UUID) -> int:
        """Return the number of the newest revision of an object, 0 where none is."""
        rows = cls.objects.using(using).filter(object_id=object_id).order_by("-pk")
        return rows.values_list("pk", flat=True).first() or 0


def read_text(text: str) -> dict[str, Any] | None:
    """Return the document of a stored text."""
    document: dict[str, Any] | None = json.loads(text) if text else None
    return document


def text_of(document: Mapping[str, Any]) -> str:
    """Return a document as it is stored; equal ones have equal texts."""
    return _encode(document)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
