"""The demo’s shop for gunicorn, under the clock that each request brings along."""

import os
from collections.abc import Callable, Iterable
from typing import Any

import time_machine
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")
_shop = get_wsgi_application()


def application(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer as the shop does at ``X-Test-Clock``, seconds since the epoch."""
    with time_machine.travel(float(environ["HTTP_X_TEST_CLOCK"]), tick=False):
        return _shop(environ, start_response)
