import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.patterns.fields import CONVERTERS, STAR, Matcher

UUID = "0123abcd-0000-4000-8000-000000000000"
converters = st.sampled_from([*CONVERTERS.values(), STAR])
literals = st.text("ab1-/", max_size=2)
asked = st.lists(
    st.sampled_from(["a", "b", "1", "-", "/", "é", "\n", UUID]), max_size=10
).map("".join)


@st.composite
def matchers(draw):
    between = draw(st.lists(converters, max_size=4))
    return draw(
        st.lists(literals, min_size=len(between) + 1, max_size=len(between) + 1)
    ), between


def found_by_trying(literals, between, path):
    """Return what a regular expression finds that may try again and again."""
    fields = [f"({each.regex})" for each in between]
    escaped = map(re.escape, literals)
    found = re.fullmatch(
        "".join(map("".join, zip(escaped, [*fields, ""], strict=True))), path
    )
    return found and list(found.groups())


def listed(texts):
    return None if texts is None else list(texts)


@given(matchers(), asked)
def test_bounded_time_finds_what_trying_everything_finds(parts, path):
    matcher = Matcher(*parts)
    expected = found_by_trying(*parts, path)
    assert listed(matcher.match(path)) == expected
    assert listed(matcher.match_by_tables(path)) == expected


@pytest.mark.parametrize(
    ("literals", "names", "path", "texts"),
    [
        pytest.param(["/", "-", ""], ["slug"] * 2, "/a-b-c", ["a-b", "c"], id="greedy"),
        pytest.param(["/", "", ""], ["int", "slug"], "/12", ["1", "2"], id="one left"),
        pytest.param(["/", "-", "/"], ["slug"] * 2, "/a-b", None, id="no end"),
        pytest.param(["/", "-", "/"], ["slug"] * 2, "/a/b/-c/", None, id="no way"),
        pytest.param(["/", "", ""], ["uuid", "str"], f"/{UUID}x", [UUID, "x"], id="id"),
        pytest.param(["/", "", ""], ["uuid", "str"], f"/{UUID}", None, id="only an id"),
    ],
)
def test_each_field_takes_as_much_as_leaves_a_match(literals, names, path, texts):
    matcher = Matcher(literals, [CONVERTERS[name] for name in names])
    assert listed(matcher.match_by_tables(path)) == texts
    assert listed(matcher.match(path)) == texts


@pytest.mark.parametrize(
    ("literals", "between"),
    [
        pytest.param(["/", *["a"] * 9, "b"], [STAR] * 10, id="stars"),
        pytest.param(["/", *["-"] * 9, "/"], [CONVERTERS["slug"]] * 10, id="slugs"),
        pytest.param(["/", *[""] * 9, "/x"], [CONVERTERS["str"]] * 10, id="adjacent"),
        pytest.param(["/", "", "-x"], [STAR, CONVERTERS["int"]], id="one follows"),
        pytest.param(
            ["/", *["/"] * 9, "b"],
            [CONVERTERS["path"], *[CONVERTERS["str"]] * 9],
            id="a path and segments",
        ),
    ],
)
@pytest.mark.parametrize("sign", ["a", "-", "1", "/", "a/", "a-"])
def test_a_long_path_is_matched_at_once(literals, between, sign):
    path = "/" + sign * (2_046 // len(sign))
    for end in ("", "b", "-x", "/", "/x"):
        texts = Matcher(literals, between).match(path + end)
        assert texts is None or len(texts) == len(between)
