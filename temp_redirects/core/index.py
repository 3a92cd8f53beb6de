"""Index: how the candidates for a path are found among 1,000,000 records."""

from collections.abc import Container, Iterable
from heapq import nsmallest
from itertools import chain
from typing import Protocol

from temp_redirects.core.crowds import Crowd
from temp_redirects.core.patterns import (
    KINDS,
    SHAPED,
    decoded,
    parse_source,
    shown_paths,
)
from temp_redirects.core.records import (
    CONDITIONS,
    Record,
    goal,
    key,
    kinds,
    precedence,
    remembers,
    source,
)
from temp_redirects.core.sentences import Refused

MANY = 4  # records at one place; of more, a path meets those that it may be for

Found = Record | list[Record]


class Everything:
    """The container that has whatever it is asked for."""

    def __contains__(self, item: object) -> bool:
        """Say yes."""
        return True


EVERYTHING = Everything()


def beginning(path: str) -> str:
    """Return the text by which paths are told apart first.

    It ends before the second slash. Where there is none it lacks the last character:
    it need not be a segment, only cheap, and the same for rules and requests.
    """
    return path[: path.find("/", 1)]


class Candidates(Protocol):
    """Whatever can say which records a path has to be tried with."""

    def covers(self, path: str) -> bool:
        """Say whether a record may be for this path; False is certain."""

    def candidates(self, path: str) -> list[Record]:
        """Return the records whose source covers the path, in order of precedence."""

    def paths_under(self, start: str, most: int) -> list[str]:
        """Return paths of records that begin so, *most* of them at most."""


