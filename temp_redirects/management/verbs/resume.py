"""``resume``: a paused rule is switched on again."""

from shlex import quote
from typing import Any

from temp_redirects.management.actions import Change, judge, refuse
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import RedirectRuleQuerySet


class Resume(Change):
    """Switches a rule on, if it could be saved so today."""

    name = "resume"
    help = "switch a paused rule on again"
    epilog = "Refused where the rule would not be saved today: a loop, a lost server."

    def change(
        self, rules: RedirectRuleQuerySet, row: RedirectRule, **options: Any
    ) -> str:
        """Switch it on, unless it is."""
        if row.state() == "ended":
            raise refuse(
                f"“{row.name}” has ended; switched on it would redirect nobody. Give "
                f"it a new window: add … --name {quote(row.name)} --for 1h"
            )
        judge(row, enabled=True)
        return "resumed" if rules.resume() else "unchanged"
