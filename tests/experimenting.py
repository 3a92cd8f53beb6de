"""An experiment for tests: a rule with a goal, and what its arms got."""

from datetime import UTC, datetime

from temp_redirects.models import RedirectRule
from temp_redirects.models.counts import HOUR
from temp_redirects.models.recording import recorded
from temp_redirects.results import results
from tests.factories import ArmCountFactory

START = datetime(2026, 10, 26, tzinfo=UTC)  # a Monday
NIGHT = int(START.timestamp()) // HOUR
NOW = START.timestamp() + 10 * 24 * HOUR


def experiment(percentages=None, labels=None, **fields):
    """Write the rule “pricing-test”: half of the visitors get the new page."""
    labels = labels or {}
    schedule = {
        "timezone": fields.pop("timezone", "UTC"),
        "ends_at": fields["ends_at"].isoformat() if "ends_at" in fields else None,
    }
    fields.pop("ends_at", None)
    document = {
        "name": "pricing-test",
        "path": "/pricing/",
        "goal": "/thanks/",
        "schedule": schedule,
        "destinations": [
            {
                "id": key,
                "label": labels.get(key, "New page"),
                "target": f"/pricing-{key}/",
                "percentage": percentage,
            }
            for key, percentage in (percentages or {"b": 50}).items()
        ],
        **fields,
    }
    with recorded("code"):  # a change of its own, though a test is one transaction
        return RedirectRule.objects.save_document(document)


def count(row, arms, hour=0, epoch=""):
    """Count visitors and conversions of arms in an hour of the first days."""
    for arm, (visitors, conversions) in arms.items():
        ArmCountFactory(
            rule=row,
            epoch=epoch or results(row, now=NOW).epoch,
            arm=arm,
            hour=NIGHT + hour,
            visitors=visitors,
            conversions=conversions,
        )
