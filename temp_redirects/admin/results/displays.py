"""What the page of results shows: rows of its tables, and the same as CSV."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.times import local_time
from temp_redirects.core.experiments import PLANNED_ALPHA, Comparison, wilson
from temp_redirects.core.experiments.words import (
    CAUSES,
    between,
    percent,
    points,
    points_between,
)
from temp_redirects.core.tables import neutral
from temp_redirects.figures import figure
from temp_redirects.models import RedirectRule
from temp_redirects.models.arms import Epoch
from temp_redirects.models.counts import HOUR
from temp_redirects.results import Arm, Results

# The headers of the CSV, a promise: never rename one, only add at the end.
COLUMNS = (
    "date",
    "arm",
    "name",
    "visitors",
    "conversions",
    "visitors_so_far",
    "conversions_so_far",
    "rate_so_far",
    "rate_lower",
    "rate_upper",
)
ICONS = {  # beside the sentence: nothing is told by colour alone
    "better": "✓",
    "too_early": "…",
    "no_clear_difference": "=",
    "mismatch": "⚠",
}
ARM_COLUMNS = (
    _("Page"),
    _("Visitors"),
    _("Reached the goal"),
    _("Rate"),
    _("Difference"),
)


def verdict(found: Results) -> dict[str, Any]:
    """Return the sentence on top, what stands behind it, and what may be the cause."""
    code = found.evidence.verdict.code
    return {
        "code": code,
        "icon": ICONS[code],
        "headline": str(found.headline),
        "sentences": list(map(str, found.explanation)),
        "health": str(found.health),
        "causes": list(map(str, CAUSES)) if found.is_mismatch else [],
        "progress": str(found.progress or ""),
    }


def arm_rows(found: Results, links: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the table says of each arm; no difference where it means nothing."""
    return [
        _arm_row(place, arm, links.get(arm.id, ""), compares=not found.is_mismatch)
        for place, arm in enumerate(found.arms)
    ]


def _arm_row(place: int, arm: Arm, link: str, *, compares: bool) -> dict[str, Any]:
    compared = arm.comparison if arm.counts.visitors and compares else None
    return {
        "number": place,
        "name": arm.name,
        "target": arm.target,
        "share": percent(arm.share / 100),
        "link": link,
        "visitors": figure(arm.counts.visitors),
        "conversions": figure(arm.counts.conversions),
        "rate": percent(arm.counts.rate) if arm.counts.visitors else "–",
        "interval": between(arm.interval) if arm.counts.visitors else "",
        "difference": points(compared.difference) if compared else "–",
        # As in the sentences; that for a single look is for statisticians.
        "difference_interval": points_between(compared.sequence) if compared else "",
    }


def surety(found: Results) -> list[dict[str, Any]]:
    """Return how sure each difference is, for whoever knows statistics."""
    return [_sure(each, found) for each in found.evidence.comparisons]


def _sure(each: Comparison, found: Results) -> dict[str, Any]:
    name = found.names[each.arm]
    if each.fixed_p is None:
        planned = gettext("not before the planned number of visitors has come")
    else:
        planned = _p(each.fixed_p)
    return {
        "name": name,
        "p": _p(each.p),
        "sequence": points_between(each.sequence),
        "interval": points_between(each.interval),
        "planned": planned,
        "bound": number_format(f"{PLANNED_ALPHA}"),
    }


def _p(value: float) -> str:
    if value < 0.0001:
        return f"< {number_format('0.0001')}"
    return number_format(f"{value:.4f}")


def day_rows(found: Results) -> Iterator[dict[str, Any]]:
    """Yield what the table beneath the chart says of each day, the newest first."""
    for day in reversed(found.days):
        yield {
            "date": day.date,
            "arms": [
                {
                    "visitors": figure(day.new[arm].visitors),
                    "conversions": figure(day.new[arm].conversions),
                    "rate": percent(day.total[arm].rate),
                    "interval": between(wilson(day.total[arm])),
                }
                if arm in day.total and day.total[arm].visitors
                else None
                for arm in (each.id for each in found.arms)
            ],
        }


def needed(
    each: int, total: int, days: int | None, pages: int, *, is_decided: bool
) -> dict[str, Any]:
    """Return how many visitors a test takes, and how long until they have come.

    Nobody waits for the rest of a test that is decided.
    """
    text = gettext("%(each)s visitors for each page, %(total)s in all.")
    if total > each * pages:  # a small share takes as long as it takes
        text = gettext("At least %(each)s visitors on each page, %(total)s in all.")
    pace = ""
    if days and not is_decided:
        pace = ngettext(
            "At the pace so far the rest comes in %(days)s day.",
            "At the pace so far the rest comes in %(days)s days.",
            days,
        ) % {"days": figure(days)}
    return {
        "size": text % {"each": figure(each), "total": figure(total)},
        "pace": pace,
        "total": total,
    }


def epoch_rows(found: Results, row: RedirectRule) -> list[dict[str, Any]]:
    """Return the epochs that had visitors, where there is another than is shown."""
    others = [each for each in found.epochs if each.id != found.epoch]
    return [
        {
            "id": each.id,
            "span": _span(each, row),
            "visitors": ngettext("%(n)s visitor", "%(n)s visitors", each.visitors)
            % {"n": figure(each.visitors)},
            "is_shown": each.id == found.epoch,
        }
        for each in (found.epochs if others else ())
    ]


def _span(epoch: Epoch, row: RedirectRule) -> str:
    first, last = (
        date_format(local_time(hour * HOUR, row.timezone), "j M Y")
        for hour in (epoch.first, epoch.last)
    )
    return first if first == last else f"{first} – {last}"


def as_csv(found: Results) -> str:
    """Return each day and arm as a row, for a spreadsheet."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for day in found.days:
        for arm in found.arms:
            if arm.id not in day.total:
                continue
            total, new = day.total[arm.id], day.new[arm.id]
            around = wilson(total)
            writer.writerow(
                [
                    day.date.isoformat(),
                    neutral(arm.id),
                    neutral(arm.name),
                    *new,
                    total.visitors,
                    total.conversions,
                    *(f"{each:.6f}" for each in (total.rate, *around)),
                ]
            )
    return text.getvalue()
