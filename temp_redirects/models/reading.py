"""All stored rules as compact records, read in one consistent view."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections
from django.db.models import QuerySet
from django.utils import timezone as django_timezone

from temp_redirects.core.records import Record
from temp_redirects.core.sentences import Refused
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.models.compact import (
    CHUNK,
    DESTINATION_COLUMNS,
    RULE_COLUMNS,
    grouped,
    make_record,
)
from temp_redirects.models.rules import Condition, Destination, RedirectRule
from temp_redirects.models.switches import COLUMNS as SWITCH_COLUMNS
from temp_redirects.models.switches import KillSwitch as Switches
from temp_redirects.models.switches import make_switch
from temp_redirects.models.versions import RulesetVersion, Version
from temp_redirects.models.windows import WINDOW_COLUMNS, make_window
from temp_redirects.models.windows import MaintenanceWindow as Windows

logger = logging.getLogger("temp_redirects")

# Sees one state of the database, whatever is committed meanwhile, and locks nobody out.
_BEGIN = {
    "postgresql": ["BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"],
    "mysql": [
        # READ COMMITTED, which Django sets, would ignore the snapshot.
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ],
    "sqlite": ["BEGIN DEFERRED"],
    "oracle": ["SET TRANSACTION READ ONLY"],
}


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """Read one state of the database; in a transaction, what that transaction sees."""
    connection = connections[using]
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        for statement in _BEGIN[connection.vendor]:
            cursor.execute(statement)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def read_records(
    using: str,
) -> tuple[Version | None, list[Record], list[MaintenanceWindow], list[KillSwitch]]:
    """Return the version, every rule that is on, every window and kill switch."""
    with snapshot(using):
        version = RulesetVersion.current(using)
        switches = read_switches(using)
        parts = Destination.objects.using(using).order_by("pk")
        destinations = grouped(parts, *DESTINATION_COLUMNS)
        facts = Condition.objects.using(using).order_by("pk")
        only, unless = (
            grouped(facts.filter(excepts=excepts), "kind", "value")
            for excepts in (False, True)
        )
        rules = RedirectRule.objects.using(using).filter(enabled=True).order_by()
        records = [
            make_record(row, destinations[row[0]], only[row[0]], unless[row[0]])
            for row in _readable(rules.values_list(*RULE_COLUMNS))
        ]
        windows = list(_windows(using))
    return version, records, windows, switches


def read_switches(using: str) -> list[KillSwitch]:
    """Return every kill switch that is pulled; few, and sooner read than the rules."""
    found = []
    rows = Switches.objects.using(using).on(django_timezone.now()).order_by()
    for columns in rows.values_list(*SWITCH_COLUMNS):
        try:
            found.append(make_switch(columns))
        except Refused:  # written past every check; it says nothing
            continue
    return found


def _windows(using: str) -> Iterator[MaintenanceWindow]:
    for row in Windows.objects.using(using).order_by().values_list(*WINDOW_COLUMNS):
        try:
            yield make_window(row)
        except Refused:  # it switches only itself off; the admin says why
            continue


def _readable(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """Return the rows, without those that the database driver cannot read.

    Such a one, written past every check, hurts only itself: “infinity” as a moment,
    bytes that are no text.
    """
    try:
        return list(rows.iterator(chunk_size=CHUNK))
    except (DatabaseError, ValueError):
        found = [_one(rows, pk) for pk in rows.values_list("pk", flat=True)]
        return [row for row in found if row is not None]


def _one(rows: QuerySet[Any, Any], pk: UUID) -> tuple[Any, ...] | None:
    try:
        row: tuple[Any, ...] | None = rows.filter(pk=pk).first()
    except (DatabaseError, ValueError) as error:
        logger.warning("The rule %s cannot be read: %s", pk, error)
        return None
    return row
