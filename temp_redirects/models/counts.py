"""Counts: rows that many processes add to, exact whoever adds in the same moment.

No constraint ties a count to its rule: counts are written later than rules are
deleted, and a rule that is restored finds what was counted.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from django.db import (
    DataError,
    IntegrityError,
    connections,
    models,
    router,
    transaction,
)
from django.db.models import Sum
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.models.chunks import chunks
from temp_redirects.models.columns import as_moment
from temp_redirects.models.rules import RedirectRule

HOUR = 3_600  # seconds
DAY = 24  # hours
CHUNK = 200  # rows in one statement
# SQLite's driver refuses by itself what is no number of 64 bits.
REFUSALS = (DataError, IntegrityError, OverflowError)


class CountKey(Protocol):
    """What is counted apart: a named tuple, its fields are those of the row."""

    @property
    def rule(self) -> str:
        """The rule's id."""

    @property
    def hour(self) -> int:
        """Hours since the epoch, UTC."""

    def __lt__(self, other: Any, /) -> bool: ...

    def _asdict(self) -> dict[str, Any]: ...


class Counted(Protocol):
    """What was counted of one key."""

    @property
    def number(self) -> int:
        """How many counts are lost where it cannot be written."""

    def begun(self) -> dict[str, Any]:
        """Return what a row needs, beside its key, before anything is counted."""

    def added(self, row: Any) -> dict[str, Any]:
        """Return the columns that it changes, with what the row has then."""


Row = TypeVar("Row", bound=models.Model)
KeyOf = TypeVar("KeyOf", bound=CountKey)
Tallied = TypeVar("Tallied", bound=Counted)


class CountQuerySet(models.QuerySet[Row], Generic[Row, KeyOf, Tallied]):
    """Counts, one row for each ``key``, and how they are added to."""

    key_columns: ClassVar[tuple[str, ...]]

    def add(self, tallies: Mapping[KeyOf, Tallied]) -> int:
        """Add to the counts; return how many could not be written.

        Rows are locked in one order everywhere, so that processes wait for each other
        and never in a circle. A row that the database refuses is set aside alone.
        Counts of rules that are gone go with them.
        """
        known = {str(pk) for pk in stored_rules({UUID(key.rule) for key in tallies})}
        todo = [(key, tallies[key]) for key in sorted(tallies) if key.rule in known]
        lost = 0
        for chunk in chunks(todo, CHUNK):
            try:
                with transaction.atomic(using=self.db):
                    self.write(chunk)
            except REFUSALS:
                lost += sum(self._refused(*each) for each in chunk)
        return lost

    add.alters_data = True  # type: ignore[attr-defined]

    def _refused(self, key: KeyOf, tally: Tallied) -> int:
        """Add one tally; return how many of its counts the database refuses."""
        try:
            with transaction.atomic(using=self.db):
                self.write([(key, tally)])
        except REFUSALS:
            return tally.number
        return 0

    def write(self, tallies: Sequence[tuple[KeyOf, Tallied]]) -> None:
        """Add to the counts, in a transaction and in the order of the keys.

        The rows are locked when they are read; where a database has no such locks, one
        process writes at a time (`HitWriter`).
        """
        keys = [key for key, _ in tallies]
        rows = self._locked(keys)
        missing = [self._new(key, tally) for key, tally in tallies if key not in rows]
        if missing:
            # Another process may make the same row in this moment.
            self.bulk_create(missing, ignore_conflicts=True)
            rows = self._locked(keys)
        columns: set[str] = set()
        for key, tally in tallies:
            for column, value in tally.added(rows[key]).items():
                setattr(rows[key], column, value)
                columns.add(column)
        self._store([rows[key] for key in keys], sorted(columns))

    write.alters_data = True  # type: ignore[attr-defined]

    def _store(self, rows: Sequence[Row], columns: list[str]) -> None:
        """Write columns of rows that nobody else can change meanwhile.

        They are there: a conflict is how many of them are written by one plain
        statement, for a tenth of the work of `bulk_update`.
        """
        features = connections[self.db].features
        if not features.supports_update_conflicts:  # Oracle
            self.bulk_update(rows, columns)
            return
        by_target = features.supports_update_conflicts_with_target
        self.bulk_create(
            rows,
            update_conflicts=True,
            update_fields=columns,
            unique_fields=["pk"] if by_target else None,
        )

    def _new(self, key: KeyOf, tally: Tallied) -> Row:
        facts = {**key._asdict(), **tally.begun()}
        return self.model(rule_id=UUID(facts.pop("rule")), **facts)

    def _locked(self, keys: Sequence[KeyOf]) -> dict[KeyOf, Row]:
        rows: Any = self.select_for_update().filter(
            rule__in={key.rule for key in keys}, hour__in={key.hour for key in keys}
        )
        return {row.key: row for row in rows.order_by(*self.key_columns)}

    def gone(self) -> list[UUID]:
        """Return the rules that are counted and not stored any more.

        Counts may be in another database than rules.
        """
        counted = {*self.order_by().values_list("rule_id", flat=True).distinct()}
        return sorted(counted - stored_rules(counted))

    def forget(self, rules: Sequence[UUID]) -> int:
        """Delete the counts of these rules; return how many rows went."""
        deleted = 0
        for chunk in chunks(rules, CHUNK):
            with transaction.atomic(using=self.db):
                deleted += self.filter(rule__in=chunk).delete()[0]
        return deleted

    forget.alters_data = True  # type: ignore[attr-defined]


