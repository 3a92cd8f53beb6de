"""What forms share whose object has a window of time, judged by the core."""

import re
from collections.abc import Mapping
from time import time
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import router
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.conflicts import (
    Conflict,
    compared,
    conflict_since,
    token,
)
from temp_redirects.admin.fields import ListField
from temp_redirects.admin.times import usual_end, wall_text
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import normal_host
from temp_redirects.core.targets import judge
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.querysets import lock_in_transaction
from temp_redirects.models.recording import current_origin
from temp_redirects.models.undoing import current_documents
from temp_redirects.sites import current_site, site_timezone

WHOLE_ADDRESS = re.compile(r"(https?)://([^/?#]+)", re.IGNORECASE)


class PlannedForm(forms.ModelForm):
    """Has ``starts_at``, ``ends_at`` and ``until_switched_off`` among its fields.

    ``places`` says which field a place in the document is, where the names differ.
    ``own_host`` is the host that the form is asked for on.
    """

    own_host = ""
    open_end: Any = _("Until I switch it off")
    places: ClassVar[dict[str, str]] = {
        "schedule.starts_at": "starts_at",
        "schedule.ends_at": "ends_at",
        "schedule.timezone": "timezone",
    }

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

    # The newest change of the row that the form shows, see `conflicts`.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conflict: Conflict | None = None
        origin = current_origin()
        if origin is not None and not origin.may_publish:
            self._keep_off()
        if not self.instance._state.adding and not self.is_bound:
            using = router.db_for_write(RedirectRule)
            self.initial["seen"] = token(using, self.instance.pk)

    def _keep_off(self) -> None:
        """Offer no switch to who may not publish."""
        switch = self.fields.get("enabled")
        if switch is None:  # who may only read has no fields
            return
        if self.instance._state.adding:
            self.initial["enabled"] = False
        switch.disabled = True
        switch.help_text = gettext("Somebody who may publish has to switch it on.")

    def refuse_conflict(self, typed: dict[str, Any]) -> None:
        """Tell who comes second what others saved meanwhile, and keep what is typed.

        Saving once more takes what is typed. Switching off always wins: what others
        switched off is not switched on by the way.
        """
        using = router.db_for_write(RedirectRule)
        lock_in_transaction(using)
        found = conflict_since(using, self.cleaned_data.get("seen", ""))
        if found is None:
            return
        conflict, now = found
        kind: str = self._meta.model.kind
        key = kind, UUID(now.partition(":")[0])
        stored = current_documents(using, [key])[key]
        if stored is not None:
            conflict.lines = compared(kind, stored, typed)
            if not conflict.lines:
                return  # both want the same
            conflict.switches_off = stored["enabled"] and not typed["enabled"]
        self.conflict = conflict
        self._remember(now)
        if conflict.is_off:
            self.data.pop(self.add_prefix("enabled"), None)
        self.add_error(None, _told(conflict))

    def remember(self) -> None:
        """Show the row as it is stored by now, when what is typed is sent again."""
        using = router.db_for_write(RedirectRule)
        self._remember(token(using, self.instance.pk))

    def _remember(self, seen: str) -> None:
        self.data: Any = self.data.copy()  # what a browser sent is not written to
        self.data[self.add_prefix("seen")] = seen

    def require_end(self, cleaned: dict[str, Any]) -> None:
        """See to it that an open end is chosen, never an accident."""
        end, is_open = cleaned.get("ends_at"), cleaned.get("until_switched_off")
        facts = {"end": end, "open": self.open_end}
        if not end and not is_open:
            text = gettext(
                "Say when it ends, for example “%(example)s”, or choose “%(open)s”."
            )
            self.refuse(
                "ends_at", text % {**facts, "example": usual_times()["ends_at"]}
            )
        elif end and is_open and "ends_at" in self.changed_data:
            text = gettext(
                "Both an end, “%(end)s”, and “%(open)s” are chosen. Empty the one that "
                "is wrong."
            )
            self.refuse("ends_at", text % facts)
        elif is_open:
            cleaned["ends_at"] = ""

    def refuse_own_addresses(self, typed: Mapping[str, str]) -> None:
        """Say of each address of this site, by its place, which path to type instead.

        A target may be an address where the core takes it.
        """
        for place, text in typed.items():
            address = WHOLE_ADDRESS.match(text)
            if not address or not self._is_own(address):
                continue
            path = text[address.end() :]
            if place.endswith("target"):
                if _is_allowed(address[0]):
                    continue
            else:
                path = re.split(r"[?#]", path)[0]
            sentence = gettext("“%(typed)s” is on this site: type “%(path)s”.")
            path = path if path.startswith("/") else f"/{path}"
            self.show(place, [sentence % {"typed": text, "path": path}])

    def _is_own(self, address: re.Match[str]) -> bool:
        scheme, host = address[1].lower(), address[2]
        return normal_host(host, scheme) == normal_host(self.own_host, scheme)

    def refuse_taken_name(self, name: str) -> None:
        """See to it that rules and maintenance windows have a name each.

        Others who save in this moment wait, so that the name is still free then.
        """
        lock_in_transaction(router.db_for_write(RedirectRule))
        for model, text in (
            (
                RedirectRule,
                gettext(
                    "There is a rule “%(name)s” already (capitals make no difference). "
                    "Example of another name: “%(name)s 2”."
                ),
            ),
            (
                MaintenanceWindow,
                gettext(
                    "There is a maintenance window “%(name)s” already (capitals make "
                    "no difference). Example of another name: “%(name)s 2”."
                ),
            ),
        ):
            taken = model.objects.named(name)
            if taken is not None and taken.pk != self.instance.pk:
                self.refuse("name", text % {"name": taken.name})

    def show_all(self, refused: ValidationError) -> None:
        """Show what is wrong with the document, each problem in its place."""
        for place, sentences in refused.message_dict.items():
            self.show(place, sentences)

    def show(self, place: str, sentences: list[str]) -> None:
        """Show what is wrong in a place of the document at the field for it."""
        field = place.partition("[")[0]
        field = self.places.get(field, field)
        for sentence in sentences:
            self.refuse(field if field in self.fields else None, sentence)

    def refuse(self, field: str | None, sentence: str) -> None:
        """Add an error where the field has none yet: one mistake, one message."""
        if field in self.errors:
            return
        if field and sentence[:1].islower():  # the core leaves the subject to its place
            sentence = f"“{self.fields[field].label}” {sentence}."
        self.add_error(field, sentence)


def _is_allowed(address: str) -> bool:
    """Say whether targets may be on the server of an address."""
    try:
        judge(address, current_site())
    except Refused:
        return False
    return True


def _told(conflict: Conflict) -> str:
    if conflict.is_deleted:
        text = gettext(
            "%(who)s deleted this at %(at)s, while you had it open. What you typed is "
            "kept here and not saved: “Save” makes a new one of it."
        )
    else:
        text = gettext(
            "%(who)s saved this at %(at)s, while you had it open. What you typed is "
            "kept here and not saved yet: “Save” now replaces what is stored."
        )
    return text % conflict.theirs[-1]


def usual_times() -> dict[str, Any]:
    """Return what a new object begins with: it ends by itself in some hours."""
    timezone = site_timezone()
    end = usual_end(time())
    return {"timezone": timezone, "ends_at": wall_text(end, timezone)}
