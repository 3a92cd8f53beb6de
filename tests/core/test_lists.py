import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.lists import MAX_TEXT, parse_list, written_list
from temp_redirects.core.sentences import Refused


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("DE", ("DE",), id="one"),
        pytest.param("DE, AT,CH", ("DE", "AT", "CH"), id="several, blanks or not"),
        pytest.param("a, b, a", ("a", "b"), id="each one once"),
        pytest.param(" , a ,, ", ("a",), id="empty places are nothing"),
        pytest.param("", (), id="nothing"),
        pytest.param('"a, b", c', ("a, b", "c"), id="a comma in quotes"),
        pytest.param('"say ""hi"""', ('say "hi"',), id="a quote in quotes"),
        pytest.param('""', ("",), id="the empty value"),
    ],
)
def test_a_list_is_read_as_people_type_it(text, values):
    assert parse_list(text) == values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param('"a, b', "without its partner", id="a quote that does not close"),
        pytest.param('"a" b', "without its partner", id="text after a quote"),
        pytest.param("a\nb", "line break", id="two lines"),
        pytest.param("a\x7f", "control character", id="a control character"),
        pytest.param("x" * (MAX_TEXT + 1), "longer than 10000", id="too long"),
    ],
)
def test_what_is_no_list_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        parse_list(text)


VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9)


@given(st.lists(VALUES.map(str.strip), unique=True, max_size=5))
def test_a_written_list_is_read_as_it_was(values):
    assert parse_list(written_list(tuple(values))) == tuple(values)
