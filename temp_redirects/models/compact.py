"""A rule's row and its parts as the compact record that the store works with."""

from typing import Any

from temp_redirects.core import records
from temp_redirects.models.columns import as_seconds, lines, listed

RULE_COLUMNS = (
    "pk",
    "name",
    "match",
    "path",
    "starts_at",
    "ends_at",
    "timezone",
    "priority",
    "hosts",
    "methods",
    "except_paths",
    "status",
    "query",
    "cache_seconds",
    "note",
)
DESTINATION_COLUMNS = ("key", "label", "target")


def make_record(
    columns: tuple[Any, ...],
    destinations: tuple[tuple[str, ...], ...],
    conditions: tuple[tuple[str, ...], ...],
    unless: tuple[tuple[str, ...], ...],
) -> records.Record:
    """Return the record of a rule's `RULE_COLUMNS` and its parts."""
    row = {**records.DEFAULTS, **dict(zip(RULE_COLUMNS, columns, strict=True))}
    row |= {
        "id": str(row["pk"]),
        "destinations": destinations,
        "starts": as_seconds(row["starts_at"]),
        "ends": as_seconds(row["ends_at"]),
        "hosts": listed(row["hosts"]),
        "methods": listed(row["methods"]),
        "except_paths": lines(row["except_paths"]),
        "conditions": conditions,
        "unless": unless,
    }
    return records.pack(row[field] for field in records.FIELDS)
