"""A Django site in this process, with rules laid into its store."""

import os
from collections.abc import Iterable

import django
from django.core.management import call_command
from django.test.utils import override_settings


def start(*, peers: bool = False) -> None:
    """Set Django up, with tables; once a process."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    if peers:
        os.environ["BENCHMARK_PEERS"] = "1"
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def lay(records: Iterable[tuple[object, ...]]) -> None:
    """Make the store of this process decide by these rules, and look at no other."""
    from temp_redirects.core.rulesets import Ruleset
    from temp_redirects.store import store

    store.live = Ruleset(records)
    store.is_loaded = True
    store.deadline = float("inf")


def handler(*middleware: str):  # type: ignore[no-untyped-def]
    """Return Django's whole WSGI handler with these middlewares alone."""
    from django.core.handlers.wsgi import WSGIHandler

    with override_settings(MIDDLEWARE=list(middleware)):
        made = WSGIHandler()
    from temp_redirects.store import store

    store.deadline = float("inf")  # override_settings is a change that stores hear of
    return made
