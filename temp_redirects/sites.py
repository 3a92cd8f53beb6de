"""The site as settings and URLs describe it, for the core to judge by."""

import re
from collections.abc import Collection, Iterator
from contextlib import nullcontext, suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signals import setting_changed
from django.templatetags.static import static
from django.urls import (
    LocalePrefixPattern,
    NoReverseMatch,
    URLPattern,
    URLResolver,
    get_resolver,
    get_script_prefix,
    reverse,
)
from django.utils.translation import override

from temp_redirects import conf
from temp_redirects.core.sites import LISTENS_EVERYWHERE, Site, normal_host

ALWAYS_PROTECTED = ("/.well-known/", "/robots.txt")
# Names under which sign-in and sign-out are found: Django, allauth, two-factor.
LOGIN_NAMES = (
    "login",
    "logout",
    "account_login",
    "account_logout",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_reauthenticate",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_trust",
    "mfa_login_webauthn",
    "two_factor:login",
    "two_factor:setup",
    "two_factor:setup_complete",
    "two_factor:qr",
    "two_factor:webauthn:get_credential",
)
# What the admin, browsers and crawlers ask for besides, under the names that Django's
# documentation gives it: the language, the texts of scripts, the maps of the site.
OPEN_NAMES = (
    "set_language",
    "javascript-catalog",
    "jsi18n",
    "sitemap",
    "sitemaps",
    "django.contrib.sitemaps.views.sitemap",
    "django.contrib.sitemaps.views.index",
)
PROTECTED_APPS = {"admin", "temp_redirects"}  # wherever they are included
_ESCAPED = re.compile(r"\\(.)")
_ENDS = re.compile(r"\A(?:\^|\\A)|(?<!\\)(?:\$|\\[Zz])\Z")  # of a regex
_FLAGS = re.compile(r"\(\?([aimsux]+)\)")  # of a whole regex, where it begins
_CHOICE = re.compile(r"(?<!\\)\|")
_STARTS = re.compile(r"((?<!\\)[|(])(?:\^|\\A)")  # of one choice among several
_GROUP_NAME = re.compile(r"\(\?P<\w+>")
_REFERENCE = re.compile(r"\(\?P=\w+\)|(?<!\\)\\[1-9][0-9]?|(\(\?\(\w+\))")
_LITERAL = re.compile(r"(?:(?:[\w/-]|\\\W)(?![?*{]))*")  # how a regex must begin
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]  # what Django takes while DEBUG is on
RUNSERVER = "localhost:8000"  # where the development server listens


def site_timezone() -> str:
    """Return the zone in which times are planned unless a rule says otherwise."""
    return settings.TIME_ZONE


def own_host() -> str:
    """Return the host at which this site is asked, as far as settings tell."""
    named = [
        host.lower().removeprefix(".")
        for host in settings.ALLOWED_HOSTS
        if host != LISTENS_EVERYWHERE
    ]
    is_local = settings.DEBUG and "localhost" in named
    return RUNSERVER if is_local or not named else named[0]


def static_url(path: str) -> str:
    """Return a static file's address; empty where the site cannot say it.

    Storages with a manifest raise ValueError until ``collectstatic`` has run, and a
    page that visitors need must not wait for that.
    """
    try:
        return static(path)
    except Exception:
        return ""


_sites: dict[tuple[str | None, str], tuple[conf.Conf, Site]] = {}
NOT_READ = (None, Site())


def current_site(urlconf: Any = None) -> Site:
    """Return the site of a URLconf (None: the root's) under the current script prefix.

    Reading it walks the URLconf once; it is kept until a setting changes.
    """
    key, now = (urlconf, get_script_prefix()), conf.current()
    seen, site = _sites.get(key, NOT_READ)
    if seen is not now:  # cheaper than to compare, on the way of each redirect
        site = _read(urlconf, now)
        _sites[key] = now, site
    return site


