"""All stored rules as compact records, read in one consistent view."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from operator import itemgetter
from time import sleep
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections
from django.db.models import Q, QuerySet
from django.utils import timezone as django_timezone

from temp_redirects.core.records import Record
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.models.chunks import chunks
from temp_redirects.models.compact import (
    CHUNK,
    DESTINATION_COLUMNS,
    PAUSE,
    RULE_COLUMNS,
    facts_of,
    make_record,
    without_idle_zone,
)
from temp_redirects.models.loading import load
from temp_redirects.models.rules import Condition, RedirectRule
from temp_redirects.models.switches import COLUMNS as SWITCH_COLUMNS
from temp_redirects.models.switches import KillSwitch as Switches
from temp_redirects.models.switches import make_switch
from temp_redirects.models.versions import RulesetChange, RulesetVersion, Version
from temp_redirects.models.windows import WINDOW_COLUMNS, make_window
from temp_redirects.models.windows import MaintenanceWindow as Windows

logger = logging.getLogger("temp_redirects")

_PARTS = tuple(f"destinations__{column}" for column in DESTINATION_COLUMNS)

# Sees one state of the database, whatever is committed meanwhile, and locks nobody out.
_BEGIN = {
    "postgresql": [
        "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        # All rows are wanted, not the first ones soon.
        "SET LOCAL cursor_tuple_fraction = 1",
    ],
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


def read_ruleset(using: str) -> tuple[Version | None, Ruleset]:
    """Return the version, and all that is on as the ruleset to decide by."""
    with snapshot(using):
        return RulesetVersion.current(using), _ruleset(using)


def read_changes(
    using: str, known: Version, ruleset: Ruleset
) -> tuple[Version | None, Ruleset] | None:
    """Return the version, and the ruleset of a *known* one with what differs now.

    None where nobody has noted what that is.
    """
    with snapshot(using):
        version = RulesetVersion.current(using)
        changed = RulesetChange.between(using, known, version) if version else None
        if changed is None:
            return None
        switches = read_switches(using)
        records = [
            record
            for pks in chunks(list(changed), CHUNK)
            for record in _records(using, pks)
        ]
        ids = map(str, changed)
        return version, ruleset.changed(ids, records, read_windows(using), switches)


def read_records(
    using: str,
) -> tuple[Version | None, list[Record], list[MaintenanceWindow], list[KillSwitch]]:
    """Return the version, every rule that is on, every window and kill switch."""
    with snapshot(using):
        version = RulesetVersion.current(using)
        switches = read_switches(using)
        return version, list(_records(using)), list(read_windows(using)), switches


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


def read_windows(using: str) -> Iterator[MaintenanceWindow]:
    """Yield every maintenance window, whatever its time."""
    for row in Windows.objects.using(using).order_by().values_list(*WINDOW_COLUMNS):
        try:
            yield make_window(row)
        except Refused:  # it switches only itself off; the admin says why
            continue


def _ruleset(using: str) -> Ruleset:
    """Return all that is on: quickly, or where a row cannot be read, one by one."""
    windows, switches = list(read_windows(using)), read_switches(using)
    try:
        return Ruleset(load(using, partial(_records, using)), windows, switches)
    except (DatabaseError, ValueError):
        return Ruleset(_records(using), windows, switches)


def _records(using: str, pks: Collection[UUID] | None = None) -> Iterator[Record]:
    """Yield the rules that are on in the order of their ids, slowly and with care.

    Every one, or those with these ids.
    """
    facts = Condition.objects.using(using)
    rules = RedirectRule.objects.using(using).filter(enabled=True)
    if pks is not None:
        facts, rules = facts.filter(rule__in=pks), rules.filter(pk__in=pks)
    only, unless = facts_of(facts)
    for rows in _each(rules):
        row = without_idle_zone(rows[0][: len(RULE_COLUMNS)])
        parts = [each[len(RULE_COLUMNS) :] for each in rows]
        found = tuple(part for part in parts if part[0] is not None)
        yield make_record(row, found, only.get(row[0], ()), unless.get(row[0], ()))


def _each(rules: QuerySet[Any, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of each rule, one a destination.

    Without those that the database driver cannot read: such a one, written past every
    check, hurts only itself: “infinity” as a moment, bytes that are no text.
    """
    rows = rules.order_by("pk", "destinations__pk").values_list(*RULE_COLUMNS, *_PARTS)
    done: Any = None
    while True:
        behind = Q() if done is None else Q(pk__gt=done)
        try:
            found = rows.filter(behind).iterator(chunk_size=CHUNK)
            for count, (pk, group) in enumerate(groupby(found, itemgetter(0)), 1):
                yield list(group)
                done = pk
                if count % CHUNK == 0:
                    sleep(PAUSE)
            return
        except (DatabaseError, ValueError):
            left = rules.filter(Q() if done is None else Q(pk__gt=done))
            pks = list(left.order_by("pk").values_list("pk", flat=True)[:CHUNK])
            for pk in pks:
                yield from _one(rows.filter(pk=pk), pk)
            done = pks[-1]


def _one(rows: QuerySet[Any, Any], pk: UUID) -> Iterator[list[tuple[Any, ...]]]:
    try:
        yield list(rows)
    except (DatabaseError, ValueError) as error:
        logger.warning("The rule %s cannot be read: %s", pk, error)
