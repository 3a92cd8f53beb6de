"""``import``: many rules and windows from a file, all or none."""  # noqa: N999 (the verb)

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from temp_redirects.advice import told_imported
from temp_redirects.core import tables
from temp_redirects.core.documents import Rejected
from temp_redirects.core.schedules import moment
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.files import FORMATS, Source, decoded, format_of, read
from temp_redirects.management.actions import (
    STREAM,
    USAGE,
    Verb,
    add_writing,
    refuse,
    written_rules,
)
from temp_redirects.management.windows import Window, read_window
from temp_redirects.models.imports import RULES, Import, Outcome, named
from temp_redirects.models.imports.plans import At

EPILOG = f"""\
FILE is what “export” writes: JSON, or CSV with rules only, and these columns in any
order, of which only path and target are needed:
  {", ".join(tables.COLUMNS[:11])},
  {", ".join(tables.COLUMNS[11:])}
A rule or maintenance window whose name is stored, in any case, is replaced as a whole;
so is one whose id is stored and whose name is new. Destinations keep their ids, by id,
else by label; pass links of a window stay good.
Nothing is stored where one entry has a problem, exit code 1, unless --skip-bad leaves
such entries out, exit code 0. A CSV list may be separated by “,”, “;” or tabs.
--replace deletes what the file leaves out: rules if it is CSV or has “rules”, and
maintenance windows if it has “maintenance_windows”.

A rule without “ends_at” is on until somebody switches it off; how many are is told.

--from-contrib reads the table of django.contrib.redirects, whose permanent redirects
become temporary: say until when. With several sites each rule is for its site’s host.

examples:
  temp_redirects import rules.json --dry-run
  temp_redirects import moves.csv
  temp_redirects export | ssh other manage.py temp_redirects import - --replace
  temp_redirects import --from-contrib --for 90d
"""
MANY = 1_000  # problems that are told to people


