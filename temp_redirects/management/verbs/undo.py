"""``undo``: changes taken back, one batch or all since a moment."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError

from temp_redirects import changes
from temp_redirects.management.actions import (
    USAGE,
    Verb,
    add_writing,
    refuse,
    written_rules,
)
from temp_redirects.management.moments import parse_moment
from temp_redirects.models import Batch
from temp_redirects.models.undoing import Step, Undo
from temp_redirects.sites import site_timezone

EPILOG = """\
Rules that were deleted come back with their id and their visitors’ arms. What else
was changed since stays, with a batch; with --to everything is as it was then. What
would be refused today is left out and told. Undoing is a change itself: “undo” takes
it back.

examples:
  temp_redirects undo --last --dry-run
  temp_redirects undo 3f2a91c0
  temp_redirects undo --to 02:40
"""
_DAY = timedelta(days=1)
LEAST = 4  # characters of an id


class UndoVerb(Verb):
    """Takes changes back."""

    name = "undo"
    help = "take changes back: the last, one batch, or all since a moment"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take what to undo."""
        parser.add_argument(
            "batch", metavar="ID", nargs="?", help="the id’s first characters"
        )
        parser.add_argument("--last", action="store_true", help="the newest change")
        parser.add_argument(
            "--to", metavar="WHEN", help="02:40, 2026-11-21T02:40: as it was then"
        )
        add_writing(parser)

    def run(
        self,
        *args: Any,
        batch: str | None,
        last: bool,
        to: str | None,
        dry_run: bool,
        json: bool,
        **options: Any,
    ) -> None:
        """Undo, and say what became of each rule."""
        if sum(map(bool, (batch, last, to))) != 1:
            text = "Say what to undo: an id from “history”, --last, or --to WHEN."
            raise CommandError(text, returncode=USAGE)
        using = written_rules().db
        plan = _back_to(using, to) if to else _of(using, batch)
        if dry_run:
            plan.preview()
        else:
            plan.run()
        self._tell(plan.steps, dry_run=dry_run, json=json)
        if plan.problems:
            raise refuse(f"{len(plan.problems):,} could not be undone.")

    def _tell(self, steps: list[Step], *, dry_run: bool, json: bool) -> None:
        if json:
            told = [_json(step) for step in steps]
            self.write_json({"dry_run": dry_run, "changes": told})
            return
        if dry_run:
            self.write("Dry run, nothing is changed. Without --dry-run:")
        for step in steps:
            if step.problem:
                self.stderr.write(f"“{step.name}” stays as it is: {step.problem}")
                continue
            word = changes.verb(step.kind, step.current, step.target)
            self.write(f"{word} “{step.name}”")
            if step.current and step.target:
                shown = changes.lines(step.kind, step.differences)
                self.write(*(f"    {line}" for line in shown))
        if not steps:
            self.write("Nothing to undo: it is so already.")


def _of(using: str, batch: str | None) -> Undo:
    batches = Batch.objects.using(using)
    if batch is None:
        found = list(batches[:1])
    elif len(batch) < LEAST:
        raise refuse(f"“{batch}” is too short; {LEAST} characters are needed.")
    else:
        pks = batches.values_list("pk", flat=True).iterator()
        begins = batch.lower().replace("-", "")
        matching = [pk for pk in pks if pk.hex.startswith(begins)]
        found = list(batches.filter(pk__in=matching[:2]))
    if len(found) != 1:
        raise refuse(
            f"{'Several changes have' if found else 'No change has'} an id that "
            f"begins “{batch}”. See “history”."
            if batch
            else "Nothing has been changed."
        )
    return Undo.of(using, found[0].changes)


def _back_to(using: str, text: str) -> Undo:
    now = datetime.now(UTC)
    moment = parse_moment(text, now, site_timezone())
    if moment > now and ":" in text and "T" not in text:  # a clock alone: the last time
        moment = parse_moment(text, now - _DAY, site_timezone())
    if moment > now:
        raise refuse(f"“{text}” is not past.")
    return Undo.to(using, moment)


def _json(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "id": str(step.object_id),
        "name": step.name,
        "before": step.current,
        "after": step.target,
        "problem": step.problem,
    }
