"""Conditions: facts of a visit that a rule asks for; a file each, found by being here.

A project's own condition is a subclass of `Condition` in any module that is imported
when the site starts, for example from its ``AppConfig.ready()``.
"""

from abc import ABC, abstractmethod
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Self

from temp_redirects.core.sentences import Refused, Said, Sentence
from temp_redirects.core.visits import Facts, Visit

KINDS: dict[str, type["Condition"]] = {}


class Condition(ABC):
    """One fact that a visit must have, made from the text an editor typed.

    ``kind`` is stored: never rename it. ``label``, ``hint`` and ``examples`` stand on
    the form. ``personal`` says that the answer is about one person, so that no shared
    cache may keep what depends on it.
    """

    kind: ClassVar[str]
    label: ClassVar[Said]
    hint: ClassVar[Said]
    examples: ClassVar[tuple[str, ...]]
    personal: ClassVar[bool] = False
    is_offered: ClassVar[bool] = True  # on forms, for people to choose
    gives: ClassVar[tuple[str, ...]] = ()  # placeholders that `captures` fills
    counts_requests: ClassVar[bool] = False  # a door has to count every request

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        kind = getattr(cls, "kind", None)
        if kind is None:
            return
        known = KINDS.get(kind)
        # A dataclass with slots is made twice under one name.
        if known and (known.__module__, known.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise TypeError(f"Two conditions are of the kind {kind!r}: {known}, {cls}")
        KINDS[kind] = cls

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Return the condition for what an editor typed, or raise Refused."""

    @abstractmethod
    def __str__(self) -> str:
        """The text that `parse` reads as this condition."""

    @property
    def needs(self) -> frozenset[str]:
        """What a door has to fetch beforehand: “user”, “groups”, “permissions”."""
        return frozenset()

    @abstractmethod
    def holds(self, visit: Visit) -> bool:
        """Say whether the visit is known to have the fact.

        What raises does not hold, is logged once a minute, and hurts no visitor.
        """

    @abstractmethod
    def explain(self, visit: Visit) -> Sentence:
        """Say what was found and what was wanted: “country is AT, wanted DE or FR”."""

    @abstractmethod
    def describe(self) -> Sentence:
        """Say whom it is about, to follow “only for” and “not for”."""

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Return the request headers that the answer depends on, for ``Vary``."""
        return ()

    def captures(self, visit: Visit) -> dict[str, str]:
        """Return the texts of the placeholders in ``gives``, where it holds."""
        return {}

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with each of which it holds, for the search for loops.

        Facts are what `Visit` takes: ``{"country": "DE"}``, ``{"headers": {…}}``.
        Without a sample, loops are found only among visits for which it holds anyway.
        """
        return ()

    def is_personal(self, visit: Visit) -> bool:
        """Say whether no shared cache may keep an answer that depends on it."""
        return self.personal


def parse_condition(kind: str, text: str) -> Condition:
    """Return the condition of a kind for what an editor typed."""
    if kind not in KINDS:
        raise Refused(
            "“{kind}” is no condition here. Use one of: {kinds}.",
            kind=kind,
            kinds=", ".join(sorted(KINDS)),
        )
    return KINDS[kind].parse(text)


for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
