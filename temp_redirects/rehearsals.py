"""Rehearsals: a request that nobody sends, made from what people say about it.

Every door that answers “what would become of …?” asks here for the visit.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

from django.contrib.auth import get_backends, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.urls import get_script_prefix

from temp_redirects.core.addresses import parse_address
from temp_redirects.core.agents import AGENTS
from temp_redirects.core.conditions.device import Device
from temp_redirects.core.conditions.language import Language
from temp_redirects.core.countries import parse_country
from temp_redirects.core.people import ANONYMOUS, Person
from temp_redirects.core.rules import Methods
from temp_redirects.core.sentences import Refused
from temp_redirects.people import EVERYTHING, read
from temp_redirects.requests import RequestVisit, exact_path
from temp_redirects.sites import RUNSERVER, own_host

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A request as people tell it; what they leave empty is as in a bare request.

    ``url`` is a path, asked of the site’s own host, or an address. ``headers`` are
    “Name: value”, ``cookies`` “name=value”. ``address`` is the peer’s, so that a
    trusted proxy’s headers are believed. ``country`` and ``language`` are codes or
    English names, ``device`` a type of device or one of `AGENTS`, ``user`` the name of
    who is signed in.
    """

    url: str
    method: str = "GET"
    scheme: str = ""  # of a path; else https, or http while DEBUG is on
    headers: Sequence[str] = ()
    cookies: Sequence[str] = ()
    address: str = ""
    country: str = ""
    language: str = ""
    device: str = ""
    user: str = ""
    visitor: str = ""  # the id in the visitor's cookie; else a new visitor

    def visit(self) -> RequestVisit:
        """Return the visit; raise Refused for what makes none. It asks for the user."""
        request = self._request()
        visit = RequestVisit(request, exact_path(request))
        visit.person = person_named(self.user) if self.user else ANONYMOUS
        if self.visitor:
            visit.visitor = self.visitor
        if self.country:
            visit.country = parse_country(self.country)
        return visit

    def _request(self) -> WSGIRequest:
        """Return the request that a server would hand over for this."""
        parts = _parts(self.url)
        host = parts.netloc or own_host()
        usual = "http" if host == RUNSERVER else "https"
        path = unquote_to_bytes(parts.path.encode("utf-8", "surrogateescape")) or b"/"
        prefix = get_script_prefix().removesuffix("/").encode()
        environ = {
            "REQUEST_METHOD": Methods.parse([self.method]).names[0],
            "SCRIPT_NAME": "",
            "PATH_INFO": _as_wsgi(path.removeprefix(prefix)),
            "RAW_URI": quote(path),  # tells “%25E9” from a byte that is no text
            "QUERY_STRING": _as_wsgi(parts.query.encode("utf-8", "surrogateescape")),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": _known_address(self.address),
            "HTTP_HOST": host,
            "wsgi.url_scheme": parts.scheme or self.scheme or usual,
            "wsgi.input": BytesIO(),
        }
        return WSGIRequest({**environ, **self._headers()})

    def _headers(self) -> dict[str, str]:
        """Return the headers as a server names them; what is told in words wins."""
        headers = dict(map(_header, self.headers))
        if self.language:
            wanted = Language.parse(self.language).wishes
            headers["HTTP_ACCEPT_LANGUAGE"] = ", ".join(each.tag for each in wanted)
        if self.device:
            told = _sent_by(self.device).items()
            sent = dict(_header(f"{name}: {value}") for name, value in told)
            headers = {**sent, **headers} if self.device in AGENTS else headers | sent
        cookies = [headers.get("HTTP_COOKIE", ""), *map(_cookie, self.cookies)]
        headers["HTTP_COOKIE"] = "; ".join(filter(None, cookies))
        return headers


def person_named(name: str) -> Person:
    """Return the person of that name as the site's backends know them.

    Who may not sign in is nobody; a name that nobody has raises Refused.
    """
    model: Any = get_user_model()
    found = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
    if found is None:
        raise Refused("Nobody here is called “{name}”.", name=name)
    known: Iterator[Any] = (each.get_user(found.pk) for each in get_backends())
    user = next(filter(None, known), AnonymousUser())
    return read(user, EVERYTHING)


def _sent_by(device: str) -> Mapping[str, str]:
    """Return the headers of a browser or program, or of any device of a type."""
    if device in AGENTS:
        return AGENTS[device].headers
    (facts, *_) = Device.parse(device).samples()
    return cast("Mapping[str, str]", facts["headers"])


def _known_address(text: str) -> str:
    if text and parse_address(text) is None:
        raise Refused("“{text}” is no address. Example: “192.0.2.7”.", text=text)
    return text


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    is_path = not parts.netloc and not parts.scheme and url.startswith("/")
    is_address = parts.netloc and parts.scheme in {"http", "https"}
    if not (is_path or is_address):
        raise Refused(
            "“{url}” is neither a path nor an address. Examples: “/shop/”, "
            "“https://shop.example/shop/”.",
            url=url,
        )
    return parts


def _as_wsgi(sent: bytes) -> str:
    """Return bytes as a server hands them over (PEP 3333)."""
    return sent.decode("latin-1")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name.strip()):
        raise Refused("“{text}” is not a header. Example: “X-Beta: yes”.", text=text)
    key = name.strip().upper().replace("-", "_")
    prefix = "" if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_"
    return f"{prefix}{key}", value.strip()


def _cookie(text: str) -> str:
    name, sign, value = text.partition("=")
    if not sign or not _TOKEN.fullmatch(name.strip()) or ";" in value:
        raise Refused("“{text}” is not a cookie. Example: “beta=yes”.", text=text)
    return f"{name.strip()}={value.strip()}"
