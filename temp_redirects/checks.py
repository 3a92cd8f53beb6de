"""System checks: what is missing or misplaced, with the line that mends it."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import django
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.urls import URLResolver, get_resolver
from django.utils.module_loading import import_string

from temp_redirects import conf, geoip
from temp_redirects.installation import ANSWERING, AUTHENTICATION, MIDDLEWARE, places

SECURITY = "django.middleware.security.SecurityMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
# By series of Django, its first release with every fix that promises rest on; those
# are named in docs/checks.md. A later series was begun with them.
PATCHED = {(5, 2): 19, (6, 0): 10, (6, 1): 3}

Apps = Sequence[AppConfig] | None
Messages = list[checks.CheckMessage]


def register() -> None:
    """Register the checks with Django."""
    for check in (
        check_middleware,
        check_settings,
        check_urls,
        check_csrf,
        check_django,
    ):
        checks.register(check, "temp_redirects")


def check_middleware(app_configs: Apps = None, **kwargs: Any) -> Messages:
    """Check that the middleware stands once, and where it can do its work."""
    found = places()
    if not found:
        return [
            checks.Warning(
                "Rules can be edited, but nothing is redirected: the middleware is "
                "missing.",
                hint=f'Add "{MIDDLEWARE}" to MIDDLEWARE, right after '
                "AuthenticationMiddleware.",
                id="temp_redirects.W001",
            )
        ]
    if len(found) > 1:
        lines = " and ".join(str(at + 1) for at in found)
        return [
            checks.Error(
                f"The middleware is listed {len(found)} times.",
                hint=f"Keep one of the entries {lines} of MIDDLEWARE.",
                id="temp_redirects.E001",
            )
        ]
    return list(_misplaced(list(settings.MIDDLEWARE), found[0]))


def _misplaced(names: list[str], place: int) -> Iterator[checks.CheckMessage]:
    before, after = names[:place], names[place + 1 :]
    if not ANSWERING.isdisjoint(before):
        yield checks.Warning(
            "Cached pages are served instead of redirects: the middleware comes after "
            "Django’s cache.",
            hint=f'Move "{MIDDLEWARE}" above the cache middlewares, right after '
            "AuthenticationMiddleware.",
            id="temp_redirects.W002",
        )
    if settings.PREPEND_WWW and COMMON in before:
        yield checks.Warning(
            "PREPEND_WWW redirects before a rule can: CommonMiddleware comes first.",
            hint=f'Move "{MIDDLEWARE}" above "{COMMON}", or expect the www address.',
            id="temp_redirects.W003",
        )
    if AUTHENTICATION in after:
        yield checks.Warning(
            "The middleware comes before AuthenticationMiddleware, so that no rule "
            "can know who is signed in.",
            hint=f'Move "{MIDDLEWARE}" right after "{AUTHENTICATION}".',
            id="temp_redirects.W004",
        )
    if settings.SECURE_SSL_REDIRECT and SECURITY in before:
        yield checks.Warning(
            "SECURE_SSL_REDIRECT answers every http request before a rule for http "
            "can, with a permanent redirect that loses a POST.",
            hint="Use a rule with the condition “scheme: http” and the target "
            "“https://{host}{path}” instead, and set SECURE_SSL_REDIRECT = False; or "
            "name paths for it in SECURE_REDIRECT_EXEMPT.",
            id="temp_redirects.W005",
        )


def check_settings(app_configs: Apps = None, **kwargs: Any) -> Messages:
    """Check the values and the names in ``TEMP_REDIRECTS``."""
    found: Messages = [
        checks.Error(
            problem,
            hint="The settings and their forms stand in temp_redirects.conf.Conf.",
            id="temp_redirects.E002",
        )
        for problem in conf.problems()
    ]
    found += [*_everybody_trusted(), *_countries_unknown(), *_nobody_to_ask()]
    found += _nowhere_to_keep()
    for key, near in conf.unknown():
        hint = (
            f"Did you mean “{near}”?"
            if near
            else f"There are: {', '.join(conf.PARSERS)}."
        )
        found.append(
            checks.Warning(
                f"TEMP_REDIRECTS['{key}'] is not a setting and does nothing.",
                hint=hint,
                id="temp_redirects.W006",
            )
        )
    return found


def _everybody_trusted() -> Messages:
    return [
        checks.Warning(
            f"TEMP_REDIRECTS['TRUSTED_PROXIES'] has “{network}”: everybody may say "
            "which address and country they come from.",
            hint="List only the addresses of your own proxies.",
            id="temp_redirects.W010",
        )
        for network in conf.current().TRUSTED_PROXIES
        if not isinstance(network, str) and network.prefixlen == 0
    ]


def _nobody_to_ask() -> Iterator[checks.CheckMessage]:
    name = conf.current().CONSENT
    if name is None:
        return
    try:
        problem = "" if callable(import_string(name)) else "is no function"
    except Exception as error:  # a project's own module
        problem = f"cannot be imported ({error})"
    if problem:
        yield checks.Error(
            f"TEMP_REDIRECTS['CONSENT']: {name} {problem}, so that no visitor is "
            "remembered or counted.",
            hint="Name a function that takes the request and returns True or False.",
            id="temp_redirects.E003",
        )


def _nowhere_to_keep() -> Iterator[checks.CheckMessage]:
    file = conf.current().SNAPSHOT_FILE
    if file is None:
        return
    if not file.parent.is_dir():
        problem = f"the folder {file.parent} does not exist"
    elif not os.access(file.parent, os.W_OK | os.X_OK):
        problem = f"the folder {file.parent} cannot be written to"
    elif file.exists() and not file.is_file():
        problem = "it is no file"
    elif file.exists() and not os.access(file, os.R_OK):
        problem = "it cannot be read"
    else:
        return
    yield checks.Warning(
        f"TEMP_REDIRECTS['SNAPSHOT_FILE']: {problem}, so that a process that starts "
        "while the database is down has no rules.",
        hint="Name a file in a folder that belongs to the user the server runs as.",
        id="temp_redirects.W014",
    )


def _countries_unknown() -> Iterator[checks.CheckMessage]:
    given = conf.current()
    if given.COUNTRY_HEADER and not given.TRUSTED_PROXIES:
        yield checks.Warning(
            f"The country in the header “{given.COUNTRY_HEADER}” is never believed: no "
            "proxy is trusted.",
            hint="List your proxies in TEMP_REDIRECTS['TRUSTED_PROXIES'].",
            id="temp_redirects.W011",
        )
    if problem := geoip.problem():
        yield checks.Warning(
            f"GEOIP_PATH gives no countries: {problem}.",
            hint='Install "django-temp-redirects[geoip]", and put a database in MMDB '
            "format there.",
            id="temp_redirects.W012",
        )


def check_urls(app_configs: Apps = None, **kwargs: Any) -> Messages:
    """Check that the app's own addresses are included."""
    if not getattr(settings, "ROOT_URLCONF", None) or _includes_app(get_resolver()):
        return []
    return [
        checks.Warning(
            "The app’s own addresses are not among the site’s URLs.",
            hint='Add path("maintenance/", include("temp_redirects.urls")) to '
            f"{settings.ROOT_URLCONF}.urlpatterns, outside i18n_patterns.",
            id="temp_redirects.W007",
        )
    ]


