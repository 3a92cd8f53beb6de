"""Responses: what the middleware sends in place of a page, headers and all."""

from html import escape
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.cookie import SimpleCookie
from django.http.response import ResponseHeaders
from django.utils.cache import patch_vary_headers

from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Decision
from temp_redirects.people import fetched

SIGNATURE = "temp_redirects"
REFERRER_POLICY = "strict-origin-when-cross-origin"
HTML = "text/html; charset=utf-8"
NOTE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    "<title>Temporarily elsewhere</title></head><body><p>This is temporarily at "
    '<a href="{url}">{url}</a>.</p></body></html>\n'
)


class Redirect(HttpResponse):
    """A redirect as Django's test client follows it; its Location is as decided."""

    @property
    def url(self) -> str:
        """The Location, under the name that Django's own redirects have."""
        return self.headers["Location"]

    def again(self) -> "Redirect":
        """Return the same redirect for another request, to be changed on its own.

        A copy of what Django has made costs a quarter of having it made anew. Whatever
        of it may be changed in place is made anew, Django's own attributes among it.
        """
        twin = Redirect.__new__(Redirect)
        made = vars(twin)
        made.update(vars(self))
        made["headers"] = headers = ResponseHeaders.__new__(ResponseHeaders)
        headers._store = self.headers._store.copy()
        made["cookies"] = SimpleCookie()
        made["_resource_closers"] = []
        made["_container"] = [self.content]
        return twin


def redirect(decision: Decision, rule: Rule, request: HttpRequest) -> Redirect:
    """Return the redirect of a decision that has a Location (RFC 9110 §15.4)."""
    note = NOTE.format(url=escape(decision.location)).encode()
    content = b"" if request.method == "HEAD" else note
    response = Redirect(content, status=rule.status, content_type=HTML)
    response.headers["Content-Length"] = str(len(note))
    response.headers["Location"] = decision.location
    response.headers["Cache-Control"] = _cache_control(decision)
    response.headers["X-Redirect-By"] = SIGNATURE
    if not decision.location.startswith("/"):  # another site learns no path of this
        response.headers["Referrer-Policy"] = _referrer_policy()
    if settings.DEBUG or getattr(fetched(request), "is_staff", False):
        response.headers["X-Redirect-Rule"] = quote(rule.name)
    if decision.vary:
        response.headers["Vary"] = ", ".join(decision.vary)
    return response


def _referrer_policy() -> str:
    """Return the policy of the settings, whether or not a middleware applies it."""
    policy = settings.SECURE_REFERRER_POLICY or REFERRER_POLICY
    return policy if isinstance(policy, str) else ",".join(policy)


def refused(decision: Decision) -> HttpResponse:
    """Refuse what a browser asks for in advance, so that the visit itself is measured.

    Any error makes it ask again when its visitor comes (HTML, “speculative loading”).
    """
    response = HttpResponse(status=503)
    response.headers["X-Redirect-By"] = SIGNATURE
    response.headers["Cache-Control"] = "no-store"
    patch_vary_headers(response, decision.vary)
    # Where django.utils.log.log_response looks: it is no error to mail to anybody.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _cache_control(decision: Decision) -> str:
    if decision.max_age <= 0 or decision.rule is None:
        return "no-store"
    scope = "private" if decision.is_personal else "public"
    return f"{scope}, max-age={decision.max_age}"
