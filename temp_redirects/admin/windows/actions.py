"""What is done to maintenance windows from the list and from the buttons of one."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.db import router
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone as django_timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.ahead import skip_verb
from temp_redirects.admin.verbs import Verb, VerbAdmin
from temp_redirects.admin.windows.displays import state_badge
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.versions import writing
from temp_redirects.models.windows import MaintenanceWindowQuerySet, parse_window

HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
_ALL = frozenset({"on", "scheduled", "off", "ended", "rejected"})

VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "end",
            _("End now"),
            _("Visitors see the pages again from this moment on."),
            "change",
            frozenset({"on"}),
        ),
        Verb(
            "extend",
            _("Extend by 30 minutes"),
            _("The pages come back half an hour later than planned."),
            "publish",
            frozenset({"on", "scheduled"}),
        ),
        Verb(
            "extend_hour",
            _("Extend by an hour"),
            _("The pages come back an hour later than planned."),
            "publish",
            frozenset({"on", "scheduled"}),
        ),
        Verb(
            "start",
            _("Start now"),
            _("Visitors see the notice from this moment on. The end stays as it is."),
            "publish",
            frozenset({"scheduled", "off"}),
        ),
        Verb(
            "cancel",
            _("Cancel"),
            _("It is switched off and will not begin; its times stay as they are."),
            "change",
            frozenset({"scheduled", "rejected"}),
        ),
        skip_verb({"on", "scheduled"}),
        Verb(
            "resume",
            _("Switch on"),
            _("It happens at its times again."),
            "publish",
            frozenset({"off"}),
        ),
        Verb(
            "duplicate",
            _("Duplicate"),
            _("The copy has another name and is off until you switch it on."),
            "add",
            _ALL,
        ),
        Verb(
            "revoke",
            _("Revoke all links"),
            _("No pass link given out for this window opens anything any more."),
            "change",
            _ALL - {"ended"},
        ),
    )
}


class WindowActions(VerbAdmin):
    """The actions of the list, and the same for one window under an address each."""

    verbs = VERBS
    badge_of = state_badge
    actions = [
        "start",
        "end",
        "extend",
        "extend_hour",
        "skip",
        "cancel",
        "resume",
        "duplicate",
    ]

    def verbs_for(self, request: HttpRequest, row: MaintenanceWindow) -> list[Verb]:
        """Return the verbs that fit; without an end there is none to move."""
        hidden = {"revoke"}  # stands beside the links
        if row.ends_at is None:
            hidden |= {"extend", "extend_hour"}
        verbs = super().verbs_for(request, row)
        return [verb for verb in verbs if verb.name not in hidden]

    @admin.action(description=_("Start selected windows now"), permissions=["publish"])
    def start(self, request: HttpRequest, queryset: MaintenanceWindowQuerySet) -> None:
        """Begin now, with the end that is planned; say why for those that cannot."""
        now = _now()
        waiting = [row for row in queryset if row.state(now) in {"scheduled", "off"}]
        rows = [row for row in waiting if self._started(request, row, now)]
        self.log(request, rows, gettext("Started."))
        if rows or not waiting:
            self.tell(
                request,
                len(rows),
                lambda n: ngettext("%d window started.", "%d windows started.", n),
                gettext("Nothing to start: what is selected is on or over already."),
            )

    @admin.action(description=_("End selected windows now"), permissions=["change"])
    def end(self, request: HttpRequest, queryset: MaintenanceWindowQuerySet) -> None:
        """Give the windows that are on an end: this moment."""
        now = _now()
        rows = list(queryset.on(now))
        _those(rows).end(now)
        self.log(request, rows, gettext("Ended."))
        self.tell(
            request,
            len(rows),
            lambda n: ngettext(
                "%d window ended: visitors see the pages again.",
                "%d windows ended: visitors see the pages again.",
                n,
            ),
            gettext("Nothing to end: none of what is selected is on."),
        )

    @admin.action(
        description=_("Extend selected windows by 30 minutes"), permissions=["publish"]
    )
    def extend(self, request: HttpRequest, queryset: MaintenanceWindowQuerySet) -> None:
        """Move the ends by half an hour."""
        self._extend(request, queryset, HALF_HOUR, gettext("30 minutes"))

    @admin.action(
        description=_("Extend selected windows by an hour"), permissions=["publish"]
    )
    def extend_hour(
        self, request: HttpRequest, queryset: MaintenanceWindowQuerySet
    ) -> None:
        """Move the ends by an hour."""
        self._extend(request, queryset, HOUR, gettext("an hour"))

    @admin.action(description=_("Cancel selected windows"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: MaintenanceWindowQuerySet) -> None:
        """Switch off what has not begun, and what an error switches off anyway."""
        states = {"scheduled", "rejected"}
        rows = [row for row in queryset if row.state() in states]
        _those(rows).update(enabled=False)
        self.log(request, rows, gettext("Cancelled."))
        self.tell(
            request,
            len(rows),
            lambda n: ngettext(
                "%d window cancelled. “Switch on” takes that back.",
                "%d windows cancelled. “Switch on” takes that back.",
                n,
            ),
            gettext(
                "Nothing to cancel: none of what is selected is scheduled. What is on "
                "can be ended."
            ),
        )

    @admin.action(description=_("Switch on selected windows"), permissions=["publish"])
    def resume(self, request: HttpRequest, queryset: MaintenanceWindowQuerySet) -> None:
        """Switch on what could be saved so today; say why for the others."""
        waiting = [row for row in queryset if row.state() == "off"]
        rows = [row for row in waiting if self._resumed(request, row)]
        self.log(request, rows, gettext("Switched on."))
        if rows or not waiting:
            self.tell(
                request,
                len(rows),
                lambda n: ngettext(
                    "%d window switched on.", "%d windows switched on.", n
                ),
                gettext("Nothing to switch on: none of what is selected is off."),
            )

    @admin.action(description=_("Duplicate selected windows"), permissions=["add"])
    def duplicate(
        self, request: HttpRequest, queryset: MaintenanceWindowQuerySet
    ) -> HttpResponse | None:
        """Make a copy of each that is off; a single one is opened."""
        copies = [row.duplicate() for row in queryset]
        self.log(request, copies, gettext("Made as a copy."), ADDITION)
        text = ngettext(
            "%d window duplicated. The copy is off: change its times, then switch it "
            "on.",
            "%d windows duplicated. The copies are off: change their times, then "
            "switch them on.",
            len(copies),
        )
        self.message_user(request, text % len(copies), messages.SUCCESS)
        if len(copies) == 1:
            return HttpResponseRedirect(self.url_of(copies[0]))
        return None

    def revoke(self, request: HttpRequest, queryset: MaintenanceWindowQuerySet) -> None:
        """Make every pass link given out useless."""
        rows = list(queryset)
        for row in rows:
            row.revoke_passes()
        self.log(request, rows, gettext("Revoked all pass links."))
        text = gettext("All pass links are revoked: nobody passes with them any more.")
        self.message_user(request, text, messages.SUCCESS)

    def _extend(
        self,
        request: HttpRequest,
        queryset: MaintenanceWindowQuerySet,
        by: timedelta,
        shown: str,
    ) -> None:
        now = django_timezone.now()
        waiting = list(queryset.extendable(now))
        rows = [row for row in waiting if self._extended(request, row, by, now)]
        self.log(request, rows, gettext("Extended by %(time)s.") % {"time": shown})
        if rows:
            text = ngettext(
                "%(count)d window extended by %(time)s.",
                "%(count)d windows extended by %(time)s.",
                len(rows),
            )
            text %= {"count": len(rows), "time": shown}
            self.message_user(request, text, messages.SUCCESS)
        elif not waiting:
            text = gettext(
                "Nothing to extend: none of what is selected is on or scheduled "
                "and has an end."
            )
            self.message_user(request, text, messages.WARNING)

    def _started(
        self, request: HttpRequest, row: MaintenanceWindow, now: datetime
    ) -> bool:
        """Begin at once; say whether that was done, else tell why not."""
        text = gettext("“%(window)s” stays off. %(reason)s")
        reason = gettext("It repeats: switched on, it begins by itself at its times.")
        if row.enabled:
            text = gettext("“%(window)s” begins as planned. %(reason)s")
            reason = gettext("It repeats and begins by itself at its times.")
        if row.recurrence:
            self._refuse(request, row, text, reason)
            return False
        return self._change(
            request, row, lambda: row.started(now), lambda rows: rows.start(now), text
        )

    def _resumed(self, request: HttpRequest, row: MaintenanceWindow) -> bool:
        """Switch on; say whether that was done, else tell why not."""
        return self._change(
            request,
            row,
            lambda: row.to_document() | {"enabled": True},
            lambda rows: rows.update(enabled=True),
            gettext("“%(window)s” stays off. %(reason)s"),
        )

    def _extended(
        self, request: HttpRequest, row: MaintenanceWindow, by: timedelta, now: datetime
    ) -> bool:
        """Move the end; say whether that was done, else tell why not."""
        return self._change(
            request,
            row,
            lambda: row.extended(by, now),
            lambda rows: rows.extend(by, now),
            gettext("“%(window)s” keeps its end. %(reason)s"),
        )

    def _change(
        self,
        request: HttpRequest,
        row: MaintenanceWindow,
        document: Callable[[], dict[str, Any]],
        change: Callable[[MaintenanceWindowQuerySet], int],
        text: str,
    ) -> bool:
        """Change a window whose document could be saved so, while other writers wait.

        Say whether it was changed; *text* tells why not.
        """
        using = router.db_for_write(MaintenanceWindow)
        with writing(using):
            try:
                parse_window(document(), using)
            except (ValidationError, ValueError) as refused:
                reasons = getattr(refused, "messages", [str(refused)])
                self._refuse(request, row, text, " ".join(reasons))
                return False
            return bool(change(_those([row])))

    def _refuse(
        self, request: HttpRequest, row: MaintenanceWindow, text: str, reason: str
    ) -> None:
        text %= {"window": row.name, "reason": reason}
        self.message_user(request, text, messages.ERROR)


def _now() -> datetime:
    return django_timezone.now().replace(microsecond=0)  # people read the end


def _those(rows: Iterable[Any]) -> MaintenanceWindowQuerySet:
    return MaintenanceWindow.objects.filter(pk__in=[row.pk for row in rows])
