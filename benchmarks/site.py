"""A Django site in this process, with rules in its database and its store."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

FOLDER = Path(os.environ.get("BENCHMARK_DIR", "/tmp"))  # noqa: S108
BARE = FOLDER / "bare.db"  # tables without any row


def start() -> None:
    """Set Django up, with tables; once a process."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()
    if connection.vendor == "sqlite" and BARE.exists():
        shutil.copyfile(BARE, connection.settings_dict["NAME"])
        return
    call_command("migrate", run_syncdb=True, verbosity=0)
    if connection.vendor == "sqlite":
        shutil.copyfile(connection.settings_dict["NAME"], BARE)


def store(rules: Iterable[Any]) -> None:
    """Have these rules, and no others, in the database."""
    from benchmarks import tables

    tables.empty()
    tables.fill(rules)


def keep(name: str, rules: Iterable[Any]) -> None:
    """Have rules in a database that later parts of the same run find again, by name.

    That is where the database is a file; elsewhere they are written each time.
    """
    if connection.vendor != "sqlite":
        store(rules)
        return
    kept = FOLDER / f"{name}.db"
    connection.close()
    file = connection.settings_dict["NAME"]
    if kept.exists():
        shutil.copyfile(kept, file)
        return
    shutil.copyfile(BARE, file)
    store(rules)
    connection.close()
    shutil.copyfile(file, kept)


def load() -> None:
    """Make the store of this process decide by what is stored, and look no more."""
    from temp_redirects.store import store as live

    live.forget()
    live.newest()
    live.deadline = float("inf")


def lay(rules: Iterable[Any]) -> None:
    """Have these rules alone stored, and live."""
    store(rules)
    load()


def handler(*middleware: str) -> Any:
    """Return Django's whole WSGI handler with these middlewares alone."""
    from django.core.handlers.wsgi import WSGIHandler

    return _made(WSGIHandler, middleware)


def async_handler(*middleware: str) -> Any:
    """Return the same for ASGI."""
    from django.core.handlers.asgi import ASGIHandler

    return _made(ASGIHandler, middleware)


def _made(kind: Any, middleware: Iterable[str]) -> Any:
    from temp_redirects.store import store as live

    deadline = live.deadline
    with override_settings(MIDDLEWARE=list(middleware)):
        made = kind()
    live.deadline = deadline  # a change of settings, which stores hear of
    return made
