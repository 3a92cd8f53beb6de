"""Regular expressions: RE2 syntax, matched by RE2 and by nothing else.

A pattern typed by a person and run on every request must not be able to hang a worker.
RE2 matches in linear time; its size, and so its memory and time, is limited here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from temp_redirects.core.patterns.paths import MAX_PATH, decoded
from temp_redirects.core.patterns.routes import refuse_long, refuse_taken
from temp_redirects.core.sentences import Refused

MAX_MEMORY = 1 << 20  # bytes that RE2 may use for one expression
MAX_PROGRAM = 1_500  # RE2's instructions; one “\pL” alone is 1,200
# What keeps one match under 10 ms: 11 ns at most for a byte and an instruction that may
# be reached there, measured. Those within one letter are not, hence Latin-1.
MAX_WORK = 600_000  # bytes of a path times RE2's instructions in Latin-1
MAX_GROUPS = 10
SIEVE_MEMORY = 32 << 20  # bytes that RE2 may use for many together
_ALWAYS = rb"(?s:.*)"
INSTALL = "pip install 'django-temp-redirects[regex]'"

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_MEANT = re.compile(r"[^A-Za-z0-9_\x80-\U0010ffff]")  # what RE2 gives a meaning
_LITERAL = re.compile(r"(?:[^\\.^$|?*+()\[\]{}]|\\[^A-Za-z0-9])*")
_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|[()|]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Regex:
    """Every path that a regular expression matches as a whole.

    ``typed`` is what `parse` reads as this source; percent-encoded text in it means
    the text itself, as in every source.
    """

    kind: ClassVar[str] = "regex"
    rank: ClassVar[int] = 2
    typed: str
    _program: Any = field(repr=False, compare=False)
    _names: Mapping[str, int] = field(repr=False, compare=False)
    _longest: int = field(repr=False, compare=False)  # path in bytes

    @classmethod
    def parse(cls, text: str) -> "Regex":
        """Read the expression that an editor typed; “^” and “$” say nothing more."""
        refuse_long(text)
        typed = _bare(text)
        if not typed.startswith("/"):
            raise Refused(
                "“{text}” does not begin with “/”, as every path does. Example: "
                "“/blog/(\\d+)/.*”.",
                text=text,
            )
        plain = _plain(typed)
        program = _compiled(plain)
        for name in program.groupindex:
            refuse_taken(name.decode())
        names = {str(each): each for each in range(1, program.groups + 1)}
        named = {name.decode(): each for name, each in program.groupindex.items()}
        return cls(typed, program, names | named, MAX_WORK // _steps(plain, program))

    @staticmethod
    def place_of(text: str) -> str:
        """Return the path under which an index keeps the source of that text."""
        head, is_whole = _head(text)
        return head.removesuffix("/") if is_whole else head.rpartition("/")[0]

    @staticmethod
    def literal_of(text: str) -> str:
        """Return the part before the first placeholder, a trailing slash ignored."""
        return _head(text)[0].removesuffix("/")

    @property
    def path(self) -> str:
        """What every path of it begins with, as far as is told without a search."""
        return _head(self.typed)[0]

    @property
    def captures(self) -> frozenset[str]:
        """The names and numbers that a target may use."""
        return frozenset(self._names)

    @property
    def literal(self) -> str:
        """The part before the first placeholder, a trailing slash ignored."""
        return self.literal_of(self.typed)

    @property
    def samples(self) -> tuple[str, ...]:
        """Paths that it covers, as far as they are easily guessed; maybe none."""
        guesses = (f"{self.path}{end}" for end in ("", "/", "x", "x/", "1", "1/"))
        return tuple(path for path in guesses if self.match(path) is not None)

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the groups by number and name, or None; a missing group is empty.

        A large expression matches no path that is long as well.
        """
        if len(path) > MAX_PATH:
            return None
        try:
            sent = path.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # surrogates that stand for no byte
            return None
        if len(sent) > self._longest:
            return None
        found = self._program.fullmatch(sent)
        if found is None:
            return None
        return {
            name: (found[at] or b"").decode("utf-8", "surrogateescape")
            for name, at in self._names.items()
        }


