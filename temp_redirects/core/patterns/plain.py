"""Plain sources: one path, or a path and everything under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from temp_redirects.core.patterns.paths import covers, decoded, parse_path, typed_path

NO_CAPTURES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class _Plain:
    """What is written as a path, without placeholders."""

    path: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the path that an editor typed."""
        return cls(parse_path(text))

    @staticmethod
    def literal_of(text: str) -> str:
        """Return the literal part of the source of that text."""
        return decoded(text).removesuffix("/")

    @property
    def typed(self) -> str:
        """The text that `parse` reads as this source."""
        return typed_path(self.path)

    @property
    def literal(self) -> str:
        """The part before the first placeholder, a trailing slash ignored."""
        return self.path.removesuffix("/")


@dataclass(frozen=True, slots=True)
class Exact(_Plain):
    """This path, case and slash as written."""

    kind: ClassVar[str] = "exact"
    rank: ClassVar[int] = 0  # tried before every other kind
    captures: ClassVar[frozenset[str]] = frozenset()

    @staticmethod
    def place_of(text: str) -> str:
        """Return the path under which an index keeps the source of that text."""
        return decoded(text)

    @property
    def samples(self) -> tuple[str, ...]:
        """Paths that it covers, to try a rule with."""
        return (self.path,)

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the captures, or None where the path is not this source's."""
        return NO_CAPTURES if path == self.path else None


@dataclass(frozen=True, slots=True)
class Prefix(_Plain):
    """This path and everything under it, on segment boundaries."""

    kind: ClassVar[str] = "prefix"
    rank: ClassVar[int] = 3
    captures: ClassVar[frozenset[str]] = frozenset({"rest"})

    @staticmethod
    def place_of(text: str) -> str:
        """Return the path under which an index keeps the source of that text."""
        return decoded(text).removesuffix("/")

    @property
    def samples(self) -> tuple[str, ...]:
        """Paths that it covers, to try a rule with."""
        return (self.path, f"{self.literal}/x")

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return ``{"rest": what follows}``, or None where it is not covered."""
        if not covers(self.path, path):
            return None
        return {"rest": path[len(self.literal) + 1 :]}
