import pytest

from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("http", "http", id="http"),
        pytest.param("https", "https", id="https"),
        pytest.param(" HTTPS ", "https", id="as people type it"),
    ],
)
def test_a_scheme_is_one_of_two(text, wanted):
    assert Scheme.parse(text) == Scheme(wanted)


@pytest.mark.parametrize("text", ["", "ftp", "http, https", "https://", "ws"])
def test_every_other_scheme_is_refused(text):
    with pytest.raises(Refused, match="neither “http” nor “https”"):
        Scheme.parse(text)


@pytest.mark.parametrize(
    ("wanted", "asked", "holds"),
    [
        pytest.param("http", "http", True, id="http as wanted"),
        pytest.param("http", "https", False, id="https is more than http"),
        pytest.param("https", "https", True, id="https as wanted"),
        pytest.param("https", "http", False, id="http is not enough"),
        pytest.param("http", "", False, id="unknown holds nothing"),
        pytest.param("http", "ws", False, id="a WebSocket is neither"),
    ],
)
def test_it_holds_where_the_request_came_over_that_scheme(wanted, asked, holds):
    assert Scheme(wanted).holds(Visit("/", scheme=asked)) is holds


def test_what_a_header_says_of_the_scheme_is_not_asked():
    visit = Visit("/", scheme="http", headers={"X-Forwarded-Proto": "https"})
    assert not Scheme("https").holds(visit)


def test_the_header_of_a_trusted_proxy_is_consulted_where_there_is_one():
    proxied = Visit("/", scheme_header="X-Forwarded-Proto")
    assert Scheme("http").consulted(proxied) == ("X-Forwarded-Proto",)
    assert Scheme("http").consulted(Visit("/")) == ()


def test_it_is_told_in_words():
    scheme = Scheme("https")
    assert str(scheme.explain(Visit("/"))) == "scheme is http, wanted https"
    assert str(scheme.describe()) == "visits over https"


def test_its_kind_is_stored_and_never_renamed():
    assert Scheme.kind == "scheme"
