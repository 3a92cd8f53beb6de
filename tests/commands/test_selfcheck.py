"""``selfcheck``: a sound split passes, a broken one is found, nobody is counted."""

from collections import Counter
from io import StringIO
from shlex import split

import pytest
from django.core.management import CommandError, call_command

from temp_redirects.core.splits import ORIGINAL
from temp_redirects.management.replays import Replay
from temp_redirects.management.verbs.selfcheck import lines_of, problems_of
from temp_redirects.models import ArmCount, HitCount
from temp_redirects.tallies import tallies
from tests.commands.running import read, refused, told
from tests.experimenting import experiment

pytestmark = pytest.mark.django_db

CHECK = "selfcheck pricing-test"


@pytest.fixture
def row():
    return experiment()


@pytest.mark.long
@pytest.mark.parametrize("sticky", ["visitor", "user", "address", "request"])
def test_a_sound_split_passes(sticky):
    goal = "/thanks/" if sticky in {"visitor", "user"} else ""
    experiment(sticky=sticky, goal=goal, percentages={"b": 30, "c": None})

    found = read("selfcheck", "pricing-test", "--visitors", "2000")

    assert found["problems"] == []
    assert found["missed"] == found["changed"] == 0
    assert found["came_again"] == (0 if sticky == "request" else 1_000)
    assert [each["share"] for each in found["arms"]] == [30, 70]
    assert sum(each["visitors"] for each in found["arms"]) == 2_000


def test_it_is_told_in_lines(row):
    lines = told("selfcheck", "pricing-test", "--visitors", "500").splitlines()

    assert lines[0] == "“pricing-test”: 500 made-up visitors asked for /pricing/"
    assert "set to  50.0\u00a0%" in lines[1]
    assert lines[2].endswith("“New page”") or lines[2].endswith("the original page")
    assert lines[3].startswith("ok     the split, p ")
    assert lines[4] == "ok     500 came again, 0 got another page"


def test_another_split_is_looked_at_beside_it(row):
    experiment(name="other", path="/other/")
    experiment(name="by chance", path="/chance/", sticky="request", goal="")
    experiment(name="whole", path="/whole/", percentages={"b": 100}, goal="")

    found = read("selfcheck", "pricing-test", "--visitors", "1000")

    assert found["beside"].keys() == {"other"}
    assert found["problems"] == []
    assert "ok     independent of “other”, p " in told(
        "selfcheck", "pricing-test", "--visitors", "500"
    )


def test_nobody_is_counted(row):
    read("selfcheck", "pricing-test", "--visitors", "50")

    tallies.flush()

    assert not ArmCount.objects.exists()
    assert not HitCount.objects.exists()


def test_visitors_who_are_not_to_be_counted_break_the_split(row, settings):
    settings.TEMP_REDIRECTS = {"CONSENT": "tests.commands.test_selfcheck.never"}

    out = StringIO()

    with pytest.raises(CommandError, match="Problems: mismatch") as error:
        call_command("temp_redirects", *f"{CHECK} --visitors 200".split(), stdout=out)

    assert error.value.returncode == 1
    assert "WRONG  the split, p 0.0000" in out.getvalue()


def never(request):
    return False


def test_visitors_whom_the_rule_is_not_for_are_told():
    experiment(conditions=[{"kind": "header", "value": "X-Beta"}])

    code, error = refused("selfcheck", "pricing-test", "--visitors", "20")
    found = read(
        "selfcheck", "pricing-test", "--visitors", "20", "--header", "X-Beta: 1"
    )

    assert code == 1
    assert "The rule answers none of 20 visitors who ask for /pricing/." in error
    assert found["missed"] == 0


def test_the_refusal_prints_a_command_that_says_what_decides_instead():
    experiment(conditions=[{"kind": "header", "value": "X-Beta"}])

    _, error = refused(
        *("selfcheck", "pricing-test", "--visitors", "20"),
        *("--url", "/pricing/?a=1&b=it's", "--header", "X-Other: a b"),
    )
    words = split(error.partition("What decides instead: ")[2])

    assert words[:3] == ["temp_redirects", "explain", "GET"]
    explained = read(*words[1:])
    assert explained["reason"] == "none_holds"
    assert explained["url"].endswith("/pricing/?a=1&b=it's")


def test_visitors_whom_the_rule_does_not_answer_are_left_out():
    experiment(conditions=[{"kind": "address", "value": "10.0.0.0/26"}])

    assert read("selfcheck", "pricing-test", "--visitors", "100")["missed"] == 36
    assert "36 of them were not answered by this rule" in told(
        "selfcheck", "pricing-test", "--visitors", "100"
    )


def test_a_rule_of_another_host_is_asked_there():
    experiment(hosts=["testserver"])

    found = read("selfcheck", "pricing-test", "--visitors", "20")

    assert found["url"] == "https://testserver/pricing/"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"enabled": False}, "“pricing-test” is paused; only a live rule is checked."),
        (
            {"goal": "", "destinations": [{"target": "/new/"}]},
            "“pricing-test” sends everybody to one place; it is no split.",
        ),
    ],
)
def test_what_is_no_live_split_is_refused(change, says):
    experiment(**change)

    assert refused("selfcheck", "pricing-test") == (1, says)


def test_a_rule_that_is_not_there_has_its_own_code():
    assert refused("selfcheck", "pricing-test")[0] == 3


def test_without_the_middleware_nothing_can_be_checked(row, settings):
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]

    code, error = refused("selfcheck", "pricing-test")

    assert code == 1
    assert "is missing in MIDDLEWARE" in error


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        pytest.param({}, [], id="sound"),
        pytest.param({"changed": 1}, ["changed"], id="another page the second time"),
        pytest.param(
            {"beside": {"x": Counter({("b", "b"): 50, (ORIGINAL, ORIGINAL): 50})}},
            ["dependent"],
            id="another split gives the same visitors the same arms",
        ),
        pytest.param(
            {"arms": Counter({"b": 100})}, ["mismatch"], id="everybody got one page"
        ),
    ],
)
def test_each_problem_has_its_code(row, facts, problems):
    even = {"arms": Counter({"b": 50, ORIGINAL: 50}), "came_again": 100}

    found = Replay(row.compile(), 100, **{**even, **facts})

    assert list(problems_of(found)) == problems
    assert [line[:5] for line in lines_of(found, "/") if line[:5] == "WRONG"] == (
        ["WRONG"] * len(problems)
    )
