import pytest

from temp_redirects.core.conditions.query import Query
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import MAX_QUERY, Visit


@pytest.mark.parametrize(
    ("text", "query", "holds"),
    [
        pytest.param("page", "page=2", True, id="present"),
        pytest.param("page", "page", True, id="present without a value"),
        pytest.param("page", "a=1&&page=", True, id="present and empty"),
        pytest.param("page", "pages=2&a=page", False, id="absent"),
        pytest.param("page", "", False, id="no query"),
        pytest.param("page: 2, 3", "page=3", True, id="one of"),
        pytest.param("page: 2", "page=2&page=9", False, id="the last counts"),
        pytest.param("page: 2", "a=1;page=2", False, id="a semicolon is no separator"),
        pytest.param("q: a b", "q=a+b", True, id="a plus is a blank"),
        pytest.param("q: a/b", "q=a%2Fb", True, id="encoded"),
        pytest.param("é: 1", "%C3%A9=1", True, id="an encoded name"),
        pytest.param("a b: 1", "a+b=1", True, id="a name with a blank"),
        pytest.param("a b: 1", "a%20b=1", True, id="another spelling of the blank"),
        pytest.param("a+b: 1", "a+b=1", False, id="a plus in a name is no plus"),
        pytest.param("a+b: 1", "a%2Bb=1", True, id="an encoded plus is one"),
        pytest.param("PAGE", "page=2", False, id="a name has its case"),
        pytest.param("J", "%4a&%4A=1", True, id="hex digits in any case"),
        pytest.param("page: 2", "%70ag%65=2", True, id="encoded without need"),
        pytest.param("a.c", "abc=1", False, id="a name is no pattern"),
        pytest.param("page", "%61=&" * 800 + "page", True, id="801 fields"),
        pytest.param("page: 2", f"{'a=&' * 1_001}page=2", True, id="1,002 fields"),
        pytest.param("page", "page=" + "x" * MAX_QUERY, False, id="too long to read"),
    ],
)
def test_it_holds_where_the_parameter_is_as_wanted(text, query, holds):
    assert Query.parse(text).holds(Visit("/", query=query)) is holds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("page=2", "has a “[?]”, “&” or “=”", id="as in an address"),
        pytest.param("?page", "has a “[?]”, “&” or “=”", id="with the sign before it"),
        pytest.param("x" * 201, "longer than 200", id="too long"),
    ],
)
def test_what_is_no_parameters_name_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        Query.parse(text)


def test_it_is_told_in_words():
    page = Query.parse("page: 2, 3")
    assert str(page.describe()) == "requests with the parameter page “2” or “3”"
    assert str(page.explain(Visit("/", query="page=4"))) == (
        "parameter page is “4”, wanted “2” or “3”"
    )


def test_the_address_is_in_every_caches_key_already():
    assert Query.parse("page").consulted(Visit("/")) == ()


def test_its_kind_is_stored_and_never_renamed():
    assert Query.kind == "query"
