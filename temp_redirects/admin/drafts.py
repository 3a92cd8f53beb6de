"""Drafts: what is typed in a rule's form, tested before anybody saves it."""

from time import time
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin import displays
from temp_redirects.admin.explaining import ExplainingAdmin, found
from temp_redirects.admin.rehearsals import METHODS, RehearsalForm
from temp_redirects.admin.timelines import shown_timeline
from temp_redirects.core.descriptions import sentence
from temp_redirects.core.rules import Rule
from temp_redirects.core.timelines import WEEK, timeline
from temp_redirects.explanations import with_draft
from temp_redirects.neighbours import sample_visit
from temp_redirects.store import store

TEST = "_test"  # the button that posts the form to be looked at
PREFIX = "test"  # of the fields that tell the request


class DraftRehearsalForm(RehearsalForm):
    """The request for a draft; left empty, one that the draft itself is for."""

    def __init__(
        self, request: HttpRequest, asked: QueryDict | None, rule: Rule | None = None
    ) -> None:
        super().__init__(request, asked, prefix=PREFIX)
        self._rule = rule
        self.fields["url"].required = False
        self.fields["url"].help_text = _("Empty means one that this rule is for.")
        self.fields["method"].required = False
        methods = [(each, each) for each in METHODS]
        choices = [("", _("One that this rule is for")), *methods]
        self.fields["method"].choices = choices  # type: ignore[attr-defined]
        self.initial["method"] = ""

    def clean_url(self) -> str:
        """Return the address, else one that the draft is for."""
        typed: str = self.cleaned_data["url"]
        if typed or self._rule is None:
            return typed
        return displays.address(self._rule, self.request)

    def clean_method(self) -> str:
        """Return the method, else one that the draft is for."""
        named = self._rule.methods.names if self._rule else ()
        typed: str = self.cleaned_data["method"]
        return typed or next(iter(named), "GET")


class DraftingAdmin(ExplainingAdmin):
    """Tests what is typed: nothing is saved, and the form keeps its input.

    The form has ``rule``, what the core made of it.
    """

    def beside(self, request: HttpRequest, form: Any, obj: Any) -> dict[str, Any]:
        """Return the answer on a draft too, and the question for the next."""
        shown = super().beside(request, form, obj)
        if obj is None or self.has_change_permission(request, obj):
            shown["draft"] = _draft(request, form)
        return shown


def _draft(request: HttpRequest, form: Any) -> dict[str, Any]:
    is_tested = TEST in request.POST
    rule = getattr(form, "rule", None) if is_tested else None
    asked = DraftRehearsalForm(request, request.POST if is_tested else None, rule)
    shown: dict[str, Any] = {"form": asked, "is_tested": is_tested}
    if rule is None or not asked.is_valid():
        return shown
    return {
        **shown,
        "sentence": sentence(rule),
        "advice": displays.advice_for(rule),
        "found": found(asked, draft=rule),
    }


def week_of(rule: Rule, url: str) -> dict[str, Any]:
    """Return the next seven days of the path of a stored rule, whoever answers there.

    *url* is the address of its test, for links to any moment.
    """
    now, visit = time(), sample_visit(rule)
    ruleset = with_draft(store.newest(), rule)
    return shown_timeline(
        timeline(ruleset, visit, now, now + WEEK),
        lambda at: f"{url}&at={displays.wall_at(at)}",
    )
