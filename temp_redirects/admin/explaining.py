"""“Test a URL”: what would become of a request, and why, without sending it."""

from time import time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.displays import state_badge, wall_at
from temp_redirects.admin.rehearsals import RehearsalForm
from temp_redirects.admin.timelines import DAY, shown_timeline
from temp_redirects.admin.verbs import VerbAdmin
from temp_redirects.admin.windows.displays import state_badge as window_badge
from temp_redirects.core.conditions import KINDS
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Step
from temp_redirects.core.timelines import WEEK, timeline
from temp_redirects.explanations import (
    DECIDES,
    HOLDS,
    OFF,
    Explanation,
    Row,
    explain,
    with_draft,
)
from temp_redirects.interferences import interferences
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.columns import name_key
from temp_redirects.store import store

MAX_ROWS = 50  # rules that are shown for one address
HOUR = 60 * 60.0  # seconds
ICONS = {DECIDES: "➜", HOLDS: "✓", OFF: "‖"}  # else a cross
STEPS = {  # of a rule, beside its conditions
    "kill_switch": _("Kill switch"),
    "window": _("Time"),
    "method": _("Method"),
    "host": _("Host"),
    "except_paths": _("Except"),
    "protected": _("Protected paths"),
    "own_target": _("Its own target"),
    "own_url": _("Its own target"),
    "safe_target": _("Target"),
    "target": _("Target"),
    "known_country": _("Country"),
    "split": _("Split"),
    "original": _("Original page"),
}


class ExplainingAdmin(VerbAdmin):
    """Has the page that tests a URL, for everybody who may see the rules."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        view = self.admin_site.admin_view(self.test_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_test"
        return [path("test/", view, name=name), *super().get_urls()]

    def test_view(self, request: HttpRequest) -> HttpResponse:
        """Say what would become of the request that the query tells."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET
        form = RehearsalForm(request, asked or None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Test a URL"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "found": found(form, asked=asked) if form.is_valid() else None,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "temp_redirects/admin/test_url.html", context)


def found(
    form: RehearsalForm, draft: Rule | None = None, asked: QueryDict | None = None
) -> dict[str, Any]:
    """Return what the template says of a valid form; links repeat what is *asked*."""
    assert form.visit is not None  # noqa: S101
    explanation = explain(form.visit, form.moment, draft)
    ruleset = with_draft(store.newest(), draft)
    now = time()
    link = _Link(asked) if asked is not None else None
    return {
        "explanation": explanation,
        "at": _at(explanation.at),
        "way": explanation.way if _is_told(explanation) else [],
        "rows": _rows(explanation, draft),
        "left_out": max(len(explanation.rows) - MAX_ROWS, 0),
        "interferences": interferences(
            form.visit, explanation.decision, _others(explanation, draft)
        ),
        "timeline": shown_timeline(
            timeline(ruleset, form.visit, now, now + WEEK), link
        ),
        "steps": _steps_in_time(explanation.at, now, link) if link else [],
        "link": link(explanation.at) if link else "",
    }


def _others(explanation: Explanation, draft: Rule | None) -> list[Rule]:
    """Return the rules asked but the draft, of which its own advice tells."""
    own = draft.id if draft else None
    rules = [attempt.rule for attempt in explanation.trace]
    return [rule for rule in rules if rule is not None and rule.id != own]


class _Link:
    """Leads to the same question at another moment."""

    def __init__(self, asked: QueryDict) -> None:
        self._asked = asked.copy()

    def __call__(self, at: float | None) -> str:
        self._asked["at"] = "" if at is None else wall_at(at)
        return f"?{self._asked.urlencode()}"


def _at(at: float) -> str:
    return wall_at(at).replace("T", " ")


def _is_told(explanation: Explanation) -> bool:
    """Say whether the way says more than the answer does."""
    return len(explanation.chain.links) > 1 or explanation.chain.end == "loop"


def _steps_in_time(at: float, now: float, link: _Link) -> list[dict[str, str]]:
    """Return links through the next seven days, an hour or a day at a time."""
    steps = [
        (gettext("− 1 day"), at - DAY),
        (gettext("− 1 hour"), at - HOUR),
        (gettext("+ 1 hour"), at + HOUR),
        (gettext("+ 1 day"), at + DAY),
    ]
    found = [
        {"label": label, "url": link(moment)}
        for label, moment in steps
        if now - 1 <= moment <= now + WEEK
    ]
    return [{"label": gettext("Now"), "url": link(None)}, *found]


def _rows(explanation: Explanation, draft: Rule | None) -> list[dict[str, Any]]:
    rows = explanation.rows[:MAX_ROWS]
    known = _stored([row.attempt.name for row in rows])
    return [_row(row, known, draft) for row in rows]


def _row(row: Row, known: dict[str, Any], draft: Rule | None) -> dict[str, Any]:
    rule = row.attempt.rule
    is_draft = draft is not None and rule is not None and rule.id == draft.id
    facts = {} if is_draft else known.get(name_key(row.attempt.name), {})
    return {
        "name": row.attempt.name,
        "is_draft": is_draft,
        "is_off": row.code == OFF,
        "place": row.place,
        "icon": ICONS.get(row.code, "✗"),
        "code": row.code,
        "verdict": row.verdict,
        "turn": row.attempt.turn if (row.place or 0) > 1 else "",
        "problem": row.attempt.rejected,
        "steps": [_step(step) for step in row.attempt.steps],
        **facts,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "icon": "✓" if step.holds else "✗",
        "word": gettext("yes") if step.holds else gettext("no"),
        "holds": step.holds,
        "label": _label(step.code),
        "sentence": step.sentence,
    }


def _label(code: str) -> str:
    if code in STEPS:
        return str(STEPS[code])
    kind = code.removeprefix("unless_")
    label = str(KINDS[kind].label) if kind in KINDS else kind
    return gettext("Not for: %(kind)s") % {"kind": label} if kind != code else label


def _stored(names: list[str]) -> dict[str, Any]:
    """Return the state and the form's address of rules and windows, by their names."""
    keys = {name_key(name) for name in names}
    rules = RedirectRule.objects.prefetch_related("destinations", "conditions")
    kinds: list[tuple[Any, Any]] = [
        (rules, state_badge),
        (MaintenanceWindow.objects, window_badge),
    ]
    return {
        row.name_key: {
            "badge": badge(row),
            "url": reverse(
                f"admin:temp_redirects_{row._meta.model_name}_change", args=[row.pk]
            ),
        }
        for rows, badge in kinds
        for row in rows.filter(name_key__in=keys)
    }
