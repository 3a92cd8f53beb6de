import pytest

from temp_redirects.core.patterns import Exact, Prefix


@pytest.mark.parametrize(
    ("base", "path", "rest"),
    [
        pytest.param("/shop/", "/shop/", "", id="itself"),
        pytest.param("/shop/", "/shop", "", id="without its slash"),
        pytest.param("/shop", "/shop/x/y", "x/y", id="what is under it"),
        pytest.param("/shop/", "/shop/x/", "x/", id="its slash at the end stays"),
        pytest.param("/shop/", "/shop//x", "/x", id="a second slash is the visitor’s"),
        pytest.param("/", "/x/y", "x/y", id="the root"),
        pytest.param("/", "", "", id="nothing at all"),
        pytest.param("/shop", "/shop/\udcff", "\udcff", id="bytes stay bytes"),
    ],
)
def test_rest_is_what_follows_the_prefix(base, path, rest):
    assert Prefix(base).match(path) == {"rest": rest}


@pytest.mark.parametrize(
    ("path", "is_matched"),
    [
        pytest.param("/p", True, id="the path"),
        pytest.param("/p/", False, id="a slash more"),
        pytest.param("/P", False, id="another case"),
        pytest.param("/p/x", False, id="under it"),
        pytest.param("/p\n", False, id="a line break more"),
    ],
)
def test_exact_means_exact(path, is_matched):
    assert (Exact("/p").match(path) == {}) is is_matched


@pytest.mark.parametrize("kind", [Exact, Prefix])
def test_the_literal_part_ignores_a_slash_at_the_end(kind):
    assert kind("/shop/").literal == kind("/shop").literal == "/shop"
