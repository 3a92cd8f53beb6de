"""Template tags: ``{% load temp_redirects %}``."""

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

from temp_redirects.core.preferences import COOKIE, chosen, is_choice

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
