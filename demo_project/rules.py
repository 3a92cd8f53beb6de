"""The demo's rules, dated from the moment they are made."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from demo_project import audiences, conf, experiments
from temp_redirects.models import MaintenanceWindow, RedirectRule

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def schedule_rules(now: datetime) -> int:
    """Make the demo's rules, or date those that exist anew; return how many."""
    rules = [*live_rules(now), *other_rules(now)]
    for rule in rules:
        RedirectRule.objects.schedule(**rule)
    RedirectRule.objects.save_document(experiments.experiment(now))
    MaintenanceWindow.objects.schedule(**maintenance(now))
    return len(rules) + 1


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
