"""Results of an experiment: arms, days and epochs, from what was counted."""

from datetime import UTC, date, datetime, timedelta

import pytest

from temp_redirects.core.experiments import Counts
from temp_redirects.core.splits import ORIGINAL
from temp_redirects.models import RedirectRule
from temp_redirects.models.counts import HOUR
from temp_redirects.results import Came, results
from tests.experimenting import NIGHT, NOW, START, count, experiment
from tests.factories import DestinationFactory

pytestmark = pytest.mark.django_db


def test_nobody_came_yet():
    found = results(experiment(), now=NOW)

    assert found.epoch
    assert found.is_present
    assert found.is_known
    assert [(arm.name, arm.share, arm.counts) for arm in found.arms] == [
        ("the original page", 50, Counts()),
        ("New page", 50, Counts()),
    ]
    assert str(found.headline) == "Too early to tell."
    assert str(found.health) == "Nobody has come yet."
    assert found.days == []
    assert found.epochs == []


def test_the_original_page_is_what_others_are_compared_with():
    row = experiment()
    count(row, {ORIGINAL: (1_000, 50), "b": (1_000, 80)})

    original, new = results(row, now=NOW).arms

    assert (original.id, original.comparison, original.target) == (ORIGINAL, None, "")
    assert (new.id, new.target) == ("b", "/pricing-b/")
    assert new.comparison.difference == pytest.approx(0.03)
    assert original.interval.lower < 0.05 < original.interval.upper


def test_without_visitors_for_the_original_page_the_first_destination_is():
    row = experiment(percentages={"b": 30, "c": 70})
    count(row, {"b": (300, 9), "c": (700, 40)})

    found = results(row, now=NOW)

    assert [(arm.id, bool(arm.comparison)) for arm in found.arms] == [
        ("b", False),
        ("c", True),
    ]


def test_a_label_or_else_the_target_is_the_name():
    row = experiment(percentages={"b": None, "c": None}, labels={"b": ""})

    assert results(row, now=NOW).names == {"b": "/pricing-b/", "c": "New page"}


def test_days_are_those_of_the_rules_own_clock():
    """Berlin is an hour ahead of UTC in winter."""
    row = experiment(timezone="Europe/Berlin")
    for hour, visitors in ((0, 10), (22, 5), (23, 3)):
        count(row, {ORIGINAL: (visitors, 1)}, hour=hour)
    count(row, {"b": (2, 0)}, hour=22)

    first, second = results(row, now=NOW).days

    assert (first.date, second.date) == (date(2026, 10, 26), date(2026, 10, 27))
    assert first.new == {ORIGINAL: Came(15, 2), "b": Came(2, 0)}
    assert second.new == {ORIGINAL: Came(3, 1), "b": Came(0, 0)}
    assert second.total == {ORIGINAL: Counts(18, 3), "b": Counts(2, 0)}


def test_who_converts_today_may_have_come_yesterday():
    row = experiment()
    count(row, {"b": (4, 0)}, hour=0)
    count(row, {"b": (0, 3)}, hour=24)

    assert results(row, now=NOW).days[-1].new == {"b": Came(0, 3)}


def test_a_zone_that_cannot_be_read_is_utc():
    row = experiment()
    count(row, {ORIGINAL: (1, 0)}, hour=23)
    RedirectRule.objects.update(timezone="Mars/Base")

    (day,) = results(RedirectRule.objects.get(), now=NOW).days

    assert day.date == date(2026, 10, 26)


def test_the_planned_size_says_how_long_it_takes():
    row = experiment(planned_visitors=4_000)
    count(row, {ORIGINAL: (500, 20), "b": (500, 20)})

    found = results(row, now=(NIGHT + 1 + 24 * 5) * HOUR)

    assert found.days_left == 15
    assert "1,000 of the 4,000 planned visitors" in str(found.progress)


def test_without_a_plan_nothing_is_left_to_do():
    row = experiment()

    assert results(row, now=NOW).days_left is None
    assert results(row, now=NOW).progress is None


