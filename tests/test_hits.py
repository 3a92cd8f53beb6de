"""Hits as rows: what is known of a rule, and what is summed up after a while."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from temp_redirects.models import HitCount, HitWriter, RedirectRule
from temp_redirects.models.counts import HOUR
from temp_redirects.models.hits import BEFORE, Hits, Key, Loops, Tally

pytestmark = pytest.mark.django_db

NOW = 1_800_000_000.0  # seconds since the epoch, the first of an hour
THIS = int(NOW) // HOUR


@pytest.fixture
def rule():
    return RedirectRule.objects.schedule("/a", "/b")


def add(rule, hour, hits, method="GET"):
    """Count hits of that many hours ago."""
    key = Key(str(rule.pk), THIS - hour, method)
    assert HitCount.objects.add({key: Tally(hits, NOW - hour * HOUR)}) == 0


def moment(hour):
    return datetime.fromtimestamp(NOW - hour * HOUR, UTC)


def test_the_day_is_the_hour_under_way_and_the_23_before_it(rule):
    for hour in (0, 23, 24, 1_000):
        add(rule, hour, hits=10**hour if hour < 2 else hour)

    assert HitCount.objects.of([rule.pk], now=NOW) == {
        rule.pk: Hits(day=1 + 23, total=1 + 23 + 24 + 1_000, last=moment(0))
    }


def test_hits_of_many_rules_are_one_query(rule, django_assert_num_queries):
    others = [RedirectRule.objects.schedule(f"/{at}", "/b") for at in range(5)]
    for each in others:
        add(each, 0, hits=2)

    with django_assert_num_queries(1):
        hits = HitCount.objects.of([each.pk for each in [rule, *others]], now=NOW)

    assert {each.pk: hits[each.pk].total for each in others} == dict.fromkeys(
        [each.pk for each in others], 2
    )
    assert rule.pk not in hits


def test_an_earlier_hit_that_is_written_late_is_not_the_last(rule):
    add(rule, 0, hits=1)
    HitCount.objects.add({Key(str(rule.pk), THIS, "GET"): Tally(1, NOW - 5)})

    assert HitCount.objects.get().last_at == moment(0)


def test_old_hours_are_summed_up_and_totals_stay(rule):
    for hour in (0, 100, 200, 300):
        add(rule, hour, hits=hour + 1)
    add(rule, 200, hits=7, method="POST")
    before = HitCount.objects.of([rule.pk], now=NOW)

    assert HitCount.objects.sum_up(THIS - 150) == 3
    assert HitCount.objects.sum_up(THIS - 150) == 0
    assert HitCount.objects.sum_up(THIS - 50) == 1

    assert HitCount.objects.of([rule.pk], now=NOW) == before
    old = HitCount.objects.filter(hour=BEFORE).order_by("method")
    assert [(row.method, row.count, row.last_at) for row in old] == [
        ("GET", 101 + 201 + 301, moment(100)),
        ("POST", 7, moment(200)),
    ]


def looped(rule, at, loops, hits=0):
    key = Key(str(rule.pk), int(at) // HOUR, "GET")
    HitCount.objects.add({key: Tally(hits, at, loops, at)})


def test_loops_are_counted_beside_hits_whoever_writes_first(rule):
    add(rule, 0, hits=3)
    looped(rule, NOW + 2, loops=1)
    looped(rule, NOW + 1, loops=4, hits=1)
    add(rule, 0, hits=1)

    row = HitCount.objects.get()

    assert (row.count, row.loops) == (5, 5)
    assert row.looped_at == datetime.fromtimestamp(NOW + 2, UTC)


def test_rules_with_and_without_loops_are_written_together(rule):
    other = RedirectRule.objects.schedule("/c", "/d")
    tallies = {
        Key(str(each.pk), THIS, "GET"): Tally(2, NOW, loops, NOW * loops)
        for each, loops in ((rule, 1), (other, 0))
    }

    for _ in range(2):
        HitCount.objects.add(tallies)

    rows = HitCount.objects.values_list("rule", "count", "loops", "looped_at")
    assert {*rows} == {(rule.pk, 4, 2, moment(0)), (other.pk, 4, 0, None)}


def test_a_process_that_knows_no_loops_yet_goes_on_counting(rule):
    """The columns are in the database before the last old process has ended."""
    columns = "rule_id, hour, method, count, last_at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {HitCount._meta.db_table} ({columns})"
            f" VALUES (%s, %s, 'GET', 3, %s)",
            [
                HitCount._meta.get_field("rule").get_db_prep_value(rule.pk, connection),
                THIS,
                connection.ops.adapt_datetimefield_value(moment(0)),
            ],
        )

    looped(rule, NOW, loops=1)

    assert [*HitCount.objects.values_list("count", "loops")] == [(3, 1)]


def test_the_rules_that_loop_are_those_of_the_day_the_last_first(rule):
    rules = [RedirectRule.objects.schedule(f"/{at}", "/b") for at in range(4)]
    for each, ago, loops in zip(rules, (23, 1, 24, 0), (5, 2, 9, 0), strict=True):
        looped(each, NOW - ago * HOUR, loops, hits=1)
    looped(rules[1], NOW, loops=1)

    found = HitCount.objects.looping(10, now=NOW)

    assert [*found.items()] == [
        (rules[1].pk, Loops(3, moment(0))),
        (rules[0].pk, Loops(5, moment(23))),
    ]
    assert [*HitCount.objects.looping(1, now=NOW)] == [rules[1].pk]


def test_loops_outlive_summing_up(rule):
    for hour, loops in ((200, 2), (100, 0), (300, 1)):
        looped(rule, NOW - hour * HOUR, loops, hits=1)

    HitCount.objects.sum_up(THIS)

    row = HitCount.objects.get()
    assert (row.count, row.loops, row.looped_at) == (3, 3, moment(200))


def test_counts_of_rules_that_are_gone_go_too(rule):
    other = RedirectRule.objects.schedule("/other", "/b")
    add(rule, 0, hits=1)
    add(other, 0, hits=1)
    other.delete()

    assert HitCount.objects.sum_up(0, dry_run=True) == 1
    assert HitCount.objects.count() == 2
    assert HitCount.objects.sum_up(0) == 1
    assert HitCount.objects.count() == 1


def test_a_rule_that_is_stored_again_finds_its_hits(rule):
    add(rule, 0, hits=3)
    pk = rule.pk
    rule.delete()
    RedirectRule.objects.create(pk=pk, name="again", path="/a")

    assert HitCount.objects.of([pk], now=NOW)[pk].total == 3


def test_deleting_a_rule_asks_nothing_of_its_hits(rule, django_assert_max_num_queries):
    for hour in range(50):
        add(rule, hour, hits=1)

    with django_assert_max_num_queries(20):
        rule.delete()


def test_nothing_was_dropped_while_nobody_said_so():
    assert HitWriter.lost("default") == 0


def test_a_last_hit_is_read_as_it_was_written_without_time_zones(rule, settings):
    settings.USE_TZ = False
    add(rule, 200, hits=1)

    HitCount.objects.sum_up(THIS)

    naive = HitCount.objects.get().last_at
    assert naive == moment(200).astimezone().replace(tzinfo=None)


def test_a_rules_hits_by_method_and_by_hour(rule):
    other = RedirectRule.objects.schedule("/other", "/b")
    add(other, 0, hits=9)
    for hour in (0, 1, 24):
        add(rule, hour, hits=2)
    add(rule, 0, hits=30, method="POST")

    assert HitCount.objects.by_method(rule.pk) == {"POST": 30, "GET": 6}
    assert HitCount.objects.by_hour(rule.pk, now=NOW) == {THIS - 1: 2, THIS: 32}
    assert HitCount.objects.of(now=NOW)[other.pk].total == 9
