"""What is typed on the page of results: a plan, and a winner for everybody."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from time import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.fields import WallTimeInput
from temp_redirects.admin.times import wall_text
from temp_redirects.core.experiments import PLANNED_ALPHA, days_left, visitors_per_arm
from temp_redirects.core.experiments.verdicts import MIN_CONVERSIONS
from temp_redirects.models import RedirectRule
from temp_redirects.results import Results

USUAL_RATE = 5.0  # percent, where nothing is known yet
USUAL_RISE = 0.2  # of the rate
USUAL_LENGTH = timedelta(weeks=4)
HOUR = 3_600  # seconds
PERCENT = 100


class EffectForm(forms.Form):
    """How good the page is now, and the smallest difference worth finding."""

    rate = forms.FloatField(
        label=_("How many of 100 visitors reach the goal now"),
        min_value=0.01,
        max_value=99.99,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    rise = forms.FloatField(
        label=_("Smallest difference worth finding, in points"),
        min_value=0.01,
        max_value=99.99,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text=_("“1” finds a rise from 5 % to 6 %. Half of it takes four times."),
    )

    def clean(self) -> dict[str, Any]:
        """See to it that there is such a rate."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and cleaned["rate"] + cleaned["rise"] > PERCENT:
            text = _("No page is reached by more than 100 of 100 visitors.")
            self.add_error("rise", text)
        return cleaned


class PlanForm(forms.Form):
    """How many visitors the test is to have."""

    planned_visitors = forms.IntegerField(
        label=_("Planned visitors, all pages together"),
        min_value=1,
        max_value=1_000_000_000,
        required=False,
        help_text=_(
            "Plan before you look at the numbers, and leave it so: a plan that follows "
            "the numbers finds differences that are none. Empty means no plan."
        ),
    )


class UseForm(forms.Form):
    """Which destination everybody gets, and until when."""

    arm = forms.ChoiceField(label=_("Use"))
    until = forms.CharField(
        label=_("for everyone until"),
        widget=WallTimeInput,
        error_messages={
            "required": _("Say until when. Then the original page is back.")
        },
    )

    def __init__(self, found: Results, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["arm"].choices = [  # type: ignore[attr-defined]
            (arm.id, arm.name) for arm in found.arms if arm.target
        ]


def suggested(found: Results) -> dict[str, float]:
    """Return what the form of the plan begins with: the rate so far, and a fifth."""
    counts = found.evidence.arms.get(found.evidence.control)
    rate = USUAL_RATE
    if counts and counts.conversions >= MIN_CONVERSIONS:
        rate = round(min(counts.rate, 0.8) * PERCENT, 2)
    return {"rate": rate, "rise": round(rate * USUAL_RISE, 2)}


def size(found: Results, rate: float, rise: float) -> tuple[int, int, int | None]:
    """Return how many visitors it takes, for each arm and in all, and days left.

    *rate* is percent, *rise* points. Each of several arms has to be more convincing.
    """
    rivals = max(1, len(found.evidence.comparisons))
    each = visitors_per_arm(rate / PERCENT, rise / PERCENT, PLANNED_ALPHA / rivals)
    shares = found.shares.values()
    total = ceil(each * sum(shares) / min(shares))
    so_far = found.evidence
    return each, total, days_left(total, so_far.visitors, so_far.days)


def usual_use(found: Results, row: RedirectRule) -> dict[str, Any]:
    """Return what the form begins with: the winner, until the rule ends."""
    ends = row.last_end()
    if ends is None or ends <= time():
        ends = (time() + USUAL_LENGTH.total_seconds()) // HOUR * HOUR
    winner = found.evidence.verdict.arm
    return {"arm": winner, "until": wall_text(ends, row.timezone)}


def for_everyone(document: Mapping[str, Any], arm: str, until: str) -> dict[str, Any]:
    """Return a rule's document in which one destination is everybody's, with an end.

    It is no experiment any more.
    """
    once: dict[str, Any] = {"repeat": "", "until": None, "except": [], "moved_ends": {}}
    schedule = document["schedule"]
    schedule = {**schedule, **{key: once[key] for key in once.keys() & schedule.keys()}}
    return {
        **document,
        "enabled": True,
        "goal": "",
        "planned_visitors": None,
        "schedule": {**schedule, "ends_at": until},
        "destinations": [
            {**each, "percentage": PERCENT if each["id"] == arm else 0}
            for each in document["destinations"]
        ],
    }
