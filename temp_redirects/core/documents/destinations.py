"""The “destinations” of a document: read and written."""

from collections.abc import Mapping
from typing import Any

from temp_redirects.core.documents.reading import Reader, short
from temp_redirects.core.patterns import Source
from temp_redirects.core.rules import Destination, Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.targets import Target

MAX_LABEL = 100  # characters
MAX_ID = 40

DESTINATION_KEYS: Mapping[str, Any] = {"id": "", "label": "", "target": None}


def parse_destination(
    reader: Reader, given: list[Any], source: Source | None, *, is_window: bool
) -> Destination | None:
    """Return where visitors of a rule with that source go."""
    if reader.read("destinations", _only_one, given or []) is None:
        return None
    fields = reader.fields("destinations[0]", given[0], DESTINATION_KEYS)
    # Without a source its captures are unknown: one mistake, one message.
    typed = fields["target"] or ""
    captures = source.captures if source else Target.names_in(typed)
    if is_window:
        captures |= {Target.NEXT}
    target = reader.read(
        "destinations[0].target", Target.parse, typed, captures, reader.site
    )
    key = reader.read("destinations[0].id", short, fields["id"], MAX_ID)
    label = reader.read("destinations[0].label", short, fields["label"], MAX_LABEL)
    return Destination(key or "", label or "", target) if target else None


def dump_destinations(rule: Rule) -> list[dict[str, Any]]:
    """Return the “destinations” of a document, every key included."""
    destination = rule.destination
    return [
        {
            "id": destination.id,
            "label": destination.label,
            "target": destination.target.typed,
        }
    ]


def _only_one(destinations: list[Any]) -> list[Any]:
    if len(destinations) != 1:
        raise Refused("A rule has one destination.")
    return destinations
