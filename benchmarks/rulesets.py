"""Rules as sites have them, and as nobody should: compact records, by number."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from temp_redirects.core.records import DEFAULTS, FIELDS, Record, pack

NOW = 1_800_000_000.0  # seconds since the epoch
DAY = 86_400.0
SECTIONS = 100  # first segments that rules begin with


def record(number: int, path: str, **fields: Any) -> Record:
    """Return a record from *path* to a page of the same site."""
    named = {
        **DEFAULTS,
        "id": str(UUID(int=number)),
        "name": f"rule-{number}",
        "path": path,
        "destinations": ((("a", "", f"/new/{number}/")),),
        **fields,
    }
    return pack(named[field] for field in FIELDS)


def plain(count: int) -> Iterator[Record]:
    """Return rules of one exact path each, without any condition."""
    for number in range(count):
        yield record(number, exact(number))


def exact(number: int) -> str:
    """Return the path of the rule of a number."""
    return f"/section{number % SECTIONS}/page{number}/"


def realistic(count: int) -> Iterator[Record]:
    """Return rules as real sites have them.

    90 % exact, 8 % prefix, 1.5 % pattern, 0.5 % regex; a tenth with a condition and a
    fifth not active now.
    """
    for number in range(count):
        fields: dict[str, Any] = {}
        if number % 10 == 3:
            fields["conditions"] = (("country", "DE, AT"),)
        if number % 5 == 1:
            fields |= {"starts": NOW + DAY, "ends": NOW + 2 * DAY}
        path = exact(number)
        kind = number % 200
        if kind < 16:
            fields["match"] = "prefix"
        elif kind < 19:
            fields["match"], path = "pattern", f"{path}<int:year>/<slug:slug>/"
        elif kind == 19:
            fields["match"], path = "regex", f"{path}(old|new)-[0-9]+"
        yield record(number, path, **fields)


def prefixes_under_one_folder(count: int) -> Iterator[Record]:
    """Return prefixes that all stand under one folder."""
    for number in range(count):
        yield record(number, f"/section0/folder{number}/", match="prefix")


def rules_on_one_path(count: int) -> Iterator[Record]:
    """Return rules of one path, of which only the last tried holds for all hosts."""
    for number in range(count):
        hosts = (f"host{number}.test",) if number else ()
        yield record(number, "/section0/page0/", hosts=hosts)


def regexes_without_a_start(count: int) -> Iterator[Record]:
    """Return regular expressions that any path may match."""
    for number in range(count):
        yield record(number, f"/[a-z]+/old{number}-[0-9]+/", match="regex")
