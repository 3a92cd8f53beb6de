"""Paths: what an editor typed, what a visit is compared with, what people are shown."""

import re
from urllib.parse import unquote_to_bytes

from temp_redirects.core.sentences import Refused

MAX_PATH = 2_048  # characters
_WHOLE_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BYTES = {0xDC00 + byte: f"%{byte:02X}" for byte in range(0x80, 0x100)}  # PEP 383
# What `typed_path` encodes: what would end the path, be read as encoded, or is no text.
_UNTYPED = re.compile(r"[%?#\\\x00-\x1f\x7f\ud800-\udfff]")


def decoded(text: str) -> str:
    """Return a path with its percent-encoding undone once, bytes kept (PEP 383)."""
    if "%" not in text:
        return text
    plain = text.encode("utf-8", "surrogatepass")  # never an error, whatever is asked
    return unquote_to_bytes(plain).decode("utf-8", "surrogateescape")


def typed_path(path: str) -> str:
    """Return a decoded path as text for people; `parse_path` reads it as that path."""
    return _UNTYPED.sub(lambda sign: f"%{ord(sign[0]) & 0xFF:02X}", path)


def shown_paths(path: str) -> tuple[str, ...]:
    """Return a decoded path as frameworks may show it: bytes that are no UTF-8 apart.

    Django shows such a byte as the text “%FF” under WSGI, servers as U+FFFD under ASGI.
    """
    if path.isascii() or not _SURROGATE.search(path):
        return (path,)
    sent = path.encode("utf-8", "surrogateescape")
    return (path, path.translate(_BYTES), sent.decode("utf-8", "replace"))


def parse_path(text: str) -> str:
    """Return the path that a visit is compared with, from what an editor typed.

    Percent-encoded and plain spellings of one path are the same path.
    """
    _refuse_what_is_no_path(text)
    for sign in "?#\\":
        if sign in text:
            raise Refused(
                "“{text}” has a “{sign}”. Type the path only: what stands before it.",
                text=text,
                sign=sign,
            )
    path = decoded(text)
    if _CONTROL.search(path) or _SURROGATE.search(text):
        raise Refused("The path has a control character or a line break.")
    _refuse_length(typed_path(path))
    if path.startswith("//"):
        raise Refused("“{text}” begins with two slashes. Example: “/shop/”.", text=text)
    if any(segment in {".", ".."} for segment in path.split("/")):
        raise Refused(
            "“{text}” has a “.” or “..” between slashes; browsers never send that.",
            text=text,
        )
    return path


def _refuse_what_is_no_path(text: str) -> None:
    if _WHOLE_ADDRESS.match(text):
        host, _, path = text.partition("://")[2].partition("/")
        raise Refused(
            "“{text}” is a whole address. Type the path only, “/{path}”, and put "
            "“{host}” under hosts.",
            text=text,
            path=path,
            host=host,
        )
    if not text.startswith("/"):
        raise Refused("“{text}” does not begin with “/”. Example: “/shop/”.", text=text)
    _refuse_length(text)


def _refuse_length(text: str) -> None:
    if len(text) > MAX_PATH:
        raise Refused("The path is longer than {most} characters.", most=MAX_PATH)


def covers(base: str, path: str) -> bool:
    """Say whether *path* is *base* or under it, by whole segments."""
    base = base.removesuffix("/")
    return path.startswith(base) and path[len(base) : len(base) + 1] in {"", "/"}
