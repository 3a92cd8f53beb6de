"""Loading: every rule on its way from the tables to an index, as fast as drivers are.

Rows come as the database finds them, in no order, and with few columns to convert: to
make an id or a moment of a text takes longer than to find its row. Most rules have one
destination, and nothing in most of the other columns, which are not asked for then.
Where something cannot be read, it raises in the middle of it all; `reading` begins anew
then, with care.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import islice
from time import sleep
from typing import Any, NamedTuple, Self, TypeAlias
from uuid import UUID

from django.db import connections
from django.db.models import Count, F, TextField
from django.db.models.functions import Cast

from temp_redirects.core.records import Record, id_bytes, pack, with_conditions
from temp_redirects.models.chunks import chunks
from temp_redirects.models.columns import as_seconds
from temp_redirects.models.compact import (
    CHUNK,
    DESTINATION_COLUMNS,
    PAUSE,
    PLAIN_COLUMNS,
    RULE_COLUMNS,
    Parts,
    facts_of,
    make_destination,
    make_record,
    without_idle_zone,
)
from temp_redirects.models.rules import Condition, Destination, RedirectRule

_KEY = ("name", "match", "path")
_PRIORITY = RULE_COLUMNS.index("priority")
_REST = RULE_COLUMNS[RULE_COLUMNS.index("ends_at") + 1 :]
_PART = tuple(f"destinations__{column}" for column in DESTINATION_COLUMNS[:-1])
_SHARE = {"share": Cast("destinations__percentage", TextField())}
Row: TypeAlias = tuple[Any, ...]


class _Facts(NamedTuple):
    """The conditions of rules, by their ids in bytes."""

    only: dict[bytes, Parts]
    unless: dict[bytes, Parts]

    @classmethod
    def read(cls, using: str) -> Self:
        found = facts_of(Condition.objects.using(using))
        return cls(*({pk.bytes: facts[pk] for pk in facts} for facts in found))


def load(
    using: str, one_by_one: Callable[[Sequence[UUID]], Iterator[Record]]
) -> Iterator[Record]:
    """Yield every rule that is on, its id in bytes, as an index takes it.

    Those with several destinations are read *one by one*, by their ids.
    """
    rules = RedirectRule.objects.using(using).filter(enabled=True)
    rules = rules.annotate(identity=Cast("pk", TextField()), **_SHARE).order_by()
    facts, several = _Facts.read(using), _with_several(using)
    later = {pk.bytes for pk in several}
    plain = rules.filter(**PLAIN_COLUMNS)
    found = plain.values_list("identity", *_KEY, *_PART, "share")
    yield from _plain(_paced(found, later), facts)
    moments, seconds = _moments(using)
    rest = rules.exclude(**PLAIN_COLUMNS).annotate(**moments)
    found = rest.values_list("identity", *_KEY, *moments, *_REST, *_PART, "share")
    yield from _others(_paced(found, later), facts, seconds)
    for pks in chunks(several, CHUNK):
        yield from one_by_one(pks)


def _plain(found: Iterator[tuple[bytes, Row]], facts: _Facts) -> Iterator[Record]:
    for identity, (_, name, match, path, key, label, target, share) in found:
        if share is None and key is not None:  # as mostly
            record: Record = identity, name, match, path, ((key, label, target),)
        else:
            parts = map(make_destination, _parts((key, label, target, share)))
            record = pack((identity, name, match, path, tuple(parts)))
        if identity in facts.only or identity in facts.unless:
            only, unless = facts.only.get(identity, ()), facts.unless.get(identity, ())
            record = with_conditions(record, only, unless)
        yield record


def _others(
    found: Iterator[tuple[bytes, Row]],
    facts: _Facts,
    seconds: Callable[[Any], float | None],
) -> Iterator[Record]:
    for identity, row in found:
        if not isinstance(row[_PRIORITY], int):  # by which records are put in order
            raise TypeError(row[_PRIORITY])
        yield make_record(
            without_idle_zone((identity, *row[1 : len(RULE_COLUMNS)])),
            _parts(row[len(RULE_COLUMNS) :]),
            facts.only.get(identity, ()),
            facts.unless.get(identity, ()),
            seconds,
        )


def _with_several(using: str) -> list[UUID]:
    """Return the ids of rules that have several destinations."""
    numbers = Destination.objects.using(using).order_by().values("rule")
    several = numbers.annotate(number=Count("pk")).filter(number__gt=1)
    return list(several.values_list("rule", flat=True))


def _parts(part: Row) -> Parts:
    """Return the only destination; none where there is no key."""
    return () if part[0] is None else (part,)


def _paced(rows: Any, later: Container[bytes]) -> Iterator[tuple[bytes, Row]]:
    """Yield rows behind their ids, but for those that are read later."""
    found = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        for row in chunk:
            identity = id_bytes(row[0])
            if identity not in later:
                yield identity, row
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
    return as_seconds(at.replace(tzinfo=zone) if zone and at.tzinfo is None else at)
