"""Fields: what placeholders match, and how a path is matched with them.

Time is bounded: where a regular expression could try again and again, the path is
matched by tables instead, in time that grows with the path and the number of fields.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_HEX = "[0-9a-f]"


@dataclass(frozen=True, slots=True)
class Converter:
    """What a placeholder matches: ``least`` or more of ``signs``, or one ``shape``."""

    signs: str  # a class of signs, as a regular expression
    least: int
    samples: tuple[str, str]  # unlike each other, as one may be like other text
    shape: str = ""  # instead of any number of signs

    @property
    def regex(self) -> str:
        """The whole text as a regular expression."""
        return self.shape or f"{self.signs}{'+' if self.least else '*'}"

    def is_closed_by(self, literal: str, *, is_last: bool) -> bool:
        """Say whether the text can end in one place only, before this literal."""
        if self.shape:
            return True
        if not literal:
            return is_last
        return re.match(self.signs, literal) is None


# Django's built-in converters (django.urls.converters); a test compares the two.
CONVERTERS: Mapping[str, Converter] = {
    "int": Converter("[0-9]", 1, ("1", "29")),
    "path": Converter("[^\\n]", 1, ("x/y", "v/w/")),
    "slug": Converter("[-a-zA-Z0-9_]", 1, ("x", "w")),
    "str": Converter("[^/]", 1, ("x", "w")),
    "uuid": Converter(
        "[-0-9a-f]",
        36,
        (
            "00000000-0000-4000-8000-000000000000",
            "ffffffff-ffff-4fff-bfff-ffffffffffff",
        ),
        f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",
    ),
}
STAR = Converter("[^/]", 0, ("x", "w"))


class Matcher:
    """Literals with a field between each two, as one thing that a path may match.

    Each field takes as much as it can, the first one first, as Django's routes do.
    """

    __slots__ = ("_converters", "_literals", "_regex")

    def __init__(
        self, literals: Sequence[str], converters: Sequence[Converter]
    ) -> None:
        self._literals = literals
        self._converters = converters
        last = len(converters) - 1
        closed = [
            each.is_closed_by(literals[at + 1], is_last=at == last)
            for at, each in enumerate(converters)
        ]
        # One field whose end is open is tried once for each sign, two of them once for
        # each two signs, and so on; and so is one that another one follows at once.
        is_quick = closed.count(False) < 2 and "" not in literals[1:-1]
        self._regex = self._compiled(closed) if is_quick else None

    def _compiled(self, closed: list[bool]) -> re.Pattern[str]:
        parts = [re.escape(self._literals[0])]
        for at, each in enumerate(self._converters):
            # Possessive (“++”): what is closed never gives a sign back.
            keeps = "+" if closed[at] and not each.shape else ""
            parts.append(f"({each.regex}{keeps}){re.escape(self._literals[at + 1])}")
        return re.compile("".join(parts))

    def match(self, path: str) -> Sequence[str] | None:
        """Return the text of each field, or None."""
        if self._regex is None:
            return self.match_by_tables(path)
        found = self._regex.fullmatch(path)
        return found and found.groups()

    def match_by_tables(self, path: str) -> Sequence[str] | None:
        """Return the same, in time that grows with the fields and the path only.

        From the last field to the first, a table says for each place where the field
        may begin where it ends at the latest, so that what follows still fits.
        """
        first, *others = self._literals
        if not path.startswith(first) or not path.endswith(self._literals[-1]):
            return None
        goals = {len(path)}
        tables: list[dict[int, int]] = []
        for literal, converter in zip(
            reversed(others), reversed(self._converters), strict=True
        ):
            goals = _before(literal, goals, path)
            tables.append(_ends(converter, goals, path))
            goals = set(tables[-1])
        at = len(first)
        texts = []
        for literal, table in zip(others, reversed(tables), strict=True):
            if at not in table:
                return None
            texts.append(path[at : table[at]])
            at = table[at] + len(literal)
        return texts if at == len(path) else None


def _before(literal: str, goals: set[int], path: str) -> set[int]:
    """Return the places from which *literal* leads to one of *goals*."""
    size = len(literal)
    begins = {at - size for at in goals if at >= size}
    return {at for at in begins if path.startswith(literal, at)} if size else begins


def _ends(converter: Converter, goals: set[int], path: str) -> dict[int, int]:
    """Return for each place where the field may begin its last end among *goals*."""
    found: dict[int, int] = {}
    if converter.shape:
        for match in re.finditer(f"(?=({converter.shape}))", path):
            if match.end(1) in goals:
                found[match.start()] = match.end(1)
        return found
    ordered = sorted(goals)
    for run in re.finditer(f"{converter.signs}*", path):
        at = bisect_right(ordered, run.end())
        if at:
            last = ordered[at - 1]
            begins = range(run.start(), last - converter.least + 1)
            found.update(dict.fromkeys(begins, last))
    return found
