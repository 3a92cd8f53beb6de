"""``maintenance``: windows opened and closed by deploy scripts."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from time import time
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import router, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone as django_timezone

from temp_redirects import announcements, conf
from temp_redirects.core.schedules import moment
from temp_redirects.management.actions import (
    MANY,
    NO_RULE,
    NONE_IS_ON,
    USAGE,
    Verb,
    accept_base_options,
    attempt,
    refuse,
)
from temp_redirects.management.moments import later, parse_duration
from temp_redirects.management.window_options import ARGUMENTS, DEFAULT
from temp_redirects.management.window_reports import WindowReport
from temp_redirects.management.windows import Window, read_window
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.reading import read_records
from temp_redirects.models.windows import MaintenanceWindowQuerySet, parse_window
from temp_redirects.signing import sign_pass
from temp_redirects.sites import RUNSERVER, own_host

EPILOG = """\
“on” closes paths at once, or --from a moment on; run twice with the same --name
(“maintenance” if left out) it replaces that window, and one that is on stays on
without a gap. “off” ends it; where nothing is on, that is no error.

“status” ends with exit code 0 while a window is on and with 5 while none is, so that
“if … maintenance status; then” reads as it sounds; other codes as everywhere.

examples:
  temp_redirects maintenance on --for 30m --path /shop/ --message 'Back soon.'
  temp_redirects maintenance status --json
  temp_redirects maintenance extend maintenance --by 30m
  temp_redirects maintenance link maintenance --for 1h
  temp_redirects maintenance off
"""
SHORT = {
    "on": "close paths, or change the window of that name",
    "off": "end a window now; one that has not begun is switched off",
    "status": "say which windows are on and coming; exit code 0 if one is on, else 5",
    "list": "list every window, a line each",
    "extend": "move a window’s end further away",
    "start": "start a window now that is scheduled or off",
    "link": "print a link that lets whoever opens it pass the window",
}


class Maintenance(Verb):
    """Opens, moves and closes maintenance windows, and says what is on."""

    name = "maintenance"
    help = "close paths for maintenance, open them again, say whether one is closed"
    epilog = EPILOG
    places: ClassVar[dict[str, str]] = {
        "name": "--name",
        "paths": "--path",
        "path": "--path",
        "except_paths": "--except",
        "hosts": "--host",
        "target": "--target",
        "title": "--title",
        "message": "--message",
        "pass_addresses": "--pass",
        "unless": "--pass",
        "schedule.timezone": "--timezone",
        "schedule.starts_at": "--from",
        "schedule.ends_at": "the window",
    }

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add a parser for each thing to do."""
        parsers = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
        for what, text in SHORT.items():
            each = parsers.add_parser(what, help=text, allow_abbrev=False)
            ARGUMENTS[what](each)
            accept_base_options(each)

    def run(self, *args: Any, what: str, **options: Any) -> None:
        """Do it."""
        getattr(self, f"do_{what}")(**options)

    def do_on(self, *, dry_run: bool, json: bool, **options: Any) -> None:
        """Close paths."""
        now = datetime.now(UTC)
        window = _window(options, now)
        result, report = _schedule(window, options, dry_run=dry_run)
        self.tell(result, report, dry_run=dry_run, json=json)

    def do_off(
        self, *, name: str | None, everything: bool, dry_run: bool, json: bool, **_: Any
    ) -> None:
        """End windows."""
        rows = _windows()
        now = _now()
        with attempt(rows, dry_run=dry_run):
            asked = rows.on(now) if everything else _named(rows, name)
            chosen = list(asked)
            reports = []
            for row in chosen:
                this = rows.filter(pk=row.pk)
                is_changed = this.end(now) or this.cancel(now)
                row.refresh_from_db(using=rows.db)
                word = "ended" if is_changed else "unchanged"
                reports.append((word, WindowReport.of(row)))
        self._tell_off(reports, dry_run=dry_run, json=json)

    def _tell_off(
        self,
        reports: list[tuple[str, WindowReport]],
        *,
        dry_run: bool,
        json: bool,
    ) -> None:
        if json:
            windows = [
                {"result": word, "dry_run": dry_run, **report.as_json()}
                for word, report in reports
            ]
            self.write_json(windows)
            return
        if not reports:
            self.write("Nothing is on, so nothing is ended.")
        for word, report in reports:
            self.tell(word, report, dry_run=dry_run)

    def do_status(self, *, name: str | None, json: bool, **_: Any) -> None:
        """Say what is on and what is coming, and announce what began or ended."""
        rows = _windows()
        asked = _named(rows, name) if name else rows.all()
        announcements.announce(read_records(rows.db)[2], time())
        by_state: dict[str, list[WindowReport]] = {"on": [], "scheduled": []}
        for row in asked.order_by("starts_at", "name_key"):
            by_state.setdefault(row.state(), []).append(WindowReport.of(row))
        is_on = bool(by_state["on"]) and conf.current().ENABLED
        if json:
            on, coming = (
                [report.as_json() for report in by_state[state]]
                for state in ("on", "scheduled")
            )
            self.write_json({"on": is_on, "windows": on, "coming": coming})
        else:
            self._write_status(by_state, is_on=is_on)
        if not is_on:
            sys.exit(NONE_IS_ON)

    def _write_status(
        self, by_state: dict[str, list[WindowReport]], *, is_on: bool
    ) -> None:
        if not by_state["on"]:
            self.write("No maintenance window is on.")
        elif not is_on:
            self.write(
                'TEMP_REDIRECTS["ENABLED"] is False in the settings: nothing is closed.'
            )
        for state in ("on", "scheduled"):
            for report in by_state[state]:
                self.write(f"{state}: “{report.name}” {report.row()}")

    def do_list(self, *, json: bool, **_: Any) -> None:
        """List every window."""
        reports = [WindowReport.of(row) for row in _windows().all()]
        if json:
            self.write_json([report.as_json() for report in reports])
            return
        width = max((len(report.name) for report in reports), default=0)
        for report in reports:
            self.write(f"{report.state:9}  {report.name:{width}}  {report.row()}")
        if not reports:
            self.write("No maintenance window is stored.")

    def do_extend(
        self, *, name: str, by: str, dry_run: bool, json: bool, **_: Any
    ) -> None:
        """Move an end."""
        duration = parse_duration(by)

        def move(rows: MaintenanceWindowQuerySet, row: MaintenanceWindow) -> str:
            if row.ends_at is None:
                raise refuse(
                    f"“{row.name}” has no end that could be moved: it lasts until "
                    "somebody ends it."
                )
            if row.state() == "ended":
                raise refuse(
                    f"“{row.name}” has ended and is not opened again by extending it. "
                    f"Close the paths anew: maintenance on … --for {by}"
                )
            later(row.ends_at, duration)
            rows.extend(duration)
            return "extended"

        self._change(name, move, dry_run=dry_run, json=json)

    def do_start(self, *, name: str, dry_run: bool, json: bool, **_: Any) -> None:
        """Start one that is scheduled or off."""

        def begin(rows: MaintenanceWindowQuerySet, row: MaintenanceWindow) -> str:
            if row.state() == "ended":
                raise refuse(
                    f"“{row.name}” has ended. Close the paths anew: maintenance on … "
                    "--for 1h"
                )
            parse_window(row.to_document() | {"enabled": True})
            return "started" if rows.start(_now()) else "unchanged"

        self._change(name, begin, dry_run=dry_run, json=json)

    def do_link(self, *, name: str, lasts: str, json: bool, **_: Any) -> None:
        """Print a pass link, alone on its line."""
        row = _find(_windows(), name)
        expires = later(_now(), parse_duration(lasts)).timestamp()
        token = sign_pass(row.pass_key, expires=expires)
        try:
            path = reverse("temp_redirects:pass", args=[token])
        except NoReverseMatch:
            raise refuse(
                "A pass link has no address. Add to the site’s URLs: "
                "path('maintenance/', include('temp_redirects.urls'))"
            ) from None
        host = own_host()
        scheme = "http" if host == RUNSERVER else "https"
        url = f"{scheme}://{host}{path}"
        if json:
            until = moment(expires, row.timezone).isoformat()
            self.write_json({"name": row.name, "link": url, "until": until})
        else:
            self.write(url)

    def _change(
        self,
        name: str,
        change: Callable[[MaintenanceWindowQuerySet, MaintenanceWindow], str],
        *,
        dry_run: bool,
        json: bool,
    ) -> None:
        rows = _windows()
        with attempt(rows, dry_run=dry_run):
            row = _find(rows, name)
            result = change(rows.filter(pk=row.pk), row)
            row.refresh_from_db(using=rows.db)
            report = WindowReport.of(row)
        self.tell(result, report, dry_run=dry_run, json=json)


