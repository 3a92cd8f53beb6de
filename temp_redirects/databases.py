"""Databases: whether a request may use its thread's own connection."""

from django.core import mail
from django.db import connections


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
