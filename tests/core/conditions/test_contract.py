"""What every condition keeps to, whoever writes it."""

import re
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.conditions import KINDS, Condition, parse_condition
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.visits import Visit

BUILT_IN = dict(KINDS)
TIDE = import_module("tests.tides.conditions").Tide  # a project's own
ALL = {**BUILT_IN, TIDE.kind: TIDE}
KINDS.clear()
KINDS.update(BUILT_IN)  # it is known to these tests alone
EXAMPLES = [
    pytest.param(kind, example, id=f"{kind}: {example}")
    for kind, condition in sorted(ALL.items())
    for example in condition.examples
]
MEGABYTE = 1_000_000
JUNK = [
    pytest.param("", id="nothing"),
    pytest.param(" \t\r\n", id="blanks"),
    pytest.param("\x00\x1b[31m", id="controls"),
    pytest.param("\ud800\udcff", id="half characters"),
    pytest.param(",,;=\"'*", id="signs of lists"),
    pytest.param('"' * 99 + "a", id="quotes that do not close"),
    pytest.param("{0.__class__}{", id="format syntax"),
    pytest.param("(a+)+$", id="a pattern"),
    pytest.param("-1e999", id="a number that is none"),
    pytest.param("２０２６", id="digits of other scripts"),
    pytest.param("\u202eevil", id="text that runs backward"),
    pytest.param("x" * MEGABYTE, id="one long word"),
    pytest.param("x, " * (MEGABYTE // 3), id="a long list"),
    pytest.param("\\" * MEGABYTE, id="a long row of backslashes"),
]
kinds = pytest.mark.parametrize("kind", sorted(ALL))
examples = pytest.mark.parametrize(("kind", "example"), EXAMPLES)


class Hostile(Visit):
    """A visit that answers whatever header it is asked for."""

    def __init__(self, said, **facts):
        super().__init__(said or "/", **facts)
        self.said = said

    def header(self, name):
        return self.said


VISITS = [
    pytest.param(Visit("/"), id="a bare one"),
    pytest.param(Visit("", method="", scheme="", host=""), id="an empty one"),
    pytest.param(Visit("*", method="OPTIONS"), id="without a path"),
    pytest.param(Visit("/\udcff\ud800", query="\udcff=%"), id="no text"),
    pytest.param(Visit("/" * MEGABYTE, query="&=" * MEGABYTE), id="a huge address"),
    pytest.param(Hostile(None), id="no header at all"),
    pytest.param(Hostile(""), id="empty headers"),
    pytest.param(Hostile("x" * MEGABYTE), id="huge headers"),
    pytest.param(Hostile("\\" * 32_000), id="backslashes, which some parsers count"),
    pytest.param(Hostile('"' + "\\" * 32_000 + '"'), id="quoted backslashes"),
    pytest.param(Hostile(",;=" * 32_000), id="lists of nothing"),
    pytest.param(Hostile("q=nan;q=-1e999,*"), id="numbers that are none"),
    pytest.param(Hostile("\x00\xff\r\n"), id="bytes"),
    pytest.param(Hostile("a-" * 32_000), id="a language that does not end"),
    pytest.param(Hostile("de;q=0." + "9" * 32_000), id="a weight that does not end"),
    pytest.param(Hostile("; beta=" * 8_000), id="one cookie again and again"),
    pytest.param(Hostile('beta="' + "\\054" * 8_000), id="a quote that does not close"),
    pytest.param(Hostile("10.0.0.1, " * 10_000), id="ten thousand proxies"),
    pytest.param(Hostile('"?1";v="99"'), id="a client hint that is none"),
    pytest.param(Hostile("999.999.999.999, ::ffff:10.0.0.5%eth0"), id="addresses"),
]


@pytest.fixture(scope="module", autouse=True)
def _all_kinds():
    before = dict(KINDS)
    KINDS.update(ALL)
    yield
    KINDS.clear()
    KINDS.update(before)


@pytest.fixture
def _kinds_restored():
    before = dict(KINDS)
    yield
    KINDS.clear()
    KINDS.update(before)


@kinds
def test_a_condition_is_found_under_its_kind(kind):
    assert KINDS[kind].kind == kind
    assert re.fullmatch(r"[a-z][a-z_]{0,39}", kind)  # the length of the column


@kinds
def test_a_condition_has_what_the_form_shows(kind):
    condition = KINDS[kind]
    assert str(condition.label).strip()
    assert str(condition.hint).endswith(".")
    assert condition.examples
    assert isinstance(condition.personal, bool)


@examples
def test_an_example_reads_as_the_condition_it_is_written_as(kind, example):
    condition = parse_condition(kind, example)
    assert type(condition) is KINDS[kind]
    assert parse_condition(kind, str(condition)) == condition
    assert hash(parse_condition(kind, str(condition))) == hash(condition)


@examples
def test_examples_are_conditions_of_their_own(kind, example):
    others = set(KINDS[kind].examples) - {example}
    condition = parse_condition(kind, example)
    assert condition not in [parse_condition(kind, other) for other in others]


def condition_or_refusal(kind, text):
    try:
        return parse_condition(kind, text)
    except Refused as refused:
        return refused


@kinds
@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_refused_in_words_or_read(kind, junk):
    found = condition_or_refusal(kind, junk)
    assert str(found)
    assert isinstance(found, Refused) or parse_condition(kind, str(found)) == found


@given(st.sampled_from(sorted(ALL)), st.text())
def test_any_text_is_refused_in_words_or_read(kind, text):
    found = condition_or_refusal(kind, text)
    assert isinstance(found, Condition | Refused)


@examples
@pytest.mark.parametrize("visit", VISITS)
def test_whatever_is_asked_a_condition_holds_or_does_not(kind, example, visit):
    assert parse_condition(kind, example).holds(visit) in {True, False}


@examples
@pytest.mark.parametrize("visit", VISITS)
def test_whatever_is_asked_the_answer_is_explained(kind, example, visit):
    sentence = parse_condition(kind, example).explain(visit)
    assert isinstance(sentence, Sentence)
    assert 0 < len(str(sentence).strip()) < 2_000  # however much was sent


class Watched(Visit):
    """A visit that knows which headers it was asked for."""

    def __init__(self, **facts):
        super().__init__("/", **facts)
        self.read = set()

    def header(self, name):
        self.read.add(name.lower())
        return super().header(name)


@examples
def test_every_header_that_is_read_was_named_as_consulted(kind, example):
    condition = parse_condition(kind, example)
    for facts in ({}, *condition.samples()):
        visit = Watched(**facts)
        condition.holds(visit)
        named = {name.lower() for name in condition.consulted(visit)}
        assert visit.read <= named


@examples
def test_a_condition_holds_for_each_of_its_samples(kind, example):
    condition = parse_condition(kind, example)
    assert all(condition.holds(Visit("/", **facts)) for facts in condition.samples())


@examples
def test_a_condition_says_whom_it_is_about(kind, example):
    sentence = parse_condition(kind, example).describe()
    assert isinstance(sentence, Sentence)
    assert str(sentence).strip()


@kinds
def test_conditions_that_differ_are_described_otherwise(kind):
    parsed = [parse_condition(kind, example) for example in KINDS[kind].examples]
    assert len({str(each.describe()) for each in parsed}) == len(parsed)


@examples
@pytest.mark.parametrize("visit", VISITS)
def test_what_was_consulted_are_names_of_headers(kind, example, visit):
    consulted = parse_condition(kind, example).consulted(visit)
    assert isinstance(consulted, tuple)
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", name) for name in consulted)


def test_a_hostile_visit_answers_for_every_header():
    assert {Hostile("x").header(name) for name in ("Cookie", "X-Beta")} == {"x"}


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(Refused, match=r"is no condition here\. Use one of: .*scheme"):
        parse_condition("moon", "full")


@pytest.mark.usefixtures("_kinds_restored")
def test_a_projects_own_condition_is_there_once_it_is_imported():
    class Lock(Scheme):
        kind = "lock"

    assert parse_condition("lock", "http") == Lock("http")


@pytest.mark.usefixtures("_kinds_restored")
def test_a_kind_is_given_once():
    with pytest.raises(TypeError, match="Two conditions are of the kind 'scheme'"):

        class Other(Scheme):
            kind = "scheme"

    assert KINDS["scheme"] is Scheme
