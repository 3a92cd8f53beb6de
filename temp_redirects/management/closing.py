"""Closing paths: the options of “maintenance on” become a stored window."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from temp_redirects.management.actions import USAGE, attempt, stored, written_windows
from temp_redirects.management.repeats import read_repeat
from temp_redirects.management.window_reports import WindowReport
from temp_redirects.management.windows import Window, read_window
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.windows import MaintenanceWindowQuerySet

_PLAIN = ("title", "message", "target", "api", "staff_pass")


def close(
    options: dict[str, Any], now: datetime, *, dry_run: bool
) -> tuple[str, WindowReport]:
    """Return the result's word and the window; nothing new is not written."""
    window = _window(options, now)
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


def _window(options: dict[str, Any], now: datetime) -> Window:
    """Return the time that the options mean; one without an end says so."""
    until, lasts = options["until"], options["lasts"]
    if not (until or lasts or options["until_switched_off"]):
        raise CommandError(
            "Say when it ends: --for 30m, --until 22:00, or --until-switched-off.",
            returncode=USAGE,
        )
    zone, starts = options["timezone"], options["starts"]
    return read_window(now, zone, starts, until=until, lasts=lasts)


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
        starts = before.starts_at or starts  # it goes on: no second beginning
    try:
        row = rows.schedule(
            options["name"],
            options["paths"] or ["/"],
            starts_at=starts,
            ends_at=window.ends,
            timezone="" if "--timezone" in problems else window.timezone,
            except_paths=options["except_paths"],
            hosts=_split(options["hosts"]),
            pass_addresses=_split(options["pass_addresses"]),
            **read_repeat(window, options),
            **{key: options[key] for key in _PLAIN},
        )
    except ValidationError as error:
        raise ValidationError({**problems, **error.message_dict}) from error
    if problems:
        raise ValidationError(problems)
    return row


def _split(texts: "list[str]") -> "list[str]":
    return [each.strip() for text in texts for each in text.split(",")]
