import pytest
from hypothesis import given

from temp_redirects.core.patterns import MAX_PATH
from temp_redirects.core.patterns.regexes import MAX_GROUPS, Regex
from temp_redirects.core.patterns.routes import MAX_PATTERN, TAKEN
from temp_redirects.core.sentences import Refused
from tests.core.shapes import paths, regexes

pytest.importorskip("re2", reason="the extra “regex” is not installed")


@pytest.mark.parametrize(
    ("text", "path", "captures"),
    [
        pytest.param(r"/old/(\d+)", "/old/12", {"1": "12"}, id="a group by number"),
        pytest.param(
            r"/(?P<year>\d+)/(.*)",
            "/2026/x/y",
            {"1": "2026", "year": "2026", "2": "x/y"},
            id="and by name",
        ),
        pytest.param(r"/(?<n>a)", "/a", {"1": "a", "n": "a"}, id="the short form"),
        pytest.param(r"/a", "/ab", None, id="the whole path, to its end"),
        pytest.param(r"/a", "/a\n", None, id="a line break more is more"),
        pytest.param(r"/b", "/a/b", None, id="from its start"),
        pytest.param(r"/a|/b", "/b", {}, id="one of two"),
        pytest.param(r"/a|/b", "/a/b", None, id="each of them as a whole"),
        pytest.param(r"^/a/(.*)$", "/a/x", {"1": "x"}, id="signs that say so"),
        pytest.param(r"/a\$", "/a$", {}, id="the sign itself"),
        pytest.param(r"/a\\$", "/a\\", {}, id="a backslash, and the end"),
        pytest.param(r"/(a)?(b)?", "/b", {"1": "", "2": "b"}, id="a missing group"),
        pytest.param(r"/(?i)ABC", "/aBc", {}, id="in any case, where it says so"),
        pytest.param(r"/ABC", "/abc", None, id="else case counts"),
        pytest.param(r"/(\pL+)", "/é", {"1": "é"}, id="letters of any script"),
        pytest.param(r"/caf%C3%A9/.", "/café/x", {}, id="typed encoded"),
        pytest.param(r"/a%2Eb", "/acb", None, id="what is encoded means itself"),
        pytest.param(r"/a%2Eb", "/a.b", {}, id="and nothing else"),
        pytest.param(r"/[%C3%A9]+", "/éé", {}, id="also in a class"),
        pytest.param(r"/.*", "/\udcff", None, id="bytes that are no text"),
        pytest.param(r"/(\C*)", "/\udcff", {"1": "\udcff"}, id="asked for as bytes"),
        pytest.param(r"/.*", "/\ud800", None, id="half a character"),
        pytest.param(r"/.*", "/" + "a" * MAX_PATH, None, id="longer than 2,048"),
        pytest.param(r"/([0-9]+)+x", "/" + "1" * 2_000, None, id="linear"),
        pytest.param(r"/(?:a*){250}", "/" + "a" * 700, {}, id="large, and long"),
        pytest.param(r"/(?:a*){250}", "/" + "a" * 1_200, None, id="and too long"),
        pytest.param(r"/\pL+", "/" + "a" * 2_000, {}, id="many letters are not large"),
        pytest.param(r"/(?P<é>.*)", "/a", {"1": "a", "é": "a"}, id="beyond Latin-1"),
    ],
)
def test_an_expression_gives_its_groups(text, path, captures):
    assert Regex.parse(text).match(path) == captures


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "does not begin with “/”", id="nothing"),
        pytest.param("blog/.*", "does not begin with “/”", id="no slash"),
        pytest.param("(?i)/blog", "does not begin with “/”", id="a flag first"),
        pytest.param("/" + "a" * MAX_PATTERN, "longer than 1000", id="too long"),
        pytest.param("/(", "missing ): /(", id="not closed"),
        pytest.param(r"/(a)\1", "no back-references", id="a back-reference"),
        pytest.param("/(?=a)", "no lookaheads", id="a lookahead"),
        pytest.param(r"/a\Z", "invalid escape", id="Python’s end"),
        pytest.param("/a{1001}", "invalid repetition size", id="too often"),
        pytest.param("/(((a{9}){9}){9}){9}", "repetition", id="too often, nested"),
        pytest.param("/(?:.?){900}", "too large", id="a large program"),
        pytest.param(r"/(\pL{30}\d?){9}", "RE2 can read", id="beyond its memory"),
        pytest.param("/" + "(a)" * (MAX_GROUPS + 1), "at most 10 groups", id="groups"),
        pytest.param("/a\x00", "control character", id="NUL"),
        pytest.param("/a%00", "control character", id="NUL, encoded"),
        pytest.param("/%FF", "bytes that are no text", id="a byte that is no UTF-8"),
        pytest.param("/\ud800", "bytes that are no text", id="half a character"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_reason(text, why):
    with pytest.raises(Refused) as refused:
        Regex.parse(text)
    assert why in str(refused.value)


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_a_name_that_means_something_else_in_targets_is_refused(name):
    with pytest.raises(Refused, match="means something else"):
        Regex.parse(f"/(?P<{name}>.*)")


@pytest.mark.parametrize(
    ("text", "literal", "place"),
    [
        pytest.param("/old/(.*)", "/old", "/old", id="before the first sign"),
        pytest.param("^/old/x", "/old/x", "/old/x", id="everything"),
        pytest.param("/old(/.*)?", "/old", "", id="maybe no whole segment"),
        pytest.param(r"/a\.b/x+", "/a.b", "/a.b", id="a sign that is meant"),
        pytest.param("/a/b?c", "/a", "/a", id="what may be missing"),
        pytest.param(r"/a/\.?c", "/a", "/a", id="a sign that may be missing"),
        pytest.param("/caf%C3%A9/.", "/café", "/café", id="encoded"),
        pytest.param("/a/(b|c)", "/a", "/a", id="one of two, in a group"),
        pytest.param("/a/[|(]b", "/a", "/a", id="signs in a class"),
        pytest.param(r"/a\|b", "/a|b", "/a|b", id="no alternative"),
        pytest.param("/a/b|/c", "", "", id="one of two"),
        pytest.param(r"/a\Q(\E|/b", "", "", id="quoted"),
        pytest.param("/(?i)a", "", "", id="in any case"),
    ],
)
def test_the_literal_part_stands_before_the_first_placeholder(text, literal, place):
    assert Regex.parse(text).literal == Regex.literal_of(text) == literal
    assert Regex.place_of(text) == place


@given(regexes, paths)
def test_every_path_begins_with_the_literal_part(text, path):
    expression = Regex.parse(text)
    if expression.match(path) is not None:
        assert path.startswith(expression.path)
        assert f"{path}/".startswith(f"{expression.place_of(text)}/")


@given(regexes)
def test_an_expression_shown_to_people_reads_as_the_same(text):
    expression = Regex.parse(text)
    assert Regex.parse(expression.typed) == expression


def test_an_expression_that_nobody_can_guess_has_no_samples():
    assert Regex.parse(r"/old/(\d+)").samples == ("/old/1",)
    assert Regex.parse(r"/old/[a-f]{9}").samples == ()


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        pytest.param("/a*b", 2_000, id="few steps a letter"),
        pytest.param("/(a*){1,250}b", 200, id="many"),
    ],
)
def test_the_more_steps_an_expression_takes_the_shorter_is_what_it_matches(
    text, longest
):
    expression = Regex.parse(text)
    assert expression.match(f"/{'a' * longest}b") is not None
    assert (expression.match(f"/{'a' * 2_000}b") is None) is (longest < 2_000)
