import pytest

from temp_redirects.core.sentences import Refused
from temp_redirects.core.texts import MAX_SHOWN, Texts, parse_named, written_named


@pytest.mark.parametrize(
    ("wanted", "text", "matches"),
    [
        pytest.param("", "x", True, id="any text"),
        pytest.param("", "", True, id="any, the empty one too"),
        pytest.param("", None, False, id="what is not there is nothing"),
        pytest.param("*", "x", True, id="a wildcard alone"),
        pytest.param("x, *", "y", True, id="a wildcard among others"),
        pytest.param("yes, on", "on", True, id="one of"),
        pytest.param("yes, on", "On", False, id="case as written"),
        pytest.param("yes", "yes!", False, id="the whole text"),
        pytest.param("a*", "abc", True, id="starts with"),
        pytest.param("a*", "bca", False, id="does not start with"),
        pytest.param("*c", "abc", True, id="ends with"),
        pytest.param("*c", "cab", False, id="does not end with"),
        pytest.param("*b*", "abc", True, id="contains"),
        pytest.param("*b*", "ac", False, id="does not contain"),
        pytest.param("**", "", True, id="two wildcards"),
        pytest.param('""', "", True, id="the empty text"),
        pytest.param('""', "x", False, id="nothing but the empty text"),
        pytest.param('"a, b"', "a, b", True, id="a comma"),
    ],
)
def test_a_text_is_matched_as_staff_wrote_it(wanted, text, matches):
    assert Texts.parse(wanted).match(text) is matches


def test_a_wildcard_in_the_middle_is_refused():
    with pytest.raises(Refused, match="either end"):
        Texts.parse("a*b")


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        pytest.param("X-Beta", "X-Beta", (), id="a name"),
        pytest.param(" X-Beta : yes, on ", "X-Beta", ("yes", "on"), id="and values"),
        pytest.param("X-Beta: *", "X-Beta", (), id="any value"),
        pytest.param("at: 12:30", "at", ("12:30",), id="a colon in a value"),
    ],
)
def test_a_name_and_values_are_read(text, name, wanted):
    assert parse_named(text, "") == (name, Texts(wanted))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "Write a name", id="nothing"),
        pytest.param(": yes", "Write a name", id="values of nothing"),
        pytest.param("X-Beta:", "Nothing stands after", id="no value"),
    ],
)
def test_half_a_fact_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        parse_named(text, "X-Beta: yes")


@pytest.mark.parametrize("text", ["a", "a: b, c", 'a: "b, c", d'])
def test_what_is_written_is_read_again(text):
    assert written_named(*parse_named(text, "")) == text


@pytest.mark.parametrize(
    ("wanted", "actual", "said"),
    [
        pytest.param("a, b", "c", "x is “c”, wanted “a” or “b”", id="another"),
        pytest.param("a", None, "x is not there, wanted “a”", id="none"),
        pytest.param("", None, "x is not there, wanted any", id="none at all"),
        pytest.param("a", "\x1b\u202e", "x is “??”, wanted “a”", id="no print"),
        pytest.param(
            "a", "b" * 99, f"x is “{'b' * MAX_SHOWN}…”, wanted “a”", id="long"
        ),
    ],
)
def test_it_is_told_what_was_found(wanted, actual, said):
    assert str(Texts.parse(wanted).explain("x", actual)) == said


def test_it_is_told_what_is_wanted():
    assert str(Texts.parse("").describe("x")) == "x"
    assert str(Texts.parse("a, b").describe("x")) == "x “a” or “b”"
