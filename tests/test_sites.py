"""The site as the core judges it: hosts, and paths that no rule redirects."""

import re

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path, reverse_lazy, set_script_prefix
from django.utils.translation import gettext_lazy

from temp_redirects.sites import current_site, site_timezone
from tests.urls import page


@pytest.fixture
def prefixed():
    set_script_prefix("/app/")
    yield
    set_script_prefix("/")


def site_of(*urlpatterns):
    """Return the site of these URL patterns."""
    return current_site(urlpatterns)


def test_the_literal_allowed_hosts_are_the_sites_own(settings):
    settings.ALLOWED_HOSTS = ["Shop.Example.", ".Example.org", "127.0.0.1"]

    assert current_site().hosts == {"shop.example", "127.0.0.1"}
    assert current_site().host_suffixes == (".example.org",)


def test_a_site_that_answers_every_host_says_so(settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert current_site().answers_any_host
    assert current_site().hosts == frozenset()


def test_in_debug_without_allowed_hosts_the_local_ones_are_the_sites_own(settings):
    settings.ALLOWED_HOSTS = []
    assert current_site().hosts == frozenset()

    settings.DEBUG = True
    assert current_site().hosts == {"localhost", "127.0.0.1", "[::1]"}


PROTECTED = [
    pytest.param("/admin/", id="the admin"),
    pytest.param("/admin/auth/user/", id="a page of the admin"),
    pytest.param("/admin", id="the admin without its slash"),
    pytest.param("/static/shop.css", id="static files"),
    pytest.param("/media/cat.png", id="media files"),
    pytest.param("/robots.txt", id="robots"),
    pytest.param("/.well-known/acme-challenge/x", id="certificates"),
    pytest.param("/health/", id="what the settings add"),
    pytest.param("/maintenance/", id="this app's own addresses"),
]


@pytest.mark.parametrize("path", PROTECTED)
def test_built_in_paths_are_protected(settings, path):
    settings.MEDIA_URL = "/media/"
    settings.TEMP_REDIRECTS = {"PROTECTED_PATHS": ["/health/"]}

    assert current_site().protects(path)


@pytest.mark.parametrize(
    "path", ["/administration/", "/staticfiles/", "/robots.txt.bak"]
)
def test_protection_ends_with_the_segment(path):
    assert not current_site().protects(path)


def test_static_files_at_the_root_or_elsewhere_protect_nothing(settings):
    settings.STATIC_URL = "/"
    settings.MEDIA_URL = "https://cdn.example/media/"

    assert not current_site().protects("/")
    assert not current_site().protects("/media/x")


def test_every_language_of_the_admin_is_protected(settings):
    settings.ROOT_URLCONF = "tests.urls_in_languages"
    settings.LANGUAGES = [("en-us", "English"), ("de", "German")]
    settings.LOGIN_URL = "login"

    site = current_site()

    assert site.protects("/de/admin/")
    assert site.protects("/en-us/admin/")
    assert site.protects("/de/inner/office/")
    assert site.protects("/tenants/juniper/office/")
    assert not site.protects("/de/shop/")
    assert site.is_login("/de/login/")
    assert site.is_login("/en-us/login/")


def test_the_script_prefix_is_part_of_protected_paths(prefixed):
    assert current_site().protects("/app/admin/")
    assert not current_site().protects("/admin/")


def test_media_that_are_not_set_protect_nothing_under_a_script_prefix(
    settings, prefixed
):
    settings.MEDIA_URL = ""

    assert not current_site().protects("/app/shop/")


def test_another_urlconf_of_the_request_has_its_own_paths():
    assert not current_site("tests.urls_without_app").protects("/maintenance/")


def test_the_login_url_of_the_settings_is_a_login(settings):
    settings.LOGIN_URL = "/enter/"
    assert current_site().is_login("/enter/")

    settings.LOGIN_URL = reverse_lazy("login")
    assert current_site().is_login("/login/")


@pytest.mark.parametrize("url", ["no-such-view", reverse_lazy("no-such-view")])
def test_a_login_url_that_leads_nowhere_is_no_obstacle(settings, url):
    settings.LOGIN_URL = url

    assert not current_site().is_login("/enter/")
    assert current_site().is_login("/login/")


def test_without_translation_there_is_one_language(settings):
    settings.USE_I18N = False

    assert current_site().protects("/admin/")


# The default language of these tests, “en-us”, is none of Django's LANGUAGES.
IN_LANGUAGES = [
    path("admin/", admin.site.urls),
    path("enter/", page, name="login"),
]


@pytest.mark.parametrize("prefixes_default", [True, False])
@pytest.mark.parametrize("language", ["", "/en-us", "/en", "/de", "/zh-hans"])
def test_each_spelling_of_a_language_is_kept(language, prefixes_default):
    """Without one too: the default language, or what LocaleMiddleware redirects."""
    site = site_of(
        *i18n_patterns(*IN_LANGUAGES, prefix_default_language=prefixes_default)
    )

    assert site.protects(f"{language}/admin/login/")
    assert site.is_login(f"{language}/enter/")
    assert not site.protects(f"{language}/shop/")
    assert not site.is_login(f"{language}/shop/")


def test_translated_routes_are_kept_as_each_language_has_them():
    site = site_of(
        *i18n_patterns(path(gettext_lazy("Home"), include(IN_LANGUAGES))),
        re_path(gettext_lazy("Delete"), admin.site.urls),
    )

    assert site.protects("/de/Startadmin/")
    assert site.is_login("/de/Startenter/")
    assert site.protects("/Löschen/")
    assert site.protects("/Delete/")
    assert not site.protects("/de/Homeadmin/")


AT_THE_ROOT = [
    pytest.param("/", True, id="its index"),
    pytest.param("/login/", True, id="its login"),
    pytest.param("/logout", True, id="its logout without the slash"),
    pytest.param("/jsi18n/", True, id="a view of its own"),
    pytest.param("/auth/", True, id="an app in it"),
    pytest.param("/auth/user/1/change/", True, id="a page in it"),
    pytest.param("/r/1/2/", True, id="a view with arguments"),
    pytest.param("/shop/", False, id="what only its catch-all covers"),
    pytest.param("/authors/", False, id="the same letters, more of them"),
]


@pytest.mark.parametrize(("path_", "is_protected"), AT_THE_ROOT)
def test_an_admin_at_the_root_keeps_its_own_segments(path_, is_protected):
    site = site_of(path("", admin.site.urls))

    assert site.protects(path_) is is_protected


@pytest.mark.parametrize(("path_", "is_protected"), AT_THE_ROOT)
def test_an_admin_at_the_root_of_each_language_keeps_its_own(path_, is_protected):
    site = site_of(*i18n_patterns(path("", admin.site.urls)))

    assert site.protects(f"/de{path_}") is is_protected
    assert site.protects(path_) is is_protected


def test_an_admin_at_the_root_keeps_its_own_under_the_script_prefix(prefixed):
    site = site_of(path("", admin.site.urls))

    assert site.protects("/app/")
    assert site.protects("/app/login/")
    assert not site.protects("/app/shop/")


def test_a_login_at_the_root_is_that_page_alone():
    site = site_of(path("", page, name="login"))

    assert site.is_login("/")
    assert not site.is_login("/shop/")


@pytest.mark.parametrize("url", ["/", "/app/"])
def test_a_login_url_at_the_root_is_that_page_alone(settings, prefixed, url):
    settings.LOGIN_URL = url

    assert current_site().is_login(url)
    assert not current_site().is_login(f"{url}shop/")


@pytest.mark.parametrize(
    "name", ["accounts:enter", "staff:enter", "mfa_authenticate", "account_login"]
)
def test_logins_are_found_by_name_and_namespace(settings, name):
    settings.LOGIN_URL = name
    urls = [path("enter/", page, name=name.rpartition(":")[2])]
    included = include((urls, "accounts"), "staff") if ":" in name else include(urls)
    site = site_of(path("users/", included))

    assert site.is_login("/users/enter/")
    assert not site.is_login("/users/")


def test_a_name_in_another_namespace_is_no_login():
    urls = [path("enter/", page, name="login")]

    assert not site_of(path("", include((urls, "shop")))).is_login("/enter/")


def test_a_login_with_arguments_is_left_out():
    site = site_of(path("<slug:tenant>/enter/", page, name="login"))

    assert not site.is_login("/juniper/enter/")


@pytest.mark.parametrize(
    "regex",
    [
        pytest.param(r"^admin/", id="anchored"),
        pytest.param(r"\Aadmin/", id="anchored otherwise"),
        pytest.param(r"^(?:back|ad)?min/", id="either word"),
        pytest.param(r"^(?i:ADMIN)/", id="in any case"),
        pytest.param(r"(?i)^admin/", id="in any case, by a flag"),
        pytest.param(r"(?P<a>adm)in(?P=a)?/", id="a reference to a group"),
        pytest.param(r"(adm)in(?:\1)?/", id="a reference by number"),
        pytest.param(r"(?P<x>x)?ad(?(x)x|min)/", id="one of two by a group"),
    ],
)
def test_an_admin_is_protected_whatever_its_regex_has_in_it(regex):
    inner = include([re_path(regex, admin.site.urls)])
    site = site_of(path("<slug:tenant>/", inner), path("admin/", inner))

    assert site.protects("/juniper/admin/login/")
    assert not site.protects("/shop/")


@pytest.mark.parametrize(
    ("regex", "start"),
    [
        (r"^staff/(\w)/x(?!\1)/", "/staff/"),
        (r"^staf?f(\w)(?!\1)/", "/sta"),
        (r"^(\w)(?!\1)/", "/"),
        (r"^ad(?P<a>m)i(?<=(?P=a)i)n/", "/ad"),
        (r"^a\.b(\w)(?!\1)/", "/a.b"),
    ],
)
def test_a_regex_that_cannot_be_loosened_protects_all_that_begins_like_it(regex, start):
    site = site_of(re_path(regex, admin.site.urls))

    assert [each.pattern for each in site.protected_patterns] == [re.escape(start)]


def test_arguments_of_the_same_name_are_no_obstacle():
    inner = include([re_path(r"^(?P<name>\w+)/admin/", admin.site.urls)])

    assert site_of(path("<slug:name>/", inner)).protects("/a/b/admin/")


def test_rules_are_planned_in_the_sites_time_zone():
    assert site_timezone() == "Europe/Berlin"


@pytest.mark.parametrize(
    ("regex", "path"),
    [
        pytest.param(r"(?i)^admin/", "/Admin/login/", id="in any case"),
        pytest.param(r"^x/|^admin/", "/admin/login/", id="the second of two"),
        pytest.param(r"^x/|^admin/", "/x/login/", id="the first of two"),
        pytest.param(r"^(^x|^admin)/", "/admin/login/", id="two in a group"),
    ],
)
def test_an_admin_is_protected_however_its_regex_is_written(regex, path):
    site = site_of(re_path(regex, admin.site.urls))

    assert site.protects(path)
    assert not site.protects("/shop/admin/")
