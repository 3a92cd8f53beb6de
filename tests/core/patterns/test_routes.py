import pytest
from hypothesis import assume, given

from temp_redirects.core.patterns import MAX_PATH, Pattern
from temp_redirects.core.patterns.routes import MAX_FIELDS, MAX_PATTERN, TAKEN
from temp_redirects.core.sentences import Refused
from tests.core.shapes import met, routes

UUID = "0123abcd-0000-4000-8000-00000000000f"


@pytest.mark.parametrize(
    ("text", "path", "captures"),
    [
        pytest.param(
            "/blog/<int:year>/<slug:slug>/",
            "/blog/2026/a-b_C/",
            {"year": "2026", "slug": "a-b_C"},
            id="Django’s route syntax",
        ),
        pytest.param("/files/*/old", "/files/a/old", {"1": "a"}, id="a star"),
        pytest.param("/*/*/", "/a/b/", {"1": "a", "2": "b"}, id="stars are counted"),
        pytest.param("/<x>/*", "/a/b", {"x": "a", "1": "b"}, id="stars alone are"),
        pytest.param("/<page>/", "/a.b c/", {"page": "a.b c"}, id="str by default"),
        pytest.param("/<int:n>", "/007", {"n": "007"}, id="a number as it was typed"),
        pytest.param("/<int:n>", "/", None, id="no number"),
        pytest.param("/<int:n>", "/1a", None, id="a number and more"),
        pytest.param("/<int:n>", "/٣", None, id="other digits"),
        pytest.param("/<slug:s>", "/é", None, id="no slug"),
        pytest.param("/<str:s>/", "/é/", {"s": "é"}, id="any text"),
        pytest.param("/<str:s>/", "/a/b/", None, id="str stays within one segment"),
        pytest.param("/<uuid:u>", f"/{UUID}", {"u": UUID}, id="a UUID"),
        pytest.param("/<uuid:u>", f"/{UUID.upper()}", None, id="capitals are none"),
        pytest.param("/a/<path:p>", "/a/b/c/", {"p": "b/c/"}, id="path takes segments"),
        pytest.param("/a/<path:p>", "/a/", None, id="at least a sign"),
        pytest.param("/<path:p>/z", "/a/z/z", {"p": "a/z"}, id="as many as it can"),
        pytest.param("/files/*/old", "/files/a/b/old", None, id="a star is a segment"),
        pytest.param("/files/*/old", "/files//old", None, id="and not an empty one"),
        pytest.param("/files/*", "/files/", None, id="also at the end"),
        pytest.param("/sale*", "/sale", {"1": ""}, id="nothing more, in a segment"),
        pytest.param("/sale*", "/sales-2", {"1": "s-2"}, id="or more of it"),
        pytest.param("/sale*", "/sale/x", None, id="but within it"),
        pytest.param("/*.html", "/a.html", {"1": "a"}, id="an ending"),
        pytest.param("/*-*-*", "/a-b-c-d", {"1": "a-b", "2": "c", "3": "d"}, id="3"),
        pytest.param("/shop/", "/shop/", {}, id="no placeholder"),
        pytest.param("/shop/", "/shop", None, id="the slash counts"),
        pytest.param("/Shop/*", "/shop/x", None, id="case counts"),
        pytest.param("/a.c/*", "/abc/x", None, id="a dot is a dot"),
        pytest.param("/caf%C3%A9/*", "/café/x", {"1": "x"}, id="typed encoded"),
        pytest.param("/%2A/%3Cx%3E/*", "/*/<x>/y", {"1": "y"}, id="the signs alone"),
        pytest.param("/*", "/\udcff", {"1": "\udcff"}, id="bytes stay bytes"),
        pytest.param("/*", "/a\n", {"1": "a\n"}, id="a line break is a sign"),
        pytest.param("/*", "/" + "a" * MAX_PATH, None, id="longer than may be typed"),
        pytest.param("/<größe>/", "/xl/", {"größe": "xl"}, id="a name in any script"),
    ],
)
def test_a_pattern_gives_the_parts_of_a_path(text, path, captures):
    assert Pattern.parse(text).match(path) == captures


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("blog/<int:y>/", "does not begin with “/”", id="no slash"),
        pytest.param("*", "does not begin with “/”", id="a star alone"),
        pytest.param("//*", "two slashes", id="another server"),
        pytest.param("/*/../", "“.” or “..”", id="dots"),
        pytest.param("/*?x=1", "has a “?”", id="a query"),
        pytest.param("/%00*", "control character", id="NUL"),
        pytest.param("/" + "a" * MAX_PATTERN, "longer than 1000", id="too long"),
        pytest.param("/<int:y", "has a “<” without its partner", id="not closed"),
        pytest.param("/int:y>", "Type “%3E” for the sign itself", id="not opened"),
        pytest.param("/<<int:y>", "has a “<”", id="opened twice"),
        pytest.param("/<>/", "needs a name", id="empty"),
        pytest.param("/<int:>/", "“<int:name>”", id="no name"),
        pytest.param("/<a-b>/", "needs a name", id="no identifier"),
        pytest.param("/<1>/", "needs a name", id="a number is a star’s name"),
        pytest.param("/<int:a:b>/", "needs a name", id="two colons"),
        pytest.param("/< int:y>/", "“ int” in “< int:y>” is none of int,", id="blank"),
        pytest.param("/<year:y>/", "int, path, slug, str or uuid", id="another kind"),
        pytest.param("/<a>/<a>/", "“a” is named twice", id="twice"),
        pytest.param("/<path:a>/<path:b>", "at most one “<path:…>”", id="two paths"),
        pytest.param("/**/a", "type “<path:rest>”", id="two stars"),
        pytest.param("/" + "*/" * (MAX_FIELDS + 1), "at most 10", id="too many"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_reason(text, why):
    with pytest.raises(Refused) as refused:
        Pattern.parse(text)
    assert why in str(refused.value)


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_a_name_that_means_something_else_in_targets_is_refused(name):
    with pytest.raises(Refused, match="means something else"):
        Pattern.parse(f"/<{name}>/")


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        pytest.param("/blog/<int:year>/x/", "/blog", id="a slash at the end is none"),
        pytest.param("/caf%C3%A9-*", "/café-", id="part of a segment"),
        pytest.param("/<x>/", "", id="nothing"),
        pytest.param("/shop/", "/shop", id="everything"),
    ],
)
def test_the_literal_part_stands_before_the_first_placeholder(text, literal):
    assert Pattern.parse(text).literal == Pattern.literal_of(text) == literal


@given(routes)
def test_a_pattern_shown_to_people_reads_as_the_same_pattern(text):
    pattern = Pattern.parse(text)
    assert Pattern.parse(pattern.typed) == pattern


@given(met.filter(lambda each: each[0][0] == "pattern"))
def test_what_a_pattern_gives_fits_back_into_it(each):
    (_, text), path = each
    pattern = Pattern.parse(text)
    captures = pattern.match(path)
    assume(captures is not None)
    texts = [captures[name] for name in pattern.names]
    parts = zip(pattern.literals, [*texts, ""], strict=True)
    assert "".join(map("".join, parts)) == path
