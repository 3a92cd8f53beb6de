"""``results`` and ``prune``: hits told, and summed up after a while."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from temp_redirects.core.splits import ORIGINAL
from temp_redirects.models import ArmCount, HitCount, HitWriter, RedirectRule
from temp_redirects.models.counts import HOUR
from temp_redirects.models.hits import Key, Tally
from tests.commands.running import read, refused, told
from tests.experimenting import count, experiment
from tests.factories import ArmCountFactory, RedirectRuleFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)  # 14:05 in Berlin


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def deploy():
    """A rule with hits, beside one that nobody met."""
    row = RedirectRule.objects.schedule("/a/", "/b/", name="deploy")
    RedirectRule.objects.schedule("/c/", "/b/", name="unmet")
    for hour, method, hits in ((0, "GET", 1_200), (0, "POST", 30), (48, "GET", 4)):
        at = NOW.timestamp() - hour * HOUR
        HitCount.objects.add(
            {Key(str(row.pk), int(at) // HOUR, method): Tally(hits, at)}
        )
    return row


def lose(hits, days=0):
    """Let a process say that it had to leave hits out, that many days ago."""
    HitWriter.objects.create(
        pk=uuid4(), dropped=hits, written_at=NOW - timedelta(days=days)
    )


@pytest.mark.usefixtures("deploy")
def test_results_lists_every_rule_the_most_frequent_first():
    assert told("results").splitlines() == [
        "     24 h       in all  last hit (UTC)       rule",
        "    1,230        1,234  2026-11-21 13:05:00  deploy",
        "        0            0  never                unmet",
    ]


@pytest.mark.usefixtures("deploy")
def test_results_say_how_many_hits_were_left_out():
    lose(1_000)
    lose(1)

    assert told("results").endswith("1,001 hits were left out: too many at a time.\n")
    assert read("results")["dropped"] == 1_001


@pytest.mark.usefixtures("deploy")
def test_a_script_reads_the_hits_of_all_rules():
    first, second = read("results")["rules"]

    assert first == {
        "name": "deploy",
        "last_24_hours": 1_230,
        "total": 1_234,
        "last_at": "2026-11-21T13:05:00+00:00",
    }
    assert (second["total"], second["last_at"]) == (0, None)


@pytest.mark.usefixtures("deploy")
def test_one_rules_results_are_told_by_method_and_hour():
    assert told("results", "Deploy").splitlines() == [
        "“deploy”: 1,230 in the last 24 h, 1,234 in all, the last on Sat 21 Nov 2026 "
        "14:05 Europe/Berlin",
        "  GET      1,204",
        "  POST     30",
        "  2026-11-21T13:00:00+00:00  1,230",
    ]
    assert read("results", "deploy") == {
        "name": "deploy",
        "last_24_hours": 1_230,
        "total": 1_234,
        "last_at": "2026-11-21T13:05:00+00:00",
        "methods": {"GET": 1_204, "POST": 30},
        "hours": {"2026-11-21T13:00:00+00:00": 1_230},
        "experiment": None,
    }


@pytest.fixture
def pricing():
    """An experiment that is clear after four weeks."""
    row = experiment(planned_visitors=9_000)
    count(row, {ORIGINAL: (5_000, 250), "b": (5_000, 400)})
    return row


def test_an_experiment_is_told_in_sentences(pricing):
    lines = told("results", "pricing-test").replace("\u00a0", " ").splitlines()

    assert lines[1:] == [
        "",
        f"Experiment, goal “/thanks/”, epoch {pricing.compile().split.epoch}: “New "
        "page” is better.",
        "  8.0 % of its visitors reached the goal, against 5.0 % of those of the "
        "original page: +3.0 points. The real difference is likely between +1.5 and "
        "+4.5 points.",
        "  Where there is no difference at all, a test like this one names a winner in "
        "fewer than 5 of 100 cases, however often you look.",
        "  The split is as it should be: 50.0 % / 50.0 %, set to 50.0 % / 50.0 %.",
        "  10,000 visitors have come, more than the 9,000 planned.",
        "",
        "  visitors    reached     rate  between          arm",
        "     5,000        250    5.0 %  4.4 to 5.6 %     the original page",
        "     5,000        400    8.0 %  7.3 to 8.8 %     New page (+1.5 to +4.5 "
        "points)",
    ]


def test_a_script_reads_an_experiment(pricing):
    found = read("results", "pricing-test")["experiment"]
    original, new = found.pop("arms")
    epoch = pricing.compile().split.epoch

    assert found.pop("headline") == "“New page” is better."
    assert len(found.pop("explanation")) == 2
    assert found == {
        "goal": "/thanks/",
        "epoch": epoch,
        "is_present": True,
        "verdict": {"code": "better", "arm": "b", "reason": ""},
        "visitors": 10_000,
        "days": 26.5,
        "planned_visitors": 9_000,
        "days_left": 0,
        "split": {"is_known": True, "p": 1.0},
        "control": ORIGINAL,
        "epochs": [
            {
                "epoch": epoch,
                "first_at": "2026-10-26T00:00:00+00:00",
                "last_at": "2026-10-26T00:00:00+00:00",
                "visitors": 10_000,
                "conversions": 650,
            }
        ],
    }
    assert original == {
        "id": ORIGINAL,
        "name": "the original page",
        "target": "",
        "share": 50.0,
        "visitors": 5_000,
        "conversions": 250,
        "rate": 0.05,
        "rate_interval": pytest.approx([0.0443, 0.0564], abs=1e-4),
        "difference": None,
        "difference_interval": None,
        "always_valid_p": None,
        "confidence_sequence": None,
        "fixed_p": None,
    }
    assert new["difference"] == pytest.approx(0.03)
    assert new["always_valid_p"] < new["rate"]
    assert new["fixed_p"] < 0.001
    lower, upper = new["confidence_sequence"]
    assert lower < new["difference_interval"][0] < new["difference_interval"][1] < upper


def test_a_broken_split_is_told_with_its_likely_causes():
    count(experiment(), {ORIGINAL: (5_000, 250), "b": (4_000, 400)})

    text = told("results", "pricing-test")

    assert "Do not trust these numbers." in text
    assert "- Robots that look like people come to one page only." in text


def test_an_earlier_epoch_is_told_by_its_id(pricing):
    count(pricing, {"b": (1, 0)}, hour=24 * 9)
    before = pricing.compile().split.epoch
    experiment(percentages={"b": 20})

    assert f"Other epochs: {before}" in told("results", "pricing-test")
    assert "is better" in told("results", "pricing-test", "--epoch", before)
    assert read("results", "pricing-test")["experiment"]["is_present"]
    assert refused("results", "pricing-test", "--epoch", "x") == (
        1,
        f"There is no epoch “x”. Epochs with visitors: {before}.",
    )


def test_an_epoch_is_refused_where_nobody_came():
    experiment()

    assert refused("results", "pricing-test", "--epoch", "x") == (
        1,
        "There is no epoch “x”. Epochs with visitors: none.",
    )


def test_results_of_no_rule_has_its_own_code():
    assert refused("results", "deploy")[0] == 3


def test_show_tells_the_hits(deploy):
    assert "Hits: 1,230 in the last 24 h, 1,234 in all, the last on Sat" in told(
        "show", "deploy"
    )
    assert read("show", "deploy")["hits"]["total"] == 1_234


def test_hits_of_a_rule_without_a_readable_zone_are_told_in_utc(deploy):
    RedirectRule.objects.update(timezone="Mars/Base")

    assert "the last on Sat 21 Nov 2026 13:05 UTC" in told("show", "deploy")


@pytest.mark.usefixtures("deploy")
def test_prune_sums_up_what_is_old_and_keeps_the_total():
    lose(0, days=3)
    lose(5, days=3)

    assert told("prune", "--older-than", "1d") == (
        "1 rows from before 2026-11-20 13:00 UTC are summed up\n"
        "0 changes from before then are forgotten\n"
    )
    assert read("results")["rules"][0]["total"] == 1_234
    assert HitWriter.objects.get().dropped == 5


@pytest.mark.usefixtures("deploy")
def test_a_dry_run_of_prune_changes_nothing():
    lose(0, days=3)

    assert told("prune", "--older-than", "1d", "--dry-run").splitlines() == [
        "Dry run, nothing is changed. Without --dry-run:",
        "1 rows from before 2026-11-20 13:00 UTC are summed up",
        "0 changes from before then are forgotten",
    ]
    assert HitCount.objects.count() == 3
    assert HitWriter.objects.count() == 1
    assert read("prune", "--older-than", "1d", "--dry-run") == {
        "rows": 1,
        "changes": 0,
        "before": "2026-11-20T13:00:00+00:00",
        "dry_run": True,
    }


def test_prune_sums_up_the_hours_of_an_experiment():
    rule = RedirectRuleFactory()
    for hour in (24, 25):
        ArmCountFactory(rule=rule, hour=hour, visitors=3)

    assert read("prune", "--older-than", "1d")["rows"] == 1
    assert ArmCount.objects.get().visitors == 6


def test_prune_needs_a_duration():
    assert refused("prune", "--older-than", "soon") == (
        1,
        "“soon” is not a duration. Examples: “3h”, “90m”, “1h30m”, “2d”, “1w”.",
    )
