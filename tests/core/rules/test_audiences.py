from dataclasses import replace

import pytest

from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.documents import Rejected
from temp_redirects.core.rules import (
    MAX_CONDITIONS,
    NotFor,
    OnlyFor,
)
from temp_redirects.core.visits import Visit
from tests.core.making import (
    NOON,
    FromCookie,
    make_rule,
)


def holds(rule, visit):
    """Say whether the visit passes every check of the rule."""
    return all(each.holds(visit, NOON) for each in rule.checks)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_rule_is_only_for_and_not_for_its_conditions(scheme):
    visit = Visit("/", scheme=scheme)
    assert OnlyFor(Scheme("https")).holds(visit, NOON) is (scheme == "https")
    assert NotFor(Scheme("https")).holds(visit, NOON) is (scheme == "http")


def test_at_most_twenty_conditions_are_allowed():
    http = {"kind": "scheme", "value": "http"}
    some, half = [http] * MAX_CONDITIONS, [http] * (MAX_CONDITIONS // 2)
    assert len(make_rule(conditions=some).conditions) == 20
    assert len(make_rule(conditions=half, unless=half).checks) == 21
    with pytest.raises(Rejected, match="at most 20 conditions"):
        make_rule(conditions=some, unless=[http])


def with_conditions(*conditions, unless=()):
    return replace(make_rule(), conditions=conditions, unless=unless)


def test_a_fact_that_is_not_known_admits_nobody_and_excepts_nobody():
    person, visit = FromCookie("http"), Visit("/")
    assert not OnlyFor(person).holds(visit, NOON)
    assert NotFor(person).holds(visit, NOON)


def test_an_answer_is_personal_where_one_condition_is():
    person, visit = FromCookie("http"), Visit("/")
    assert with_conditions(Scheme("http")).consulted(visit) == ((), False)
    assert with_conditions(Scheme("http"), person).consulted(visit)[1]
    assert with_conditions(unless=(person,)).consulted(visit)[1]


def test_the_headers_that_any_condition_consulted_are_named():
    visit = Visit("/", scheme_header="X-Forwarded-Proto")
    person, scheme = FromCookie("http"), Scheme("http")
    headers, _ = with_conditions(scheme, unless=(person,)).consulted(visit)
    assert headers == ("X-Forwarded-Proto", "Cookie")


class Failing(Scheme):
    """A project's own condition with a defect in each of its answers."""

    kind = None

    def fail(self, visit):
        raise RuntimeError("defect")

    holds = explain = consulted = fail


def test_a_condition_that_raises_admits_nobody_and_excepts_nobody():
    failing, visit = Failing("http"), Visit("/")
    assert not OnlyFor(failing).holds(visit, NOON)
    assert NotFor(failing).holds(visit, NOON)
    assert [str(error) for _, error in visit.errors] == ["defect", "defect"]


def test_a_condition_that_raises_is_explained_by_what_it_raised():
    visit = Visit("/")
    sentence = OnlyFor(Failing("http")).explain(visit, NOON)
    assert str(sentence) == "None failed: RuntimeError('defect')"


def test_what_depends_on_nobody_knows_what_is_in_no_shared_cache():
    visit = Visit("/")
    assert with_conditions(Failing("http")).consulted(visit) == ((), True)
    assert visit.errors
