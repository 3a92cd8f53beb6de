"""Hits: how often each rule redirected, by hour and method, exact across processes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DataError, IntegrityError, models, router, transaction
from django.db.models import F, Max, Q, Sum, Value
from django.db.models.functions import Greatest
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.models.rules import RedirectRule

HOUR = 3_600  # seconds
DAY = 24  # hours
BEFORE = 0  # the hour that stands for all that were summed up
CHUNK = 200  # rows in one statement

Each = TypeVar("Each")


class Key(NamedTuple):
    """What is counted apart: nothing of it is a visitor's text."""

    rule: str  # the rule's id
    hour: int  # hours since the epoch
    method: str


class Tally(NamedTuple):
    """How many hits, and when the last one was, seconds since the epoch."""

    hits: int
    last: float


@dataclass(frozen=True, slots=True)
class Hits:
    """What is known of a rule's hits."""

    day: int = 0  # in the last 24 hours, the hour under way and the 23 before it
    total: int = 0
    last: datetime | None = None


class HitCountQuerySet(models.QuerySet["HitCount"]):
    """Counts, and how they are added to and summed up."""

    def of(
        self, rules: Iterable[UUID] | None = None, *, now: float
    ) -> dict[UUID, Hits]:
        """Return the hits at *now* of these rules or of all, in one query."""
        today = Q(hour__gt=int(now) // HOUR - DAY)
        rows = self if rules is None else self.filter(rule__in=list(rules))
        sums = (
            rows.order_by()
            .values("rule")
            .annotate(
                day=Sum("count", filter=today, default=0),
                total=Sum("count"),
                last=Max("last_at"),
            )
        )
        return {
            row["rule"]: Hits(row["day"], row["total"], _aware(row["last"]))
            for row in sums
        }

    def add(self, tallies: Mapping[Key, Tally]) -> int:
        """Add to the counts; return how many hits could not be written.

        Rows are locked in one order everywhere, so that processes wait for each other
        and never in a circle. A row that the database refuses is set aside alone. Hits
        of rules that are gone go with them.
        """
        known = {str(pk) for pk in stored_rules({UUID(key.rule) for key in tallies})}
        todo = [(key, tallies[key]) for key in sorted(tallies) if key.rule in known]
        lost = 0
        for chunk in chunks(todo):
            try:
                with transaction.atomic(using=self.db):
                    self._add(chunk)
            except (DataError, IntegrityError):
                lost += sum(self._refused(*each) for each in chunk)
        return lost

    add.alters_data = True  # type: ignore[attr-defined]

    def _refused(self, key: Key, tally: Tally) -> int:
        """Add one tally; return how many of its hits the database refuses."""
        try:
            with transaction.atomic(using=self.db):
                self._add([(key, tally)])
        except (DataError, IntegrityError):
            return tally.hits
        return 0

    def by_method(self, rule: UUID) -> dict[str, int]:
        """Return a rule's hits by method, the most frequent first."""
        rows = self.filter(rule=rule).order_by().values("method")
        sums = rows.annotate(total=Sum("count")).order_by("-total", "method")
        return {row["method"]: row["total"] for row in sums}

    def by_hour(self, rule: UUID, *, now: float) -> dict[int, int]:
        """Return a rule's hits in each of the last 24 hours that had any."""
        rows = self.filter(rule=rule, hour__gt=int(now) // HOUR - DAY).order_by()
        sums = rows.values("hour").annotate(total=Sum("count")).order_by("hour")
        return {row["hour"]: row["total"] for row in sums}

    def _add(self, tallies: Sequence[tuple[Key, Tally]]) -> None:
        rows = self._locked([key for key, _ in tallies])
        missing = [
            HitCount(
                rule_id=UUID(key.rule),
                hour=key.hour,
                method=key.method,
                last_at=_moment(tally.last),
            )
            for key, tally in tallies
            if key not in rows
        ]
        if missing:
            # Another process may make the same row in this moment.
            self.bulk_create(missing, ignore_conflicts=True)
            rows = self._locked([key for key, _ in tallies])
        for key, tally in tallies:
            last = Value(_moment(tally.last), models.DateTimeField())
            rows[key].count = F("count") + tally.hits
            rows[key].last_at = Greatest(F("last_at"), last)
        self.bulk_update([rows[key] for key, _ in tallies], ["count", "last_at"])

    def _locked(self, keys: Sequence[Key]) -> dict[Key, "HitCount"]:
        rows = self.select_for_update().filter(
            rule__in={key.rule for key in keys}, hour__in={key.hour for key in keys}
        )
        return {row.key: row for row in rows.order_by("rule_id", "hour", "method")}

    def sum_up(self, before: int, *, dry_run: bool = False) -> int:
        """Sum up the hours before that one, rule by rule; return how many rows went.

        Totals and last hits stay as they are. Counts of rules that are gone go too.
        """
        old = Q(hour__gt=BEFORE, hour__lt=before)
        gone = gone_rules(self)
        if dry_run:
            rest = self.exclude(old)
            left = (rest.filter(rule__in=some).count() for some in chunks(gone))
            return self.filter(old).count() + sum(left)
        deleted = forget_rules(self, gone)
        for rule in chunks(list(self.filter(old).values_list("rule").distinct())):
            deleted += self._sum_up([pk for (pk,) in rule], old)
        return deleted

    sum_up.alters_data = True  # type: ignore[attr-defined]

    def _sum_up(self, rules: list[UUID], old: Q) -> int:
        with transaction.atomic(using=self.db):
            HitWriter.take_turn(self.db)
            rows = self.select_for_update().filter(old, rule__in=rules)
            sums: dict[Key, Tally] = {}
            pks = []
            for row in rows.order_by("rule_id", "hour", "method"):
                pks.append(row.pk)
                key = row.key._replace(hour=BEFORE)
                hits, last = sums.get(key, Tally(0, 0.0))
                last = max(last, _seconds(row.last_at))
                sums[key] = Tally(hits + row.count, last)
            for chunk in chunks(pks):
                self.filter(pk__in=chunk).delete()
            self._add(sorted(sums.items()))
        return len(pks)


class HitCount(models.Model):
    """How often a rule redirected requests of one method in one hour.

    No constraint ties it to its rule: counts are written later than rules are deleted,
    and a rule that is restored finds its hits.
    """

    rule = models.ForeignKey(
        RedirectRule,
        models.DO_NOTHING,
        related_name="hits",
        db_constraint=False,
        db_index=False,  # the unique constraint begins with it
        verbose_name=_("rule"),
    )
    hour = models.PositiveIntegerField(_("hour"))  # hours since the epoch, UTC
    method = models.CharField(_("method"), max_length=10)
    count = models.PositiveBigIntegerField(_("hits"), default=0)
    last_at = models.DateTimeField(_("last hit"))

    objects = HitCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("hits in an hour")
        verbose_name_plural = _("hits by hour")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "hour", "method"], name="temp_redirects_hits_once"
            )
        ]
        indexes = [models.Index(fields=["hour"], name="temp_redirects_hits_hour")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.method}: {self.count}"

    @property
    def key(self) -> Key:
        """What is counted here."""
        return Key(str(self.rule_id), self.hour, self.method)


