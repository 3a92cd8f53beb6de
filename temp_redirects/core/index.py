"""Index: how the candidates for a path are found among 1,000,000 records."""

from collections.abc import Container, Iterable, Iterator
from heapq import nsmallest
from itertools import chain
from typing import Protocol

from temp_redirects.core.crowds import Crowd
from temp_redirects.core.patterns import (
    KINDS,
    SHAPED,
    Exact,
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
    named,
    packed,
    precedence,
    remembers,
    source,
    unpacked,
)
from temp_redirects.core.sentences import Refused

MANY = 4  # records at one place; of more, a path meets those that it may be for
TOGETHER = b""  # where a record alone would stand: there are several


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

    @property
    def beginnings(self) -> Container[str]:
        """The `beginning` of each path that may be covered."""

    @property
    def kinds(self) -> frozenset[str] | None:
        """The kinds of the records' conditions; None where nobody knows."""

    @property
    def remembering(self) -> list[Record]:
        """The records whose arms stand in cookies."""

    def covers(self, path: str) -> bool:
        """Say whether a record may be for this path; False is certain."""

    def candidates(self, path: str) -> list[Record]:
        """Return the records whose source covers the path, in order of precedence."""

    def paths_under(self, start: str, most: int) -> list[str]:
        """Return paths of records that begin so, *most* of them at most."""

    def __iter__(self) -> Iterator[Record]:
        """Yield every record."""


