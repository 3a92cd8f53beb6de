from temp_redirects.core.documents import record_of
from temp_redirects.core.goals import Goals
from temp_redirects.core.pins import key_of
from tests.core.making import make_rule

ID = "00000000-0000-0000-0000-000000000001"
HALF = [{"id": "b", "target": "/b/", "percentage": 50}]


def record(**keys):
    return record_of(make_rule(id=ID, destinations=HALF, **keys))


def test_an_experiment_is_found_by_its_goal_its_name_and_its_pins():
    found = record(name="Test", goal="/caf%C3%A9/")
    goals = Goals([found])
    assert "/café/" in goals
    assert goals.at("/café/") == [found]
    assert [*goals.named(" test"), *goals.pinned(key_of(ID))] == [found, found]


def test_where_there_is_none_nothing_is_found():
    goals = Goals()
    assert not goals
    assert "/" not in goals
    assert [*goals.at("/"), *goals.named("x"), *goals.pinned("x")] == []


def test_a_rule_without_a_goal_is_only_found_by_its_pins():
    goals = Goals([record(name="Test", sticky="user")])
    assert not goals
    assert not goals.named("test")
    assert goals.pinned(key_of(ID))
