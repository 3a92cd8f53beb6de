"""Pass links: made on request, shown once, good until a moment."""

from time import time
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.spans import phrase
from temp_redirects.admin.windows.actions import WindowActions
from temp_redirects.core.schedules import Schedule
from temp_redirects.models import MaintenanceWindow
from temp_redirects.signing import sign_pass

MINUTE = 60  # seconds
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNTIL_END = "end"
LASTS = [
    (str(HOUR), _("1 hour")),
    (str(DAY), _("1 day")),
    (UNTIL_END, _("Until the end of the window")),
]


class LinkForm(forms.Form):
    """How long a pass link is good."""

    lasts = forms.ChoiceField(
        label=_("Good for"), choices=LASTS, widget=forms.RadioSelect, initial=HOUR
    )

    def __init__(self, row: MaintenanceWindow, *args: Any) -> None:
        super().__init__(*args)
        found = row.current_or_next()
        self._ends = found and found.ends
        if self._ends is None:  # no end to be good until
            self.fields["lasts"].choices = LASTS[:-1]  # type: ignore[attr-defined]

    def expires(self) -> float:
        """Return until when the link is good, in seconds."""
        lasts = self.cleaned_data["lasts"]
        if lasts == UNTIL_END and self._ends is not None:
            return self._ends
        return -(-(time() + int(lasts)) // MINUTE) * MINUTE  # people read it


class PassLinks(WindowActions):
    """Adds the page that makes pass links."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page's address."""
        view = self.admin_site.admin_view(self.link_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_link"
        return [path("<path:object_id>/link/", view, name=name), *super().get_urls()]

    def link_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how long a link is good; when that is posted, show it once."""
        row = self.row_of(request, object_id)
        if not self.may(request, "change", row):
            raise PermissionDenied
        context: dict[str, Any] = {"title": gettext("Pass link")}
        form = LinkForm(row, request.POST or None)
        if form.is_valid():
            expires = form.expires()
            link = _link(request, row, expires)
            context["link"] = link
            until = phrase(Schedule(None, expires, row.timezone))
            context["until"] = until
            told = gettext("Made a pass link. %(until)s.") % {"until": until}
            self.log(request, [row], told)
        context |= {"form": form, "revoke_url": self.url_of(row, "revoke")}
        template = "temp_redirects/admin/link.html"
        return self.page(request, row, template, context)


def _link(request: HttpRequest, row: MaintenanceWindow, expires: float) -> str:
    token = sign_pass(row.pass_key, expires=expires)
    try:
        return request.build_absolute_uri(reverse("temp_redirects:pass", args=[token]))
    except NoReverseMatch:
        return ""