class Places:
    """Records by the path that they hang at: packed, but where several hang at one."""

    __slots__ = ("alone", "together")

    def __init__(self) -> None:
        # Of texts and bytes alone: the garbage collector does not look inside.
        self.alone: dict[str, bytes] = {}
        self.together: dict[str, list[Record]] = {}

    def add(self, path: str, record: Record) -> None:
        """Hang a record at the path."""
        alone = self.alone.get(path)
        if alone is None:
            try:
                self.alone[path] = packed(record, path)
            except ValueError:  # whatever stands in the row, it hurts only itself
                self.alone[path] = TOGETHER
                self.together[path] = [named(record)]
            return
        if alone:
            self.together[path] = [unpacked(alone, path)]
            self.alone[path] = TOGETHER
        self.together[path].append(named(record))

    def at(self, path: str) -> list[Record]:
        """Return the records that hang there."""
        alone = self.alone.get(path)
        if alone:
            return [unpacked(alone, path)]
        return [] if alone is None else self.together[path]

    def __iter__(self) -> Iterator[Record]:
        """Yield every record."""
        for path, alone in self.alone.items():
            if alone:
                yield unpacked(alone, path)
        yield from chain.from_iterable(self.together.values())


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
        "_meets",
        "_prefixes",
        "_unknown",
        "beginnings",
        "kinds",
        "remembering",
        "size",
    )

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._depths: dict[str, int] = {}  # beginning: slashes in deepest prefix
        self._exact = Places()
        self._prefixes = Places()
        self._everywhere: list[Record] = []
        self._unknown: list[Record] = []  # whose way to match a newer version has
        self._goals: set[str] = set()  # paths at which experiments are decided
        self._has_shapes = False
        # Whether a path may be covered that is shown otherwise.
        self._is_unsure = False
        self._broken: set[str] = set()  # ids of those that cannot be matched
        self._crowds: dict[
            int, Crowd
        ] = {}  # by the identity of the list they stand for
        self.size = 0
        self.kinds: frozenset[str] = frozenset()
        self.remembering: list[Record] = []
        for record in records:
            self._add(record)
        for found in (
            self._everywhere,
            *self._exact.together.values(),
            *self._prefixes.together.values(),
        ):
            found.sort(key=precedence)
            if self._has_shapes and len(found) > MANY:
                self._crowds[id(found)] = Crowd(found)
        # Whether a path is for one of those that begin anyhow: asked for every path.
        crowd = self._crowds.get(id(self._everywhere))
        self._meets = crowd.meets if crowd else None
        self.beginnings: Container[str] = self._depths
        if self._everywhere:
            self.beginnings = EVERYTHING

    def _add(self, record: Record) -> None:
        self.size += 1
        if len(record) > CONDITIONS:
            self._note(record)
        match, path = key(record)
        if match == Exact.kind:
            self._exact.add(path, record)
            # Of most another one has noted the beginning before.
            if path[: path.find("/", 1)] not in self._depths or not path.isascii():
                self._add_beginnings(path, 0)
        elif match not in KINDS:
            self._unknown.append(named(record))
        elif path:
            self._has_shapes |= match in SHAPED
            self._prefixes.add(path, record)
            self._add_beginnings(path, path.count("/"))
        else:
            self._has_shapes |= match in SHAPED
            self._everywhere.append(named(record))

    def _add_beginnings(self, path: str, depth: int) -> None:
        if path.isascii() and depth != 1:  # as nearly always
            begins = path[: path.find("/", 1)]  # the `beginning`, without another call
            if self._depths.get(begins, -1) < depth:
                self._depths[begins] = depth
            return
        paths = shown_paths(path)
        self._is_unsure |= len(paths) > 1
        for each in (*paths, *(f"{path}/" for path in paths if depth == 1)):
            begins = beginning(each)
            if self._depths.get(begins, -1) < depth:
                self._depths[begins] = depth

    def _note(self, record: Record) -> None:
        """Keep what is asked of all records together."""
        self.kinds |= kinds(record)
        if remembers(record):
            self.remembering.append(named(record))
        if path := goal(record):
            self._add_beginnings(decoded(path), 0)
            self._goals.update(shown_paths(decoded(path)))

    def covers(self, path: str) -> bool:
        """Say whether a record may be for this path; False is certain and cheap.

        Or whether it is a record's goal. The path may be as requests show it.
        """
        if self._everywhere and (
            self._meets is None or self._meets(path) or "%" in path or "\ufffd" in path
        ):
            return True
        end = path.find("/", 1)
        depth = self._depths.get(path[:end])  # the `beginning`, without another call
        if depth is None or self._is_unsure:
            return depth is not None
        while depth:
            if (path if end < 0 else path[:end]) in self._prefixes.alone:
                return True
            if end < 0:
                break
            depth -= 1
            end = path.find("/", end + 1)
        return path in self._exact.alone or path in self._goals

    def candidates(self, path: str) -> list[Record]:
        """Return the records whose source covers the path, in order of precedence.

        One whose source cannot be read is among those of the place it hangs at, so
        that a trace can say why it is off.
        """
        found: list[Record] = []
        sources = 0
        depth = self._depths.get(beginning(path), -1)
        if depth >= 0:
            sources += self._extend(found, self._exact.at(path), path)
        end = 0
        for _ in range(depth):
            end = path.find("/", end + 1)
            place = path[: end if end > 0 else None]
            if place in self._prefixes.alone:
                sources += self._extend(found, self._prefixes.at(place), path)
            if end < 0:
                break
        if path[:1] in {"", "/"}:  # “OPTIONS *” asks for no path (RFC 9110 §9.3.7)
            sources += self._extend(found, self._everywhere, path)
        if found and self._has_shapes:
            found = [record for record in found if self._fits(record, path or "/")]
        if sources > 1:
            found.sort(key=precedence)
        return found

    def _extend(self, found: list[Record], more: list[Record], path: str) -> int:
        """Add what hangs at one place, in order; 1 where something does."""
        if not more:
            return 0
        crowd = self._crowds.get(id(more)) if self._crowds else None
        if crowd is None:
            found.extend(more)
            return 1
        found.extend(crowd.met_by(path))
        return 2  # no longer in order

    def __iter__(self) -> Iterator[Record]:
        """Yield every record."""
        places = self._exact, self._prefixes, self._everywhere, self._unknown
        return chain.from_iterable(places)

    def paths_under(self, start: str, most: int) -> list[str]:
        """Return the first paths of records that begin so; this looks at all."""
        paths = chain(self._exact.alone, self._prefixes.alone)
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

    One edit among many costs as much as the edit, not as the whole. What is laid over
    an overlay is laid over its base, so that looking never goes deeper.
    """

    __slots__ = ("_base", "added", "beginnings", "kinds", "remembering", "removed")

    def __init__(
        self, base: Candidates, removed: Iterable[str], added: Iterable[Record]
    ) -> None:
        gone = frozenset(removed)
        if isinstance(base, Overlay):
            added = [*(each for each in base.added if each[0] not in gone), *added]
            gone |= base.removed
            base = base._base
        self._base: Candidates = base
        self.removed: frozenset[str] = gone  # ids
        self.added: Index = Index(added)
        self.kinds = None if base.kinds is None else base.kinds | self.added.kinds
        self.remembering = [
            *(each for each in base.remembering if each[0] not in gone),
            *self.added.remembering,
        ]
        self.beginnings: Container[str] = EVERYTHING
        if isinstance(base.beginnings, dict) and isinstance(
            self.added.beginnings, dict
        ):
            self.beginnings = base.beginnings | self.added.beginnings

    @property
    def edits(self) -> int:
        """How many records differ from those of the base."""
        return len(self.removed | {record[0] for record in self.added})

    def covers(self, path: str) -> bool:
        """Say whether a record may be for this path; False is certain and cheap."""
        return self.added.covers(path) or self._base.covers(path)

    def candidates(self, path: str) -> list[Record]:
        """Return the records whose source covers the path, in order of precedence."""
        kept = [
            record
            for record in self._base.candidates(path)
            if record[0] not in self.removed
        ]
        added = self.added.candidates(path)
        return sorted([*kept, *added], key=precedence) if added else kept

    def paths_under(self, start: str, most: int) -> list[str]:
        """Return paths of records that begin so, of removed ones too."""
        return [
            *self.added.paths_under(start, most),
            *self._base.paths_under(start, most),
        ][:most]

    def __iter__(self) -> Iterator[Record]:
        """Yield every record."""
        kept = (record for record in self._base if record[0] not in self.removed)
        return chain(kept, self.added)
