"""The demo's rules, dated from the moment they are made."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from demo_project import audiences, conf, experiments
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.querysets import wall_time

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def schedule_rules(now: datetime) -> int:
    """Make the demo's rules, or date those that exist anew; return how many."""
    rules = [*live_rules(now), *other_rules(now)]
    for rule in rules:
        RedirectRule.objects.schedule(**rule)
    # Their ids are always the same, and so who gets which arm.
    documents = [experiments.experiment(now), spread(now)]
    for document in documents:
        RedirectRule.objects.save_document(document)
    MaintenanceWindow.objects.schedule(**maintenance(now))
    return len(rules) + len(documents)


def spread(now: datetime) -> dict[str, Any]:
    """Return the rule that shares what one page costs between two servers."""
    zone = settings.TIME_ZONE
    return {
        "id": str(UUID(int=308)),
        "name": "catalogue-spread",
        "path": "/catalogue.json",
        "schedule": {
            "starts_at": wall_time(now - timedelta(days=1), zone),
            "ends_at": wall_time(now + timedelta(days=30), zone),
            "timezone": zone,
        },
        "destinations": [
            {
                "id": "partner",
                "label": "Partner Shop",
                "target": f"{conf.current().partner_origin}/catalogue.json",
                "percentage": 50,
            }
        ],
        "sticky": "address",
        "note": "Other shops ask for it all day, so two servers share the work.",
    }


def maintenance(now: datetime) -> dict[str, Any]:
    """Return the maintenance window that the home page tells about."""
    return {
        "name": "workbench",
        "paths": ["/repairs/"],
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(hours=2),
        "title": "The workbench is being moved",
        "message": "Our tools change rooms. Nothing is broken, and nothing is lost.",
    }


def live_rules(now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the rules that the home page tells about."""
    yield {
        "name": "api-moved",
        "source": "/api/v1/submit",
        "target": "/api/v2/submit",
        "methods": WRITES,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(days=7),
        "note": "Version 1 is being repaired. Everything it took, version 2 takes.",
    }
    yield {
        "name": "checkout-elsewhere",
        "source": "/checkout/",
        "target": f"{conf.current().partner_origin}/checkout/",
        "methods": ("POST",),
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(days=2),
        "note": "The Partner Shop takes orders while ours counts its stock.",
    }
    yield {
        "name": "journal-moved",
        "source": "/blog/",
        "target": "/news/{rest}",
        "match": "prefix",
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=14),
        "note": "The journal is being put in order.",
    }
    yield {
        "name": "account-https",
        "source": "/account/",
        "target": "https://{host}{path}",
        "conditions": [{"kind": "scheme", "value": "http"}],
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=30),
        "note": "Old bookmarks and forms still say http.",
    }
    for rule in audiences.rules():
        yield {
            **rule,
            "starts_at": now - timedelta(days=1),
            "ends_at": now + timedelta(days=30),
        }


def other_rules(now: datetime) -> Iterator[dict[str, Any]]:
    """Yield a rule that is to come and one that is over."""
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    night = timezone.make_aware(datetime.combine(tomorrow, time(23)))
    yield {
        "name": "stocktaking-night",
        "source": "/pricing/",
        "target": "/products/",
        "starts_at": night,
        "ends_at": night + timedelta(hours=6),
        "note": "Prices are written anew during stocktaking.",
    }
    yield {
        "name": "candle-week",
        "source": "/products/",
        "target": "/products/beeswax-candle/",
        "starts_at": now - timedelta(days=8),
        "ends_at": now - timedelta(days=1),
        "note": "For one week, everybody saw the candles first.",
    }
