import pytest

from temp_redirects.core.countries import (
    EUROPEAN_UNION,
    NAMES,
    country_name,
    is_within,
    known_country,
    parse_country,
)
from temp_redirects.core.sentences import Refused


def test_all_countries_have_a_code_of_two_letters_and_a_name():
    assert len(NAMES) == 250
    assert all(
        len(code) == 2 and code.isupper() and name for code, name in NAMES.items()
    )
    assert len(EUROPEAN_UNION) == 27
    assert set(NAMES) >= EUROPEAN_UNION


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("DE", "DE", id="a code"),
        pytest.param(" de ", "DE", id="as people type it"),
        pytest.param("Germany", "DE", id="a name"),
        pytest.param("united kingdom", "GB", id="a name of two words"),
        pytest.param("UK", "GB", id="a name that looks like a code"),
        pytest.param("EU", "EU", id="the Union"),
    ],
)
def test_a_country_is_read_by_code_or_name(text, code):
    assert parse_country(text) == code


@pytest.mark.parametrize("text", ["", "D", "ZZ", "DEU", "Atlantis", "T1"])
def test_every_other_country_is_refused(text):
    with pytest.raises(Refused, match="is no country"):
        parse_country(text)


@pytest.mark.parametrize(
    ("told", "known"),
    [("de", "DE"), (" AT ", "AT"), ("EU", "EU"), ("XX", ""), ("T1", ""), ("DEU", ""),
     ("", "")],
)  # fmt: skip
def test_what_a_proxy_tells_is_a_country_or_unknown(told, known):
    assert known_country(told) == known


def test_the_union_has_its_members():
    assert is_within("AT", ("EU",))
    assert is_within("EU", ("EU",))
    assert not is_within("CH", ("EU", "US"))


def test_countries_have_names_for_people():
    assert country_name("AT") == "Austria"
    assert country_name("EU") == "the European Union"
