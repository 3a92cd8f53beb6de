import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.languages import (
    NAMES,
    Preferences,
    covers,
    language_name,
    parse_tag,
)
from temp_redirects.core.sentences import Refused


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        pytest.param("de", "de", id="a tag"),
        pytest.param(" de-AT ", "de-AT", id="with a region, its case as written"),
        pytest.param("pt_BR", "pt-BR", id="as locales are written"),
        pytest.param("zh-Hans", "zh-Hans", id="a script"),
        pytest.param("German", "de", id="a name"),
        pytest.param("swiss german", "gsw", id="a name of two words"),
    ],
)
def test_a_language_is_read_by_tag_or_name(text, tag):
    assert parse_tag(text) == tag


@pytest.mark.parametrize(
    "text", ["", "x", "*", "Klingon", "de-", "d3", "de AT", "e" * 99]
)
def test_every_other_language_is_refused(text):
    with pytest.raises(Refused, match="is no language"):
        parse_tag(text)


def test_languages_have_names_for_people():
    assert NAMES["de"] == "German"
    assert language_name("de-AT") == "German (AT)"
    assert language_name("tlh") == "tlh"


@pytest.mark.parametrize(
    ("tag", "asked", "is_covered"),
    [
        ("de", "de-AT", True),
        ("de", "de", True),
        ("DE", "de-at", True),
        ("de", "den", False),
        ("de-AT", "de", False),
        ("zh-Hant", "zh-Hant-TW", True),
    ],
)
def test_a_tag_answers_more_exact_ones(tag, asked, is_covered):
    assert covers(tag, asked) is is_covered


@pytest.mark.parametrize(
    ("header", "first"),
    [
        pytest.param("de-AT,de;q=0.9,en;q=0.8", "de-at", id="a browser in Austria"),
        pytest.param("en;q=0.5, de;q=0.9", "de", id="weights before order"),
        pytest.param("de, en", "de", id="order where weights are equal"),
        pytest.param("de ; q=0.1 , fr;Q=1.0", "fr", id="blanks and a capital"),
        pytest.param("de;q=0", "", id="not wanted"),
        pytest.param("*", "", id="any"),
        pytest.param("*, de;q=0.9", "", id="any before all"),
        pytest.param("", "", id="nothing"),
        pytest.param("de;q=2, fr;q=-1, ;q, en;q=1.0000", "", id="junk"),
        pytest.param("??, de", "de", id="junk beside a language"),
        pytest.param("de;q=0.5, de;q=1, en;q=0.8", "en", id="twice: the first counts"),
        pytest.param("x" * 1_000_000, "", id="a megabyte"),
        pytest.param("de," + "en;q=0.5," * 1_000, "de", id="a long list, in part"),
        pytest.param("en;q=0.5," * 60 + "de", "en", id="fifty are enough"),
    ],
)
def test_the_language_wanted_most_comes_first(header, first):
    assert Preferences.read(header).first == first


@pytest.mark.parametrize(
    ("chosen", "first"),
    [("fr", "fr"), ("DE-at", "de-at"), ("", "en"), ("<junk>", "en"), ("a b", "en")],
)
def test_what_was_chosen_on_this_site_stands_above_all(chosen, first):
    assert Preferences.read("en, fr;q=0", chosen).first == first


@pytest.mark.parametrize(
    ("header", "tag", "place"),
    [
        pytest.param("de, en;q=0.5", "en", 1, id="second"),
        pytest.param("de-AT, en", "de", 0, id="by a more exact one"),
        pytest.param("de", "de-AT", None, id="not by a wider one"),
        pytest.param("de, *;q=0.1", "fr", 1, id="with all the others"),
        pytest.param("de, *;q=0.1, fr;q=0", "fr", None, id="excluded"),
        pytest.param("de, *;q=0", "fr", None, id="excluded with all the others"),
        pytest.param("*, de;q=0", "de-AT", None, id="excluded with its language"),
        pytest.param("de;q=0, de-AT", "de-AT", 0, id="wanted though its language not"),
        pytest.param("de;q=0, de-AT", "de", None, id="excluded itself"),
        pytest.param("de", "fr", None, id="nowhere"),
    ],
)
def test_every_language_has_its_place_or_none(header, tag, place):
    assert Preferences.read(header).place(tag) == place


def test_preferences_are_told_in_order_without_the_unwanted():
    assert str(Preferences.read("en;q=0.5, de, fr;q=0")) == "de, en"


@given(st.text(), st.text())
def test_whatever_is_sent_is_read(header, chosen):
    assert isinstance(Preferences.read(header, chosen).first, str)
