"""System checks: each fires where it should, says what to do, and else is silent."""

import os
import re
from pathlib import Path

import django
import pytest
from django.core.checks import run_checks

from temp_redirects import checks
from temp_redirects.middleware import TempRedirectMiddleware

OURS = "temp_redirects.middleware.TempRedirectMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
SECURITY = "django.middleware.security.SecurityMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
UPDATE = "django.middleware.cache.UpdateCacheMiddleware"


@pytest.fixture(autouse=True)
def patched(monkeypatch):
    """The table of Django's releases, put aside: any Django may run these tests."""
    table = checks.PATCHED.copy()
    monkeypatch.setattr(checks, "PATCHED", {})
    return table


def found():
    return {message.id: message for message in run_checks(tags=["temp_redirects"])}


def test_a_site_that_is_set_up_as_documented_has_nothing_to_mend():
    assert found() == {}


class Clocked(TempRedirectMiddleware):
    """A project's own, as one with another clock is."""


OWN = f"{__name__}.Clocked"

PLACES = {
    "a project’s own and ours": (
        [AUTH, OWN, OURS],
        {},
        "temp_redirects.E001",
        "2 and 3",
    ),
    "one that cannot be imported": (
        [AUTH, "no.such.Middleware"],
        {},
        "temp_redirects.W001",
        "right after",
    ),
    "missing": ([AUTH], {}, "temp_redirects.W001", "right after"),
    "twice": ([AUTH, OURS, OURS], {}, "temp_redirects.E001", "2 and 3"),
    "below the cache": ([AUTH, FETCH, OURS], {}, "temp_redirects.W002", "above"),
    "below www": (
        [COMMON, AUTH, OURS],
        {"PREPEND_WWW": True},
        "temp_redirects.W003",
        "www",
    ),
    "above authentication": ([OURS, AUTH], {}, "temp_redirects.W004", "right after"),
    "https is forced before a rule for http can answer": (
        [SECURITY, AUTH, OURS],
        {"SECURE_SSL_REDIRECT": True},
        "temp_redirects.W005",
        "scheme: http",
    ),
}


@pytest.mark.parametrize(
    ("names", "values", "code", "hint"), PLACES.values(), ids=PLACES
)
def test_a_misplaced_middleware_is_found(settings, names, values, code, hint):
    settings.MIDDLEWARE = names
    for name, value in values.items():
        setattr(settings, name, value)

    messages = found()

    assert list(messages) == [code]
    assert hint in messages[code].hint


FINE = {
    "a project’s own": ([AUTH, OWN], {}),
    "the middlewares that matter after it": ([SECURITY, AUTH, OURS, FETCH], {}),
    "pages are stored above and fetched below": ([UPDATE, AUTH, OURS, FETCH], {}),
    "www is added after it": ([AUTH, OURS, COMMON], {"PREPEND_WWW": True}),
    "https is forced after it": ([AUTH, OURS, SECURITY], {"SECURE_SSL_REDIRECT": True}),
    "a site without users": ([OURS], {}),
}


@pytest.mark.parametrize(("names", "values"), FINE.values(), ids=FINE)
def test_a_well_placed_middleware_is_not_complained_of(settings, names, values):
    settings.MIDDLEWARE = names
    for name, value in values.items():
        setattr(settings, name, value)

    assert found() == {}


def test_a_bad_setting_is_an_error(settings):
    settings.TEMP_REDIRECTS = {"ENABLED": "yes"}

    assert "ENABLED" in found()["temp_redirects.E002"].msg


@pytest.mark.parametrize(
    ("key", "hint"),
    [("ALLOWED_TARGET_HOST", "ALLOWED_TARGET_HOSTS"), ("xyz", "There are: ENABLED")],
)
def test_an_unknown_setting_is_a_warning_with_the_nearest_name(settings, key, hint):
    settings.TEMP_REDIRECTS = {key: []}

    assert hint in found()["temp_redirects.W006"].hint


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0"])
def test_trusting_everybody_is_a_warning(settings, network):
    settings.TEMP_REDIRECTS = {"TRUSTED_PROXIES": ["10.0.0.0/8", "unix", network]}

    messages = found()

    assert list(messages) == ["temp_redirects.W010"]
    assert f"“{network}”" in messages["temp_redirects.W010"].msg


