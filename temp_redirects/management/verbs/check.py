"""``check``: everything that is stored, compiled and judged, as ``nginx -t`` does."""

from argparse import ArgumentParser
from itertools import chain
from time import time
from typing import Any

from django.db import router

from temp_redirects.findings import judge
from temp_redirects.management.actions import (
    Verb,
    add_json,
    refuse,
    written_rules,
    written_windows,
)
from temp_redirects.models import RulesetVersion

EPILOG = """\
what is found, by a stable code:
  rejected       it cannot be compiled and is off, whether paused or not
  loop           it sends visitors round and round
  dead_target    it leads to a path of this site at which no view is
  never_reached  a rule that is tried before it always answers first
  for_nobody     it asks for what this site is never told, as visitors’ countries
  protected      its path is one that no rule redirects: the admin, static files

Maintenance windows are judged like rules, each of their paths. What is paused,
switched off or over is compiled and not followed. SQL of your own is seen by nobody
until “--refresh”, or the next full reading. In JSON “rule” is the name, and
“kind” says of what: “rule” or “window”.

exit codes:
  0  no problem
  1  problems; they are listed
"""


class Check(Verb):
    """Judges every stored rule and maintenance window."""

    name = "check"
    help = "judge all that is stored: errors, loops, dead targets, rules never reached"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take who reads the answer, and whether to have all read anew."""
        add_json(parser)
        parser.add_argument(
            "--refresh",
            action="store_true",
            help="have every process read all anew, as after SQL of your own",
        )

    def run(self, *args: Any, json: bool, refresh: bool, **options: Any) -> None:
        """List the problems, and end with their code."""
        if refresh:  # a version whose changes nobody has noted
            RulesetVersion.count_up(router.db_for_write(RulesetVersion))
        rows = written_rules().prefetch_related("destinations", "conditions")
        rules, windows = list(rows.order_by("name_key")), list(written_windows())
        findings = judge(chain(rules, windows), time()).findings
        if json:
            told = [each.as_json() for each in findings]
            counted = {"rules": len(rules), "windows": len(windows)}
            self.write_json({**counted, "problems": told})
        else:
            for each in findings:
                self.stderr.write(f"{each.code}: “{each.rule}”: {each.sentence}")
        checked = _checked(len(rules), len(windows))
        if findings:
            noun = "problem" if len(findings) == 1 else "problems"
            raise refuse(f"{len(findings):,} {noun} in {checked}.")
        if not json:
            self.write(f"{checked}, no problem.")


def _checked(rules: int, windows: int) -> str:
    counted = f"{rules:,} rules"
    if windows:
        noun = "maintenance window" if windows == 1 else "maintenance windows"
        counted += f" and {windows:,} {noun}"
    return counted
