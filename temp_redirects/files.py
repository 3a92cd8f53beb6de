"""Files of rules: JSON documents and CSV tables, each mistake with its place."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from temp_redirects.core import tables
from temp_redirects.core.documents import FORMAT, Rejected
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.models.chunks import chunks
from temp_redirects.models.imports import (
    RULES,
    WINDOWS,
    Entry,
    Kind,
    Problem,
    named,
)
from temp_redirects.models.imports.plans import At

FORMATS = ("json", "csv")
_LISTS: Mapping[str, tuple[Kind, str]] = {
    "rules": (RULES, "rule"),
    "maintenance_windows": (WINDOWS, "maintenance window"),
}
KEYS = ("format", *_LISTS)
LINE = "line"
UNITS = {LINE: RULES, **{unit: kind for kind, unit in _LISTS.values()}}  # in order
CHUNK = 1_000  # rows that are read at a time
MAX_VALUE = 100  # characters of what stands at the place of a problem
MAX_REASON = 500
MAX_DEPTH = 20  # of brackets inside each other; no rule has half of it
MAX_DIGITS = 1_000  # of a number; Python refuses to read much longer ones
_STEP = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")


@dataclass
class Source:
    """What a file says, entry by entry, and how its places are called."""

    entries: dict[Kind, list[Entry]] = field(default_factory=dict)
    rows: dict[At, Mapping[str, Any]] = field(default_factory=dict)
    column: Callable[[str], str] = str  # how people find a place in an entry

    def __iter__(self) -> Iterator[tuple[Kind, At, Any]]:
        """Yield each entry: of which kind it is, its place, and its document."""
        for kind, some in self.entries.items():
            for each in some:
                yield kind, *each

    def parts(self, size: int) -> Iterator[list[list[Any]]]:
        """Yield what the file has, *size* entries at a time, as values for JSON.

        `read_part` gives the entries back.
        """
        for some in chunks(list(self), size):
            yield [[*at, *self._given(at, document)] for _, at, document in some]

    def _given(self, at: At, document: Any) -> tuple[Any, list[list[str]]]:
        problems = []
        if isinstance(document, Rejected):
            problems = [[place, str(why)] for place, why in document.problems]
            document = None
        return self.rows.get(at, document), problems

    def add(self, kind: Kind, at: At, given: Any, document: Any) -> None:
        """Take an entry: what the file has there, and the document it stands for."""
        self.entries.setdefault(kind, []).append((at, document))
        if isinstance(given, Mapping):
            self.rows[at] = given

    def in_order(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems in the order of the file."""
        places = {at: place for place, (_, at, _) in enumerate(self)}
        return sorted(problems, key=lambda each: places[each.at])

    def value(self, problem: Problem) -> Any:
        """Return what stands at the place of a problem; None where nothing does."""
        at: Any = self.rows.get(problem.at, {})
        for index, key in _STEP.findall(self.column(problem.place)):
            try:
                at = at[int(index)] if index else at[key]
            except (IndexError, KeyError, TypeError):
                return None
        return at

    def as_json(self, problem: Problem) -> dict[str, Any]:
        """Return a problem for a script to read."""
        return {
            problem.at.unit.replace(" ", "_"): problem.at.number,
            "column": self.column(problem.place),
            "value": self.value(problem),
            "reason": str(problem.reason),
        }

    def line(self, problem: Problem) -> str:
        """Return a problem for people."""
        column, value = self.column(problem.place), self.value(problem)
        shown = f" ({_short(repr(value))})" if value not in (None, "") else ""
        where = f", {column}{shown}" if column else ""
        return f"{problem.at}{where}: {_short(str(problem.reason), MAX_REASON)}"


def _short(text: str, most: int = MAX_VALUE) -> str:
    """Return a text that fits a line, whatever the file has there."""
    return text if len(text) <= most else f"{text[:most]}…"


def decoded(sent: bytes, name: str) -> str:
    """Return the text of what a file called *name* holds; raises `Refused`."""
    try:
        if b"\0" in sent[:4]:  # as UTF-16 has it, with its mark or without
            raise UnicodeDecodeError("utf-8", sent[:4], 0, 1, "")
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = sent.count(b"\n", 0, error.start) + 1
        raise Refused(
            "“{file}” is not UTF-8 (line {line}). Save it as “UTF-8” or “CSV UTF-8”.",
            file=name,
            line=line,
        ) from error


def format_named(name: str) -> str:
    """Return the format that a file's name says, or an empty text."""
    ending = Path(name).suffix.removeprefix(".").lower()
    return ending if ending in FORMATS else ""


def format_of(name: str, text: str) -> str:
    """Return the format of a file, by its name or else by how it begins."""
    return format_named(name) or ("json" if text.lstrip().startswith("{") else "csv")


def read(kind: str, text: str, most: int | None = None) -> Source:
    """Read a file of one of `FORMATS`; raises `Refused` where it is none.

    Of each list that has more than *most* entries only one more is read.
    """
    last = None if most is None else most + 1
    return read_json(text, last) if kind == "json" else read_csv(text, last)