def check_csrf(app_configs: Apps = None, **kwargs: Any) -> Messages:
    """Check that the notice can make the tokens with which forms are sent again."""
    if not settings.CSRF_USE_SESSIONS:
        return []
    return [
        checks.Warning(
            "CSRF_USE_SESSIONS is on. On the notice of a maintenance window, “Send "
            "again” does not work for visitors whose session holds no CSRF token: they "
            "find no button. And while the sessions cannot be read, Django’s CSRF "
            "middleware fails before any notice is shown.",
            hint="What works: the notice itself, “Send again” where the session holds "
            "a token, and a reload after the end, which sends form and files to where "
            "they were meant to go. For all of it set CSRF_USE_SESSIONS = False.",
            id="temp_redirects.W013",
        )
    ]


def check_django(app_configs: Apps = None, **kwargs: Any) -> Messages:
    """Check that Django has the security fixes that this app's promises rest on."""
    major, minor, release = django.VERSION[:3]
    patched = PATCHED.get((major, minor), 0)
    if release >= patched:
        return []
    return [
        checks.Warning(
            f"Django {django.get_version()} lacks security fixes that promises of "
            "temp_redirects rest on: of its cache, of how it reads headers, and of the "
            "admin.",
            hint=f"Install Django {major}.{minor}.{patched} or a later one.",
            id="temp_redirects.W015",
        )
    ]


def _includes_app(resolver: URLResolver) -> bool:
    return any(
        pattern.app_name == "temp_redirects" or _includes_app(pattern)
        for pattern in resolver.url_patterns
        if isinstance(pattern, URLResolver)
    )
