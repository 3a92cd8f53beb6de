"""The next seven days of one address, as a picture and as a table."""

from collections.abc import Callable
from itertools import count
from typing import Any

from django.utils.translation import gettext

from temp_redirects.admin.times import local_time, shown_time
from temp_redirects.core.rulesets import Decision
from temp_redirects.core.timelines import WEEK, Stretch
from temp_redirects.sites import site_timezone

WIDTH = 700  # of the picture, in its own units
DAY = 24 * 60 * 60.0  # seconds
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MIN_FOR_LETTER = 14  # units, where a letter can be read


def shown_timeline(
    stretches: list[Stretch], link: Callable[[float], str] | None = None
) -> dict[str, Any]:
    """Return what the template draws; *link* leads to the answer at a moment."""
    since = stretches[0].starts
    letters = _letters(stretches)
    rows = []
    for at, stretch in enumerate(stretches):
        starts, ends = (
            (bound - since) * WIDTH / WEEK for bound in (stretch.starts, stretch.ends)
        )
        letter = letters.get(_key(stretch.decision), "")
        rows.append(
            {
                "x": round(starts, 2),
                "width": round(max(ends - starts, 1), 2),
                "middle": round((starts + ends) / 2, 2),
                "letter": letter if ends - starts >= MIN_FOR_LETTER else "",
                "name": letter,
                "starts": _time(stretch.starts, gettext("now") if at == 0 else ""),
                "ends": _time(stretch.ends),
                "text": _text(stretch.decision),
                "is_redirected": bool(letter),
                "url": link(stretch.starts) if link else "",
            }
        )
    return {
        "rows": rows,
        "width": WIDTH,
        "days": [round(day * WIDTH / 7, 2) for day in range(1, 7)],
        "zone": site_timezone(),
        "is_cut": stretches[-1].ends - since < WEEK - 1,
    }


def _letters(stretches: list[Stretch]) -> dict[Any, str]:
    """Return a letter for each different redirect, in the order of time."""
    found: dict[Any, str] = {}
    numbers = count()
    for stretch in stretches:
        if stretch.decision.rule is not None and _key(stretch.decision) not in found:
            found[_key(stretch.decision)] = LETTERS[next(numbers) % len(LETTERS)]
    return found


def _key(decision: Decision) -> tuple[str, str]:
    return decision.rule.id if decision.rule else "", decision.location


def _text(decision: Decision) -> str:
    if decision.rule is None:
        return gettext("the original page")
    facts = {"location": decision.location, "rule": decision.rule.name}
    if decision.in_place:
        return gettext("the notice of “%(rule)s”") % facts
    return gettext("→ %(location)s by “%(rule)s”") % facts


def _time(at: float, word: str = "") -> dict[str, str]:
    local = local_time(at, site_timezone()).replace(microsecond=0)
    return {"iso": local.isoformat(), "text": word or shown_time(local)}
