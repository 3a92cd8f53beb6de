"""The notice: what visitors of closed pages meet, told from memory."""

import logging
from typing import Any
from urllib.parse import quote, unquote

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from temp_redirects import clocks, conf
from temp_redirects.core.schedules import ALWAYS
from temp_redirects.core.windows import MaintenanceWindow, opens_again
from temp_redirects.requests import RequestVisit
from temp_redirects.signing import is_preview, read_next
from temp_redirects.store import store
from temp_redirects.views.echoes import Echo, echo_of
from temp_redirects.views.pages import page, problem, sealed, wants_json
from temp_redirects.views.times import Return

logger = logging.getLogger("temp_redirects.notices")  # a line for each visitor

BOUNCES = "temp_redirects_bounces"  # a cookie that counts ways back in a row
MOST_BOUNCES = 3
BOUNCES_AGE = 10  # seconds
UNKNOWN_WINDOW = MaintenanceWindow(id="", name="", paths=("/",), schedule=ALWAYS)


@csrf_exempt  # nothing here acts on what is sent, and a form must not end in a 403
@login_not_required
def notice(request: HttpRequest, name: str) -> HttpResponse:
    """Tell when to come back; where the window is over, lead back at once.

    The address to lead back to is signed, in ``?next=`` or by the middleware.
    """
    if _is_preflight(request):
        return HttpResponse(status=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})
    now: float = getattr(request, "temp_redirects_now", None) or clocks.now()
    in_place: str | None = getattr(request, "temp_redirects_next", None)
    token = request.GET.get("next", "") if in_place is None else in_place
    address = read_next(token)
    path = unquote(address.partition("?")[0], errors="surrogateescape")
    ruleset = store.ruleset()
    windows = ruleset.windows
    window = windows.get(name.strip().casefold())
    is_off = ruleset.switched_off(RequestVisit(request, path or "/"), now)
    if window is not None and not is_off and _is_on(window, path, now):
        ends = _opens_again(request, list(windows.values()), window, path, now)
        return _tell(request, window, address, ends, now)
    if window is not None and is_preview(request.GET.get("preview", ""), window.name):
        shown = window.schedule.occurrence(now) or window.schedule
        begins = now if shown.starts is None else shown.starts
        return _tell(request, window, "", shown.ends, begins)
    return _lead_back(request, window, address, now)


def _is_preflight(request: HttpRequest) -> bool:
    is_asking = "Access-Control-Request-Method" in request.headers
    return request.method == "OPTIONS" and is_asking


def _is_on(window: MaintenanceWindow, path: str, now: float) -> bool:
    is_closed = not path or window.covers(path)
    return is_closed and window.active(now) and conf.current().ENABLED


def _opens_again(
    request: HttpRequest,
    windows: list[MaintenanceWindow],
    window: MaintenanceWindow,
    path: str,
    now: float,
) -> float | None:
    """Return when the path is open again on this host, adjoining windows included."""
    visit = RequestVisit(request, path or window.paths[0])
    return opens_again(windows, visit, now)


def _tell(
    request: HttpRequest,
    window: MaintenanceWindow,
    address: str,
    ends: float | None,
    now: float,
) -> HttpResponse:
    back = Return.after(ends, now, window.schedule.timezone)
    # One quiet line instead of an error by each visitor.
    # Without the query, where secrets may stand.
    path = address.partition("?")[0] or "?"
    logger.info("Notice of %r for %s %s", window.name, request.method, path)
    title = window.title or _("Closed for maintenance")
    is_in_place = hasattr(request, "temp_redirects_next")
    if wants_json(request, otherwise=is_in_place):
        response = _as_problem(window, title, back)
        if "HX-Boosted" in request.headers and request.method == "GET" and address:
            response.headers["HX-Redirect"] = address  # to the notice as a page
    else:
        response = _as_page(request, window, title, back, address)
    response.headers["Retry-After"] = str(back.retry_after)
    return sealed(response)


def _as_problem(window: MaintenanceWindow, title: str, back: Return) -> HttpResponse:
    return problem(
        503,
        title,
        window.message or _sentence(back),
        window=window.name,
        ends_at=back.iso,
        retry_after=back.retry_after,
    )


def _as_page(
    request: HttpRequest,
    window: MaintenanceWindow,
    title: str,
    back: Return,
    address: str,
) -> HttpResponse:
    echo = echo_of(request)
    is_get = request.method in {"GET", "HEAD"}
    context: dict[str, Any] = {
        "window": window.name,
        "title": title,
        "message": window.message,
        "text": f"{window.message} {_sentence(back)}".strip(),
        "back": back,
        "timezone": window.schedule.timezone,
        "address": address,
        "is_get": is_get,
        "echo": echo,
        "csrf_token": echo.token if echo else "",
    }
    templates = [
        f"temp_redirects/notice/{window.key}.html",
        "temp_redirects/notice.html",
    ]
    response = page(request, templates, context, status=503)
    if is_get:
        # A load of the address, never a reload: that would repeat what was sent.
        url = f"; url={address}" if address else ""
        response.headers["Refresh"] = f"{back.refresh}{url}"
    if echo:
        response.headers["X-Frame-Options"] = "DENY"
    return response


def _sentence(back: Return) -> str:
    if back.at is None:
        return _("These pages will be back as soon as we can.")
    return _("These pages will be back %(about)s: %(end)s (%(zone)s).") % {
        "about": back.about,
        "end": back.local,
        "zone": back.timezone,
    }


def _lead_back(
    request: HttpRequest, window: MaintenanceWindow | None, address: str, now: float
) -> HttpResponse:
    """Answer where the window is over, switched off or gone.

    With 307, so that a form arrives, body and files, where it was meant to.
    """
    is_safe = request.method in {"GET", "HEAD"}
    if address:
        bounces = _bounces(request)
        if bounces < MOST_BOUNCES:
            return _bounce(request, address, bounces + 1)
        # Two processes disagree for a moment: let it pass instead of going in circles.
        unsettled = window or UNKNOWN_WINDOW
        return _tell(request, unsettled, address, now, now)
    if window is None:
        return _no_page(request, 404, _("There is no notice here"), "")
    if is_safe:
        return _redirect(get_script_prefix())
    return _no_page(
        request,
        410,
        _("This is over"),
        _(
            "The pages are open again. What you sent has not arrived: go back in your "
            "browser and send it once more."
        ),
        echo_of(request),
    )


def _bounces(request: HttpRequest) -> int:
    counted = request.COOKIES.get(BOUNCES, "")
    is_number = counted.isascii() and counted.isdigit() and len(counted) < 4
    return int(counted) if is_number else 0


def _bounce(request: HttpRequest, address: str, count: int) -> HttpResponse:
    response = _redirect(address)
    response.set_cookie(
        BOUNCES,
        str(count),
        max_age=BOUNCES_AGE,
        path=quote(request.path),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _redirect(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address, preserve_request=True)
    response.headers["X-Redirect-By"] = "temp_redirects"
    return sealed(response)


def _no_page(
    request: HttpRequest, status: int, title: str, text: str, echo: Echo | None = None
) -> HttpResponse:
    if wants_json(request):
        return sealed(problem(status, title, text))
    context = {"title": title, "text": text, "echo": echo}
    return sealed(page(request, ["temp_redirects/message.html"], context, status))
