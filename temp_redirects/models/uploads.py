"""Uploads: files on their way into the rules, kept while people look at their check."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias
from uuid import uuid4
from zlib import compress, decompress

from django.db import models, transaction
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

LASTS = timedelta(hours=6)
MAX_NAME = 200
LEVEL = 1  # of compression: these live for hours, and somebody waits for them
TOGETHER = 20  # parts in one statement

Told: TypeAlias = list[Any]  # a problem: unit, number, column, value and reason


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads of all people."""

    def of(self, owner: str, now: datetime) -> "UploadQuerySet":
        """Return somebody's upload that is not too old."""
        return self.filter(owner=owner, at__gt=now - LASTS)

    def forget(self, now: datetime) -> int:
        """Delete those that are too old; the number of them."""
        _, deleted = self.filter(at__lte=now - LASTS).delete()
        return deleted.get(self.model._meta.label, 0)

    forget.alters_data = True  # type: ignore[attr-defined]


class Upload(models.Model):
    """One person's file: how far its check is, and what that found.

    It is in the database because the next request may go to another server. Nothing of
    it redirects anybody. Of ``total`` entries some are ``judged`` by themselves, then
    all are compared with the rules that are stored and ``followed`` to where they lead.
    ``version`` is that of the rules that they were compared with; empty until then.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    at = models.DateTimeField(_("when"), default=django_timezone.now, db_index=True)
    owner = models.CharField(max_length=150)  # the key of the user, as text
    name = models.CharField(_("file"), max_length=MAX_NAME)
    format = models.CharField(max_length=10)
    kinds = models.CharField(max_length=50)  # of what is in it: “rule,window”
    replaces = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)  # entries
    judged = models.PositiveIntegerField(default=0)
    followed = models.PositiveIntegerField(default=0)
    found = models.BinaryField(default=b"")
    version = models.CharField(max_length=80, blank=True, default="")

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner"], name="temp_redirects_upload_of")
        ]

    def __str__(self) -> str:
        return self.name

    def store(self, using: str, parts: Iterable[Sequence[Any]]) -> None:
        """Store a new upload with the entries of its file."""
        with transaction.atomic(using=using):
            self.save(using=using)
            rows = (
                UploadPart(upload=self, number=number, given=_packed(entries))
                for number, entries in enumerate(parts)
            )
            UploadPart.objects.using(using).bulk_create(rows, TOGETHER)

    store.alters_data = True  # type: ignore[attr-defined]

    def go_on(self, was: "Upload", read: Iterable["UploadPart"] = ()) -> bool:
        """Store how far the check is and what was *read*, since it *was* stored.

        False, and nothing stored, where the upload is gone meanwhile, or another
        request went on with it.
        """
        using = self._state.db
        mine = Upload.objects.using(using).filter(
            pk=self.pk, judged=was.judged, followed=was.followed, version=was.version
        )
        with transaction.atomic(using=using):
            is_first = mine.update(
                judged=self.judged,
                followed=self.followed,
                found=self.found,
                version=self.version,
            )
            for part in read if is_first else ():
                part.save(using=using, update_fields=["plans"])
        return bool(is_first)

    go_on.alters_data = True  # type: ignore[attr-defined]

    def lock(self) -> bool:
        """Let whoever deletes it wait until this transaction ends; False if it is gone.

        Its parts go first, so that they are locked first.
        """
        list(self._parts().select_for_update().values_list("pk"))
        own = Upload.objects.using(self._state.db).select_for_update()
        return bool(own.filter(pk=self.pk))

    lock.alters_data = True  # type: ignore[attr-defined]

    def part(self, number: int) -> "UploadPart":
        """Return one part of the file."""
        return self._parts().get(number=number)

    def parts(self) -> Iterator["UploadPart"]:
        """Yield the parts of the file, one at a time."""
        for number in self._parts().values_list("number", flat=True):
            yield self.part(number)

    def _parts(self) -> "models.QuerySet[UploadPart]":
        rows = UploadPart.objects.using(self._state.db).filter(upload=self)
        return rows.order_by("number")

    @property
    def findings(self) -> dict[str, Any]:
        """What the check found so far: plain values by name."""
        findings: dict[str, Any] = _unpacked(self.found) or {}
        return findings

    @findings.setter
    def findings(self, findings: dict[str, Any]) -> None:
        self.found = _packed(findings)


class UploadPart(models.Model):
    """Some entries of a file: as they stand there, and the plans that were read."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    given = models.BinaryField()
    plans = models.BinaryField(default=b"")

    objects: ClassVar[models.Manager["UploadPart"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "number"], name="temp_redirects_upload_part"
            )
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}/{self.number}"

    @property
    def entries(self) -> list[Any]:
        """The entries as they stand in the file."""
        entries: list[Any] = _unpacked(self.given)
        return entries

    @property
    def kept(self) -> list[Any]:
        """What was read of them, so that nobody need read it again."""
        kept: list[Any] = _unpacked(self.plans) or []
        return kept

    @kept.setter
    def kept(self, kept: list[Any]) -> None:
        self.plans = _packed(kept)


def _packed(value: Any) -> bytes:
    return compress(json.dumps(value).encode(), LEVEL)


def _unpacked(stored: bytes | memoryview) -> Any:
    return json.loads(decompress(stored)) if stored else None
