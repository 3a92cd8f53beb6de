import pytest

from temp_redirects.core.conditions.bot import Bot
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def visit(agent, is_bot=None):
    return Visit("/", headers={"User-Agent": agent}, is_bot=is_bot)


@pytest.mark.parametrize(
    ("is_bot", "holds"), [(True, True), (False, False), (None, False)]
)
def test_any_holds_for_those_known_to_be_programs(is_bot, holds):
    assert Bot.parse("Any").holds(visit("", is_bot)) is holds


@pytest.mark.parametrize(
    ("text", "agent", "holds"),
    [
        pytest.param("Googlebot", GOOGLEBOT, True, id="its name"),
        pytest.param("googlebot", GOOGLEBOT, True, id="whatever the case"),
        pytest.param("bingbot, Googlebot", GOOGLEBOT, True, id="one of them"),
        pytest.param("Googlebot", "Googlebots/1", False, id="a longer word"),
        pytest.param("bot", GOOGLEBOT, True, id="a word in its address"),
        pytest.param("Google", GOOGLEBOT, True, id="the name of its owner"),
        pytest.param("oogle", GOOGLEBOT, False, id="a part of a word"),
        pytest.param("Googlebot", "", False, id="nothing"),
        pytest.param("Googlebot", "x" * 512 + GOOGLEBOT, False, id="too far behind"),
    ],
)
def test_a_name_is_a_word_of_its_own(text, agent, holds):
    assert Bot.parse(text).holds(visit(agent)) is holds


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Write “any”"), ("(a+)+", "is no robot’s name"), ("x" * 101, "is no robot")],
)
def test_what_is_no_name_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        Bot.parse(text)


@pytest.mark.parametrize(
    ("is_bot", "said"),
    [(True, "a robot"), (False, "no known robot"), (None, "unknown")],
)
def test_the_trace_says_what_the_visitor_is_taken_for(is_bot, said):
    sentence = Bot.parse("any").explain(visit("", is_bot))
    assert str(sentence) == f"visitor is {said}, wanted any robot"


def test_it_is_told_in_words():
    assert str(Bot.parse("any").describe()) == "robots"
    google = Bot.parse("Googlebot, bingbot")
    assert str(google) == "Googlebot, bingbot"
    assert str(google.describe()) == "Googlebot or bingbot"
    assert google.consulted(Visit("/")) == ("User-Agent",)


def test_its_kind_is_stored_and_never_renamed():
    assert Bot.kind == "bot"
