"""Where a browser goes for a Location, judged without any code of the app.

After the WHATWG URL standard, “basic URL parser”, for an http or https base. It is
strict where the app never has to go: what it does not know leads nowhere.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_DOT = {".", "%2e"}
_TWO_DOTS = {"..", ".%2e", "%2e.", "%2e%2e"}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")


class Place(NamedTuple):
    """Where an address leads; ``origin`` is None where it is none of http or https."""

    origin: str | None
    segments: tuple[str, ...] = ()
    query: str = ""
    has_dots: bool = False


NOWHERE = Place(None)


def follow(location: str, base: str = "https://shop.example") -> Place:
    """Return the place that a browser at *base*, an origin, goes to."""
    text = re.sub(r"[\t\n\r]", "", location.strip("".join(map(chr, range(0x21)))))
    text = text.partition("#")[0]
    base_scheme = base.partition(":")[0]
    scheme = _SCHEME.match(text)
    if scheme:
        name, rest = scheme[1].lower(), text[scheme.end() :]
        if name not in _DEFAULT_PORTS:
            return NOWHERE
        if name != base_scheme or re.match(r"[/\\]{2}", rest):
            return _with_authority(name, rest)
        text = rest
    elif re.match(r"[/\\]{2}", text):
        return _with_authority(base_scheme, text)
    if not text.startswith(("/", "\\")):
        return NOWHERE  # relative to the page: no Location of the app is
    return _with_path(base, text)


def _with_authority(scheme: str, text: str) -> Place:
    text = text.lstrip("/\\")
    authority = re.split(r"[/\\?]", text, maxsplit=1)[0]
    host = re.fullmatch(r"(.*?)(?::([0-9]*))?", authority.rpartition("@")[2])
    name = unquote(host[1]).lower() if host else ""
    if not host or not _HOST.fullmatch(name):
        return NOWHERE
    port = int(host[2] or _DEFAULT_PORTS[scheme])
    if port > 65_535:
        return NOWHERE
    shown = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    return _with_path(f"{scheme}://{name}{shown}", text[len(authority) :])


def _with_path(origin: str, text: str) -> Place:
    path, _, query = text.partition("?")
    kept: list[str] = []
    typed = re.split(r"[/\\]", path)[1:]
    for at, segment in enumerate(typed, start=1):
        is_last = at == len(typed)
        if segment.lower() in _TWO_DOTS:
            del kept[-1:]
            kept += [""] if is_last else []
        elif segment.lower() not in _DOT:
            kept.append(segment)
        elif is_last:
            kept.append("")
    has_dots = any(each.lower() in _DOT | _TWO_DOTS for each in typed)
    return Place(origin, tuple(kept) or ("",), query, has_dots)
