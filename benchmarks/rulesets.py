"""Rules as sites have them, and as nobody should, by number."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from temp_redirects.core.schedules import Recurrence, Schedule
from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.models.planned import schedule_columns

SECTIONS = 100  # first segments that rules begin with
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)
PERIOD = 200  # rules, after which the kinds of a realistic ruleset come again


class Rule(NamedTuple):
    """A rule as its rows have it; what is not named has its default."""

    number: int
    path: str
    targets: tuple[str, ...] = ()  # empty: a page of the same site
    conditions: tuple[tuple[str, str], ...] = ()
    columns: dict[str, Any] = {}

    @property
    def pk(self) -> UUID:
        """The id: random, and the same for the same number."""
        number = self.number.to_bytes(8, "big")
        return UUID(bytes=blake2b(number, digest_size=16).digest())

    @property
    def name(self) -> str:
        """The name, by which the rule is found."""
        return f"rule-{self.number}"


def plain(count: int) -> Iterator[Rule]:
    """Return rules of one exact path each, without any condition."""
    for number in range(count):
        yield Rule(number, exact(number))


def exact(number: int) -> str:
    """Return the path of the rule of a number."""
    return f"/section{number % SECTIONS}/page{number}/"


def realistic(count: int, since: int = 0) -> Iterator[Rule]:
    """Return rules as real sites have them.

    90 % exact, 8 % prefix, 1.5 % pattern, 0.5 % regex; a tenth with a condition, a
    tenth recurring, and a fifth not active now, spread over all kinds alike.
    """
    for number in range(since, count):
        columns: dict[str, Any] = {}
        conditions: tuple[tuple[str, str], ...] = ()
        of_its_kind = number // PERIOD + number
        if of_its_kind % 10 == 3:
            conditions = (("country", "DE, AT"),)
        if of_its_kind % 10 == 7:
            columns |= WEEKLY
        elif of_its_kind % 5 == 1:
            columns |= TOMORROW
        path = exact(number)
        kind = number % PERIOD
        if kind < 16:
            columns["match"] = "prefix"
        elif kind < 19:
            columns["match"] = "pattern"
            path = f"{path}<int:year>/<slug:slug>/"
        elif kind == 19:
            columns["match"] = "regex"
            path = f"{path}(old|new)-[0-9]+"
        yield Rule(number, path, conditions=conditions, columns=columns)


def open_paths(count: int) -> Iterator[str]:
    """Yield the paths of realistic rules that redirect everybody now."""
    for rule in realistic(count):
        if not (rule.columns or rule.conditions):
            yield rule.path


def guarded(count: int) -> Iterator[Rule]:
    """Return rules that have a window and two conditions each."""
    for number in range(count):
        window = {
            "starts_at": NOW - number % 1_000 * HOUR,
            "ends_at": NOW + (number % 1_000 + 1) * HOUR,
        }
        conditions = (("country", "DE, AT"), ("language", "de"))
        yield Rule(number, exact(number), conditions=conditions, columns=window)


def prefixes_under_one_folder(count: int) -> Iterator[Rule]:
    """Return prefixes that all stand under one folder."""
    for number in range(count):
        yield Rule(number, f"/folder/prefix{number}/", columns={"match": "prefix"})


def rules_on_one_path(count: int) -> Iterator[Rule]:
    """Return rules of one path, each for another host; the last one holds."""
    for number in range(count):
        host = "testserver" if number == count - 1 else f"host{number}.test"
        yield Rule(number, "/crowd/", columns={"hosts": host})


def prefixes_within_each_other(count: int) -> Iterator[Rule]:
    """Return prefixes each of which stands under the one before."""
    for number in range(count):
        path = "/deep" + "".join(f"/s{each}" for each in range(number)) + "/"
        yield Rule(number, path, columns={"match": "prefix"})


def regexes_without_a_start(count: int) -> Iterator[Rule]:
    """Return regular expressions that any path may match."""
    for number in range(count):
        path = f"/[a-z]+/old{number}-[0-9]+/"
        yield Rule(number, path, columns={"match": "regex"})


def recurring(since: datetime, length: timedelta, repeat: str) -> dict[str, Any]:
    """Return the columns of a window that opens first at *since*, and comes again."""
    starts = since.timestamp()
    ends = (since + length).timestamp()
    again = Recurrence(Repeat.parse(repeat), since.replace(tzinfo=None))
    return schedule_columns(Schedule(starts, ends, "UTC", again))


TOMORROW = {"starts_at": NOW + 24 * HOUR, "ends_at": NOW + 48 * HOUR}
# Neither today nor yesterday: such windows are mostly closed.
WEEKLY = recurring(NOW - timedelta(days=26), 2 * HOUR, "FREQ=WEEKLY")
