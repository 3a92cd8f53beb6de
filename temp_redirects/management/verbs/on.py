"""``on``: what the kill switch has switched off, switched on again."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone as django_timezone

from temp_redirects.core.switches import EVERYTHING
from temp_redirects.management.actions import Verb, add_writing, attempt
from temp_redirects.management.switches import as_json, written_switches
from temp_redirects.management.verbs.off import add_scope, scope_of

EPILOG = """\
Without an option everything that “off” has switched off, hosts and maintenance too.
Rules and windows that are paused stay paused. Nothing off is no error.

examples:
  temp_redirects on
  temp_redirects on --host shop.example
"""


class On(Verb):
    """Takes kill switches back."""

    name = "on"
    help = "switch on again what “off” has switched off"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take what to switch on."""
        add_scope(parser)
        add_writing(parser)

    def run(self, *args: Any, dry_run: bool, json: bool, **options: Any) -> None:
        """Switch it on, and say what was off and what still is."""
        rows = written_switches()
        scope, host = scope_of(**options)
        with attempt(rows, dry_run=dry_run):
            asked = rows.on(django_timezone.now())
            if scope != EVERYTHING:
                asked = asked.filter(scope=scope, host=host)
            found = list(asked)
            asked.delete()
            others = list(rows.on(django_timezone.now()))
        if json:
            said = {"on": found, "still_off": others}
            told = {word: list(map(as_json, some)) for word, some in said.items()}
            self.write_json({"dry_run": dry_run, **told})
            return
        if dry_run:
            self.write("Dry run, nothing is changed. Without --dry-run:")
        for row in found:
            self.write(f"on again: {row}")
        if not found:
            self.write("The kill switch is not on for that: nothing to switch on.")
        for row in others:
            self.write(f"still: {row.compile().explain()}")
