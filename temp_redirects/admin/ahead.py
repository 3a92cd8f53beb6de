"""Times ahead: when something that repeats is next, and what clocks make of it."""

from time import time
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin import displays
from temp_redirects.admin.repeats import PREVIEW
from temp_redirects.admin.saved import SavedAdmin
from temp_redirects.admin.spans import phrase, span, when
from temp_redirects.admin.times import local_time
from temp_redirects.admin.verbs import Verb, VerbAdmin
from temp_redirects.core.schedules import Occurrence, Schedule
from temp_redirects.core.schedules.controls import coming
from temp_redirects.core.schedules.previews import next_times, unusual_times
from temp_redirects.core.schedules.words import remarks
from temp_redirects.core.sentences import Refused

SKIP = "skip"


def skip_verb(states: set[str]) -> Verb:
    """Return the verb that leaves out the next time, offered in these states."""
    return Verb(
        SKIP,
        _("Skip the next one"),
        _("The next time is left out. The ones after it stay as they are."),
        "change",
        frozenset(states),
    )


class AheadAdmin(SavedAdmin, VerbAdmin):
    """Shows the next times of what is stored, or of what is typed and not saved.

    ``looks`` are the buttons that only look at what is typed: the form they post is a
    draft, which is never saved.
    """

    looks: ClassVar[frozenset[str]] = frozenset({PREVIEW})

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Return the form, a draft where it is only looked at, for this host."""
        form: Any = super().get_form(request, *args, **options)
        form.is_draft = not self.looks.isdisjoint(request.POST)
        form.own_host = request.get_host()
        return form

    def beside(self, request: HttpRequest, form: Any, obj: Any) -> dict[str, Any]:
        """Return the times ahead, too."""
        schedule = _schedule_of(form) if form.is_bound else _stored(obj)
        ahead = times_ahead(schedule, is_typed=form.is_bound)
        ahead["may_preview"] = obj is None or self.has_change_permission(request, obj)
        return {**super().beside(request, form, obj), "ahead": ahead}

    def verbs_for(self, request: HttpRequest, row: Any) -> list[Verb]:
        """Return the verbs that fit; what repeats begins by itself.

        Between two of its times there is nothing to end.
        """
        hidden = {SKIP}
        if row.recurrence:
            hidden = {"start"} if _coming(row) else {"start", SKIP}
            hidden |= {"end"} if row.state() == "scheduled" else set()
        verbs = super().verbs_for(request, row)
        return [verb for verb in verbs if verb.name not in hidden]

    @admin.action(
        description=_("Skip the next time of what is selected"), permissions=["change"]
    )
    def skip(self, request: HttpRequest, queryset: Any) -> None:
        """Leave the next time out, and say which one that was."""
        found = [(row, _coming(row)) for row in queryset.repeating()]
        rows = [row for row, skipped in found if skipped]
        queryset.skip_next()
        self.log(request, rows, gettext("Skipped the next time."))
        for row, skipped in found:
            if skipped:
                text = gettext("“%(name)s” is skipped once: %(span)s.")
                facts = {"name": row.name, "span": span(row.schedule().only(skipped))}
                self.message_user(request, text % facts, messages.SUCCESS)
        if not rows:
            nothing = gettext("Nothing to skip: none of what is selected comes again.")
            self.message_user(request, nothing, messages.WARNING)


def _coming(row: Any) -> Occurrence | None:
    schedule = _stored(row)
    return coming(schedule, time()) if schedule else None


def _schedule_of(form: Any) -> Schedule | None:
    compiled = getattr(form, "rule", None) or getattr(form, "window", None)
    return compiled.schedule if compiled else None


def _stored(row: Any) -> Schedule | None:
    try:
        schedule: Schedule | None = row.schedule() if row else None
    except Refused:  # the summary says why
        return None
    return schedule


def times(row: Any) -> SafeString:
    """Return how a stored row repeats, and the time that is on or comes next."""
    schedule = _stored(row)
    if schedule is None:
        return SafeString("")
    now, more = time(), []
    found = schedule.occurrence(now)
    if found is not None and found.starts is not None:
        is_on = found.starts <= now
        text = gettext("on: %(span)s") if is_on else gettext("next: %(span)s")
        more.append(text % {"span": span(schedule.only(found))})
        bounds = [
            None if at is None else local_time(at, schedule.timezone)
            for at in (found.starts, found.ends)
        ]
        more.append(displays.distance(*bounds))
    return displays.with_more(when(schedule), *filter(None, more))


def times_ahead(schedule: Schedule | None, *, is_typed: bool) -> dict[str, Any]:
    """Return what the form shows of the times ahead, of what is typed or stored."""
    if schedule is None:
        return {"is_typed": is_typed}
    now = time()
    return {
        "is_typed": is_typed,
        "when": when(schedule),
        "next": [_line(schedule, each) for each in next_times(schedule, now)],
        "unusual": [_line(schedule, each) for each in unusual_times(schedule, now)],
        "is_known": True,
        "repeats": schedule.recurrence is not None,
    }


def _line(schedule: Schedule, found: Occurrence) -> dict[str, Any]:
    said = [str(each) for each in remarks(schedule, found)]
    return {"span": _span(schedule.only(found)), "remarks": " ".join(said)}


def _span(schedule: Schedule) -> str:
    """Return when one of the times is, both of its ends said."""
    if schedule.ends is None:
        return phrase(schedule)
    if schedule.starts is None:
        return gettext("now to %(span)s") % {"span": span(schedule)}
    return span(schedule)
