"""Files of rules: JSON documents and CSV tables, each mistake with its place."""

import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from temp_redirects.core import tables
from temp_redirects.core.documents import FORMAT, Rejected
from temp_redirects.core.sentences import Refused
from temp_redirects.models.imports import Entry, Problem, named

STREAM = "-"  # stands for stdin and stdout
KEYS = ("format", "rules", "maintenance_windows")
FORMATS = ("json", "csv")
_STEP = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")


@dataclass
class Source:
    """What a file says, entry by entry, and how its places are called."""

    unit: str  # “line” or “rule”
    entries: list[Entry] = field(default_factory=list)
    rows: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    def column(self, place: str) -> str:
        """Return how people find a place in an entry."""
        return place if self.unit == "rule" else tables.column_of(place)

    def value(self, problem: Problem) -> Any:
        """Return what stands at the place of a problem; None where nothing does."""
        at: Any = self.rows.get(problem.number, {})
        for index, key in _STEP.findall(self.column(problem.place)):
            try:
                at = at[int(index)] if index else at[key]
            except (IndexError, KeyError, TypeError):
                return None
        return at

    def as_json(self, problem: Problem) -> dict[str, Any]:
        """Return a problem for a script to read."""
        return {
            self.unit: problem.number,
            "column": self.column(problem.place),
            "value": self.value(problem),
            "reason": str(problem.reason),
        }

    def line(self, problem: Problem) -> str:
        """Return a problem for people."""
        column, value = self.column(problem.place), self.value(problem)
        shown = f" ({value!r})" if value not in (None, "") else ""
        where = f", {column}{shown}" if column else ""
        return f"{self.unit} {problem.number}{where}: {problem.reason}"


def text_of(name: str) -> str:
    """Return what a file says, or what comes from stdin; raises `Refused`."""
    try:
        sent = sys.stdin.buffer.read() if name == STREAM else Path(name).read_bytes()
        return sent.decode("utf-8-sig")
    except OSError as error:
        raise Refused(
            "“{file}” cannot be read: {why}.", file=name, why=error.strerror
        ) from error
    except UnicodeDecodeError as error:
        line = sent.count(b"\n", 0, error.start) + 1
        raise Refused(
            "“{file}” is not UTF-8 (line {line}). Save it as “CSV UTF-8”.",
            file=name,
            line=line,
        ) from error


def format_of(name: str, text: str) -> str:
    """Return the format of a file, by its name or else by how it begins."""
    ending = Path(name).suffix.removeprefix(".").lower()
    if ending in FORMATS:
        return ending
    return "json" if text.lstrip().startswith("{") else "csv"


def read_csv(text: str) -> Source:
    """Read a table; what is wrong with a line is kept in its place."""
    source = Source("line")
    for number, row in tables.read_table(StringIO(text, newline="")):
        document: Any = row
        if not isinstance(row, Rejected):
            source.rows[number] = row
            try:
                document = named(tables.document_of(row))
            except Rejected as rejected:
                document = rejected
        source.entries.append((number, document))
    return source


def read_json(text: str) -> Source:
    """Read a document of rules; raises `Refused` where it is none."""
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise Refused("The file is no JSON: {why}.", why=error) from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise Refused(
            "The file is no document of rules: its “format” must be “{format}”.",
            format=FORMAT,
        )
    unknown = [key for key in whole if key not in KEYS]
    if unknown:
        raise Refused(
            "“{key}” is not a key of the file. There are: {keys}.",
            key=unknown[0],
            keys=", ".join(KEYS),
        )
    if whole.get("maintenance_windows"):
        raise Refused("This version imports no “maintenance_windows” yet.")
    rules = whole.get("rules", [])
    if not isinstance(rules, list):
        raise Refused("“rules” must be a list.")
    source = Source("rule", list(enumerate(rules, 1)))
    source.rows = {
        number: rule for number, rule in source.entries if isinstance(rule, dict)
    }
    return source


def written_json(rules: Sequence[Mapping[str, Any]]) -> str:
    """Return the document of all rules, a rule after the other."""
    whole = {"format": FORMAT, "rules": rules, "maintenance_windows": []}
    return f"{json.dumps(whole, indent=2, ensure_ascii=False)}\n"


def written_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return the table of these rows under its header."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(tables.COLUMNS)
    writer.writerows(rows)
    return out.getvalue()
