"""The form that asks “what would become of this request?”, for any page to show."""

from collections.abc import Mapping
from time import time
from typing import Any

from django import forms
from django.contrib.auth import get_permission_codename, get_user_model
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import ListField, WallTimeInput
from temp_redirects.core.agents import AGENTS
from temp_redirects.core.schedules import parse_moment
from temp_redirects.core.sentences import Refused
from temp_redirects.rehearsals import Rehearsal
from temp_redirects.requests import RequestVisit
from temp_redirects.sites import site_timezone

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
USUAL = {"method": "GET", "device": "windows"}


class RehearsalForm(forms.Form):
    """A request as people tell it; what is not asked for is as it usually is.

    A valid one has its ``visit``, and in ``moment`` when, seconds since the epoch.
    """

    url = forms.CharField(
        label=_("Address"),
        strip=True,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "class": "vLargeTextField", "size": 60}
        ),
        help_text=_(
            "Paste what stands in the browser’s address bar, or a path: “/shop/”."
        ),
        error_messages={
            "required": _("Type the address to test. Example: “/shop/”."),
        },
    )
    method = forms.ChoiceField(
        label=_("Method"), choices=[(each, each) for each in METHODS]
    )
    at = forms.CharField(
        label=_("Time"),
        required=False,
        widget=WallTimeInput,
    )
    country = forms.CharField(
        label=_("Country"),
        required=False,
        help_text=_("A code or a name: “AT”, “Austria”. Empty means unknown."),
    )
    language = forms.CharField(
        label=_("Language"),
        required=False,
        help_text=_("Best first: “de, en”. Empty means none is told."),
    )
    device = forms.ChoiceField(
        label=_("Sent by"),
        required=False,
        choices=[
            *((name, agent.label) for name, agent in AGENTS.items()),
            ("", _("Nothing that says its name")),
        ],
    )
    user = forms.CharField(
        label=_("Signed in as"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("A user’s name. Empty means nobody is."),
    )
    visitor = forms.CharField(
        label=_("Visitor"),
        required=False,
        help_text=_(
            "The id in the visitor’s cookie, by which a split chooses. Empty means "
            "somebody new each time."
        ),
    )
    address = forms.CharField(
        label=_("IP address"),
        required=False,
        help_text=_("Who connects: “192.0.2.7”. Headers of a trusted proxy count."),
    )
    cookies = ListField(
        separator="\n",
        label=_("Cookies"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 40}),
        help_text=_("One a line: “beta=yes”."),
    )
    headers = ListField(
        separator="\n",
        label=_("Headers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 40}),
        help_text=_("One a line: “X-Beta: yes”."),
    )
    more = ("country", "language", "user", "visitor", "address", "cookies", "headers")

    def __init__(
        self,
        request: HttpRequest,
        asked: QueryDict | None,
        *,
        prefix: str | None = None,
    ) -> None:
        self.request = request
        data = None if asked is None else _with_usual(asked, prefix)
        super().__init__(data, prefix=prefix, initial={**USUAL})
        self.visit: RequestVisit | None = None
        self.moment = time()
        self.fields["at"].help_text = _("In %(zone)s. Empty means now.") % {
            "zone": site_timezone()
        }

    def clean_user(self) -> str:
        """Return who is signed in; what becomes of others tells who they are."""
        name: str = self.cleaned_data["user"]
        users = get_user_model()._meta
        may_see = f"{users.app_label}.{get_permission_codename('view', users)}"
        asker: Any = self.request.user
        if name and name != asker.get_username() and not asker.has_perm(may_see):
            raise forms.ValidationError(
                _("You may only ask about yourself: you may not see other users.")
            )
        return name

    def clean(self) -> dict[str, Any]:
        """Have the request made; what makes none is told at its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._read_moment(cleaned.pop("at", ""))
        if "url" in cleaned:
            cleaned["url"] = self._whole(cleaned["url"])
        for name, value in list(cleaned.items()):
            alone = {"url": "/", name: value}
            try:
                Rehearsal(**alone).visit()
            except Refused as refused:
                self.add_error(name, str(refused))
        if not self.errors:
            self.visit = Rehearsal(**cleaned).visit()
        return cleaned

    @property
    def has_more(self) -> bool:
        """Whether anything is told beside the address, the method and the time."""
        return any(self[name].value() or self[name].errors for name in self.more)

    def _whole(self, url: str) -> str:
        """Return the address of a path, which is one of the site that is asked."""
        if url.startswith("/") and not url.startswith("//"):
            return f"{self.request.scheme}://{self.request.get_host()}{url}"
        return url

    def _read_moment(self, typed: str) -> None:
        if not typed:
            return
        try:
            self.moment = parse_moment(typed, site_timezone()) or self.moment
        except Refused as refused:
            self.add_error("at", str(refused))


def _with_usual(asked: QueryDict, prefix: str | None) -> Mapping[str, Any]:
    """Return what is asked, with the usual where a link does not say."""
    data = asked.copy()
    for name, value in USUAL.items():
        data.setdefault(f"{prefix}-{name}" if prefix else name, value)
    return data
