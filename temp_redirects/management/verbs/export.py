"""``export``: rules and windows in a file, for another site or for a spreadsheet."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from temp_redirects.core import tables
from temp_redirects.core.sentences import Sentence
from temp_redirects.files import (
    FORMATS,
    documents_of,
    format_named,
    table_of,
    written_json,
)
from temp_redirects.management.actions import (
    STREAM,
    Verb,
    find_any,
    refuse,
    written_rules,
    written_windows,
)

EPILOG = f"""\
JSON is the whole of every rule and maintenance window; pass links are not part of it.
CSV has a line for each rule, with these columns:
  {", ".join(tables.COLUMNS[:11])},
  {", ".join(tables.COLUMNS[11:])}
Rules that need more than a line are left out of CSV and named on stderr, exit code 1.
Maintenance windows are named there too; that is an error where NAME asks for them.
Cells that a spreadsheet would take for a formula begin with “'”; import takes it off.

examples:
  temp_redirects export > rules.json
  temp_redirects export --to rules.csv
  temp_redirects export deploy --format csv
"""


class Export(Verb):
    """Writes everything as the document format, or rules as a table."""

    name = "export"
    help = "write rules and maintenance windows to a file, as JSON or CSV"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take which of them, as what, and where to."""
        parser.add_argument(
            "names", metavar="NAME", nargs="*", help="only these; else all"
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
        """Write them."""
        rules, windows = written_rules(), written_windows()
        if names:
            found = [find_any(rules, windows, name).pk for name in names]
            rules = rules.filter(pk__in=found)
            windows = windows.filter(pk__in=found)
        rules = rules.prefetch_related("destinations", "conditions")
        problems: list[Sentence] = []
        documents = list(documents_of(rules, problems))
        if (format or format_named(to)) == "csv":
            text = table_of(documents, problems)
            for row in windows.order_by("name_key"):
                left_out = Sentence(
                    "“{name}” is a maintenance window; export it as JSON.",
                    name=row.name,
                )
                if names:
                    problems.append(left_out)
                else:
                    self.stderr.write(str(left_out))
        else:
            text = written_json(
                rules=documents,
                maintenance_windows=list(documents_of(windows, problems)),
            )
        self._put(text, to)
        if problems:
            raise refuse("\n".join(map(str, problems)))

    def _put(self, text: str, to: str) -> None:
        if to == STREAM:
            self.stdout.write(text, ending="")
            return
        try:
            Path(to).write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise refuse(f"“{to}” cannot be written: {error.strerror}.") from error
