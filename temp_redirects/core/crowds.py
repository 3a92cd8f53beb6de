"""Crowds: many records at one place of the index, of which a path meets few."""

from collections.abc import Iterable, Iterator

from temp_redirects.core.patterns import Pattern
from temp_redirects.core.records import Record, source

# The number of segments, the place of one, how much of it is known, and its text.
Spot = tuple[int, int, int | None, str]


class Crowd:
    """Records of one place; patterns among them are found by one more segment.

    A pattern without “<path:…>” says how many segments a path has, and most say what
    one of them is behind the first placeholder, or how it begins: “/<lang>/shop/” is
    met where the second of three is “shop”. All other records are met by every path.
    """

    __slots__ = ("_others", "_places", "_spots")

    def __init__(self, records: Iterable[Record]) -> None:
        self._others: list[Record] = []
        self._spots: dict[Spot, list[Record]] = {}
        places: dict[int, dict[tuple[int, int | None], None]] = {}
        for record in records:
            spot = spot_of(record)
            if spot is None:
                self._others.append(record)
                continue
            self._spots.setdefault(spot, []).append(record)
            places.setdefault(spot[0], {})[spot[1:3]] = None
        self._places = {length: tuple(each) for length, each in places.items()}

    def met_by(self, path: str) -> Iterator[Record]:
        """Yield the records that a path may be for."""
        yield from self._others
        segments = path.split("/")
        length = len(segments)
        for at, size in self._places.get(length, ()):
            yield from self._spots.get((length, at, size, segments[at][:size]), ())


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
