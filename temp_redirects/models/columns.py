"""How columns hold names, lists and moments."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone as django_timezone

from temp_redirects.core.schedules import moment, seconds


def name_key(name: str) -> str:
    """Return a name as names are compared: case ignored, whatever the collation."""
    return name.strip().casefold()


class NameKeyField(models.CharField):  # type: ignore[type-arg]
    """The name as names are compared, taken from it on every way to save a row.

    MariaDB's and MySQL's collations take “café” and “cafe” for one; this one does not.
    """

    COLLATIONS = {"mysql": {"collation": "utf8mb4_bin"}}

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Return the column's type, compared byte by byte everywhere."""
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        return parameters | self.COLLATIONS.get(connection.vendor, {})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Return the key of the name that is being saved."""
        key = name_key(model_instance.name)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, key)
        return key


def listed(text: str) -> tuple[str, ...]:
    """Return the texts of a column that separates them by commas."""
    return tuple(filter(None, map(str.strip, text.split(",")))) if text else ()


def lines(text: str) -> tuple[str, ...]:
    """Return the texts of a column that has one a line.

    A text may have what Unicode takes for a line break too, U+2028.
    """
    return tuple(filter(None, map(str.strip, text.split("\n")))) if text else ()


def as_seconds(at: datetime | None) -> float | None:
    """Return a column's moment as seconds since the epoch, naive ones as local."""
    if at is None:
        return None
    return seconds(at if at.tzinfo else django_timezone.make_aware(at))


def as_moment(at: float | None) -> datetime | None:
    """Return seconds since the epoch as a column holds them."""
    if at is None:
        return None
    aware = moment(at, "UTC")
    return aware if settings.USE_TZ else django_timezone.make_naive(aware)
