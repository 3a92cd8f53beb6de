import pytest

from temp_redirects.core import sentences
from temp_redirects.core.sentences import Counted, Figure, Refused, Sentence, listed


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


class Backwards:
    """A language in which every message is read from its end, facts left alone."""

    def gettext(self, message):
        return self._said(message)

    def ngettext(self, singular, plural, number):
        return self._said(singular if number == 1 else plural)

    def _said(self, message):
        return " ".join(message.split(" ")[::-1]) if message != ", " else "; "


@pytest.fixture
def backwards(monkeypatch):
    monkeypatch.setattr(sentences, "speech", Backwards())


def test_a_sentence_is_told_in_the_language_of_the_moment(monkeypatch):
    sentence = Sentence("starts {at}", at=Sentence("at {hour}", hour=2))
    refused = Refused("no {what} here", what=listed([1, 2, 3], "and"))
    assert str(sentence) == "starts at 2"

    monkeypatch.setattr(sentences, "speech", Backwards())

    assert str(sentence) == f"{sentence}" == "2 at starts"
    assert str(refused) == "here 3 and 1; 2 no"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), (1.5, "1.5 days")]
)
def test_a_number_chooses_the_form(count, said):
    assert str(Counted("{count} day", "{count} days", count)) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("7", "7"),
        ("4351", "4,351"),
        ("+5.0", "+5.0"),
        pytest.param("-1234.50", "−1,234.50", id="a true minus, every decimal"),
    ],
)
def test_a_figure_is_told_in_groups(number, said):
    assert f"{Figure(number)}" == said


def test_a_figure_is_written_as_in_the_language_of_the_moment(monkeypatch):
    sentence = Sentence("by {points}", points=Figure("-4351.5"))

    monkeypatch.setattr(sentences, "figures", lambda digits: digits.replace(".", ","))

    assert str(sentence) == "by −4351,5"


def test_the_form_is_chosen_by_the_language(backwards):
    assert str(Counted("{count} day", "{count} days", 1)) == "day 1"


def test_a_sentence_is_laid_out_as_a_text():
    assert f"{Sentence('noon'):>6}" == "  noon"


def test_a_message_that_is_shown_elsewhere_is_itself():
    assert sentences.gettext_noop("noon") == "noon"
