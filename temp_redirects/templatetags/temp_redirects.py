"""Template tags: ``{% load temp_redirects %}``."""

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.translation import gettext as _

from temp_redirects import clocks
from temp_redirects.core.preferences import COOKIE, chosen, is_choice
from temp_redirects.core.schedules import moment
from temp_redirects.core.upcoming import Planned
from temp_redirects.insertions import nonce_of
from temp_redirects.sites import static_url
from temp_redirects.upcoming import upcoming

register = template.Library()


@register.inclusion_tag("temp_redirects/stay_here.html", takes_context=True)
def stay_here(
    context: dict[str, Any], name: str, text: str = "", back: str = ""
) -> dict[str, Any]:
    """Show a button with which a visitor stays on this version, or no longer.

    Rules with “Not for”, “Chose to stay”, *name* respect it. *text* stands on the
    button, *back* on the one that takes the choice back. Needs the context processor
    ``request``.
    """
    if not is_choice(name):
        raise template.TemplateSyntaxError(
            f"stay_here: {name!r} is no choice’s name: letters, digits, “-” and “_”."
        )
    request = context["request"]
    stays = name in chosen(request.COOKIES.get(COOKIE))
    return {
        "name": name,
        "stays": stays,
        "next": request.get_full_path(),
        "csrf_token": get_token(request),
        "text": (
            back or _("Choose for me again")
            if stays
            else text or _("Stay on this version")
        ),
    }


@register.inclusion_tag("temp_redirects/upcoming.html", takes_context=True)
def upcoming_maintenance(
    context: dict[str, Any], minutes: float = 24 * 60
) -> dict[str, Any]:
    """Tell of maintenance that begins within so many *minutes*; a visitor may close it.

    It asks no database. Needs the context processor ``request``; without the app’s
    addresses it cannot be closed.
    """
    request = context.get("request")
    if request is None:
        return {}
    times = upcoming(request, minutes * 60, clocks.now())
    return {
        "times": [_shown(each) for each in times],
        "dismiss_url": _dismiss_url(),
        "next": request.get_full_path(),
        "stylesheet": static_url("temp_redirects/notice.css"),
        "csp_nonce": nonce_of(request),
    }


def _dismiss_url() -> str:
    try:
        return reverse("temp_redirects:dismiss")
    except NoReverseMatch:
        return ""


def _shown(each: Planned) -> dict[str, Any]:
    window, starts, ends = each.window, each.starts or 0.0, each.ends
    timezone = window.schedule.timezone
    first = moment(starts, timezone)
    shown = {
        "key": each.key,
        "title": window.title or _("Planned maintenance:"),
        "message": window.message,
        "timezone": timezone,
        "starts": formats.date_format(first, "DATETIME_FORMAT"),
        "starts_iso": moment(starts, "UTC").isoformat(),
    }
    if ends is None:
        return shown
    last = moment(ends, timezone)
    form = "TIME_FORMAT" if last.date() == first.date() else "DATETIME_FORMAT"
    ends_iso = moment(ends, "UTC").isoformat()
    return {**shown, "ends": formats.date_format(last, form), "ends_iso": ends_iso}
