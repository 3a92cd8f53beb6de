"""From an HttpRequest to a Visit, read lazily."""

import secrets
from collections.abc import Mapping
from functools import cached_property, lru_cache
from time import monotonic
from urllib.parse import quote, unquote, unquote_to_bytes

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.module_loading import import_string

from temp_redirects import bots, clocks, geoip
from temp_redirects.conf import Conf
from temp_redirects.conf import current as current_conf
from temp_redirects.core.addresses import client_address, is_trusted
from temp_redirects.core.conditions.bot import is_named
from temp_redirects.core.countries import known_country
from temp_redirects.core.patterns import shown_paths
from temp_redirects.core.people import Person
from temp_redirects.core.pins import Pins
from temp_redirects.core.sites import Site, normal_host
from temp_redirects.core.targets import MAX_LOCATION
from temp_redirects.core.traffic import Traffic
from temp_redirects.core.visits import Visit
from temp_redirects.signing import (
    ARM,
    HOP,
    MAX_NEXT,
    PASS_COOKIE,
    read_arm,
    read_cookie,
    read_hop,
    read_visitor,
    sign_next,
)
from temp_redirects.sites import current_site

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_IN_PATH = "/:@!$&'()*+,;="
FORWARDED_FOR = "X-Forwarded-For"
FORWARDED_HOST = "X-Forwarded-Host"
_OURS = (f"{ARM}=", f"{HOP}=")  # parameters that are for the app alone
_OUR = "temp_redirects_"  # with which both begin
_WITHOUT_PREFIX = {"CONTENT_TYPE", "CONTENT_LENGTH"}

traffic = Traffic()  # of this process; the middleware counts, where a rule asks for it


