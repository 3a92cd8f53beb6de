"""Template tags for the admin’s own pages: ``{% load temp_redirects_admin %}``."""

from collections.abc import Iterator
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timesince import timeuntil
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.dashboards import (
    ENDS,
    MOST,
    Attention,
    Dashboard,
    Edge,
    Looping,
    look,
)
from temp_redirects.findings import Finding

register = template.Library()

VIEW = "temp_redirects.view_redirectrule"
CHANGE = "temp_redirects.change_redirectrule"
PROBLEMS = {
    "rejected": _("switched off by an error"),
    "loop": _("sends visitors round and round"),
    "dead_target": _("leads nowhere"),
    "never_reached": _("never reached"),
    "for_nobody": _("acts for nobody"),
    "protected": _("on a protected path"),
}


@register.inclusion_tag("temp_redirects/admin/dashboard.html", takes_context=True)
def temp_redirects_dashboard(context: dict[str, Any]) -> dict[str, Any]:
    """Show what is live, what comes next and what needs somebody.

    To everybody who may see the rules. Needs the context processor ``request``.
    """
    user = context["request"].user
    if not (user.has_perm(VIEW) or user.has_perm(CHANGE)):
        return {"board": None}
    board = look()
    return {
        "board": board,
        "at": localtime(board.at),
        "zone": str(get_current_timezone()),
        "next": [_edge(edge, board) for edge in board.next],
        "problems": list(_problems(board.attention)),
        "left_out": max(len(board.attention.findings) - MOST, 0),
        "busiest": [
            {"name": name, "hits": hits, "url": _url("redirectrule", "change", rule)}
            for name, rule, hits in board.busiest
        ],
        "looping": [_looping(each) for each in board.looping],
        "rules_url": _url("redirectrule", "changelist"),
        "windows_url": _url("maintenancewindow", "changelist"),
        "test_url": _url("redirectrule", "test"),
        "calendar_url": _url("redirectrule", "calendar"),
    }


def _url(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:temp_redirects_{model}_{page}", args=args)


def _edge(edge: Edge, board: Dashboard) -> dict[str, Any]:
    """Return a moment that comes, with the time until then as words."""
    text = (
        gettext("“%(name)s” ends in %(time)s")
        if edge.what == ENDS
        else gettext("“%(name)s” starts in %(time)s")
    )
    away = timeuntil(edge.at, board.at, depth=2)
    return {
        "text": text % {"name": edge.row.name, "time": away},
        "at": localtime(edge.at),
        "url": _url(edge.row._meta.model_name, "change", edge.row.pk),
    }


def _looping(found: Looping) -> dict[str, Any]:
    """Return a rule whose visitors come back, with what happens in words."""
    text = ngettext(
        "comes back: a visitor was sent in a circle %(count)d time within 24 hours, "
        "and then shown the page. What is at its target, or on the way there, "
        "redirects back.",
        "comes back: visitors were sent in a circle %(count)d times within 24 hours, "
        "and then shown the page. What is at its target, or on the way there, "
        "redirects back.",
        found.day,
    )
    return {
        "name": found.name,
        "text": text % {"count": found.day},
        "at": localtime(found.last),
        "url": _url("redirectrule", "change", found.rule),
    }


def _problems(attention: Attention) -> Iterator[dict[str, Any]]:
    for each in attention.findings[:MOST]:
        yield {
            "name": each.rule,
            "word": PROBLEMS.get(each.code, each.code),
            "sentence": each.sentence,
            "url": _found_at(each),
        }


def _found_at(finding: Finding) -> str:
    """Return the list searched for the name: no query for each."""
    model = "redirectrule" if finding.kind == "rule" else "maintenancewindow"
    return f"{_url(model, 'changelist')}?{urlencode({'q': finding.rule})}"
