"""For a project's own tests: rules, maintenance and a clock, for a block or a test."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone as django_timezone

from temp_redirects import clocks
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.versions import writing
from temp_redirects.responses import SIGNATURE

NAME = "override-window"


@contextmanager
def override_rules(
    rules: Mapping[str, str | Mapping[str, Any]] | None = None, **fields: Any
) -> Iterator[list[RedirectRule]]:
    """Redirect by these rules and no others while the block runs; also a decorator.

    *rules* says to which target each path leads, or the fields of
    `RedirectRule.objects.schedule` for it; *fields* are for all of them. Every rule
    that is on else is off meanwhile; maintenance windows stay. Raises ValidationError
    for what the form would refuse, and ValueError for the name of a rule that exists.
    """
    others = RedirectRule.objects.filter(enabled=True)
    off = list(others.values_list("pk", flat=True))
    with writing(others.db):
        others.update(enabled=False)
        made = [
            _made(path, to if isinstance(to, Mapping) else {"target": to}, fields)
            for path, to in (rules or {}).items()
        ]
    try:
        yield made
    finally:
        with writing(others.db):
            pks = [rule.pk for rule in made]
            RedirectRule.objects.filter(pk__in=pks).delete()
            RedirectRule.objects.filter(pk__in=off).update(enabled=True)


def _made(path: str, own: Mapping[str, Any], fields: Mapping[str, Any]) -> RedirectRule:
    given = {"name": f"override-rules {uuid4()}", **fields, **own}
    if RedirectRule.objects.named(given["name"]) is not None:
        raise ValueError(f"There is a rule called {given['name']!r} already.")
    return RedirectRule.objects.schedule(path, **given)


@contextmanager
def override_window(*paths: str, **fields: Any) -> Iterator[MaintenanceWindow | None]:
    """Close these paths and no others while the block runs; also a decorator.

    Every window that is on else, and was left on by a fixture for example, is off
    meanwhile; without *paths* nothing is closed. *fields* are those of
    `MaintenanceWindow.objects.schedule`.
    """
    windows = MaintenanceWindow.objects.filter(enabled=True)
    others = list(windows.values_list("pk", flat=True))
    made: MaintenanceWindow | None = None
    with writing(windows.db):
        windows.update(enabled=False)
        if paths:
            made = MaintenanceWindow.objects.schedule(
                fields.pop("name", NAME), paths, **fields
            )
    try:
        yield made
    finally:
        with writing(windows.db):
            if made is not None:
                made.delete()
            MaintenanceWindow.objects.filter(pk__in=others).update(enabled=True)


class Clock:
    """A clock that stands at the moment ``at`` until that is set, or it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> float:
        """Return what it shows, in seconds since the epoch."""
        return self.at.timestamp()

    def move(self, by: timedelta) -> None:
        """Let that much time pass."""
        self.at += by


@contextmanager
def override_clock(at: datetime) -> Iterator[Clock]:
    """Answer requests as at that moment while the block runs; also a decorator.

    It is the clock of redirects, notices, banners, passes and ``status.json``. Rows,
    for instance ``rule.state()``, and the admin go by the real one. A moment without a
    zone is in the current time zone.
    """
    clock = Clock(at if at.tzinfo else django_timezone.make_aware(at))
    with clocks.going_by(clock):
        yield clock


def assert_redirects_temporarily(
    response: Any, target: str | None = None, *, status: int | None = None
) -> None:
    """Raise AssertionError unless a rule of this app redirected, to *target*.

    The target is compared as it stands in ``Location``, the query included. *status*
    is 307, 303 or 302; any of them if it is left out. The response must not have been
    followed.
    """
    asked = f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']}"
    code, location = response.status_code, response.headers.get("Location")
    if getattr(response, "redirect_chain", None):
        raise AssertionError(f"{asked} was followed: ask without follow=True.")
    if response.headers.get("X-Redirect-By") != SIGNATURE:
        raise AssertionError(f"{asked} was not redirected by a rule: it got {code}.")
    if target is not None and location != target:
        raise AssertionError(f"{asked} was redirected to {location}, not to {target}.")
    if status is not None and code != status:
        raise AssertionError(f"{asked} was redirected by {code}, not by {status}.")
