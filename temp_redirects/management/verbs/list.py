"""``list``: the rules, by state."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from temp_redirects.management.actions import Verb, add_json, written_rules
from temp_redirects.management.reports import Report
from temp_redirects.management.switches import told_off

STATES = {
    "live": "rules that redirect now",
    "scheduled": "rules whose window has not begun",
    "paused": "rules that are switched off before their end",
    "ended": "rules whose window is over",
    "rejected": "rules that an error switches off",
}


class List(Verb):
    """Lists rules, a line each."""

    name = "list"
    help = "list the rules, a line each; without a state, all"

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the states that are asked for."""
        for state, meaning in STATES.items():
            parser.add_argument(f"--{state}", action="store_true", help=meaning)
        add_json(parser)

    def run(self, *args: Any, json: bool, **options: Any) -> None:
        """List the rules."""
        wanted = [state for state in STATES if options[state]] or [*STATES]
        rows = written_rules().prefetch_related("destinations", "conditions")
        reports = [report for report in map(Report.of, rows) if report.state in wanted]
        total = _total(Counter(report.state for report in reports), wanted)
        live = [each.rule for each in reports if each.rule and each.state == "live"]
        self.tell_all(reports, "\n".join([total, *told_off(live)]), json=json)


def _total(counts: Counter[str], wanted: list[str]) -> str:
    if not counts:
        asked = "" if len(wanted) == len(STATES) else f" {' or '.join(wanted)}"
        return f"No rule is{asked or ' stored'}."
    return ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
