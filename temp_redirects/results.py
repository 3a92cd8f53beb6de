"""Results: what an experiment's counts say about it, for every door that tells them.

An experiment is a rule with a goal. Its results are those of one epoch: the time in
which its arms and their shares stayed the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from temp_redirects.core.experiments import (
    Comparison,
    Counts,
    Evidence,
    Interval,
    Look,
    days_left,
    evaluate,
    words,
)
from temp_redirects.core.schedules import moment
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.splits import ORIGINAL, WHOLE, Split, parse_percentage
from temp_redirects.models import ArmCount, RedirectRule, Revision
from temp_redirects.models.arms import Epoch
from temp_redirects.models.history import RULE
from temp_redirects.models.hits import alias

THE_ORIGINAL = Sentence("the original page")
_FORGOTTEN = Sentence(
    "How visitors were to be split at that time is forgotten, so the split is not "
    "judged."
)


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its name and target, what it got, and how it compares."""

    id: str
    name: str
    target: str  # empty for the original page
    share: float  # percent
    counts: Counts
    interval: Interval  # of the rate
    comparison: Comparison | None  # None for the arm that the others are compared with


class Came(NamedTuple):
    """Who came on one day; who converted on it may have come before."""

    visitors: int
    conversions: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day on the rule's clock: what each arm got on it, and until its end."""

    date: date
    new: Mapping[str, Came]
    total: Mapping[str, Counts]


@dataclass(frozen=True)
class Results:
    """What is known of one epoch of a rule.

    ``document`` is the rule as it was in that epoch; where the history has forgotten
    it, ``is_known`` is false and the split is not judged. ``epochs`` are all that had
    visitors, the newest first.
    """

    document: Mapping[str, Any]
    epoch: str
    epochs: Sequence[Epoch]
    is_present: bool
    is_known: bool
    looks: Sequence[Look]
    shares: Mapping[str, float]  # of the arms that have one, percent
    evidence: Evidence

    @property
    def goal(self) -> str:
        """The path whose visitors have converted."""
        return str(self.document.get("goal", ""))

    @property
    def names(self) -> dict[str, str]:
        """What each arm is called: its label, else where it leads."""
        labels = {each["id"]: each for each in _destinations(self.document)}
        return {
            arm: _name(labels.get(arm, {}), arm)
            for arm in {**self.shares, **self.evidence.arms}
        }

    @property
    def _quoted(self) -> dict[str, str]:
        return {
            arm: name if arm == ORIGINAL else f"“{name}”"
            for arm, name in self.names.items()
        }

    @property
    def arms(self) -> list[Arm]:
        """The arms, the one that others are compared with first."""
        targets = {each["id"]: each["target"] for each in _destinations(self.document)}
        compared = {each.arm: each for each in self.evidence.comparisons}
        names, control = self.names, self.evidence.control
        order = sorted(self.evidence.arms, key=lambda arm: arm != control)
        return [
            Arm(
                id=arm,
                name=names[arm],
                target=targets.get(arm, ""),
                share=self.shares.get(arm, 0.0),
                counts=self.evidence.arms[arm],
                interval=self.evidence.rate_interval(arm),
                comparison=compared.get(arm),
            )
            for arm in order
        ]

    @cached_property
    def days(self) -> list[Day]:
        """The days that had visitors or conversions, on the rule's own clock."""
        last = {self._date(look): look.arms for look in self.looks}
        before: Mapping[str, Counts] = {}
        found = []
        for day, total in last.items():
            new = {arm: _since(before.get(arm, Counts()), total[arm]) for arm in total}
            found.append(Day(day, new, total))
            before = total
        return found

    def _date(self, look: Look) -> date:
        timezone = self.document.get("schedule", {}).get("timezone", "UTC")
        try:
            return moment(look.at - 1, timezone).date()
        except Refused:
            return moment(look.at - 1, "UTC").date()

    @property
    def days_left(self) -> int | None:
        """How many more days the planned size takes; None where nobody can tell."""
        found = self.evidence
        if found.planned is None:
            return None
        return days_left(found.planned, found.visitors, found.days)

    @property
    def headline(self) -> Sentence:
        """What may be said, in a few words."""
        return words.headline(self.evidence, self._quoted)

    @property
    def explanation(self) -> list[Sentence]:
        """Why that may be said, and how sure it is."""
        return words.explanation(self.evidence, self._quoted)

    @property
    def health(self) -> Sentence:
        """How the visitors were really split."""
        if not self.is_known:
            return _FORGOTTEN
        return words.split_health(self.evidence, self.shares, self._quoted)

    @property
    def progress(self) -> Sentence | None:
        """How much of the planned size is reached; None where none is planned."""
        return words.progress(self.evidence)

    @property
    def is_mismatch(self) -> bool:
        """Whether the split is broken, so that nothing is to be trusted."""
        return self.evidence.verdict.code == "mismatch"


