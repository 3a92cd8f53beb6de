"""What ``docs/precedence.md`` lists is what the code does, in that order."""

import ast
import inspect
import re

import pytest

from temp_redirects import explanations, hops
from temp_redirects.core import rulesets
from temp_redirects.core.attempts import Attempt, try_rule
from temp_redirects.core.patterns import KINDS
from temp_redirects.core.sentences import Sentence
from temp_redirects.core.switches import CODE as KILL_SWITCH
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import PRIORITY
from tests.core.making import NOON, SITE, make_rule
from tests.serving import ROOT

PAGE = ROOT / "docs/precedence.md"


def under(heading):
    """Return what stands under a heading of the page."""
    _, found = PAGE.read_text("utf-8").split(f"## {heading}\n")
    return found.partition("\n## ")[0]


# The order of rules

# What makes a rule better in each thing that the page lists.
BETTER = {
    "the higher `priority`": {"priority": 1},
    "the kind of source": {"match": "exact"},
    "the longer fixed part": {"path": "/shop/shoes/"},
    "a rule that names a host": {"hosts": ["shop.example"]},
    "the smaller id": {"id": f"{1:032x}"},
}
KINDS_SAID = {
    "exact": "*exactly this path*",
    "pattern": "a pattern",
    "regex": "a regular expression",
    "prefix": "*this path and everything under it*",
}


def listed_order():
    """Return the points of the order as the page tells them, by how they begin."""
    points = re.findall(r"^\d\. (.+)$", under("The order"), re.MULTILINE)
    return {
        next(each for each in BETTER if point.startswith(each)): point
        for point in points
    }


def place(better):
    """Return the place of a rule that is better in these things, and in no others."""
    keys = {"path": "/shop/", "match": "prefix", "id": f"{2:032x}"}
    return make_rule(**keys | better).precedence


def test_rules_are_tried_in_the_order_listed():
    things = list(listed_order())
    assert len(things) == len(place({}))

    in_all_after = {}
    for thing in reversed(things):
        assert place(BETTER[thing]) < place(in_all_after), thing
        in_all_after |= BETTER[thing]


def test_kinds_of_source_are_tried_in_the_order_listed():
    line = listed_order()["the kind of source"]

    listed = sorted(KINDS, key=lambda kind: line.index(KINDS_SAID[kind]))
    assert listed == sorted(KINDS, key=lambda kind: KINDS[kind].rank)


def test_windows_have_the_priority_that_is_told():
    assert f"with the priority {PRIORITY} " in under("The order")


# Reason codes


def test_the_reason_codes_listed_are_all_there_are():
    listed = under("Reason codes")
    by_settings = {explanations.DISABLED, explanations.PREFETCH}

    decided = reasons_in(rulesets) | reasons_in(hops)
    assert {"match", "no_rule"} < decided
    codes = re.findall(r"^\| `(\w+)` \|", listed, re.MULTILINE)
    assert sorted(codes) == sorted(decided | by_settings)


def reasons_in(module):
    """Return the codes that a module gives to decisions."""
    nodes = ast.walk(ast.parse(inspect.getsource(module)))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    first = [call.args[0] for call in calls if ast.unparse(call.func) == "Decision"]
    named = [
        word.value for call in calls for word in call.keywords if word.arg == "reason"
    ]
    either = [
        each
        for found in first + named
        for each in (
            (found.body, found.orelse) if isinstance(found, ast.IfExp) else (found,)
        )
    ]
    return {
        vars(module)[each.id] if isinstance(each, ast.Name) else ast.literal_eval(each)
        for each in either
    }


# Steps

CONDITIONS = {"country", "unless_country"}  # stand for those of every kind
# Steps that some visits have only, or some rules.
SOME = {KILL_SWITCH, "split", "original", "own_url", "safe_target", "target"}


def listed_steps():
    """Return the codes of steps in the order of the page."""
    rows = re.findall(r"^\| (`.+?) \|", under("Steps"), re.MULTILINE)
    return re.findall(r"`(\w+)`", " ".join(rows))


def test_the_steps_listed_are_all_there_are():
    core = ROOT / "temp_redirects/core"
    written = "".join(module.read_text("utf-8") for module in core.rglob("*.py"))
    code = r'\b(?:code: ClassVar\[str\] = |_note\(\s*attempt, )"(\w+)"'

    found = {KILL_SWITCH, *re.findall(code, written)} | CONDITIONS
    assert sorted(listed_steps()) == sorted(found)


@pytest.mark.parametrize(
    ("percentage", "stop", "ends"),
    [
        pytest.param(100, None, {"split", "target"}, id="an arm"),
        pytest.param(0, None, {"split", "original"}, id="the original page"),
        pytest.param(100, KillSwitch(), {KILL_SWITCH}, id="switched off"),
    ],
)
def test_steps_are_taken_in_the_order_listed(percentage, stop, ends):
    attempt = Attempt("rule", Sentence("tried first"))
    visit = Visit("/shop/", host="shop.example", country="DE", site=SITE)
    rule = make_rule(
        "/",
        match="prefix",
        destinations=[
            {"id": "b", "target": "/in/{country}/", "percentage": percentage}
        ],
        methods=["GET"],
        hosts=["shop.example"],
        except_paths=["/a"],
        conditions=[{"kind": "country", "value": "DE"}],
        unless=[{"kind": "country", "value": "AT"}],
        schedule={"starts_at": "2026-01-01T00:00", "timezone": "UTC"},
    )

    try_rule(rule, visit, NOON, attempt, [], stop)

    expected = [code for code in listed_steps() if code not in SOME - ends]
    assert [step.code for step in attempt.steps] == expected
