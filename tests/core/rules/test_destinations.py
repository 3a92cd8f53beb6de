import pytest

from temp_redirects.core.patterns import parse_source
from temp_redirects.core.rules.destinations import Way
from temp_redirects.core.sentences import Refused
from temp_redirects.core.targets import Target, taken_apart
from temp_redirects.core.visits import Visit
from tests.core.making import SITE, make_rule


def way(match, path, target):
    source = parse_source(match, path)
    return Way(source, Target.parse(target, source.captures, SITE))


@pytest.mark.parametrize(
    ("match", "path", "target", "lies_inside"),
    [
        ("prefix", "/a", "/a/b/{rest}", True),
        ("prefix", "/a", "/b/{rest}", False),
        ("exact", "/a", "/a/b", False),
        ("pattern", "/a/<x>", "/a/b/{x}", True),
    ],
)
def test_a_target_may_lie_inside_its_source(match, path, target, lies_inside):
    assert way(match, path, target).has_own_output is lies_inside


@pytest.mark.parametrize(
    ("match", "path", "target"),
    [("exact", "/a", "/a"), ("prefix", "/a", "/a"), ("pattern", "/a/*", "/a/{1}")],
)
def test_a_way_in_a_circle_is_refused(match, path, target):
    found = way(match, path, target)
    with pytest.raises(Refused, match="again and again"):
        found.refuse_circle(lambda visit: dict(found.source.match(visit.path) or {}))


def test_only_where_the_source_covers_it_a_location_leads_back():
    found = way("prefix", "/a", "/{rest}")
    assert found.leads_back(taken_apart("/a/x"), Visit("/a/a/x"))
    assert not found.leads_back(taken_apart("/x"), Visit("/a/x"))
    foreign = taken_apart("https://pay.example/a/x")
    assert not found.leads_back(foreign, Visit("/a/a/x"))


def test_visits_of_no_arm_are_sent_on():
    """Whoever is at one arm's address is left alone by all of them."""
    arms = [
        {"id": "b", "target": "/old/b/", "percentage": 50},
        {"id": "c", "target": "/c/", "percentage": 50},
    ]
    rule = make_rule("/old/", match="prefix", destinations=arms)
    assert [each.code for each in rule.checks].count("own_target") == 1
