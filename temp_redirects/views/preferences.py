"""What visitors choose: to stay on this version of a page."""

from django.contrib.auth.decorators import login_not_required
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
)
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from temp_redirects.core.preferences import COOKIE, changed, is_choice

YEAR = 365 * 24 * 60 * 60  # seconds
LEAVE = "no"  # of the field “stay”: takes the choice back


@require_POST
@login_not_required
def stay(request: HttpRequest) -> HttpResponse:
    """Remember that the visitor stays on this version, or no longer; then go back.

    Fields: ``name`` of the choice, ``next`` on this site, ``stay`` (“no” to end it).
    """
    name = request.POST.get("name", "")
    if not is_choice(name):
        return HttpResponseBadRequest("The name of the choice is missing.")
    response = go_back(request)
    stays = request.POST.get("stay") != LEAVE
    value = changed(request.COOKIES.get(COOKIE), name, stays=stays)
    if value:
        response.set_cookie(
            COOKIE,
            value,
            max_age=YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def go_back(request: HttpRequest) -> HttpResponse:
    """Return the way back to the page where a button was pressed."""
    response = HttpResponseRedirect(_safe_next(request))
    response.status_code = 303  # a POST was answered; what follows is a page
    response.headers["Cache-Control"] = "no-store"
    return response


def _safe_next(request: HttpRequest) -> str:
    address = request.POST.get("next", "")
    is_whole = address.startswith(("/", "http://", "https://"))
    is_safe = is_whole and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_safe else get_script_prefix()