def _forget(**kwargs: Any) -> None:
    translates_routes.cache_clear()


setting_changed.connect(_forget, dispatch_uid="temp_redirects.sites")


def _read(urlconf: Any, now: conf.Conf) -> Site:
    roots, logins = _kept(urlconf)
    hosts = settings.ALLOWED_HOSTS or (LOCAL_HOSTS if settings.DEBUG else [])
    return Site(
        hosts=frozenset(
            normal_host(host)
            for host in hosts
            if host != LISTENS_EVERYWHERE and not host.startswith(".")
        ),
        host_suffixes=tuple(
            f".{normal_host(host[1:])}" for host in hosts if host.startswith(".")
        ),
        target_origins=now.ALLOWED_TARGET_HOSTS,
        answers_any_host=LISTENS_EVERYWHERE in hosts,
        protected=_as_folders(
            *ALWAYS_PROTECTED,
            *now.PROTECTED_PATHS,
            *_assets(),
            *(root for root in roots if isinstance(root, str)),
        ),
        protected_patterns=tuple(root for root in roots if not isinstance(root, str)),
        notices=_notices(urlconf),
        logins=_as_folders(*_login_url(), *logins),
        language_cookie=settings.LANGUAGE_COOKIE_NAME if settings.USE_I18N else "",
    )


def _as_folders(*paths: str) -> tuple[str, ...]:
    return tuple(sorted({f"{path.removesuffix('/')}/" for path in paths} - {"/"}))


def _assets() -> Iterator[str]:
    """Yield static and media paths, where they are paths of their own on this site.

    One that is not set is empty, and becomes the script prefix where there is one.
    """
    for url in (settings.STATIC_URL, settings.MEDIA_URL):
        if url and url != get_script_prefix() and not urlsplit(url).netloc:
            yield url if url.startswith("/") else f"/{url}"


def _login_url() -> Iterator[str]:
    """Yield where the settings say that the login is, unless they say its name."""
    path = urlsplit(_login_setting()).path
    if path.startswith("/"):
        yield _alone(path) if path in {"/", get_script_prefix()} else path


def _login_setting() -> str:
    try:
        return str(settings.LOGIN_URL)
    except NoReverseMatch:  # a lazy one, of a name that is none
        return ""


def _alone(start: str) -> str:
    """Return how a `Site` has a page that ends in a slash, without what is under it."""
    return f"{start}/"


def _kept(urlconf: Any) -> tuple[set[str | re.Pattern[str]], set[str]]:
    """Return the roots of every admin site and of this app, and the logins.

    With the logins what else stays open, by its name. Both in every language. Roots
    with arguments in them (``<slug:tenant>/admin/``) are patterns; logins with
    arguments are left out.
    """
    roots: set[str | re.Pattern[str]] = set()
    logins: set[str] = set()
    names = {*LOGIN_NAMES, *OPEN_NAMES, _login_setting()}
    for way, found in _found(get_resolver(urlconf), names):
        for start, text in _spellings(way):
            if isinstance(found, URLResolver):
                roots.update(_roots(found, start, text))
            elif (path := _plain(text)) is not None:
                logins.add(f"{start}{path}" if path else _alone(start))
    return roots, logins


def _found(
    resolver: URLResolver,
    names: Collection[str],
    way: tuple[Any, ...] = (),
    spaces: tuple[str, str] = ("", ""),
) -> Iterator[tuple[tuple[Any, ...], URLPattern | URLResolver]]:
    """Yield the protected apps and the views of these names, each with its patterns.

    *spaces* are the namespaces on the way, by instance and by app.
    """
    for inner in resolver.url_patterns:
        further = (*way, inner.pattern)
        if isinstance(inner, URLPattern):
            if inner.name and any(f"{each}{inner.name}" in names for each in spaces):
                yield further, inner
        elif inner.app_name in PROTECTED_APPS:
            yield further, inner
        else:
            instance, app = spaces
            if inner.namespace:
                instance = f"{instance}{inner.namespace}:"
                app = f"{app}{inner.app_name}:"
            yield from _found(inner, names, further, (instance, app))


