"""Maintenance windows, and what is done to many of them at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone as django_timezone

from temp_redirects.models.querysets import row_for, wall_time
from temp_redirects.models.repeating import RepeatingQuerySet
from temp_redirects.models.versions import writing
from temp_redirects.models.windows.compiling import parse_window
from temp_redirects.sites import site_timezone

if TYPE_CHECKING:
    from temp_redirects.models.windows.rows import MaintenanceWindow


class MaintenanceWindowQuerySet(RepeatingQuerySet["MaintenanceWindow"]):
    """Maintenance windows, and what is done to many of them at once."""

    def on(self, now: datetime) -> "MaintenanceWindowQuerySet":
        """Switched on and inside their schedule at *now*."""
        return self.filter(self.during(now), enabled=True)

    def coming(self, now: datetime) -> "MaintenanceWindowQuerySet":
        """Switched on, not begun."""
        return self.filter(self.before(now), enabled=True)

    def extendable(self, now: datetime) -> "MaintenanceWindowQuerySet":
        """On or coming, with an end that can be moved.

        What is off or over closes nothing, so that a later end would be no news.
        """
        is_left = self.during(now) | self.before(now)
        return self.filter(is_left, enabled=True).exclude(ends_at=None)

    def start(self, now: datetime | None = None) -> int:
        """Start the windows that are not on, now; the number of them.

        One that has not begun keeps its end; one that is over or has none is open.
        One that repeats has its times and is left alone.
        """
        now = now or django_timezone.now()
        using = self._writes_to()
        changed = 0
        with writing(using):  # and read what nobody changes meanwhile
            rows = self.using(using).filter(recurrence="")
            for window in rows.exclude(pk__in=rows.on(now).values("pk")):
                window.enabled = True
                window.starts_at = now.replace(microsecond=0)  # people read it
                if window.ends_at is not None and window.ends_at <= now:
                    window.ends_at = None
                window.save(using=using)
                changed += 1
        return changed

    start.alters_data = True  # type: ignore[attr-defined]

    def end(self, now: datetime | None = None) -> int:
        """End the windows that are on, now; the number of them.

        One that began within this second has no time left and is switched off. Of one
        that repeats only what is on ends.
        """
        now = now or django_timezone.now()
        second = now.replace(microsecond=0)  # people read the end
        with writing(self._writes_to()):
            repeated = self.filter(enabled=True).end_occurrences(second)
            once = self.filter(recurrence="")
            just_begun = once.on(now).filter(starts_at__gte=second)
            switched_off = just_begun.update(enabled=False)
            return repeated + switched_off + once.on(now).update(ends_at=second)

    end.alters_data = True  # type: ignore[attr-defined]

    def cancel(self, now: datetime | None = None) -> int:
        """Switch off the windows that have not begun; the number of them.

        One that repeats is switched off with all its times.
        """
        now = now or django_timezone.now()
        return self.coming(now).update(enabled=False)

    cancel.alters_data = True  # type: ignore[attr-defined]

    def extend(self, by: timedelta, now: datetime | None = None) -> int:
        """Move the end of those that are on or coming; the number of them.

        Of one that repeats it is the end of what is on, else of what comes next.
        """
        now = now or django_timezone.now()
        with writing(self._writes_to()):
            rows = self.extendable(now)
            repeated = rows.extend_occurrences(by, now)
            once = rows.filter(recurrence="")
            return repeated + once.update(ends_at=F("ends_at") + by)

    extend.alters_data = True  # type: ignore[attr-defined]

    def schedule(
        self,
        name: str,
        paths: Sequence[str],
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        timezone: str = "",
        repeat: str = "",
        repeat_until: str | None = None,
        skip: Sequence[str] = (),
        **fields: Any,
    ) -> "MaintenanceWindow":
        """Make a whole window in one call, or change the one of that name.

        With *repeat* it comes again, as `RedirectRuleQuerySet.schedule` has it.
        *fields* are those of the document. Raises ValidationError, with every problem
        by its place, for what the form would refuse.
        """
        timezone = timezone or site_timezone()
        return self.save_document(
            {
                "name": name,
                "paths": list(paths),
                "schedule": {
                    "starts_at": wall_time(starts_at, timezone),
                    "ends_at": wall_time(ends_at, timezone),
                    "timezone": timezone,
                    "repeat": repeat,
                    "until": repeat_until,
                    "except": list(skip),
                },
                **fields,
            }
        )

    schedule.alters_data = True  # type: ignore[attr-defined]

    def save_document(self, document: Mapping[str, Any]) -> "MaintenanceWindow":
        """Write the window of a document, over the one of that name, else of that id.

        Raises ValidationError as `schedule` does.
        """
        using = self._writes_to()
        with writing(using):
            window = parse_window(document, using)
            row: MaintenanceWindow = row_for(self.using(using), window.name, window.id)
            row.refuse_taken_name(window.name, using)
            row.take(window)
            row.save(using=using)
        return row

    save_document.alters_data = True  # type: ignore[attr-defined]
