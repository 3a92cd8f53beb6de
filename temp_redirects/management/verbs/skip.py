"""``skip``: the next time of a rule that repeats is left out."""

from typing import Any

from temp_redirects.management.actions import Change
from temp_redirects.management.extensions import skip_next
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import RedirectRuleQuerySet


class Skip(Change):
    """Leaves out the next time of a rule; what is on goes on."""

    name = "skip"
    help = "leave out the next time of a rule that repeats"
    epilog = "Run twice, it leaves out the next two. What is on goes on until its end."

    def change(
        self, rules: RedirectRuleQuerySet, row: RedirectRule, **options: Any
    ) -> str:
        """Skip it, if there is a next time."""
        return skip_next(rules, row)
