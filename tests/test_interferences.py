"""Interferences: what else may answer an address, told without asking it."""

import pytest
from django.test import override_settings

from temp_redirects.core.rulesets import Decision
from temp_redirects.interferences import interferences
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import RedirectRule
from temp_redirects.rehearsals import Rehearsal

pytestmark = pytest.mark.django_db

OURS = "temp_redirects.middleware.TempRedirectMiddleware"
CACHE = "django.middleware.cache.FetchFromCacheMiddleware"
FALLBACK = "django.contrib.redirects.middleware.RedirectFallbackMiddleware"
MAINTENANCE = "maintenance_mode.middleware.MaintenanceModeMiddleware"


def told(url="https://testserver/shop/", decision=None):
    visit = Rehearsal(url=url).visit()
    found = interferences(visit, decision or Decision("no_rule"))
    return {each.code: each.text for each in found}


def test_where_nothing_interferes_nothing_is_told():
    assert told() == {}


def test_without_the_middleware_no_rule_is_asked(settings):
    settings.MIDDLEWARE = []

    assert "no_middleware" in told()


class Project(TempRedirectMiddleware):
    """A project's own version of the middleware."""


def test_a_subclass_of_the_middleware_is_one(settings):
    settings.MIDDLEWARE = [f"{__name__}.Project", CACHE]

    assert told() == {}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://evil.example/", "host_refused"),
        ("/admin/", "protected"),
        ("/login/", "login"),
    ],
)
def test_what_no_rule_redirects_is_told(url, code):
    assert list(told(url)) == [code]


@pytest.mark.urls("tests.urls_of_peers")
@pytest.mark.parametrize(
    ("appends", "url", "code"),
    [
        (True, "/page", "append_slash"),
        (False, "/page", "other_slash"),
        (True, "/page/", None),
        (True, "/nowhere", None),
    ],
)
def test_the_other_spelling_of_a_path_is_another_page(settings, appends, url, code):
    settings.APPEND_SLASH = appends

    assert [each for each in told(url) if each.endswith("_slash")] == (
        [code] if code else []
    )


@pytest.mark.parametrize(
    ("changed", "url", "code"),
    [
        ({"SECURE_SSL_REDIRECT": True}, "http://testserver/", "ssl_redirect"),
        ({"PREPEND_WWW": True}, "/", "prepend_www"),
        ({"MIDDLEWARE": [MAINTENANCE, OURS]}, "/", "maintenance_mode"),
        ({"MIDDLEWARE": [CACHE, OURS]}, "/", "page_cache"),
    ],
)
def test_what_answers_before_the_rules_is_told(changed, url, code):
    with override_settings(**changed):
        assert code in told(url)


@pytest.mark.parametrize(
    "changed",
    [
        {"SECURE_SSL_REDIRECT": True},
        {"MIDDLEWARE": [OURS, MAINTENANCE, CACHE]},
    ],
)
def test_what_comes_after_the_rules_is_not(changed):
    with override_settings(**changed):
        assert told() == {}


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"max_age": 60}, "kept"), ({"is_personal": True}, "personal")],
)
def test_caches_are_told_of(facts, code):
    assert list(told(decision=Decision("none_holds", **facts))) == [code]


@pytest.mark.django_db(transaction=True)
def test_a_permanent_redirect_of_django_is_told(peers, settings):
    from django.contrib.redirects.models import Redirect

    settings.MIDDLEWARE = [OURS, FALLBACK]
    assert "may redirect" in told()["other_app"]
    Redirect.objects.create(site_id=1, old_path="/shop/?x=1", new_path="/for-good/")

    text = told("https://testserver/shop/?x=1")["other_redirect"]

    assert "to “/for-good/”, permanently" in text


def test_another_app_that_redirects_is_told(settings, monkeypatch):
    middleware = "wagtail.contrib.redirects.middleware.RedirectMiddleware"
    settings.MIDDLEWARE = [OURS, middleware]
    monkeypatch.setattr(
        "temp_redirects.interferences.apps.is_installed",
        "wagtail.contrib.redirects".__eq__,
    )

    assert "may redirect" in told()["other_app"]


@pytest.mark.urls("tests.urls")
def test_a_rule_for_a_country_is_told_to_act_for_nobody_where_no_country_is_known():
    only = [{"kind": "country", "value": "DE"}]
    row = RedirectRule.objects.schedule("/a/", "/b/", name="r", conditions=only)
    visit = Rehearsal(url="/a/").visit()

    found = interferences(visit, Decision("none_holds"), [row.compile()])

    assert [each.code for each in found] == ["for_nobody"]
    assert found[0].text.startswith("“r”: This site is not told visitors’ countries")
