"""Goals: the experiments among the rules, by the goal's path, by name and by pin."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from temp_redirects.core.patterns import decoded
from temp_redirects.core.pins import Pin, key_of
from temp_redirects.core.records import Record, unpack
from temp_redirects.core.rules import Rule

DAY = 86_400  # seconds


class Goal(NamedTuple):
    """An experiment whose goal a visitor has reached, and the visitor's pin in it."""

    rule: Rule
    pin: Pin


class Goals:
    """The records whose arms stand in cookies; mostly there are none."""

    __slots__ = ("_names", "_paths", "_pins")

    def __init__(self, remembering: Iterable[Record] = ()) -> None:
        self._paths: dict[str, list[Record]] = {}
        self._names: dict[str, Record] = {}
        self._pins: dict[str, Record] = {}
        for record in remembering:
            fields = unpack(record)
            self._pins[key_of(fields["id"])] = record
            if fields["goal"]:
                self._paths.setdefault(decoded(fields["goal"]), []).append(record)
                self._names[_key(fields["name"])] = record

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def at(self, path: str) -> Sequence[Record]:
        """Return the experiments whose goal is this decoded path."""
        return self._paths.get(path, ())

    def named(self, name: str) -> Sequence[Record]:
        """Return the experiment of that name, case ignored."""
        return [each for each in [self._names.get(_key(name))] if each]

    def pinned(self, key: str) -> Sequence[Record]:
        """Return the rule that a pin is for."""
        return [each for each in [self._pins.get(key)] if each]


def _key(name: str) -> str:
    return name.strip().casefold()
