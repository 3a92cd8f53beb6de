"""What is told beforehand: the state for programs, a calendar, banners put aside."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from temp_redirects import clocks
from temp_redirects.core.calendars import Event, calendar
from temp_redirects.core.schedules import moment
from temp_redirects.core.upcoming import Planned, next_up, on_now, planned
from temp_redirects.requests import RequestVisit
from temp_redirects.upcoming import COOKIE, MAX_SEEN, is_key, seen, windows_here
from temp_redirects.views.preferences import go_back

AHEAD = 184 * 24 * 60 * 60.0  # seconds of the calendar: half a year
MOST_EVENTS = 1_000
MONTH = 30 * 24 * 60 * 60  # seconds that a banner stays put aside
FRESH = 60  # seconds that the calendar may be kept


@require_safe
@login_not_required
def status(request: HttpRequest) -> HttpResponse:
    """Say what is on now and what comes next: titles and times, nothing internal."""
    now = clocks.now()
    windows = windows_here(request, now)
    on = on_now(windows, RequestVisit(request, request.path), now)
    coming = next_up(windows, now)
    answer = {
        "is_on": bool(on),
        "on": [_shown(each) for each in on],
        "next": _shown(coming[0]) if coming else None,
    }
    return _public(JsonResponse(answer), "no-store")


@require_safe
@login_not_required
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """Return the planned times of the coming months for calendars to subscribe to."""
    now = clocks.now()
    times = planned(windows_here(request, now), now, now + AHEAD)
    events = [_event(each) for each in times if each.starts is not None]
    events.sort(key=lambda event: (event.starts, event.uid))
    name = _("Maintenance of %(host)s") % {"host": request.get_host()}
    text = calendar(events[:MOST_EVENTS], name=name, stamp=now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    return _public(response, f"public, max-age={FRESH}")


@csrf_exempt  # it only closes a banner
@require_POST
@login_not_required
def dismiss(request: HttpRequest) -> HttpResponse:
    """Remember that the visitor has put a banner aside; then go back."""
    key = request.POST.get("key", "")
    if not is_key(key):
        return HttpResponseBadRequest("The key of the banner is missing.")
    response = go_back(request)
    kept = [each for each in seen(request) if each != key]
    response.set_cookie(
        COOKIE,
        ".".join([*kept, key][-MAX_SEEN:]),
        max_age=MONTH,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _shown(each: Planned) -> dict[str, Any]:
    return {
        "title": _title(each),
        "starts_at": _utc(each.starts),
        "ends_at": _utc(each.ends),
    }


def _title(each: Planned) -> str:
    return each.window.title or _("Maintenance")


def _utc(at: float | None) -> str | None:
    return None if at is None else f"{moment(at, 'UTC'):%Y-%m-%dT%H:%M:%SZ}"


def _event(each: Planned) -> Event:
    return Event(
        each.uid, each.starts or 0.0, each.ends, _title(each), each.window.message
    )


def _public(response: HttpResponse, caching: str) -> HttpResponse:
    """Let any page read the answer: it says nothing that is not public."""
    response.headers["Cache-Control"] = caching
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
