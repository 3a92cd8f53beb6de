"""Loading: every rule on its way from the tables to an index, as fast as drivers are.

Where a driver cannot read a row, it raises in the middle of it all; `reading` then goes
on one by one. Most rules have one destination, and nothing in most of the other
columns: these are read as the database finds them, in no order. Of all columns only
what no driver has to convert is asked for, which takes longer than to find it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import islice
from time import sleep
from typing import Any

from django.db import connections
from django.db.models import Count, F, TextField
from django.db.models.functions import Cast

from temp_redirects.core.records import Record, id_bytes, pack, with_conditions
from temp_redirects.models.chunks import chunks
from temp_redirects.models.columns import as_seconds
from temp_redirects.models.compact import (
    CHUNK,
    DESTINATION_COLUMNS,
    PLAIN_COLUMNS,
    RULE_COLUMNS,
    facts_of,
    make_destination,
    make_record,
    without_idle_zone,
)
from temp_redirects.models.rules import Condition, Destination, RedirectRule

PAUSE = 0.000_2  # seconds between chunks: other threads have requests to answer
_KEY = ("name", "match", "path")
_REST = RULE_COLUMNS[len(_KEY) + 1 + 2 :]  # behind the moments of the window
_PARTS = tuple(f"destinations__{column}" for column in DESTINATION_COLUMNS[:-1])
_SHARE = {"share": Cast("destinations__percentage", TextField())}


def load(
    using: str, others: Callable[[Sequence[Any]], Iterator[Record]]
) -> Iterator[Record]:
    """Yield every rule that is on, its id in bytes, as an index takes it.

    Those with several destinations come from *others*, by their ids.
    """
    rules = RedirectRule.objects.using(using).filter(enabled=True)
    rules = rules.annotate(identity=Cast("pk", TextField()), **_SHARE).order_by()
    only, unless = facts_of(Condition.objects.using(using))
    conditional = {pk.bytes: pk for pk in (*only, *unless)}
    several = _with_several(using)
    later = {pk.bytes for pk in several}
    plain = rules.filter(**PLAIN_COLUMNS)
    found = plain.values_list("identity", *_KEY, *_PARTS, "share")
    for text, name, match, path, key, label, target, share in _paced(found):
        identity = id_bytes(text)
        if identity in later:
            continue
        if share is None and key is not None:  # as mostly
            record: Record = identity, name, match, path, ((key, label, target),)
        else:
            parts = _parts(key, label, target, share)
            record = pack((identity, name, match, path, parts))
        if pk := conditional.get(identity):
            record = with_conditions(record, only[pk], unless[pk])
        yield record
    moments, seconds = _moments(using)
    rest = rules.exclude(**PLAIN_COLUMNS).annotate(**moments)
    found = rest.values_list("identity", *_KEY, *moments, *_REST, *_PARTS, "share")
    for text, *columns, key, label, target, share in _paced(found):
        identity = id_bytes(text)
        if identity in later:
            continue
        pk = conditional.get(identity)
        yield make_record(
            without_idle_zone((identity, *columns)),
            () if key is None else ((key, label, target, share),),
            only[pk] if pk else (),
            unless[pk] if pk else (),
            seconds,
        )
    for pks in chunks(several, CHUNK):
        yield from others(pks)


def _with_several(using: str) -> list[Any]:
    """Return the ids of rules that have several destinations."""
    numbers = Destination.objects.using(using).order_by().values("rule")
    several = numbers.annotate(number=Count("pk")).filter(number__gt=1)
    return list(several.values_list("rule", flat=True))


def _parts(key: Any, *columns: Any) -> tuple[tuple[Any, ...], ...]:
    return () if key is None else (make_destination((key, *columns)),)


def _paced(rows: Any) -> Iterator[tuple[Any, ...]]:
    found = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield from chunk
        sleep(PAUSE)


def _moments(using: str) -> tuple[dict[str, Any], Callable[[Any], float | None]]:
    """Return the moments of a window as the driver has them, and what reads them."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return {"begins": F("starts_at"), "stops": F("ends_at")}, as_seconds
    zone = connection.timezone

    def seconds(text: str | None) -> float | None:
        return None if text is None else _stored(text, zone)

    columns = {"begins": "starts_at", "stops": "ends_at"}
    return {name: Cast(each, TextField()) for name, each in columns.items()}, seconds


@lru_cache(maxsize=10_000)  # many rules have the same
def _stored(text: str, zone: tzinfo | None) -> float | None:
    """Return the seconds of a moment as SQLite holds it, a text."""
    at = datetime.fromisoformat(text)
    return as_seconds(at.replace(tzinfo=zone) if zone else at)
