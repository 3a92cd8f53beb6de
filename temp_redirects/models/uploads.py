"""Uploads: files on their way into the rules, kept while people look at their check."""

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4
from zlib import compress, decompress

from django.db import models
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

LASTS = timedelta(hours=6)
MAX_NAME = 200


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads of all people."""

    def of(self, owner: str, now: datetime) -> "UploadQuerySet":
        """Return somebody's upload that is not too old."""
        return self.filter(owner=owner, at__gt=now - LASTS)

    def forget(self, now: datetime) -> int:
        """Delete those that are too old; the number of them."""
        return self.filter(at__lte=now - LASTS).delete()[0]

    forget.alters_data = True  # type: ignore[attr-defined]


class Upload(models.Model):
    """One person's file: its text, how far its check is, and what that found.

    It is in the database because the next request may go to another server. Nothing of
    it redirects anybody. ``version`` is that of the rules that it was compared with;
    empty until then.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    at = models.DateTimeField(_("when"), default=django_timezone.now, db_index=True)
    owner = models.CharField(max_length=150)  # the key of the user, as text
    name = models.CharField(_("file"), max_length=MAX_NAME)
    format = models.CharField(max_length=10)
    kinds = models.CharField(max_length=50)  # of what is in it: “rule,window”
    replaces = models.BooleanField(default=False)
    content = models.BinaryField()
    total = models.PositiveIntegerField(default=0)  # entries
    judged = models.PositiveIntegerField(default=0)
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

    def keep(self) -> None:
        """Store how far the check is; nothing where the upload is gone meanwhile."""
        rows = Upload.objects.using(self._state.db).filter(pk=self.pk)
        rows.update(judged=self.judged, found=self.found, version=self.version)

    keep.alters_data = True  # type: ignore[attr-defined]

    @property
    def text(self) -> str:
        """The text of the file."""
        return decompress(self.content).decode()

    @text.setter
    def text(self, text: str) -> None:
        self.content = compress(text.encode())

    @property
    def findings(self) -> dict[str, Any]:
        """What the check found so far: plain values by name."""
        if not self.found:
            return {}
        findings: dict[str, Any] = json.loads(decompress(self.found))
        return findings

    @findings.setter
    def findings(self, findings: dict[str, Any]) -> None:
        self.found = compress(json.dumps(findings).encode())
