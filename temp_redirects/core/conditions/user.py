"""Who is signed in."""

import re
from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.lists import parse_list, written_list
from temp_redirects.core.people import Person
from temp_redirects.core.sentences import UNKNOWN, Joined, Refused, Sentence, listed
from temp_redirects.core.visits import Facts, Visit

ANONYMOUS, SIGNED_IN, STAFF = "anonymous", "signed in", "staff"
GROUP, PERMISSION = "group", "permission"
_SIGNED_IN = re.compile(r"signed[ _-]in")
_PERMISSION = re.compile(r"\w+\.\w+")
_WORDS = {
    ANONYMOUS: Sentence("visitors who are not signed in"),
    SIGNED_IN: Sentence("signed-in visitors"),
    STAFF: Sentence("staff"),
}


@dataclass(frozen=True, slots=True)
class Who:
    """One of those whom a condition is about: what somebody is, or has by that name."""

    what: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “staff” or “group: Editors”."""
        what, colon, name = (part.strip() for part in text.partition(":"))
        what = _SIGNED_IN.sub(SIGNED_IN, what.lower())
        if what in _WORDS and not colon:
            return cls(what)
        if what not in {GROUP, PERMISSION} or not name:
            raise Refused(
                "“{text}” is nobody. Use “anonymous”, “signed in”, “staff”, "
                "“group: Editors” or “permission: shop.view_order”.",
                text=text,
            )
        if what == PERMISSION and not _PERMISSION.fullmatch(name):
            raise Refused(
                "“{name}” is no permission. It has two parts: “shop.view_order”.",
                name=name,
            )
        return cls(what, name)

    def __str__(self) -> str:
        return f"{self.what}: {self.name}" if self.name else self.what

    @property
    def needs(self) -> str:
        """What has to be fetched to know it."""
        return {GROUP: "groups", PERMISSION: "permissions"}.get(self.what, "user")

    def is_known_in(self, person: Person) -> bool:
        """Say whether the person is known to be one of them."""
        if self.what == ANONYMOUS:
            return not person.is_authenticated
        if self.what == SIGNED_IN:
            return person.is_authenticated
        if self.what == STAFF:
            return person.is_staff
        had = person.groups if self.what == GROUP else person.permissions
        return self.name in (had or ())

    def sample(self) -> Person:
        """Return one of them."""
        return Person(
            is_authenticated=self.what != ANONYMOUS,
            is_staff=self.what == STAFF,
            groups=frozenset({self.name} if self.what == GROUP else ()),
            permissions=frozenset({self.name} if self.what == PERMISSION else ()),
        )

    def describe(self) -> Sentence:
        """Say who they are."""
        if self.what == GROUP:
            return Sentence("members of “{group}”", group=self.name)
        if self.what == PERMISSION:
            return Sentence("holders of the permission “{name}”", name=self.name)
        return _WORDS[self.what]


@dataclass(frozen=True, slots=True)
class User(Condition):
    """The visitor is signed in or not, is staff, is in a group or has a permission."""

    kind = "user"
    label = Sentence("Who is signed in")
    hint = Sentence(
        "“anonymous”, “signed in”, “staff”, “group: Editors” or "
        "“permission: shop.view_order”; several separated by commas."
    )
    examples = (ANONYMOUS, SIGNED_IN, STAFF, "group: Editors", "staff, group: Editors")
    personal = True
    wanted: tuple[Who, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read whom it is about."""
        wanted = tuple(dict.fromkeys(map(Who.parse, parse_list(text))))
        if not wanted:
            raise Refused("Say who. Example: “staff”.")
        return cls(wanted)

    def __str__(self) -> str:
        return written_list(tuple(map(str, self.wanted)))

    @property
    def needs(self) -> frozenset[str]:
        """What has to be fetched: always the user, and what is asked of them."""
        return frozenset({"user", *(each.needs for each in self.wanted)})

    def holds(self, visit: Visit) -> bool:
        """Say whether the visitor is known to be one of those wanted."""
        person = visit.person
        return person is not None and any(
            each.is_known_in(person) for each in self.wanted
        )

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"person": each.sample()} for each in self.wanted)

    def explain(self, visit: Visit) -> Sentence:
        """Say who it was, without a name."""
        return Sentence(
            "visitor is {actual}, wanted {wanted}",
            actual=_actual(visit.person),
            wanted=listed(list(map(str, self.wanted))),
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        return Joined([listed([each.describe() for each in self.wanted])])

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header that the session stands in."""
        return ("Cookie",)


def _actual(person: Person | None) -> Sentence:
    if person is None:
        return UNKNOWN
    if not person.is_authenticated:
        return Sentence("anonymous")
    facts = [Sentence("staff") if person.is_staff else Sentence("signed in")]
    if person.groups:
        groups = listed(sorted(person.groups), "and")
        facts.append(Sentence("in {groups}", groups=groups))
    return Joined(facts)
