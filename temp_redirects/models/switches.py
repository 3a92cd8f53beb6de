"""KillSwitch: redirects switched off at once, all or some, for a while or for good."""

from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import OperationalError, connections, models
from django.db.models import Q
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.core import switches as core
from temp_redirects.core.schedules import moment
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import normal_host
from temp_redirects.core.switches import EVERYTHING, HOST, MAINTENANCE
from temp_redirects.models.columns import as_moment, as_seconds
from temp_redirects.models.history import MAX_WHO, SWITCH
from temp_redirects.models.recording import current_origin
from temp_redirects.models.versions import (
    Counted,
    CountedQuerySet,
    count_writes_of,
    writing,
)
from temp_redirects.sites import site_timezone

MAX_REASON = 200  # characters
PATIENCE = 60.0  # seconds that a switch waits for somebody who writes many rules
COLUMNS = ("scope", "host", "began_at", "ends_at", "reason", "who")


def scopes() -> list[tuple[str, Any]]:
    """Return what can be switched off."""
    return [
        (EVERYTHING, _("Everything: all redirects and maintenance windows")),
        (HOST, _("One host")),
        (MAINTENANCE, _("Maintenance windows only")),
    ]


class KillSwitchQuerySet(CountedQuerySet["KillSwitch"]):
    """Kill switches, and how they are pulled."""

    def on(self, now: datetime) -> "KillSwitchQuerySet":
        """Return those that keep something off at *now*."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def pull(
        self,
        scope: str = EVERYTHING,
        *,
        host: str = "",
        ends_at: datetime | None = None,
        reason: str = "",
    ) -> "KillSwitch":
        """Switch off at once; what is off already has another end and reason now.

        It is switched on again by deleting. Raises ValidationError.
        """
        using = self._writes_to()
        until = monotonic() + PATIENCE
        while True:
            try:
                return self._pull(using, scope, normal_host(host), ends_at, reason)
            except OperationalError as error:
                # SQLite gives a lock up after seconds; others wait by themselves.
                is_inside = connections[using].in_atomic_block
                if is_inside or "locked" not in str(error) or monotonic() > until:
                    raise

    pull.alters_data = True  # type: ignore[attr-defined]

    def _pull(
        self, using: str, scope: str, host: str, ends_at: datetime | None, reason: str
    ) -> "KillSwitch":
        with writing(using):
            rows = self.using(using)
            row = rows.filter(scope=scope, host=host).first()
            row = row or self.model(scope=scope, host=host)
            row.began_at = django_timezone.now()
            row.ends_at, row.reason = ends_at, reason.strip()[:MAX_REASON]
            origin = current_origin()
            row.who = origin.who if origin else ""
            row.refuse_nonsense()
            row.save(using=using)
        return row


class KillSwitch(Counted):
    """What is switched off: everything, one host, or maintenance; until when, and why.

    It is over by itself at its end, and as soon as the row is deleted.
    """

    kind = SWITCH

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.CharField(
        _("what is off"), max_length=20, default=EVERYTHING, choices=scopes
    )
    host = models.CharField(_("host"), max_length=255, blank=True, default="")
    began_at = models.DateTimeField(_("since"), default=django_timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(
        _("reason"), max_length=MAX_REASON, blank=True, default=""
    )
    who = models.CharField(_("who"), max_length=MAX_WHO, blank=True, default="")

    objects = KillSwitchQuerySet.as_manager()

    class Meta:
        verbose_name = _("kill switch")
        verbose_name_plural = _("kill switch")
        ordering = ["-began_at"]
        default_permissions = ()
        permissions = [("kill_switch", "Can switch redirects off and on again at once")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "host"], name="temp_redirects_switch_once"
            ),
            models.CheckConstraint(
                name="temp_redirects_switch_scope_is_known",
                condition=Q(scope__in=core.SCOPES),
            ),
        ]

    def __str__(self) -> str:
        return self.host or self.scope

    def compile(self) -> core.KillSwitch:
        """Return what the core decides by; raises `Refused`."""
        return make_switch(tuple(getattr(self, name) for name in COLUMNS))

    def refuse_nonsense(self) -> None:
        """Raise ValidationError for what the core would refuse."""
        try:
            self.compile()
        except Refused as refused:
            raise ValidationError({"host": [str(refused)]}) from refused

    def to_document(self) -> dict[str, Any]:
        """Return the switch as the history keeps it."""
        ends = as_seconds(self.ends_at)
        return {
            "id": str(self.pk),
            "name": str(self),
            "scope": self.scope,
            "host": self.host,
            "ends_at": None if ends is None else moment(ends, "UTC").isoformat(),
            "reason": self.reason,
        }

    @classmethod
    def documents(cls, using: str, pks: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """Return the documents of these switches."""
        rows = cls.objects.using(using).filter(pk__in=pks).order_by()
        return {row.pk: row.to_document() for row in rows}


def make_switch(columns: tuple[Any, ...]) -> core.KillSwitch:
    """Return the switch of the values of `COLUMNS`; raises `Refused`."""
    scope, host, began_at, ends_at, reason, who = columns
    return core.KillSwitch(
        scope=scope,
        host=host,
        since=as_seconds(began_at) or 0.0,
        ends=as_seconds(ends_at),
        timezone=site_timezone(),
        reason=reason,
        who=who,
    )


def pull_again(using: str, pk: UUID, document: dict[str, Any]) -> None:
    """Store a switch as a document of the history has it."""
    ends = document["ends_at"]
    row = KillSwitch(
        pk=pk,
        scope=document["scope"],
        host=document["host"],
        ends_at=as_moment(datetime.fromisoformat(ends).timestamp()) if ends else None,
        reason=document["reason"],
    )
    row.save(using=using)


count_writes_of(KillSwitch)
