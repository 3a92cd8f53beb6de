"""The part of a rule's form that is about several destinations and a goal."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any, TypeAlias

from django import forms
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.repeats import RepeatingForm
from temp_redirects.core import records
from temp_redirects.core.assignments import label_of
from temp_redirects.core.documents import DESTINATION_KEYS
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.splits import ORIGINAL, SAMPLE, moves
from temp_redirects.figures import figure
from temp_redirects.models.choices import new_destination_key

SPARE_ROWS = 2  # empty destinations to fill in; after saving there are that many again
MAX_ROWS = 100  # read from one request
KEYS = ("id", "target", "label", "percentage")
SPLIT_FIELDS = ["sticky", "goal", "goal_days", "planned_visitors"]
_NUMBER = re.compile(r"([0-9]{1,3}([.,][0-9]+)?)\s*%?")  # “50”, “33,33 %”
_ROW = re.compile(r"destinations\[([0-9]+)\]")

Row: TypeAlias = "dict[str, str]"  # {"id": "b", "target": "/b/", "percentage": "50"}


class DestinationsWidget(forms.Widget):
    """A row for each further destination, and some to spare; works without a script."""

    template_name = "temp_redirects/admin/destinations.html"
    use_fieldset = True
    shares: Sequence[str] = ()  # said beside the rows, in their order

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> list[Row]:
        """Return the rows as typed, without the empty ones."""
        return [
            {key: str(data.get(f"{name}-{at}-{key}", "")).strip() for key in KEYS}
            for at in _numbers(data, name)
        ]

    def id_for_label(self, id_: str) -> str:
        """Return nothing: the label is that of the whole list."""
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the rows."""
        context = super().get_context(name, None, attrs)
        rows: list[Row] = value if isinstance(value, list) else []
        shares = chain(self.shares, repeat(""))
        spare = [dict.fromkeys(KEYS, "")] * SPARE_ROWS
        context["rows"] = [
            {**row, "prefix": f"{name}-{at}", "number": at + 2, "share": share}
            for at, (row, share) in enumerate(
                zip([*rows, *spare], shares, strict=False)
            )
        ]
        return context


def _numbers(data: Mapping[str, Any], name: str) -> list[int]:
    """Return the numbers of the rows that have an address."""
    key = re.compile(rf"{re.escape(name)}-([0-9]{{1,3}})-target")
    found = (key.fullmatch(each) for each in data)
    numbers = (match[1] for match in found if match and str(data[match[0]]).strip())
    return sorted(map(int, numbers))[:MAX_ROWS]


