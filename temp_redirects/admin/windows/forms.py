"""The form of a maintenance window: one document, judged as a whole by the core."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import router
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import ListField
from temp_redirects.admin.planned import usual_times
from temp_redirects.admin.repeats import RepeatingForm, stored_repeat
from temp_redirects.admin.windows.names import free_name
from temp_redirects.admin.windows.times import WHICH, TimesForm, stored_times
from temp_redirects.core.documents import MAX_NAME, dump_window
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.windows import parse_window

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


class MaintenanceWindowForm(TimesForm):
    """A maintenance window on one form.

    Start and end are wall times in the window's own zone. ``window`` is what the core
    made of a valid form, and ``notes`` what it changed on the way.
    """

    places = RepeatingForm.places | {"path": "paths", "unless": "pass_addresses"}

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
    except_paths = ListField(
        separator="\n",
        label=_("Except"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=_("Paths that stay open, one a line, with everything under them."),
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

    def clean(self) -> dict[str, Any]:
        """Have the core judge the whole document, and show its problems in place."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.refuse_own_addresses(
            {f"paths[{at}]": text for at, text in enumerate(cleaned.get("paths", []))}
            | {"target": cleaned.get("target", "")}
        )
        self.require_end(cleaned)
        for bound in WHICH:
            self.require_choice(bound, cleaned)
        self.refuse_same_day(cleaned)
        name = cleaned.get("name") or free_name(cleaned.get("paths", []))
        self.refuse_taken_name(name)
        using = router.db_for_write(MaintenanceWindow)
        try:
            window = parse_window(self._document(cleaned, name), using)
        except ValidationError as refused:
            self.show_all(refused)
        else:
            self.refuse_conflict(dump_window(window))
            self.window = None if self.errors else window
        return cleaned

    def _post_clean(self) -> None:
        """Take what the core made of the form; the row was not touched before."""
        if self.window is None:
            return
        for bound in WHICH:
            self.note_gap(bound)
        self.instance.take(self.window)

    def _document(self, cleaned: dict[str, Any], name: str) -> dict[str, Any]:
        """Return what was typed as document; an unreadable field has its error."""
        return {
            **{field: cleaned[field] for field in _PLAIN if field in cleaned},
            "id": str(self.instance.pk),
            "name": name,
            "schedule": self.schedule_keys(
                cleaned, {bound: self.wall_time(bound, cleaned) for bound in WHICH}
            ),
        }


def _stored(row: MaintenanceWindow) -> dict[str, Any]:
    """Return what the form shows of a stored window, sound or not."""
    columns = ("paths", "except_paths", "hosts", "pass_addresses")
    times = stored_times(row) | stored_repeat(row)
    return times | {column: getattr(row, column) for column in columns}
