"""Advice: what staff should know about a rule, though nothing forbids it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import Resolver404, get_resolver, get_script_prefix, resolve
from django.utils.translation import get_language_from_path, gettext, ngettext, override

from temp_redirects import conf
from temp_redirects.core.patterns import SHAPED, Exact, parse_path, typed_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import listed
from temp_redirects.core.targets import Target
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.figures import figure
from temp_redirects.sites import current_site, languages, translates_routes
from temp_redirects.unknowns import for_nobody

VERY_LONG = 90 * 24 * 60 * 60  # seconds; who wants longer wants it for good
LONG = 48 * 60 * 60  # seconds; search engines drop pages that answer 503 for days
# Where load balancers ask whether the site is well; a notice there takes it offline.
HEALTH_PATHS = tuple(
    f"/{name}{slash}"
    for name in ("health", "healthz", "healthcheck", "livez", "readyz", "ping", "up")
    for slash in ("", "/")
)
_OF_PATTERNS = re.compile(r"\*|<\w*:?\w+>")  # what looks like a part of one
COMMON_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Beside those: RFC 9110 §9.3, the draft for QUERY, and WebDAV (RFC 4918, RFC 3253).
KNOWN_METHODS = frozenset(
    {
        *COMMON_METHODS,
        *("CONNECT", "TRACE", "QUERY", "PROPFIND", "PROPPATCH", "MKCOL", "COPY"),
        *("MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "PURGE"),
    }
)
BODILESS = {"GET", "HEAD", "OPTIONS"}  # methods whose requests carry no form


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: a stable code, and the words in the reader's language."""

    code: str
    text: str

    def __str__(self) -> str:
        return self.text


def advise(rule: Rule, now: float) -> list[Advice]:
    """Return what to know about a rule at *now*, seconds since the epoch."""
    return [
        *_switch(),
        *_window(rule, now),
        *_protection(rule),
        *_audience(rule),
        *_methods(rule),
        *_signs(rule),
        *_source(rule),
        *_target(rule),
        *_goal(rule),
        *_receiver(rule),
    ]


def advise_window(window: MaintenanceWindow, now: float) -> list[Advice]:
    """Return what to know about a maintenance window at *now*."""
    return [
        *_switch(),
        *_time(window, now),
        *_closed(window),
        *_health(window),
        *_other_server(window),
    ]


def told_imported(endless: int, over: int) -> Iterator[str]:
    """Say how many of those imported would be on without an end, or would never act."""
    if endless:
        text = ngettext(
            "%(count)s of them has no end: it redirects until somebody switches it "
            "off.",
            "%(count)s of them have no end: they redirect until somebody switches them "
            "off.",
            endless,
        )
        yield text % {"count": figure(endless)}
    if over:
        text = ngettext(
            "%(count)s of them is over already: its end is past, and it redirects "
            "nobody.",
            "%(count)s of them are over already: their end is past, and they redirect "
            "nobody.",
            over,
        )
        yield text % {"count": figure(over)}


def carries_content(rule: Rule) -> bool:
    """Say whether requests with content, a form for example, arrive at the target."""
    methods = rule.methods.names
    return rule.status == 307 and (not methods or not BODILESS.issuperset(methods))


def resolves(path: str) -> bool:
    """Say whether the site has a view for a decoded path, script prefix included.

    One in any language will do.
    """
    prefix = get_script_prefix()
    if not path.startswith(prefix):
        return False
    inner = f"/{path.removeprefix(prefix)}"
    return any(_has_view(inner, language) for language in _languages_of(inner))


def _languages_of(path: str) -> list[str]:
    """Return the languages in which a path may be a page.

    Without one in the path that is the default, unless routes are translated: asking
    in a language loads all its texts.
    """
    named = get_language_from_path(path) if settings.USE_I18N else None
    if named or not settings.USE_I18N or not translates_routes(get_resolver()):
        return [named or settings.LANGUAGE_CODE]
    return languages()


def _has_view(path: str, language: str) -> bool:
    with override(language):
        try:
            resolve(path)
        except Resolver404:
            return False
    return True


