"""Silences: rules and windows of a list that are on, and that a kill switch stops."""

from collections.abc import Iterable
from time import time
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.displays import badge
from temp_redirects.models.columns import listed
from temp_redirects.store import store

SWITCHED_OFF = ("⛔", _("Switched off"))


def mark(rows: Iterable[Any], *, is_window: bool = False) -> None:
    """Mark the rows that are stopped on all their hosts.

    By what the process knows anyway, as the banner: the database is not asked.
    """
    now = time()
    pulled = [each for each in store.ruleset().switches if each.active(now)]
    for row in rows if pulled else ():
        hosts = listed(row.hosts)
        row.is_silenced = any(
            each.silences(hosts, is_window=is_window) for each in pulled
        )


def told(row: Any, state: str) -> SafeString | None:
    """Return the badge of a marked row, where it would be on by itself."""
    if state in {"live", "on"} and getattr(row, "is_silenced", False):
        return badge("silenced", words=SWITCHED_OFF)
    return None
