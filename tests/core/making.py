"""What the tests of the core are made from; a case says only what it is about."""

from typing import Any
from uuid import UUID

from temp_redirects.core import documents, records
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sites import Site
from temp_redirects.core.visits import Visit

SITE = Site(
    hosts=frozenset({"shop.example", "www.shop.example"}),
    target_origins=frozenset({"https://pay.example", "http://localhost:8001"}),
    protected=("/admin/", "/static/"),
    logins=("/accounts/login/",),
)

NOON = 1_800_000_000.0  # a moment like any other
HOUR = 3_600.0

ONCE = {"repeat": "", "until": None, "except": [], "moved_ends": {}}  # as it is written


def document(path: str = "/old/", target: str = "/new/", **keys: Any) -> dict[str, Any]:
    """Return the shortest document of a rule, and the keys that a case is about."""
    return {"name": "rule", "path": path, "destinations": [{"target": target}], **keys}


def window(starts: str | None, ends: str | None, timezone: str = "UTC") -> Any:
    """Return the schedule of a document."""
    return {"starts_at": starts, "ends_at": ends, "timezone": timezone}


def make_rule(path: str = "/old/", target: str = "/new/", **keys: Any) -> Rule:
    """Return the rule of the shortest document."""
    return documents.parse(document(path, target, **keys), SITE)


def make_record(path: str = "/old/", **fields: Any) -> records.Record:
    """Return a record with the fields that a case is about."""
    values = {**records.DEFAULTS, "id": "1", "name": "rule", "path": path, **fields}
    return records.pack(values[name] for name in records.FIELDS)


def make_ruleset(**rules: dict[str, Any]) -> Ruleset:
    """Return the ruleset of documents, each named by its keyword."""
    return Ruleset(
        documents.record_of(
            documents.parse({**each, "name": name, "id": str(UUID(int=number))}, SITE)
        )
        for number, (name, each) in enumerate(rules.items(), start=1)
    )


class FromCookie(Scheme):
    """A fact of one person that is never known; without a kind, it is on no form."""

    kind = None
    personal = True

    def holds(self, visit: Visit) -> bool:
        """Say that it is not known."""
        return False

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header that was read."""
        return ("Cookie",)
