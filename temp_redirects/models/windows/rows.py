"""MaintenanceWindow: a time in which paths of the site are closed."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from temp_redirects.core import documents
from temp_redirects.core import windows as core
from temp_redirects.core.schedules import moment
from temp_redirects.core.sentences import Refused
from temp_redirects.models.history import WINDOW
from temp_redirects.models.planned import Planned, constraints
from temp_redirects.models.rules import RedirectRule
from temp_redirects.models.versions import count_writes_of
from temp_redirects.models.windows.compiling import WINDOW_COLUMNS, make_window
from temp_redirects.models.windows.querysets import MaintenanceWindowQuerySet
from temp_redirects.sites import current_site


def api_choices() -> list[tuple[str, Any]]:
    """Return what clients get that are no browser showing a page."""
    return [
        ("redirect", _("Send them to the notice like everybody")),
        ("503", _("Answer “503 come back later” at once, without a redirect")),
    ]


def new_pass_key() -> str:
    """Return a key that nobody can guess, for the pass links of a window."""
    return token_hex(16)


class MaintenanceWindow(Planned):
    """A time in which paths of the site show a notice instead of their pages."""

    name = models.CharField(
        _("name"),
        max_length=documents.MAX_NAME,
        help_text=_("What you call it; part of the notice’s address: “shop-update”."),
    )
    enabled = models.BooleanField(_("switched on"), default=True)
    title = models.CharField(
        _("title"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("The headline of the notice: “The shop is being updated”."),
    )
    message = models.TextField(
        _("message"),
        blank=True,
        default="",
        help_text=_("What visitors should know: what happens, whom to ask."),
    )
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("The first moment the pages are back. Empty: until you end it."),
    )
    paths = models.TextField(
        _("paths"),
        help_text=_("What is closed, one a line, with everything under it: “/shop/”."),
    )
    except_paths = models.TextField(
        _("except"),
        blank=True,
        default="",
        help_text=_("Paths that stay open, one a line, with everything under them."),
    )
    hosts = models.TextField(
        _("hosts"),
        blank=True,
        default="",
        help_text=_("Only on these hosts, separated by commas. Empty: on every host."),
    )
    target = models.CharField(
        _("send visitors to"),
        max_length=2_048,
        blank=True,
        default="",
        help_text=_(
            "Empty: to the notice. Or another address: "
            "“https://standby.example.com{path}”."
        ),
    )
    staff_pass = models.BooleanField(
        _("staff still see the pages"),
        default=True,
        help_text=_("Whoever may sign in to this admin, and is signed in."),
    )
    pass_addresses = models.TextField(
        _("networks that pass"),
        blank=True,
        default="",
        help_text=_("Addresses or networks, one a line: “192.0.2.0/24”."),
    )
    pass_key = models.CharField(max_length=64, default=new_pass_key, editable=False)
    api = models.CharField(
        _("programs and scripts"),
        max_length=20,
        default="redirect",
        choices=api_choices,
    )
    priority = models.IntegerField(
        _("priority"),
        default=core.PRIORITY,
        help_text=_("Above the rules for the same paths; higher wins."),
    )

    kind = WINDOW
    states = ("on", "off")

    objects = MaintenanceWindowQuerySet.as_manager()

    class Meta:
        verbose_name = _("maintenance window")
        verbose_name_plural = _("maintenance windows")
        ordering = ["name_key"]
        constraints = [
            *constraints("window", _("Give the window a name.")),
            models.CheckConstraint(
                name="temp_redirects_window_covers_paths",
                condition=~Q(paths=""),
            ),
            models.CheckConstraint(
                name="temp_redirects_window_api_is_known",
                condition=Q(api__in=core.APIS),
            ),
        ]

    def compile(self) -> core.MaintenanceWindow:
        """Return the compiled window; raises `documents.Rejected`."""
        return make_window(tuple(getattr(self, name) for name in WINDOW_COLUMNS))

    def problem(self) -> str:
        """Return why the stored window is switched off by an error, or nothing."""
        return str(self.refusal() or "")

    def refusal(self) -> Refused | None:
        """Return what `problem` says, with the places in the document."""
        try:
            for record in self.compile().records():
                documents.parse_record(record, current_site())
        except Refused as refused:
            return refused
        return None

    def refuse_taken_name(self, name: str, using: str) -> None:
        """Raise ValidationError where a rule has the name: rules share the names."""
        if RedirectRule.objects.using(using).named(name):
            raise ValidationError(
                {"name": [_("A redirect rule has this name already; use another.")]}
            )

    def to_document(self) -> dict[str, Any]:
        """Return the window as document."""
        return documents.dump_window(self.compile())

    def started(self, now: datetime) -> dict[str, Any]:
        """Return the document as it would be, begun at *now*; for it to be judged."""
        document = self.to_document() | {"enabled": True}
        if self.recurrence:
            return document
        starts_at = moment(now.timestamp(), self.timezone).isoformat()
        is_over = self.ends_at is not None and self.ends_at <= now
        changed = {"starts_at": starts_at} | ({"ends_at": None} if is_over else {})
        return document | {"schedule": {**document["schedule"], **changed}}

    @classmethod
    def documents(cls, using: str, pks: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """Return the documents of these windows.

        One that cannot be read has its id and name alone.
        """
        found = {}
        for row in cls.objects.using(using).filter(pk__in=pks).order_by():
            try:
                found[row.pk] = row.to_document()
            except Refused:
                known = {"id": str(row.pk), "name": row.name}
                found[row.pk] = known | {"enabled": row.enabled}
        return found

    def take(self, window: core.MaintenanceWindow) -> None:
        """Take the fields of a compiled window."""
        document = documents.dump_window(window)
        for field in ("name", "enabled", "title", "message", "target", "staff_pass"):
            setattr(self, field, document[field])
        for field in ("api", "priority"):
            setattr(self, field, document[field])
        for field in ("paths", "except_paths", "pass_addresses"):
            setattr(self, field, "\n".join(document[field]))
        self.hosts = ", ".join(document["hosts"])
        self.take_schedule(window.schedule)

    take.alters_data = True  # type: ignore[attr-defined]

    def duplicate(self) -> "MaintenanceWindow":
        """Store a copy under a free name that is off, with pass links of its own."""
        using = self._state.db
        columns = set(WINDOW_COLUMNS) - {"pk", "name", "enabled", "pass_key"}
        copy = MaintenanceWindow(
            **{column: getattr(self, column) for column in columns},
            name=self.name_of_copy(),
            enabled=False,
        )
        copy.save(using=using)
        return copy

    duplicate.alters_data = True  # type: ignore[attr-defined]

    def revoke_passes(self) -> None:
        """Make every pass link given out useless."""
        self.pass_key = new_pass_key()
        self.save(update_fields=["pass_key"])

    revoke_passes.alters_data = True  # type: ignore[attr-defined]


count_writes_of(MaintenanceWindow)
