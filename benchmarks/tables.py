"""Rules written straight into the tables, past every check, a million of them."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

from benchmarks.rulesets import Rule

CHUNK = 10_000  # rules written at a time
Rows = dict[type[models.Model], list[dict[str, Any]]]


def fill(rules: Iterable[Rule]) -> None:
    """Add rules to the tables, and count that as one change."""
    from temp_redirects.models import RulesetVersion

    waiting = iter(rules)
    with transaction.atomic():
        while chunk := list(islice(waiting, CHUNK)):
            for model, rows in _rows(chunk).items():
                _insert(model, rows)
        RulesetVersion.count_up("default")
    if connection.vendor == "postgresql":  # which it does by itself within a minute
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def empty() -> None:
    """Take all rules out of the tables."""
    from temp_redirects.models import Condition, Destination, RedirectRule

    names = [each._meta.db_table for each in (Condition, Destination, RedirectRule)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
            return
        for name in names:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608


def _rows(rules: Iterable[Rule]) -> Rows:
    from temp_redirects.models import Condition, Destination, RedirectRule

    rows: Rows = {RedirectRule: [], Destination: [], Condition: []}
    for rule in rules:
        pk = rule.pk
        names = {"id": pk, "name": rule.name, "name_key": rule.name}
        columns = {"path": rule.path, **names, **rule.columns}
        rows[RedirectRule].append(columns)
        for key, target in enumerate(rule.targets or (f"/new/{rule.number}/",)):
            found = {"rule": pk, "key": f"d{key}", "target": target}
            rows[Destination].append(found)
        for kind, value in rule.conditions:
            rows[Condition].append({"rule": pk, "kind": kind, "value": value})
    return rows


def _insert(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    fields = [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    ]
    plain = model()
    defaults = [
        None
        if field.is_relation
        else field.get_db_prep_save(getattr(plain, field.attname), connection)
        for field in fields
    ]
    makers = [
        _maker(field, value) for field, value in zip(fields, defaults, strict=True)
    ]
    values = (tuple(make(row) for make in makers) for row in rows)
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f"COPY {table} ({names}) FROM STDIN", values)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            cursor.executemany(statement, list(values))


def _maker(field: Any, default: Any) -> Callable[[dict[str, Any]], Any]:
    """Return what takes a column's value from a row, as the database wants it."""
    name = field.name

    @cache
    def prepared(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    def make(row: dict[str, Any]) -> Any:
        if name not in row:
            return default
        value = row[name]
        return value if type(value) in (str, int) else prepared(value)

    return make


def _copy(cursor: Any, statement: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
