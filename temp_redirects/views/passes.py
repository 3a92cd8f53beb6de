"""The pass link: lets one browser through a maintenance window, until it expires."""

from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from temp_redirects import clocks
from temp_redirects.core.schedules import moment
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.signing import PASS_COOKIE, read_cookie, read_pass, sign_cookie
from temp_redirects.store import store
from temp_redirects.views.pages import page, sealed
from temp_redirects.views.times import shown

IN_PATH = "/:@!$&'()*+,;="


@require_safe
@login_not_required
def open_pass(request: HttpRequest, token: str) -> HttpResponse:
    """Let this browser through the window of a pass link, and say until when.

    A GET that changes something, and may: it changes only what the browser that asks
    holds itself. A prefetcher or a mail scanner that opens the link gets a cookie of
    its own, uses nothing up, and lets nobody else in.
    """
    now = clocks.now()
    found = read_pass(token, now)
    if found is None:
        return _refused(request, _("It has expired, or a part of it is missing."))
    key, expires = found
    window = _window_of(key)
    if window is None:
        return _refused(request, _("It has been withdrawn."))
    return _taken(request, window, expires, now)


def _window_of(key: str) -> MaintenanceWindow | None:
    windows = store.ruleset().windows.values()
    return next((each for each in windows if each.pass_key == key), None)


def _taken(
    request: HttpRequest, window: MaintenanceWindow, expires: float, now: float
) -> HttpResponse:
    zone = window.schedule.timezone
    until = shown(moment(expires, zone))
    text = _("With this browser you may pass until %(until)s (%(zone)s).")
    context = {
        "title": _("You may pass"),
        "text": text % {"until": until, "zone": zone},
        "address": _address(window),
    }
    response = page(request, ["temp_redirects/message.html"], context, 200)
    passes = read_cookie(request.COOKIES.get(PASS_COOKIE, ""), now)
    passes.pop(window.pass_key, None)  # the newest comes last
    passes[window.pass_key] = expires
    response.set_cookie(
        PASS_COOKIE,
        sign_cookie(passes.items()),
        max_age=int(max(passes.values()) - now),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return _private(response)


def _address(window: MaintenanceWindow) -> str:
    return quote(window.paths[0].encode("utf-8", "surrogateescape"), safe=IN_PATH)


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    context = {"title": _("This link no longer works"), "text": reason}
    return _private(page(request, ["temp_redirects/message.html"], context, 410))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the pass
    return sealed(response)
