"""``show``: all there is to know of one rule."""

import json as jsons
from argparse import ArgumentParser
from typing import Any

from temp_redirects.management.actions import (
    Verb,
    add_json,
    add_name,
    find,
    written_rules,
)
from temp_redirects.management.hits import hits_json, hits_of, hits_text
from temp_redirects.management.reports import Report


class Show(Verb):
    """Shows a rule's state, its sentence and its document."""

    name = "show"
    help = "show a rule: its state, what it does, its hits, its document"

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the name."""
        add_name(parser)
        add_json(parser)

    def run(self, *args: Any, name: str, json: bool, **options: Any) -> None:
        """Show the rule."""
        row = find(written_rules(), name)
        report = Report.of(row)
        hits = hits_of(row)
        if json:
            self.write_json({**report.as_json(), "hits": hits_json(hits)})
            return
        self.write(f"“{report.name}” is {report.state}", *report.lines())
        self.write(f"Hits: {hits_text(hits, row.timezone)}")
        if report.document:
            self.write(jsons.dumps(report.document, indent=2, ensure_ascii=False))
