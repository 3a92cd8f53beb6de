"""``extend``: a window's end moves away."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Any

from temp_redirects.core.schedules import moment, seconds
from temp_redirects.management.actions import Change, judge, refuse
from temp_redirects.management.moments import later, parse_duration
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import RedirectRuleQuerySet


class Extend(Change):
    """Moves the end of a rule that has one and has not ended."""

    name = "extend"
    help = "move a rule’s end further away"
    epilog = (
        "Refused for a rule without an end, and for one that has ended: whoever\n"
        "depends on the original page must not lose it again by surprise."
    )

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take by how much."""
        super().add_arguments(parser)
        parser.add_argument(
            "--by", required=True, metavar="DURATION", help="3h, 90m, 1h30m, 2d, 1w"
        )

    def change(
        self,
        rules: RedirectRuleQuerySet,
        row: RedirectRule,
        *,
        by: str = "",
        **options: Any,
    ) -> str:
        """Move the end, if the rule could be saved so."""
        duration = parse_duration(by)
        if row.ends_at is None:
            raise refuse(
                f"“{row.name}” has no end that could be moved: it redirects until "
                "somebody ends or pauses it."
            )
        if row.state() == "ended":
            raise refuse(
                f"“{row.name}” has ended and is not opened again by extending it. "
                f"Give it a new window: add … --name {quote(row.name)} --for {by}"
            )
        judge(row, schedule=_extended(row.to_document()["schedule"], duration))
        rules.extend(duration)
        return "extended"


def _extended(schedule: dict[str, Any], by: timedelta) -> dict[str, Any]:
    """Return the schedule of a document with its end moved; a day is 24 hours."""
    ends = later(datetime.fromisoformat(schedule["ends_at"]).astimezone(UTC), by)
    shown = moment(seconds(ends), schedule["timezone"])
    return {**schedule, "ends_at": shown.isoformat()}
