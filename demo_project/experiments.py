"""The demo's experiment: thirty days of visitors, on a clock of their own.

Everybody is decided about and counted as a request would be, an hour after the other;
no result is written by hand.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from django.conf import settings

from temp_redirects.core.splits import ORIGINAL
from temp_redirects.core.visits import Visit
from temp_redirects.models import ArmCount, RedirectRule
from temp_redirects.models.querysets import wall_time
from temp_redirects.sites import current_site
from temp_redirects.store import store
from temp_redirects.tallies import tallies

NAME = "gift-box-test"
PAGE, NEW, GOAL = "/gift-box/", "/gift-box/new/", "/gift-box/ordered/"
DAYS = 30
HOUR = 3_600  # seconds
BUYERS = {ORIGINAL: 0.052, "new": 0.095}  # of the visitors of each page
AT_NIGHT, BY_DAY, ON_WEEKENDS = 1, 9, 5  # visitors an hour, more or less


def experiment(now: datetime) -> dict[str, object]:
    """Return the rule."""
    zone = settings.TIME_ZONE
    return {
        "id": str(UUID(int=307)),
        "name": NAME,
        "path": PAGE,
        "schedule": {
            "starts_at": wall_time(now - timedelta(days=DAYS), zone),
            "ends_at": wall_time(now + timedelta(days=DAYS), zone),
            "timezone": zone,
        },
        "destinations": [
            {"id": "new", "label": "Warm kitchen", "target": NEW, "percentage": 50}
        ],
        "goal": GOAL,
        "planned_visitors": 4_000,
        "note": "Does the page that tells of the kitchen sell more boxes?",
    }


def replay(now: datetime) -> int:
    """Lead visitors through the experiment until *now*; return how many came.

    It goes on where it ended the last time, and begins thirty days ago.
    """
    epochs = ArmCount.objects.epochs(RedirectRule.objects.get(name=NAME).pk)
    end = int(now.timestamp()) // HOUR
    start = epochs[0].last + 1 if epochs else end - DAYS * 24
    # The same visitors in every new demo, whenever it is set up.
    random = Random(end - start)  # noqa: S311
    came = 0
    for hour in range(start, end):
        for at in moments(hour, random):
            meet(f"{end - start} {came}", at, random)
            came += 1
    tallies.flush()
    return came


def moments(hour: int, random: Random) -> Iterator[float]:
    """Yield when visitors come in an hour: fewer at night and on weekends."""
    at = datetime.fromtimestamp(hour * HOUR, UTC)
    mean = AT_NIGHT if at.hour < 6 else ON_WEEKENDS if at.weekday() > 4 else BY_DAY
    for _ in range(max(1, round(random.gauss(mean, mean**0.5)))):
        yield hour * HOUR + random.random() * HOUR


def meet(visitor: str, at: float, random: Random) -> None:
    """Decide about one visitor as about a request, who perhaps buys some time later."""
    ruleset = store.ruleset()
    visit = Visit(PAGE, visitor=visitor, is_bot=False, site=current_site())
    decision = ruleset.decide(visit, at)
    assignment = decision.assignment
    if assignment is None or assignment.pin is None:
        return
    rule, arm = assignment.rule.id, assignment.arm
    tallies.exposed(rule, assignment.epoch, arm, at)
    if decision.location:
        tallies.hit(rule, visit.method, at)
    if random.random() < BUYERS[arm]:
        pins = {assignment.pin.rule: assignment.pin}
        later = at + random.random() * HOUR
        for goal in ruleset.reached(visit.moved(GOAL, pins=pins), later):
            tallies.converted(rule, goal.pin.epoch, goal.pin.arm, later)
