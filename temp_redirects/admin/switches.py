"""The kill switch in the admin: one page that says what is off, and switches."""

from datetime import datetime, timedelta
from time import time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import router
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone as django_timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from temp_redirects import conf
from temp_redirects.admin.recorded import ReadOnlyAdmin, by, may_kill
from temp_redirects.banner import told
from temp_redirects.core.switches import EVERYTHING
from temp_redirects.models import KillSwitch
from temp_redirects.models.switches import MAX_REASON, KillSwitchQuerySet, scopes

LASTS = [
    ("15", _("15 minutes")),
    ("60", _("1 hour")),
    ("", _("Until it is switched on again")),
]


class SwitchForm(forms.Form):
    """What to switch off, for how long, and why."""

    scope = forms.ChoiceField(
        label=_("Switch off"),
        choices=scopes,
        initial=EVERYTHING,
        widget=forms.RadioSelect,
    )
    host = forms.CharField(
        label=_("Which host"),
        required=False,
        max_length=255,
        help_text=_("Only where one host is switched off: “shop.example”."),
    )
    lasts = forms.ChoiceField(
        label=_("For"),
        choices=LASTS,
        initial="15",
        required=False,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Everybody in the admin sees it: “loop on /”."),
    )

    def save(self) -> KillSwitch:
        """Pull the switch; raises ValidationError for a host that is none."""
        typed = self.cleaned_data
        lasts = typed["lasts"]
        return _rows().pull(
            typed["scope"],
            host=typed["host"],
            ends_at=_after(int(lasts)) if lasts else None,
            reason=typed["reason"],
        )


class KillSwitchAdmin(ReadOnlyAdmin):
    """The page; everybody who sees rules sees it, and few may use it."""

    class Media:
        css = {"all": ["temp_redirects/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Have the page, and the address of its buttons."""
        views: list[tuple[str, Any, str]] = [
            ("", self.switch_view, "changelist"),
            ("<uuid:pk>/on/", require_POST(self.on_view), "on"),
        ]
        return [
            path(
                where,
                self.admin_site.admin_view(view),
                name=f"temp_redirects_killswitch_{name}",
            )
            for where, view, name in views
        ]

    def switch_view(self, request: HttpRequest) -> HttpResponse:
        """Say what is off; what is posted is switched off."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SwitchForm(request.POST or None)
        if request.method == "POST":
            if not may_kill(request):
                raise PermissionDenied
            if form.is_valid() and self._pulled(request, form):
                return HttpResponseRedirect(self._url())
        now = time()
        on = _rows().on(django_timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Kill switch"),
            "opts": self.opts,
            "media": self.media,
            "form": form if may_kill(request) else None,
            "is_disabled": not conf.current().ENABLED,
            "switches": [
                {"told": told(each.compile(), now), "url": self._url("on", each.pk)}
                for each in on
            ],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "temp_redirects/admin/switch.html", context)

    def _pulled(self, request: HttpRequest, form: SwitchForm) -> bool:
        with by(request):
            try:
                form.save()
            except ValidationError as refused:
                form.add_error("host", refused.message_dict["host"])
                return False
            self.message_user(request, gettext("It is switched off."), messages.SUCCESS)
        return True

    def on_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Switch on again."""
        if not may_kill(request):
            raise PermissionDenied
        with by(request):
            if _rows().filter(pk=pk).delete()[0]:
                text = gettext("It is switched on again.")
                self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self._url())

    def _url(self, what: str = "changelist", *args: Any) -> str:
        name = f"admin:temp_redirects_killswitch_{what}"
        return reverse(name, args=args, current_app=self.admin_site.name)


def _after(minutes: int) -> datetime:
    """Return the moment so many minutes from now, a full one: people read it."""
    ends = django_timezone.now() + timedelta(minutes=minutes)
    full = ends.replace(second=0, microsecond=0)
    return full if full == ends else full + timedelta(minutes=1)


def _rows() -> KillSwitchQuerySet:
    return KillSwitch.objects.using(router.db_for_write(KillSwitch))
