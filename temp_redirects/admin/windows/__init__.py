"""Maintenance windows in the admin: the list, the form, and what is said on saving."""

from contextlib import suppress
from time import time
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin import ahead, silences
from temp_redirects.admin.calendars import calendar_url
from temp_redirects.admin.displays import test_url
from temp_redirects.admin.exports import ExportAdmin
from temp_redirects.admin.filters import EndFilter
from temp_redirects.admin.recorded import may
from temp_redirects.admin.repeats import REPEAT_FIELDSET
from temp_redirects.admin.windows import displays
from temp_redirects.admin.windows.filters import StateFilter
from temp_redirects.admin.windows.forms import MaintenanceWindowForm
from temp_redirects.admin.windows.links import PassLinks
from temp_redirects.admin.windows.presets import Preset, presets
from temp_redirects.core.sentences import Refused
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.history import RULE
from temp_redirects.sites import site_timezone

PRESET = "preset"  # the parameter of the link to a prefilled form
PLAIN = "text/plain; charset=utf-8"


class MaintenanceWindowAdmin(ahead.AheadAdmin, ExportAdmin, PassLinks):
    """Where staff schedule maintenance."""

    form = MaintenanceWindowForm
    list_display = ["state", "title_of", "covered", "when", "passes"]
    list_display_links = ["title_of"]
    list_filter = [StateFilter, EndFilter]
    search_fields = ["name", "paths", "title", "message"]
    search_help_text = _("In names, paths, titles and messages.")
    ordering = ["name_key"]
    actions = [*PassLinks.actions, "export_json"]
    fieldsets = [
        (None, {"fields": ["paths", "name"]}),
        (
            _("When"),
            {
                "fields": [
                    ("starts_at", "ends_at"),
                    "starts_which",
                    "ends_which",
                    "until_switched_off",
                    "timezone",
                ]
            },
        ),
        REPEAT_FIELDSET,
        (_("Notice"), {"fields": ["title", "message"]}),
        (_("Who still gets in"), {"fields": ["staff_pass", "pass_addresses"]}),
        (
            _("More"),
            {
                "classes": ["collapse"],
                "fields": [
                    "enabled",
                    "except_paths",
                    "hosts",
                    "target",
                    "api",
                    "priority",
                ],
            },
        ),
    ]
    read_fieldsets = [
        (None, {"fields": ["name", "state", "paths", "except_paths", "hosts"]}),
        (_("When"), {"fields": ["when"]}),
        (_("Notice"), {"fields": ["title", "message"]}),
        (_("Who still gets in"), {"fields": ["passes"]}),
        (_("More"), {"fields": ["target", "api", "priority"]}),
    ]

    class Media:
        css = {"all": ["temp_redirects/admin.css"]}
        js = ["temp_redirects/admin.js"]

    def get_urls(self) -> list[URLPattern]:
        """Add the address that says what typed times mean."""
        view = self.admin_site.admin_view(self.span_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_span"
        return [path("span/", view, name=name), *super().get_urls()]

    def span_view(self, request: HttpRequest) -> HttpResponse:
        """Return what the form says beside the end about the times in the query."""
        if not self.has_module_permission(request):
            raise PermissionDenied
        form = self.form(initial=request.GET.dict())
        return HttpResponse(str(form["ends_at"].help_text), content_type=PLAIN)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, in which is marked what a kill switch stops."""
        changelist = super().get_changelist_instance(request)
        page = list(changelist.result_list)
        silences.mark(page, is_window=True)
        changelist.result_list = page
        return changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Show the list, with the ways to the calendar and to test a URL."""
        shown = {
            "test_url": test_url() if self._may_test(request) else "",
            "calendar_url": calendar_url(self.admin_site.name),
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def _may_test(self, request: HttpRequest) -> bool:
        """Say whether there is the page that tests a URL, and the user may see it."""
        return self.admin_site.is_registered(RedirectRule) and (
            may(request, "view", RULE) or may(request, "change", RULE)
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in what the link says, and the times of its preset."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        wanted = initial.pop(PRESET, "")
        for preset in _presets(request):
            if preset.key == wanted:
                initial |= preset.fields
        return initial

    def beside(self, request: HttpRequest, form: Any, obj: Any) -> dict[str, Any]:
        """Return what the stored window does, and what can be done, too."""
        shown = super().beside(request, form, obj)
        if obj is None:
            return {**shown, "presets": _presets(request)}
        stored = MaintenanceWindow.objects.get(pk=obj.pk)
        shown["summary"] = displays.summary(stored, request)
        shown["verbs"] = self.verbs_for(request, stored)
        if self._may_test(request):
            shown["test_url"] = displays.test_url(stored)
        if self.may(request, "change", stored) and stored.state() != "ended":
            shown["link_url"] = self.url_of(stored, "link")
        return shown

    def tell_saved(self, request: HttpRequest, obj: MaintenanceWindow) -> None:
        """Say what happens now, and what can be done."""
        row = MaintenanceWindow.objects.get(pk=obj.pk)
        summary = displays.summary(row, request)
        verbs = [
            {"label": str(verb.label), "url": self.url_of(row, verb.name)}
            for verb in self.verbs_for(request, row)
            if verb.name in {"end", "cancel", "resume", "extend", "skip"}
        ]
        if self.may(request, "change", row) and summary.get("state") != "ended":
            url = self.url_of(row, "link")
            verbs.append({"label": gettext("Pass link"), "url": url})
        if self._may_test(request):
            verbs.insert(0, {"label": gettext("Test"), "url": displays.test_url(row)})
        self.message_user(request, displays.saved_message(summary, verbs))
        self.tell_advice(request, summary["advice"])

    @admin.display(description=_("state"))
    def state(self, row: MaintenanceWindow) -> SafeString:
        """Show the state as icon and word, and why an error switched it off."""
        return silences.told(row, row.state()) or displays.state_badge(row)

    @admin.display(description=_("name"), ordering="name_key")
    def title_of(self, row: MaintenanceWindow) -> str:
        """Show the name."""
        return row.name

    @admin.display(description=_("paths"), ordering="paths")
    def covered(self, row: MaintenanceWindow) -> SafeString:
        """Show what is closed."""
        return displays.covered(row)

    @admin.display(description=_("when"), ordering="starts_at")
    def when(self, row: MaintenanceWindow) -> SafeString:
        """Show the times with their zone."""
        return ahead.times(row) if row.recurrence else displays.times(row)

    @admin.display(description=_("who passes"))
    def passes(self, row: MaintenanceWindow) -> str:
        """Show who passes."""
        return displays.passes(row)


def _presets(request: HttpRequest) -> list[Preset]:
    """Return the presets on the clocks of the zone in the query, else of the site."""
    with suppress(Refused):
        return list(presets(time(), request.GET.get("timezone") or site_timezone()))
    return []  # no zone: the form says so