def has_results(row: RedirectRule) -> bool:
    """Say whether a rule is an experiment, or was one."""
    counts = ArmCount.objects.using(alias())
    return bool(row.goal) or counts.filter(rule=row.pk).exists()


def results(row: RedirectRule, *, now: float, epoch: str = "") -> Results:
    """Return the results of one epoch of a rule at *now*, seconds since the epoch.

    Without an *epoch* the present one's; of a rule that is no experiment any more the
    last one's that had visitors.
    """
    using = row._state.db or "default"
    counts = ArmCount.objects.using(alias())
    document: Mapping[str, Any] = RedirectRule.documents(using, [row.pk])[row.pk]
    epochs = counts.epochs(row.pk)
    present = _split(document).epoch
    if not epoch:
        is_over = epochs and not document.get("goal")
        epoch = epochs[0].id if is_over else present
    then = document if epoch == present else _document_then(using, row.pk, epoch)
    looks = counts.looks(row.pk, epoch)
    ends = row.last_end()
    until = now if ends is None else min(now, ends)
    if epoch != present and looks:
        until = looks[-1].at
    shares = _shares(then) if then else _seen(looks) or _shares(document)
    control = _control(then or document, shares)
    shares = {control: shares[control], **shares}  # it is the first everywhere
    evidence = evaluate(
        looks,
        shares,
        control,
        now=until,
        planned=(then or {}).get("planned_visitors"),
    )
    return Results(
        document=then or document,
        epoch=epoch,
        epochs=epochs,
        is_present=epoch == present,
        is_known=then is not None,
        looks=looks,
        shares=shares,
        evidence=evidence,
    )


def _document_then(using: str, rule: UUID, epoch: str) -> Mapping[str, Any] | None:
    """Return the newest document of a rule that was in an epoch, None where unknown."""
    for document in _history(using, rule):
        if _split(document).epoch == epoch:
            return document
    return None


def _history(using: str, rule: UUID) -> Iterator[Mapping[str, Any]]:
    rows = Revision.objects.using(using).filter(kind=RULE, object_id=rule)
    for row in rows.order_by("-pk").iterator():
        yield from filter(None, (row.became, row.was))


def _destinations(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(document.get("destinations", []))


def _split(document: Mapping[str, Any]) -> Split:
    given = {
        each["id"]: parse_percentage(each.get("percentage"))
        for each in _destinations(document)
    }
    try:
        return Split.of(document["id"], given)
    except Refused:  # more than all visitors: the rule is switched off
        return Split(document["id"], ((ORIGINAL, WHOLE),))


def _shares(document: Mapping[str, Any]) -> dict[str, float]:
    return {arm: share for arm, share in _split(document).shares if share}


def _seen(looks: Sequence[Look]) -> dict[str, float]:
    """Return what nobody can object to: the shares that the arms got."""
    arms = looks[-1].arms if looks else {}
    return {arm: float(counts.visitors) for arm, counts in arms.items()}


def _control(document: Mapping[str, Any], shares: Mapping[str, float]) -> str:
    """Return the arm that the others are compared with: the original page if it is one.

    Else it is the first destination that gets visitors.
    """
    if ORIGINAL in shares:
        return ORIGINAL
    order = [each["id"] for each in _destinations(document)]
    return next((arm for arm in order if arm in shares), next(iter(shares)))


def _name(destination: Mapping[str, Any], arm: str) -> str:
    if arm == ORIGINAL:
        return str(THE_ORIGINAL)
    return str(destination.get("label") or destination.get("target") or arm)


def _since(before: Counts, after: Counts) -> Came:
    return Came(
        after.visitors - before.visitors, after.conversions - before.conversions
    )