class Sieve:
    """Many expressions, of which one search says which may match a path.

    Raises Refused where they are too many or too large for that, or RE2 is missing.
    """

    __slots__ = ("_none", "_size", "_together")

    def __init__(self, texts: Sequence[str]) -> None:
        re2 = _engine()
        options = _options(re2)
        options.max_mem = SIEVE_MEMORY
        self._size = len(texts)
        self._none = [self._size]  # what matches where `_ALWAYS` alone does
        self._together = re2.Set.FullMatchSet(options)
        try:
            for text in texts:
                self._together.Add(_plain(_bare(text)).encode())
            self._together.Add(_ALWAYS)
            self._together.Compile()
        except (re2.error, UnicodeEncodeError) as error:
            raise Refused("These expressions do not go together.") from error

    def meets(self, path: str) -> bool:
        """Say whether any of them matches; yes where RE2 gives up."""
        if len(path) > MAX_PATH:
            return False
        try:
            sent = path.encode()
        except UnicodeEncodeError:  # bytes that are no text: sooner looked at than not
            return True
        return bool(self._together.Match(sent) != self._none)

    def met_by(self, path: str) -> Iterable[int]:
        """Return the places of those that match; of all where RE2 gives up."""
        if len(path) > MAX_PATH:
            return ()
        try:
            sent = path.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return ()
        found: list[int] = self._together.Match(sent)
        # Out of memory it finds nothing at all, and does not say so.
        return found[:-1] if found else range(self._size)


def _bare(text: str) -> str:
    """Return the expression without the signs that say “the whole path”."""
    text = text.removeprefix("^")
    backslashes = len(text) - len(text.removesuffix("$").rstrip("\\")) - 1
    return text[:-1] if text.endswith("$") and backslashes % 2 == 0 else text


def _plain(text: str) -> str:
    """Return the expression with its percent-encoding undone, to mean that text."""
    return _ENCODED.sub(_meant, text)


def _meant(encoded: re.Match[str]) -> str:
    return _MEANT.sub(lambda sign: f"\\{sign[0]}", decoded(encoded[0]))


def _compiled(text: str) -> Any:
    if _NO_TEXT.search(text):
        raise Refused("The path has a control character or bytes that are no text.")
    re2 = _engine()
    try:
        program = re2.compile(text.encode(), _options(re2))
    except re2.error as error:
        raise Refused(
            "This is no regular expression that RE2 can read: {reason}. (It has no "
            "lookaheads and no back-references.)",
            reason=error.args[0].decode("utf-8", "replace"),
        ) from None
    if program.programsize > MAX_PROGRAM or program.groups > MAX_GROUPS:
        raise Refused(
            "The expression is too large, so that matching could take long. Use fewer "
            "repetitions, and at most {most} groups.",
            most=MAX_GROUPS,
        )
    return program


def _steps(text: str, program: Any) -> int:
    """Return how many instructions may be reached at one byte of a path, at most."""
    re2 = _engine()
    options = _options(re2)
    options.encoding = re2.Options.Encoding.LATIN1
    try:
        size: int = re2.compile(text.encode(), options).programsize
    except re2.error:  # it says something that Latin-1 cannot
        size = program.programsize
    return size


def _options(re2: Any) -> Any:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    return options


def _engine() -> Any:
    """Return RE2, which not every machine has."""
    try:
        import re2
    except ImportError:
        raise Refused(
            "Regular expressions need one more package. A developer can install it: "
            "{install}",
            install=INSTALL,
        ) from None
    return re2


def _head(text: str) -> tuple[str, bool]:
    """Return what every path begins with, and whether that is the whole expression.

    It is found without RE2, and rather too short than too long.
    """
    text = _plain(_bare(text))
    if "\\Q" in text or _has_alternatives(text):
        return "", False
    literal = _LITERAL.match(text)
    head = literal[0] if literal else ""
    rest = text[len(head) :]
    if rest[:1] in {"?", "*", "+", "{"}:  # they are about the last sign
        head = re.sub(r"\\?.\Z", "", head, flags=re.DOTALL)
    return re.sub(r"\\(.)", r"\1", head, flags=re.DOTALL), not rest


def _has_alternatives(text: str) -> bool:
    depth = 0
    for sign in _SIGN.findall(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and depth <= 0:
            return True
    return False
