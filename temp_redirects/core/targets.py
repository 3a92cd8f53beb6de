"""Targets: from what staff typed and what a visitor asked for to a safe Location."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, NamedTuple
from urllib.parse import quote, unquote_plus

from temp_redirects.core.patterns import decoded
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site, normal_host
from temp_redirects.core.visits import Visit

MAX_TARGET = 2_048  # characters, as typed
MAX_LOCATION = 8_192  # bytes; longer ones are cut or refused by proxies and browsers

# What may stand in each place of a URL beside letters, digits and "-._~" (RFC 3986
# §3.3, §3.4). In a query also "&=+;" are encoded, so that no parameter is added. What
# a visitor typed is kept as it is, but for what no Location may hold.
_IN_PATH = "/:@!$&'()*+,;="
_IN_QUERY = "/:@!$'()*,?"
_TYPED = "%/:?#[]@!$&'()*+,;="
_ASKED = "%/:?[]@!$&'()*+,;=\"<>^`{|}"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_BLANK = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
    r"\ud800-\udfff]"
)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_HOST = re.compile(
    r"(?P<name>(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)"
    r"(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*|\[[0-9a-f:.]+\])"
    r"(?P<port>:[0-9]{1,5})?"
)
_OWN_HOST = re.compile(r"https://\{host\}(?:[/?#]|\{path\}|$)")
_CLEAN = re.compile(r"[\x21-\x7e]+")
# A “.” or “..” between slashes, in any spelling that browsers know.
_DOTS = re.compile(r"(?:\A|[/\\])(?:\.|%2e){1,2}(?:[/\\]|\Z)", re.IGNORECASE)


def judge(location: str, site: Site, *, visited_host: str = "") -> None:
    """Refuse every Location that is not a clean address on this site or a listed one.

    The one gate for targets: it judges what is typed (placeholders filled with a
    sample), what is compiled, and each Location before it is sent. ``visited_host``
    is the validated host of the visit, where the target says ``{host}``.

    Accepted are ``/path`` and ``https://host/path`` for the site's own hosts and
    ``ALLOWED_TARGET_HOSTS``, in printable ASCII without a backslash, so that a WHATWG
    parser reads the same host as this function does (RFC 9110 §10.2.2).
    """
    if len(location) > MAX_LOCATION or not _CLEAN.fullmatch(location):
        raise Refused(
            "The address is longer than {most} bytes or has signs that no address has.",
            most=MAX_LOCATION,
        )
    if "\\" in location:
        raise Refused("“{target}” has a backslash; use “/”.", target=location)
    absolute = _ABSOLUTE.match(location)
    if absolute:
        _judge_origin(absolute[1].lower(), absolute[2], site, visited_host)
    elif not location.startswith("/"):
        _refuse_misspelt_scheme(location)
        raise Refused(
            "“{target}” is neither a path nor an address. Examples: “/news/”, "
            "“https://www.example.com/news/”.",
            target=location,
        )
    _judge_path(location[absolute.end() if absolute else 0 :], location)


def _refuse_misspelt_scheme(location: str) -> None:
    scheme, colon, rest = location.partition(":")
    if colon and get_close_matches(scheme.lower(), ["https"]):
        raise Refused(
            "“{target}” does not begin with “https://”; did you mean “{meant}”?",
            target=location,
            meant=f"https://{rest.lstrip('/')}",
        )


def _judge_path(rest: str, location: str) -> None:
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    shown = location.partition("?")[0]  # for the log: secrets may stand in a query
    if path.startswith("//"):
        raise Refused(
            "“{target}” begins its path with two slashes, which browsers read as "
            "another server. Use one.",
            target=shown,
        )
    if _DOTS.search(path):
        raise Refused(
            "“{target}” has a “.” or “..” between slashes; write the path without it.",
            target=shown,
        )


def _judge_origin(scheme: str, authority: str, site: Site, visited_host: str) -> None:
    if "@" in authority:
        raise Refused("“{host}” has a user name or password in it.", host=authority)
    if not _HOST.fullmatch(authority.lower()):
        raise Refused(
            "“{host}” is not a host name as it stands in addresses{example}.",
            host=authority,
            example=_punycode(authority),
        )
    host = normal_host(authority, scheme)
    origin = f"{scheme}://{host}"
    if origin in site.target_origins:
        return
    if scheme == "https" and host in {*site.hosts, normal_host(visited_host, "https")}:
        return
    entry = host if scheme == "https" else origin
    raise Refused(
        "“{origin}” is not a server that redirects may go to. A developer can allow it "
        "in the settings: TEMP_REDIRECTS = {{'ALLOWED_TARGET_HOSTS': ['{entry}']}}",
        origin=origin,
        entry=entry,
    )


def parse_origin(text: str) -> str:
    """Return the origin of an entry of ``ALLOWED_TARGET_HOSTS``, “https://pay.example”.

    A host alone means https; ``http://localhost:8001`` is the other form.
    """
    absolute = _ABSOLUTE.fullmatch(text if "://" in text else f"https://{text}")
    if not absolute or not _HOST.fullmatch(absolute[2].lower()):
        raise Refused(
            "“{text}” is neither a host nor an origin. Examples: “pay.example.com”, "
            "“http://localhost:8001”.",
            text=text,
        )
    scheme = absolute[1].lower()
    return f"{scheme}://{normal_host(absolute[2], scheme)}"


def _punycode(authority: str) -> str:
    if authority.isascii():
        return ""
    try:
        return f": “{authority.encode('idna').decode()}”"
    except UnicodeError:
        return ""


def _as_typed(text: str) -> str:
    """Encode what an address cannot hold, and leave what is encoded already."""
    return quote(_LONE_PERCENT.sub("%25", text), safe=_TYPED)


@dataclass(frozen=True, slots=True)
class Target:
    """Where visitors go: a path or an address, with placeholders for captures.

    ``parts`` alternates literal text, encoded and ready to send, with the names of
    placeholders: literal, name, literal, name, literal.
    """

    FROM_VISIT: ClassVar[frozenset[str]] = frozenset(
        {"host", "path", "country", "language"}
    )
    NEXT: ClassVar[str] = "next"  # the visitor's own address, signed; for notices only
    typed: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, typed: str, captures: Collection[str], site: Site) -> "Target":
        """Read a target as typed; *captures* are the names that its source gives."""
        if not typed:
            raise Refused("Say where visitors go. Example: “/news/”.")
        if len(typed) > MAX_TARGET:
            raise Refused(
                "The target is longer than {most} characters.", most=MAX_TARGET
            )
        if _BLANK.search(typed):
            raise Refused("The target has a blank or a control character in it.")
        if "\\" in typed:  # encoding would turn it into an innocent %5C
            raise Refused("“{target}” has a backslash; use “/”.", target=typed)
        parts = _PLACEHOLDER.split(typed)
        _check_names(parts, captures, typed)
        if "host" in parts[1::2]:
            _check_host_placeholder(typed, site)
        # A path begins with “/” and so ends the name of the server before it.
        authority = _ABSOLUTE.match(
            typed.replace("{host}", "own.host", 1).replace("{path}", "/")
        )
        if authority and "{" in authority[0]:
            raise Refused(
                "“{target}”: a placeholder cannot be part of the server’s name, but "
                "“https://{{host}}{{path}}” keeps the visitor’s own.",
                target=typed,
            )
        if authority and not authority[2].isascii():
            _judge_origin(authority[1].lower(), authority[2], site, "")
        literal = [*parts]
        literal[::2] = map(_as_typed, parts[::2])
        target = cls(typed, tuple(literal))
        # A target that begins with a placeholder fails here: “x” is no path.
        sample = dict.fromkeys(parts[1::2], "x") | {"path": "/x" if parts[0] else "x"}
        judge(
            target._filled(sample), site, visited_host="x" if target.asks_host else ""
        )
        return target

    @staticmethod
    def names_in(typed: str) -> frozenset[str]:
        """Return the placeholders of a target as typed, known or not."""
        return frozenset(_PLACEHOLDER.split(typed)[1::2])

    @property
    def asks_host(self) -> bool:
        """Whether the visitor's own host is part of the Location."""
        return "host" in self.parts[1::2]

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders."""
        return self.parts[1::2]

    @property
    def literal(self) -> tuple[str, str, str]:
        """The scheme, host and path before any placeholder; ``""`` where not said."""
        scheme, host, path, _ = taken_apart(self._head[0])
        if host and not path and self.is_fixed:
            path = "/"
        return scheme, host, path

    @property
    def cuts_segment(self) -> bool:
        """Whether a capture follows within the last segment of the literal path.

        A visitor's whole path begins with “/” and so begins a segment.
        """
        text, name = self._head
        return name not in {"", "path"} and not set("?#") & set(text)

    @property
    def _head(self) -> tuple[str, str]:
        """The text before the first capture, without the host, and its name."""
        at = 3 if self.asks_host else 1
        return "".join(self.parts[0:at:2]), "".join(self.parts[at : at + 1])

    @property
    def is_relative(self) -> bool:
        """Whether the Location stays on whatever host the visitor asked."""
        return self.typed.startswith("/")

    @property
    def is_fixed(self) -> bool:
        """Whether every visitor gets the same address, queries aside."""
        return len(self.parts) == 1

    def location(
        self, visit: Visit, captures: Mapping[str, str], *, keeps_query: bool
    ) -> str:
        """Return the Location for a visit, or raise Refused where it is not safe.

        Captured text is encoded once for the place it lands in, and substituted in
        one pass; a missing capture is empty.
        """
        if self.is_fixed:
            location = self.parts[0]
            if self.is_relative and not (keeps_query and visit.query):
                return location  # `parse` has judged it, for any site
        else:
            location = self._filled(self._values(visit, captures))
        if keeps_query and visit.query:
            location = _with_query(location, sent_query(visit.query))
        judge(location, visit.site, visited_host=visit.host if self.asks_host else "")
        return location

    def _values(self, visit: Visit, captures: Mapping[str, str]) -> dict[str, str]:
        values: dict[str, str] = {}
        for name in self.parts[1::2]:
            if name == "host":
                if not visit.host:
                    raise Refused("The visitor’s host is not known.")
                values[name] = visit.host
            else:
                values[name] = self._text(name, visit, captures)
        return values

    def _text(self, name: str, visit: Visit, captures: Mapping[str, str]) -> str:
        if name == self.NEXT:
            return visit.next
        if name == "country":
            return visit.country
        text = visit.path if name == "path" else captures.get(name, "")
        _refuse_dots(text)
        return text

    def _filled(self, values: Mapping[str, str]) -> str:
        done = self.parts[0]
        for at in range(1, len(self.parts), 2):
            name = self.parts[at]
            text = values[name] if name == "host" else _encoded(values[name], done)
            if name == "path" and done.endswith("/"):
                text = text.removeprefix("/")  # “/archive/{path}” means one slash
            if text.startswith("/") and done.endswith("/"):
                raise Refused("A captured “/” would make two slashes in a row.")
            done = f"{done}{text}{self.parts[at + 1]}"
        return done


def with_parameter(location: str, pair: str, visit: Visit) -> str:
    """Return a Location for a visit with one more parameter, or as it is if refused.

    *pair* is a name and a value in plain ASCII, so that only the length may be.
    """
    longer = _with_query(location, pair)
    try:
        judge(longer, visit.site, visited_host=visit.host)
    except Refused:
        return location
    return longer


class Address(NamedTuple):
    """The parts of a Location: the path decoded, the query raw.

    Scheme and host are ``""`` where it is relative, the path is where none is written.
    """

    scheme: str
    host: str
    path: str
    query: str

    def is_at(self, visit: Visit) -> bool:
        """Say whether it is on the host that the visit asks, by the same scheme."""
        # Asking a visit for its host costs more than all the rest.
        return (not self.host or self.host == visit.host) and (
            not self.scheme or self.scheme == visit.scheme
        )


def taken_apart(location: str) -> Address:
    """Return the parts of a Location."""
    address = location.partition("#")[0]
    absolute = _ABSOLUTE.match(address)
    scheme = absolute[1].lower() if absolute else ""
    host = normal_host(absolute[2], scheme) if absolute else ""
    path, _, query = address[absolute.end() if absolute else 0 :].partition("?")
    return Address(scheme, host, decoded(path), query)


def sent_query(query: str) -> str:
    """Return a visitor's raw query as a Location may hold it."""
    return _quoted(query, _ASKED)


