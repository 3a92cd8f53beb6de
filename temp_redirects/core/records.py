"""Records: rules as compact tuples of plain values, a million of which fit in memory.

A record holds the fields of a document that was checked when it was saved, in the
order of `FIELDS`; trailing fields that have their default are left out. Tuples of plain
values leave the garbage collector's lists, so that many of them cost no pause.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from temp_redirects.core.orders import Precedence, precedence_of
from temp_redirects.core.patterns import KINDS

Record = tuple[Any, ...]

# Common fields first: the rest is cut off where it is as in DEFAULTS.
DEFAULTS: Mapping[str, Any] = {
    "id": "",
    "name": "",
    "match": "exact",
    "path": "",
    "destinations": (),  # (id, label, target[, percentage]), ...
    "starts": None,  # seconds since the epoch
    "ends": None,
    "timezone": "UTC",
    "priority": 0,
    "hosts": (),
    "methods": (),
    "conditions": (),  # (kind, value), ...
    "unless": (),
    "except_paths": (),
    "status": 307,
    "query": "keep",
    "cache_seconds": 0,
    "note": "",
    "recurrence": "",  # when the window comes again, as `Recurrence.stored` has it
    "sticky": "visitor",
    "goal": "",
    "goal_days": 7,
    "planned_visitors": None,
    "api": "redirect",
    "window": False,  # a path of a maintenance window
}
FIELDS = tuple(DEFAULTS)
_KEY = FIELDS.index("path") + 1  # fields that every record has: it is found by them
_ID, _MATCH, _PATH = map(FIELDS.index, ("id", "match", "path"))
_PRIORITY, _HOSTS = map(FIELDS.index, ("priority", "hosts"))
CONDITIONS, _UNLESS = map(FIELDS.index, ("conditions", "unless"))
_DESTINATIONS = FIELDS.index("destinations")
_TARGET, _WHOLE = 2, 3  # in a destination; fields of one without a percentage
_STICKY, _GOAL = map(FIELDS.index, ("sticky", "goal"))
_API, _PLAIN_API = FIELDS.index("api"), DEFAULTS["api"]


def pack(values: Iterable[Any]) -> Record:
    """Return the record of the values of `FIELDS`, shortened where it can be."""
    record = tuple(values)
    length = len(record)
    while length > _KEY and record[length - 1] == DEFAULTS[FIELDS[length - 1]]:
        length -= 1
    return record[:length]


def unpack(record: Record) -> dict[str, Any]:
    """Return a record's fields by name, the ones left out included."""
    return {**DEFAULTS, **dict(zip(FIELDS, record, strict=False))}


def key(record: Record) -> tuple[str, str]:
    """Return how a record is found: its kind of match and the path it hangs at."""
    kind = KINDS.get(record[_MATCH])
    return record[_MATCH], kind.place_of(record[_PATH]) if kind else ""


def source(record: Record) -> tuple[str, str]:
    """Return what `parse_source` reads: the kind of match and the path as typed."""
    return record[_MATCH], record[_PATH]


def kinds(record: Record) -> frozenset[str]:
    """Return the kinds of a record's conditions."""
    try:
        facts = [fact for group in record[CONDITIONS : _UNLESS + 1] for fact in group]
        return frozenset(str(kind) for kind, _ in facts)
    except (TypeError, ValueError):  # what cannot be read is switched off later
        return frozenset()


def depends(record: Record) -> bool:
    """Say whether the answer depends on who asks, as `Rule.depends` has it."""
    length = len(record)
    if length > CONDITIONS and (
        record[CONDITIONS]
        or (length > _UNLESS and record[_UNLESS])
        or (length > _API and record[_API] != _PLAIN_API)
    ):
        return True
    if length <= _DESTINATIONS:
        return False
    if is_split(record):
        return True
    try:
        for destination in record[_DESTINATIONS]:
            if "{country}" in destination[_TARGET]:
                return True
    except (TypeError, IndexError):  # what cannot be read is switched off later
        return True
    return False


def is_split(record: Record) -> bool:
    """Say whether visitors may get different arms, as `Rule.is_split` has it."""
    try:
        destinations = record[_DESTINATIONS]
        return (
            len(destinations) > 1
            or (len(destinations) == 1 and len(destinations[0]) > _WHOLE)
            or bool(goal(record))
        )
    except (TypeError, IndexError):  # what cannot be read is switched off later
        return False


def goal(record: Record) -> str:
    """Return the path that an experiment leads to, as stored; empty for others."""
    found: str = record[_GOAL] if len(record) > _GOAL else ""
    return found


def remembers(record: Record) -> bool:
    """Say whether arms stand in the visitors' cookies, as `Rule.remembers` has it."""
    if len(record) <= _STICKY:
        return False
    is_user = record[_STICKY] == "user"
    return (is_user or bool(goal(record))) and is_split(record)


def precedence(record: Record) -> Precedence:
    """Return a record's place among others, the smallest first, as `Rule` has it."""
    kind = KINDS[record[_MATCH]]
    return precedence_of(
        record[_PRIORITY] if len(record) > _PRIORITY else 0,
        kind.rank,
        kind.literal_of(record[_PATH]),
        len(record) > _HOSTS and bool(record[_HOSTS]),
        record[_ID],
    )
