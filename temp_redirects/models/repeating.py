"""Rows with a schedule: where a moment stands to it, also where it repeats."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone as django_timezone

from temp_redirects.core.documents import schedule_of
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.schedules.controls import ended, extended, skipped
from temp_redirects.core.sentences import Refused
from temp_redirects.models.columns import as_seconds, name_key
from temp_redirects.models.versions import CountedQuerySet, writing

BEFORE, DURING, OVER = "before", "during", "over"
SCHEDULE_COLUMNS = ("starts_at", "ends_at", "timezone", "recurrence")

Row = TypeVar("Row", bound=models.Model)


def stored_schedule(row: dict[str, Any]) -> dict[str, Any]:
    """Return `SCHEDULE_COLUMNS` as the fields that a record has."""
    return {
        "starts": as_seconds(row["starts_at"]),
        "ends": as_seconds(row["ends_at"]),
        "timezone": row["timezone"],
        "recurrence": row["recurrence"],
    }


def phase(row: dict[str, Any], now: datetime) -> str:
    """Return where *now* stands to `SCHEDULE_COLUMNS`: before, during or over.

    Between two occurrences is before the next one; so is what cannot be read.
    """
    starts, ends = row["starts_at"], row["ends_at"]
    if not row["recurrence"]:
        if ends is not None and ends <= now:
            return OVER
        return BEFORE if starts is not None and starts > now else DURING
    try:
        schedule = schedule_of(stored_schedule(row))
    except Refused:
        return BEFORE
    at = now.timestamp()
    if schedule.active(at):
        return DURING
    return BEFORE if schedule.occurrence(at) else OVER


def _is_open_ended(row: dict[str, Any]) -> bool:
    try:
        return schedule_of(stored_schedule(row)).last_end is None
    except Refused:
        return False


class RepeatingQuerySet(CountedQuerySet[Row]):
    """Rows by their names, and by where a moment stands to their schedule.

    What does not repeat the database compares; the few others are looked at.
    """

    def update(self, **values: Any) -> int:
        """Update the rows; a name brings its key along."""
        if isinstance(values.get("name"), str):
            values["name_key"] = name_key(values["name"])
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def named(self, name: str) -> Row | None:
        """Return the row of that name, case ignored."""
        return self.filter(name_key=name_key(name)).first()

    def repeating(self) -> Self:
        """Return the rows that come again."""
        return self.exclude(recurrence="")

    def during(self, now: datetime) -> Q:
        """Return what picks the rows that are in their schedule at *now*."""
        return self._once(
            Q(starts_at=None) | Q(starts_at__lte=now),
            Q(ends_at=None) | Q(ends_at__gt=now),
        ) | self._repeating(DURING, now)

    def before(self, now: datetime) -> Q:
        """Return what picks the rows that begin, or begin again, after *now*."""
        return self._once(Q(starts_at__gt=now)) | self._repeating(BEFORE, now)

    def over(self, now: datetime) -> Q:
        """Return what picks the rows that are over for good."""
        return self._once(Q(ends_at__lte=now)) | self._repeating(OVER, now)

    def on_again(self, now: datetime) -> Q:
        """Return what picks the rows that repeat and are in one of their times."""
        return self._repeating(DURING, now)

    def ending(self, since: datetime, until: datetime) -> Q:
        """Return what picks the rows that end for good between two moments."""
        once = self._once(Q(ends_at__gt=since, ends_at__lte=until))
        return once | self._where(
            lambda row: phase(row, since) != OVER and phase(row, until) == OVER
        )

    def open_ended(self) -> Q:
        """Return what picks the rows that nothing ends but somebody."""
        return Q(ends_at=None) | self._where(_is_open_ended)

    def skip_next(self, now: datetime | None = None) -> int:
        """Leave out the next time of the rows that repeat; the number of them."""
        now = now or django_timezone.now()
        return self._change(lambda schedule: skipped(schedule, now.timestamp()))

    skip_next.alters_data = True  # type: ignore[attr-defined]

    def end_occurrences(self, now: datetime) -> int:
        """End what is on of the rows that repeat, now; the number of them."""
        return self._change(lambda schedule: ended(schedule, now.timestamp()))

    end_occurrences.alters_data = True  # type: ignore[attr-defined]

    def extend_occurrences(self, by: timedelta, now: datetime) -> int:
        """Move the end of one time of the rows that repeat; the number of them."""
        seconds, at = by.total_seconds(), now.timestamp()
        return self._change(lambda schedule: extended(schedule, seconds, at))

    extend_occurrences.alters_data = True  # type: ignore[attr-defined]

    def _change(self, change: Callable[[Schedule], Schedule]) -> int:
        using, changed = self._writes_to(), 0
        with writing(using):  # and read what nobody changes meanwhile
            for row in self.using(using).repeating():
                with suppress(Refused):  # there is no such time
                    planned: Any = row
                    planned.take_schedule(change(planned.schedule()))
                    row.save(using=using, update_fields=["recurrence"])
                    changed += 1
        return changed

    @staticmethod
    def _once(*bounds: Q) -> Q:
        return Q(*bounds, recurrence="")

    def _repeating(self, wanted: str, now: datetime) -> Q:
        return self._where(lambda row: phase(row, now) == wanted)

    def _where(self, holds: Callable[[dict[str, Any]], bool]) -> Q:
        """Return what picks the rows that repeat so; those alike are asked once."""
        rows = self.repeating().order_by().values_list("pk", *SCHEDULE_COLUMNS)
        alike: dict[tuple[Any, ...], list[Any]] = {}
        for pk, *columns in rows:
            alike.setdefault(tuple(columns), []).append(pk)
        found = [
            pks
            for columns, pks in alike.items()
            if holds(dict(zip(SCHEDULE_COLUMNS, columns, strict=True)))
        ]
        return Q(pk__in=[pk for pks in found for pk in pks])
