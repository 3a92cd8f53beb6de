"""``pause``: switched off, the window stays as it is."""

from typing import Any

from temp_redirects.management.actions import Change
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import RedirectRuleQuerySet


class Pause(Change):
    """Switches a rule off until somebody resumes it."""

    name = "pause"
    help = "switch a rule off; its window stays as it is"

    def change(
        self, rules: RedirectRuleQuerySet, row: RedirectRule, **options: Any
    ) -> str:
        """Switch it off, unless it is or its window is over."""
        if row.state() == "ended":
            return "unchanged"
        return "paused" if rules.pause() else "unchanged"
