"""Careful reading: rows without those that the database's driver cannot read.

Such a row was written past every check and hurts only itself: “infinity” as a moment,
bytes that are no text, a text for a number. The others go on, and the log tells of it.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from time import sleep
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from temp_redirects.core.records import Record, precedence
from temp_redirects.models.compact import (
    CHUNK,
    DESTINATION_COLUMNS,
    PAUSE,
    RULE_COLUMNS,
    FactsOfRules,
    facts_of,
    make_record,
    without_idle_zone,
)
from temp_redirects.models.rules import Condition, RedirectRule

logger = logging.getLogger("temp_redirects")

# What drivers, and those who convert for them, raise for what they cannot read.
UNREADABLE = (DatabaseError, ValueError, TypeError, ArithmeticError)
Row = tuple[Any, ...]
_PARTS = tuple(f"destinations__{column}" for column in DESTINATION_COLUMNS)


def rows_of(rows: QuerySet[Any, Any], columns: Sequence[str]) -> list[Row]:
    """Return these columns of few rows, all at once or where that fails one by one."""
    try:
        return list(rows.values_list(*columns))
    except UNREADABLE:
        pks = list(rows.values_list("pk", flat=True))
        each = (_one(rows.filter(pk=pk).values_list(*columns), pk) for pk in pks)
        return [row for found in each for row in found]


def read_rules(using: str, pks: Collection[UUID] | None = None) -> Iterator[Record]:
    """Yield the rules that are on in the order of their ids, one after the other.

    Every one, or those with these ids. A rule without all of its conditions would be
    for everybody, and is left out.
    """
    conditions = Condition.objects.using(using)
    rules = RedirectRule.objects.using(using).filter(enabled=True)
    if pks is not None:
        conditions = conditions.filter(rule__in=pks)
        rules = rules.filter(pk__in=pks)
    facts, broken = _facts(conditions)
    for rows in _each(rules):
        if rows[0][0] not in broken:
            yield from _made(rows, facts)


def _made(rows: list[Row], facts: FactsOfRules) -> Iterator[Record]:
    pk, *_ = row = without_idle_zone(rows[0][: len(RULE_COLUMNS)])
    parts = [each[len(RULE_COLUMNS) :] for each in rows]
    found = tuple(part for part in parts if part[0] is not None)
    only, unless = facts
    try:
        record = make_record(row, found, only.get(pk, ()), unless.get(pk, ()))
        precedence(record)
    except UNREADABLE as error:
        _tell(pk, error)
    else:
        yield record


def _facts(
    conditions: QuerySet[Condition, Condition],
) -> tuple[FactsOfRules, Collection[UUID]]:
    """Return the conditions of rules, and the rules of which one cannot be read."""
    try:
        return facts_of(conditions), ()
    except UNREADABLE:
        readable, broken = [], set()
        for pk, rule in list(conditions.values_list("pk", "rule")):
            if _one(conditions.filter(pk=pk).values_list("kind", "value"), rule):
                readable.append(pk)
            else:
                broken.add(rule)
        return facts_of(conditions.filter(pk__in=readable)), broken


def _each(rules: QuerySet[Any, Any]) -> Iterator[list[Row]]:
    """Yield the rows of each rule, one a destination."""
    rows = rules.order_by("pk", "destinations__pk").values_list(*RULE_COLUMNS, *_PARTS)
    done: UUID | None = None
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
        except UNREADABLE:
            pks = _next_ids(rules.filter(behind))
            if not pks:
                return
            for pk in pks:
                if own := _one(rows.filter(pk=pk), pk):
                    yield own
            done = pks[-1]


def _next_ids(rules: QuerySet[Any, Any]) -> list[UUID]:
    """Return the next ids; all, where one of them is none, which the log is told."""
    try:
        return list(rules.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    except ValueError:
        texts = rules.order_by("pk").annotate(identity=Cast("pk", TextField()))
        return list(_ids(texts.values_list("identity", flat=True)))


def _ids(texts: Iterable[str]) -> Iterator[UUID]:
    for text in texts:
        try:
            yield UUID(text)
        except ValueError as error:
            _tell(text, error)


def _one(rows: QuerySet[Any, Any], pk: Any) -> list[Row]:
    """Return what there is of one thing; nothing where it cannot be read."""
    try:
        return list(rows)
    except UNREADABLE as error:
        _tell(pk, error)
        return []


def _tell(pk: Any, error: Exception) -> None:
    # As text: the error itself would keep open what it was raised in.
    logger.warning("%s cannot be read: %s", pk, str(error))
