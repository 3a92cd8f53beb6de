"""The form of a rule: one document, judged as a whole by the core."""

import re
from datetime import datetime
from time import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import (
    ConditionsField,
    EndInput,
    ListField,
    Row,
    WallTimeInput,
    ZoneInput,
)
from temp_redirects.admin.planned import WHOLE_ADDRESS, usual_times
from temp_redirects.admin.repeats import stored_repeat, stored_schedule
from temp_redirects.admin.splits import SPLIT_FIELDS, SplitForm, stored_split
from temp_redirects.admin.times import clock_note, wall_text
from temp_redirects.core import records
from temp_redirects.core.documents import dump
from temp_redirects.core.rules import Rule
from temp_redirects.core.schedules import Schedule, parse_moment, zone
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import normal_host
from temp_redirects.core.targets import MAX_TARGET
from temp_redirects.models import RedirectRule
from temp_redirects.models.columns import as_seconds
from temp_redirects.models.querysets import (
    parse_document,
    refuse_loops,
)

_ROW = re.compile(r"(conditions|unless)\[([0-9]+)\]")
_PLAIN = (  # fields of the form that stand in the document as they are
    "enabled",
    "priority",
    "match",
    "hosts",
    "methods",
    "except_paths",
    "status",
    "query",
    "cache_seconds",
    "note",
)
_BOUNDS = ("starts_at", "ends_at")


