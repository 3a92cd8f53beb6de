"""Audiences: whom a rule is for and not for, whatever a condition's code does."""

from dataclasses import dataclass
from typing import ClassVar

from temp_redirects.core.conditions import Condition
from temp_redirects.core.sentences import Sentence
from temp_redirects.core.visits import Visit


@dataclass(frozen=True, slots=True)
class OnlyFor:
    """A condition that must be known to hold."""

    condition: Condition

    @property
    def code(self) -> str:
        """The condition's kind."""
        return self.condition.kind

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the condition holds; one that raises does not."""
        return _is_known(self.condition, visit)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say what was found and wanted."""
        return _explained(self.condition, visit)


@dataclass(frozen=True, slots=True)
class NotFor:
    """A condition that lets the visit past where it is known to hold."""

    condition: Condition

    @property
    def code(self) -> str:
        """The condition's kind, marked as an exception."""
        return f"unless_{self.condition.kind}"

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether the condition is not known to hold."""
        return not _is_known(self.condition, visit)

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say what was found and is excepted."""
        return Sentence("excepted: {fact}", fact=_explained(self.condition, visit))


# A project's own condition may raise; a visitor never pays for that.


def _is_known(condition: Condition, visit: Visit) -> bool:
    try:
        return bool(condition.holds(visit))
    except Exception as error:
        visit.failed(condition.kind, error)
        return False


def _explained(condition: Condition, visit: Visit) -> Sentence:
    try:
        return condition.explain(visit)
    except Exception as error:
        visit.failed(condition.kind, error)
        return Sentence(
            "{kind} failed: {error}", kind=condition.kind, error=repr(error)
        )


def consulted(condition: Condition, visit: Visit) -> tuple[tuple[str, ...], bool]:
    """Return the headers that a condition depends on, and whether it is personal."""
    try:
        return tuple(condition.consulted(visit)), condition.is_personal(visit)
    except Exception as error:
        visit.failed(condition.kind, error)
        return (), True  # nobody knows on what: no shared cache keeps it


@dataclass(frozen=True, slots=True)
class KnownCountry:
    """The visitor's country is known, for the target names it."""

    code: ClassVar[str] = "known_country"

    def holds(self, visit: Visit, now: float) -> bool:
        """Say whether it is known."""
        return visit.country != ""

    def explain(self, visit: Visit, now: float) -> Sentence:
        """Say which country it is."""
        if visit.country:
            return Sentence("country is {country}", country=visit.country)
        return Sentence("country is unknown, and the target names it")
