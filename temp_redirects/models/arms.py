"""Arms: how many visitors saw each arm of an experiment, and how many converted."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, F, Max, Min, Sum
from django.utils.translation import gettext_lazy as _

from temp_redirects.core.experiments import Counts, Look
from temp_redirects.models.counts import DAY, HOUR, CountQuerySet, HitWriter
from temp_redirects.models.rules import RedirectRule


@dataclass(frozen=True, slots=True)
class Epoch:
    """A time in which a rule's arms and their shares stayed the same."""

    id: str
    first: int  # hours since the epoch, UTC
    last: int
    visitors: int
    conversions: int


class ArmKey(NamedTuple):
    """What is counted apart: nothing of it is a visitor's text."""

    rule: str  # the rule's id
    epoch: str
    arm: str
    hour: int  # hours since the epoch


class ArmTally(NamedTuple):
    """How many visitors, and how many who reached the goal."""

    visitors: int
    conversions: int

    @property
    def number(self) -> int:
        """How many counts there are."""
        return self.visitors + self.conversions

    def begun(self) -> dict[str, Any]:
        """Return nothing: a row begins with zeros."""
        return {}

    def added(self, row: "ArmCount") -> dict[str, Any]:
        """Return what the row has with these visitors."""
        return {
            "visitors": row.visitors + self.visitors,
            "conversions": row.conversions + self.conversions,
        }

    def plus(self, more: "ArmTally") -> "ArmTally":
        """Return both together."""
        return ArmTally(
            self.visitors + more.visitors, self.conversions + more.conversions
        )


class ArmCountQuerySet(CountQuerySet["ArmCount", ArmKey, ArmTally]):
    """Counts of arms, and how they are summed up."""

    key_columns = ("rule_id", "epoch", "arm", "hour")

    def epochs(self, rule: UUID) -> list[Epoch]:
        """Return a rule's epochs that had visitors, the newest first."""
        rows = self.filter(rule=rule).order_by().values("epoch")
        sums = rows.annotate(
            first=Min("hour"),
            last=Max("hour"),
            seen=Sum("visitors"),
            converted=Sum("conversions"),
        )
        return [
            Epoch(
                row["epoch"], row["first"], row["last"], row["seen"], row["converted"]
            )
            for row in sums.order_by("-last", "-first", "epoch")
        ]

    def looks(self, rule: UUID, epoch: str) -> list[Look]:
        """Return all counts until the end of each hour that had any, by arm."""
        rows = self.filter(rule=rule, epoch=epoch).order_by("hour", "arm")
        sums: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        looks: dict[int, Look] = {}
        for hour, arm, visitors, conversions in rows.values_list(
            "hour", "arm", "visitors", "conversions"
        ):
            before = sums[arm]
            sums[arm] = (before[0] + visitors, before[1] + conversions)
            looks[hour] = Look((hour + 1) * HOUR, _counts(sums))
        return list(looks.values())

    def sum_up(self, before: int, *, dry_run: bool = False) -> int:
        """Sum up the hours of the days before that hour; return how many rows went.

        Each day keeps one row for each arm: the several of a day become one at its last
        hour in UTC, and one alone stays at its own. Counts of rules that are gone go
        too.
        """
        gone = self.gone()
        deleted = 0 if dry_run else self.forget(gone)
        days = (
            self.filter(hour__lt=before // DAY * DAY)
            .order_by()
            .annotate(day=F("hour") - F("hour") % DAY + DAY - 1)
            .values("rule", "epoch", "arm", "day")
            .annotate(rows=Count("pk"))
            .filter(rows__gt=1)
        )
        if dry_run:
            kept = [each for each in days if each["rule"] not in gone]
            left = self.filter(rule__in=gone).count() if gone else 0
            return left + sum(int(each["rows"]) - 1 for each in kept)
        return deleted + sum(self._sum_up(each) for each in list(days))

    sum_up.alters_data = True  # type: ignore[attr-defined]

    def _sum_up(self, arm: Mapping[str, Any]) -> int:
        """Sum up one arm's hours of one day; return how many rows went."""
        day = arm["day"]
        key = {name: arm[name] for name in ("rule", "epoch", "arm")}
        with transaction.atomic(using=self.db):
            HitWriter.take_turn(self.db)
            rows = self.select_for_update().filter(
                **key, hour__gt=day - DAY, hour__lte=day
            )
            *others, kept = rows.order_by("hour")
            for each in others:
                kept.visitors += each.visitors
                kept.conversions += each.conversions
            self.filter(pk__in=[each.pk for each in others]).delete()
            kept.hour = day
            kept.save(using=self.db)
        return len(others)


class ArmCount(models.Model):
    """How many visitors one arm of a rule got in one hour, and how many converted.

    A visitor counts once in an epoch, in the hour of the first answer; a conversion
    in the hour in which it happened. As with hits, no constraint ties it to its rule.
    """

    rule = models.ForeignKey(
        RedirectRule,
        models.DO_NOTHING,
        related_name="arm_counts",
        db_constraint=False,
        db_index=False,  # the unique constraint begins with it
        verbose_name=_("rule"),
    )
    epoch = models.CharField(_("epoch"), max_length=20)  # as `core.splits` names it
    arm = models.CharField(_("arm"), max_length=40)  # likewise, `ORIGINAL` included
    hour = models.PositiveIntegerField(_("hour"))  # hours since the epoch, UTC
    visitors = models.PositiveBigIntegerField(_("visitors"), default=0)
    conversions = models.PositiveBigIntegerField(_("conversions"), default=0)

    objects = ArmCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("visitors of an arm in an hour")
        verbose_name_plural = _("visitors of arms by hour")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "epoch", "arm", "hour"], name="temp_redirects_arm_once"
            )
        ]
        indexes = [models.Index(fields=["hour"], name="temp_redirects_arm_hour")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.arm}: {self.conversions} of {self.visitors}"

    @property
    def key(self) -> ArmKey:
        """What is counted here."""
        return ArmKey(str(self.rule_id), self.epoch, self.arm, self.hour)


def _counts(sums: Mapping[str, tuple[int, int]]) -> dict[str, Counts]:
    """Return the counts of arms; another process may still hold a visitor's arrival."""
    return {
        arm: Counts(visitors, min(visitors, conversions))
        for arm, (visitors, conversions) in sums.items()
    }