def _switch() -> Iterator[Advice]:
    if not conf.current().ENABLED:
        yield Advice(
            "switched_off",
            gettext(
                "All redirects are switched off in the settings "
                "(TEMP_REDIRECTS['ENABLED'] is False), so this one does nothing."
            ),
        )


def _window(rule: Rule, now: float) -> Iterator[Advice]:
    schedule, ends = rule.schedule, rule.schedule.ends
    if ends is None:
        yield Advice(
            "no_end",
            gettext("It has no end: it redirects until somebody switches it off."),
        )
    elif schedule.occurrence(now) is None:
        text = gettext("It is over since %(end)s, so it redirects nobody.")
        yield Advice("over", text % {"end": schedule.shown(schedule.last_end or now)})
    elif not schedule.recurrence and ends - (schedule.starts or now) > VERY_LONG:
        text = gettext(
            "It is longer than 90 days. What moves for good is better told by a "
            "permanent redirect (301), which search engines follow and browsers keep."
        )
        yield Advice("very_long", text)


def _time(window: MaintenanceWindow, now: float) -> Iterator[Advice]:
    schedule = window.schedule
    starts, ends = schedule.starts, schedule.ends
    if ends is None:
        yield Advice("no_end", gettext("It has no end: it lasts until you end it."))
    elif schedule.occurrence(now) is None:
        text = gettext("It is over since %(end)s, so it closes nothing.")
        yield Advice("over", text % {"end": schedule.shown(schedule.last_end or now)})
    elif ends - (now if starts is None else starts) > LONG:
        yield Advice(
            "too_long",
            gettext(
                "It is longer than 48 hours: search engines may drop pages that are "
                "away for days. Several short windows are better."
            ),
        )


def _closed(window: MaintenanceWindow) -> Iterator[Advice]:
    """Tell of paths that stay open whatever the window says."""
    for path in window.paths:
        if current_site().protects(path):
            text = gettext(
                "“%(path)s” is protected on this site (the admin, sign-in, static "
                "files and the like) and stays open."
            )
            yield Advice("protected", text % {"path": typed_path(path)})


def _health(window: MaintenanceWindow) -> Iterator[Advice]:
    for path in HEALTH_PATHS:
        if window.covers(path) and not current_site().protects(path) and resolves(path):
            text = gettext(
                "It closes “%(path)s” too. If a load balancer or a monitor asks there, "
                "it takes the site for broken: add “%(path)s” to “Except”."
            )
            yield Advice("health", text % {"path": path})
            return


def _other_server(window: MaintenanceWindow) -> Iterator[Advice]:
    """Tell what the server must accept that visitors are sent to."""
    if not window.target:
        return
    target = Target.parse(window.target, {"rest"}, current_site())
    yield from _to_other_host(target)


def _protection(rule: Rule) -> Iterator[Advice]:
    path, site = rule.source.path, current_site()
    is_login = site.is_login(path) and not isinstance(rule.source, Exact)
    if site.protects(path) or is_login:
        text = gettext(
            "“%(path)s” is protected on this site (the admin, sign-in, static files "
            "and the like) and never redirected, so this rule does nothing there."
        )
        yield Advice("protected", text % {"path": typed_path(path)})


def is_always_protected(rule: Rule) -> bool:
    """Say whether every path of a rule is one that it may not redirect."""
    source, site = rule.source, current_site()
    if source.kind in SHAPED and not source.path.endswith("/"):
        return False  # what it begins with may go on within the segment
    is_login = site.is_login(source.path) and not isinstance(source, Exact)
    return site.protects(source.path) or is_login


def _audience(rule: Rule) -> Iterator[Advice]:
    if text := for_nobody(rule):
        yield Advice("for_nobody", str(text))


def _methods(rule: Rule) -> Iterator[Advice]:
    unknown = [name for name in rule.methods.names if name not in KNOWN_METHODS]
    if unknown:
        text = gettext(
            "No browser sends %(methods)s. Known are, for example, %(known)s."
        )
        facts = {"methods": listed(unknown), "known": ", ".join(COMMON_METHODS)}
        yield Advice("unknown_method", text % facts)


