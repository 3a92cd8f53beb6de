"""The peers in one site with this app, and the same rules in each."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.sites.models import Site
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

MIDDLEWARE = {
    "contrib": "django.contrib.redirects.middleware.RedirectFallbackMiddleware",
    "wagtail": "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "django-redirects": "redirects.middleware.RedirectMiddleware",
    "maintenance-mode": "maintenance_mode.middleware.MaintenanceModeMiddleware",
    "ours": "temp_redirects.middleware.TempRedirectMiddleware",
}
CHUNK = 2_000


def middleware(name: str, get_response: Callable[[HttpRequest], Any]) -> Any:
    """Return a middleware alone, around *get_response*."""
    return import_string(MIDDLEWARE[name])(get_response)


def found(request: HttpRequest) -> HttpResponse:
    """Answer 200, always with the same response: only the middleware is timed."""
    return FOUND


async def afound(request: HttpRequest) -> HttpResponse:
    """Answer so on an event loop."""
    return FOUND


def missing(request: HttpRequest) -> HttpResponse:
    """Answer 404 likewise."""
    return MISSING


FOUND = HttpResponse(b"ok")
MISSING = HttpResponse(b"no", status=404)


def fill(paths: Iterable[tuple[str, str]]) -> None:
    """Give every peer rules from the one path to the other."""
    from django.contrib.redirects.models import Redirect as Contrib
    from redirects.models import Redirect as DjangoRedirect
    from wagtail.contrib.redirects.models import Redirect as Wagtail

    site = Site.objects.get_or_create(pk=1, defaults={"domain": "testserver"})[0]
    pairs = list(paths)
    Contrib.objects.all().delete()
    Contrib.objects.bulk_create(
        [Contrib(site=site, old_path=old, new_path=new) for old, new in pairs],
        batch_size=CHUNK,
    )
    Wagtail.objects.all().delete()
    Wagtail.objects.bulk_create(
        [
            Wagtail(
                old_path=Wagtail.normalise_path(old),
                redirect_link=new,
                is_permanent=False,
            )
            for old, new in pairs
        ],
        batch_size=CHUNK,
    )
    DjangoRedirect.objects.all().delete()
    DjangoRedirect.objects.bulk_create(
        [
            DjangoRedirect(old_path=old, new_path=new, type_status_code=307)
            for old, new in pairs
        ],
        batch_size=CHUNK,
    )
