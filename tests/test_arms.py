"""Counts of arms as rows: epochs, looks, and what is summed up after a while."""

import pytest

from temp_redirects.core.experiments import Counts, Look
from temp_redirects.core.splits import ORIGINAL
from temp_redirects.models import ArmCount
from temp_redirects.models.arms import Epoch
from temp_redirects.models.counts import HOUR
from tests.factories import ArmCountFactory, RedirectRuleFactory

pytestmark = pytest.mark.django_db

NIGHT = 24 * 20_000  # the first hour of a day


@pytest.fixture
def rule():
    return RedirectRuleFactory()


def count(rule, hour, visitors, conversions=0, arm=ORIGINAL, epoch="first"):
    ArmCountFactory(
        rule=rule,
        hour=NIGHT + hour,
        visitors=visitors,
        conversions=conversions,
        arm=arm,
        epoch=epoch,
    )


def test_a_look_has_all_counts_until_the_end_of_its_hour(rule):
    count(rule, 0, 10, 1)
    count(rule, 0, 12, 0, arm="b")
    count(rule, 5, 3, 4)

    first = {ORIGINAL: Counts(10, 1), "b": Counts(12, 0)}
    assert ArmCount.objects.looks(rule.pk, "first") == [
        Look((NIGHT + 1) * HOUR, first),
        Look((NIGHT + 6) * HOUR, {**first, ORIGINAL: Counts(13, 5)}),
    ]


def test_looks_are_of_one_rule_and_one_epoch(rule):
    count(rule, 0, 1)
    count(rule, 1, 1, epoch="second")
    count(RedirectRuleFactory(), 2, 1)

    (look,) = ArmCount.objects.looks(rule.pk, "first")

    assert look.visitors == 1


def test_nobody_converts_before_arriving(rule):
    """Another process may write the visitor some seconds after the conversion."""
    count(rule, 0, 1, 2)

    (look,) = ArmCount.objects.looks(rule.pk, "first")

    assert look.arms == {ORIGINAL: Counts(1, 1)}


def test_epochs_are_told_the_newest_first(rule):
    count(rule, 0, 10, 1)
    count(rule, 0, 5, 2, arm="b")
    count(rule, 9, 7, 0)
    count(rule, 10, 1, 0, epoch="second")

    assert ArmCount.objects.epochs(rule.pk) == [
        Epoch("second", NIGHT + 10, NIGHT + 10, visitors=1, conversions=0),
        Epoch("first", NIGHT, NIGHT + 9, visitors=22, conversions=3),
    ]


def test_a_page_of_results_costs_two_queries(rule, django_assert_num_queries):
    for hour in range(20):
        count(rule, hour, 1)

    with django_assert_num_queries(2):
        ArmCount.objects.epochs(rule.pk)
        ArmCount.objects.looks(rule.pk, "first")


def test_old_hours_are_summed_up_by_day_and_later_looks_stay(rule):
    for hour in (0, 3, 23, 24, 47, 48, 49):
        count(rule, hour, visitors=10 + hour, conversions=hour)
        count(rule, hour, visitors=1, arm="b")
    before = ArmCount.objects.looks(rule.pk, "first")
    counted = ArmCount.objects.count()

    assert ArmCount.objects.sum_up(NIGHT + 50, dry_run=True) == 6
    assert ArmCount.objects.count() == counted
    assert ArmCount.objects.sum_up(NIGHT + 50) == 6
    assert ArmCount.objects.sum_up(NIGHT + 50) == 0

    assert ArmCount.objects.count() == counted - 6
    assert ArmCount.objects.looks(rule.pk, "first") == [
        look for look in before if look.at / HOUR - NIGHT in {24, 48, 49, 50}
    ]


def test_counts_of_rules_that_are_gone_go_too(rule):
    other = RedirectRuleFactory()
    for each in (rule, other):
        count(each, 0, 1)
        count(each, 1, 1)
    other.delete()

    assert ArmCount.objects.count() == 4, "they are found again if it is restored"
    assert ArmCount.objects.sum_up(NIGHT, dry_run=True) == 2
    assert ArmCount.objects.sum_up(NIGHT) == 2
    assert ArmCount.objects.count() == 2


def test_a_count_names_its_arm(rule):
    count(rule, 0, 5, 2, arm="b")

    assert str(ArmCount.objects.get()) == f"{rule.pk} b: 2 of 5"