def _spellings(way: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    """Yield where a way through the URLconf starts, and the regex of what follows.

    Below a language prefix that is once for each language, and once without one, which
    is the default language or what LocaleMiddleware redirects.
    """
    prefixed = isinstance(way[0], LocalePrefixPattern)  # only ever the first
    way = way[prefixed:]
    translated = any(map(_is_translated, way))
    texts: dict[str, str] = {}
    for code in languages() if prefixed or translated else [""]:
        with override(code) if translated else nullcontext():
            texts[code] = "".join(map(_text, way))
    for code, text in texts.items():
        yield get_script_prefix(), text
        if prefixed:
            yield f"{get_script_prefix()}{code}/", text


def languages() -> list[str]:
    """Return the codes of all languages; the default may be none of the offered."""
    codes = [settings.LANGUAGE_CODE, *(code for code, _ in settings.LANGUAGES)]
    return list(dict.fromkeys(code.lower() for code in codes))


def _is_translated(pattern: Any) -> bool:
    """Say whether a route is another one in another language (a lazy text)."""
    written = getattr(pattern, "_route", getattr(pattern, "_regex", ""))
    return not isinstance(written, str)


@cache
def translates_routes(resolver: URLResolver) -> bool:
    """Say whether a route is another one in another language, prefixes aside.

    Like a site it is kept until a setting changes.
    """
    return any(
        _is_translated(each.pattern)
        or (isinstance(each, URLResolver) and translates_routes(each))
        for each in resolver.url_patterns
    )


def _text(pattern: Any) -> str:
    """Return the regex of a pattern as a part of a longer one."""
    text = pattern.regex.pattern
    flags = _FLAGS.match(text)
    text = _ENDS.sub("", text[flags.end() :] if flags else text)
    if not flags and not _CHOICE.search(text):
        return str(text)
    text = _STARTS.sub(r"\1", text)
    return f"(?{flags[1] if flags else ''}:{text})"


def _plain(text: str) -> str | None:
    """Return the one path that a regex is for, or None where it has arguments."""
    plain = _ESCAPED.sub(r"\1", text)
    return plain if re.escape(plain) == text else None


def _roots(app: URLResolver, start: str, text: str) -> Iterator[str | re.Pattern[str]]:
    """Yield where an app lies; at the root of the site its own first segments."""
    if not text:
        yield from _first_segments(app, start)
    elif (path := _plain(text)) is not None:
        yield f"{start}{path}"
    else:
        yield _pattern(start, text)


def _pattern(start: str, text: str) -> re.Pattern[str]:
    """Return the regex of a root with arguments in it; groups have no names.

    Where it refers to a group any text will do, for joined groups have other numbers.
    What cannot be loosened so is protected from the text on that it must begin with:
    rather too much than an admin that staff are sent away from.
    """
    text = _GROUP_NAME.sub("(", text)
    loose, references = _REFERENCE.subn(lambda each: "(?:" if each[1] else ".*", text)
    if not references or "(?!" not in text:
        with suppress(re.error):
            return re.compile(re.escape(start) + loose)
    beginning = _LITERAL.match(text)
    return re.compile(re.escape(start) + (beginning[0] if beginning else ""))


def _first_segments(app: URLResolver, start: str) -> Iterator[str]:
    for inner in app.url_patterns:
        text = _text(inner.pattern)
        segment = _plain(text.partition("/")[0])
        if segment:
            yield f"{start}{segment}"
        elif not text:
            yield _alone(start)


def _notices(urlconf: Any) -> str:
    try:
        return reverse("temp_redirects:notice", urlconf, ["x"]).removesuffix("x/")
    except NoReverseMatch:
        return ""
