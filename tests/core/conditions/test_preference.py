import pytest

from temp_redirects.core.conditions.preference import Preference
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit


def visit(cookie):
    return Visit("/", headers={"Cookie": cookie})


@pytest.mark.parametrize(
    ("cookie", "holds"),
    [
        pytest.param("temp_redirects_stay=region", True, id="chosen"),
        pytest.param("temp_redirects_stay=news.region", True, id="among others"),
        pytest.param("temp_redirects_stay=news", False, id="another one"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_it_holds_for_who_chose_to_stay(cookie, holds):
    assert Preference.parse("region").holds(visit(cookie)) is holds


@pytest.mark.parametrize(
    ("text", "words"), [("", "Name the choice"), ("a b", "is no choice’s name")]
)
def test_what_is_no_choice_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        Preference.parse(text)


def test_it_is_told_in_words():
    region = Preference.parse("region, news")
    assert str(region) == "region, news"
    assert str(region.describe()) == ("visitors who chose to stay (“region” or “news”)")
    assert str(region.explain(visit("temp_redirects_stay=b.a"))) == (
        "visitor chose a and b, wanted region or news"
    )
    assert "visitor chose nothing" in str(region.explain(Visit("/")))


def test_its_answer_stands_in_no_shared_cache():
    region = Preference.parse("region")
    assert region.consulted(Visit("/")) == ("Cookie",)
    assert region.is_personal(Visit("/"))


def test_its_kind_is_stored_and_never_renamed():
    assert Preference.kind == "preference"
