"""Splits: which share of the visitors each arm gets, and who gets which.

An arm is a destination or the original page. Who gets which is weighted rendezvous
hashing: each arm draws a number for a visitor, and the best draw in proportion to its
share wins. A share that grows wins visitors and loses none; nothing is stored.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import log
from typing import Any, Self

from temp_redirects.core.sentences import Refused

ORIGINAL = "original"  # the id of the original page; no destination has it
WHOLE = 100.0  # percent
SAMPLE = 10_000  # visitors by which a change is foretold
_SEPARATOR = b"\x1f"  # the unit separator, so that no two lists of fields are one text
_VERSION = b"tr1"
_EPOCH = 6  # characters

Moves = Mapping[tuple[str, str], int]  # from which arm to which: visitors


def parse_percentage(value: Any) -> float | None:
    """Return a percentage, 0 to 100 with at most two decimals; None where it is empty.

    Raises `Refused` for everything else.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("must be a number from 0 to 100, not “{value}”", value=value)
    if not 0 <= value <= WHOLE:
        raise Refused("must be from 0 to 100, not {value}", value=value)
    if round(value, 2) != value:
        raise Refused("must have at most two decimals, not {value}", value=value)
    return float(value)


def shares(percentages: Mapping[str, float | None]) -> dict[str, float]:
    """Return the share of each arm in percent, the original page included.

    Empty percentages share equally what the others leave; where none is empty, the rest
    stays on the original page. Raises `Refused` where they are more than 100 together.
    """
    given = [each for each in percentages.values() if each is not None]
    total = round(sum(given), 2)
    if total > WHOLE:
        raise Refused(
            "The percentages are {total} together, and at most 100 can be given away.",
            total=f"{total:.10g}",
        )
    rest = round(WHOLE - total, 2)
    empty = len(percentages) - len(given)
    found = {
        arm: rest / empty if percentage is None else percentage
        for arm, percentage in percentages.items()
    }
    return {**found, ORIGINAL: 0.0 if empty else rest}


def draw(salt: str, purpose: str, arm: str, visitor: str) -> float:
    """Return a number between 0 and 1, both excluded, the same for ever.

    It is 53 bits of SHA-256 over the fields; *visitor* is any text.
    """
    return _unit(_prefix(salt, purpose, arm), visitor.encode("utf-8", "replace"))


def _prefix(*fields: str) -> bytes:
    framed = (each.encode("utf-8", "replace") for each in fields)
    return _SEPARATOR.join((_VERSION, *framed, b""))


def _unit(prefix: bytes, visitor: bytes) -> float:
    digest = sha256(prefix + visitor).digest()
    return ((int.from_bytes(digest[:8], "big") >> 11) + 0.5) / 2**53


@dataclass(frozen=True, slots=True)
class Split:
    """The arms of one rule with their shares; ``salt`` is the rule's id.

    ``shares`` are weights of any sum: pairs of an arm's id and its share. An arm with
    the share 0 is nobody's. ``epoch`` is a short text that is another one for other
    arms or shares.
    """

    salt: str
    shares: tuple[tuple[str, float], ...]
    epoch: str = field(init=False, compare=False)
    _drawn: tuple[tuple[str, float, bytes], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        drawn = (
            (arm, share, _prefix(self.salt, "arm", arm))
            for arm, share in sorted(self.shares)
            if share > 0
        )
        object.__setattr__(self, "_drawn", tuple(drawn))
        parts = (f"{arm}={share!r}" for arm, share, _ in self._drawn)
        digest = sha256(_prefix(self.salt, "epoch", *parts)).hexdigest()
        object.__setattr__(self, "epoch", digest[:_EPOCH])

    @classmethod
    def of(cls, salt: str, percentages: Mapping[str, float | None]) -> Self:
        """Return the split of destinations' percentages and the original page."""
        return cls(salt, tuple(shares(percentages).items()))

    @property
    def is_whole(self) -> bool:
        """Whether one arm gets everybody, so that nobody has to be told apart."""
        return len(self._drawn) < 2

    def share(self, arm: str) -> float:
        """Return the share of an arm; 0 for one that is none."""
        return dict(self.shares).get(arm, 0.0)

    def arm(self, visitor: str) -> str:
        """Return the arm of a visitor, the original page where all shares are 0."""
        if self.is_whole:
            return self._drawn[0][0] if self._drawn else ORIGINAL
        encoded = visitor.encode("utf-8", "replace")
        best, winner = float("inf"), ORIGINAL
        for arm, share, prefix in self._drawn:  # by id: of two equal ones the smaller
            cost = -log(_unit(prefix, encoded)) / share
            if cost < best:
                best, winner = cost, arm
        return winner


def moves(before: Split, after: Split, *, pinned: bool = False) -> Moves:
    """Return how many of `SAMPLE` visitors a change moves, from which arm to which.

    *pinned* visitors keep their arm as long as it has a share.
    """
    moved: Counter[tuple[str, str]] = Counter()
    for number in range(SAMPLE):
        visitor = f"{number}"
        old = before.arm(visitor)
        keeps = pinned and after.share(old) > 0
        new = old if keeps else after.arm(visitor)
        if new != old:
            moved[old, new] += 1
    return moved
