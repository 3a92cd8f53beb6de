"""When a maintenance window is: start and end as wall times of its own zone."""

import re
from datetime import date, datetime
from time import time
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import EndInput, WallTimeInput, ZoneInput
from temp_redirects.admin.repeats import RepeatingForm
from temp_redirects.admin.spans import FOLDS, chosen, phrase, which_is_meant
from temp_redirects.admin.times import clock_note, local_time, wall_text
from temp_redirects.core.schedules import Schedule, parse_moment
from temp_redirects.core.sentences import Refused
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.columns import as_seconds

WHICH = {"starts_at": "starts_which", "ends_at": "ends_which"}
# The widest window, where nobody has chosen.
_WIDEST = {"starts_at": FOLDS[0], "ends_at": FOLDS[1]}


def _choice(label: Any) -> forms.ChoiceField:
    """Return the choice between two moments, hidden while there is none to make."""
    return forms.ChoiceField(
        label=label, required=False, choices=[], widget=forms.HiddenInput
    )


class TimesForm(RepeatingForm):
    """Start, end and zone; where clocks show a time twice it offers the choice.

    ``notes`` are what clock changes made of what was typed.
    """

    open_end = _("Until I end it")

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

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.notes: list[str] = []
        for bound in WHICH:
            self._offer(bound)
        self._show_span()

    def _typed(self, name: str) -> str:
        """Return what the form shows in a field."""
        return str(self[name].value() or "").strip()

    def _offer(self, bound: str) -> None:
        """Offer the choice where clocks show the time twice."""
        moments = which_is_meant(self._typed(bound), self._typed("timezone"))
        if moments:
            field = self.fields[WHICH[bound]]
            field.choices = moments  # type: ignore[attr-defined]
            field.widget = forms.RadioSelect(choices=moments)
            field.initial = _WIDEST[bound]

    def _show_span(self) -> None:
        """Show beside the end what start and end mean on other clocks, and how long."""
        texts = {bound: self._typed(bound) for bound in WHICH}
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
        which = WHICH[bound]
        if text and which_is_meant(text, timezone):
            fold = self._typed(which)
            fold = fold if fold in FOLDS else _WIDEST[bound]
            return chosen(text, timezone, fold)
        return text or None

    def require_choice(self, bound: str, cleaned: dict[str, Any]) -> None:
        """Ask which moment is meant before anything is stored."""
        text, which = cleaned.get(bound, ""), WHICH[bound]
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
            self.data = self.data.copy()  # with each of several values
            self.data[self.add_prefix(which)] = _WIDEST[bound]

    def refuse_same_day(self, cleaned: dict[str, Any]) -> None:
        """Name the fix for “22:00 to 02:00” typed with one date."""
        try:
            starts, ends = (
                datetime.fromisoformat(cleaned.get(bound) or "") for bound in WHICH
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

    def wall_time(self, bound: str, cleaned: dict[str, Any]) -> str | None:
        """Return a bound as typed; as stored where nobody typed there.

        An empty start is this moment, unless the window has none already: then it is
        on since long ago.
        """
        text, timezone = cleaned.get(bound, ""), cleaned.get("timezone", "")
        asked = {bound, WHICH[bound], "timezone"}
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

    def note_gap(self, bound: str) -> None:
        """Say what a clock change made of a time that it leaves out."""
        text, timezone = self.cleaned_data[bound], self.cleaned_data["timezone"]
        if text and not which_is_meant(text, timezone):
            note = clock_note(text, timezone)
            self.notes.extend([note] if note else [])


def stored_times(row: MaintenanceWindow) -> dict[str, Any]:
    """Return what the form shows of a stored window's times, sound or not."""
    texts: dict[str, Any] = {}
    for bound, which in WHICH.items():
        at = as_seconds(getattr(row, bound))
        text = wall_text(at, row.timezone)
        naive = re.sub(r"[+-][0-9:]{5}$", "", text)
        if at is not None and which_is_meant(naive, row.timezone):
            texts[which] = str(local_time(at, row.timezone).fold)
            text = naive
        texts[bound] = text
    is_open = row.ends_at is None
    return {**texts, "timezone": row.timezone, "until_switched_off": is_open}
