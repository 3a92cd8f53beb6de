"""``export``: all rules in a file, for another site or for a spreadsheet."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from temp_redirects.core import tables
from temp_redirects.core.sentences import Refused
from temp_redirects.management.actions import Verb, find, refuse, written_rules
from temp_redirects.management.files import FORMATS, STREAM, written_csv, written_json

EPILOG = f"""\
JSON is the whole of every rule. CSV has a line for each rule, with these columns:
  {", ".join(tables.COLUMNS[:11])},
  {", ".join(tables.COLUMNS[11:])}
Rules that need more than a line are left out of CSV and named on stderr, exit code 1.
Cells that a spreadsheet would take for a formula begin with “'”; import takes it off.

examples:
  temp_redirects export > rules.json
  temp_redirects export --to rules.csv
  temp_redirects export deploy --format csv
"""


class Export(Verb):
    """Writes rules as the document format or as a table."""

    name = "export"
    help = "write the rules to a file, as JSON or CSV"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take which rules, as what, and where to."""
        parser.add_argument(
            "names", metavar="NAME", nargs="*", help="only these rules; else all"
        )
        parser.add_argument(
            "--format", choices=FORMATS, help="else by the file’s name, or json"
        )
        parser.add_argument(
            "--to", metavar="FILE", default=STREAM, help="else to stdout"
        )

    def run(
        self, *args: Any, names: list[str], format: str | None, to: str, **options: Any
    ) -> None:
        """Write the rules."""
        rules = written_rules()
        rows = rules.prefetch_related("destinations", "conditions").order_by("name_key")
        if names:
            rows = rows.filter(pk__in=[find(rules, name).pk for name in names])
        documents, problems = [], []
        for row in rows:
            try:
                documents.append(row.to_document())
            except Refused as refused:
                problems.append(f"“{row.name}” cannot be written: {refused}")
        if (format or Path(to).suffix) in {"csv", ".csv"}:
            table = {each["name"]: tables.cells(each) for each in documents}
            problems += [
                f"“{name}” needs more than a line of CSV; export it as JSON."
                for name, cells in table.items()
                if cells is None
            ]
            text = written_csv(cells for cells in table.values() if cells is not None)
        else:
            text = written_json(documents)
        self._put(text, to)
        if problems:
            raise refuse("\n".join(problems))

    def _put(self, text: str, to: str) -> None:
        if to == STREAM:
            self.stdout.write(text, ending="")
            return
        try:
            Path(to).write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise refuse(f"“{to}” cannot be written: {error.strerror}.") from error
