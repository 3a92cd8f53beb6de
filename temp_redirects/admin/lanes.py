"""The lanes of a calendar: as a picture, and the same in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from math import inf, isfinite
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, gettext

from temp_redirects.admin.histories import row_url
from temp_redirects.admin.spans import range_of
from temp_redirects.admin.times import local_time
from temp_redirects.agendas import Agenda
from temp_redirects.core.lanes import Lane, Overlap, Span
from temp_redirects.core.periods import MONTH, Period
from temp_redirects.core.rules import Rule
from temp_redirects.core.targets import Target
from temp_redirects.models.history import RULE, WINDOW

TRACK = 26  # pixels from one bar to the next
ROOM = 6  # pixels around bars, in which the hatch of overlaps shows
NARROWEST = 0.3  # per cent of the picture that something is wide at least
FOR_A_NAME = 1.5  # per cent; no window is so wide that less has room for a name
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """Where moments lie in the picture, in per cent of its width.

    Time runs as people read: from right to left where they read so.
    """

    starts: float
    ends: float

    def place(self, starts: float, ends: float) -> dict[str, str]:
        """Return where a stretch lies, as far as it is in the picture.

        As SVG has it: texts, which no language writes in another way.
        """
        width = self.width(starts, ends)
        first = min(self._at(starts), 100 - width)
        x = 100 - first - width if get_language_bidi() else first
        return {"x": f"{round(x, 3)}%", "width": f"{round(width, 3)}%"}

    def width(self, starts: float, ends: float) -> float:
        """Return how wide a stretch is, which can always be seen."""
        return max(self._at(ends) - self._at(starts), NARROWEST)

    def _at(self, moment: float) -> float:
        inside = min(max(moment, self.starts), self.ends)
        return (inside - self.starts) * 100 / (self.ends - self.starts)


def drawn(agenda: Agenda, period: Period, now: float, site: str) -> dict[str, Any]:
    """Return what the template draws and writes of an agenda."""
    midnights = period.midnights
    axis = Axis(midnights[0], midnights[-1])
    words = _Words(period.timezone, now, site, agenda.deleted)
    today = local_time(now, period.timezone).date()
    return {
        "days": [
            {
                **axis.place(*bounds),
                "label": _day(day, period),
                "long": date_format(day, "l j F Y"),
                "is_weekend": day.weekday() >= SATURDAY,
                "is_today": day == today,
            }
            for day, bounds in zip(period.days, pairwise(midnights), strict=True)
        ],
        "past": axis.place(-inf, now) if now > axis.starts else None,
        "now": axis.place(now, now) if axis.starts <= now < axis.ends else None,
        "lanes": [
            _drawn(lane, axis, words, number)
            for number, lane in enumerate(agenda.lanes, start=1)
        ],
    }


def _day(day: date, period: Period) -> str:
    return date_format(day, "j" if period.kind == MONTH else "D j")


def _drawn(lane: Lane, axis: Axis, words: "_Words", number: int) -> dict[str, Any]:
    bars = [_bar(span, axis, words) for span in lane.spans]
    is_mixed = len({span.rule.source.kind for span in lane.spans}) > 1
    rows = list(words.rows(lane.spans))
    for row in rows:
        row["below"] = _below(row.pop("kind")) if is_mixed else ""
    return {
        "number": str(number),
        "path": lane.source.typed,
        "below": "" if is_mixed else _below(lane.source.kind),
        "height": str(ROOM + lane.tracks * TRACK),
        "bars": bars,
        "overlaps": [axis.place(each.starts, each.ends) for each in lane.overlaps],
        "gaps": [axis.place(each.starts, each.ends) for each in lane.gaps],
        "rows": rows,
        "number_of_rows": str(len(rows) + bool(lane.overlaps) + bool(lane.gaps)),
        "overlapping": words.overlaps(lane.overlaps),
        "missing": [words.time(each.starts, each.ends) for each in lane.gaps],
    }


def _bar(span: Span, axis: Axis, words: "_Words") -> dict[str, Any]:
    return {
        **axis.place(span.starts, span.ends),
        "y": str(ROOM + span.track * TRACK),
        "height": str(TRACK - ROOM),
        "is_window": span.rule.is_window,
        "is_named": axis.width(span.starts, span.ends) >= FOR_A_NAME,
        "name": span.rule.name,
        "told": words.told(span),
        "url": words.url(span.rule),
    }


def _below(kind: str) -> str:
    """Return what a path stands for, where that is more than itself."""
    return {
        "exact": "",
        "prefix": gettext("and everything under it"),
        "pattern": gettext("a pattern"),
        "regex": gettext("a regular expression"),
    }[kind]


@dataclass(frozen=True, slots=True)
class _Words:
    """Tells of spans on one zone's clock."""

    timezone: str
    now: float
    site: str
    deleted: frozenset[str]

    def rows(self, spans: Iterable[Span]) -> Iterator[dict[str, Any]]:
        """Yield what is on, each with its times."""
        places: dict[str, int] = {}
        for span in spans:
            places.setdefault(_key(span.rule), len(places))
        ordered = sorted(spans, key=lambda span: places[_key(span.rule)])
        for _rule, group in groupby(ordered, key=lambda span: _key(span.rule)):
            same = list(group)
            rule = same[-1].rule
            yield {
                "name": rule.name,
                "url": self.url(rule),
                "kind": rule.source.kind,
                "is_window": rule.is_window,
                "is_deleted": _owner(rule) in self.deleted,
                "target": _target(rule),
                "times": [
                    {"text": self.time(span.starts, span.ends), "when": self.when(span)}
                    for span in same
                ],
            }

    def told(self, span: Span) -> str:
        """Return what is said where somebody points at a bar."""
        return f"{span.rule.name}: {self.time(span.starts, span.ends)}"

    def overlaps(self, overlaps: Iterable[Overlap]) -> dict[str, list[str]]:
        """Return the times of overlaps by the order in which rules are tried."""
        found: dict[str, list[str]] = {}
        for each in overlaps:
            first, *others = (f"“{rule.name}”" for rule in each.rules)
            text = gettext("%(first)s is tried first, then %(others)s")
            text %= {"first": first, "others": ", ".join(others)}
            found.setdefault(text, []).append(self.time(each.starts, each.ends))
        return found

    def when(self, span: Span) -> str:
        """Return where now stands to a span: a word, so that no colour is needed."""
        if span.ends <= self.now:
            return gettext("over")
        return gettext("planned") if span.starts > self.now else gettext("on now")

    def time(self, starts: float, ends: float) -> str:
        """Return from when to when, on this clock, to the minute."""
        bounds: list[datetime] = [
            local_time(at, self.timezone).replace(second=0, microsecond=0)
            for at in (starts, ends)
            if isfinite(at)
        ]
        if not bounds:
            return gettext("all the time")
        if starts == -inf:
            return gettext("until %(end)s") % {"end": range_of(bounds)}
        if ends == inf:
            return gettext("from %(start)s on") % {"start": range_of(bounds)}
        return range_of(bounds)

    def url(self, rule: Rule) -> str:
        """Return where the rule or window is edited, or what became of it."""
        owner = _owner(rule)
        kind = WINDOW if rule.is_window else RULE
        what = "history" if owner in self.deleted else "change"
        return row_url(kind, UUID(owner), what, self.site)


def _owner(rule: Rule) -> str:
    return rule.id.partition("/")[0]


def _key(rule: Rule) -> str:
    """Return what stands in one row: what has another target has another row."""
    return f"{_owner(rule)} {_target(rule)}"


def _target(rule: Rule) -> str:
    typed = [
        gettext("the notice") if Target.NEXT in each.target.names else each.target.typed
        for each in rule.destinations
    ]
    return ", ".join(typed)
