"""Routes: Django's route syntax, and “*”, matched in bounded time.

“/blog/<int:year>/<slug:slug>/” gives ``year`` and ``slug``, “/files/*/old” gives ``1``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from temp_redirects.core.patterns.fields import CONVERTERS, STAR, Converter, Matcher
from temp_redirects.core.patterns.paths import (
    MAX_PATH,
    decoded,
    parse_path,
    typed_path,
)
from temp_redirects.core.sentences import Refused, listed

MAX_PATTERN = 1_000  # characters, as typed
MAX_FIELDS = 10  # placeholders; what matching costs grows with them
# Placeholders of targets that mean something else (design: Targets).
TAKEN = frozenset({"country", "host", "language", "path"})

_FIELD = re.compile(r"<([^<>]*)>|\*")


def refuse_long(text: str) -> None:
    """Refuse what is longer than a pattern may be."""
    if len(text) > MAX_PATTERN:
        raise Refused("The path is longer than {most} characters.", most=MAX_PATTERN)


def refuse_taken(name: str) -> None:
    """Refuse the name of a capture that means something else in targets."""
    if name in TAKEN:
        raise Refused(
            "“{name}” cannot name a part of the path: in targets, {{{name}}} means "
            "something else. Use another name.",
            name=name,
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """Every path of a shape: literal text with placeholders between.

    ``literals`` stand around and between ``names``; “*” alone between two slashes is
    one segment and not empty, elsewhere it is any text within its segment.
    """

    kind: ClassVar[str] = "pattern"
    rank: ClassVar[int] = 1
    literals: tuple[str, ...]
    names: tuple[str, ...]
    converters: tuple[Converter, ...]
    typed: str  # the text that `parse` reads as this source
    _matcher: Matcher = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Read the route that an editor typed."""
        refuse_long(text)
        parse_path(text)  # “<”, “>” and “*” are ordinary signs there
        literals, contents = _taken_apart(text)
        names, converters = _read(contents, literals)
        matcher = Matcher(literals, converters)
        return cls(literals, names, converters, _shown(literals, contents), matcher)

    @staticmethod
    def place_of(text: str) -> str:
        """Return the path under which an index keeps the source of that text."""
        first = _FIELD.search(text)
        if first is None:
            return decoded(text).removesuffix("/")
        return decoded(text[: first.start()]).rpartition("/")[0]

    @staticmethod
    def literal_of(text: str) -> str:
        """Return the part before the first placeholder, a trailing slash ignored."""
        first = _FIELD.search(text)
        return decoded(text[: first.start()] if first else text).removesuffix("/")

    @staticmethod
    def segments_of(text: str) -> tuple[tuple[str, bool], ...]:
        """Return how each segment of that text begins, and whether that is all of it.

        Nothing where paths with other numbers of segments may match.
        """
        if "<path:" in text or "%2f" in text.lower():
            return ()
        found = ((each, _FIELD.search(each)) for each in text.split("/"))
        return tuple(
            (decoded(each[: field.start()] if field else each), field is None)
            for each, field in found
        )

    @property
    def path(self) -> str:
        """What stands before the first placeholder; every path of it begins so."""
        return self.literals[0]

    @property
    def captures(self) -> frozenset[str]:
        """The names that a target may use."""
        return frozenset(self.names)

    @property
    def literal(self) -> str:
        """The part before the first placeholder, a trailing slash ignored."""
        return self.path.removesuffix("/")

    @property
    def samples(self) -> tuple[str, ...]:
        """Paths that it covers, to try a rule with."""
        return tuple(
            "".join(map("".join, zip(self.literals, [*texts, ""], strict=True)))
            for texts in zip(*(each.samples for each in self.converters), strict=True)
        ) or (self.path,)

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the captures by name, or None where the path is of another shape.

        A path that is longer than editors may type is of none.
        """
        if len(path) > MAX_PATH:
            return None
        texts = self._matcher.match(path)
        return None if texts is None else dict(zip(self.names, texts, strict=True))


def _taken_apart(text: str) -> tuple[tuple[str, ...], list[str | None]]:
    """Return the decoded literals, and what stands in “<…>”; None is a star."""
    parts = _FIELD.split(text)
    for literal in parts[::2]:
        for sign in "<>":
            if sign in literal:
                raise Refused(
                    "“{text}” has a “{sign}” without its partner. Type “{encoded}” "
                    "for the sign itself.",
                    text=text,
                    sign=sign,
                    encoded=f"%{ord(sign):02X}",
                )
    return tuple(map(decoded, parts[::2])), parts[1::2]


def _read(
    contents: list[str | None], literals: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Converter, ...]]:
    names: list[str] = []
    converters: list[Converter] = []
    stars = 0
    for at, content in enumerate(contents):
        if content is None:
            stars += 1
            name, converter = str(stars), _star(literals[at], literals[at + 1])
        else:
            name, converter = _placeholder(content)
        if name in names:
            raise Refused("“{name}” is named twice.", name=name)
        names.append(name)
        converters.append(converter)
    _refuse_too_much(names, converters, contents, literals)
    return tuple(names), tuple(converters)


def _refuse_too_much(
    names: list[str],
    converters: list[Converter],
    contents: list[str | None],
    literals: tuple[str, ...],
) -> None:
    if len(names) > MAX_FIELDS:
        raise Refused("A path has at most {most} placeholders.", most=MAX_FIELDS)
    if converters.count(CONVERTERS["path"]) > 1:
        raise Refused("A path has at most one “<path:…>”.")
    if (None, None, "") in zip(contents, contents[1:], literals[1:], strict=False):
        raise Refused(
            "“*” stays within one segment, so “**” says no more than “*”. For "
            "several segments type “<path:rest>”."
        )


def _star(before: str, after: str) -> Converter:
    is_alone = before.endswith("/") and after[:1] in {"", "/"}
    return CONVERTERS["str"] if is_alone else STAR


def _placeholder(content: str) -> tuple[str, Converter]:
    kind, colon, name = content.partition(":")
    if not colon:
        kind, name = "str", content
    if kind not in CONVERTERS:
        raise Refused(
            "“{kind}” in “<{content}>” is none of {kinds}.",
            kind=kind,
            content=content,
            kinds=listed(sorted(CONVERTERS)),
        )
    if not name.isidentifier():
        raise Refused(
            "“<{content}>” needs a name of letters, digits and “_”: “<{kind}:name>”.",
            content=content,
            kind=kind,
        )
    refuse_taken(name)
    return name, CONVERTERS[kind]


def _shown(literals: tuple[str, ...], contents: list[str | None]) -> str:
    shown = [re.sub(r"[<>*]", _encoded, typed_path(each)) for each in literals]
    fields = ["*" if each is None else f"<{each}>" for each in contents]
    return "".join(map("".join, zip(shown, [*fields, ""], strict=True)))


def _encoded(sign: re.Match[str]) -> str:
    return f"%{ord(sign[0]):02X}"
