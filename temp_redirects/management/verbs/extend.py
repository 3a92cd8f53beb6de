"""``extend``: a window's end moves away."""

from argparse import ArgumentParser
from shlex import quote
from typing import Any

from temp_redirects.management.actions import Change, judge
from temp_redirects.management.extensions import extension
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
        anew = f"Give it a new window: add … --name {quote(row.name)}"
        duration, document = extension(row, by, anew)
        judge(row, schedule=document["schedule"])
        rules.extend(duration)
        return "extended"
