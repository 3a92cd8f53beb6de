"""``results``: how often rules redirected, and what an experiment says."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from time import time
from typing import Any

from temp_redirects.management.actions import Verb, add_json, find, written_rules
from temp_redirects.management.experiments import (
    experiment_json,
    experiment_lines,
    require_epoch,
)
from temp_redirects.management.hits import hits_json, hits_of, hits_text
from temp_redirects.models import HitCount, HitWriter, RedirectRule
from temp_redirects.models.counts import HOUR
from temp_redirects.models.hits import Hits, alias
from temp_redirects.results import has_results, results

EPILOG = """\
A hit is a redirect that was sent. Hits are written every FLUSH_SECONDS, 10 unless the
settings say otherwise. “24 h” is the hour under way and the 23 before it.

Of a rule with a goal it says which arm is better, and whether to believe it. The arms
and their shares make an epoch; another share begins another one.

examples:
  temp_redirects results
  temp_redirects results deploy --json
  temp_redirects results pricing-test --epoch 3f9a1c
"""


class Results(Verb):
    """Tells the hits of all rules, or all that is known of one rule's."""

    name = "results"
    help = "say how often rules redirected, and when last"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the rule, if one is asked for."""
        parser.add_argument(
            "name", metavar="NAME", nargs="?", help="the rule’s name; else all rules"
        )
        parser.add_argument(
            "--epoch", default="", metavar="ID", help="an earlier one of an experiment"
        )
        add_json(parser)

    def run(
        self, *args: Any, name: str | None, epoch: str, json: bool, **options: Any
    ) -> None:
        """Tell the hits, and of one rule what its experiment says."""
        if name is None:
            self._tell_all(json=json)
        else:
            self._tell_one(find(written_rules(), name), epoch, json=json)

    def _tell_one(self, row: RedirectRule, epoch: str, *, json: bool) -> None:
        counts = HitCount.objects.using(alias())
        hits, methods = hits_of(row), counts.by_method(row.pk)
        hours = {
            datetime.fromtimestamp(hour * HOUR, UTC).isoformat(): total
            for hour, total in counts.by_hour(row.pk, now=time()).items()
        }
        found = results(row, now=time(), epoch=epoch) if has_results(row) else None
        if found:
            require_epoch(found)
        if json:
            told = experiment_json(found) if found else None
            parts = {"methods": methods, "hours": hours, "experiment": told}
            self.write_json({"name": row.name, **hits_json(hits), **parts})
            return
        self.write(f"“{row.name}”: {hits_text(hits, row.timezone)}")
        self.write(*(f"  {method:7}  {total:,}" for method, total in methods.items()))
        self.write(*(f"  {hour}  {total:,}" for hour, total in hours.items()))
        if found:
            self.write("", *experiment_lines(found))

    def _tell_all(self, *, json: bool) -> None:
        rules = written_rules()
        found = HitCount.objects.using(alias()).of(now=time())
        names = rules.order_by("name_key").values_list("pk", "name")
        rows = [(name, found.get(pk, Hits())) for pk, name in names]
        rows.sort(key=lambda row: row[1].total, reverse=True)
        lost = HitWriter.lost(alias())
        if json:
            listed = [{"name": name, **hits_json(hits)} for name, hits in rows]
            self.write_json({"rules": listed, "dropped": lost})
            return
        self.write(f"{'24 h':>9}  {'in all':>11}  {'last hit (UTC)':19}  rule")
        self.write(*(_line(name, hits) for name, hits in rows))
        if lost:
            self.write(f"{lost:,} hits were left out: too many at a time.")


def _line(name: str, hits: Hits) -> str:
    last = hits.last.astimezone(UTC) if hits.last else None
    shown = f"{last:%Y-%m-%d %H:%M:%S}" if last else "never"
    return f"{hits.day:9,}  {hits.total:11,}  {shown:19}  {name}"
