"""Changes: how two documents of one rule differ, and what taking that back means.

Nothing here knows the keys of a document, so that new ones come along by themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]

_ENDS = "schedule.ends_at"
_EXCEPT, _MOVED = "schedule.except", "schedule.moved_ends"
# Days that are so long past are forgotten: a day less than `Recurrence` keeps them, for
# zones in which it is another day.
FORGOTTEN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in a document, “schedule.ends_at”, with what stood and stands there."""

    place: str
    before: Any
    after: Any


def differences(before: Document | None, after: Document | None) -> list[Difference]:
    """Return where two documents differ; None is a rule that does not exist.

    What a new rule leaves empty is no difference, nor is the id, which never changes.
    """
    was, becomes = _flat(before), _flat(after)
    places = [place for place in {**becomes, **was} if place != "id"]
    found = [Difference(at, was.get(at), becomes.get(at)) for at in places]
    return [each for each in found if _differs(each)]


def _differs(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    if before is None or after is None:
        return bool(before) != bool(after)
    return bool(before != after)


def taken_back(
    current: Document | None, before: Document | None, after: Document | None
) -> dict[str, Any] | None:
    """Return *current* with what changed from *before* to *after* as it was before.

    What changed elsewhere in the meantime stays. None is a rule that does not exist.
    """
    if before is None:
        return None
    if current is None or after is None:
        return dict(before)
    was = _flat(before)
    kept = _flat(current)
    for difference in differences(before, after):
        kept.pop(difference.place, None)
        if difference.place in was:
            kept[difference.place] = was[difference.place]
    return _nested(kept)


def is_publishing(before: Document | None, after: Document | None, now: float) -> bool:
    """Say whether visitors may be redirected from *now* on as they were not before.

    *now* is seconds since the epoch. Switching off, deleting and ending earlier take
    redirects away and are none.
    """
    if after is None or not after.get("enabled"):
        return False
    if before is None or not before.get("enabled"):
        return True
    found = differences(before, after)
    since = datetime.fromtimestamp(now, UTC).date() - FORGOTTEN
    return not all(_takes_away(each, after, since) for each in found)


def _takes_away(change: Difference, after: Document, since: date) -> bool:
    """Say whether visitors are redirected less by it, at no time more."""
    if change.place == _ENDS:
        return _is_earlier(change)
    if change.place == _EXCEPT:
        return _of_late(change.before or [], since) <= {*(change.after or [])}
    if change.place == _MOVED:
        was, becomes = change.before or {}, change.after or {}
        is_kept = _of_late(was, since) <= {*becomes}
        return is_kept and _ends_no_later(was, becomes, after)
    return False


def _of_late(days: Iterable[str], since: date) -> set[str]:
    return {day for day in days if date.fromisoformat(day) >= since}


def _ends_no_later(
    before: Mapping[str, str], after: Mapping[str, str], document: Document
) -> bool:
    """Say whether each day’s own end is no later than it was, or than is usual."""
    schedule = document["schedule"]
    first, usual = (_moment(schedule[key]) for key in ("starts_at", "ends_at"))
    for day, ends in after.items():
        days = date.fromisoformat(day) - first.date()
        as_usual = (usual + days).replace(tzinfo=_moment(ends).tzinfo)
        known = _moment(before[day]) if day in before else as_usual
        if _moment(ends) > known:
            return False
    return True


def _is_earlier(end: Difference) -> bool:
    if end.after is None:
        return False
    return end.before is None or _moment(end.after) < _moment(end.before)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _flat(document: Document | None) -> dict[str, Any]:
    """Return the values of a document by place, objects in it taken apart."""
    flat: dict[str, Any] = {}
    for key, value in (document or {}).items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for place, value in flat.items():
        key, dot, inner = place.partition(".")
        if dot:
            document.setdefault(key, {})[inner] = value
        else:
            document[key] = value
    return document
