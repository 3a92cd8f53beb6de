"""Verdicts: what is said, when, and how often it is wrong."""

from random import Random

import pytest

from temp_redirects.core.experiments import (
    ALPHA,
    Counts,
    Look,
    Verdict,
    evaluate,
    holm,
)
from tests.core.experiments import exactly

DAY = 24 * 60 * 60  # seconds
HALVES = {"original": 50.0, "b": 50.0}


def look(day=0.0, **arms):
    """Look at arms given as (visitors, conversions)."""
    return Look(day * DAY, {arm: Counts(*counts) for arm, counts in arms.items()})


def judge(*looks, shares=HALVES, day=8, planned=None):
    evidence = evaluate(looks, shares, "original", now=day * DAY, planned=planned)
    return evidence.verdict


CLEAR = {"original": (5_000, 250), "b": (5_000, 400)}


@pytest.mark.parametrize(
    ("verdict", "arms", "asked"),
    [
        pytest.param(
            Verdict("too_early", reason="visitors"),
            {"original": (900, 90), "b": (29, 29)},
            {"shares": {"original": 97.0, "b": 3.0}},
            id="few visitors",
        ),
        pytest.param(
            Verdict("too_early", reason="conversions"),
            {"original": (1_000, 4), "b": (1_000, 80)},
            {},
            id="few conversions",
        ),
        pytest.param(
            Verdict("too_early", reason="week"), CLEAR, {"day": 6.9}, id="no week yet"
        ),
        pytest.param(Verdict("better", arm="b"), CLEAR, {}, id="clear"),
        pytest.param(
            Verdict("better", arm="original"),
            {"original": (5_000, 400), "b": (5_000, 250)},
            {},
            id="the original page is better",
        ),
        pytest.param(
            Verdict("no_clear_difference"),
            {"original": (5_000, 250), "b": (5_000, 260)},
            {},
            id="alike, no plan",
        ),
        pytest.param(
            Verdict("too_early", reason="planned"),
            {"original": (5_000, 250), "b": (5_000, 260)},
            {"planned": 20_000},
            id="alike, before the planned size",
        ),
        pytest.param(
            Verdict("no_clear_difference"),
            {"original": (5_000, 250), "b": (5_000, 260)},
            {"planned": 10_000},
            id="alike at the planned size",
        ),
        pytest.param(
            Verdict("mismatch"),
            {"original": (5_000, 250), "b": (6_000, 480)},
            {},
            id="more visitors than its share",
        ),
        pytest.param(
            Verdict("mismatch"),
            CLEAR | {"c": (1, 0)},
            {"shares": HALVES | {"c": 0.0}},
            id="a visitor of a closed arm",
        ),
        pytest.param(
            Verdict("mismatch"), CLEAR | {"gone": (3, 0)}, {}, id="an unknown arm"
        ),
    ],
)
def test_what_is_said(verdict, arms, asked):
    assert judge(look(**arms), **asked) == verdict


@pytest.mark.parametrize(
    ("verdict", "c"),
    [
        pytest.param(Verdict("better", arm="c"), (5_000, 500), id="the best one"),
        pytest.param(Verdict("better", arm="b"), (5_000, 260), id="one is alike"),
        pytest.param(Verdict("better", arm="b"), (5_000, 120), id="one is worse"),
    ],
)
def test_of_several_arms_the_best_that_is_clearly_better_wins(verdict, c):
    shares = {"original": 1.0, "b": 1.0, "c": 1.0}

    assert judge(look(**CLEAR, c=c), shares=shares) == verdict


def test_the_original_page_has_to_beat_every_arm():
    shares = {"original": 1.0, "b": 1.0, "c": 1.0}
    worse = {"original": (5_000, 400), "b": (5_000, 250)}

    some = judge(look(**worse, c=(5_000, 390)), shares=shares)
    every = judge(look(**worse, c=(5_000, 240)), shares=shares)

    assert some == Verdict("no_clear_difference")
    assert every == Verdict("better", arm="original")


def test_nobody_came():
    evidence = evaluate([], HALVES, "original", now=DAY)

    assert evidence.verdict == Verdict("too_early", reason="visitors")
    assert evidence.visitors == evidence.days == 0
    assert evidence.comparisons[0].sequence == (-1, 1)
    assert evidence.rate_interval("b") == (0, 1)


def test_a_winner_that_was_clear_once_stays_one():
    """The smallest p counts, and so does what an earlier look ruled out."""
    drifted = look(9, original=(9_000, 450), b=(9_000, 545))

    alone = evaluate([drifted], HALVES, "original", now=9 * DAY).comparisons[0]
    after = evaluate([look(**CLEAR), drifted], HALVES, "original", now=9 * DAY)

    assert not alone.is_clear
    assert alone.sequence.lower < 0
    assert after.comparisons[0].sequence.lower > 0
    assert after.verdict == Verdict("better", arm="b")


def test_where_looks_rule_each_other_out_the_last_one_counts():
    fell = look(9, original=(50_000, 5_000), b=(50_000, 2_000))

    found = evaluate([look(**CLEAR), fell], HALVES, "original", now=9 * DAY)
    alone = evaluate([fell], HALVES, "original", now=9 * DAY)

    assert found.comparisons[0].sequence == alone.comparisons[0].sequence


PLANNED = {"original": (10_000, 500), "b": (10_000, 570)}  # p is 0.028


def test_at_the_planned_size_the_ordinary_test_counts_and_not_before():
    before = evaluate(
        [look(**PLANNED)], HALVES, "original", now=8 * DAY, planned=20_001
    )
    at = evaluate([look(**PLANNED)], HALVES, "original", now=8 * DAY, planned=20_000)

    assert before.comparisons[0].fixed_p is None
    assert before.verdict == Verdict("too_early", reason="planned")
    assert at.comparisons[0].p > ALPHA
    assert at.comparisons[0].fixed_p == pytest.approx(0.0278, abs=0.0001)
    assert at.verdict == Verdict("better", arm="b")


def test_what_the_planned_size_said_is_not_asked_again():
    later = look(9, original=(20_000, 1_000), b=(20_000, 1_050))

    found = evaluate(
        [look(**PLANNED), later], HALVES, "original", now=9 * DAY, planned=20_000
    )

    assert found.comparisons[0].fixed_p == pytest.approx(0.028, abs=0.001)


def test_of_a_thousand_tests_without_a_difference_few_name_a_winner():
    """An A/A test of the planned size, looked at 50 times; errs in less than 5 %."""
    random = Random(307)  # noqa: S311 (the same tests on every run)
    wrong = sum(_names_a_winner(random) for _ in range(1_000))

    assert 0 < wrong < 50


def _names_a_winner(random):
    # Binomial counts of 400 visitors, rate 5 %, by their normal approximation.
    totals = [0.0, 0.0]
    looks = []
    for number in range(1, 51):
        totals = [at + max(0, round(random.gauss(20, 19**0.5))) for at in totals]
        arms = {
            arm: Counts(400 * number, int(total))
            for arm, total in zip(HALVES, totals, strict=True)
        }
        looks.append(Look(number * DAY, arms))
    found = evaluate(looks, HALVES, "original", now=51 * DAY, planned=40_000)
    return found.verdict.code == "better"


def test_holms_correction():
    # By hand: 0.01 x 3, 0.02 x 2, 0.5 x 1; and never below the one before.
    assert holm([0.5, 0.01, 0.02]) == exactly([0.5, 0.03, 0.04])
    assert holm([0.03, 0.02]) == exactly([0.04, 0.04])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