def read_csv(text: str, last: int | None = None) -> Source:
    """Read a table; what is wrong with a line is kept in its place."""
    source = Source({RULES: []}, column=tables.column_of)
    rows = tables.read_table(StringIO(text, newline=""))
    for number, row in islice(rows, last):
        source.add(RULES, At(LINE, number), row, _document_of(row))
    return source


def _document_of(row: tables.Row | Rejected) -> Mapping[str, Any] | Rejected:
    try:
        return row if isinstance(row, Rejected) else named(tables.document_of(row))
    except Rejected as rejected:
        return rejected


def read_part(kind: str, part: Iterable[list[Any]]) -> Source:
    """Return some entries of a file of one of `FORMATS`, as `parts` gave them."""
    is_table = kind == "csv"
    source = Source(column=tables.column_of) if is_table else Source()
    for unit, number, given, problems in part:
        document = given
        if problems:
            why = [(place, Sentence("{why}", why=text)) for place, text in problems]
            document = Rejected(why)
        elif is_table:
            document = _document_of(given)
        source.add(UNITS[unit], At(unit, number), given, document)
    return source


def read_json(text: str, last: int | None = None) -> Source:
    """Read a document of rules; raises `Refused` where it is none."""
    whole = _parsed(text)
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
    if isinstance(whole, _Doubled):
        raise Refused("“{key}” stands twice in the file.", key=whole.key)
    source = Source()
    for key, (kind, unit) in _LISTS.items():
        if key not in whole:
            continue
        if not isinstance(whole[key], list):
            raise Refused("“{key}” must be a list.", key=key)
        source.entries[kind] = []
        for number, each in enumerate(whole[key][:last], 1):
            source.add(kind, At(unit, number), each, _once(each))
    return source


class _Doubled(dict[str, Any]):
    """An object that has a key twice, the first of those."""

    key: str


def _parsed(text: str) -> Any:
    try:
        whole = json.loads(text, object_pairs_hook=_object, parse_int=_whole_number)
    except json.JSONDecodeError as error:
        raise Refused(
            "The file is no JSON, line {line}, sign {column}: {why}.",
            line=error.lineno,
            column=error.colno,
            why=error.msg,
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    if "\\u" in text:
        _refuse_halves(whole)
    return whole


def _too_deep() -> Refused:
    return Refused("The file has too many brackets inside each other.")


def _refuse_halves(whole: Any) -> None:
    """Raise Refused where an escape stands for half a character, which no text has."""
    try:
        json.dumps(whole, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Refused(
            "The file has half a character in it, after “{before}”.",
            before=error.object[max(error.start - 20, 0) : error.start],
        ) from error


def _whole_number(digits: str) -> float:
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = _Doubled(found)
    times = Counter(key for key, _ in pairs)
    doubled.key = next(key for key, count in times.items() if count > 1)
    return doubled


def _once(entry: Any) -> Any:
    """Return an entry, or what is wrong where an object in it has a key twice.

    Nobody could say which of both is meant. Raises Refused where brackets are deeper
    than any rule has them, for not everybody could write them again.
    """
    problems = []
    inside = [("", entry, 0)]
    while inside:
        place, each, depth = inside.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(each, _Doubled):
            problems.append((f"{place}{each.key}", Sentence("stands twice")))
        if isinstance(each, dict):
            inside += [
                (f"{place}{key}.", value, depth + 1) for key, value in each.items()
            ]
        if isinstance(each, list):
            place = place.removesuffix(".")
            inside += [
                (f"{place}[{at}].", value, depth + 1) for at, value in enumerate(each)
            ]
    return Rejected(problems) if problems else entry


def written_json(**lists: Sequence[Mapping[str, Any]]) -> str:
    """Return the document of “rules” and “maintenance_windows”, those that are given.

    A list that is not there says nothing; one that is empty says that there are none.
    """
    whole = {"format": FORMAT, **lists}
    return f"{json.dumps(whole, indent=2, ensure_ascii=False)}\n"


def written_csv(
    rows: Iterable[Iterable[str]], header: Sequence[str] = tables.COLUMNS
) -> str:
    """Return the table of these rows under its header."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def documents_of(
    rows: "QuerySet[Any]", problems: list[Sentence]
) -> Iterator[dict[str, Any]]:
    """Yield the documents of rules or windows by name, and note which cannot be read.

    They are read some at a time, so that many need no more memory than few.
    """
    for row in rows.order_by("name_key").iterator(chunk_size=CHUNK):
        try:
            yield row.to_document()
        except Refused as refused:
            problems.append(
                Sentence(
                    "“{name}” cannot be written: {reason}",
                    name=row.name,
                    reason=refused.sentence,
                )
            )


def table_of(documents: Iterable[Mapping[str, Any]], problems: list[Sentence]) -> str:
    """Return the table of rules, and note which need more than a line of it."""
    rows = []
    for document in documents:
        cells = tables.cells(document)
        if cells is None:
            problems.append(
                Sentence(
                    "“{name}” needs more than a line of CSV; export it as JSON.",
                    name=document["name"],
                )
            )
        else:
            rows.append(cells)
    return written_csv(rows)
