"""The demo's shop under content security policies, in any language Django speaks.

Who asks says in a header which policy the answer gets; under the one of nonces nothing
runs and nothing is styled but what has the nonce of its page.
"""

from secrets import token_urlsafe

from demo_project.settings import *  # noqa: F403
from demo_project.settings import MIDDLEWARE, TEMPLATES

ASKED = "X-Policy"
SELF, NONCE = "self", "nonce"
POLICIES = {
    SELF: "default-src 'self'; base-uri 'none'; object-src 'none'",
    NONCE: (
        "default-src 'none'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
    ),
}


def with_policy(get_response):
    """Give each answer the policy that was asked for, and its request a nonce."""

    def answer(request):
        # Where Django 6 has it, and the package django-csp.
        request._csp_nonce = request.csp_nonce = token_urlsafe(16)
        response = get_response(request)
        policy = POLICIES.get(request.headers.get(ASKED, ""), "")
        if policy:
            told = policy.format(nonce=request.csp_nonce)
            response.headers["Content-Security-Policy"] = told
        return response

    return answer


def csp_nonce(request):
    """Tell templates the nonce, as the context processor of Django 6 does."""
    return {"csp_nonce": request.csp_nonce}


MIDDLEWARE = ["tests.browser.policies.with_policy", *MIDDLEWARE]
MIDDLEWARE.insert(3, "django.middleware.locale.LocaleMiddleware")
TEMPLATES[0]["OPTIONS"]["context_processors"].append("tests.browser.policies.csp_nonce")