class HitWriter(models.Model):
    """A process that counts, and its newest batch: written twice, it counts once.

    The batch's number is written in the transaction of its counts. A process that
    does not know whether its commit arrived finds the number there, or not.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.PositiveBigIntegerField(default=0, editable=False)
    dropped = models.PositiveBigIntegerField(default=0, editable=False)  # hits
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
        old = cls.objects.using(using).filter(written_at__lt=_moment(before))
        old.filter(dropped=0).delete()

    @classmethod
    def lost(cls, using: str) -> int:
        """Return how many hits all processes had to leave out."""
        sums = cls.objects.using(using).aggregate(lost=Sum("dropped", default=0))
        return int(sums["lost"])


def stored_rules(rules: Collection[UUID]) -> set[UUID]:
    """Return those of the rules that are stored, where rules are written."""
    rows = RedirectRule.objects.using(router.db_for_write(RedirectRule)).order_by()
    return {
        pk
        for chunk in chunks(sorted(rules))
        for pk in rows.filter(pk__in=chunk).values_list("pk", flat=True)
    }


def gone_rules(counts: models.QuerySet[Any]) -> list[UUID]:
    """Return the rules that are counted and not stored any more.

    Counts may be in another database than rules.
    """
    counted = {*counts.order_by().values_list("rule_id", flat=True).distinct()}
    return sorted(counted - stored_rules(counted))


def forget_rules(counts: models.QuerySet[Any], rules: Sequence[UUID]) -> int:
    """Delete the counts of these rules; return how many rows went."""
    deleted = 0
    for chunk in chunks(rules):
        with transaction.atomic(using=counts.db):
            deleted += counts.filter(rule__in=chunk).delete()[0]
    return deleted


def alias() -> str:
    """Return the database that hits are written to."""
    return router.db_for_write(HitCount)


def chunks(items: Sequence[Each]) -> Iterator[Sequence[Each]]:
    for at in range(0, len(items), CHUNK):
        yield items[at : at + CHUNK]


def _moment(at: float) -> datetime:
    aware = datetime.fromtimestamp(at, UTC)
    return aware if settings.USE_TZ else django_timezone.make_naive(aware)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else django_timezone.make_aware(at)


def _seconds(at: datetime) -> float:
    return _aware(at).timestamp()
