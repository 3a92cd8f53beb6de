"""Hits in another database than the rules that they are of."""

import time

import pytest
from django.db import connections

from temp_redirects.dashboards import look
from temp_redirects.models import ArmCount, HitCount, HitWriter, RedirectRule
from temp_redirects.models.counts import HOUR
from temp_redirects.tallies import Tallies, tallies
from tests.commands.running import read, told

pytestmark = pytest.mark.django_db(databases=["default", "rules"], transaction=True)

COUNTS = (HitCount, HitWriter, ArmCount)
DAY = 24 * HOUR


@pytest.fixture
def apart(settings):
    """Send what is counted to the default database; rules stay in the second one."""
    names = ["tests.elsewhere.routers.HitsApart", *settings.DATABASE_ROUTERS]
    with connections["default"].schema_editor() as editor:
        for model in COUNTS:
            editor.create_model(model)
    settings.DATABASE_ROUTERS = names
    yield
    with connections["default"].schema_editor() as editor:
        for model in COUNTS:
            editor.delete_model(model)


@pytest.fixture
def rule(apart):
    return RedirectRule.objects.schedule("/a", "/b", name="r")


def test_hits_are_counted_where_the_router_sends_them(client, rule):
    client.get("/a")

    tallies.flush()

    assert HitCount.objects.using("default").get().rule_id == rule.pk
    assert not HitCount.objects.using("rules").exists()


def test_every_verb_tells_them(client, rule):
    client.get("/a")
    tallies.flush()

    assert read("show", "r")["hits"]["total"] == 1
    assert read("results", "r")["methods"] == {"GET": 1}
    assert read("results")["rules"][0]["total"] == 1


def test_the_dashboard_tells_them(admin_client, client, rule):
    client.get("/a")
    tallies.flush()

    found = look()

    assert found.hits == 1
    assert [(busy.name, busy.day) for busy in found.busiest] == [("r", 1)]
    assert admin_client.get("/admin/").status_code == 200


def test_the_list_shows_them(admin_client, client, rule):
    client.get("/a")
    tallies.flush()

    page = admin_client.get("/admin/temp_redirects/redirectrule/")

    assert page.context["cl"].result_list[0].hits_seen.total == 1


def test_old_ones_are_summed_up_and_those_of_deleted_rules_go(rule):
    gone = RedirectRule.objects.schedule("/c", "/d")
    old, fresh = time.time() - 9 * DAY, Tallies()
    for each in (rule, gone):
        for at in (old, old + HOUR, time.time()):
            fresh.hit(str(each.pk), "GET", at)
            ArmCount.objects.create(
                rule_id=each.pk, epoch="e", arm="a", hour=int(at) // HOUR
            )
    fresh.flush()
    gone.delete()
    rows = {True: 0, False: 0}

    for is_rehearsal in rows:
        words = ["--dry-run"] if is_rehearsal else []
        rows[is_rehearsal] = read("prune", "--older-than", "2d", *words)["rows"]

    # Two hours of the rule's hits, perhaps two of its arm's, three and three that go.
    assert rows[True] == rows[False] >= 2 + 3 + 3
    assert {each.rule_id for each in HitCount.objects.all()} == {rule.pk}
    assert {each.rule_id for each in ArmCount.objects.all()} == {rule.pk}
    assert read("results", "r")["total"] == 3
    assert "r" in told("results")
