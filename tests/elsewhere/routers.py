"""Routers: the app's tables in a database of their own."""

from typing import Any

COUNTS = {"HitCount", "HitWriter", "ArmCount"}


class RulesElsewhere:
    """Sends temp_redirects to “rules”, and nothing else there."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Say where rows of a model are read."""
        return "rules" if model._meta.app_label == "temp_redirects" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Say where the tables of an app are made."""
        return (app_label == "temp_redirects") == (db == "rules")


class HitsApart:
    """Sends what is counted to “default”, before `RulesElsewhere` is asked."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Say where rows of a model are read."""
        return "default" if model.__name__ in COUNTS else None

    db_for_write = db_for_read
