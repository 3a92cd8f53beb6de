"""Settling: destinations keep their ids, so that an edit gives nobody another arm."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from temp_redirects.core.rules import Rule
from temp_redirects.models.choices import new_destination_key

Arm: TypeAlias = tuple[str, str, str]  # the id, the label and the target


def settled(rule: Rule, stored: Iterable[Any], *, is_edit: bool = False) -> Rule:
    """Return the rule with its `settled_ids`; *stored* are rows of destinations."""
    arms = [(each.id, each.label, each.target.typed) for each in rule.destinations]
    rows = [(row.key, row.label, row.target) for row in stored]
    return rule.with_ids(rule.id, settled_ids(arms, rows, is_edit=is_edit))


def settled_ids(
    arms: Sequence[Arm], stored: Iterable[Arm], *, is_edit: bool = False
) -> list[str]:
    """Return an id for each arm, of a *stored* one where it can be.

    They are the same by id, else by label; of those without a label by target, or by
    their turn. In an edit the only one stays the only one. A destination that is none
    of them keeps its id, or gets a new one.
    """
    left = {each[0]: each for each in stored}
    if not left:
        return [own or new_destination_key() for own, _, _ in arms]
    is_alone = len(left) == len(arms) == 1
    keys: dict[int, str] = {}

    def find(is_same: Callable[[Arm, Arm], bool]) -> None:
        for at, arm in enumerate(arms):
            found = (key for key, each in left.items() if is_same(arm, each))
            key = next(found, None) if at not in keys else None
            if key is not None:
                keys[at] = key
                del left[key]

    def is_unnamed(arm: Arm, each: Arm) -> bool:
        return not (arm[1] or each[1]) and (is_alone or not arm[0])

    find(lambda arm, each: arm[0] == each[0])
    find(lambda arm, each: bool(each[1]) and arm[1] == each[1])
    find(lambda arm, each: is_unnamed(arm, each) and arm[2] == each[2])
    find(lambda arm, each: is_unnamed(arm, each) or (is_alone and is_edit))
    return [
        keys.get(at) or own or new_destination_key()
        for at, (own, _, _) in enumerate(arms)
    ]
