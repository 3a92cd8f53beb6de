"""``prune``: hits of long ago are summed up, and changes of long ago forgotten."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from time import time
from typing import Any

from temp_redirects.management.actions import (
    Verb,
    add_writing,
    attempt,
    written_rules,
)
from temp_redirects.management.moments import parse_duration
from temp_redirects.models import ArmCount, Batch, HitCount, HitWriter
from temp_redirects.models.columns import as_moment
from temp_redirects.models.counts import HOUR
from temp_redirects.models.hits import alias

EPILOG = """\
Hits are stored by rule, hour and method. The hours before DURATION ago are summed up,
a row for each rule and method: what a rule has in all and its last hit stay as they
are. Visitors of an experiment’s arms are summed up by day. Counts of rules that are
deleted go. What was changed before then is forgotten and cannot be undone any more.
Rules are never touched.

example, once a day:
  temp_redirects prune --older-than 90d
"""


class Prune(Verb):
    """Sums up old hits and forgets old changes, so that no table grows for ever."""

    name = "prune"
    help = "sum up the hits of long ago, and forget the changes of long ago"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take how long hours are kept apart."""
        parser.add_argument(
            "--older-than", required=True, metavar="DURATION", help="90d, 12w"
        )
        add_writing(parser)

    def run(
        self, *args: Any, older_than: str, dry_run: bool, json: bool, **options: Any
    ) -> None:
        """Sum them up and say how many rows that saved."""
        before = int(time() - parse_duration(older_than).total_seconds()) // HOUR
        rows = HitCount.objects.using(alias()).sum_up(before, dry_run=dry_run)
        rows += ArmCount.objects.using(alias()).sum_up(before, dry_run=dry_run)
        if not dry_run:
            HitWriter.forget(alias(), before * HOUR)
        at = datetime.fromtimestamp(before * HOUR, UTC)
        batches = Batch.objects.using(written_rules().db)
        with attempt(batches, dry_run=dry_run):
            changes = batches.forget(as_moment(before * HOUR) or at)
        if json:
            told = {"rows": rows, "changes": changes, "before": at.isoformat()}
            self.write_json({**told, "dry_run": dry_run})
            return
        if dry_run:
            self.write("Dry run, nothing is changed. Without --dry-run:")
        self.write(f"{rows:,} rows from before {at:%Y-%m-%d %H:%M} UTC are summed up")
        self.write(f"{changes:,} changes from before then are forgotten")
