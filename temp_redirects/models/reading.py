"""All stored rules as compact records, read in one consistent view."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connections
from django.utils import timezone as django_timezone

from temp_redirects.core.records import Record
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.windows import MaintenanceWindow
from temp_redirects.models.careful import UNREADABLE, read_rules, rows_of
from temp_redirects.models.chunks import chunks
from temp_redirects.models.compact import CHUNK
from temp_redirects.models.loading import load
from temp_redirects.models.switches import COLUMNS as SWITCH_COLUMNS
from temp_redirects.models.switches import KillSwitch as Switches
from temp_redirects.models.switches import make_switch
from temp_redirects.models.versions import RulesetChange, RulesetVersion, Version
from temp_redirects.models.windows import WINDOW_COLUMNS, make_window
from temp_redirects.models.windows import MaintenanceWindow as Windows

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
            for record in read_rules(using, pks)
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
        return version, list(read_rules(using)), list(read_windows(using)), switches


def read_switches(using: str) -> list[KillSwitch]:
    """Return every kill switch that is pulled; few, and sooner read than the rules."""
    found = []
    rows = Switches.objects.using(using).on(django_timezone.now()).order_by()
    for columns in rows_of(rows, SWITCH_COLUMNS):
        try:
            found.append(make_switch(columns))
        except Refused:  # written past every check; it says nothing
            continue
    return found


def read_windows(using: str) -> Iterator[MaintenanceWindow]:
    """Yield every maintenance window, whatever its time."""
    for row in rows_of(Windows.objects.using(using).order_by(), WINDOW_COLUMNS):
        try:
            yield make_window(row)
        except Refused:  # it switches only itself off; the admin says why
            continue


def _ruleset(using: str) -> Ruleset:
    """Return all that is on: quickly, or where something cannot be read, with care."""
    windows, switches = list(read_windows(using)), read_switches(using)
    try:
        return Ruleset(load(using, partial(read_rules, using)), windows, switches)
    except UNREADABLE:
        return Ruleset(read_rules(using), windows, switches)