class DestinationsField(forms.Field):
    """The further destinations of a rule as a list of rows, judged by the core."""

    widget = DestinationsWidget

    def clean(self, value: list[Row]) -> list[Row]:
        """Return the rows as they are."""
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether another list was typed."""
        return bool((initial or []) != data)


class SplitForm(RepeatingForm):
    """A form whose rule may have several destinations, each with a percentage."""

    percentage = forms.CharField(
        label=_("Percentage"),
        required=False,
        widget=forms.TextInput(attrs={"size": 6, "inputmode": "decimal"}),
        help_text=_(
            "How many of the visitors go there, 0 to 100: “50”. What is left over "
            "stays on the original page. Empty shares equally what the others leave; "
            "0 sends nobody."
        ),
    )
    destination_label = forms.CharField(
        label=_("What you call it"),
        required=False,
        max_length=100,
        help_text=_("In results and explanations: “New page”. May be empty."),
    )
    others = DestinationsField(
        label=_("Further destinations"),
        required=False,
        help_text=_("To take one away, clear its address."),
    )
    seen_split = forms.CharField(label="", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in self.fields.keys() & {*SPLIT_FIELDS}:
            self.fields[name].required = False
        stored = None if self.is_bound else _stored_rule(self.instance)
        if stored is not None:
            self.show_shares(stored)

    def show_shares(self, rule: Rule) -> None:
        """Say beside each destination how many get it, and how many stay."""
        fields = self.fields
        if not rule.is_split or not {"percentage", "others"} <= fields.keys():
            return
        shares = {arm: _share(share) for arm, share in rule.split.shares}
        original = shares.pop(ORIGINAL)
        first, *others = shares.values()
        told = gettext("That is %(first)s %%, and %(rest)s %% on the original page.")
        usual = self.base_fields["percentage"].help_text
        text = told % {"first": first, "rest": original}
        self["percentage"].help_text = format_html("<b>{}</b> {}", text, usual)
        fields["others"].widget.shares = others

    def split_keys(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed as keys of the document."""
        stored = stored_destinations(self.instance)
        first = {
            "id": stored[0]["id"] if stored else "",
            "target": cleaned.get("target", ""),
            "label": cleaned.get("destination_label", ""),
            "percentage": cleaned.get("percentage", ""),
        }
        others = cleaned.get("others") or []
        return {
            "destinations": [_destination(each) for each in [first, *others]],
            "sticky": cleaned.get("sticky") or "visitor",
            "goal": cleaned.get("goal") or "",
            "goal_days": cleaned.get("goal_days") or 7,
            "planned_visitors": cleaned.get("planned_visitors"),
        }

    def typed_addresses(self, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """Return the goal and the targets by their places in the document."""
        others = [each["target"] for each in cleaned.get("others") or []]
        targets = enumerate([cleaned.get("target", ""), *others])
        return {
            "goal": cleaned.get("goal") or "",
            **{f"destinations[{at}].target": target for at, target in targets},
        }

    def ask_about_moves(self, rule: Rule) -> None:
        """Say before saving how many visitors the edit moves; saved once that is seen.

        Only where the stored rule is on: of another one nobody has an arm.
        """
        before = _stored_rule(self.instance)
        if (
            before is None
            or not before.enabled
            or before.split.epoch == (rule.split.epoch)
        ):
            return
        if self.cleaned_data.get("seen_split") == rule.split.epoch:
            return
        self.data = self.data.copy()
        self.data[self.add_prefix("seen_split")] = rule.split.epoch
        name = self.add_prefix("others")
        for at, each in zip(
            _numbers(self.data, name), rule.destinations[1:], strict=True
        ):
            self.data[f"{name}-{at}-id"] = each.id  # what was told is what is saved
        self.add_error("percentage", _moved(before, rule))

    def show(self, place: str, sentences: list[str]) -> None:
        """Show what is wrong with a further destination beside them all."""
        row = _ROW.match(place)
        if row and row[1] != "0":
            number = int(row[1]) + 1
            sentences = [
                gettext("Destination %(number)s: %(problem)s")
                % {"number": number, "problem": each}
                for each in sentences
            ]
            place = "others"
        elif place == "destinations[0].percentage":
            place = "percentage"
        super().show(place, sentences)


def stored_destinations(rule: Any) -> list[dict[str, Any]]:
    """Return the destinations of a stored rule, sound or not, every key included."""
    packed = records.unpack(rule.to_record())["destinations"]
    return [
        {**DESTINATION_KEYS, **dict(zip(DESTINATION_KEYS, each, strict=False))}
        for each in packed
    ]


def stored_split(rule: Any) -> dict[str, Any]:
    """Return what the form shows of a stored rule's destinations."""
    rows = [
        {key: "" if each[key] is None else str(each[key]) for key in KEYS}
        for each in stored_destinations(rule)
    ]
    (first, *others) = rows or [dict.fromkeys(KEYS, "")]
    return {
        "target": first["target"],
        "percentage": first["percentage"],
        "destination_label": first["label"],
        "others": others,
    }


def _destination(row: Mapping[str, str]) -> dict[str, Any]:
    text = row["percentage"]
    number: Any = text or None
    found = _NUMBER.fullmatch(text)
    if found:
        number = float(found[1].replace(",", "."))
    key = row["id"] or new_destination_key()
    return {**row, "id": key, "percentage": number}


def _stored_rule(row: Any) -> Rule | None:
    if row._state.adding:
        return None
    try:
        rule: Rule = row.compile()
    except Refused:  # switched off by an error: nobody has an arm
        return None
    return rule


def _moved(before: Rule, after: Rule) -> str:
    """Return which visitors a change moves, by the algorithm that assigns them."""
    found = moves(before.split, after.split, pinned=after.remembers)
    sample = figure(SAMPLE)
    parts = [
        gettext("%(number)s from %(from)s to %(to)s")
        % {
            "number": figure(number),
            "from": _label(before, source),
            "to": _label(after, arm),
        }
        for (source, arm), number in sorted(found.items())
    ]
    text = gettext("Of %(sample)s visitors this moves nobody.") % {"sample": sample}
    if parts:
        text = gettext("Of %(sample)s visitors this moves %(moves)s.") % {
            "sample": sample,
            "moves": ", ".join(parts),
        }
    if after.goal:
        text += " " + gettext("Counting starts anew, beside the results so far.")
    return text + " " + gettext("Save once more to do it.")


def _share(share: float) -> str:
    return number_format(f"{share:.4g}")


def _label(rule: Rule, arm: str) -> str:
    return str(label_of(rule, arm))
