"""Hits: how often each rule redirected, by hour and method, exact across processes.

Beside them stands how often a redirect came back and was ended (see `core.hops`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, router, transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.models.chunks import chunks
from temp_redirects.models.columns import as_moment, as_seconds
from temp_redirects.models.counts import CHUNK, DAY, HOUR, CountQuerySet, HitWriter
from temp_redirects.models.rules import RedirectRule

BEFORE = 0  # the hour that stands for all that were summed up


class Key(NamedTuple):
    """What is counted apart: nothing of it is a visitor's text."""

    rule: str  # the rule's id
    hour: int  # hours since the epoch
    method: str


@dataclass(slots=True)
class Tally:
    """How many hits and loops, and when the last ones were, seconds since the epoch.

    Hits are counted in place: one is counted on the way of each redirect.

    A loop is a redirect that came back and was ended; hits lead to it, so that a tally
    of loops alone has the time of the last one for that of a hit.
    """

    hits: int
    last: float
    loops: int = 0
    looped: float = 0.0

    @property
    def number(self) -> int:
        """How many counts there are."""
        return self.hits + self.loops

    def plus(self, more: "Tally") -> "Tally":
        """Return both together."""
        return Tally(
            self.hits + more.hits,
            max(self.last, more.last),
            self.loops + more.loops,
            max(self.looped, more.looped),
        )

    def begun(self) -> dict[str, Any]:
        """Return the last hit of a row that had none."""
        return {"last_at": as_moment(self.last)}

    def added(self, row: "HitCount") -> dict[str, Any]:
        """Return what the row has with these hits."""
        both = row.tally.plus(self)
        changed: dict[str, Any] = {"count": both.hits, "last_at": as_moment(both.last)}
        if self.loops:
            changed |= {"loops": both.loops, "looped_at": as_moment(both.looped)}
        return changed


@dataclass(frozen=True, slots=True)
class Hits:
    """What is known of a rule's hits."""

    day: int = 0  # in the last 24 hours, the hour under way and the 23 before it
    total: int = 0
    last: datetime | None = None


class Loops(NamedTuple):
    """How often a rule's redirects came back in the last 24 hours, and when last."""

    day: int
    last: datetime


class HitCountQuerySet(CountQuerySet["HitCount", Key, Tally]):
    """Hits of rules, and how they are summed up."""

    key_columns = ("rule_id", "hour", "method")

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

    def looping(self, most: int, *, now: float) -> dict[UUID, Loops]:
        """Return the rules whose redirects came back in the last 24 hours.

        At most so many, the last ones first, in one query.
        """
        rows = self.filter(hour__gt=int(now) // HOUR - DAY, loops__gt=0).order_by()
        sums = rows.values("rule").annotate(day=Sum("loops"), last=Max("looped_at"))
        return {
            row["rule"]: Loops(row["day"], _aware(row["last"]))
            for row in sums.order_by("-last", "rule")[:most]
        }

    def sum_up(self, before: int, *, dry_run: bool = False) -> int:
        """Sum up the hours before that one, rule by rule; return how many rows went.

        Totals and last hits stay as they are. Counts of rules that are gone go too.
        """
        old = Q(hour__gt=BEFORE, hour__lt=before)
        gone = self.gone()
        if dry_run:
            rest = self.exclude(old)
            left = (rest.filter(rule__in=some).count() for some in chunks(gone, CHUNK))
            return self.filter(old).count() + sum(left)
        deleted = self.forget(gone)
        rules = self.filter(old).order_by().values_list("rule_id", flat=True).distinct()
        return deleted + sum(
            self._sum_up(some, old) for some in chunks(list(rules), CHUNK)
        )

    sum_up.alters_data = True  # type: ignore[attr-defined]

    def _sum_up(self, rules: Sequence[UUID], old: Q) -> int:
        with transaction.atomic(using=self.db):
            HitWriter.take_turn(self.db)
            rows = self.select_for_update().filter(old, rule__in=rules)
            sums: dict[Key, Tally] = {}
            pks = []
            for row in rows.order_by("rule_id", "hour", "method"):
                pks.append(row.pk)
                key = row.key._replace(hour=BEFORE)
                sums[key] = sums.get(key, Tally(0, 0.0)).plus(row.tally)
            for chunk in chunks(pks, CHUNK):
                self.filter(pk__in=chunk).delete()
            self.write(sorted(sums.items()))
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
    # The database's defaults are for processes that do not know the columns yet.
    loops = models.PositiveBigIntegerField(_("loops"), default=0, db_default=0)
    looped_at = models.DateTimeField(_("last loop"), null=True)

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

    @property
    def tally(self) -> Tally:
        """What was counted here."""
        last, looped = as_seconds(self.last_at), as_seconds(self.looped_at)
        return Tally(self.count, last or 0.0, self.loops, looped or 0.0)


def alias() -> str:
    """Return the database that hits are written to."""
    return router.db_for_write(HitCount)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else django_timezone.make_aware(at)
