"""Peers: the middlewares that stand beside ours, the real ones, in documented order."""

import pytest
from django.core.cache import cache

from temp_redirects.models import RedirectRule

pytestmark = pytest.mark.django_db

OURS = "temp_redirects.middleware.TempRedirectMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
LOCALE = "django.middleware.locale.LocaleMiddleware"
FALLBACK = "django.contrib.redirects.middleware.RedirectFallbackMiddleware"
UPDATE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
WHITENOISE = "whitenoise.middleware.WhiteNoiseMiddleware"


@pytest.fixture
def schedule():
    return RedirectRule.objects.schedule


def answer(client, path, **headers):
    """Return the status and where it leads, or the page."""
    response = client.get(path, headers=headers)
    return response.status_code, response.get("Location") or response.content.decode()


# django.contrib.redirects


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.urls_of_peers")
@pytest.mark.parametrize("order", [[OURS, FALLBACK], [FALLBACK, OURS]])
def test_djangos_permanent_redirect_waits_until_ours_is_over(
    peers, client, settings, schedule, order
):
    from django.contrib.redirects.models import Redirect

    settings.MIDDLEWARE = order
    Redirect.objects.create(site_id=1, old_path="/old/", new_path="/for-good/")
    schedule("/old/", "/for-now/", name="r")

    assert answer(client, "/old/") == (307, "/for-now/")
    RedirectRule.objects.filter(name="r").end()
    assert answer(client, "/old/") == (301, "/for-good/")


# LocaleMiddleware and i18n_patterns


@pytest.mark.urls("tests.urls_of_peers")
@pytest.mark.parametrize("order", [[LOCALE, COMMON, OURS], [OURS, LOCALE, COMMON]])
def test_a_path_without_a_language_is_ours_before_the_language_is_added(
    client, settings, schedule, order
):
    settings.MIDDLEWARE = order
    assert answer(client, "/about/") == (302, "/en/about/")

    schedule("/about/", "/for-now/")

    assert answer(client, "/about/") == (307, "/for-now/")
    assert answer(client, "/en/about/") == (200, "about")


@pytest.mark.urls("tests.urls_of_peers")
def test_each_language_has_a_rule_of_its_own(client, settings, schedule):
    settings.MIDDLEWARE = [LOCALE, COMMON, OURS]
    schedule("/de/about/", "/de/for-now/")

    assert answer(client, "/de/about/") == (307, "/de/for-now/")
    assert answer(client, "/en/about/") == (200, "about")
    assert answer(client, "/about/", accept_language="de") == (302, "/de/about/")


# APPEND_SLASH


@pytest.mark.urls("tests.urls_of_peers")
@pytest.mark.parametrize("order", [[COMMON, OURS], [OURS, COMMON]])
def test_django_appends_the_slash_and_then_the_rule_answers(
    client, settings, schedule, order
):
    settings.MIDDLEWARE = order
    schedule("/page/", "/for-now/")

    assert answer(client, "/page") == (301, "/page/")
    assert answer(client, "/page/") == (307, "/for-now/")


@pytest.mark.urls("tests.urls_of_peers")
@pytest.mark.parametrize("order", [[COMMON, OURS], [OURS, COMMON]])
def test_a_prefix_answers_with_and_without_the_slash(client, settings, schedule, order):
    settings.MIDDLEWARE = order
    schedule("/page", "/for-now/", match="prefix")

    assert answer(client, "/page") == (307, "/for-now/")
    assert answer(client, "/page/") == (307, "/for-now/")


# PREPEND_WWW


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ([COMMON, OURS], (301, "http://www.shop.example/page/")),
        ([OURS, COMMON], (307, "/for-now/")),
    ],
    ids=["common first", "ours first"],
)
def test_www_is_added_before_the_rule_answers_unless_ours_is_first(
    client, settings, schedule, order, first
):
    settings.MIDDLEWARE = order
    settings.PREPEND_WWW = True
    settings.ALLOWED_HOSTS = ["shop.example", "www.shop.example"]
    schedule("/page/", "/for-now/")

    assert answer(client, "/page/", host="shop.example") == first
    assert answer(client, "/page/", host="www.shop.example") == (307, "/for-now/")


# WhiteNoise


@pytest.mark.urls("tests.urls_of_peers")
@pytest.mark.parametrize("order", [[WHITENOISE, OURS], [OURS, WHITENOISE]])
def test_files_of_whitenoise_are_served_while_everything_is_redirected(
    client, settings, schedule, tmp_path, order
):
    pytest.importorskip("whitenoise")
    (tmp_path / "site.css").write_text("body {}")
    settings.STATIC_ROOT = tmp_path
    settings.MIDDLEWARE = order
    schedule("/", "/echo/", match="prefix")

    styled = client.get("/static/site.css")

    assert (styled.status_code, b"".join(styled)) == (200, b"body {}")
    assert answer(client, "/page/") == (307, "/echo/")


# Django's cache middleware


@pytest.fixture
def _cache():
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("_cache")
@pytest.mark.urls("tests.urls_of_peers")
def test_a_page_that_is_cached_is_redirected_and_comes_back(client, settings, schedule):
    settings.MIDDLEWARE = [UPDATE, COMMON, OURS, FETCH]
    assert answer(client, "/counted/") == (200, "1")
    assert answer(client, "/counted/") == (200, "1")

    schedule("/counted/", "/for-now/", name="r")
    assert answer(client, "/counted/") == (307, "/for-now/")
    RedirectRule.objects.filter(name="r").end()

    assert answer(client, "/counted/") == (200, "1")


@pytest.mark.usefixtures("_cache")
@pytest.mark.urls("tests.urls_of_peers")
def test_a_redirect_never_comes_from_the_cache(client, settings, schedule):
    settings.MIDDLEWARE = [UPDATE, COMMON, OURS, FETCH]
    schedule("/page/", "/for-now/", name="r", cache_seconds=60)
    assert answer(client, "/page/") == (307, "/for-now/")

    RedirectRule.objects.filter(name="r").end()

    assert answer(client, "/page/") == (200, "page")


@pytest.mark.usefixtures("_cache")
@pytest.mark.urls("tests.urls_of_peers")
def test_behind_the_cache_a_rule_comes_too_late(client, settings, schedule):
    """Why W002 says to move it."""
    settings.MIDDLEWARE = [UPDATE, FETCH, OURS]
    assert answer(client, "/page/") == (200, "page")

    schedule("/page/", "/for-now/")

    assert answer(client, "/page/") == (200, "page")
