"""Hops: the trail and the marker with which a redirect that comes back is noticed."""

from typing import Any

from temp_redirects.core.hops import LASTS, Hop
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Decision
from temp_redirects.core.targets import with_parameter
from temp_redirects.requests import RequestVisit
from temp_redirects.signing import HOP, sign_hop
from temp_redirects.tallies import tallies

KEPT = f"Max-Age={LASTS}; Path=/; HttpOnly; SameSite=Lax"


def marked(
    decision: Decision, marker: str, visit: RequestVisit, now: float
) -> Decision:
    """Return the decision with the marker in its Location, where that has room.

    It is settled no more: the marker is one visitor's.
    """
    pair = f"{HOP}={sign_hop(marker, now)}"
    location = with_parameter(decision.location, pair, visit)
    return decision._replace(location=location, is_settled=False)


def keep_trail(response: Any, trail: str, visit: RequestVisit) -> None:
    """Let the browser keep its trail, in a cookie that is gone within seconds.

    Every redirect that a browser follows has one, so it is written as a plain header:
    ``set_cookie`` costs as much as the whole redirect.
    """
    secure = "; Secure" if visit.scheme == "https" else ""
    response.headers["Set-Cookie"] = f"{HOP}={trail}; {KEPT}{secure}"


def send(answer: Any, rule: Rule, hop: Hop, visit: RequestVisit, now: float) -> None:
    """Count a redirect, and give it the trail that its visitor is to keep."""
    if hop.trail:
        keep_trail(answer, hop.trail, visit)
    if not rule.is_window:  # which is no row that hits are counted for
        tallies.hit(rule.id, visit.method, now)


def ended(decision: Decision) -> Decision:
    """Return the decision for the page in place of a redirect that comes back."""
    return decision._replace(reason="loop", rule=None, location="", assignment=None)
