"""Interferences: what else may answer an address, beside the rules of this app.

Only what can be known without sending a request; each has a stable code.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext

from temp_redirects.advice import Advice, resolves
from temp_redirects.core.patterns import typed_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Decision
from temp_redirects.core.visits import Visit
from temp_redirects.installation import ANSWERING, earlier, places
from temp_redirects.unknowns import for_nobody

# Other apps that redirect, each with the middleware that does it.
OTHERS = {
    "django.contrib.redirects": "middleware.RedirectFallbackMiddleware",
    "wagtail.contrib.redirects": "middleware.RedirectMiddleware",
}
MAINTENANCE = "maintenance_mode.middleware.MaintenanceModeMiddleware"


def interferences(
    visit: Visit, decision: Decision, rules: Iterable[Rule] = ()
) -> list[Advice]:
    """Return what else there is at the visit's address, most certain first.

    *rules* are those that cover the path.
    """
    return [
        *_unreached(visit),
        *_powerless(rules),
        *_slash(visit),
        *_before_rules(visit),
        *_caches(decision),
        *_others(visit),
    ]


def _unreached(visit: Visit) -> Iterator[Advice]:
    """Tell what keeps every rule from being asked."""
    path = {"path": typed_path(visit.path)}
    if not places():
        text = gettext("The middleware is not in MIDDLEWARE: no rule redirects.")
        yield Advice("no_middleware", text)
    if not visit.host:
        text = gettext(
            "Django refuses this host (ALLOWED_HOSTS): it answers 400 by itself."
        )
        yield Advice("host_refused", text)
    if visit.site.protects(visit.path):
        text = gettext("“%(path)s” is protected: no rule ever redirects it.")
        yield Advice("protected", text % path)
    elif visit.site.is_login(visit.path):
        text = gettext(
            "“%(path)s” always stays open (signing in and out, the language, the "
            "sitemap): only a rule that names exactly this path redirects it."
        )
        yield Advice("login", text % path)


def _powerless(rules: Iterable[Rule]) -> Iterator[Advice]:
    """Tell of rules that ask for what the site never has, whatever is typed here."""
    for rule in rules:
        if text := for_nobody(rule):
            yield Advice("for_nobody", f"“{rule.name}”: {text}")


def _slash(visit: Visit) -> Iterator[Advice]:
    """Tell of the other spelling of the path, which is another path to every rule."""
    path = visit.path
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    if not other or resolves(path) or not resolves(other):
        return
    facts = {"path": typed_path(path), "other": typed_path(other)}
    if other.endswith("/") and settings.APPEND_SLASH:
        text = gettext(
            "Where no rule redirects it, Django sends “%(path)s” on to “%(other)s” "
            "(APPEND_SLASH), and the rules for that path are asked then."
        )
        yield Advice("append_slash", text % facts)
        return
    text = gettext("This site has a page at “%(other)s”, and none at “%(path)s”.")
    yield Advice("other_slash", text % facts)


def _before_rules(visit: Visit) -> Iterator[Advice]:
    """Tell what answers before the rules do, as far as settings say."""
    if settings.SECURE_SSL_REDIRECT and visit.scheme == "http":
        text = gettext(
            "SECURE_SSL_REDIRECT sends every http request to https, permanently, "
            "before a rule is asked."
        )
        yield Advice("ssl_redirect", text)
    if settings.PREPEND_WWW and visit.host and not visit.host.startswith("www."):
        text = gettext("PREPEND_WWW sends this host to “www.%(host)s” first.")
        yield Advice("prepend_www", text % {"host": visit.host})
    if MAINTENANCE in earlier():
        text = gettext(
            "django-maintenance-mode answers before the rules while it is on."
        )
        yield Advice("maintenance_mode", text)


def _caches(decision: Decision) -> Iterator[Advice]:
    if not ANSWERING.isdisjoint(earlier()):
        text = gettext(
            "Django’s cache comes before the rules: a page that it keeps is shown "
            "instead of a redirect."
        )
        yield Advice("page_cache", text)
    if decision.max_age:
        text = gettext(
            "Browsers and caches may keep this redirect for %(seconds)s seconds, even "
            "after the rule was changed."
        )
        yield Advice("kept", text % {"seconds": decision.max_age})
    elif decision.is_personal:
        text = gettext(
            "The answer depends on who asks. A cache in front that ignores “Vary” and "
            "“Cache-Control” would show one visitor’s answer to others."
        )
        yield Advice("personal", text)


def _others(visit: Visit) -> Iterator[Advice]:
    """Tell of other apps that redirect; both act on pages that are not found."""
    for app, middleware in OTHERS.items():
        if (
            not apps.is_installed(app)
            or f"{app}.{middleware}" not in settings.MIDDLEWARE
        ):
            continue
        target = _permanent_target(app, visit)
        facts = {"app": app, "path": typed_path(visit.path), "target": target}
        if target:
            text = gettext(
                "%(app)s sends “%(path)s” to “%(target)s”, permanently, where no rule "
                "redirects and there is no page."
            )
            yield Advice("other_redirect", text % facts)
        else:
            text = gettext("%(app)s may redirect where no rule does and no page is.")
            yield Advice("other_app", text % facts)


def _permanent_target(app: str, visit: Visit) -> str:
    """Return where Django's own redirects lead from here, or an empty text."""
    if app != "django.contrib.redirects":
        return ""
    query = f"?{visit.query}" if visit.query else ""
    path = typed_path(visit.path)
    model: Any = apps.get_app_config("redirects").get_model("Redirect")
    rows = model._default_manager.filter(
        old_path__in={path, f"{path}{query}"}, site_id=getattr(settings, "SITE_ID", 1)
    )
    return str(rows.values_list("new_path", flat=True).first() or "")
