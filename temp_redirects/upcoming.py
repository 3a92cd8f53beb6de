"""The banner that tells of maintenance beforehand, and what caches may keep of it."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.cache import patch_cache_control, patch_vary_headers

from temp_redirects import conf
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.upcoming import Planned, here, next_up
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.requests import RequestVisit
from temp_redirects.store import store

COOKIE = "temp_redirects_seen"  # the times whose banner the visitor has closed
MAX_SEEN = 20
MAX_KEY = 40  # characters
MARK = "temp_redirects_upcoming"  # on the request: until when its page is right


def ruleset() -> Ruleset:
    """Return the live rules; on an event loop those that the middleware looked for."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return store.ruleset()
    return store.live


def windows_here(request: HttpRequest, now: float) -> list[MaintenanceWindow]:
    """Return the windows that are meant for the request's host, none if all is off."""
    rules, visit = ruleset(), RequestVisit(request, request.path)
    if not conf.current().ENABLED or rules.switched_off(visit, now):
        return []
    return here(rules.windows.values(), visit)


def seen(request: HttpRequest) -> list[str]:
    """Return the keys of the times whose banner the visitor has closed."""
    return list(filter(is_key, request.COOKIES.get(COOKIE, "").split(".")))[:MAX_SEEN]


def is_key(text: str) -> bool:
    """Say whether a text may be the key of a time, so that nothing else is kept."""
    return text.isascii() and text.isalnum() and len(text) <= MAX_KEY


def upcoming(request: HttpRequest, lead: float, now: float) -> list[Planned]:
    """Return what begins within *lead* seconds and the visitor has not put aside.

    The request is marked with the moment at which its page says something else.
    """
    found = next_up(windows_here(request, now), now)
    soon = [each for each in found if (each.starts or now) - now <= lead]
    later = [(each.starts or now) - lead for each in found if each not in soon]
    edges = [*later, *((each.starts or now) for each in soon)]
    closed = seen(request)
    setattr(request, MARK, (min(edges, default=None), bool(soon)))
    return [each for each in soon if each.key not in closed]


def bounded(response: Any, request: HttpRequest, clock: Callable[[], float]) -> Any:
    """Return a page with a banner so that no cache keeps it beyond its next change."""
    mark: tuple[float | None, bool] = getattr(request, MARK, (None, False))
    until, depends = mark
    if depends:
        patch_vary_headers(response, ["Cookie"])
    said = response.headers.get("Cache-Control", "")
    if until is not None and ("max-age" in said or "s-maxage" in said):
        left = max(0, int(until - clock()))
        patch_cache_control(response, max_age=left)  # the smaller one counts
        shared = re.search(r"s-maxage=(\d+)", said)
        if shared:
            patch_cache_control(response, s_maxage=min(left, int(shared[1])))
    return response
