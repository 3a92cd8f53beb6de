"""Experiments as the command line tells them: sentences, a table, and JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError

from temp_redirects.core.experiments.words import (
    CAUSES,
    between,
    percent,
    points_between,
)
from temp_redirects.models.counts import HOUR
from temp_redirects.results import Arm, Results


def require_epoch(found: Results) -> None:
    """Raise CommandError where nobody came in an epoch that was asked for."""
    known = [each.id for each in found.epochs]
    if not found.is_present and found.epoch not in known:
        told = f"Epochs with visitors: {', '.join(known) or 'none'}."
        raise CommandError(f"There is no epoch “{found.epoch}”. {told}")


def experiment_json(found: Results) -> dict[str, Any]:
    """Return results for a script; the keys are a promise."""
    evidence = found.evidence
    return {
        "goal": found.goal,
        "epoch": found.epoch,
        "is_present": found.is_present,
        "verdict": evidence.verdict._asdict(),
        "headline": str(found.headline),
        "explanation": [str(each) for each in found.explanation],
        "visitors": evidence.visitors,
        "days": round(evidence.days, 2),
        "planned_visitors": evidence.planned,
        "days_left": found.days_left,
        "split": {"is_known": found.is_known, "p": evidence.mismatch},
        "control": evidence.control,
        "arms": [_arm_as_json(arm) for arm in found.arms],
        "epochs": [
            {
                "epoch": each.id,
                "first_at": _hour(each.first),
                "last_at": _hour(each.last),
                "visitors": each.visitors,
                "conversions": each.conversions,
            }
            for each in found.epochs
        ],
    }


def _arm_as_json(arm: Arm) -> dict[str, Any]:
    compared = arm.comparison
    return {
        "id": arm.id,
        "name": arm.name,
        "target": arm.target,
        "share": arm.share,
        "visitors": arm.counts.visitors,
        "conversions": arm.counts.conversions,
        "rate": arm.counts.rate,
        "rate_interval": list(arm.interval),
        "difference": compared and compared.difference,
        "difference_interval": compared and list(compared.interval),
        "always_valid_p": compared and compared.p,
        "confidence_sequence": compared and list(compared.sequence),
        "fixed_p": compared and compared.fixed_p,
    }


def _hour(hour: int) -> str:
    return datetime.fromtimestamp(hour * HOUR, UTC).isoformat()


def experiment_lines(found: Results) -> Iterator[str]:
    """Yield what an experiment says, for people."""
    yield f"Experiment, goal “{found.goal}”, epoch {found.epoch}: {found.headline}"
    yield from (f"  {each}" for each in found.explanation)
    yield f"  {found.health}"
    if found.is_mismatch:
        yield from (f"  - {cause}" for cause in CAUSES)
    if found.progress:
        yield f"  {found.progress}"
    yield ""
    yield f"{'visitors':>10}  {'reached':>9}  {'rate':>7}  {'between':15}  arm"
    yield from map(_line, found.arms)
    others = [each.id for each in found.epochs if each.id != found.epoch]
    if others:
        yield f"Other epochs: {', '.join(others)}"


def _line(arm: Arm) -> str:
    counts = arm.counts
    more = ""
    if arm.comparison and counts.visitors:
        more = f" ({points_between(arm.comparison.sequence)})"
    return (
        f"{counts.visitors:10,}  {counts.conversions:9,}  {percent(counts.rate):>7}  "
        f"{between(arm.interval):15}  {arm.name}{more}"
    )
