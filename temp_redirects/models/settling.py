"""Settling: destinations keep their ids, so that an edit gives nobody another arm."""

from collections.abc import Callable, Iterable
from typing import Any

from temp_redirects.core.rules import Destination, Rule
from temp_redirects.models.choices import new_destination_key


def settled(rule: Rule, stored: Iterable[Any], *, is_edit: bool = False) -> Rule:
    """Return the rule with its `settled_ids`."""
    return rule.with_ids(rule.id, settled_ids(rule, stored, is_edit=is_edit))


def settled_ids(
    rule: Rule, stored: Iterable[Any], *, is_edit: bool = False
) -> list[str]:
    """Return an id for each destination, of *stored* rows where it can be.

    They are the same by id, else by label; of those without a label by target, or by
    their turn. In an edit the only one stays the only one. A destination that is none
    of them keeps its id, or gets a new one.
    """
    left = {row.key: row for row in stored}
    if not left:
        return [each.id or new_destination_key() for each in rule.destinations]
    is_alone = len(left) == len(rule.destinations) == 1
    keys: dict[int, str] = {}

    def find(is_same: Callable[[Destination, Any], bool]) -> None:
        for at, each in enumerate(rule.destinations):
            found = (key for key, row in left.items() if is_same(each, row))
            key = next(found, None) if at not in keys else None
            if key is not None:
                keys[at] = key
                del left[key]

    def is_unnamed(each: Destination, row: Any) -> bool:
        return not (each.label or row.label) and (is_alone or not each.id)

    find(lambda each, row: each.id == row.key)
    find(lambda each, row: bool(row.label) and each.label == row.label)
    find(lambda each, row: is_unnamed(each, row) and each.target.typed == row.target)
    find(lambda each, row: is_unnamed(each, row) or (is_alone and is_edit))
    return [
        keys.get(at) or each.id or new_destination_key()
        for at, each in enumerate(rule.destinations)
    ]
