"""The banner on every page of the admin while the kill switch is on.

It is made of what the process knows anyway, so that no page asks the database for it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from temp_redirects.core.schedules import Schedule
from temp_redirects.core.switches import EVERYTHING, HOST, MAINTENANCE, KillSwitch
from temp_redirects.insertions import insert, is_page, stylesheet
from temp_redirects.people import fetched

BODY = re.compile(rb"<body[^>]*>", re.IGNORECASE)
MARKUP = '<aside class="temp-redirects-banner" aria-label="{}">{}<ul>{}</ul>{}</aside>'


def with_banner(
    request: HttpRequest, response: Any, switches: Iterable[KillSwitch], now: float
) -> Any:
    """Return a page of the admin with the banner, and any other as it is."""
    pulled = [each for each in switches if each.active(now)]
    match = request.resolver_match
    if not pulled or match is None or "admin" not in match.app_names:
        return response
    body = BODY.search(response.content) if is_page(response) else None
    if body is not None and _is_staff(request):
        insert(response, body.end(), _markup(request, pulled, match.namespace, now))
    return response


def told(switch: KillSwitch, now: float) -> str:
    """Return what is off, until when, why, and who did it, for people."""
    texts = {
        EVERYTHING: _("All redirects and maintenance windows are switched off"),
        HOST: _("Redirects and maintenance windows on “%(host)s” are switched off"),
        MAINTENANCE: _("All maintenance windows are switched off"),
    }
    until = _("until somebody switches them on again")
    if switch.ends is not None:
        at = datetime.fromtimestamp(switch.ends, UTC)
        left = timeuntil(at, datetime.fromtimestamp(now, UTC), depth=2)
        shown = Schedule(timezone=switch.timezone).shown(switch.ends)
        until = _("until %(at)s (in %(left)s)") % {"at": shown, "left": left}
    sentence = f"{texts[switch.scope] % {'host': switch.host}} {until}."
    facts = {"reason": switch.reason, "who": switch.who}
    if switch.reason:
        sentence += " " + _("Reason: %(reason)s.") % facts
    if switch.who:
        sentence += " " + _("By %(who)s.") % facts
    return sentence


def _markup(
    request: HttpRequest, switches: list[KillSwitch], site: str, now: float
) -> str:
    return format_html(
        MARKUP,
        _("Kill switch"),
        stylesheet(request, "temp_redirects/banner.css"),
        format_html_join(
            "", "<li>⚠ {}</li>", ((told(each, now),) for each in switches)
        ),
        _link(site),
    )


def _link(site: str) -> str:
    try:
        url = reverse("admin:temp_redirects_killswitch_changelist", current_app=site)
    except NoReverseMatch:  # an admin of the project's own, without this app
        return ""
    return format_html('<p><a href="{}">{}</a></p>', url, _("Switch on again"))


def _is_staff(request: HttpRequest) -> bool:
    """Say whether who is signed in may see the admin; its pages have asked already."""
    return bool(getattr(fetched(request), "is_staff", False))
