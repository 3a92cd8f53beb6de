"""Conflicts: two people edit one row; the second is told, and nothing is lost."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from temp_redirects import changes
from temp_redirects.admin.histories import shown
from temp_redirects.changes import Line
from temp_redirects.core.changes import differences
from temp_redirects.models import Revision


@dataclass(slots=True)
class Conflict:
    """What others did to a row while somebody had its form open.

    ``theirs`` is told change by change; ``lines`` compare what is stored by now with
    what was typed. ``is_off`` says that it was switched off meanwhile, and
    ``switches_off`` that the form switches off what is on.
    """

    theirs: list[dict[str, str]]
    is_deleted: bool = False
    is_off: bool = False
    switches_off: bool = False
    lines: list[Line] = field(default_factory=list)


def token(using: str, pk: UUID) -> str:
    """Return what a form remembers of the row that it shows: its newest change."""
    return f"{pk}:{Revision.newest(using, pk)}"


def conflict_since(using: str, seen: str) -> tuple[Conflict, str] | None:
    """Return what happened since a form was shown, and what it is to remember now."""
    pk, _, number = seen.partition(":")
    try:
        row, last = UUID(pk), int(number)
    except ValueError:
        return None  # a client that sends no such thing
    rows = Revision.objects.using(using).filter(object_id=row, pk__gt=last)
    found = list(rows.order_by("pk").select_related("batch"))
    if not found:
        return None
    was, becomes = found[0].was, found[-1].became
    conflict = Conflict(
        [
            {
                "at": shown(each.batch.at),
                "who": each.batch.who or str(each.batch.get_source_display()),
                "what": changes.told(each),
            }
            for each in found
        ],
        is_deleted=becomes is None,
        is_off=bool(was and was["enabled"] and becomes and not becomes["enabled"]),
    )
    return conflict, f"{row}:{found[-1].pk}"


def compared(kind: str, stored: Any, typed: Any) -> list[Line]:
    """Return where what is stored by now and what was typed differ."""
    return changes.lines(kind, differences(stored, typed))
