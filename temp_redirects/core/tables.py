"""Tables: simple rules as flat rows of text, as spreadsheets have them (CSV)."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from temp_redirects.core.documents import Problem, Rejected
from temp_redirects.core.sentences import Refused, Sentence

# The headers of an export, a promise: never rename one, only add at the end.
COLUMNS = (
    "name",
    "path",
    "target",
    "match",
    "starts_at",
    "ends_at",
    "timezone",
    "methods",
    "hosts",
    "except_paths",
    "conditions",
    "unless",
    "priority",
    "status",
    "query",
    "cache_seconds",
    "enabled",
    "note",
    "id",
    "destination_id",
    "label",
    "repeat",
    "until",
    "except",
    "moved_ends",
)
NEEDED = ("path", "target")
COLUMNS_BY_OTHER_NAMES = {  # as other lists of redirects call them
    "from": "path",
    "source": "path",
    "old": "path",
    "old_path": "path",
    "url": "path",
    "to": "target",
    "destination": "target",
    "new": "target",
    "new_path": "target",
    "starts": "starts_at",
    "start": "starts_at",
    "begins": "starts_at",
    "ends": "ends_at",
    "end": "ends_at",
    "till": "ends_at",
    "expires": "ends_at",
    "active": "enabled",
    "comment": "note",
}
DELIMITERS = ",;\t"

# Spreadsheets take a cell that begins so for a formula (OWASP, “CSV injection”). A
# quote before it makes it text; one that was there already gets another.
# Blanks before it, and the wide signs of East Asian keyboards, are read over by some.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n']")
MAX_NAME = 50  # characters of a column's name that are compared
MAX_COLUMNS = 200  # of a file; more than there are
_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Row = Mapping[str, str]


def neutral(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """Return the text of a cell, as it was before `neutral`."""
    is_quoted = cell.startswith("'") and _FORMULA.match(cell, 1)
    return cell[1:] if is_quoted else cell


def cells(document: Mapping[str, Any]) -> list[str] | None:
    """Return the row of a whole document in the order of `COLUMNS`.

    None where it has more than a row can say: a split, a goal, or a condition with a
    line break or with blanks around it.
    """
    schedule, destinations = document["schedule"], document["destinations"]
    facts = [*document["conditions"], *document["unless"]]
    values = [each["value"] for each in facts]
    if _is_split(document) or any("\n" in each for each in values):
        return None
    if any(each != each.strip() for each in values):
        return None
    row = {
        **{name: document[name] for name in COLUMNS if name in document},
        **{name: schedule[name] or "" for name in _SCHEDULE},
        "except": ", ".join(schedule["except"]),
        "moved_ends": "\n".join(
            f"{day}: {ends}" for day, ends in schedule["moved_ends"].items()
        ),
        "target": destinations[0]["target"],
        "destination_id": destinations[0]["id"],
        "label": destinations[0]["label"],
        "methods": ", ".join(document["methods"]),
        "hosts": ", ".join(document["hosts"]),
        "except_paths": "\n".join(document["except_paths"]),
        "conditions": _condition_lines(document["conditions"]),
        "unless": _condition_lines(document["unless"]),
        "enabled": "true" if document["enabled"] else "false",
    }
    return [neutral(str(row[name])) for name in COLUMNS]


def _is_split(document: Mapping[str, Any]) -> bool:
    (first, *others) = document["destinations"]
    has_share = first["percentage"] is not None
    return bool(others) or has_share or bool(document["goal"])


def document_of(row: Row) -> dict[str, Any]:
    """Return the document of a row, what is blank left out; raises `Rejected`."""
    problems: list[Problem] = []
    document: dict[str, Any] = {}
    schedule: dict[str, Any] = {}
    destination: dict[str, Any] = {}
    for name, cell in row.items():
        text = restored(cell)
        if name not in _AS_TYPED:
            text = text.strip()
        if not text:
            continue
        try:
            value = _READERS.get(name, str)(text)
        except Refused as refused:
            problems.append((name, refused.sentence))
            continue
        part = destination if name in _DESTINATION else document
        part = schedule if name in _SCHEDULE else part
        part[_DESTINATION.get(name, name)] = value
    if problems:
        raise Rejected(problems)
    return {**document, "schedule": schedule, "destinations": [destination]}


def column_of(place: str) -> str:
    """Return the column that a place in the document came from."""
    root, _, rest = place.partition(".")
    root = root.partition("[")[0]
    if root == "destinations":
        return {"id": "destination_id", "label": "label"}.get(rest, "target")
    return rest if root == "schedule" else root


def read_table(lines: Iterable[str]) -> Iterator[tuple[int, Row | Rejected]]:
    """Yield each row with the number of its first line, or what is wrong with it.

    The delimiter is the one of the header line; blank lines are left out.
    """
    source = iter(lines)
    first = next(source, "")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        names = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        yield 1, _rejected(_no_csv(error))
        return
    header = [name.strip().lower() for name in names]
    problems = _header_problems(header)
    if problems:
        yield 1, Rejected(problems)
        return
    rows = csv.reader(source, delimiter=delimiter, strict=True)
    line = 2
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:  # where the next row begins is not known
            yield line, _rejected(_no_csv(error))
            return
        if len(row) > len(header) and any(row[len(header) :]):
            told = Sentence(
                "The line has {cells} cells and the header {names}.",
                cells=len(row),
                names=len(header),
            )
            yield line, _rejected(told)
        elif any(map(str.strip, row)):
            yield line, dict(zip(header, row, strict=False))
        line = rows.line_num + 2


def _header_problems(header: list[str]) -> list[Problem]:
    if len(header) > MAX_COLUMNS:
        told = Sentence(
            "The first line has {count} columns, and {most} are read at most.",
            count=len(header),
            most=MAX_COLUMNS,
        )
        return [("", told)]
    problems = [(name, _unknown(name)) for name in header if name not in COLUMNS]
    for name in NEEDED:
        if name not in header:
            problems.append(
                (name, Sentence("The first line has no column “{name}”.", name=name))
            )
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.append(
            (name, Sentence("The first line has “{name}” twice.", name=name))
        )
    return problems


def _unknown(name: str) -> Sentence:
    """Return what is said of a column that is none, with the one that is meant."""
    near = get_close_matches(name[:MAX_NAME], COLUMNS, n=1)
    meant = [COLUMNS_BY_OTHER_NAMES[name]] if name in COLUMNS_BY_OTHER_NAMES else near
    if meant:
        return Sentence("unknown column; did you mean “{meant}”?", meant=meant[0])
    known = ", ".join(COLUMNS)
    return Sentence("unknown column. There are: {known}.", known=known)


def _no_csv(error: csv.Error) -> Sentence:
    return Sentence("This line is no CSV: {error}.", error=error)


def _rejected(sentence: Sentence) -> Rejected:
    return Rejected([("", sentence)])


def _condition_lines(conditions: list[dict[str, str]]) -> str:
    return "\n".join(f"{each['kind']}: {each['value']}" for each in conditions)


def _conditions(text: str) -> list[dict[str, str]]:
    found = []
    for line in filter(str.strip, text.split("\n")):
        kind, colon, value = line.partition(":")
        if not colon:
            raise Refused(
                "“{text}” is not “kind: value”. Example: “scheme: http”.", text=line
            )
        found.append({"kind": kind.strip(), "value": value.strip()})
    return found


def _moved_ends(text: str) -> dict[str, str]:
    pairs = (each.partition(":") for each in _lines(text))
    return {day.strip(): ends.strip() for day, _, ends in pairs}


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _lines(text: str) -> list[str]:
    return [each.strip() for each in text.split("\n") if each.strip()]


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Refused("“{text}” is not a whole number.", text=text) from None


def _flag(text: str) -> bool:
    if text.lower() not in _YES:
        raise Refused("“{text}” is neither “true” nor “false”.", text=text)
    return _YES[text.lower()]


_AS_TYPED = {"note", "label"}
_SCHEDULE = (
    *("starts_at", "ends_at", "timezone"),
    *("repeat", "until", "except", "moved_ends"),
)
_DESTINATION = {"target": "target", "destination_id": "id", "label": "label"}
_READERS: Mapping[str, Callable[[str], Any]] = {
    "methods": _listed,
    "hosts": _listed,
    "except_paths": _lines,
    "conditions": _conditions,
    "unless": _conditions,
    "priority": _number,
    "status": _number,
    "cache_seconds": _number,
    "enabled": _flag,
    "except": _listed,
    "moved_ends": _moved_ends,
}
