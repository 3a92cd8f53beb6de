"""Limits: the methods, hosts and paths under its source that a rule is for."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from temp_redirects.core.patterns import covers, parse_path, typed_path
from temp_redirects.core.sentences import Refused, Sentence, listed
from temp_redirects.core.sites import normal_host
from temp_redirects.core.visits import Visit

_METHOD = re.compile(r"[A-Z]{1,32}")
_PORT = re.compile(r":[0-9]+$")
_HOST_PATTERN = re.compile(
    r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?"
)


@dataclass(frozen=True, slots=True)
class Methods:
    """The request methods that a rule answers; GET includes HEAD (RFC 9110 §9.3.2)."""

    code: ClassVar[str] = "method"
    names: tuple[str, ...]

    @classmethod
    def parse(cls, names: list[str]) -> "Methods":
        """Read method names, in any case."""
        methods = tuple(dict.fromkeys(name.strip().upper() for name in names))
        for name in methods:
            if not _METHOD.fullmatch(name):
                raise Refused(
                    "“{name}” is no request method. Examples: GET, POST.", name=name
                )
        return cls(methods)

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the visit's method is one of them."""
        return visit.method in self.names or (
            visit.method == "HEAD" and "GET" in self.names
        )

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which method it was."""
        return Sentence(
            "method is {actual}, wanted {wanted}",
            actual=visit.method,
            wanted=listed(self.names),
        )


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts that a rule is for: “shop.example”, “*.shop.example” for subdomains.

    The port counts only where it is written.
    """

    code: ClassVar[str] = "host"
    patterns: tuple[str, ...]

    @classmethod
    def parse(cls, patterns: list[str]) -> "Hosts":
        """Read host names and wildcards."""
        return cls(tuple(dict.fromkeys(map(cls._parse_one, patterns))))

    @staticmethod
    def _parse_one(text: str) -> str:
        host = normal_host(text)
        if not host.isascii():
            with suppress(UnicodeError):  # refused below
                host = host.encode("idna").decode()
        if not _HOST_PATTERN.fullmatch(host):
            raise Refused(
                "“{text}” is not a host name. Examples: “shop.example”, "
                "“*.shop.example”.",
                text=text,
            )
        return host

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the visit's host is one of them; an unknown host is none."""
        return visit.host != "" and any(
            self._covers(pattern, visit) for pattern in self.patterns
        )

    @staticmethod
    def _covers(pattern: str, visit: Visit) -> bool:
        host = visit.hostname
        if _PORT.search(pattern):
            pattern, host = normal_host(pattern, visit.scheme), visit.host
        if pattern.startswith("*."):
            return host.endswith(pattern[1:])
        return host == pattern

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which host it was."""
        return Sentence(
            "host is {actual}, wanted {wanted}",
            actual=visit.host or "?",
            wanted=listed(self.patterns),
        )


@dataclass(frozen=True, slots=True)
class ExceptedPaths:
    """Exact paths and prefixes under the source that pass."""

    code: ClassVar[str] = "except_paths"
    paths: tuple[str, ...]

    @classmethod
    def parse(cls, paths: list[str]) -> "ExceptedPaths":
        """Read paths as editors type them."""
        return cls(tuple(map(parse_path, paths)))

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether no excepted path covers the visit."""
        return not any(covers(path, visit.path) for path in self.paths)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which exception covers the path, if one does."""
        for path in self.paths:
            if covers(path, visit.path):
                return Sentence("“{path}” is excepted", path=typed_path(path))
        return Sentence("not among the excepted paths")


ANY_METHOD = Methods(())
ANY_HOST = Hosts(())
NO_EXCEPTIONS = ExceptedPaths(())


def may_share(names: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Say whether something may be among both; none named is all."""
    has_wildcard = any(name.startswith("*.") for name in (*names, *others))
    return not names or not others or has_wildcard or bool({*names} & {*others})
