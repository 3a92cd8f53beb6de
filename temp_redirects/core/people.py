"""Person: who is signed in, as far as it was fetched."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who makes a visit; a person that could not be fetched is None instead.

    ``groups`` are names, ``permissions`` as in “shop.view_order”; None where nobody
    asked for them.
    """

    id: str = ""
    is_authenticated: bool = True
    is_staff: bool = False
    groups: frozenset[str] | None = None
    permissions: frozenset[str] | None = None


ANONYMOUS = Person(is_authenticated=False, groups=frozenset(), permissions=frozenset())
