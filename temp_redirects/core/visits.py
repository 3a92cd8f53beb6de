"""Visit: one request as plain data."""

import re
from collections.abc import Mapping
from copy import copy
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import parse_qsl

from temp_redirects.core.languages import Preferences
from temp_redirects.core.patterns import typed_path
from temp_redirects.core.people import Person
from temp_redirects.core.pins import NONE, Pins
from temp_redirects.core.sites import Site, normal_host

NAVIGATION_HEADERS = ("Accept", "HX-Request", "Sec-Fetch-Mode")
PURPOSE_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
SPECULATIVE = {"prefetch", "prerender", "preview"}
MAX_QUERY = 4_096  # characters; of a longer query no parameter is read
MAX_COOKIES = 16_384  # characters of a Cookie header; a longer one is not read
MAX_COOKIE = 4_096  # characters of one cookie (RFC 6265 §6.1)
MAX_AGENT = 512  # characters
NOTHING: Mapping[str, str] = MappingProxyType({})

Facts = Mapping[str, Any]  # what `Visit` takes by name


class Visit:
    """One request as plain data, for the ruleset to decide.

    ``path`` is decoded text with the script prefix, as the browser shows it; bytes
    that are no UTF-8 stand in it as surrogates (PEP 383). ``query`` is raw, its bytes
    read likewise. ``host`` is the validated authority as `normal_host` has it, ``""``
    when it is unknown or refused. ``address`` is the visitor's and ``person`` who is
    signed in. ``scheme_header``, ``host_header`` and ``address_header`` name the
    request headers in which proxies tell those, if any. ``country`` is a code of ISO
    3166-1, told in ``country_headers`` or found by the address; ``rate`` is how many
    requests per second this process gets. Where a fact is unknown, texts are empty and
    others None. ``passes`` are the keys of the windows whose pass link the visitor has
    opened. ``next`` is this address, signed, for the notice to lead back.

    ``visitor`` is the id in the visitor's cookie, or a fresh one that may be stored
    there where ``may_remember`` says so; ``pins`` are the arms in that cookie.
    ``privacy_headers`` are those in which browsers ask not to be followed. ``chance``
    is another text for each request, and ``arms`` are the arms that staff look at, by
    the rule's id. ``trail`` is what a browser keeps of redirects that it has just
    followed, as it says, and ``marker`` what the last of them signed (see `hops`).

    A door may read these lazily: the ruleset asks for nothing that no rule needs.
    """

    path: str
    method: str
    scheme: str
    host: str
    host_header: str
    query: str
    scheme_header: str
    address: str
    address_header: str
    person: Person | None
    country: str
    country_headers: tuple[str, ...]
    country_is_by_address: bool
    is_bot: bool | None
    rate: float | None
    site: Site
    passes: frozenset[str]
    next: str
    visitor: str
    pins: Pins
    may_remember: bool
    privacy_headers: tuple[str, ...]
    chance: str
    arms: Mapping[str, str]
    trail: str
    marker: str
    # Conditions that raised, by kind; a door has to log them.
    errors: tuple[tuple[str, Exception], ...] = ()

    def __init__(
        self,
        path: str,
        *,
        method: str = "GET",
        scheme: str = "http",
        host: str = "",
        host_header: str = "",
        query: str = "",
        headers: Mapping[str, str] = NOTHING,
        scheme_header: str = "",
        address: str = "",
        address_header: str = "",
        person: Person | None = None,
        country: str = "",
        country_headers: tuple[str, ...] = (),
        country_is_by_address: bool = False,
        is_bot: bool | None = None,
        rate: float | None = None,
        site: Site | None = None,
        passes: frozenset[str] = frozenset(),
        next: str = "",
        visitor: str = "",
        pins: Pins = NONE,
        may_remember: bool = True,
        privacy_headers: tuple[str, ...] = (),
        chance: str = "",
        arms: Mapping[str, str] = NOTHING,
        trail: str = "",
        marker: str = "",
    ) -> None:
        self.path = path
        self.method = method
        self.scheme = scheme
        self.host = normal_host(host, scheme)
        self.host_header = host_header
        self.query = query
        self.scheme_header = scheme_header
        self.address = address
        self.address_header = address_header
        self.person = person
        self.country = country
        self.country_headers = country_headers
        self.country_is_by_address = country_is_by_address
        self.is_bot = is_bot
        self.rate = rate
        self.site = site or Site()
        self.passes = passes
        self.next = next
        self.visitor = visitor
        self.pins = pins
        self.may_remember = may_remember
        self.privacy_headers = privacy_headers
        self.chance = chance
        self.arms = arms
        self.trail = trail
        self.marker = marker
        self._headers = {name.lower(): value for name, value in headers.items()}

    def header(self, name: str) -> str | None:
        """Return a request header's value, whatever the case of its name."""
        return self._headers.get(name.lower())

    def cookie(self, name: str) -> str | None:
        """Return one cookie's value as it was sent, without reading the others.

        Of several with that name the last counts, as in ``request.COOKIES``; of a
        quoted value the quotes are taken off.
        """
        header = self.header("Cookie")
        if not header or name not in header:  # as mostly, and sooner known
            return None
        value = self._cookies.get(name)
        if value is None or len(value) > MAX_COOKIE:
            return None
        is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
        return value[1:-1] if is_quoted else value

    @cached_property
    def _cookies(self) -> Mapping[str, str]:
        """The cookies by name, read once however many rules ask for them."""
        header = self.header("Cookie") or ""
        if len(header) > MAX_COOKIES:
            return NOTHING
        pairs = (each.partition("=") for each in header.split(";"))
        return {
            name.strip(" \t"): value.strip() for name, equals, value in pairs if equals
        }

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The parameters of the query; of several with a name the last, as in Django.

        Only ``&`` separates (URL standard, “application/x-www-form-urlencoded
        parsing”), and no number of fields is too many. Bytes that are no UTF-8 are
        surrogates (PEP 383). They are read once, however many rules ask for them.
        """
        if len(self.query) > MAX_QUERY:
            return NOTHING
        pairs = parse_qsl(self.query, keep_blank_values=True, errors="surrogateescape")
        return dict(pairs)

    @cached_property
    def languages(self) -> Preferences:
        """What the visitor prefers: chosen on this site, then asked for."""
        name = self.site.language_cookie
        chosen = self.cookie(name) if name else None
        return Preferences.read(self.header("Accept-Language") or "", chosen or "")

    @property
    def user_agent(self) -> str:
        """The name of the browser or program, cut before anybody looks at it."""
        return (self.header("User-Agent") or "")[:MAX_AGENT]

    def is_busy(self, thresholds: tuple[float, float]) -> bool | None:
        """Say whether traffic is high: from the first rate on, until below the second.

        Without a past the first alone decides; None where the rate is unknown.
        """
        return None if self.rate is None else self.rate >= thresholds[0]

    def failed(self, kind: str, error: Exception) -> None:
        """Note that a condition raised, for a door to log."""
        self.errors = (*self.errors, (kind, error))

    def moved(self, path: str, **changes: Any) -> Self:
        """Return the same visitor's visit elsewhere on the site."""
        visit = copy(self)
        for name in ("languages", "parameters"):
            visit.__dict__.pop(name, None)
        visit.path = path
        for name, value in changes.items():
            setattr(visit, name, value)
        visit.host = normal_host(visit.host, visit.scheme)
        return visit

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks for CORS permission, which must not be redirected.

        Source: Fetch standard, “CORS-preflight fetch”: a redirect is a network error.
        """
        return (
            self.method == "OPTIONS"
            and self.header("Origin") is not None
            and self.header("Access-Control-Request-Method") is not None
        )

    @property
    def is_websocket(self) -> bool:
        """Whether a WebSocket is to be opened (RFC 6455 §4.1).

        Browsers follow no redirect there.
        """
        return "websocket" in (self.header("Upgrade") or "").lower()

    @property
    def is_navigation(self) -> bool:
        """Whether a browser asks for a page to show, and not a script or a program.

        Told by `NAVIGATION_HEADERS` (Fetch metadata, HTMX, RFC 9110 §12.5.1).
        """
        mode = self.header("Sec-Fetch-Mode")
        if mode:
            return mode == "navigate"
        if self.header("HX-Request"):
            return False
        return "html" in (self.header("Accept") or "")

    @property
    def is_speculative(self) -> bool:
        """Whether a browser asks before its visitor does, who may never come.

        Sources: Fetch standard, “Sec-Purpose”; HTML standard, “speculative loading”.
        """
        said = [self.header(name) or "" for name in PURPOSE_HEADERS]
        words = re.findall(r"[a-z]+", " ".join(said).lower())
        return not SPECULATIVE.isdisjoint(words)

    @property
    def is_deliberate(self) -> bool:
        """Whether a person's own request, of any kind, is no robot's and no guess."""
        return self.method != "HEAD" and not self.is_speculative and not self.is_bot

    @property
    def is_measured(self) -> bool:
        """Whether it counts in an experiment: a person opens a page (Fetch metadata).

        What a browser does not tell is no reason against it.
        """
        mode, dest = self.header("Sec-Fetch-Mode"), self.header("Sec-Fetch-Dest")
        is_page = mode in {None, "navigate"} and dest in {None, "document"}
        return is_page and self.is_deliberate

    @property
    def hostname(self) -> str:
        """The host without its port."""
        name, colon, port = self.host.rpartition(":")
        return name if colon and port.isdigit() else self.host

    @property
    def url(self) -> str:
        """The address asked for, for people to read."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.host}{typed_path(self.path)}{query}"
