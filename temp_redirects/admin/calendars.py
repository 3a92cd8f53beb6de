"""The calendar: a week or a month of all rules and maintenance windows."""

from datetime import date
from time import time
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import ZoneInput
from temp_redirects.admin.lanes import drawn
from temp_redirects.admin.recorded import visible_kinds
from temp_redirects.admin.times import local_time
from temp_redirects.admin.verbs import VerbAdmin
from temp_redirects.agendas import MODELS, agenda
from temp_redirects.core.periods import KINDS, MONTH, WEEK, Period
from temp_redirects.core.schedules import zone
from temp_redirects.core.sentences import Refused
from temp_redirects.sites import site_timezone


class CalendarForm(forms.Form):
    """Which days of whose clock, and of which path; empty is what is usual."""

    show = forms.ChoiceField(
        label=_("Show"), choices=[(WEEK, _("Week")), (MONTH, _("Month"))]
    )
    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    zone = forms.CharField(label=_("Time zone"), widget=ZoneInput)
    path = forms.CharField(
        label=_("Path"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "/shop/"}),
    )

    def clean_zone(self) -> str:
        """Refuse what is no time zone."""
        name: str = self.cleaned_data["zone"]
        try:
            zone(name)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return name


class CalendarPage(VerbAdmin):
    """Has the calendar, for everybody who may see rules or maintenance windows."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        view = self.admin_site.admin_view(self.calendar_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_calendar"
        return [path("calendar/", view, name=name), *super().get_urls()]

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """Show the period that the query tells, else the present week."""
        kinds = MODELS.keys() & set(visible_kinds(request))
        if not kinds:
            raise PermissionDenied
        now = time()
        usual = {
            "show": WEEK,
            "day": local_time(now, site_timezone()).date().isoformat(),
            "zone": site_timezone(),
            "path": "",
        }
        asked = {key: request.GET[key] for key in usual if request.GET.get(key)}
        form = CalendarForm({**usual, **asked})
        chosen = {**usual, **(form.cleaned_data if form.is_valid() else {})}
        period = Period.around(
            chosen["show"],
            date.fromisoformat(str(chosen["day"])),
            chosen["zone"],
            week_starts=_week_starts(),
        )
        since, *_between, until = period.midnights
        found = agenda(since, until, now, kinds=kinds, path=chosen["path"])
        context = {
            **self.admin_site.each_context(request),
            **drawn(found, period, now, self.admin_site.name),
            "title": _("Calendar"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "agenda": found,
            "heading": _heading(period),
            "zone": period.timezone,
            "links": _links(period, chosen, now),
            "may_list": self.has_view_or_change_permission(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "temp_redirects/admin/calendar.html", context)


def calendar_url(site: str) -> str:
    """Return the address of the calendar, if there is one."""
    try:
        return reverse("admin:temp_redirects_redirectrule_calendar", current_app=site)
    except NoReverseMatch:  # a project's own admin without the rules
        return ""


def _week_starts() -> int:
    """Return the first day of the week in the reader's language; Monday is 0."""
    return (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7


def _heading(period: Period) -> str:
    if period.kind == MONTH:
        return date_format(period.first, "F Y")
    facts = {
        "first": date_format(period.days[0], "j F Y"),
        "last": date_format(period.days[-1], "j F Y"),
    }
    return gettext("%(first)s to %(last)s") % facts


def _links(period: Period, chosen: dict[str, Any], now: float) -> dict[str, Any]:
    """Return the ways to other periods; they keep what is chosen."""

    def link(**other: Any) -> str:
        asked = {**chosen, **other}
        return f"?{urlencode({key: each for key, each in asked.items() if each})}"

    today = local_time(now, period.timezone).date()
    return {
        "earlier": link(day=period.earlier),
        "later": link(day=period.later),
        "today": link(day=today),
        "kinds": [
            {"kind": kind, "url": link(show=kind), "is_shown": kind == period.kind}
            for kind in KINDS
        ],
    }
