"""A rule's row and its parts as the compact record that the store works with."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import QuerySet

from temp_redirects.core import documents, records
from temp_redirects.models.columns import as_moment, as_seconds, lines, listed

RULE_COLUMNS = (
    "pk",
    "name",
    "match",
    "path",
    "starts_at",
    "ends_at",
    "timezone",
    "recurrence",
    "priority",
    "hosts",
    "methods",
    "except_paths",
    "sticky",
    "goal",
    "goal_days",
    "planned_visitors",
    "status",
    "query",
    "cache_seconds",
    "note",
)
DESTINATION_COLUMNS = ("key", "label", "target", "percentage")
_OWN = frozenset({"name", "match", "path"})
# What stands in the other columns of most rules. Without a window its time zone says
# nothing.
PLAIN_COLUMNS = {
    **{
        column: records.DEFAULTS[column]
        for column in RULE_COLUMNS
        if column in records.DEFAULTS and column not in _OWN | {"timezone"}
    },
    "starts_at": None,
    "ends_at": None,
    "hosts": "",
    "methods": "",
    "except_paths": "",
}
_STARTS, _ENDS, _ZONE = map(RULE_COLUMNS.index, ("starts_at", "ends_at", "timezone"))
CHUNK = 500  # rows; between chunks other threads, which have requests, get their turn
PAUSE = 0.000_2  # seconds of such a turn


Parts: TypeAlias = "tuple[tuple[Any, ...], ...]"
FactsOfRules: TypeAlias = "tuple[defaultdict[UUID, Parts], defaultdict[UUID, Parts]]"


def grouped(parts: QuerySet[Any], *columns: str) -> defaultdict[UUID, Parts]:
    """Return columns of parts by their rule."""
    groups: defaultdict[UUID, Parts] = defaultdict(tuple)
    rows = parts.values_list("rule_id", *columns)
    for rule, *values in rows.iterator(chunk_size=CHUNK):
        groups[rule] += (tuple(values),)
    return groups


def facts_of(conditions: QuerySet[Any]) -> FactsOfRules:
    """Return what rules are only for, and not for, by the rules and in their order."""
    found = conditions.order_by("pk")
    only, unless = (
        grouped(found.filter(excepts=excepts), "kind", "value")
        for excepts in (False, True)
    )
    return only, unless


def without_idle_zone(columns: Sequence[Any]) -> Sequence[Any]:
    """Return `RULE_COLUMNS` with a time zone only where a window is told by it."""
    if columns[_STARTS] is None and columns[_ENDS] is None:
        zone = records.DEFAULTS["timezone"]
        return (*columns[:_ZONE], zone, *columns[_ZONE + 1 :])
    return columns


def make_record(
    columns: Sequence[Any],
    destinations: Parts,
    conditions: Parts,
    unless: Parts,
    seconds: Callable[[Any], float | None] = as_seconds,
) -> records.Record:
    """Return the record of a rule's `RULE_COLUMNS` and its parts.

    *seconds* reads its moments. An id in bytes is left so, as an index takes it.
    """
    (
        pk,
        name,
        match,
        path,
        starts,
        ends,
        timezone,
        recurrence,
        priority,
        hosts,
        methods,
        except_paths,
        sticky,
        goal,
        goal_days,
        planned_visitors,
        status,
        query,
        cache_seconds,
        note,
    ) = columns
    return records.pack(
        (
            pk if isinstance(pk, bytes) else str(pk),
            name,
            match,
            path,
            tuple(map(make_destination, destinations)),
            seconds(starts),
            seconds(ends),
            timezone,
            priority,
            listed(hosts),
            listed(methods),
            conditions,
            unless,
            lines(except_paths),
            status,
            query,
            cache_seconds,
            note,
            recurrence,
            sticky,
            goal,
            goal_days,
            planned_visitors,
        )
    )


def columns_of(record: records.Record) -> dict[str, Any]:
    """Return what a rule's row has of a record: what is in neither stays as it is."""
    fields = records.unpack(record)
    return {
        **{column: fields[column] for column in _PLAIN},
        "starts_at": as_moment(fields["starts"]),
        "ends_at": as_moment(fields["ends"]),
        "hosts": ", ".join(fields["hosts"]),
        "methods": ", ".join(fields["methods"]),
        "except_paths": "\n".join(fields["except_paths"]),
    }


_PLAIN = [
    column
    for column in RULE_COLUMNS
    if column in records.FIELDS and records.DEFAULTS[column] != ()
]


def make_destination(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return `DESTINATION_COLUMNS` as records have it, an empty percentage left out."""
    *texts, percentage = columns
    if percentage is None:
        return tuple(texts)
    return (*texts, documents.whole_number(float(percentage)))
