import pytest

from temp_redirects.core.conditions.language import Language
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site
from temp_redirects.core.visits import Visit

SITE = Site(language_cookie="django_language")


def visit(header, cookie=""):
    headers = {"Accept-Language": header, "Cookie": cookie}
    return Visit("/", headers=headers, site=SITE)


@pytest.mark.parametrize("typed", ["German or French", "de, fr", "de or fr"])
def test_one_of_several_is_written_with_commas(typed):
    assert str(Language.parse(typed)) == "de, fr"


@pytest.mark.parametrize(
    ("text", "header", "holds"),
    [
        pytest.param("de", "de", True, id="German"),
        pytest.param("de", "de-AT, en;q=0.8", True, id="Austrian German"),
        pytest.param("de-AT", "de", False, id="no more than German"),
        pytest.param("de", "en, de;q=0.8", False, id="English first"),
        pytest.param("de", "fr, de;q=0.8, en;q=0.5", False, id="French first"),
        pytest.param("de, fr", "fr-CA, en;q=0.5", True, id="either"),
        pytest.param("fr", "fr;q=0", False, id="excluded"),
        pytest.param("de", "de;q=0, de-AT", False, id="excluded, but for a region"),
        pytest.param("de", "*", False, id="any is nobody's preference"),
        pytest.param("de", "", False, id="unknown holds nothing"),
        pytest.param("de over en", "fr, de;q=0.8, en;q=0.5", True, id="before"),
        pytest.param("de over en", "fr, en;q=0.8, de;q=0.5", False, id="after"),
        pytest.param("de over en", "fr, de;q=0.1", True, id="the other not at all"),
        pytest.param("de over en", "fr", False, id="neither"),
        pytest.param("de over en", "de, *;q=0.5", True, id="the other with the rest"),
    ],
)
def test_it_holds_where_a_language_is_preferred(text, header, holds):
    assert Language.parse(text).holds(visit(header)) is holds


def test_what_was_chosen_on_this_site_counts_first():
    german = Language.parse("de")
    assert german.holds(visit("en", "django_language=de"))
    assert not german.holds(visit("de", "django_language=en"))
    assert not german.holds(Visit("/", headers={"Cookie": "django_language=de"}))


@pytest.mark.parametrize(
    ("text", "header", "tag"),
    [
        pytest.param("DE", "de-at", "DE", id="as staff wrote it"),
        pytest.param("de, de-AT", "de-AT", "de-AT", id="the most exact one"),
        pytest.param("de, fr", "fr-CA", "fr", id="the one that holds"),
        pytest.param("de over en", "de", "de", id="the first of two"),
        pytest.param("de", "en", "", id="none"),
    ],
)
def test_it_gives_the_tag_that_staff_wrote(text, header, tag):
    assert Language.parse(text).captures(visit(header)) == {"language": tag}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "Name a language", id="nothing"),
        pytest.param("Klingon", "is no language", id="no language"),
        pytest.param("de over", "is no language", id="over nothing"),
        pytest.param("de over DE", "names one language twice", id="over itself"),
        pytest.param("de over en over fr", "is no language", id="three of them"),
    ],
)
def test_what_is_no_language_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        Language.parse(text)


def test_it_is_written_in_tags_whatever_was_typed():
    assert str(Language.parse("German, French over English")) == "de, fr over en"


def test_it_is_told_in_words():
    german = Language.parse("de, fr over en")
    assert str(german.explain(visit("en, de;q=0.5"))) == (
        "languages are en, de, wanted de or fr over en"
    )
    assert "languages are unknown" in str(german.explain(visit("")))
    assert str(german.describe()) == (
        "visitors who prefer German or French over English"
    )


def test_the_cookie_is_consulted_where_the_site_has_one():
    german = Language.parse("de")
    assert german.consulted(visit("de")) == ("Accept-Language", "Cookie")
    assert german.consulted(Visit("/")) == ("Accept-Language",)


def test_its_kind_is_stored_and_never_renamed():
    assert Language.kind == "language"
