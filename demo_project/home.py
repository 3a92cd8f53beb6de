"""The shop's front page."""

from collections.abc import Iterable
from typing import TypeAlias

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from demo_project import conf
from demo_project.catalogue import PRODUCTS
from demo_project.stories import Story, stories
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.columns import as_moment

Made: TypeAlias = RedirectRule | MaintenanceWindow  # by staff, in the admin


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the shelf, and each redirect with what to try."""
    origin = f"{request.scheme}://{request.get_host()}"
    told = stories(origin, conf.current().partner_origin)
    context = {"products": PRODUCTS, "stories": with_rules(told)}
    return render(request, "demo_project/home.html", context)


def with_rules(told: Iterable[Story]) -> list[dict[str, object]]:
    """Put each story beside its rule and the rule's state, for staff may change it."""
    rules: dict[str, Made] = {rule.name: rule for rule in RedirectRule.objects.all()}
    rules |= {window.name: window for window in MaintenanceWindow.objects.all()}
    return [beside(story, rules.get(story.rule)) for story in told]


def beside(story: Story, rule: Made | None) -> dict[str, object]:
    """Return what the page shows of one story."""
    state = rule.state() if rule else "removed"
    found = rule.current_or_next() if rule else None
    model = "maintenancewindow" if story.is_window else "redirectrule"
    return {
        "story": story,
        "rule": rule,
        "state": "live" if state == "on" else state,
        "ends": as_moment(found.ends if found else None),
        "list": f"admin:temp_redirects_{model}_changelist",
        "form": f"admin:temp_redirects_{model}_change",
    }
