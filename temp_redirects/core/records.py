"""Records: rules as tuples of plain values, and packed, a million of which fit.

A record holds the fields of a document that was checked when it was saved, in the
order of `FIELDS`; trailing fields that have their default are left out. On its way to
an index, which packs it, it may have its id as 16 bytes.
"""

import marshal
import re
from collections.abc import Iterable, Mapping
from typing import Any

from temp_redirects.core.orders import Precedence, precedence_of
from temp_redirects.core.patterns import KINDS, Exact

Record = tuple[Any, ...]
Facts = tuple[tuple[str, str], ...]  # kinds and values

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
_DEFAULTS = tuple(DEFAULTS.values())
_KEY = FIELDS.index("path") + 1  # fields that every record has: it is found by them
_ID, _NAME, _MATCH, _PATH = map(FIELDS.index, ("id", "name", "match", "path"))
_PRIORITY, _HOSTS = map(FIELDS.index, ("priority", "hosts"))
CONDITIONS, _UNLESS = map(FIELDS.index, ("conditions", "unless"))
_RARE = _UNLESS + 1  # fields behind it are seldom set
_DESTINATIONS, _ENDS = map(FIELDS.index, ("destinations", "ends"))
_TARGET, _WHOLE = 2, 3  # in a destination; fields of one without a percentage
_STICKY, _GOAL = map(FIELDS.index, ("sticky", "goal"))
_PLAIN = b"\0"  # begins what is packed of one path to one target
_TEXTS = 1 + 16  # where its texts begin, behind the id
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WINDOW = FIELDS.index("window")
_RECURRENCE = FIELDS.index("recurrence")
_API, _PLAIN_API = FIELDS.index("api"), DEFAULTS["api"]


def pack(values: Iterable[Any]) -> Record:
    """Return the record of the values of `FIELDS`, shortened where it can be.

    The last ones may be left out, where all of them are as in `DEFAULTS`.
    """
    record = tuple(values)
    length = len(record)
    if record[_RARE:] == _DEFAULTS[_RARE:length]:  # as nearly always
        length = min(length, _RARE)
    while length > _KEY and record[length - 1] == _DEFAULTS[length - 1]:
        length -= 1
    return record[:length]


def with_conditions(record: Record, only: Facts, unless: Facts) -> Record:
    """Return a record that had no field behind its destinations, with conditions."""
    return pack((*record, *_DEFAULTS[len(record) : CONDITIONS], only, unless))


def packed(record: Record, place: str) -> bytes:
    """Return a record as bytes that an index keeps at a place, a third of its size.

    The garbage collector passes them by, so that many of them cost no pause. Raises
    ValueError for values that are no record's.
    """
    identity, path = record[_ID], record[_PATH]
    if not isinstance(identity, bytes) and _UUID.fullmatch(identity):
        identity = id_bytes(identity)
    is_short = len(record) == _DESTINATIONS + 1 and path == place
    if is_short and isinstance(identity, bytes):
        plain = _packed_plain(record, identity)
        if plain:
            return plain
    kept = None if path == place else path
    return marshal.dumps((identity, *record[_NAME:_PATH], kept, *record[_PATH + 1 :]))


def _packed_plain(record: Record, identity: bytes) -> bytes:
    """Return what most records are packed to, or nothing: one path to one target."""
    if record[_MATCH] != DEFAULTS["match"]:
        return b""
    try:
        (destination,) = record[_DESTINATIONS]
        texts = "\0".join((record[_NAME], *destination))
    except (TypeError, ValueError):  # several, or one with a percentage
        return b""
    if texts.count("\0") != _WHOLE:
        return b""
    return _PLAIN + identity + texts.encode("utf-8", "surrogatepass")


def unpacked(data: bytes, place: str) -> Record:
    """Return the record that was packed for that place."""
    if data[:1] == _PLAIN:
        texts = data[_TEXTS:].decode("utf-8", "surrogatepass")
        name, *destination = texts.split("\0")
        identity = dashed(data[1:_TEXTS].hex())
        return identity, name, DEFAULTS["match"], place, (tuple(destination),)
    # Of this process's own making, and never stored.
    identity, name, match, path, *rest = marshal.loads(data)  # noqa: S302
    if isinstance(identity, bytes):
        identity = dashed(identity.hex())
    return identity, name, match, place if path is None else path, *rest


def named(record: Record) -> Record:
    """Return a record with its id as text, as all but an index want it."""
    identity = record[_ID]
    if isinstance(identity, bytes):
        return (dashed(identity.hex()), *record[_NAME:])
    return record


def id_bytes(text: str) -> bytes:
    """Return the 16 bytes of an id, written with dashes or without."""
    return bytes.fromhex(text.replace("-", ""))


def dashed(digits: str) -> str:
    """Return the 32 hexadecimal digits of an id as ids are written (RFC 9562 §4)."""
    ends = digits[8:12], digits[12:16], digits[16:20]
    return f"{digits[:8]}-{'-'.join(ends)}-{digits[20:]}"


def unpack(record: Record) -> dict[str, Any]:
    """Return a record's fields by name, the ones left out included."""
    return {**DEFAULTS, **dict(zip(FIELDS, record, strict=False))}


def from_json(values: Any) -> Any:
    """Return a record, or a part of one, as it was before JSON made lists of it."""
    return tuple(map(from_json, values)) if isinstance(values, list) else values


def destinations(record: Record) -> tuple[Any, ...]:
    """Return a record's destinations, each as tuple: (id, label, target[, share])."""
    found: tuple[Any, ...] = record[_DESTINATIONS : _DESTINATIONS + 1]
    return found[0] if found else ()


def parts(record: Record) -> tuple[Any, ...]:
    """Return what has rows of its own: the destinations, and both kinds of facts."""
    facts = record[CONDITIONS : _UNLESS + 1]
    return destinations(record), *facts, *((),) * (2 - len(facts))


def ends(record: Record) -> float | None:
    """Return when a record's window is over, in seconds since the epoch."""
    return record[_ENDS] if len(record) > _ENDS else None


def is_over(record: Record, now: float) -> bool:
    """Say whether a record's only window ends before *now*, seconds since the epoch."""
    comes_again = len(record) > _RECURRENCE and record[_RECURRENCE]
    end = ends(record)
    return end is not None and end <= now and not comes_again


def with_ids(record: Record, own: str, keys: Iterable[str]) -> Record:
    """Return the record under other ids, of its destinations in their order."""
    pairs = zip(keys, destinations(record), strict=True)
    arms = tuple((identity, *arm[1:]) for identity, arm in pairs)
    return (own, *record[1:_DESTINATIONS], arms, *record[_DESTINATIONS + 1 :])


def key(record: Record) -> tuple[str, str]:
    """Return how a record is found: its kind of match and the path it hangs at."""
    match, path = record[_MATCH], record[_PATH]
    if match == Exact.kind and "%" not in path:  # as mostly, and sooner known
        return match, path
    kind = KINDS.get(match)
    return match, kind.place_of(path) if kind else ""


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


def is_of_window(record: Record) -> bool:
    """Say whether a maintenance window was compiled to this, and nobody wrote it."""
    return len(record) > _WINDOW and bool(record[_WINDOW])


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
