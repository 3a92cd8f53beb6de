"""Options that rules and maintenance windows share, read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from temp_redirects.management.actions import USAGE
from temp_redirects.management.windows import Window, read_window


def asked_window(options: Mapping[str, Any], now: datetime) -> Window:
    """Return the window that the options mean; one without an end says so."""
    until, lasts = options["until"], options["lasts"]
    if not (until or lasts or options["until_switched_off"]):
        raise CommandError(
            "Say when it ends: --for 3h, --until 22:00, or --until-switched-off.",
            returncode=USAGE,
        )
    zone, starts = options["timezone"], options["starts"]
    return read_window(now, zone, starts, until=until, lasts=lasts)


def several(texts: Sequence[str]) -> list[str]:
    """Return the values of an option that is repeated, or names several by commas."""
    return [each.strip() for text in texts for each in text.split(",")]
