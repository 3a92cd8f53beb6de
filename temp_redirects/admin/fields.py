"""Form fields that Django does not have: wall times, and a list of conditions."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from django import forms

from temp_redirects.admin.times import zone_names
from temp_redirects.core.conditions import KINDS

SPARE_ROWS = 3  # empty conditions to fill in; after saving there are that many again
MAX_ROWS = 100  # read from one request

Row: TypeAlias = "dict[str, str]"  # {"excepts": "True", "kind": "scheme", "value": ""}


class WallTimeInput(forms.TextInput):
    """A browser's own picker, or a text where the picker could not show the value."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Choose the type of input by the value."""
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown is None or _is_naive_time(shown):
            context["widget"]["type"] = "datetime-local"
        return context


class EndInput(WallTimeInput):
    """The end, with buttons for usual lengths where scripts run."""

    template_name = "temp_redirects/admin/end_input.html"


class ZoneInput(forms.TextInput):
    """A text with the names of time zones as suggestions."""

    template_name = "temp_redirects/admin/zone_input.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the suggestions."""
        context = super().get_context(name, value, attrs)
        context["zone_names"] = zone_names()
        context["widget"]["attrs"]["list"] = f"{name}-names"
        return context


class ConditionsWidget(forms.Widget):
    """A row for each condition, and some to spare; works without a script."""

    template_name = "temp_redirects/admin/conditions.html"
    use_fieldset = True

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.problems: dict[int, list[str]] = {}  # by row, set by the form

    def __deepcopy__(self, memo: Any) -> "ConditionsWidget":
        copy: ConditionsWidget = super().__deepcopy__(memo)
        copy.problems = {}
        return copy

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> list[Row]:
        """Return the rows as typed, without the empty ones."""
        key = re.compile(rf"{re.escape(name)}-([0-9]{{1,3}})-kind")
        found = (key.fullmatch(each) for each in data)
        numbers = sorted(int(match[1]) for match in found if match)[:MAX_ROWS]
        rows = [_row(data, f"{name}-{number}") for number in numbers]
        return [row for row in rows if row["kind"] or row["value"]]

    def id_for_label(self, id_: str) -> str:
        """Return nothing: the label is that of the whole list."""
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the rows with their problems, and the kinds to choose from."""
        context = super().get_context(name, None, attrs)
        rows: list[Row] = value if isinstance(value, list) else []
        empty = {"excepts": "", "kind": "", "value": ""}
        spare = [empty] * SPARE_ROWS
        context["rows"] = [
            {
                **row,
                "prefix": f"{name}-{at}",
                "number": at + 1,
                "problems": self.problems.get(at, []),
                "hint": KINDS[row["kind"]].hint if row["kind"] in KINDS else "",
                "is_unknown": bool(row["kind"]) and row["kind"] not in KINDS,
            }
            for at, row in enumerate([*rows, *spare])
        ]
        # Plain values: a template would call the classes.
        shown = ("kind", "label", "hint", "examples")
        context["kinds"] = [
            {key: getattr(KINDS[kind], key) for key in shown}
            for kind in sorted(KINDS)
            if KINDS[kind].is_offered
        ]
        return context


class ConditionsField(forms.Field):
    """The conditions of a rule as a list of rows, judged by the core."""

    widget = ConditionsWidget

    def clean(self, value: list[Row]) -> list[Row]:
        """Return the rows as they are."""
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether another list was typed."""
        return bool((initial or []) != data)


class ListField(forms.CharField):
    """Texts with a separator between them; cleaned to a list."""

    def __init__(self, *, separator: str, **options: Any) -> None:
        super().__init__(**options)
        self.separator = separator

    def clean(self, value: Any) -> list[str]:
        """Return the texts that are not blank."""
        return self._split(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether other texts were typed, whatever stands between them."""
        return self._split(initial or "") != self._split(data or "")

    def _split(self, text: str) -> list[str]:
        texts = (each.strip() for each in text.split(self.separator))
        return [each for each in texts if each]


def _row(data: Mapping[str, Any], prefix: str) -> Row:
    row = {key: str(data.get(f"{prefix}-{key}", "")) for key in ("kind", "value")}
    row = {key: text.strip() for key, text in row.items()}
    return {"excepts": "1" if data.get(f"{prefix}-excepts") else "", **row}


def _is_naive_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
