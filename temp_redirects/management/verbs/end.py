"""``end``: the window is over now."""

from typing import Any

from temp_redirects.management.actions import Change
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import RedirectRuleQuerySet


class End(Change):
    """Ends a rule now; safe to run twice, as a script's trap does."""

    name = "end"
    help = "end a rule now; one that has not begun is switched off"
    epilog = "A rule that has ended stays as it is, with exit code 0."

    def change(
        self, rules: RedirectRuleQuerySet, row: RedirectRule, **options: Any
    ) -> str:
        """End it, if there is anything left to end."""
        return "ended" if rules.end() else "unchanged"
