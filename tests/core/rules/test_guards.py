import pytest

from temp_redirects.core.visits import Visit
from tests.core.making import (
    NOON,
    SITE,
    make_rule,
)


def holds(rule, visit):
    """Say whether the visit passes every check of the rule."""
    return all(each.holds(visit, NOON) for each in rule.checks)


@pytest.mark.parametrize(
    ("match", "source", "path", "may"),
    [
        pytest.param("prefix", "/", "/admin/", False, id="the admin, by a catch-all"),
        pytest.param("prefix", "/", "/admin/auth/", False, id="under it"),
        pytest.param("exact", "/admin/", "/admin/", False, id="the admin, by its name"),
        pytest.param("prefix", "/", "/accounts/login/", False, id="login, catch-all"),
        pytest.param("exact", "/accounts/login/", "/accounts/login/", True, id="named"),
        pytest.param("prefix", "/", "/shop/", True, id="any other path"),
    ],
)
def test_protected_paths_are_never_redirected(match, source, path, may):
    rule = make_rule(source, "/new/", match=match)
    assert holds(rule, Visit(path, site=SITE)) is may


@pytest.mark.parametrize(
    ("path", "target", "visited", "is_redirected"),
    [
        pytest.param("/", "/m/", "/x", True, id="a catch-all"),
        pytest.param("/", "/m/", "/m/", False, id="and its target"),
        pytest.param("/", "/m/", "/m/site.css", False, id="and what lies under it"),
        pytest.param("/", "/m/", "/mm/", True, id="whole segments"),
        pytest.param("/", "/m", "/m", False, id="a target without a slash"),
        pytest.param("/", "/m", "/m/site.css", False, id="and what lies under that"),
        pytest.param("/", "/m", "/mm", True, id="whole segments there too"),
        pytest.param("/blog/", "/blog/old/{rest}", "/blog/a", True, id="into itself"),
        pytest.param("/blog/", "/blog/old/{rest}", "/blog/old/a", False, id="once"),
        pytest.param("/blog/", "/blog/old-{rest}", "/blog/a", True, id="a new name"),
        pytest.param("/blog/", "/blog/old-{rest}", "/blog/old-a", False, id="one time"),
        pytest.param("/", "/old{path}", "/a", True, id="everything moved down"),
        pytest.param("/", "/old{path}", "/old/a", False, id="once only"),
        pytest.param("/", "/old{path}", "/older", True, id="by whole segments"),
        pytest.param("/", "/find?q={rest}", "/find", False, id="the query aside"),
        pytest.param("/shop/", "/m/", "/shop/x", True, id="a target elsewhere"),
    ],
)
def test_a_rule_never_matches_its_own_output(path, target, visited, is_redirected):
    rule = make_rule(path, target, match="prefix")
    assert holds(rule, Visit(visited, site=SITE)) is is_redirected


@pytest.mark.parametrize(
    ("target", "scheme", "host", "is_redirected"),
    [
        pytest.param(
            "https://shop.example/m/", "https", "shop.example", False, id="at"
        ),
        pytest.param(
            "https://Shop.Example:443/m/",
            "https",
            "shop.example:443",
            False,
            id="spelt",
        ),
        pytest.param(
            "https://shop.example/m/", "http", "shop.example", True, id="http"
        ),
        pytest.param(
            "https://shop.example/m/", "https", "www.shop.example", True, id="w"
        ),
        pytest.param(
            "https://pay.example/m/", "https", "shop.example", True, id="abroad"
        ),
        pytest.param(
            "https://{host}/m/", "https", "shop.example", False, id="own host"
        ),
        pytest.param("https://{host}/m/", "http", "shop.example", True, id="and http"),
        pytest.param("/m/", "http", "any.test", False, id="relative: every host"),
    ],
)
def test_the_own_output_is_known_with_its_scheme_and_host(
    target, scheme, host, is_redirected
):
    rule = make_rule("/", target, match="prefix")
    visit = Visit("/m/site.css", scheme=scheme, host=host, site=SITE)
    assert holds(rule, visit) is is_redirected
