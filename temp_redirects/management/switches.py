"""Kill switches on the command line: which there are, and how they are told."""

from typing import Any

from django.db import router

from temp_redirects.core.schedules import moment
from temp_redirects.models import KillSwitch
from temp_redirects.models.columns import as_seconds
from temp_redirects.models.switches import KillSwitchQuerySet
from temp_redirects.sites import site_timezone


def written_switches() -> KillSwitchQuerySet:
    """Return the kill switches, of the database that they are written to."""
    return KillSwitch.objects.using(router.db_for_write(KillSwitch))


def as_json(row: KillSwitch) -> dict[str, Any]:
    """Return a switch for a script to read."""
    ends = as_seconds(row.ends_at)
    return {
        "scope": row.scope,
        "host": row.host,
        "until": None if ends is None else moment(ends, site_timezone()).isoformat(),
        "reason": row.reason,
        "who": row.who,
    }
