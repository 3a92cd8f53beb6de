"""What rules and maintenance windows share: a name, and a window of time."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar
from uuid import uuid4

from django.apps import apps
from django.db import models, router
from django.db.models import F, Q
from django.utils import timezone as django_timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.core.documents import MAX_NAME, schedule_of, unpack_schedule
from temp_redirects.core.schedules import Occurrence, Schedule
from temp_redirects.core.schedules.controls import extended
from temp_redirects.core.sentences import Refused
from temp_redirects.models.columns import NameKeyField, as_moment, name_key
from temp_redirects.models.repeating import (
    BEFORE,
    OVER,
    SCHEDULE_COLUMNS,
    phase,
    stored_schedule,
)
from temp_redirects.models.versions import Counted
from temp_redirects.sites import site_timezone

SHARE_THE_NAMES = ("RedirectRule", "MaintenanceWindow")


class Planned(Counted):
    """A row with a name of its own and a window of time.

    Subclasses have the columns ``enabled``, ``starts_at`` and ``ends_at``, and say in
    ``states`` what they are called while their window is open: switched on, and off.
    Of what repeats the columns are the first time; `current_or_next` and `last_end` are
    what people ask for.
    """

    states: ClassVar[tuple[str, str]]
    name: Any
    enabled: Any
    starts_at: Any
    ends_at: Any

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name_key = NameKeyField(max_length=200, unique=True, editable=False)
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        default=site_timezone,
        help_text=_("The clock that start and end are read from: “Europe/Berlin”."),
    )

    recurrence = models.TextField(_("repeats"), blank=True, default="", editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.name)

    def problem(self) -> str:
        """Return why an error switches the stored row off, or an empty text."""
        raise NotImplementedError

    def state(self, now: datetime | None = None, *, problem: str | None = None) -> str:
        """Return the state: one of ``states``, scheduled, ended or rejected.

        *problem* is what `problem` says, where that is known.
        """
        now = now or django_timezone.now()
        on, off = self.states
        found = phase(self._schedule_columns(), now)
        if found == OVER:
            return "ended"
        if not self.enabled:
            return off
        if self.problem() if problem is None else problem:
            return "rejected"
        return "scheduled" if found == BEFORE else on

    def to_document(self) -> dict[str, Any]:
        """Return the row as document; raises `Refused`."""
        raise NotImplementedError

    def schedule(self) -> Schedule:
        """Return the schedule; raises `Refused` where it cannot be read."""
        return schedule_of(self.schedule_fields())

    def schedule_fields(self) -> dict[str, Any]:
        """Return the fields that a record has for the schedule."""
        return stored_schedule(self._schedule_columns())

    def current_or_next(self, now: datetime | None = None) -> Occurrence | None:
        """Return the time that is on, else the next one; bounds in seconds.

        None where it is over for good, or the schedule cannot be read.
        """
        at = (now or django_timezone.now()).timestamp()
        try:
            return self.schedule().occurrence(at)
        except Refused:
            return None

    def last_end(self) -> float | None:
        """Return the moment from which on it is over for good, in seconds.

        None where there is none, or the schedule cannot be read.
        """
        try:
            return self.schedule().last_end
        except Refused:
            return None

    def extended(self, by: timedelta, now: datetime | None = None) -> dict[str, Any]:
        """Return the document with a later end, to be judged; raises `Refused`.

        Of what repeats it is the end of what is on, else of what comes next.
        """
        at = (now or django_timezone.now()).timestamp()
        moved = extended(self.schedule(), by.total_seconds(), at)
        return self.to_document() | {"schedule": unpack_schedule(moved.fields())}

    def take_schedule(self, schedule: Schedule) -> None:
        """Take the columns of a schedule."""
        for column, value in schedule_columns(schedule).items():
            setattr(self, column, value)

    def _schedule_columns(self) -> dict[str, Any]:
        return {column: getattr(self, column) for column in SCHEDULE_COLUMNS}

    def name_of_copy(self) -> str:
        """Return a name for a copy that no rule and no maintenance window has."""
        using = self._state.db or router.db_for_write(type(self))
        word = gettext("copy")
        suffixes = (f" ({word} {n})" if n > 1 else f" ({word})" for n in count(1))
        names = (f"{self.name[: MAX_NAME - len(each)]}{each}" for each in suffixes)
        return next(name for name in names if not is_taken(name, using))


def schedule_columns(schedule: Schedule) -> dict[str, Any]:
    """Return the columns that hold a schedule."""
    fields = schedule.fields()
    return {
        "starts_at": as_moment(fields["starts"]),
        "ends_at": as_moment(fields["ends"]),
        "timezone": fields["timezone"],
        "recurrence": fields["recurrence"],
    }


def is_taken(name: str, using: str) -> bool:
    """Say whether a rule or a maintenance window has the name, case ignored."""
    # By name, because both are built on this.
    rows = (apps.get_model("temp_redirects", each) for each in SHARE_THE_NAMES)
    key = name_key(name)
    return any(each.objects.using(using).filter(name_key=key).exists() for each in rows)


def constraints(kind: str, no_name: Any) -> list[models.CheckConstraint]:
    """Return what the database refuses of both, in constraints named after *kind*.

    *no_name* asks the editor for the name.
    """
    return [
        models.CheckConstraint(
            name=f"temp_redirects_{kind}_ends_after_it_starts",
            condition=Q(ends_at__gt=F("starts_at"))
            | Q(ends_at=None)
            | Q(starts_at=None),
            violation_error_message=_("The end must come after the start."),
        ),
        models.CheckConstraint(
            name=f"temp_redirects_{kind}_has_a_name",
            condition=~Q(name_key=""),
            violation_error_message=no_name,
        ),
    ]
