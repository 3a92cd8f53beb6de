"""``history``: who changed what, when and from where."""

from argparse import ArgumentParser
from typing import Any

from temp_redirects import changes
from temp_redirects.core.schedules import moment
from temp_redirects.management.actions import Verb, add_json, refuse, written_rules
from temp_redirects.models import Batch, Revision
from temp_redirects.models.columns import as_seconds, name_key
from temp_redirects.sites import site_timezone

EPILOG = """\
What was done in one go, by one save or one import, has an id; “undo” takes its first
characters.

examples:
  temp_redirects history
  temp_redirects history --of pricing-test --json
"""
FEW = 5  # rules of one batch that are told
SHORT = 8  # characters of an id, for people


class History(Verb):
    """Tells the last changes, the newest first."""

    name = "history"
    help = "tell the last changes: when, who, from where, what"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take of what, and how many."""
        parser.add_argument(
            "--of", metavar="NAME", help="only of this rule or window, also deleted"
        )
        parser.add_argument(
            "--limit", metavar="N", type=int, default=20, help="how many; 20"
        )
        add_json(parser)

    def run(
        self, *args: Any, of: str | None, limit: int, json: bool, **options: Any
    ) -> None:
        """Tell them."""
        using = written_rules().db
        batches = Batch.objects.using(using)
        if of is not None:
            batches = batches.of(_object_of(using, of))
        chosen = list(batches[: max(limit, 0)])
        if json:
            self.write_json([_json(batch) for batch in chosen])
            return
        for batch in chosen:
            self.write(*_lines(batch))
        if not chosen:
            self.write("Nothing has been changed.")


def _object_of(using: str, name: str) -> Any:
    """Return the id of what is called so, or was last."""
    key = name_key(name.encode("utf-8", "replace").decode())
    row = written_rules().named(key)
    if row is not None:
        return row.pk
    rows = Revision.objects.using(using).order_by("-pk")
    for object_id, known in rows.values_list("object_id", "name").iterator():
        if name_key(known) == key:
            return object_id
    raise refuse(f"No change of “{name}” is known.")


def _lines(batch: Batch) -> list[str]:
    at = moment(as_seconds(batch.at) or 0.0, site_timezone())
    who = " ".join(filter(None, [batch.who, f"({batch.source})"]))
    what = f" “{batch.what}”" if batch.what else ""
    head = f"{batch.pk.hex[:SHORT]}  {at:%Y-%m-%d %H:%M}  {who}{what}"
    rows = batch.changes
    count = rows.count()
    told = [f"    {changes.told(each)}" for each in rows[:FEW]]
    more = [f"    and {count - FEW:,} more"] if count > FEW else []
    return [head, *told, *more]


def _json(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.pk.hex,
        "at": moment(as_seconds(batch.at) or 0.0, site_timezone()).isoformat(),
        "source": batch.source,
        "who": batch.who,
        "what": batch.what,
        "changes": [
            {
                "kind": each.kind,
                "id": str(each.object_id),
                "name": each.name,
                "before": each.was,
                "after": each.became,
            }
            for each in batch.changes
        ],
    }
