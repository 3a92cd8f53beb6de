"""Signals when a maintenance window is scheduled, changed or cancelled."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from time import time
from typing import Any
from uuid import UUID

from django.db import transaction

from temp_redirects.core import documents
from temp_redirects.core.schedules.controls import coming
from temp_redirects.core.sentences import Refused
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.history import WINDOW, read_text
from temp_redirects.signals import (
    maintenance_cancelled,
    maintenance_changed,
    maintenance_scheduled,
    recorded,
)
from temp_redirects.sites import current_site, site_timezone


def tell(before: Window | None, after: Window | None, now: float) -> None:
    """Send what the change of a window from *before* to *after* means at *now*.

    None is a window that does not exist or cannot be read.
    """
    send = {"sender": MaintenanceWindow}
    if before is not None and _is_left(before, now):
        if after is not None and _is_left(after, now):
            maintenance_changed.send_robust(**send, window=after, before=before)
        elif coming(before.schedule, now) is not None:
            maintenance_cancelled.send_robust(**send, window=before)
    elif after is not None and _is_left(after, now):
        maintenance_scheduled.send_robust(**send, window=after)


def _is_left(window: Window, now: float) -> bool:
    """Say whether a window closes something at *now* or later."""
    return window.enabled and window.schedule.occurrence(now) is not None


def _tell_all(changed: Mapping[UUID, tuple[str, str]]) -> None:
    for before, after in changed.values():
        tell(_window(before), _window(after), time())


def _window(text: str) -> Window | None:
    document = read_text(text)
    if document is not None:
        with suppress(Refused):
            return documents.parse_window(document, current_site(), site_timezone())
    return None


def _on_recorded(
    kind: str, using: str, changed: Mapping[UUID, tuple[str, str]], **kwargs: Any
) -> None:
    if kind == WINDOW:
        transaction.on_commit(partial(_tell_all, changed), using=using, robust=True)


def listen() -> None:
    """Tell of what is committed in this process; called when Django starts."""
    recorded.connect(_on_recorded, dispatch_uid="temp_redirects.scheduling")