def _signs(rule: Rule) -> Iterator[Advice]:
    """Tell of signs that mean something in patterns, where a path is none."""
    path = typed_path(rule.source.path)
    if rule.source.kind not in SHAPED and _OF_PATTERNS.search(path):
        text = gettext(
            "“%(path)s” is taken as it is written: only in a pattern do “*” and “<…>” "
            "stand for any part of a path."
        )
        yield Advice("no_pattern", text % {"path": path})


def _source(rule: Rule) -> Iterator[Advice]:
    path = rule.source.path
    other = _other_spelling(path)
    if not isinstance(rule.source, Exact) or not other:
        return
    facts = {"path": typed_path(path), "other": typed_path(other)}
    if settings.APPEND_SLASH and other.endswith("/"):
        text = gettext(
            "The page of this site is “%(other)s”, with a slash at the end; "
            "“%(path)s” only leads there. Visitors of “%(other)s” are not redirected. "
            "Change the path to “%(other)s”, or cover everything under it."
        )
    else:
        text = gettext(
            "This site has no page at “%(path)s”, but it has one at “%(other)s”, which "
            "this rule does not redirect. Check the slash at the end."
        )
    yield Advice("source_slash", text % facts)


def _target(rule: Rule) -> Iterator[Advice]:
    for each in rule.destinations:
        yield from _missing(each.target)


def _missing(target: Target) -> Iterator[Advice]:
    path = _own_path(target)
    if not path or resolves(path):
        return
    other = _other_spelling(path)
    facts = {"path": typed_path(path), "other": typed_path(other)}
    if other.endswith("/") and settings.APPEND_SLASH:
        text = gettext(
            "“%(path)s” leads on to “%(other)s”, and a form sent there gets lost on "
            "the way. Change the target to “%(other)s”."
        )
        yield Advice("target_slash", text % facts)
        return
    text = gettext(
        "This site has no page at “%(path)s”: visitors would find nothing there."
    )
    if other:
        text += " " + gettext("Did you mean “%(other)s”?")
    yield Advice("target_missing", text % facts)


def _goal(rule: Rule) -> Iterator[Advice]:
    """Tell of an experiment that compares nothing, and of a goal that is no page."""
    if not rule.goal:
        return
    if sum(share > 0 for _, share in rule.split.shares) < 2:
        yield Advice(
            "no_comparison",
            gettext(
                "Everybody goes to the same page, so nothing is compared. Give the "
                "destination a percentage below 100, for example “50”."
            ),
        )
    path = parse_path(rule.goal)
    if not resolves(path):
        text = gettext(
            "This site has no page at “%(path)s”: nobody could reach that goal."
        )
        other = _other_spelling(path)
        if other:
            text += " " + gettext("Did you mean “%(other)s”?")
        facts = {"path": typed_path(path), "other": typed_path(other)}
        yield Advice("goal_missing", text % facts)


def _receiver(rule: Rule) -> Iterator[Advice]:
    if carries_content(rule):
        for each in rule.destinations:
            yield from _to_other_host(each.target)


def _to_other_host(target: Target) -> Iterator[Advice]:
    _scheme, host, _path = target.literal
    if not host or host in current_site().hosts:
        return
    text = gettext(
        "Forms and API calls go on to another server, “%(host)s”. Browsers send them "
        "with “Origin: null” and without this site’s cookies, and most clients leave "
        "“Authorization” behind: the receiver must accept them so, its CSRF "
        "protection included. Where this site’s Content-Security-Policy has "
        "“form-action”, it must name that server."
    )
    yield Advice("other_origin", text % {"host": host})


def _other_spelling(path: str) -> str:
    """Return the path with the other trailing slash where only that one is a page."""
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    return other if other and not resolves(path) and resolves(other) else ""


def _own_path(target: Target) -> str:
    """Return the one path of this site where a target leads; files are no pages."""
    _scheme, host, path = target.literal
    is_own = target.is_relative or host in current_site().hosts
    if not target.is_fixed or not is_own:
        return ""
    urls = (settings.STATIC_URL or "/", settings.MEDIA_URL or "/")
    files = tuple(url for url in urls if url.strip("/"))
    return "" if path.startswith(files) else path or "/"
