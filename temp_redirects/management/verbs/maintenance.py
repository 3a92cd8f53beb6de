"""``maintenance``: windows opened and closed by deploy scripts."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from shlex import quote
from time import time
from typing import Any, ClassVar

from django.urls import NoReverseMatch, reverse
from django.utils import timezone as django_timezone

from temp_redirects import conf
from temp_redirects.advice import advise_window
from temp_redirects.announcements import announcer
from temp_redirects.core.schedules import moment
from temp_redirects.core.switches import HOST
from temp_redirects.management.actions import (
    NONE_IS_ON,
    Verb,
    accept_base_options,
    attempt,
    find_window,
    refuse,
    written_windows,
)
from temp_redirects.management.closing import close
from temp_redirects.management.extensions import extension, skip_next
from temp_redirects.management.moments import later, parse_duration
from temp_redirects.management.repeats import REPEAT_PLACES
from temp_redirects.management.window_options import ARGUMENTS, DEFAULT
from temp_redirects.management.window_reports import WindowReport
from temp_redirects.models import KillSwitch, MaintenanceWindow
from temp_redirects.models.reading import read_windows
from temp_redirects.models.windows import MaintenanceWindowQuerySet, parse_window
from temp_redirects.signing import sign_pass
from temp_redirects.sites import RUNSERVER, own_host

EPILOG = """\
“on” closes paths at once, or --from a moment on; run twice with the same --name
(“maintenance” if left out) it replaces that window, and one that is on stays on
without a gap. “off” ends it, or the NAME that is given, and names the others that are
still on; where nothing is on, that is no error.

With --repeat the times given are those of the first time. “off” ends only the time that
is on, and between two of them nothing; “skip” leaves out the next one.

“status” ends with exit code 0 while a window is on and with 5 while none is, so that
“if … maintenance status; then” reads as it sounds; other codes as everywhere.

examples:
  temp_redirects maintenance on --for 30m --path /shop/ --message 'Back soon.'
  temp_redirects maintenance status --json
  temp_redirects maintenance extend maintenance --by 30m
  temp_redirects maintenance link maintenance
  temp_redirects maintenance off
  temp_redirects maintenance off shop-update
  temp_redirects maintenance on --name nightly --path /shop/ \\
      --from 2027-01-03T02:00 --for 2h --repeat 'every Sunday'
  temp_redirects maintenance skip nightly
