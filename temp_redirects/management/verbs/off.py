"""``off``: the kill switch, pulled."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any, ClassVar

from temp_redirects.core.sites import normal_host
from temp_redirects.core.switches import EVERYTHING, HOST, MAINTENANCE
from temp_redirects.management.actions import Verb, add_writing, attempt, refuse
from temp_redirects.management.moments import later, parse_duration, parse_moment
from temp_redirects.management.switches import as_json, written_switches
from temp_redirects.sites import site_timezone

EPILOG = """\
At once, in every process within two seconds, whatever the rules say; they stay as they
are. It is over by itself after --for, or when “on” is called. What is off already has
its end and reason changed. Without a database: TEMP_REDIRECTS["ENABLED"] = False.

examples:
  temp_redirects off --for 15m --reason 'loop on /'
  temp_redirects off --host shop.example
  temp_redirects off --maintenance --for 1h
  temp_redirects on
"""


class Off(Verb):
    """Switches redirects off: all, one host's, or maintenance."""

    name = "off"
    help = "switch everything off at once: the kill switch"
    epilog = EPILOG
    places: ClassVar[dict[str, str]] = {"host": "--host"}

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take what to switch off, until when, and why."""
        add_scope(parser)
        until = parser.add_mutually_exclusive_group()
        until.add_argument("--for", dest="lasts", metavar="DURATION", help="15m, 1h")
        until.add_argument(
            "--until", metavar="WHEN", help="22:00, +2h; else until “on” is called"
        )
        parser.add_argument("--reason", metavar="TEXT", default="", help="for others")
        add_writing(parser)

    def run(
        self,
        *args: Any,
        lasts: str | None,
        until: str | None,
        reason: str,
        dry_run: bool,
        json: bool,
        **options: Any,
    ) -> None:
        """Pull it, and say what is off now."""
        now = datetime.now(UTC).replace(microsecond=0)
        ends_at = later(now, parse_duration(lasts)) if lasts else None
        if until:
            ends_at = parse_moment(until, now, site_timezone())
            if ends_at <= now:
                raise refuse(f"“{until}” is past.")
        scope, host = scope_of(**options)
        rows = written_switches()
        with attempt(rows, dry_run=dry_run):
            row = rows.pull(scope, host=host, ends_at=ends_at, reason=reason)
        if json:
            self.write_json({"result": "off", "dry_run": dry_run, **as_json(row)})
            return
        if dry_run:
            self.write("Dry run, nothing is changed. Without --dry-run:")
        self.write(f"{row.compile().explain()}.", "To switch it on again: on")


def add_scope(parser: ArgumentParser) -> None:
    """Take what is concerned; without an option everything is."""
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--host", metavar="HOST", help="this host alone")
    scope.add_argument(
        "--maintenance", action="store_true", help="maintenance windows alone"
    )


def scope_of(host: str | None, maintenance: bool, **_: Any) -> tuple[str, str]:
    """Return the scope and host that the options name.

    A script's empty variable is a host that is refused, not one left out.
    """
    if maintenance:
        return MAINTENANCE, ""
    if host is None:
        return EVERYTHING, ""
    name = normal_host(host)
    if not name:
        raise refuse("“--host” names no host. Example: “--host shop.example”.")
    return HOST, name
