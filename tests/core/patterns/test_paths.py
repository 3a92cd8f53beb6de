from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.patterns import (
    MAX_PATH,
    covers,
    decoded,
    parse_path,
    typed_path,
)
from temp_redirects.core.sentences import Refused

# What editors type and visitors ask for: letters, signs with a meaning, bytes.
typed = st.text(st.sampled_from("ab/%2Ff5?#\\. é€😀"), max_size=20).map("/{}".format)
asked = st.binary(max_size=20).map(
    lambda b: (b"/" + b).decode("utf-8", "surrogateescape")
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("/", "/", id="the root"),
        pytest.param("/shop/", "/shop/", id="a slash at the end counts"),
        pytest.param("/shop", "/shop", id="and so does none"),
        pytest.param("/Shop/", "/Shop/", id="case counts"),
        pytest.param("/%41%7E/", "/A~/", id="unreserved letters, encoded"),
        pytest.param("/caf%C3%A9/", "/café/", id="UTF-8, encoded"),
        pytest.param("/café/", "/café/", id="UTF-8, plain"),
        pytest.param("/caf%E9/", "/caf\udce9/", id="a byte that is no UTF-8"),
        pytest.param("/100%/", "/100%/", id="a percent sign alone"),
        pytest.param("/50%25off", "/50%off", id="an encoded percent sign"),
        pytest.param("/%2541", "/%41", id="decoded once, not twice"),
        pytest.param("/a%3Fb%23c%5Cd", "/a?b#c\\d", id="signs with a meaning, encoded"),
        pytest.param("/a//b", "/a//b", id="two slashes inside"),
        pytest.param("/a b", "/a b", id="a blank inside"),
        pytest.param("/.../.a/a.", "/.../.a/a.", id="dots that are no dot segment"),
        pytest.param("/" + "é" * (MAX_PATH - 1), "/" + "é" * (MAX_PATH - 1), id="long"),
    ],
)
def test_a_path_is_read_as_the_browser_shows_it(text, path):
    assert parse_path(text) == path


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "does not begin with “/”", id="nothing"),
        pytest.param("shop/", "does not begin with “/”", id="no slash"),
        pytest.param("*", "does not begin with “/”", id="a star"),
        pytest.param("?a=1", "does not begin with “/”", id="a query alone"),
        pytest.param("\\shop", "does not begin with “/”", id="a backslash first"),
        pytest.param("//evil.test/", "two slashes", id="another server"),
        pytest.param("/%2Fevil.test/", "two slashes", id="the same, encoded"),
        pytest.param("/a?b=1", "has a “?”", id="a query"),
        pytest.param("/a#b", "has a “#”", id="a fragment"),
        pytest.param("/a\\b", "has a “\\”", id="a backslash"),
        pytest.param("/a\x00", "control character", id="NUL"),
        pytest.param("/a%00", "control character", id="NUL, encoded"),
        pytest.param("/a\r\nb", "control character", id="a line break"),
        pytest.param("/a%0Ab", "control character", id="a line break, encoded"),
        pytest.param("/a\x7f", "control character", id="DEL"),
        pytest.param("/\ud800", "control character", id="half a character"),
        pytest.param("/\udcff%41", "control character", id="a stray byte"),
        pytest.param("/a/../b", "“.” or “..”", id="up"),
        pytest.param("/a/%2e%2E/b", "“.” or “..”", id="up, encoded"),
        pytest.param("/a/.", "“.” or “..”", id="here"),
        pytest.param("/" + "a" * MAX_PATH, "longer than 2048", id="too long"),
        pytest.param("/" + "%" * 700, "longer than 2048", id="too long once encoded"),
        pytest.param("/" * 1_000_000, "longer than 2048", id="far too long"),
    ],
)
def test_what_is_no_path_is_refused_with_the_reason(text, why):
    with pytest.raises(Refused) as refused:
        parse_path(text)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "text", ["https://a.test/b/?c", "HTTP://a.test/b/?c", "ftp://a.test/b/?c"]
)
def test_a_pasted_address_is_refused_with_its_parts(text):
    with pytest.raises(Refused) as refused:
        parse_path(text)
    assert "Type the path only, “/b/?c”, and put “a.test” under hosts" in str(
        refused.value
    )


@given(asked)
def test_encoded_and_plain_spellings_of_a_path_are_the_same_path(path):
    spelt = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    assert decoded(spelt) == path


@given(typed)
def test_a_path_shown_to_people_reads_as_the_same_path(text):
    try:
        path = parse_path(text)
    except Refused:
        return
    assert parse_path(typed_path(path)) == path


@given(st.text())
def test_every_text_can_be_decoded_and_shown(text):
    assert typed_path(decoded(text)).encode() is not None


@pytest.mark.parametrize(
    ("base", "path", "is_covered"),
    [
        pytest.param("/shop/", "/shop/", True, id="itself"),
        pytest.param("/shop/", "/shop", True, id="without its slash"),
        pytest.param("/shop", "/shop/", True, id="with a slash more"),
        pytest.param("/shop", "/shop/x", True, id="under it"),
        pytest.param("/shop/", "/shop/x/y", True, id="far under it"),
        pytest.param("/shop", "/shopping", False, id="the same letters, more of them"),
        pytest.param("/shop/", "/shopping/", False, id="more letters and a slash"),
        pytest.param("/shop", "/Shop", False, id="case counts"),
        pytest.param("/shop/", "/", False, id="above it"),
        pytest.param("/shop/", "/de/shop/", False, id="not at the start"),
        pytest.param("/", "/", True, id="the root covers itself"),
        pytest.param("/", "/x", True, id="the root covers everything"),
        pytest.param("/", "*", False, id="which is no path (RFC 9110 §9.3.7)"),
        pytest.param("/", "", True, id="an empty path is the root"),
    ],
)
def test_prefix_covers_whole_segments_only(base, path, is_covered):
    assert covers(base, path) is is_covered
