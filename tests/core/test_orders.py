import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.orders import ordinal, precedence_of, reason_for, turn
from tests.core.making import NOON, document, make_rule, make_ruleset
from tests.core.test_rulesets import visit

# Priority, rank, literal part, has hosts, id.
places = st.builds(
    precedence_of,
    st.integers(-2, 2),
    st.integers(0, 3),
    st.sampled_from(["", "/a", "/b", "/a/b"]),
    st.booleans(),
    st.sampled_from("ab"),
)


@pytest.mark.parametrize(
    ("earlier", "later", "why"),
    [
        pytest.param(
            {"priority": 10},
            {"match": "exact"},
            "its priority is higher (10, here 0)",
            id="priority",
        ),
        pytest.param(
            {"match": "exact"},
            {"match": "pattern"},
            "exact paths come before patterns",
            id="exact before pattern",
        ),
        pytest.param(
            {"match": "pattern", "path": "/*"},
            {"match": "prefix", "path": "/old/long/"},
            "patterns come before prefixes",
            id="pattern before prefix",
        ),
        pytest.param(
            {"match": "prefix", "path": "/old/sale/"},
            {"match": "prefix"},
            "its literal part is longer (9 characters, here 4)",
            id="the longer literal part",
        ),
        pytest.param({"hosts": ["a.test"]}, {}, "it names a host", id="a host"),
        pytest.param(
            {"id": f"{0:032x}"},
            {"path": "/old"},
            "all else is equal and its id is smaller",
            id="the smaller id",
        ),
    ],
)
def test_the_reason_is_the_first_thing_that_two_rules_differ_in(earlier, later, why):
    first, second = (
        make_rule(**{"path": "/old/", "id": f"{5:032x}", **keys})
        for keys in (earlier, later)
    )
    assert first.precedence < second.precedence
    assert str(reason_for(first.precedence, second.precedence)) == why


@given(places, places)
def test_every_reason_is_true(one, other):
    earlier, later = sorted([one, other])
    text = str(reason_for(earlier, later))
    assert ("priority" in text) is (earlier[0] != later[0])
    assert ("come before" in text) is (
        earlier[0] == later[0] and earlier[1] != later[1]
    )
    assert ("names a host" in text) is (
        earlier[:3] == later[:3] and earlier[3] != later[3]
    )
    assert ("smaller" in text) is (earlier[:4] == later[:4])


@pytest.mark.parametrize(
    ("place", "word"),
    [
        (1, "first"),
        (3, "third"),
        (7, "seventh"),
        (8, "8th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (22, "22nd"),
        (103, "103rd"),
        (111, "111th"),
    ],
)
def test_places_are_told_as_people_say_them(place, word):
    assert ordinal(place) == word


def test_the_first_rule_comes_after_none():
    place = precedence_of(0, 0, "", False, "")
    assert str(turn(1, place, None)) == "tried first"


def test_a_trace_says_why_each_rule_is_tried_after_the_one_before():
    rules = make_ruleset(
        all=document("/", "/1/", match="prefix"),
        page=document("/shop/x", "/2/"),
        form=document("/shop/*", "/3/", match="pattern"),
        sale=document("/shop/", "/4/", match="prefix", priority=1),
    )
    trace = []
    rules.decide(visit("/shop/x"), NOON, trace)
    assert [str(attempt.turn) for attempt in trace] == [
        "tried first",
        "tried second: after “sale”, because its priority is higher (1, here 0)",
        "tried third: after “page”, because exact paths come before patterns",
        "tried fourth: after “form”, because patterns come before prefixes",
    ]
