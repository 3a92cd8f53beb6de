"""The form of a maintenance window: one document, judged as a whole by the core."""

import re
from datetime import date, datetime
from itertools import count
from time import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import EndInput, ListField, WallTimeInput, ZoneInput
from temp_redirects.admin.planned import PlannedForm, usual_times
from temp_redirects.admin.spans import FOLDS, chosen, phrase, which_is_meant
from temp_redirects.admin.times import clock_note, local_time, wall_text
from temp_redirects.core.documents import MAX_NAME
from temp_redirects.core.schedules import Schedule, parse_moment
from temp_redirects.core.sentences import Refused
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.columns import as_seconds
from temp_redirects.models.windows import parse_window

_FIELDS = {  # place in the document: field, where the names differ
    "schedule.starts_at": "starts_at",
    "schedule.ends_at": "ends_at",
    "schedule.timezone": "timezone",
    "path": "paths",
    "unless": "pass_addresses",
}
_PLAIN = (  # fields of the form that stand in the document as they are
    "enabled",
    "title",
    "message",
    "paths",
    "except_paths",
    "hosts",
    "target",
    "staff_pass",
    "pass_addresses",
    "api",
    "priority",
)
_WHICH = {"starts_at": "starts_which", "ends_at": "ends_which"}
# The widest window, where nobody has chosen.
_WIDEST = {"starts_at": FOLDS[0], "ends_at": FOLDS[1]}
_WORDS = 3  # paths that a made name is of


def _choice(label: Any) -> forms.ChoiceField:
    """Return the choice between two moments, hidden while there is none to make."""
    return forms.ChoiceField(
        label=label, required=False, choices=[], widget=forms.HiddenInput
    )


