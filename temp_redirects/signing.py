"""What the app signs: ways back from a notice, passes, and what visitors keep.

A signature is bound to its purpose by the salt, so that none serves for another.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.core import signing
from django.core.signals import setting_changed

from temp_redirects.core import pins
from temp_redirects.core.pins import Pin, Pins

NEXT_SALT = "temp_redirects.next"
PREVIEW_SALT = "temp_redirects.preview"
LINK_SALT = "temp_redirects.pass.link"
ARM_SALT = "temp_redirects.arm"
COOKIE_SALT = "temp_redirects.pass.cookie"
PASS_COOKIE = "temp_redirects_pass"  # noqa: S105 (a name)
MAX_NEXT = 1_500  # characters of an address that a notice leads back to
_OWN = re.compile(r"/(?![/\\])[!-~]*")  # browsers skip what nobody sees: “/\t/host”
MAX_PREVIEW = 24 * 60 * 60  # seconds that staff may show a notice or an arm around
ARM = "temp_redirects_arm"  # the query parameter with a token of `sign_arm`
MAX_ARM = 300  # characters of such a token
HOP_SALT = "temp_redirects.hop"
HOP = "temp_redirects_hop"  # a trail's cookie, and the parameter with its marker
MAX_HOP = 200  # characters of a token of `sign_hop`
MAX_HOP_AGE = 60  # seconds; more than a trail lasts, for the clocks of servers differ
VISITOR_SALT = "temp_redirects.visitor"
MAX_COOKIE = 1_024  # characters
MAX_PASSES = 20  # newest in one cookie


def sign_next(address: str) -> str:
    """Return a path with its query, signed; empty where it would not fit."""
    if len(address) > MAX_NEXT:
        return ""
    return signing.Signer(salt=NEXT_SALT).sign(address)


def read_next(token: str) -> str:
    """Return the address of a token of `sign_next`; empty where it is none of ours.

    Only paths of this site are signed, so that nobody is led elsewhere.
    """
    if len(token) > MAX_NEXT * 2:
        return ""
    try:
        address = signing.Signer(salt=NEXT_SALT).unsign(token)
    except signing.BadSignature:
        return ""
    return address if _OWN.fullmatch(address) else ""


def sign_preview(name: str) -> str:
    """Return the token with which a window’s notice is seen before it is on."""
    return signing.TimestampSigner(salt=PREVIEW_SALT).sign(name)


def is_preview(token: str, name: str) -> bool:
    """Say whether this is a token of `sign_preview` for the window of that name."""
    signer = signing.TimestampSigner(salt=PREVIEW_SALT)
    try:
        return signer.unsign(token, max_age=MAX_PREVIEW) == name
    except signing.BadSignature:
        return False


def sign_arm(rule: str, arm: str) -> str:
    """Return the token with which one arm of a rule is seen, by its id, uncounted."""
    return signing.dumps([rule, arm], salt=ARM_SALT)


def read_arm(token: str) -> tuple[str, str] | None:
    """Return the rule’s id and the arm of a token of `sign_arm`, or None."""
    if not token or len(token) > MAX_ARM:
        return None
    try:
        rule, arm = signing.loads(token, salt=ARM_SALT, max_age=MAX_PREVIEW)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(rule), str(arm)


def sign_hop(address: str, now: float) -> str:
    """Return the token that marks an address of `core.hops` from *now* on."""
    return signing.Signer(salt=HOP_SALT).sign(f"{address}.{int(now)}")


def read_hop(token: str, now: float) -> str:
    """Return the address of a token of `sign_hop`; empty where it is none of ours."""
    if not token or len(token) > MAX_HOP:
        return ""
    try:
        text = signing.Signer(salt=HOP_SALT).unsign(token)
    except signing.BadSignature:
        return ""
    address, _, at = text.partition(".")
    return address if abs(now - int(at)) <= MAX_HOP_AGE else ""


def sign_pass(key: str, *, expires: float) -> str:
    """Return the token of a pass link, good until *expires* (seconds since epoch)."""
    return signing.dumps([key, expires], salt=LINK_SALT)


def read_pass(token: str, now: float) -> tuple[str, float] | None:
    """Return the key and the end of a pass link that is good at *now*, or None."""
    try:
        key, expires = signing.loads(token, salt=LINK_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return (str(key), float(expires)) if now < expires else None


def sign_cookie(passes: Iterable[tuple[str, float]]) -> str:
    """Return the value of the cookie for these passes, the newest that fit."""
    newest = list(passes)[-MAX_PASSES:]
    while True:
        value = signing.dumps(newest, salt=COOKIE_SALT, compress=True)
        if len(value) <= MAX_COOKIE:
            return value
        del newest[0]


def read_cookie(value: str, now: float) -> dict[str, float]:
    """Return the passes of a cookie that are good at *now*, with their ends."""
    if not value or len(value) > MAX_COOKIE * 4:
        return {}
    try:
        passes = signing.loads(value, salt=COOKIE_SALT)
        return {str(key): float(ends) for key, ends in passes if now < ends}
    except (signing.BadSignature, ValueError, TypeError):
        return {}


def sign_visitor(visitor: str, kept: Iterable[Pin]) -> str:
    """Return the value of a visitor's cookie: the id, and the newest pins that fit."""
    newest = list(kept)[-pins.MOST :]
    signer = signing.Signer(salt=VISITOR_SALT)
    while True:
        value = signer.sign(pins.write(visitor, newest))
        if len(value) <= MAX_COOKIE or not newest:
            return value
        del newest[0]


def read_visitor(value: str) -> tuple[str, Pins]:
    """Return the visitor and the pins of a cookie; nobody where it is none of ours."""
    if not value or len(value) > MAX_COOKIE:
        return "", pins.NONE
    return _read_visitor(value)


@lru_cache(maxsize=512)  # a browser sends the same one with each of its requests
def _read_visitor(value: str) -> tuple[str, Pins]:
    try:
        text = signing.Signer(salt=VISITOR_SALT).unsign(value)
    except signing.BadSignature:
        return "", pins.NONE
    return pins.read(text)


def _forget(**kwargs: Any) -> None:
    _read_visitor.cache_clear()  # it may be about SECRET_KEY


setting_changed.connect(_forget, dispatch_uid="temp_redirects.signing")
