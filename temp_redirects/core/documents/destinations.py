"""The “destinations” of a document: read and written."""

from collections.abc import Mapping
from typing import Any

from temp_redirects.core.documents.reading import Reader, short
from temp_redirects.core.patterns import Source
from temp_redirects.core.rules import MAX_DESTINATIONS, Destination, Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.splits import parse_percentage
from temp_redirects.core.targets import Target

MAX_LABEL = 100  # characters
MAX_ID = 40

DESTINATION_KEYS: Mapping[str, Any] = {
    "id": "",
    "label": "",
    "target": None,
    "percentage": None,
}


def parse_destinations(
    reader: Reader, given: list[Any], source: Source | None, *, is_window: bool
) -> tuple[Destination, ...] | None:
    """Return where visitors of a rule with that source go."""
    if reader.read("destinations", _some, given or []) is None:
        return None
    found = [
        _parse(reader, f"destinations[{at}]", each, source, is_window=is_window)
        for at, each in enumerate(given)
    ]
    known = tuple(each for each in found if each is not None)
    return known if len(known) == len(found) else None


def _parse(
    reader: Reader, place: str, given: object, source: Source | None, *, is_window: bool
) -> Destination | None:
    fields = reader.fields(place, given, DESTINATION_KEYS)
    # Without a source its captures are unknown: one mistake, one message.
    typed = fields["target"] or ""
    captures = source.captures if source else Target.names_in(typed)
    if is_window:
        captures |= {Target.NEXT}
    target = reader.read(f"{place}.target", Target.parse, typed, captures, reader.site)
    key = reader.read(f"{place}.id", short, fields["id"], MAX_ID)
    label = reader.read(f"{place}.label", short, fields["label"], MAX_LABEL)
    percentage = reader.read(
        f"{place}.percentage", parse_percentage, fields["percentage"]
    )
    return Destination(key or "", label or "", target, percentage) if target else None


def dump_destinations(rule: Rule) -> list[dict[str, Any]]:
    """Return the “destinations” of a document, every key included."""
    return [
        {
            "id": each.id,
            "label": each.label,
            "target": each.target.typed,
            "percentage": whole_number(each.percentage),
        }
        for each in rule.destinations
    ]


def whole_number(percentage: float | None) -> float | int | None:
    """Return a percentage as people write it: 50 and not 50.0."""
    if percentage is None or percentage != int(percentage):
        return percentage
    return int(percentage)


def _some(destinations: list[Any]) -> list[Any]:
    if not destinations:
        raise Refused("A rule has at least one destination.")
    if len(destinations) > MAX_DESTINATIONS:
        raise Refused("A rule has at most {most} destinations.", most=MAX_DESTINATIONS)
    return destinations
