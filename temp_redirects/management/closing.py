"""Closing paths: the options of “maintenance on” become a stored window."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from temp_redirects.management.actions import attempt, stored, written_windows
from temp_redirects.management.options import asked_window, several
from temp_redirects.management.repeats import read_repeat
from temp_redirects.management.window_reports import WindowReport
from temp_redirects.management.windows import Window
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.columns import as_moment
from temp_redirects.models.windows import MaintenanceWindowQuerySet

_PLAIN = ("title", "message", "target", "api", "staff_pass")


def close(
    options: dict[str, Any], now: datetime, *, dry_run: bool
) -> tuple[str, WindowReport]:
    """Return the result's word and the window; nothing new is not written."""
    window = asked_window(options, now)
    rows = written_windows()
    with attempt(rows, dry_run=dry_run):
        before = stored(rows, options["name"])
        known = before and WindowReport.of(before).document
        row = _saved(rows, window, options, before)
        report = WindowReport.of(row)
        result = "updated" if before else "created"
        if known == report.document:
            result = "unchanged"
            transaction.set_rollback(True, using=rows.db)
    return result, report


def _saved(
    rows: MaintenanceWindowQuerySet,
    window: Window,
    options: dict[str, Any],
    before: MaintenanceWindow | None,
) -> MaintenanceWindow:
    """Save the window, or raise every problem of its time and of all the rest."""
    problems = window.problems
    starts = window.starts or window.now
    if window.starts is None and before and before.state() == "on":
        starts = _begun(before) or starts  # it goes on: no second beginning
    try:
        row = rows.schedule(
            options["name"],
            options["paths"] or ["/"],
            starts_at=starts,
            ends_at=window.ends,
            timezone="" if "--timezone" in problems else window.timezone,
            except_paths=options["except_paths"],
            hosts=several(options["hosts"]),
            pass_addresses=several(options["pass_addresses"]),
            **read_repeat(window, options),
            **{key: options[key] for key in _PLAIN},
        )
    except ValidationError as error:
        raise ValidationError({**problems, **error.message_dict}) from error
    if problems:
        raise ValidationError(problems)
    return row


def _begun(row: MaintenanceWindow) -> datetime | None:
    """Return when what is on began; None where it has no start."""
    found = row.current_or_next()
    return as_moment(found.starts if found else None)
