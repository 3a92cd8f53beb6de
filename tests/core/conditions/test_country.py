import pytest

from temp_redirects.core.conditions.country import Country
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit


@pytest.mark.parametrize(
    ("text", "country", "holds"),
    [
        pytest.param("DE, AT", "AT", True, id="one of them"),
        pytest.param("DE, AT", "CH", False, id="none of them"),
        pytest.param("EU", "FR", True, id="a member of the Union"),
        pytest.param("EU", "NO", False, id="no member"),
        pytest.param("DE, AT", "", False, id="unknown holds nothing"),
    ],
)
def test_it_holds_where_the_country_is_known_to_be_wanted(text, country, holds):
    assert Country.parse(text).holds(Visit("/", country=country)) is holds


@pytest.mark.parametrize(
    "typed",
    ["germany, at, DE", "Germany or Austria", "DE OR AT", "germany,DE or at, austria"],
)
def test_it_is_written_in_codes_whatever_was_typed(typed):
    assert str(Country.parse(typed)) == "DE, AT"


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Name a country"), ("Germany and Austria", "is no country")],
)
def test_what_is_no_country_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        Country.parse(text)


def test_it_is_told_in_words():
    country = Country.parse("DE, FR")
    assert str(country.explain(Visit("/", country="AT"))) == (
        "country is AT, wanted DE or FR"
    )
    assert str(country.explain(Visit("/"))) == "country is unknown, wanted DE or FR"
    assert str(country.describe()) == "visitors from Germany or France"


def test_a_country_from_a_header_varies_by_it():
    visit = Visit("/", country="DE", country_headers=("CF-IPCountry",))
    country = Country.parse("DE")
    assert country.consulted(visit) == ("CF-IPCountry",)
    assert not country.is_personal(visit)


def test_a_country_by_address_stands_in_no_shared_cache():
    visit = Visit("/", country="DE", country_is_by_address=True)
    assert Country.parse("DE").is_personal(visit)


def test_its_kind_is_stored_and_never_renamed():
    assert Country.kind == "country"