def stored_rules(rules: Collection[UUID]) -> set[UUID]:
    """Return those of the rules that are stored, where rules are written."""
    rows = RedirectRule.objects.using(router.db_for_write(RedirectRule)).order_by()
    return {
        pk
        for chunk in chunks(sorted(rules), CHUNK)
        for pk in rows.filter(pk__in=chunk).values_list("pk", flat=True)
    }


class HitWriter(models.Model):
    """A process that counts, and its newest batch: written twice, it counts once.

    The batch's number is written in the transaction of its counts. A process that
    does not know whether its commit arrived finds the number there, or not.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.PositiveBigIntegerField(default=0, editable=False)
    dropped = models.PositiveBigIntegerField(default=0, editable=False)  # counts
    written_at = models.DateTimeField(default=django_timezone.now, editable=False)

    objects: ClassVar[models.Manager["HitWriter"]] = models.Manager()

    class Meta:
        verbose_name = _("process that counts hits")
        verbose_name_plural = _("processes that count hits")

    def __str__(self) -> str:
        return f"{self.id}:{self.number}"

    @classmethod
    def take_turn(cls, using: str) -> None:
        """Become the writer where the database has one at a time (SQLite).

        A transaction that reads first could not write after somebody else did.
        """
        cls.objects.using(using).filter(pk=UUID(int=0)).update(number=0)

    @classmethod
    def claim(cls, using: str, writer: UUID, number: int, dropped: int) -> bool:
        """Say whether this batch is to be written; False where it was already."""
        rows = cls.objects.using(using).filter(pk=writer)
        values = {"dropped": dropped, "written_at": django_timezone.now()}
        if rows.filter(number__lt=number).update(number=number, **values):
            return True
        if rows.exists():
            rows.update(dropped=dropped)
            return False
        rows.create(pk=writer, number=number, **values)
        return True

    @classmethod
    def forget(cls, using: str, before: float) -> None:
        """Delete the rows of processes that have not written since, and lost none."""
        old = cls.objects.using(using).filter(written_at__lt=as_moment(before))
        old.filter(dropped=0).delete()

    @classmethod
    def lost(cls, using: str) -> int:
        """Return how many hits all processes had to leave out."""
        sums = cls.objects.using(using).aggregate(lost=Sum("dropped", default=0))
        return int(sums["lost"])
