import pytest

from temp_redirects.core.conditions import parse_condition
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.facts import MOST, merged, samples_of
from temp_redirects.core.people import ANONYMOUS, Person
from temp_redirects.core.visits import Visit

STAFF = Person(is_staff=True)
EDITOR = Person(groups=frozenset({"Editors"}), permissions=frozenset({"a.b"}))


@pytest.mark.parametrize(
    ("facts", "more", "both"),
    [
        pytest.param({"country": "DE"}, {"rate": 5}, {"country": "DE", "rate": 5},
                     id="different facts"),
        pytest.param({"country": "DE"}, {"country": "AT"}, {"country": "AT"},
                     id="one of two"),
        pytest.param({"query": "a=1"}, {"query": "b=2"}, {"query": "a=1&b=2"},
                     id="two parameters"),
        pytest.param({"headers": {"A": "1"}}, {"headers": {"B": "2"}},
                     {"headers": {"A": "1", "B": "2"}}, id="two headers"),
        pytest.param({"headers": {"Cookie": "a=1"}}, {"headers": {"Cookie": "b=2"}},
                     {"headers": {"Cookie": "a=1; b=2"}}, id="two cookies"),
        pytest.param({"headers": {"Cookie": "a=1"}}, {"headers": {"Cookie": "a=1"}},
                     {"headers": {"Cookie": "a=1"}}, id="one cookie"),
        pytest.param({"person": ANONYMOUS}, {"person": STAFF}, {"person": STAFF},
                     id="nobody is somebody"),
        pytest.param(
            {"person": STAFF}, {"person": EDITOR},
            {"person": Person(is_staff=True, groups=EDITOR.groups,
                              permissions=EDITOR.permissions)},
            id="staff in a group",
        ),
    ],
)  # fmt: skip
def test_facts_are_put_together(facts, more, both):
    assert merged(facts, more) == both


def test_all_conditions_have_their_facts():
    conditions = [
        parse_condition("country", "DE, AT"),
        parse_condition("language", "de"),
        Scheme("http"),
    ]

    found = [Visit("/", **facts) for facts in samples_of(conditions)]

    assert len(found) == 2
    assert all(each.holds(visit) for each in conditions for visit in found)


def test_no_more_samples_are_tried_than_there_is_time_for():
    half_the_world = parse_condition("country", "DE, AT, CH, FR, IT, ES, PT, NL, BE")
    assert len(list(samples_of([half_the_world] * 3))) == MOST
