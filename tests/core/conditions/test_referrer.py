import pytest

from temp_redirects.core.conditions.referrer import Referrer
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

NEWS = "https://news.example/today"


def visit(referrer):
    return Visit("/", headers={"Referer": referrer})


@pytest.mark.parametrize(
    ("text", "referrer", "holds"),
    [
        pytest.param("*", NEWS, True, id="any"),
        pytest.param("*", "", False, id="an empty one is none"),
        pytest.param("https://news.example/*", NEWS, True, id="starts with"),
        pytest.param("https://news.example/", NEWS, False, id="the whole address"),
        pytest.param("https://a.example/, *news.example*", NEWS, True, id="one of"),
    ],
)
def test_it_holds_for_who_comes_from_there(text, referrer, holds):
    assert Referrer.parse(text).holds(visit(referrer)) is holds


def test_without_a_referrer_nobody_knows():
    assert not Referrer.parse("*").holds(Visit("/"))


def test_an_address_has_to_be_named():
    with pytest.raises(Refused, match=r"or “\*” for any"):
        Referrer.parse(" ")


def test_it_is_told_in_words():
    news = Referrer.parse("https://news.example/*")
    assert str(news.describe()) == "visitors who come from “https://news.example/*”"
    assert str(Referrer.parse("*").describe()) == "visitors who come from any page"
    assert str(news.explain(visit("https://b.example/?secret=1"))) == (
        "referrer is “https://b.example/”, wanted “https://news.example/*”"
    )
    assert str(news.explain(Visit("/"))) == (
        "referrer is not there, wanted “https://news.example/*”"
    )
    assert news.consulted(Visit("/")) == ("Referer",)


def test_its_kind_is_stored_and_never_renamed():
    assert Referrer.kind == "referrer"
