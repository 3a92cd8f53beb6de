"""Installation: how a project's settings have put this app among the middlewares."""

from django.conf import settings
from django.utils.module_loading import import_string

MIDDLEWARE = "temp_redirects.middleware.TempRedirectMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
CACHE = "django.middleware.cache.CacheMiddleware"
FETCH_FROM_CACHE = "django.middleware.cache.FetchFromCacheMiddleware"
UPDATE_CACHE = "django.middleware.cache.UpdateCacheMiddleware"
ANSWERING = frozenset({CACHE, FETCH_FROM_CACHE})  # the caches that answer requests
KEEPING = frozenset({CACHE, UPDATE_CACHE})  # and those that keep the answers


def places() -> list[int]:
    """Return where in ``MIDDLEWARE`` the app's middleware stands; once is right."""
    return [at for at, name in enumerate(settings.MIDDLEWARE) if _is_ours(name)]


def earlier() -> list[str]:
    """Return the middlewares that are asked before the app's, or all without it."""
    return list(settings.MIDDLEWARE)[: next(iter(places()), None)]


def _is_ours(name: str) -> bool:
    """Say whether a middleware is the app's own, or a project's subclass of it."""
    if name == MIDDLEWARE:
        return True
    try:
        line = getattr(import_string(name), "__mro__", ())
    except ImportError:  # the server says so when it starts
        return False
    return any(f"{each.__module__}.{each.__qualname__}" == MIDDLEWARE for each in line)
