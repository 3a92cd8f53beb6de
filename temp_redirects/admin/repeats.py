"""When a rule or a maintenance window comes again: plain words, or an RRULE."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import ListField
from temp_redirects.admin.planned import PlannedForm
from temp_redirects.core import documents
from temp_redirects.core.schedules import choices
from temp_redirects.core.schedules.choices import Choice, typed_end
from temp_redirects.core.schedules.repeats import MAX_INTERVAL, MAX_TEXT
from temp_redirects.core.sentences import Refused

PREVIEW = "_preview"  # the button that posts the form to see its times
DAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
NUMBERS = [
    (1, _("first")),
    (2, _("second")),
    (3, _("third")),
    (4, _("fourth")),
    (5, _("fifth")),
    (-1, _("last")),
]
OFTEN = [
    (choices.ONCE, _("Does not repeat")),
    (choices.DAILY, _("Every day")),
    (choices.WEEKLY, _("Every week")),
    (choices.MONTH_DAY, _("Every month, on a day of the month")),
    (choices.MONTH_WEEKDAY, _("Every month, on a weekday")),
    (choices.YEARLY, _("Every year")),
    (choices.RULE, _("By a rule (RRULE)")),
]
REPEAT_FIELDSET: Any = (
    _("Repeats"),
    {
        "classes": ["temp-redirects-repeats"],
        "description": _(
            "Start and end above are those of the first time. Each time begins at the "
            "same clock time and lasts as long."
        ),
        "fields": [
            ("repeat", "repeat_every"),
            "repeat_days",
            "repeat_month_day",
            ("repeat_number", "repeat_weekday"),
            "repeat_rule",
            "repeat_until",
            "repeat_except",
        ],
    },
)
_DETAILS = ("repeat_days", "repeat_until", "repeat_except", "repeat_rule")


def _month_days() -> list[tuple[int, Any]]:
    days = [(day, str(day)) for day in range(1, 32)]
    return [(0, _("as the start")), *days, (-1, _("the last day"))]


def _choice(label: Any, of: Any, help_text: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=of, coerce=int, required=False, help_text=help_text
    )


class RepeatingForm(PlannedForm):
    """Says how often something comes again, until when, and when not.

    A draft is looked at, never saved.
    """

    is_draft = False

    places: ClassVar[dict[str, str]] = PlannedForm.places | {
        "schedule.repeat": "repeat",
        "schedule.until": "repeat_until",
        "schedule.except": "repeat_except",
    }

    repeat = forms.ChoiceField(label=_("Repeats"), choices=OFTEN, required=False)
    repeat_every = forms.IntegerField(
        label=_("Every"),
        required=False,
        min_value=1,
        max_value=MAX_INTERVAL,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "vSmallField"}),
        help_text=_("2 is every second day, week, month or year."),
    )
    repeat_days = forms.TypedMultipleChoiceField(
        label=_("On"),
        choices=DAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Every week on these days. None means the weekday of the start."),
    )
    repeat_month_day = _choice(
        _("On day"),
        _month_days,
        _("Every month on this day; shorter months have none."),
    )
    repeat_number = _choice(_("On the"), NUMBERS)
    repeat_weekday = _choice(_("weekday"), DAYS, _("Of every month."))
    repeat_rule = forms.CharField(
        label=_("Rule"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=_(
            "An RRULE (RFC 5545) for what the choices above cannot say: "
            "“FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1”. DAILY, WEEKLY, MONTHLY or YEARLY."
        ),
    )
    repeat_until = forms.CharField(
        label=_("Until"),
        required=False,
        max_length=40,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The last day on which it may begin. Empty means for ever."),
    )
    repeat_except = ListField(
        separator="\n",
        label=_("Not on"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 20}),
        help_text=_("Days that are left out, one a line: “2026-12-27”."),
    )

    def is_valid(self) -> bool:
        """Say whether it may be saved; a draft may not, whatever stands in it."""
        return super().is_valid() and not self.is_draft

    def schedule_keys(
        self, cleaned: dict[str, Any], bounds: dict[str, str | None]
    ) -> dict[str, Any]:
        """Return the “schedule” of the document, with what was typed or is stored."""
        keys = {"timezone": cleaned.get("timezone", ""), **bounds}
        rule = self._chosen(cleaned).rule_text
        self._refuse_forgotten(cleaned, rule)
        if not rule:
            return keys
        ends = typed_end(
            keys["starts_at"] or "", keys["ends_at"] or "", keys["timezone"] or ""
        )
        return {
            **keys,
            "ends_at": ends or None,
            "repeat": rule,
            "until": cleaned.get("repeat_until") or None,
            "except": cleaned.get("repeat_except", []),
            "moved_ends": stored_schedule(self.instance).get("moved_ends", {}),
        }

    def _chosen(self, cleaned: dict[str, Any]) -> Choice:
        return Choice(
            often=cleaned.get("repeat", ""),
            every=cleaned.get("repeat_every") or 1,
            days=tuple(cleaned.get("repeat_days") or ()),
            month_day=cleaned.get("repeat_month_day") or 0,
            number=cleaned.get("repeat_number") or 1,
            weekday=cleaned.get("repeat_weekday") or 0,
            rule=cleaned.get("repeat_rule", ""),
        )

    def _refuse_forgotten(self, cleaned: dict[str, Any], rule: str) -> None:
        often = cleaned.get("repeat")
        if often == choices.RULE and not rule:
            self.refuse(
                "repeat_rule",
                gettext("Type the rule. Example: “FREQ=WEEKLY;BYDAY=SU”."),
            )
        elif often == choices.ONCE and any(cleaned.get(name) for name in _DETAILS):
            text = gettext("Choose how often it repeats, or empty what says when.")
            self.refuse("repeat", text)

    def show(self, place: str, sentences: list[str]) -> None:
        """Show what is wrong with a rule where it was typed."""
        is_typed = self.cleaned_data.get("repeat") == choices.RULE
        if place == "schedule.repeat" and is_typed:
            place = "repeat_rule"
        super().show(place, sentences)


def stored_schedule(row: Any) -> dict[str, Any]:
    """Return the “schedule” of a stored row’s document; empty if it cannot be read."""
    try:
        return documents.unpack_schedule(row.schedule_fields())
    except Refused:
        return {}


def stored_repeat(row: Any) -> dict[str, Any]:
    """Return what the form shows of how a stored row repeats."""
    schedule = stored_schedule(row)
    choice = Choice.of(schedule.get("repeat", ""))
    return {
        "repeat": choice.often,
        "repeat_every": choice.every,
        "repeat_days": list(choice.days),
        "repeat_month_day": choice.month_day,
        "repeat_number": choice.number,
        "repeat_weekday": choice.weekday,
        "repeat_rule": choice.rule,
        "repeat_until": schedule.get("until") or "",
        "repeat_except": "\n".join(schedule.get("except", [])),
    }