"""
SHORT = {
    "on": "close paths, or change the window of that name",
    "off": "end a window now; one that has not begun is switched off",
    "status": "say which windows are on and coming; exit code 0 if one is on, else 5",
    "list": "list every window, a line each",
    "extend": "move a window’s end further away",
    "start": "start a window now that is scheduled or off",
    "skip": "leave out the next time of a window that repeats",
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
        **REPEAT_PLACES,
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
        result, report = close(options, datetime.now(UTC), dry_run=dry_run)
        window = report.window
        advice = advise_window(window, time()) if window else []
        self.tell(result, report, advice=advice, dry_run=dry_run, json=json)

    def do_off(
        self, *, name: str | None, everything: bool, dry_run: bool, json: bool, **_: Any
    ) -> None:
        """End windows."""
        rows = written_windows()
        now = django_timezone.now()
        with attempt(rows, dry_run=dry_run):
            asked = rows.on(now) if everything else _named(rows, name)
            reports = []
            for row in list(asked):
                this = rows.filter(pk=row.pk)
                # What repeats goes on: a script that closed once must not end it.
                is_changed = this.end(now) or this.filter(recurrence="").cancel(now)
                row.refresh_from_db(using=rows.db)
                word = "ended" if is_changed else "unchanged"
                reports.append((word, WindowReport.of(row)))
            others = [] if name else [WindowReport.of(row) for row in rows.on(now)]
        self._tell_off(reports, others, dry_run=dry_run, json=json)

    def _tell_off(
        self,
        reports: list[tuple[str, WindowReport]],
        others: list[WindowReport],
        *,
        dry_run: bool,
        json: bool,
    ) -> None:
        """Say what is ended; and what is still on, for somebody may rely on it."""
        if json:
            words = [*reports, *(("still_on", report) for report in others)]
            windows = [
                {"result": word, "dry_run": dry_run, **report.as_json()}
                for word, report in words
            ]
            self.write_json(windows)
            return
        for word, report in reports:
            self.tell(word, report, dry_run=dry_run)
        if not reports and others:
            self.write(f"No maintenance window is called “{DEFAULT}”: none is ended.")
        elif not reports:
            self.write("Nothing is on, so nothing is ended.")
        for report in others:
            self.write(f"still on: “{report.name}” {report.row()}")
        if others:
            self.write("To end one: maintenance off NAME; to end all: off --all")

    def do_status(self, *, name: str | None, json: bool, **_: Any) -> None:
        """Say what is on and what is coming, and announce what began or ended."""
        rows = written_windows()
        asked = _named(rows, name) if name else rows.all()
        announcer.announce(read_windows(rows.db), time())
        by_state: dict[str, list[WindowReport]] = {"on": [], "scheduled": []}
        for row in sorted(asked.order_by("name_key"), key=_begins):
            by_state.setdefault(row.state(), []).append(WindowReport.of(row))
        stop = _stop(rows.db)
        is_on = bool(by_state["on"]) and not stop
        if json:
            on, coming = (
                [report.as_json() for report in by_state[state]]
                for state in ("on", "scheduled")
            )
            self.write_json({"on": is_on, "windows": on, "coming": coming})
        else:
            self._write_status(by_state, stop)
        if not is_on:
            sys.exit(NONE_IS_ON)

    def _write_status(self, by_state: dict[str, list[WindowReport]], stop: str) -> None:
        if not by_state["on"]:
            self.write("No maintenance window is on.")
        elif stop:
            self.write(f"{stop}: nothing is closed.")
        for state in ("on", "scheduled"):
            for report in by_state[state]:
                self.write(f"{state}: “{report.name}” {report.row()}")

    def do_list(self, *, json: bool, **_: Any) -> None:
        """List every window."""
        reports = [WindowReport.of(row) for row in written_windows().all()]
        total = "" if reports else "No maintenance window is stored."
        self.tell_all(reports, total, json=json)

    def do_extend(
        self, *, name: str, by: str, dry_run: bool, json: bool, **_: Any
    ) -> None:
        """Move an end."""

        def move(rows: MaintenanceWindowQuerySet, row: MaintenanceWindow) -> str:
            anew = "Close the paths anew: maintenance on …"
            duration, document = extension(row, by, anew)
            if row.state() == "off":
                raise refuse(
                    f"“{row.name}” is off and closes nothing, so its end is not moved. "
                    f"Start it first: maintenance start {quote(row.name)}"
                )
            parse_window(document, rows.db)
            rows.extend(duration)
            return "extended"

        self.change_one(written_windows(), name, move, dry_run=dry_run, json=json)

    def do_start(self, *, name: str, dry_run: bool, json: bool, **_: Any) -> None:
        """Start one that is scheduled or off."""

        def begin(rows: MaintenanceWindowQuerySet, row: MaintenanceWindow) -> str:
            if row.state() == "ended":
                raise refuse(
                    f"“{row.name}” has ended. Close the paths anew: maintenance on … "
                    "--for 1h"
                )
            if row.recurrence:
                raise refuse(f"“{row.name}” repeats and begins by itself at its times.")
            now = _now()
            parse_window(row.started(now), rows.db)
            return "started" if rows.start(now) else "unchanged"

        self.change_one(written_windows(), name, begin, dry_run=dry_run, json=json)

    def do_skip(self, *, name: str, dry_run: bool, json: bool, **_: Any) -> None:
        """Leave out the next time."""
        rows = written_windows()
        self.change_one(rows, name, skip_next, dry_run=dry_run, json=json)

    def do_link(self, *, name: str, lasts: str | None, json: bool, **_: Any) -> None:
        """Print a pass link, alone on its line; good until the window's end."""
        row = find_window(written_windows(), name)
        expires = _ends(row)
        if lasts:
            expires = later(_now(), parse_duration(lasts)).timestamp()
        if expires is None:
            raise refuse(f"“{row.name}” has no end to come: say --for 1h.")
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


def _begins(row: MaintenanceWindow) -> float:
    """Return when what is on began, or what comes next begins, in seconds."""
    found = row.current_or_next()
    return (found and found.starts) or 0.0


def _ends(row: MaintenanceWindow) -> float | None:
    """Return when what is on ends, or what comes next; None where nothing says so."""
    found = row.current_or_next()
    return found.ends if found else None


def _stop(using: str) -> str:
    """Return why no window closes anything, whatever is on; mostly nothing."""
    if not conf.current().ENABLED:
        return 'TEMP_REDIRECTS["ENABLED"] is False in the settings'
    switches = KillSwitch.objects.using(using).on(_now()).exclude(scope=HOST)
    said = (str(each.compile().explain()) for each in switches)
    return next(said, "")


def _now() -> datetime:
    return django_timezone.now().replace(microsecond=0)  # people read the end


def _named(
    rows: MaintenanceWindowQuerySet, name: str | None
) -> MaintenanceWindowQuerySet:
    """Return the one of that name; the usual one need not exist."""
    if name is None:
        usual = rows.named(DEFAULT)
        return rows.filter(pk=usual.pk) if usual else rows.none()
    return rows.filter(pk=find_window(rows, name).pk)
