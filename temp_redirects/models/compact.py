"""A rule's row and its parts as the compact record that the store works with."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from temp_redirects.core import documents, records
from temp_redirects.core.sentences import Refused
from temp_redirects.models.columns import lines, listed
from temp_redirects.models.repeating import stored_schedule

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
CHUNK = 500  # rows; between chunks other threads get their turn


def grouped(
    parts: QuerySet[Any], *columns: str
) -> defaultdict[UUID, tuple[tuple[Any, ...], ...]]:
    """Return columns of parts by their rule."""
    groups: defaultdict[UUID, tuple[tuple[Any, ...], ...]] = defaultdict(tuple)
    rows = parts.values_list("rule_id", *columns)
    for rule, *values in rows.iterator(chunk_size=CHUNK):
        groups[rule] += (tuple(values),)
    return groups


def make_document(
    columns: tuple[Any, ...],
    enabled: bool,
    destinations: tuple[tuple[Any, ...], ...],
    conditions: tuple[tuple[Any, ...], ...],
    unless: tuple[tuple[Any, ...], ...],
) -> dict[str, Any]:
    """Return the document of a rule's `RULE_COLUMNS` and its parts.

    One that cannot be read has its id and name alone.
    """
    try:
        record = make_record(columns, destinations, conditions, unless)
        document = documents.document_of(record)
    except Refused:
        row = dict(zip(RULE_COLUMNS, columns, strict=True))
        document = {"id": str(row["pk"]), "name": row["name"]}
    return document | {"enabled": enabled}


def make_record(
    columns: tuple[Any, ...],
    destinations: tuple[tuple[Any, ...], ...],
    conditions: tuple[tuple[str, ...], ...],
    unless: tuple[tuple[str, ...], ...],
) -> records.Record:
    """Return the record of a rule's `RULE_COLUMNS` and its parts."""
    row = {**records.DEFAULTS, **dict(zip(RULE_COLUMNS, columns, strict=True))}
    row |= {
        "id": str(row["pk"]),
        "destinations": tuple(map(_destination, destinations)),
        **stored_schedule(row),
        "hosts": listed(row["hosts"]),
        "methods": listed(row["methods"]),
        "except_paths": lines(row["except_paths"]),
        "conditions": conditions,
        "unless": unless,
    }
    return records.pack(row[field] for field in records.FIELDS)


def _destination(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a destination as records have it, an empty percentage left out."""
    *texts, percentage = columns
    if percentage is None:
        return tuple(texts)
    return (*texts, documents.whole_number(float(percentage)))
