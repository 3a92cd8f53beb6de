"""A rule's hits as the command line shows them, to people and to scripts."""

from datetime import datetime
from time import time
from typing import Any

from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sentences import Refused
from temp_redirects.models import HitCount, RedirectRule
from temp_redirects.models.hits import Hits, alias


def hits_of(row: RedirectRule) -> Hits:
    """Return the hits of a stored rule."""
    counts = HitCount.objects.using(alias())
    return counts.of([row.pk], now=time()).get(row.pk, Hits())


def hits_text(hits: Hits, timezone: str) -> str:
    """Return a rule's hits for people, the last one in the rule's own zone."""
    if hits.last is None:
        return "none so far"
    last = _shown(hits.last, timezone)
    return f"{hits.day:,} in the last 24 h, {hits.total:,} in all, the last on {last}"


def _shown(at: datetime, timezone: str) -> str:
    try:
        return str(Schedule(timezone=timezone).shown(int(at.timestamp())))
    except Refused:  # the zone of a rule that cannot be read
        return _shown(at, "UTC")


def hits_json(hits: Hits) -> dict[str, Any]:
    """Return a rule's hits for a script to read."""
    return {
        "last_24_hours": hits.day,
        "total": hits.total,
        "last_at": hits.last and hits.last.isoformat(),
    }