def test_the_days_of_a_rule_end_with_it():
    row = experiment(ends_at=datetime.fromtimestamp((NIGHT + 48) * HOUR, UTC))
    count(row, {ORIGINAL: (500, 20), "b": (500, 20)}, hour=23)

    assert results(row, now=NOW).evidence.days == 1


def test_the_days_of_a_rule_that_repeats_go_on_until_its_last_end():
    night = {
        "starts_at": START.isoformat(),
        "ends_at": (START + timedelta(hours=6)).isoformat(),
        "timezone": "UTC",
        "repeat": "FREQ=DAILY",
        "until": "2026-11-02",
    }
    row = experiment(schedule=night)
    count(row, {ORIGINAL: (1_000, 50), "b": (1_000, 110)})
    begun = START.timestamp() + HOUR  # when the first hour was over

    later = [results(row, now=begun + days * 24 * HOUR).evidence for days in (1, 7, 30)]

    assert [round(each.days, 2) for each in later] == [1, 7, 7.21]
    assert [each.verdict.code for each in later] == ["too_early", "better", "better"]


def test_an_earlier_epoch_keeps_its_own_shares_and_words():
    row = experiment()
    before = results(row, now=NOW).epoch
    count(row, {ORIGINAL: (500, 20), "b": (500, 20)})
    row = experiment(percentages={"b": 10}, labels={"b": "Other"})

    now = results(row, now=NOW)
    then = results(row, now=NOW, epoch=before)

    assert now.epoch != before
    assert (now.is_present, then.is_present) == (True, False)
    assert (now.shares["b"], then.shares["b"]) == (10, 50)
    assert (now.names["b"], then.names["b"]) == ("Other", "New page")
    assert now.evidence.visitors == 0
    assert then.evidence.visitors == 1_000
    assert then.evidence.mismatch == 1
    assert [each.id for each in now.epochs] == [before]


def test_a_forgotten_epoch_is_not_judged_by_its_split():
    row = experiment()
    count(row, {ORIGINAL: (900, 20), "b": (100, 20)}, epoch="long")

    found = results(row, now=NOW, epoch="long")

    assert not found.is_known
    assert found.evidence.verdict.code != "mismatch"
    assert "is forgotten" in str(found.health)
    assert found.names["b"] == "New page"


def test_an_epoch_that_never_was_has_nothing():
    found = results(experiment(), now=NOW, epoch="never")

    assert (found.arms[0].id, found.evidence.visitors) == (ORIGINAL, 0)


def test_a_rule_that_is_no_experiment_any_more_shows_its_last_epoch():
    row = experiment()
    epoch = results(row, now=NOW).epoch
    count(row, {ORIGINAL: (500, 20), "b": (500, 20)})
    row = experiment(goal="", percentages={"b": 100})

    found = results(row, now=NOW)

    assert (found.epoch, found.is_present, found.goal) == (epoch, False, "/thanks/")


def test_a_broken_split_is_told():
    row = experiment()
    count(row, {ORIGINAL: (900, 20), "b": (1_100, 90)})

    found = results(row, now=NOW)

    assert found.is_mismatch
    assert "45.0\u00a0% / 55.0\u00a0%, but set to" in str(found.health)


def test_results_cost_few_queries(django_assert_max_num_queries):
    row = experiment()
    for hour in range(48):
        count(row, {ORIGINAL: (10, 1), "b": (10, 1)}, hour=hour)

    with django_assert_max_num_queries(7):
        results(RedirectRule.objects.get(), now=NOW)


def test_more_than_all_visitors_is_no_split():
    row = experiment()
    row.destinations.update(percentage=90)
    DestinationFactory(rule=row, percentage=90)

    assert results(RedirectRule.objects.get(), now=NOW).shares == {ORIGINAL: 100}


@pytest.mark.parametrize("given", [{"b": 50}, {"b": 33.33, "c": None}, {"b": 0}])
def test_the_present_epoch_is_the_one_that_visitors_are_counted_in(given):
    row = experiment(given)

    assert results(row, now=NOW).epoch == row.compile().split.epoch
