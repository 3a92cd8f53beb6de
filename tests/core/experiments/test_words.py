"""What counts say in words: a marketer reads it, and acts on it."""

import pytest

from temp_redirects.core.experiments import Counts, Look, evaluate
from temp_redirects.core.experiments.rates import Interval
from temp_redirects.core.experiments.words import (
    between,
    explanation,
    headline,
    percent,
    points,
    points_between,
    progress,
    split_health,
)

DAY = 24 * 60 * 60
HALVES = {"original": 50.0, "b": 50.0}
NAMES = {"original": "the original page", "b": "“New page”", "c": "“Third”"}


def evidence(shares=HALVES, days=10, planned=None, **arms):
    counts = {arm: Counts(*pair) for arm, pair in arms.items()}
    looks = [Look(0.0, counts)] if counts else []
    return evaluate(looks, shares, "original", now=days * DAY, planned=planned)


def told(found):
    return str(headline(found, NAMES)), " ".join(map(str, explanation(found, NAMES)))


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (0, "0.0 %"),
        (0.0561, "5.6 %"),
        (0.0056, "0.56 %"),
        (0.01, "1.0 %"),
        (1, "100.0 %"),
    ],
)
def test_a_share_is_told_in_percent(rate, shown):
    assert percent(rate) == shown.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("difference", "shown"),
    [
        pytest.param(0.011, "+1.1 points", id="ahead"),
        pytest.param(-0.003, "−0.3 points", id="behind, with a true minus"),
        pytest.param(0.0004, "+0.04 points", id="a small one keeps a figure"),
        pytest.param(-0.00001, "0 points", id="nothing has no sign"),
    ],
)
def test_a_difference_is_told_in_points(difference, shown):
    assert points(difference) == shown.replace(" ", "\u00a0")


def test_intervals_are_told_with_one_unit():
    assert between(Interval(0.05, 0.061)) == "5.0 to 6.1\u00a0%"
    assert points_between(Interval(-0.003, 0.011)) == "−0.3 to +1.1\u00a0points"


CLEAR = {"original": (10_000, 500), "b": (10_000, 700)}


@pytest.mark.parametrize(
    ("found", "says", "because"),
    [
        pytest.param(
            evidence(**CLEAR),
            "“New page” is better.",
            "7.0 % of its visitors reached the goal, against 5.0 % of those of the "
            "original page: +2.0 points. The real difference is likely between",
            id="an arm is better",
        ),
        pytest.param(
            evidence(original=(10_000, 700), b=(10_000, 500)),
            "The original page is better.",
            "7.0 % of its visitors reached the goal, against 5.0 % of those of “New "
            "page”: +2.0 points. The real difference is likely between +1.",
            id="the original page is better",
        ),
        pytest.param(
            evidence(
                {**HALVES, "c": 50},
                original=(10_000, 900),
                b=(10_000, 500),
                c=(10_000, 600),
            ),
            "The original page is better.",
            "against 6.0 % of those of “Third”: +3.0 points",
            id="the original page is better than the best of the others",
        ),
        pytest.param(
            evidence(original=(60, 6), b=(40, 2), days=10, planned=1_000),
            "Too early to tell.",
            "Of each page’s visitors 5 have to reach the goal before anything can be "
            "said. “New page” is 5.0 points behind the original page so far;",
            id="too few reached the goal",
        ),
        pytest.param(
            evidence(original=(10, 6), b=(12, 6)),
            "Too early to tell.",
            "Each page needs 30 visitors before anything can be said. “New page” is "
            "10.0 points behind the original page so far; the real difference may be",
            id="too few came",
        ),
        pytest.param(
            evidence(),
            "Too early to tell.",
            "Each page needs 30 visitors",
            id="none came",
        ),
        pytest.param(
            evidence(**CLEAR, days=3),
            "Too early to tell.",
            "A test takes 7 days at least, because weekends bring other people than "
            "working days. “New page” is 2.0 points ahead of the original page so far;",
            id="no week is over",
        ),
        pytest.param(
            evidence(original=(1_000, 50), b=(1_000, 55), planned=10_000),
            "Too early to tell.",
            "The planned number of visitors has not come yet.",
            id="the planned size is not reached",
        ),
        pytest.param(
            evidence(original=(5_000, 250), b=(5_000, 250), planned=10_000),
            "No clear difference.",
            "“New page” is as good as the original page so far; the real difference "
            "may be between −1.3 and +1.3 points. The planned number of visitors has "
            "come, and what there is may be chance",
            id="no difference at the planned size",
        ),
        pytest.param(
            evidence(original=(5_000, 250), b=(5_000, 255)),
            "No clear difference.",
            "Plan how many visitors the test is to have",
            id="no difference, and nothing was planned",
        ),
        pytest.param(
            evidence(original=(6_000, 300), b=(4_000, 600)),
            "Do not trust these numbers.",
            "Something keeps visitors from a page, so no winner is named.",
            id="the split is broken, however clear the rates",
        ),
    ],
)
def test_a_sentence_says_what_may_be_said(found, says, because):
    said, why = told(found)

    assert said == says
    assert because in why.replace("\u00a0", " ")


def test_where_nobody_came_nobody_is_ahead():
    assert len(explanation(evidence(b=(10, 1)), NAMES)) == 1


@pytest.mark.parametrize("code", ["better", "mismatch"])
def test_a_broken_split_names_no_winner(code):
    arms = CLEAR if code == "better" else {**CLEAR, "b": (9_000, 700)}
    found = evidence(**arms)

    assert found.verdict.code == code
    assert ("better" in " ".join(told(found))) is (code == "better")


@pytest.mark.parametrize(
    ("found", "shares", "says"),
    [
        (evidence(), HALVES, "Nobody has come yet."),
        (
            evidence(original=(502, 5), b=(498, 5)),
            HALVES,
            "The split is as it should be: 50.2 % / 49.8 %, set to 50.0 % / 50.0 %.",
        ),
        (
            evidence(original=(600, 5), b=(400, 5)),
            HALVES,
            "The split is 60.0 % / 40.0 %, but set to 50.0 % / 50.0 % (the original "
            "page and “New page”).",
        ),
        (
            evidence(original=(500, 5), b=(499, 5), c=(1, 0)),
            HALVES,
            "The split is 50.0 % / 49.9 % / 0.10 %, but set to 50.0 % / 50.0 % / 0.0 % "
            "(the original page, “New page” and “Third”).",
        ),
    ],
)
def test_the_split_is_told_beside_what_it_was_set_to(found, shares, says):
    said = str(split_health(found, shares, NAMES))

    assert said.replace("\u00a0", " ") == says


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (evidence(original=(5, 1)), "None"),
        (
            evidence(planned=1_000),
            "0 of the 1,000 planned visitors have come (0 %).",
        ),
        (
            evidence(original=(205, 1), b=(205, 1), planned=1_000),
            "410 of the 1,000 planned visitors have come (41 %); at this pace it takes "
            "15 more days.",
        ),
        (
            evidence(original=(495, 1), b=(495, 1), planned=1_000),
            "990 of the 1,000 planned visitors have come (99 %); at this pace it takes "
            "1 more day.",
        ),
        (
            evidence(original=(600, 1), b=(600, 1), planned=1_000),
            "1,200 visitors have come, more than the 1,000 planned.",
        ),
        (
            evidence(original=(500, 1), b=(500, 1), planned=1_000),
            "1,000 of the 1,000 planned visitors have come (100 %).",
        ),
    ],
)
def test_progress_says_how_long_it_takes(found, says):
    assert str(progress(found)).replace("\u00a0", " ") == says
