import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from temp_redirects.core.patterns import (
    KINDS,
    Exact,
    Pattern,
    Prefix,
    Regex,
    decoded,
    parse_source,
    sample_path,
)
from temp_redirects.core.sentences import Refused
from tests.core.shapes import choices, met, paths


def test_an_editors_choice_becomes_a_source():
    assert parse_source("exact", "/caf%C3%A9") == Exact("/café")
    assert parse_source("prefix", "/shop/") == Prefix("/shop/")
    assert parse_source("pattern", "/a/*") == Pattern.parse("/a/*")


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(Refused, match="Use one of: exact, pattern, regex, prefix"):
        parse_source("glob", "/shop/")


def test_kinds_are_stored_and_never_renamed():
    assert {kind: source.rank for kind, source in KINDS.items()} == {
        "exact": 0,
        "pattern": 1,
        "regex": 2,
        "prefix": 3,
    }


def test_without_the_extra_an_expression_is_refused_with_the_line_to_install(
    monkeypatch,
):
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(Refused) as refused:
        Regex.parse("/old/.*")
    assert "pip install 'django-temp-redirects[regex]'" in str(refused.value)


@given(choices)
def test_every_sample_is_covered(choice):
    source = parse_source(*choice)
    assert all(source.match(sample) is not None for sample in source.samples)
    assert sample_path(source).startswith("/")


@given(met)
def test_a_match_gives_every_capture_as_text_of_the_path(each):
    choice, path = each
    source = parse_source(*choice)
    captures = source.match(path)
    assume(captures is not None)
    assert captures.keys() == source.captures
    assert all(text in path for text in captures.values())


@given(choices)
def test_what_is_known_without_compiling_is_what_the_source_says(choice):
    kind, text = choice
    source = parse_source(*choice)
    assert KINDS[kind].literal_of(text) == source.literal
    assert source.literal.startswith(KINDS[kind].place_of(text).removesuffix("/"))


@given(choices)
def test_a_source_shown_to_people_reads_as_the_same_source(choice):
    source = parse_source(*choice)
    assert parse_source(source.kind, source.typed) == source


@given(choices, paths, st.sampled_from(["a", "b", "é", "-"]))
def test_encoded_and_plain_spellings_are_the_same_source(choice, path, sign):
    kind, text = choice
    spelt = text.replace("%C3%A9", "é")
    assert decoded("%C3%A9") == "é"
    assert parse_source(kind, spelt).match(path) == parse_source(*choice).match(path)
