"""Orders: which of several rules is tried first, and why, in an editor's words."""

from typing import TypeAlias

from temp_redirects.core.sentences import Sentence, gettext_noop

# The smallest is tried first; numbers are negative where the larger one comes first.
Precedence: TypeAlias = "tuple[int, int, int, bool, str]"

KIND_NAMES = (  # by rank
    gettext_noop("exact paths"),
    gettext_noop("patterns"),
    gettext_noop("regular expressions"),
    gettext_noop("prefixes"),
)


def precedence_of(
    priority: int, rank: int, literal: str, has_hosts: bool, identity: str
) -> Precedence:
    """Return a rule's place in the order of rules.

    Higher priority, then the kind of source, then the longer literal part, then a rule
    that names a host, then the smaller id.
    """
    return -priority, rank, -len(literal), not has_hosts, identity


def reason_for(earlier: Precedence, later: Precedence) -> Sentence:
    """Say why one rule is tried before another: the first thing they differ in."""
    if earlier[0] != later[0]:
        return Sentence(
            "its priority is higher ({earlier}, here {later})",
            earlier=-earlier[0],
            later=-later[0],
        )
    if earlier[1] != later[1]:
        return Sentence(
            "{earlier} come before {later}",
            earlier=Sentence(KIND_NAMES[earlier[1]]),
            later=Sentence(KIND_NAMES[later[1]]),
        )
    if earlier[2] != later[2]:
        return Sentence(
            "its literal part is longer ({earlier} characters, here {later})",
            earlier=-earlier[2],
            later=-later[2],
        )
    if earlier[3] != later[3]:
        return Sentence("it names a host")
    return Sentence("all else is equal and its id is smaller")


def turn(
    place: int, later: Precedence, before: tuple[str, Precedence] | None
) -> Sentence:
    """Say when a rule is tried: “tried third: after “sale”, which names a host”.

    *place* counts from 1; *before* is the name and precedence of the one before.
    """
    if before is None:
        return Sentence("tried {place}", place=ordinal(place))
    name, earlier = before
    return Sentence(
        "tried {place}: after “{name}”, because {reason}",
        place=ordinal(place),
        name=name,
        reason=reason_for(earlier, later),
    )


_PLACES = (
    gettext_noop("first"),
    gettext_noop("second"),
    gettext_noop("third"),
    gettext_noop("fourth"),
    gettext_noop("fifth"),
    gettext_noop("sixth"),
    gettext_noop("seventh"),
)
_ENDINGS = {
    1: gettext_noop("{number}st"),
    2: gettext_noop("{number}nd"),
    3: gettext_noop("{number}rd"),
}
_ENDING = gettext_noop("{number}th")


def ordinal(place: int) -> Sentence:
    """Return a place as people say it: “third”, “21st”."""
    if place <= len(_PLACES):
        return Sentence(_PLACES[place - 1])
    is_teen = place % 100 in {11, 12, 13}
    ending = _ENDING if is_teen else _ENDINGS.get(place % 10, _ENDING)
    return Sentence(ending, number=place)
