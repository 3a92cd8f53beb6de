import pytest

from temp_redirects.core.conditions.cookie import Cookie
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit


@pytest.mark.parametrize(
    ("text", "header", "holds"),
    [
        pytest.param("beta", "beta=yes", True, id="present"),
        pytest.param("beta", "beta=", True, id="present, and empty"),
        pytest.param("Beta", "beta=yes", False, id="a name has a case"),
        pytest.param("beta", "alpha=1", False, id="absent"),
        pytest.param("beta: yes, on", "a=1; beta=on", True, id="one of"),
        pytest.param("beta: yes", "beta=yes; beta=no", False, id="the last counts"),
        pytest.param("beta: y*", "beta=yes", True, id="a wildcard"),
    ],
)
def test_it_holds_where_the_cookie_is_as_wanted(text, header, holds):
    visit = Visit("/", headers={"Cookie": header})
    assert Cookie.parse(text).holds(visit) is holds


@pytest.mark.parametrize("name", ["a b", "a=b", "a;b", "bêta", "x" * 101])
def test_what_is_no_cookies_name_is_refused(name):
    with pytest.raises(Refused, match="is no cookie’s name"):
        Cookie.parse(name)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        pytest.param("beta=yes", "cookie beta is “as wanted”, wanted “yes”", id="yes"),
        pytest.param("beta=s3cret", "cookie beta is “another value”, wanted “yes”",
                     id="another"),
        pytest.param("", "cookie beta is not there, wanted “yes”", id="none"),
    ],
)  # fmt: skip
def test_the_trace_never_shows_what_a_cookie_says(header, said):
    visit = Visit("/", headers={"Cookie": header})
    assert str(Cookie.parse("beta: yes").explain(visit)) == said


def test_it_is_told_in_words():
    beta = Cookie.parse("beta")
    assert str(beta.describe()) == "visitors with the cookie beta"


def test_its_answer_stands_in_no_shared_cache():
    beta = Cookie.parse("beta")
    assert beta.consulted(Visit("/")) == ("Cookie",)
    assert beta.is_personal(Visit("/"))


def test_its_kind_is_stored_and_never_renamed():
    assert Cookie.kind == "cookie"
