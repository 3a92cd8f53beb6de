"""Kill switches on the command line: which there are, and how they are told."""

from collections.abc import Iterable
from typing import Any

from django.db import router
from django.utils import timezone as django_timezone

from temp_redirects.core.rules import Rule
from temp_redirects.core.schedules import moment
from temp_redirects.core.switches import KillSwitch as Switch
from temp_redirects.core.visits import Visit
from temp_redirects.models import KillSwitch
from temp_redirects.models.columns import as_seconds
from temp_redirects.models.switches import KillSwitchQuerySet
from temp_redirects.sites import site_timezone


def written_switches() -> KillSwitchQuerySet:
    """Return the kill switches, of the database that they are written to."""
    return KillSwitch.objects.using(router.db_for_write(KillSwitch))


def told_off(rules: Iterable[Rule]) -> list[str]:
    """Say which kill switches keep any of these rules from acting; a line each."""
    on = [row.compile() for row in written_switches().on(django_timezone.now())]
    some = list(rules)
    return [
        f"Switched off: {each.explain()}. To switch it on again: on{_option(each)}"
        for each in on
        if any(each.stops(rule) and _is_for(each, rule) for rule in some)
    ]


def _is_for(switch: Switch, rule: Rule) -> bool:
    """Say whether a rule may be asked on the host that is switched off."""
    own = rule.hosts
    return not (switch.host and own.patterns) or own.holds(
        Visit("/", host=switch.host), 0
    )


def _option(switch: Switch) -> str:
    return f" --host {switch.host}" if switch.host else ""


def as_json(row: KillSwitch) -> dict[str, Any]:
    """Return a switch for a script to read."""
    ends = as_seconds(row.ends_at)
    return {
        "scope": row.scope,
        "host": row.host,
        "until": None if ends is None else moment(ends, site_timezone()).isoformat(),
        "reason": row.reason,
        "who": row.who,
    }
