"""What every test gets: a store that knows nothing of the test before."""

import logging
import os

import pytest

SLOWEST = ("process", "browser")


def pytest_configure(config):
    """Measure what runs the tests, not the servers they start: that takes minutes."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    # In debug mode it warns of a busy machine, among what tests read.
    logging.getLogger("asyncio").setLevel(logging.ERROR)


def pytest_collection_modifyitems(items):
    """Run fast tests first, then what starts servers, and a browser last."""

    def pace(item):
        marks = [item.get_closest_marker(name) is not None for name in SLOWEST]
        return marks[::-1]

    items.sort(key=pace)


@pytest.fixture(autouse=True)
def _forgotten(request):
    """Forget the live rules, as a fresh process has none."""
    if "django" in request.fixturenames or request.node.get_closest_marker("django_db"):
        from django.utils import translation

        from temp_redirects import middleware
        from temp_redirects.announcements import announcer
        from temp_redirects.findings import watch
        from temp_redirects.logs import bounded
        from temp_redirects.store import store
        from temp_redirects.tallies import tallies

        store.forget()
        store.is_serving = False  # a test before may have played a server
        announcer.forget()
        tallies.forget()
        watch.forget()
        middleware._told.clear()
        bounded.forget()
        translation.deactivate()  # what a request's LocaleMiddleware left behind


@pytest.fixture
def peers(transactional_db, settings):
    """Django's own redirects and sites, installed while the test runs."""
    from django.contrib import admin
    from django.core.management import call_command
    from django.db import connection

    sites = ["django.contrib.sites", "django.contrib.redirects"]
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, *sites]
    settings.SITE_ID = 1
    call_command("migrate", "redirects", verbosity=0)
    yield
    for app in ("redirects", "sites"):
        call_command("migrate", app, "zero", verbosity=0)
    theirs = {"redirects", "sites"}  # registered when they were installed
    found = [each for each in admin.site._registry if each._meta.app_label in theirs]
    admin.site.unregister(found)
    assert "django_site" not in connection.introspection.table_names()
