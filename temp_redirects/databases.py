"""Databases: whose connection a request may use, and what time it is there."""

from django.core import mail
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, FloatField
from django.db.models.sql.compiler import SQLCompiler

# How each tells the time, in seconds since the epoch, whatever the connection's zone.
# SQLite has no clock of its own.
CLOCKS = {
    "postgresql": "EXTRACT(EPOCH FROM CLOCK_TIMESTAMP())",
    "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1e6",
}


class DatabaseClock(Expression):
    """The time by the database's own clock, in seconds since the epoch; or NULL."""

    output_field = FloatField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return how this database is asked."""
        return CLOCKS.get(connection.vendor, "NULL"), ()


def is_test_run() -> bool:
    """Say whether this process is in Django's test environment, known by its outbox."""
    return hasattr(mail, "outbox")


def is_test(using: str) -> bool:
    """Say whether this thread runs somebody's test, in Django's test environment.

    There a request finds a transaction open, or its database in memory; what the test
    wrote only its own thread sees.
    """
    connection = connections[using]
    is_in_memory = getattr(connection, "is_in_memory_db", None)  # SQLite's alone
    if is_in_memory and is_in_memory():
        return True
    return connection.in_atomic_block and is_test_run()
