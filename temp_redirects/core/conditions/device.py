"""The type of device."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.lists import parse_list
from temp_redirects.core.sentences import UNKNOWN, Refused, Sentence, listed
from temp_redirects.core.visits import Facts, Visit

DESKTOP, MOBILE, TABLET = "desktop", "mobile", "tablet"
MOBILE_HINT = "Sec-CH-UA-Mobile"  # User-Agent Client Hints §3.3: “?1” or “?0”

# A television is none of them, though it says Android or Linux.
_OTHER = re.compile(
    r"\b(?:Smart-?TV|Android TV|GoogleTV|AppleTV|CrKey|AFT[A-Z]+)\b", re.I
)
_TABLET = re.compile(r"\b(?:iPad|Tablet(?! PC)|PlayBook|Silk|Kindle)\b", re.I)
_MOBILE = re.compile(
    r"\b(?:Mobile|Mobi|iPhone|iPod|Windows Phone|IEMobile|BlackBerry|Opera Mini)\b"
)
_DESKTOP = re.compile(r"\b(?:Windows NT|Macintosh|X11|CrOS|Linux (?:x86_64|i686))\b")


def device_of(hint: str | None, agent: str) -> str:
    """Return the type of device; ``""`` where it is unknown.

    The client hint knows what is mobile; an Android that is not is a tablet. An iPad
    that asks for desktop pages says it is a Macintosh, and nobody can tell.
    """
    if hint == "?1":
        return MOBILE
    if _OTHER.search(agent):
        return ""
    if _TABLET.search(agent):
        return TABLET
    if hint is None and _MOBILE.search(agent):
        return MOBILE
    if "Android" in agent:
        return TABLET
    return DESKTOP if _DESKTOP.search(agent) or hint == "?0" else ""


_NAMES = {
    DESKTOP: Sentence("desktop"),
    MOBILE: Sentence("mobile"),
    TABLET: Sentence("tablet"),
}
_SAMPLES = {
    DESKTOP: {MOBILE_HINT: "?0"},
    MOBILE: {MOBILE_HINT: "?1"},
    TABLET: {MOBILE_HINT: "?0", "User-Agent": "Android"},
}


@dataclass(frozen=True, slots=True)
class Device(Condition):
    """The device is a computer, a phone or a tablet, as the browser says."""

    kind = "device"
    label = Sentence("Device")
    hint = Sentence(
        "“desktop”, “mobile” (phones) or “tablet”; “mobile, tablet” for either."
    )
    examples = (DESKTOP, MOBILE, TABLET, "mobile, tablet")
    wanted: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read types of devices."""
        wanted = tuple(dict.fromkeys(each.lower() for each in parse_list(text)))
        for each in wanted:
            if each not in {DESKTOP, MOBILE, TABLET}:
                raise Refused(
                    "“{text}” is no device here. Use “desktop”, “mobile” or “tablet”.",
                    text=each,
                )
        if not wanted:
            raise Refused("Name a device: “desktop”, “mobile” or “tablet”.")
        return cls(wanted)

    def __str__(self) -> str:
        return ", ".join(self.wanted)

    def holds(self, visit: Visit) -> bool:
        """Say whether the device is known to be one of them."""
        return _device(visit) in self.wanted

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"headers": _SAMPLES[each]} for each in self.wanted)

    def explain(self, visit: Visit) -> Sentence:
        """Say which device it was."""
        return Sentence(
            "device is {actual}, wanted {wanted}",
            actual=_NAMES.get(_device(visit), UNKNOWN),
            wanted=listed([_NAMES[each] for each in self.wanted]),
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        devices = listed([_NAMES[each] for each in self.wanted])
        return Sentence("visitors on {devices} devices", devices=devices)

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the client hint and the header that is read where it is missing."""
        return (MOBILE_HINT, "User-Agent")


def _device(visit: Visit) -> str:
    hint = visit.header(MOBILE_HINT)
    return device_of(hint if hint in {"?0", "?1"} else None, visit.user_agent)