def test_a_country_header_that_nobody_may_send_is_a_warning(settings):
    settings.TEMP_REDIRECTS = {"COUNTRY_HEADER": "CF-IPCountry"}

    assert "TRUSTED_PROXIES" in found()["temp_redirects.W011"].hint
    settings.TEMP_REDIRECTS["TRUSTED_PROXIES"] = ["10.0.0.0/8"]
    assert found() == {}


def test_a_database_that_is_not_there_is_a_warning(settings, tmp_path):
    settings.GEOIP_PATH = tmp_path / "none.mmdb"

    assert "[geoip]" in found()["temp_redirects.W012"].hint


def test_urls_that_are_not_included_are_a_warning_with_the_line_to_add(settings):
    settings.ROOT_URLCONF = "tests.urls_without_app"

    assert 'include("temp_redirects.urls")' in found()["temp_redirects.W007"].hint


def test_a_project_without_urls_has_no_urls_to_check(settings):
    settings.ROOT_URLCONF = None

    assert found() == {}


def test_tokens_in_the_session_are_a_warning_that_says_what_works(settings):
    settings.CSRF_USE_SESSIONS = True

    messages = found()

    assert list(messages) == ["temp_redirects.W013"]
    assert "“Send again” does not work" in messages["temp_redirects.W013"].msg
    assert "What works: the notice itself" in messages["temp_redirects.W013"].hint


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.consent", "cannot be imported"),
        ("tests.settings.SECRET_KEY", "is no function"),
    ],
)
def test_consent_that_nobody_can_be_asked_for_is_an_error(settings, name, words):
    settings.TEMP_REDIRECTS = {"CONSENT": name}

    assert words in found()["temp_redirects.E003"].msg.lower()


def test_consent_that_can_be_asked_for_is_fine(settings):
    settings.TEMP_REDIRECTS = {"CONSENT": "tests.test_checks.found"}
    assert "temp_redirects.E003" not in found()


FILES = {
    "no folder": (lambda folder: folder / "none" / "file", "does not exist"),
    "a folder": (lambda folder: folder, "it is no file"),
}


@pytest.mark.parametrize(("file", "words"), FILES.values(), ids=FILES)
def test_a_snapshot_that_could_not_be_kept_is_told(settings, tmp_path, file, words):
    settings.TEMP_REDIRECTS = {"SNAPSHOT_FILE": file(tmp_path)}

    assert words in found()["temp_redirects.W014"].msg


ACCESS = {
    "a folder of somebody else’s": (os.R_OK, "cannot be written to"),
    "a file of somebody else’s": (os.W_OK | os.X_OK, "cannot be read"),
}


@pytest.mark.parametrize(("granted", "words"), ACCESS.values(), ids=ACCESS)
def test_a_snapshot_of_somebody_elses_is_told(
    settings, tmp_path, monkeypatch, granted, words
):
    file = tmp_path / "rules.snapshot"
    file.touch()
    settings.TEMP_REDIRECTS = {"SNAPSHOT_FILE": file}
    assert found() == {}

    monkeypatch.setattr("os.access", lambda path, mode: mode == granted)  # root may all
    assert words in found()["temp_redirects.W014"].msg


RELEASES = {
    "the first patched one": ((6, 1, 3, "final", 0), ""),
    "a later one": ((5, 2, 20, "final", 0), ""),
    "a later series": ((6, 2, 0, "alpha", 1), ""),
    "one before it": ((6, 0, 9, "final", 0), "Install Django 6.0.10 or a later one."),
    "long before it": ((5, 2, 0, "final", 0), "Install Django 5.2.19 or a later one."),
    "not yet released": ((6, 1, 0, "rc", 1), "Install Django 6.1.3 or a later one."),
}


@pytest.mark.parametrize(("version", "hint"), RELEASES.values(), ids=RELEASES)
def test_a_django_without_security_fixes_is_told(monkeypatch, patched, version, hint):
    monkeypatch.setattr(checks, "PATCHED", patched)
    monkeypatch.setattr(django, "VERSION", version)

    assert [(each.id, each.hint) for each in found().values()] == (
        [("temp_redirects.W015", hint)] if hint else []
    )


def test_the_releases_that_are_named_are_those_that_are_checked(patched):
    page = Path(checks.__file__).parents[1] / "docs/checks.md"
    named = re.search(r"W015.*?at least (.*?)\. \|", page.read_text("utf-8"))

    assert re.findall(r"[\d.]*\d", named[1]) == [
        f"{major}.{minor}.{release}" for (major, minor), release in patched.items()
    ]
