"""Pins: which arms a visitor has, as short text in the visitor's cookie."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import quote, unquote

MOST = 20  # pins of one visitor, the newest
_BETWEEN, _WITHIN = "!", "*"  # neither stands in a quoted arm, both may in a cookie
_VISITOR = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bits in base 64, without padding
_PIN = re.compile(
    r"(?P<rule>[A-Za-z0-9_-]{8})\*(?P<epoch>[0-9a-f]{6})\*(?P<at>[0-9a-f]{1,9})"
    r"(?P<has_converted>x?)\*(?P<arm>[^*]+)"
)


@dataclass(frozen=True, slots=True)
class Pin:
    """The arm that a visitor got in an epoch of a rule, whole seconds since 1970."""

    rule: str  # as `key_of` has it
    epoch: str
    arm: str
    at: int
    has_converted: bool = False

    def __str__(self) -> str:
        mark = "x" if self.has_converted else ""
        parts = (self.rule, self.epoch, f"{self.at:x}{mark}", quote(self.arm, safe=""))
        return _WITHIN.join(parts)


Pins = Mapping[str, Pin]  # by rule, the newest last
NONE: Pins = MappingProxyType({})


def key_of(rule: str) -> str:
    """Return the short text that stands for a rule's id in a cookie."""
    return urlsafe_b64encode(sha256(rule.encode()).digest()[:6]).decode()


def is_visitor(text: str) -> bool:
    """Say whether a text is a visitor's id: 128 random bits in base 64."""
    return _VISITOR.fullmatch(text) is not None


def write(visitor: str, pins: Iterable[Pin]) -> str:
    """Return a visitor and the newest of the pins as text."""
    return _BETWEEN.join([visitor, *map(str, [*pins][-MOST:])])


def read(text: str) -> tuple[str, Pins]:
    """Return the visitor and the pins of a text; what is none of them is left out."""
    visitor, *parts = text.split(_BETWEEN)
    if not is_visitor(visitor):
        return "", NONE
    found = filter(None, map(_PIN.fullmatch, parts[:MOST]))
    pins = (
        Pin(
            rule=match["rule"],
            epoch=match["epoch"],
            arm=unquote(match["arm"]),
            at=int(match["at"], 16),
            has_converted=bool(match["has_converted"]),
        )
        for match in found
    )
    return visitor, MappingProxyType({pin.rule: pin for pin in pins})