class RedirectRuleForm(SplitForm):
    """A rule with its destinations and conditions on one form.

    Start and end are wall times in the rule's own zone. ``rule`` is what the core made
    of a valid form, and ``notes`` what it changed on the way. A draft is only looked
    at, never saved.
    """

    places = SplitForm.places | {"destinations": "target", "unless": "conditions"}

    target = forms.CharField(
        label=_("Send visitors to"),
        max_length=MAX_TARGET,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=_(
            "A path of this site, “/news/”, or an address, “https://www.example.com/”. "
            "“{path}” puts in the visitor’s path, “{rest}” what follows a path that is "
            "covered with everything under it: “/news/{rest}”. Parts of a pattern have "
            "their names, “{year}”, and stars and groups their numbers, “{1}”."
        ),
        error_messages={
            "required": _("Say where visitors go. Example: “/news/”."),
        },
    )
    methods = ListField(
        separator=",",
        label=_("Methods"),
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_(
            "Only these kinds of request, separated by commas: “POST, PUT”. Empty "
            "means all; GET includes HEAD."
        ),
    )
    except_paths = ListField(
        separator="\n",
        label=_("Except"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=_(
            "Paths that are not redirected, one a line, each with everything under it."
        ),
    )
    starts_at = forms.CharField(
        label=_("Starts"),
        required=False,
        widget=WallTimeInput,
        help_text=_("The first moment it redirects. Empty means at once."),
    )
    ends_at = forms.CharField(
        label=_("Ends"),
        required=False,
        show_hidden_initial=True,  # tells a prefilled end from a chosen one
        widget=EndInput,
        help_text=_("From this moment on visitors see the original page again."),
    )
    until_switched_off = forms.BooleanField(
        label=_("Until I switch it off"),
        required=False,
        help_text=_("It has no end: “Pause” or “End now” brings the page back."),
    )
    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        show_hidden_initial=True,  # a prefilled end was on the clocks of that one
        widget=ZoneInput,
        help_text=_("The clock that start and end are read from: “Europe/Berlin”."),
        error_messages={
            "required": _("Name the time zone. Example: “Europe/Berlin”."),
        },
    )
    conditions = ConditionsField(
        label=_("Conditions"),
        required=False,
        help_text=_(
            "Without conditions it is for everybody. Each “only for” must hold; one "
            "“not for” that holds lets the visitor past."
        ),
    )

    class Meta:
        model = RedirectRule
        fields = [
            "name",
            "enabled",
            "match",
            "path",
            "status",
            "query",
            "priority",
            "cache_seconds",
            "note",
            *SPLIT_FIELDS,
        ]
        labels = {"sticky": _("Who gets the same page again")}
        help_texts = {
            "path": _("What visitors ask for, as the browser shows it: “/shop/”."),
            "match": _(
                "With “*”, the target calls the first part “{1}”. To take only "
                "numbers and give them a name, write “&lt;int:year&gt;” for “*”, and "
                "“{year}” in the target."
            ),
            "sticky": _(
                "With several destinations: how a visitor who comes back is "
                "recognised, to see the same page as before."
            ),
            "query": _("What stands behind the “?” of the visitor’s address."),
        }
        widgets = {
            "path": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "note": forms.Textarea(attrs={"rows": 3, "cols": 60}),
        }
        error_messages = {
            "name": {"required": _("Give the rule a name. Example: “pricing-test”.")},
            "path": {"required": _("Type the path to redirect. Example: “/shop/”.")},
            "priority": {"required": _("Type a whole number. Usual is 0.")},
            "cache_seconds": {"required": _("Type a whole number. Usual is 0.")},
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        rule = options.get("instance")
        known = _stored(rule) if rule else usual_times()
        options["initial"] = {**known, **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.rule: Rule | None = None
        self.notes: list[str] = []

    def clean(self) -> dict[str, Any]:
        """Have the core judge the whole document, and show its problems in place."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._split_address(cleaned)
        self.refuse_own_addresses(self.typed_addresses(cleaned))
        self._keep_prefilled_end(cleaned)
        self.require_end(cleaned)
        self.refuse_taken_name(cleaned.get("name", ""))
        try:
            rule = parse_document(self._document(cleaned))
            self._refuse_past_end(rule.schedule)
            self.show_shares(rule)
            if not self.errors:
                refuse_loops(RedirectRule.objects.all(), rule)
        except ValidationError as refused:
            self.show_all(refused)
        else:
            self.refuse_conflict(dump(rule))
            if not self.errors:
                self.ask_about_moves(rule)
            self.rule = None if self.errors else rule
        return cleaned

    def _post_clean(self) -> None:
        """Take what the core made of the form; the row was not touched before."""
        if self.rule is None:
            return
        self._note_clock_changes()
        self.instance.take(self.rule)
        try:
            self.instance.clean_fields(exclude=["name_key"])
        except ValidationError as refused:
            self.show_all(refused)

    def _split_address(self, cleaned: dict[str, Any]) -> None:
        """Take a whole address apart: its host goes to the hosts, its path stays."""
        typed = cleaned.get("path", "")
        address = WHOLE_ADDRESS.match(typed)
        if not address or "hosts" not in cleaned:
            return
        host = normal_host(*reversed(address[0].split("://", 1)))
        if cleaned["hosts"] not in ([], [host]):
            return  # the core says what to do
        cleaned["hosts"] = [host]
        cleaned["path"] = typed[address.end() :] or "/"
        note = gettext("“%(typed)s” was taken apart: path “%(path)s”, host “%(host)s”.")
        self.notes.append(
            note % {"typed": typed, "path": cleaned["path"], "host": host}
        )

    def _keep_prefilled_end(self, cleaned: dict[str, Any]) -> None:
        """Keep an end that nobody typed the same moment where the zone is another."""
        end, timezone = cleaned.get("ends_at"), cleaned.get("timezone", "")
        changed = {"ends_at", "timezone"} & {*self.changed_data}
        if not self.instance._state.adding or not end or changed != {"timezone"}:
            return
        before = self.data.get(self["timezone"].html_initial_name, "")
        try:
            at = parse_moment(end, before)
            zone(timezone)
        except Refused:  # the core says what is wrong
            return
        cleaned["ends_at"] = wall_text(at, timezone)
        self.data = self.data.copy()  # what a browser sent is not written to
        self.data[self.add_prefix("ends_at")] = cleaned["ends_at"]

    def _refuse_past_end(self, schedule: Schedule) -> None:
        """Refuse an end that is over already, unless it is the one that is stored."""
        ends, now = schedule.ends, time() // 1
        is_stored = ends == as_seconds(self.instance.ends_at)
        if ends is None or ends > now or is_stored or schedule.recurrence:
            return
        try:  # without a start it starts now
            Schedule(schedule.starts or now, ends, schedule.timezone)
        except Refused as refused:
            self.refuse("ends_at", str(refused))
            return
        text = gettext("The end (%(end)s) must come after this moment (%(now)s).")
        facts = {"end": schedule.shown(ends), "now": schedule.shown(now)}
        self.refuse("ends_at", text % facts)

    def _document(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Return what was typed as document; an unreadable field has its error."""
        rows = cleaned.get("conditions", [])
        return {
            **{field: cleaned[field] for field in _PLAIN if field in cleaned},
            "id": str(self.instance.pk),
            "name": cleaned.get("name", ""),
            "path": cleaned.get("path", ""),
            **self.split_keys(cleaned),
            "conditions": [_fact(row) for row in rows if not row["excepts"]],
            "unless": [_fact(row) for row in rows if row["excepts"]],
            "schedule": self.schedule_keys(
                cleaned, {bound: self._wall_time(bound, cleaned) for bound in _BOUNDS}
            ),
        }

    def _wall_time(self, bound: str, cleaned: dict[str, Any]) -> str | None:
        """Return a bound as typed; to the microsecond as stored where it was not."""
        at: datetime | None = getattr(self.instance, bound)
        is_same = (
            bound not in self.changed_data
            and cleaned.get("timezone") == self.instance.timezone
        )
        if at and cleaned.get(bound) and is_same:
            stored: str | None = stored_schedule(self.instance).get(bound)
            return stored
        return cleaned.get(bound) or None

    def _note_clock_changes(self) -> None:
        for bound in _BOUNDS:
            typed = self.cleaned_data[bound]
            if typed and bound in self.changed_data:
                note = clock_note(typed, self.cleaned_data["timezone"])
                self.notes.extend([note] if note else [])

    def show(self, place: str, sentences: list[str]) -> None:
        """Show what is wrong in a place of the document at the field or row for it."""
        row = _ROW.match(place)
        if row:
            self._show_in_row(row[1] == "unless", int(row[2]), sentences)
            sentences = [gettext("Correct the condition that is marked.")]
        super().show(place, sentences)

    def _show_in_row(self, excepts: bool, at: int, sentences: list[str]) -> None:
        rows: list[Row] = self["conditions"].value()
        numbers = [
            number for number, row in enumerate(rows) if bool(row["excepts"]) == excepts
        ]
        row = rows[numbers[at]]
        if not row["kind"]:
            text = gettext("Choose what “%(value)s” is about.")
            sentences = [text % {"value": row["value"]}]
        problems = self.fields["conditions"].widget.problems
        problems.setdefault(numbers[at], []).extend(sentences)


def _fact(row: Row) -> dict[str, str]:
    return {"kind": row["kind"], "value": row["value"]}


def _stored(rule: RedirectRule) -> dict[str, Any]:
    """Return what the form shows of a stored rule, sound or not."""
    fields = records.unpack(rule.to_record())
    groups = [("", fields["conditions"]), ("1", fields["unless"])]
    return {
        **stored_split(rule),
        "starts_at": wall_text(fields["starts"], fields["timezone"]),
        "ends_at": wall_text(fields["ends"], fields["timezone"]),
        "until_switched_off": fields["ends"] is None,
        **stored_repeat(rule),
        "conditions": [
            {"excepts": excepts, "kind": kind, "value": value}
            for excepts, group in groups
            for kind, value in group
        ],
    }