def _encoded(text: str, before: str) -> str:
    return _quoted(text, _IN_QUERY if "?" in before or "#" in before else _IN_PATH)


def _quoted(text: str, safe: str) -> str:
    _refuse_long(text)
    try:
        return quote(text.encode("utf-8", "surrogateescape"), safe=safe)
    except UnicodeEncodeError:  # surrogates that stand for no byte
        raise Refused("The visitor’s address is no text.") from None


def _refuse_long(text: str) -> None:
    if len(text) > MAX_LOCATION:  # encoding only makes it longer
        raise Refused("The visitor’s address is longer than {most}.", most=MAX_LOCATION)


def _refuse_dots(text: str) -> None:
    _refuse_long(text)  # a search of it would take milliseconds
    if _DOTS.search(text):
        raise Refused("The visitor’s path has a “.” or “..” between slashes.")


def _check_names(parts: list[str], captures: Collection[str], typed: str) -> None:
    if any("{" in text or "}" in text for text in parts[::2]):
        raise Refused("“{target}” has a brace without its partner.", target=typed)
    known = sorted({*captures, *Target.FROM_VISIT})
    for name in parts[1::2]:
        if name == "rest" and name not in known:
            raise Refused(
                "“{{rest}}” is what follows a path that is covered with everything "
                "under it, and this rule does not cover its path so."
            )
        if name not in known:
            raise Refused(
                "“{placeholder}” is not known here. Use one of: {known}.",
                placeholder=f"{{{name}}}",
                known=", ".join(f"{{{each}}}" for each in known),
            )


def _check_host_placeholder(typed: str, site: Site) -> None:
    if site.answers_any_host:
        raise Refused(
            "“{{host}}” needs a list of this site’s host names: ALLOWED_HOSTS has “*”, "
            "so anybody could choose where visitors go."
        )
    if typed.count("{host}") > 1 or not _OWN_HOST.match(typed):
        raise Refused(
            "“{{host}}” can only stand as the whole server name: "
            "“https://{{host}}{{path}}”."
        )


def _with_query(location: str, query: str) -> str:
    """Add the visitor's raw query; a parameter that the target names itself wins."""
    location, hash_sign, fragment = location.partition("#")
    path, _, own = location.partition("?")
    if own:
        named = {_parameter(pair) for pair in own.split("&")}
        pairs = [pair for pair in query.split("&") if _parameter(pair) not in named]
        query = "&".join([own, *pairs])
    return f"{path}?{query}{hash_sign}{fragment}" if query else location


def _parameter(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])
