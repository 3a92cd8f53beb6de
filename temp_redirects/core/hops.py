"""Hops: how a redirect that comes back through another server is noticed.

Loops among rules are refused when they are saved. One that another host, a proxy or a
CDN closes stands in no rule; it shows in visitors who come back, and browsers end it
after twenty redirects only (Fetch standard, “HTTP-redirect fetch”).

A browser keeps its trail for seconds: the addresses that it was redirected from. That
is a suspicion, for people click twice. From its fourth redirect on, each within seconds
of the one before, an address is marked in the Location, signed by the door: sooner, and
people who try a link out would see the marker in their address bar. Whoever is
redirected back brings it along, and whoever asks again does not. A server on the way
that drops the query drops the marker too: such a loop is left to the browser.
"""

import re
from typing import NamedTuple
from zlib import crc32

from temp_redirects.core.rulesets import Decision
from temp_redirects.core.visits import Visit

LASTS = 4  # seconds that a browser keeps its trail; a lap of a loop takes less
PROBE = 4  # redirects of one address in a trail, the marked one included
MOST = 16  # addresses in a trail: loops through four of ours are noticed
SAFE = frozenset({"GET", "HEAD"})
_ADDRESS = re.compile("[0-9a-f]{8}")


class Hop(NamedTuple):
    """What a redirect leaves with its visitor; nothing where nobody looks for loops.

    ``trail`` is to be kept for `LASTS` seconds, and ``marker`` to be signed into the
    Location. A loop is to be ended instead: the visitor gets the page.
    """

    trail: str = ""
    marker: str = ""
    is_loop: bool = False


NOT_FOLLOWED = Hop()


def hop_of(visit: Visit, decision: Decision) -> Hop:
    """Return what becomes of a redirect that is about to be sent.

    Followed are browsers on their way to a page, by redirects that no cache keeps, and
    never by a maintenance window, which nobody may talk himself past.
    """
    rule = decision.rule
    if (
        rule is None
        or rule.is_window
        or decision.max_age > 0
        or visit.method not in SAFE
        or not visit.is_navigation
    ):
        return NOT_FOLLOWED
    here = address_of(rule.id, visit.path)
    told = visit.trail
    if not told:  # as of nearly everybody
        return Hop(here)
    trail: list[str] = _ADDRESS.findall(told)[-MOST:]
    # A marker is this browser's own where the trail has what led to it.
    marker = visit.marker if trail.count(visit.marker) >= PROBE else ""
    if marker == here:
        return Hop(is_loop=True)
    trail = [*trail, here][-MOST:]
    # Through several addresses of ours one marker goes round until it is back.
    if not marker and trail.count(here) >= PROBE:
        marker = here
    return Hop("".join(trail), marker)


def address_of(rule: str, path: str) -> str:
    """Return what stands for a path and the rule that redirects it: eight digits.

    The query is not part of it, for some loops add to theirs at each turn.
    """
    return f"{crc32(f'{rule}{path}'.encode('utf-8', 'surrogatepass')):08x}"
