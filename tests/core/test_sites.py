import re

import pytest

from temp_redirects.core.sites import Site, normal_host

SITE = Site(protected=("/admin/", "/static/"), logins=("/accounts/login/",))


@pytest.mark.parametrize(
    ("path", "is_protected"),
    [
        pytest.param("/admin/", True, id="the root"),
        pytest.param("/admin", True, id="the root without its slash"),
        pytest.param("/admin/auth/user/", True, id="under it"),
        pytest.param("/static/site.css", True, id="the second prefix"),
        pytest.param("/administrators/", False, id="the same letters, more of them"),
        pytest.param("/Admin/", False, id="case counts in paths"),
        pytest.param("/de/admin/", False, id="not at the start"),
        pytest.param("/", False, id="above it"),
    ],
)
def test_protection_covers_whole_segments(path, is_protected):
    assert SITE.protects(path) is is_protected


@pytest.mark.parametrize(
    ("path", "is_login"),
    [
        pytest.param("/accounts/login/", True, id="the path"),
        pytest.param("/accounts/login", True, id="without its slash"),
        pytest.param("/accounts/logins/", False, id="another segment"),
        pytest.param("/accounts/", False, id="above it"),
    ],
)
def test_login_paths_are_known(path, is_login):
    assert SITE.is_login(path) is is_login


@pytest.mark.parametrize(
    ("path", "is_protected"),
    [
        pytest.param("/berlin/admin/", True, id="a root with an argument in it"),
        pytest.param("/berlin/admin", True, id="without its slash"),
        pytest.param("/berlin/admin/auth/", True, id="under it"),
        pytest.param("/berlin/administrators/", False, id="whole segments"),
        pytest.param("/admin/", False, id="no argument"),
    ],
)
def test_protection_covers_roots_with_arguments(path, is_protected):
    site = Site(protected_patterns=(re.compile("/[^/]+/admin/"),))
    assert site.protects(path) is is_protected


@pytest.mark.parametrize(
    ("path", "is_protected"), [("/", True), ("/shop/", False), ("/de/", False)]
)
def test_two_slashes_stand_for_that_page_alone(path, is_protected):
    assert Site(protected=("//",)).protects(path) is is_protected


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        pytest.param("shop.example", True, id="its name"),
        pytest.param("docs.test", True, id="the name of a suffix"),
        pytest.param("a.b.docs.test", True, id="under a suffix"),
        pytest.param("mydocs.test", False, id="the same letters, more of them"),
        pytest.param("www.shop.example", False, id="under a name"),
    ],
)
def test_a_site_owns_its_hosts_and_what_is_under_its_suffixes(host, is_own):
    site = Site(hosts=frozenset({"shop.example"}), host_suffixes=(".docs.test",))
    assert site.owns(host) is is_own


def test_a_site_without_settings_protects_nothing_and_lists_nobody():
    site = Site()
    assert not site.protects("/admin/")
    assert not site.is_login("/accounts/login/")
    assert not site.hosts
    assert not site.target_origins


@pytest.mark.parametrize(
    ("authority", "scheme", "normal"),
    [
        pytest.param("M.Docs.Test.", "", "m.docs.test", id="case and final dot"),
        pytest.param(" shop.example ", "", "shop.example", id="blanks around it"),
        pytest.param("shop.example:8000", "", "shop.example:8000", id="a port stays"),
        pytest.param("shop.example.:8000", "", "shop.example:8000", id="dot and port"),
        pytest.param("shop.example:443", "https", "shop.example", id="https default"),
        pytest.param("shop.example:80", "http", "shop.example", id="http default"),
        pytest.param("shop.example:80", "https", "shop.example:80", id="not https’s"),
        pytest.param("shop.example:443", "", "shop.example:443", id="unknown scheme"),
        pytest.param("shop.example:", "https", "shop.example", id="colon, no port"),
        pytest.param("[::1]", "http", "[::1]", id="IPv6 is full of colons"),
        pytest.param("[::1]:80", "http", "[::1]", id="IPv6 with a default port"),
        pytest.param("[::1]:8000", "http", "[::1]:8000", id="IPv6 with a port"),
        pytest.param("", "https", "", id="nothing"),
    ],
)
def test_hosts_are_compared_in_one_spelling(authority, scheme, normal):
    assert normal_host(authority, scheme) == normal
