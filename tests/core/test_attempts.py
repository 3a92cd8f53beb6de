import pytest

from temp_redirects.core.attempts import Attempt, Step, try_rule
from temp_redirects.core.sentences import Sentence
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.visits import Visit
from tests.core.making import NOON, SITE, make_rule

SPLIT = [{"id": "b", "target": "/b/", "percentage": 100}]
STAYS = [{"id": "b", "target": "/b/", "percentage": 0}]


def tried(rule, **facts):
    """Return what the rule decides, the codes of its steps, and what was refused."""
    attempt, refusals = Attempt("rule", Sentence("first")), []
    visit = Visit("/old/", host="shop.example", site=SITE, **facts)
    won = try_rule(rule, visit, NOON, attempt, refusals)
    assert try_rule(rule, visit, NOON, None, []) == won
    return won and won.location, [step.code for step in attempt.steps], refusals


@pytest.mark.parametrize(
    ("keys", "location", "steps"),
    [
        pytest.param({}, "/new/", ["protected", "target"], id="a plain rule"),
        pytest.param(
            {"destinations": SPLIT},
            "/b/",
            ["protected", "split", "target"],
            id="an arm",
        ),
        pytest.param(
            {"destinations": STAYS},
            "",
            ["protected", "split", "original"],
            id="the original page",
        ),
        pytest.param(
            {"methods": ["POST"]}, None, ["method", "protected"], id="it does not hold"
        ),
    ],
)
def test_a_rule_decides_and_says_how(keys, location, steps):
    found, codes, refusals = tried(make_rule(**keys))
    assert (found, codes, refusals) == (location, steps, [])


def test_what_is_switched_off_decides_nothing_and_is_looked_at_for_a_trace_only():
    attempt, visit = Attempt("rule", Sentence("first")), Visit("/old/", site=SITE)
    for each in (attempt, None):
        assert try_rule(make_rule(), visit, NOON, each, [], KillSwitch()) is None
    assert attempt.steps[0].code == "kill_switch"
    assert len(attempt.steps) > 1
    assert not attempt.holds


def test_an_attempt_holds_where_every_step_does():
    steps = [Step("a", True, Sentence("")), Step("b", False, Sentence(""))]
    assert Attempt("rule", Sentence(""), steps=steps[:1]).holds
    assert not Attempt("rule", Sentence(""), steps=steps).holds
    assert not Attempt("rule", Sentence(""), rejected=Sentence("no")).holds
