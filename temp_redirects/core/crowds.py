"""Crowds: many records at one place of the index, of which a path meets few."""

from collections.abc import Callable, Iterable, Iterator

from temp_redirects.core.patterns import Pattern, Regex, Sieve, parse_source
from temp_redirects.core.records import Record, source
from temp_redirects.core.sentences import Refused

MOST = 10_000  # expressions that are searched together

# The number of segments, the place of one, how much of it is known, and its text.
Spot = tuple[int, int, int | None, str]


class Crowd:
    """Records of one place; patterns among them are found by one more segment.

    A pattern without “<path:…>” says how many segments a path has, and most say what
    one of them is behind the first placeholder, or how it begins: “/<lang>/shop/” is
    met where the second of three is “shop”. Of regular expressions one search says
    which match. All other records are met by every path.
    """

    __slots__ = ("_expressions", "_others", "_places", "_sieve", "_spots", "meets")

    def __init__(self, records: Iterable[Record]) -> None:
        self._others: list[Record] = []
        self._expressions: list[Record] = []
        self._spots: dict[Spot, list[Record]] = {}
        places: dict[int, dict[tuple[int, int | None], None]] = {}
        for record in records:
            spot = spot_of(record)
            if spot is not None:
                self._spots.setdefault(spot, []).append(record)
                places.setdefault(spot[0], {})[spot[1:3]] = None
            elif is_expression(record):
                self._expressions.append(record)
            else:
                self._others.append(record)
        self._places = {length: tuple(each) for length, each in places.items()}
        self._sieve = _sieve_of(self._expressions)
        if self._sieve is None:
            self._others += self._expressions
        # Whether a path may be for any of the records: of expressions alone, one call.
        self.meets: Callable[[str], bool] = self._meets
        if self._sieve is not None and not (self._others or self._places):
            self.meets = self._sieve.meets

    def _meets(self, path: str) -> bool:
        return any(True for _ in self.met_by(path))

    def met_by(self, path: str) -> Iterator[Record]:
        """Yield the records that a path may be for."""
        yield from self._others
        if self._sieve is not None:
            for at in self._sieve.met_by(path):
                yield self._expressions[at]
        if self._places:
            yield from self._at_spots(path)

    def _at_spots(self, path: str) -> Iterator[Record]:
        segments = path.split("/")
        length = len(segments)
        for at, size in self._places.get(length, ()):
            yield from self._spots.get((length, at, size, segments[at][:size]), ())


def _sieve_of(expressions: list[Record]) -> Sieve | None:
    if not 1 < len(expressions) <= MOST:
        return None
    try:
        return Sieve([source(record)[1] for record in expressions])
    except Refused:
        return None


def is_expression(record: Record) -> bool:
    """Say whether a record's source is a regular expression that can be read."""
    match, text = source(record)
    if match != Regex.kind:
        return False
    try:
        parse_source(match, text)
    except Refused:
        return False
    return True


def spot_of(record: Record) -> Spot | None:
    """Return what a path must have where the record's source says so, or None."""
    match, text = source(record)
    segments = Pattern.segments_of(text) if match == Pattern.kind else ()
    behind = False
    spot: Spot | None = None
    for at, (begins, is_whole) in enumerate(segments):
        if is_whole and behind and begins:
            return len(segments), at, None, begins
        if not is_whole:
            behind = True
            if begins and spot is None:
                spot = len(segments), at, len(begins), begins
    return spot