class ImportVerb(Verb):
    """Reads a file, judges every entry, and stores them in one transaction."""

    name = "import"
    help = "store a file of rules and windows, or django.contrib.redirects"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the file and how to go about it."""
        parser.add_argument(
            "file", metavar="FILE", nargs="?", help="JSON or CSV; “-” is stdin"
        )
        parser.add_argument(
            "--format", choices=FORMATS, help="else by the file’s name, or its content"
        )
        parser.add_argument(
            "--replace", action="store_true", help="delete what is not in the file"
        )
        parser.add_argument(
            "--skip-bad", action="store_true", help="leave out entries with a problem"
        )
        _add_contrib(parser)
        add_writing(parser)

    def run(
        self,
        *args: Any,
        replace: bool,
        skip_bad: bool,
        dry_run: bool,
        json: bool,
        **options: Any,
    ) -> None:
        """Import, and say what became of every entry that could not be stored."""
        source = _source(options)
        importing = Import(written_rules().db, self._progress)
        outcome = importing.run(
            source.entries, replaces=replace, skips_bad=skip_bad, dry_run=dry_run
        )
        if self.stderr.isatty():
            self.stderr.write("\r\x1b[K", ending="")
        problems = source.in_order(outcome.problems)
        has_failed = bool(problems) and not skip_bad
        if json:
            watched = {"endless": outcome.endless, "over": outcome.over}
            counts = {} if has_failed else _counts(outcome) | watched
            told = [source.as_json(each) for each in problems]
            self.write_json({"dry_run": dry_run, **counts, "problems": told})
        else:
            for each in problems[:MANY]:
                self.stderr.write(source.line(each))
            if len(problems) > MANY:
                self.stderr.write(f"… {len(problems) - MANY:,} more; --json has all.")
        if has_failed:
            raise refuse(f"{_bad(outcome)}. Nothing is stored.")
        if not json:
            if dry_run:
                self.write("Dry run, nothing is changed. Without --dry-run:")
            self.write(
                ", ".join(f"{n:,} {word}" for word, n in _counts(outcome).items()),
                *told_imported(outcome.endless, outcome.over),
            )

    def _progress(self, step: str, done: int, total: int) -> None:
        """Tell somebody who waits at a terminal how far it is."""
        if self.stderr.isatty() and total > MANY:
            self.stderr.write(f"\r\x1b[K{step} {done:,} of {total:,}", ending="")
            self.stderr.flush()


def _bad(outcome: Outcome) -> str:
    units = Counter(at.unit for at in sorted(outcome.bad, reverse=True))
    return ", ".join(
        f"{n:,} bad {unit}{'' if n == 1 else 's'}" for unit, n in units.items()
    )


def _counts(outcome: Outcome) -> dict[str, int]:
    return {
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "deleted": outcome.deleted,
        "skipped": len(outcome.bad),
    }


def _add_contrib(parser: ArgumentParser) -> None:
    contrib = parser.add_argument_group("from django.contrib.redirects")
    contrib.add_argument(
        "--from-contrib", action="store_true", help="read its table; needs a window"
    )
    contrib.add_argument(
        "--from", dest="starts", metavar="WHEN", help="the first moment; else now"
    )
    ends = contrib.add_mutually_exclusive_group()
    ends.add_argument("--for", dest="lasts", metavar="DURATION", help="90d, 12w")
    ends.add_argument("--until", metavar="WHEN", help="the first moment it is over")
    ends.add_argument(
        "--until-switched-off", action="store_true", help="no end, until switched off"
    )


def _source(options: dict[str, Any]) -> Source:
    """Return what is to be imported, from the one place that is named."""
    name, is_contrib = options["file"], options["from_contrib"]
    is_open = options["until_switched_off"]
    has_window = bool(options["lasts"] or options["until"] or is_open)
    if bool(name) == is_contrib:
        text = "Name a file, or say --from-contrib."
    elif is_contrib and not has_window:
        text = "Say until when: --for 90d, --until 2027-01-31, or --until-switched-off."
    elif not is_contrib and (has_window or options["starts"]):
        text = "A window is for --from-contrib; a file says its own."
    else:
        return _from_contrib(options) if is_contrib else _from_file(options)
    raise CommandError(text, returncode=USAGE)


def _from_file(options: dict[str, Any]) -> Source:
    name = options["file"]
    text = _text_of(name)
    return read(options["format"] or format_of(name, text), text)


def _text_of(name: str) -> str:
    """Return what a file says, or what comes from stdin; raises `Refused`."""
    try:
        sent = sys.stdin.buffer.read() if name == STREAM else Path(name).read_bytes()
    except OSError as error:
        raise Refused(
            "“{file}” cannot be read: {why}.", file=name, why=error.strerror
        ) from error
    return decoded(sent, name)


def _from_contrib(options: dict[str, Any]) -> Source:
    if not apps.is_installed("django.contrib.redirects"):
        raise Refused(
            "django.contrib.redirects is not among INSTALLED_APPS, so its table "
            "cannot be read."
        )
    window = read_window(
        datetime.now(UTC),
        "",
        options["starts"],
        until=options["until"],
        lasts=options["lasts"],
    )
    if window.problems:
        raise ValidationError(window.problems)
    source = Source({RULES: []}, column=tables.column_of)
    for number, row in _contrib_rows():
        document = _contrib_document(row, window)
        source.add(RULES, At("redirect", number), row, document)
    return source


def _contrib_rows() -> Iterator[tuple[int, dict[str, str]]]:
    redirects: Any = apps.get_app_config("redirects").get_model("Redirect")
    sites: Any = apps.get_app_config("sites").get_model("Site")
    hosts = dict(sites.objects.values_list("pk", "domain"))
    rows = redirects.objects.order_by("pk").values_list(
        "pk", "site", "old_path", "new_path"
    )
    for pk, site, old, new in rows.iterator():
        host = hosts[site] if len(hosts) > 1 else ""
        yield pk, {"path": old, "target": new, "hosts": host}


def _contrib_document(row: dict[str, str], window: Window) -> Any:
    if not row["target"]:
        why = "It says that the page is gone (410), which is no temporary redirect."
        return Rejected([("target", Sentence(why))])
    document = tables.document_of(row)
    host = row["hosts"]
    document["schedule"] = {
        "timezone": window.timezone,
        "starts_at": window.starts and _shown(window.starts, window),
        "ends_at": window.ends and _shown(window.ends, window),
    }
    name = named({**document, "path": f"{host}{row['path']}"})["name"]
    return {**document, "name": name}


def _shown(at: datetime, window: Window) -> str:
    return moment(at.timestamp(), window.timezone).isoformat()
