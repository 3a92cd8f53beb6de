"""Pages that need nothing but memory: no database, no session, no context processor."""

import logging
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_bidi

from temp_redirects.core.visits import NAVIGATION_HEADERS
from temp_redirects.insertions import nonce_of
from temp_redirects.sites import static_url

logger = logging.getLogger("temp_redirects")

PROBLEM = "application/problem+json"
# RFC 9457 wants a type that does not change and can be looked up.
PROBLEM_TYPE = "https://www.rfc-editor.org/rfc/rfc9110#status.{status}"
HTML = "text/html"
PLAIN = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{text}</p></body></html>\n"
)


def wants_json(request: HttpRequest, *, otherwise: bool = False) -> bool:
    """Say whether a client prefers JSON; *otherwise* is for one that takes anything.

    Who names HTML is asked what it prefers (RFC 9110 §12.5.1). Who does not, and is a
    script on a page (Fetch metadata, HTMX), could do nothing with a page.
    """
    preferred = request.get_preferred_type([HTML, PROBLEM, "application/json"])
    accepted = request.headers.get("Accept", "")
    if "html" in accepted or "json" in accepted:
        return preferred in {PROBLEM, "application/json"}
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return otherwise or mode != "navigate" or "HX-Request" in request.headers


def problem(status: int, title: str, detail: str, **more: Any) -> HttpResponse:
    """Return the answer for programs (RFC 9457)."""
    facts = {
        "type": PROBLEM_TYPE.format(status=status),
        "title": title,
        "status": status,
        "detail": detail,
        **more,
    }
    return JsonResponse(facts, status=status, content_type=PROBLEM)


def page(
    request: HttpRequest,
    templates: Sequence[str],
    context: Mapping[str, Any],
    status: int,
) -> HttpResponse:
    """Return a page; where its template fails, the same in plain words."""
    known = {
        "language": get_language() or settings.LANGUAGE_CODE,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "stylesheet": static_url("temp_redirects/notice.css"),
        "script": static_url("temp_redirects/notice.js"),
        "csp_nonce": nonce_of(request),
        "home": get_script_prefix(),
        **context,
    }
    content: str
    try:
        content = render_to_string(templates, known)
    except Exception:
        if settings.DEBUG:
            raise
        logger.exception("A notice’s template failed; visitors get a plain page.")
        plain = {
            name: escape(str(known[name])) for name in ("language", "title", "text")
        }
        content = PLAIN.format(**plain)
    return HttpResponse(content, status=status)


def sealed(response: HttpResponse) -> HttpResponse:
    """Return an answer that nobody stores, indexes, or logs as an error.

    A notice is what was planned, so it is none of the errors that staff are mailed.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, NAVIGATION_HEADERS)
    # Where django.utils.log.log_response looks; there is no public way to say it.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