class Index:
    """The records by path; finding a path's candidates examines no other record.

    A dict on their beginnings stands in front, so that a path whose first segment no
    record uses costs one lookup at any size. Behind it exact paths are one lookup, and
    prefixes one for each segment of the path, down to the deepest prefix there is.
    Patterns and regular expressions hang among the prefixes, at the whole segments
    they begin with, and those met there are matched.
    """

    __slots__ = (
        "_broken",
        "_crowds",
        "_depths",
        "_everywhere",
        "_exact",
        "_goals",
        "_has_shapes",
        "_is_unsure",
        "_prefixes",
        "beginnings",
        "kinds",
        "remembering",
        "size",
    )

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._depths: dict[str, int] = {}  # beginning: slashes in deepest prefix
        self._exact: dict[str, Found] = {}
        self._prefixes: dict[str, Found] = {}
        self._everywhere: list[Record] = []
        self._goals: set[str] = set()  # paths at which experiments are decided
        self._has_shapes = False
        # Whether a path may be covered that is shown otherwise, or begins anyhow.
        self._is_unsure = False
        self._broken: set[str] = set()  # ids of those that cannot be matched
        self._crowds: dict[
            int, Crowd
        ] = {}  # by the identity of the list they stand for
        self.size = 0
        self.kinds: frozenset[str] = frozenset()  # of the records' conditions
        self.remembering: list[Record] = []  # those whose arms stand in cookies
        crowded: list[list[Record]] = [self._everywhere]
        for record in records:
            self._add(record, crowded)
        for found in crowded:
            found.sort(key=precedence)
            if self._has_shapes and len(found) > MANY:
                self._crowds[id(found)] = Crowd(found)
        self.beginnings: Container[str] = self._depths
        if self._everywhere:
            self.beginnings, self._is_unsure = EVERYTHING, True

    def _add(self, record: Record, crowded: list[list[Record]]) -> None:
        self.size += 1
        if len(record) > CONDITIONS:
            self._note(record)
        match, path = key(record)
        if match not in KINDS:  # a newer version's: here it covers no path
            return
        self._has_shapes |= match in SHAPED
        if match != "exact" and not path:
            self._everywhere.append(record)
            return
        place = self._exact if match == "exact" else self._prefixes
        depth = 0 if match == "exact" else path.count("/")
        self._add_beginnings(path, depth)
        found = place.setdefault(path, record)
        if isinstance(found, list):
            found.append(record)
        elif found is not record:
            crowded.append([found, record])
            place[path] = crowded[-1]

    def _add_beginnings(self, path: str, depth: int) -> None:
        paths = (path,) if path.isascii() else shown_paths(path)
        self._is_unsure |= len(paths) > 1
        for each in (*paths, *(f"{path}/" for path in paths if depth == 1)):
            begins = beginning(each)
            if self._depths.get(begins, -1) < depth:
                self._depths[begins] = depth

    def _note(self, record: Record) -> None:
        """Keep what is asked of all records together."""
        self.kinds |= kinds(record)
        if remembers(record):
            self.remembering.append(record)
        if path := goal(record):
            self._add_beginnings(decoded(path), 0)
            self._goals.update(shown_paths(decoded(path)))

    def covers(self, path: str) -> bool:
        """Say whether a record may be for this path; False is certain and cheap.

        Or whether it is a record's goal. The path may be as requests show it.
        """
        depth = self._depths.get(beginning(path))
        if depth is None or self._is_unsure:
            return bool(self._everywhere) or depth is not None
        end = 0
        while depth and end >= 0:
            depth -= 1
            end = path.find("/", end + 1)
            if (path if end < 0 else path[:end]) in self._prefixes:
                return True
        return path in self._exact or path in self._goals

    def candidates(self, path: str) -> list[Record]:
        """Return the records whose source covers the path, in order of precedence.

        One whose source cannot be read is among those of the place it hangs at, so
        that a trace can say why it is off.
        """
        found: list[Record] = []
        sources = 0
        depth = self._depths.get(beginning(path), -1)
        if depth >= 0:
            sources += self._extend(found, self._exact.get(path), path)
        end = 0
        for _ in range(depth):
            end = path.find("/", end + 1)
            sources += self._extend(
                found, self._prefixes.get(path[: end if end > 0 else None]), path
            )
            if end < 0:
                break
        if path[:1] in {"", "/"}:  # “OPTIONS *” asks for no path (RFC 9110 §9.3.7)
            sources += self._extend(found, self._everywhere or None, path)
        if found and self._has_shapes:
            found = [record for record in found if self._fits(record, path or "/")]
        if sources > 1:
            found.sort(key=precedence)
        return found

    def _extend(self, found: list[Record], more: Found | None, path: str) -> int:
        """Add what stands at one place, in order; 1 where something does."""
        if more is None:
            return 0
        if not isinstance(more, list):
            found.append(more)
            return 1
        crowd = self._crowds.get(id(more)) if self._crowds else None
        if crowd is None:
            found.extend(more)
            return 1
        found.extend(crowd.met_by(path))
        return 2  # no longer in order

    def paths_under(self, start: str, most: int) -> list[str]:
        """Return the first paths of records that begin so; this looks at all."""
        paths = chain(self._exact, self._prefixes)
        return nsmallest(most, (path for path in paths if path.startswith(start)))

    def _fits(self, record: Record, path: str) -> bool:
        """Say whether a record found by its place covers the whole path."""
        match, typed = source(record)
        if match not in SHAPED or record[0] in self._broken:
            return True
        try:
            return parse_source(match, typed).match(path) is not None
        except Refused:
            self._broken.add(record[0])
            return True


class Overlay:
    """An index with some records taken out by id and others laid over it.

    One edit among many costs as much as the edit, not as the whole.
    """

    __slots__ = ("_added", "_base", "_removed")

    def __init__(
        self, base: Candidates, removed: Iterable[str], added: Iterable[Record]
    ) -> None:
        self._base = base
        self._removed = frozenset(removed)
        self._added = Index(added)

    def covers(self, path: str) -> bool:
        """Say whether a record may be for this path; False is certain and cheap."""
        return self._added.covers(path) or self._base.covers(path)

    def candidates(self, path: str) -> list[Record]:
        """Return the records whose source covers the path, in order of precedence."""
        kept = [
            record
            for record in self._base.candidates(path)
            if record[0] not in self._removed
        ]
        return sorted([*kept, *self._added.candidates(path)], key=precedence)

    def paths_under(self, start: str, most: int) -> list[str]:
        """Return paths of records that begin so, of removed ones too."""
        return [
            *self._added.paths_under(start, most),
            *self._base.paths_under(start, most),
        ][:most]
