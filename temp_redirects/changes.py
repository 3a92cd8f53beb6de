"""Changes in the words of the forms: which field, and what stood and stands there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from temp_redirects.core.changes import Difference
from temp_redirects.core.conditions import KINDS
from temp_redirects.models.history import SWITCH, Revision
from temp_redirects.models.undoing import MODELS

NOTHING = "—"
MINUTE = 16  # characters of “2026-12-01T02:00”
LABELS = {  # of places that are no fields of a row
    "destinations": gettext_lazy("send visitors to"),
    "conditions": gettext_lazy("only for"),
    "unless": gettext_lazy("not for"),
    "schedule.repeat": gettext_lazy("repeats"),
    "schedule.until": gettext_lazy("repeats until"),
    "schedule.except": gettext_lazy("not on"),
    "schedule.moved_ends": gettext_lazy("ends of its own"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field that changed, as people read it."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.label}: {self.before} → {self.after}"


def lines(kind: str, found: Iterable[Difference]) -> list[Line]:
    """Return differences of a rule's or a window's document in words."""
    return [
        Line(
            label(kind, each.place),
            _text(kind, each.place, each.before),
            _text(kind, each.place, each.after),
        )
        for each in found
    ]


def verb(kind: str, was: Any, becomes: Any) -> str:
    """Return what happened: “made”, “deleted” or “changed”."""
    if was and becomes:
        return _("changed")
    if kind == SWITCH:
        return _("switched off") if becomes else _("switched on again")
    return _("made") if becomes else _("deleted")


def told(revision: Revision) -> str:
    """Return a revision in one line: “changed “shop”: switched on: yes → no”."""
    head = f"{verb(revision.kind, revision.before, revision.after)} “{revision.name}”"
    if not (revision.before and revision.after):
        return head
    changed = lines(revision.kind, revision.differences)
    return f"{head}: {'; '.join(map(str, changed))}"


def span(schedule: Mapping[str, Any]) -> str:
    """Return from when to when the schedule of a document is, in its own zone."""
    starts, ends = schedule["starts_at"], schedule["ends_at"]
    facts = {
        "start": _moment(starts) if starts else _("now"),
        "end": _moment(ends) if ends else _("somebody switches it off"),
    }
    if schedule["repeat"]:
        return _("first from %(start)s until %(end)s, repeated") % facts
    return _("from %(start)s until %(end)s") % facts


def _field(kind: str, place: str) -> Any:
    try:
        return MODELS[kind]._meta.get_field(place.rpartition(".")[2])
    except FieldDoesNotExist:
        return None


def label(kind: str, place: str) -> str:
    """Return what people call a place of a document, “conditions[0]” too."""
    place = place.partition("[")[0]
    if place in LABELS:
        return str(LABELS[place])
    field = _field(kind, place)
    if field is not None and hasattr(field, "verbose_name"):
        return str(field.verbose_name)
    return place.rpartition(".")[2].replace("_", " ")


def _text(kind: str, place: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(_item, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_moment(each)}" for key, each in value.items())
    choices = dict(getattr(_field(kind, place), "flatchoices", None) or [])
    if value in choices:
        return str(choices[value])
    return _moment(value) if place.endswith("_at") else str(value)


def _item(value: Any) -> str:
    """Return one text or object of a list: “Country: DE”, “/b/ (50 %)”."""
    if not isinstance(value, Mapping):
        return str(value)
    if "kind" in value:
        return f"{_kind(value['kind'])}: {value.get('value', '')}"
    more = [
        f"{each} %" if key == "percentage" else str(each)
        for key, each in value.items()
        if key not in {"id", "target"} and each not in (None, "")
    ]
    target = str(value.get("target", ""))
    return f"{target} ({', '.join(more)})" if more else target


def _kind(kind: str) -> str:
    """Return what people call a condition; a project's own may be gone since."""
    return str(KINDS[kind].label) if kind in KINDS else kind


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return text
    return text[:MINUTE].replace("T", " ")
