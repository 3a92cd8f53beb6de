"""Sources: how the path of a rule is read and matched."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from temp_redirects.core.patterns.paths import (
    MAX_PATH,
    covers,
    decoded,
    parse_path,
    shown_paths,
    typed_path,
)
from temp_redirects.core.patterns.plain import Exact, Prefix
from temp_redirects.core.patterns.regexes import Regex, Sieve
from temp_redirects.core.patterns.routes import Pattern
from temp_redirects.core.sentences import Refused

__all__ = [
    "KINDS",
    "MAX_PATH",
    "SHAPED",
    "Exact",
    "Pattern",
    "Prefix",
    "Regex",
    "Sieve",
    "Source",
    "covers",
    "decoded",
    "parse_path",
    "parse_source",
    "sample_path",
    "shown_paths",
    "typed_path",
]

Source: TypeAlias = Exact | Pattern | Regex | Prefix
KINDS: Mapping[str, type[Exact] | type[Pattern] | type[Regex] | type[Prefix]] = {
    source.kind: source for source in (Exact, Pattern, Regex, Prefix)
}
SHAPED = frozenset({Pattern.kind, Regex.kind})  # found by a part of their path only
MAX_KEPT = 10_000  # sources that stay compiled when the rules change


def parse_source(kind: str, path: str) -> Source:
    """Return the source of a rule from the kind and the path an editor chose."""
    if kind not in KINDS:
        raise Refused(
            "“{kind}” is no way to match. Use one of: {kinds}.",
            kind=kind,
            kinds=", ".join(KINDS),
        )
    return _shaped(kind, path) if kind in SHAPED else KINDS[kind].parse(path)


def sample_path(source: Source) -> str:
    """Return a path to try a rule with, or how they begin where none is guessed."""
    return next(iter(source.samples), source.path) or "/"


@lru_cache(MAX_KEPT)
def _shaped(kind: str, path: str) -> Source:
    return KINDS[kind].parse(path)
