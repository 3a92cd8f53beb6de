import pytest

from temp_redirects.core.sentences import Refused, Sentence, listed


def test_a_sentence_is_its_template_filled_with_its_facts():
    assert str(Sentence("starts {at}", at="noon")) == "starts noon"


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param("{path}", id="a placeholder that somebody typed"),
        pytest.param("{0.__class__}", id="format syntax that reads attributes"),
        pytest.param("}{", id="braces that do not pair"),
    ],
)
def test_braces_in_a_fact_stay_as_they_are(fact):
    assert str(Sentence("to {target}", target=fact)) == f"to {fact}"


def test_a_fact_may_have_any_name():
    assert str(Sentence("{template} {self}", template=1, self=2)) == "1 2"


def test_sentences_that_read_the_same_are_equal():
    one, same = Sentence("at {x}", x="noon"), Sentence("{x} noon", x="at")
    assert one == same
    assert hash(one) == hash(same)
    assert one != Sentence("at {x}", x="one")


def test_a_sentence_shows_its_text_to_developers():
    assert repr(Sentence("at {x}", x="noon")) == "Sentence('at noon')"


def test_a_refusal_says_its_sentence_and_is_a_value_error():
    refused = Refused("“{text}” is no path.", text="x")
    assert isinstance(refused, ValueError)
    assert str(refused) == "“x” is no path."
    assert refused.sentence == Sentence("“x” is no path.")
    assert refused.sentence.facts == {"text": "x"}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param(["DE"], "DE", id="one"),
        pytest.param(["DE", "AT"], "DE or AT", id="two, no comma"),
        pytest.param(("DE", "AT", "CH"), "DE, AT or CH", id="three"),
    ],
)
def test_words_are_listed_as_people_list_them(words, text):
    assert listed(words) == text


def test_the_last_word_is_joined_as_asked():
    assert listed(["a", "b"], "and") == "a and b"