_PLAIN = ("title", "message", "target", "api", "staff_pass")


def _now() -> datetime:
    return django_timezone.now().replace(microsecond=0)  # people read the end


def _windows() -> MaintenanceWindowQuerySet:
    """Return the windows, of the database that they are written to."""
    return MaintenanceWindow.objects.using(router.db_for_write(MaintenanceWindow))


def _named(
    rows: MaintenanceWindowQuerySet, name: str | None
) -> MaintenanceWindowQuerySet:
    """Return the one of that name; the usual one need not exist."""
    if name is None:
        usual = rows.named(DEFAULT)
        return rows.filter(pk=usual.pk) if usual else rows.none()
    return rows.filter(pk=_find(rows, name).pk)


def _find(rows: MaintenanceWindowQuerySet, name: str) -> MaintenanceWindow:
    """Return the window of that name, or end with the code for none."""
    row = rows.named(name.encode("utf-8", "replace").decode())
    if row is None:
        names = rows.order_by("name_key").values_list("name", flat=True)[:MANY]
        keys = {each.casefold(): each for each in names}
        near = get_close_matches(name.casefold(), keys, n=1)
        hint = f"Did you mean “{keys[near[0]]}”?" if near else "See “maintenance list”."
        raise CommandError(
            f"No maintenance window is called “{name}”. {hint}", returncode=NO_RULE
        )
    return row


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


def _schedule(
    window: Window, options: dict[str, Any], *, dry_run: bool
) -> tuple[str, WindowReport]:
    """Return the result's word and the window; nothing new is not written."""
    rows = _windows()
    with attempt(rows, dry_run=dry_run):
        before = rows.named(options["name"].encode("utf-8", "replace").decode())
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
            **{key: options[key] for key in _PLAIN},
        )
    except ValidationError as error:
        raise ValidationError({**problems, **error.message_dict}) from error
    if problems:
        raise ValidationError(problems)
    return row


def _split(texts: "list[str]") -> "list[str]":
    return [each.strip() for text in texts for each in text.split(",")]