class MaintenanceWindowForm(PlannedForm):
    """A maintenance window on one form.

    Start and end are wall times in the window's own zone. ``window`` is what the core
    made of a valid form, and ``notes`` what it changed on the way.
    """

    open_end = _("Until I end it")

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_(
            "What you call it; part of the notice’s address: “shop-update”. Empty: "
            "made of the paths."
        ),
    )
    paths = ListField(
        separator="\n",
        label=_("Paths"),
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=_(
            "What is closed, one a line, each with everything under it: “/shop/”. The "
            "whole site is “/”; the admin and sign-in always stay open."
        ),
        error_messages={
            "required": _("Say which paths are closed. Example: “/shop/”."),
        },
    )
    starts_at = forms.CharField(
        label=_("Starts"),
        required=False,
        show_hidden_initial=True,  # tells what was typed from what changed meanwhile
        widget=WallTimeInput,
        help_text=_("The first moment visitors see the notice. Empty means at once."),
    )
    starts_which = _choice(_("Which start"))
    ends_at = forms.CharField(
        label=_("Ends"),
        required=False,
        show_hidden_initial=True,
        widget=EndInput,
        help_text=_("From this moment on visitors see the pages again."),
    )
    ends_which = _choice(_("Which end"))
    until_switched_off = forms.BooleanField(
        label=open_end,
        required=False,
        show_hidden_initial=True,
        help_text=_("It has no end: “End now” brings the pages back."),
    )
    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        show_hidden_initial=True,
        widget=ZoneInput,
        help_text=_("The clock that start and end are read from: “Europe/Berlin”."),
        error_messages={
            "required": _("Name the time zone. Example: “Europe/Berlin”."),
        },
    )
    except_paths = ListField(
        separator="\n",
        label=_("Except"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=_("Paths that stay open, one a line, with everything under them."),
    )
    hosts = ListField(
        separator=",",
        label=_("Hosts"),
        required=False,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=_(
            "Only on these, separated by commas: “shop.example, *.example.org”. Empty "
            "means every host."
        ),
    )
    pass_addresses = ListField(
        separator="\n",
        label=_("Networks that pass"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=_("Addresses or networks, one a line: “192.0.2.0/24”."),
    )

    class Meta:
        model = MaintenanceWindow
        fields = [
            "name",
            "enabled",
            "title",
            "message",
            "target",
            "staff_pass",
            "api",
            "priority",
        ]
        widgets = {
            "title": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "target": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "message": forms.Textarea(attrs={"rows": 3, "cols": 60}),
        }
        error_messages = {
            "priority": {"required": _("Type a whole number. Usual is 1000.")},
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        row = options.get("instance")
        known = _stored(row) if row else usual_times()
        options["initial"] = {**known, **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.window: Window | None = None
        self.notes: list[str] = []
        for bound in _WHICH:
            self._offer(bound)
        self._show_span()

    def clean(self) -> dict[str, Any]:
        """Have the core judge the whole document, and show its problems in place."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.require_end(cleaned)
        for bound in _WHICH:
            self._require_choice(bound, cleaned)
        self._refuse_same_day(cleaned)
        name = cleaned.get("name") or free_name(cleaned.get("paths", []))
        self._refuse_taken_name(name)
        try:
            window = parse_window(self._document(cleaned, name))
        except ValidationError as refused:
            for place, sentences in refused.message_dict.items():
                self._show(place, sentences)
        else:
            self.window = None if self.errors else window
        return cleaned

    def _post_clean(self) -> None:
        """Take what the core made of the form; the row was not touched before."""
        if self.window is None:
            return
        for bound in _WHICH:
            self._note_gap(bound)
        self.instance.take(self.window)

    def _typed(self, name: str) -> str:
        """Return what the form shows in a field."""
        return str(self[name].value() or "").strip()

    def _offer(self, bound: str) -> None:
        """Offer the choice where clocks show the time twice."""
        moments = which_is_meant(self._typed(bound), self._typed("timezone"))
        if moments:
            field = self.fields[_WHICH[bound]]
            field.choices = moments  # type: ignore[attr-defined]
            field.widget = forms.RadioSelect(choices=moments)
            field.initial = _WIDEST[bound]

    def _show_span(self) -> None:
        """Show beside the end what start and end mean on other clocks, and how long."""
        texts = {bound: self._typed(bound) for bound in _WHICH}
        if self._typed("until_switched_off") in {"on", "True"}:
            texts["ends_at"] = ""
        timezone = self._typed("timezone")
        try:
            bounds = {
                bound: parse_moment(self._with_choice(bound, text, timezone), timezone)
                for bound, text in texts.items()
            }
            shown = phrase(Schedule(bounds["starts_at"], bounds["ends_at"], timezone))
        except Refused:
            return
        self["ends_at"].help_text = f"{shown}."

    def _with_choice(self, bound: str, text: str, timezone: str) -> str | None:
        """Return a wall time with the offset that was chosen, where it needs one."""
        which = _WHICH[bound]
        if text and which_is_meant(text, timezone):
            fold = self._typed(which)
            fold = fold if fold in FOLDS else _WIDEST[bound]
            return chosen(text, timezone, fold)
        return text or None

    def _require_choice(self, bound: str, cleaned: dict[str, Any]) -> None:
        """Ask which moment is meant before anything is stored."""
        text, which = cleaned.get(bound, ""), _WHICH[bound]
        if not which_is_meant(text, cleaned.get("timezone", "")):
            self.errors.pop(which, None)
            return
        if not cleaned.get(which):
            self.errors.pop(which, None)
            question = gettext(
                "Clocks in %(zone)s are put back that night and show %(time)s twice: "
                "choose which one is meant."
            )
            facts = {"zone": cleaned["timezone"], "time": text[11:16]}
            self.refuse(which, question % facts)
            typed = {key: self.data[key] for key in self.data}
            self.data = {**typed, self.add_prefix(which): _WIDEST[bound]}

    def _refuse_same_day(self, cleaned: dict[str, Any]) -> None:
        """Name the fix for “22:00 to 02:00” typed with one date."""
        try:
            starts, ends = (
                datetime.fromisoformat(cleaned.get(bound) or "") for bound in _WHICH
            )
        except ValueError:
            return
        if starts.date() != ends.date() or ends.time() >= starts.time():
            return
        text = gettext(
            "The end, %(end)s, comes before the start, %(start)s. If it is in the "
            "night that follows, choose the next day: “%(next)s”."
        )
        # By number, because the last day there is has no next one.
        following = date.fromordinal(min(ends.toordinal() + 1, date.max.toordinal()))
        facts = {
            "end": f"{ends:%H:%M}",
            "start": f"{starts:%H:%M}",
            "next": f"{following.isoformat()}T{ends:%H:%M}",
        }
        self.refuse("ends_at", text % facts)

    def _refuse_taken_name(self, name: str) -> None:
        taken: Any = MaintenanceWindow.objects.named(name)
        text = gettext(
            "There is a maintenance window “%(name)s” already (capitals make no "
            "difference). Example of another name: “%(name)s 2”."
        )
        if taken is None or taken.pk == self.instance.pk:
            taken = RedirectRule.objects.named(name)
            text = gettext(
                "There is a rule “%(name)s” already (capitals make no difference). "
                "Example of another name: “%(name)s 2”."
            )
        if taken:
            self.refuse("name", text % {"name": taken.name})

    def _document(self, cleaned: dict[str, Any], name: str) -> dict[str, Any]:
        """Return what was typed as document; an unreadable field has its error."""
        return {
            **{field: cleaned[field] for field in _PLAIN if field in cleaned},
            "id": str(self.instance.pk),
            "name": name,
            "schedule": {
                "timezone": cleaned.get("timezone", ""),
                **{bound: self._wall_time(bound, cleaned) for bound in _WHICH},
            },
        }

    def _wall_time(self, bound: str, cleaned: dict[str, Any]) -> str | None:
        """Return a bound as typed; as stored where nobody typed there.

        An empty start is this moment, unless the window has none already: then it is
        on since long ago.
        """
        text, timezone = cleaned.get(bound, ""), cleaned.get("timezone", "")
        asked = {bound, _WHICH[bound], "timezone"}
        asked |= {"until_switched_off"} if bound == "ends_at" else set()
        if not self.instance._state.adding and not asked & {*self.changed_data}:
            at = as_seconds(getattr(self.instance, bound))
            return (
                None
                if at is None
                else local_time(at, self.instance.timezone).isoformat()
            )
        if not text and bound == "starts_at":
            return local_time(time() // 1, timezone).isoformat()
        return self._with_choice(bound, text, timezone)

    def _note_gap(self, bound: str) -> None:
        """Say what a clock change made of a time that it leaves out."""
        text, timezone = self.cleaned_data[bound], self.cleaned_data["timezone"]
        if text and not which_is_meant(text, timezone):
            note = clock_note(text, timezone)
            self.notes.extend([note] if note else [])

    def _show(self, place: str, sentences: list[str]) -> None:
        """Show what is wrong in a place of the document at the field for it."""
        field = place.partition("[")[0]
        field = _FIELDS.get(field, field)
        for sentence in sentences:
            self.refuse(field if field in self.fields else None, sentence)


def free_name(paths: list[str]) -> str:
    """Return a name made of the paths that neither a window nor a rule has."""
    words = [re.sub(r"[^\w.]+", "-", path).strip("-") for path in paths[:_WORDS]]
    stem = "-".join(filter(None, words))[: MAX_NAME - 10] or gettext("site")
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(
        name
        for name in names
        if not MaintenanceWindow.objects.named(name)
        and not RedirectRule.objects.named(name)
    )


def _stored(row: MaintenanceWindow) -> dict[str, Any]:
    """Return what the form shows of a stored window, sound or not."""
    texts: dict[str, Any] = {}
    for bound, which in _WHICH.items():
        at = as_seconds(getattr(row, bound))
        text = wall_text(at, row.timezone)
        naive = re.sub(r"[+-][0-9:]{5}$", "", text)
        if at is not None and which_is_meant(naive, row.timezone):
            texts[which] = str(local_time(at, row.timezone).fold)
            text = naive
        texts[bound] = text
    return {
        **texts,
        "timezone": row.timezone,
        "paths": row.paths,
        "except_paths": row.except_paths,
        "hosts": row.hosts,
        "pass_addresses": row.pass_addresses,
        "until_switched_off": row.ends_at is None,
    }