class RequestVisit(Visit):
    """A request as the core sees it; what no rule asks for is never read."""

    # Who is signed in; a door that asks `Ruleset.needs` sets it beforehand.
    person: Person | None = None

    def __init__(self, request: HttpRequest, path: str) -> None:
        self.request = request
        self.path = path
        self.method = request.method or ""

    @cached_property
    def conf(self) -> Conf:
        """The app's settings, as they were when they were first asked for."""
        return current_conf()

    @cached_property
    def scheme(self) -> str:  # type: ignore[override]
        """The scheme as Django knows it (``SECURE_PROXY_SSL_HEADER``)."""
        return self.request.scheme or ""

    @cached_property
    def scheme_header(self) -> str:  # type: ignore[override]
        """The header in which a proxy tells the scheme, if the settings name one."""
        if not settings.SECURE_PROXY_SSL_HEADER:
            return ""
        key = settings.SECURE_PROXY_SSL_HEADER[0]
        return key.removeprefix("HTTP_").replace("_", "-").title()

    @cached_property
    def host(self) -> str:  # type: ignore[override]
        """Django's validated host; empty where Django refuses it."""
        try:
            return normal_host(self.request.get_host(), self.scheme)
        except DisallowedHost:
            return ""

    @property
    def host_header(self) -> str:  # type: ignore[override]
        """The header in which Django believes proxies, if the settings say so."""
        return FORWARDED_HOST if settings.USE_X_FORWARDED_HOST else ""

    @property
    def url(self) -> str:
        """The address asked for, for people: a host that is refused as it was sent."""
        if self.host:
            return super().url
        sent = str(self.request.META.get("HTTP_HOST", ""))
        return super().url.replace("://", f"://{sent}", 1)

    @cached_property
    def query(self) -> str:  # type: ignore[override]
        """The raw query, never parsed; what is no ASCII is encoded."""
        raw = str(self.request.META.get("QUERY_STRING", ""))
        if not raw:
            return raw
        if _OUR in raw:
            pairs = (pair for pair in raw.split("&") if not pair.startswith(_OURS))
            raw = "&".join(pairs)
        is_too_long = len(raw) > MAX_LOCATION  # for any Location to keep it
        if is_too_long or (raw.isascii() and " " not in raw):
            return raw
        try:
            sent = raw.encode("latin-1")  # WSGI: each byte as a character (PEP 3333)
        except UnicodeEncodeError:
            sent = raw.encode("utf-8", "surrogateescape")
        return quote(sent, safe=_PRINTABLE)

    @cached_property
    def arms(self) -> Mapping[str, str]:  # type: ignore[override]
        """The arm that a signed link shows to staff."""
        shown = read_arm(self._token(ARM))
        return dict([shown]) if shown else {}

    @property
    def trail(self) -> str:  # type: ignore[override]
        """What the browser says that it has just been redirected from."""
        return self.cookie(HOP) or ""

    @cached_property
    def marker(self) -> str:  # type: ignore[override]
        """The address that is signed into this one."""
        return read_hop(self._token(HOP), clocks.now())

    def _token(self, name: str) -> str:
        """Return the last parameter of that name, which is the app's own."""
        raw = str(self.request.META.get("QUERY_STRING", ""))
        if name not in raw:
            return ""
        start = f"{name}="
        tokens = [pair for pair in raw.split("&") if pair.startswith(start)]
        return unquote(tokens[-1].removeprefix(start)) if tokens else ""

    @cached_property
    def _kept(self) -> tuple[str, Pins]:
        return read_visitor(self.cookie(self.conf.COOKIE_NAME) or "")

    @property
    def has_visitor(self) -> bool:
        """Whether the visitor's id came in a cookie, and is not a new one."""
        return bool(self._kept[0])

    @cached_property
    def visitor(self) -> str:  # type: ignore[override]
        """The visitor's id, or a new one of 128 random bits."""
        return self._kept[0] or secrets.token_urlsafe(16)

    @property
    def pins(self) -> Pins:  # type: ignore[override]
        """The arms in the visitor's cookie."""
        return self._kept[1]

    @cached_property
    def chance(self) -> str:  # type: ignore[override]
        """A text that is another one for each request."""
        return secrets.token_urlsafe(16)

    @property
    def privacy_headers(self) -> tuple[str, ...]:  # type: ignore[override]
        """The headers that the settings tell to respect."""
        return self.conf.PRIVACY_SIGNALS

    @cached_property
    def may_remember(self) -> bool:  # type: ignore[override]
        """Whether the visitor may be remembered and counted; in doubt not."""
        if any(self.header(name) == "1" for name in self.privacy_headers):
            return False
        consent = self.conf.CONSENT
        if consent is None:
            return True
        try:
            return bool(import_string(consent)(self.request))
        except Exception as error:  # a project's own code
            self.failed("CONSENT", error)
            return False

    @cached_property
    def site(self) -> Site:  # type: ignore[override]
        """The site under the request's script prefix and URLconf."""
        return current_site(getattr(self.request, "urlconf", None))

    @cached_property
    def next(self) -> str:  # type: ignore[override]
        """This address, signed, for a notice to lead back to."""
        query = f"?{self.query}" if self.query else ""
        if len(self.path) + len(query) > MAX_NEXT:
            return ""
        path = quote(self.path.encode("utf-8", "surrogateescape"), safe=_IN_PATH)
        return sign_next(f"{path}{query}")

    @cached_property
    def passes(self) -> frozenset[str]:  # type: ignore[override]
        """The keys of the pass links that the visitor has opened."""
        return frozenset(read_cookie(self.cookie(PASS_COOKIE) or "", clocks.now()))

    @cached_property
    def address(self) -> str:  # type: ignore[override]
        """The visitor's address; proxies are believed where settings trust them."""
        peer = str(self.request.META.get("REMOTE_ADDR") or "")
        forwarded = self.header(FORWARDED_FOR) or ""
        return client_address(peer, forwarded, self.conf.TRUSTED_PROXIES)

    @cached_property
    def address_header(self) -> str:  # type: ignore[override]
        """The header in which proxies tell the address, where any is trusted."""
        return FORWARDED_FOR if self.conf.TRUSTED_PROXIES else ""

    @cached_property
    def country(self) -> str:  # type: ignore[override]
        """The country, as a trusted proxy tells it, or else as the database has it."""
        name = self.conf.COUNTRY_HEADER
        told = self.header(name) if name else None
        if told is not None and self._is_peer_trusted:
            return known_country(told)
        return geoip.database.country(self.address) if geoip.is_wanted() else ""

    @cached_property
    def country_headers(self) -> tuple[str, ...]:  # type: ignore[override]
        """The headers in which proxies tell the country, or the address for it."""
        name = self.conf.COUNTRY_HEADER
        address = self.address_header if geoip.is_wanted() else ""
        return tuple(filter(None, (name, address)))

    @cached_property
    def country_is_by_address(self) -> bool:  # type: ignore[override]
        """Whether a database says which country an address is in."""
        return geoip.is_wanted()

    @cached_property
    def is_bot(self) -> bool | None:  # type: ignore[override]
        """Whether the user agent is a robot's, by the settings or by the list."""
        agent = self.user_agent
        if any(is_named(name, agent) for name in self.conf.BOTS):
            return True
        return bots.is_bot(agent)

    @property
    def rate(self) -> float | None:  # type: ignore[override]
        """How many requests per second this process gets."""
        return traffic.rate(monotonic())

    def is_busy(self, thresholds: tuple[float, float]) -> bool | None:
        """Say whether traffic is high, remembering what it was."""
        return traffic.is_high(thresholds, monotonic())

    @property
    def _is_peer_trusted(self) -> bool:
        peer = str(self.request.META.get("REMOTE_ADDR") or "")
        return is_trusted(peer, self.conf.TRUSTED_PROXIES)

    def header(self, name: str) -> str | None:
        """Return one header's value."""
        value = self.request.META.get(_key(name))
        return None if value is None else str(value)


@lru_cache(maxsize=256)  # the names are of rules and settings, and never visitors'
def _key(name: str) -> str:
    """Return the key under which WSGI has a header."""
    key = name.upper().replace("-", "_")
    return key if key in _WITHOUT_PREFIX else f"HTTP_{key}"


def exact_path(request: HttpRequest) -> str:
    """Return the path with bytes that are no UTF-8 as surrogates (PEP 383).

    ``request.path`` shows such a byte as the text “%FF”, the same as for “%25FF”, or
    as U+FFFD. Where the server passes on what was sent, that decides.
    """
    path = request.path
    if "%" not in path and "\ufffd" not in path:
        return path
    sent = _sent_path(request)
    if len(sent) > MAX_LOCATION * 3:  # encoded; no Location could keep it
        return path
    exact = unquote_to_bytes(sent).decode("utf-8", "surrogateescape")
    return exact if path in shown_paths(exact) else path


def _sent_path(request: HttpRequest) -> bytes:
    """Return the path of the request line, where the server tells it."""
    scope = getattr(request, "scope", None)
    if scope is not None:
        return bytes(scope.get("raw_path") or b"")
    for key in ("RAW_URI", "REQUEST_URI"):  # gunicorn; uWSGI and mod_wsgi
        if key in request.META:
            return str(request.META[key]).partition("?")[0].encode("latin-1", "replace")
    return b""
