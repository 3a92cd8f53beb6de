"""Rules in a second database, with naive times, and users with another kind of key."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from temp_redirects.models import HitCount, HitWriter, RedirectRule
from temp_redirects.models.counts import HOUR
from temp_redirects.store import Store, alias, store
from temp_redirects.tallies import Tallies, tallies
from tests.commands.running import read, told

pytestmark = pytest.mark.django_db(databases=["default", "rules"], transaction=True)

LIST = "/admin/temp_redirects/redirectrule/"


@pytest.fixture
def schedule():
    return RedirectRule.objects.schedule


def test_the_tables_are_in_the_second_database_only():
    def tables(name):
        return {
            table
            for table in connections[name].introspection.table_names()
            if table.startswith("temp_redirects")
        }

    assert alias() == "rules"
    assert tables("default") == set()
    assert "temp_redirects_hitcount" in tables("rules")


def test_a_rule_there_redirects_here(client, schedule):
    schedule("/a", "/b", name="r")

    assert client.get("/a").headers["Location"] == "/b"

    RedirectRule.objects.filter(name="r").end()
    assert client.get("/a").status_code == 200


def test_another_process_reads_the_second_database(schedule):
    store.newest()
    schedule("/a", "/b")
    fresh = Store()

    ruleset = fresh.ruleset()

    assert ruleset.covers("/a")
    assert fresh.version == store.version


def test_hits_are_written_beside_their_rules(client, schedule):
    rule = schedule("/a", "/b")
    client.get("/a")

    tallies.flush()

    assert HitCount.objects.using("rules").get().rule_id == rule.pk
    seen = HitCount.objects.of([rule.pk], now=time.time())[rule.pk]
    assert abs(seen.last.timestamp() - time.time()) < 10


def test_hits_of_another_process_are_written_by_its_thread(schedule, settings):
    settings.TEMP_REDIRECTS = {"FLUSH_SECONDS": 0.02}
    rule, fresh = schedule("/a", "/b"), Tallies()

    fresh.hit(str(rule.pk), "GET", time.time())
    thread = fresh._thread
    thread.join(10)

    assert HitCount.objects.get().count == 1


def test_old_hits_are_summed_up_with_naive_times(client, schedule):
    rule = schedule("/a", "/b")
    fresh = Tallies()
    at = time.time() - 1_000 * HOUR
    fresh.hit(str(rule.pk), "GET", at)
    fresh.flush()
    HitWriter.objects.update(written_at=datetime.fromtimestamp(at))  # noqa: DTZ006
    before = HitCount.objects.of([rule.pk], now=time.time())

    assert read("prune", "--older-than", "1d")["rows"] == 1

    assert HitCount.objects.of([rule.pk], now=time.time()) == before
    assert HitWriter.objects.count() == 0


def test_windows_mean_the_same_moments_without_time_zones(client, schedule):
    now = datetime.now(UTC)
    schedule("/on", "/b", starts_at=now - timedelta(hours=1))
    schedule("/over", "/b", ends_at=now - timedelta(minutes=1))
    schedule("/later", "/b", starts_at=now + timedelta(minutes=1))

    found = [client.get(path).status_code for path in ("/on", "/over", "/later")]

    assert found == [307, 200, 200]


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_export_comes_back_unchanged(schedule, tmp_path, kind):
    ends = datetime(2027, 10, 30, 0, 30, tzinfo=UTC)
    schedule("/a", "/b", name="r", ends_at=ends, timezone="Europe/Berlin")
    name = str(tmp_path / f"x.{kind}")
    told("export", "--to", name)

    assert read("import", name, "--replace")["unchanged"] == 1
    assert read("show", "r")["rule"]["schedule"]["ends_at"] == (
        "2027-10-30T02:30:00+02:00"
    )


def test_a_failed_import_leaves_the_second_database_as_it_was(tmp_path, schedule):
    schedule("/a", "/b", name="kept")
    path = tmp_path / "x.csv"
    path.write_text("path,target\n/x,/y\n/z,nowhere\n")

    with pytest.raises(Exception, match="1 bad line"):
        told("import", str(path), "--replace")

    assert [row.name for row in RedirectRule.objects.all()] == ["kept"]


def test_staff_with_another_kind_of_key_schedule_in_the_admin(client, schedule):
    user = get_user_model().objects.create_superuser("mia", password="secret")
    assert not isinstance(user.pk, int)
    client.force_login(user)
    row = schedule("/a", "/b", name="r")

    assert "none so far" in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{row.pk}/change/").status_code == 200


CASES = {
    "case": ("/Shop", "/shop"),
    "an accent": ("/café", "/cafe"),
    "composed and decomposed": ("/caf\u00e9", "/cafe\u0301"),
    "sharp s": ("/straße", "/strasse"),
    "a space at the end": ("/a", "/a "),
}


@pytest.mark.parametrize("paths", CASES.values(), ids=CASES)
def test_paths_are_compared_by_us_and_not_by_a_collation(client, schedule, paths):
    ruled, asked = paths
    schedule(ruled, "/b")

    assert client.get(ruled).status_code == 307
    assert client.get(asked).status_code == 200


def test_paths_that_a_collation_takes_for_one_are_two_rules(client, schedule, tmp_path):
    schedule("/Shop", "/one", name="Shop")
    path = tmp_path / "x.csv"
    path.write_text("path,target,name\n/shop,/two,other\n/café,/three,café\n", "utf-8")
    told("import", str(path))

    found = {
        client.get(path).headers["Location"] for path in ("/Shop", "/shop", "/café")
    }

    assert found == {"/one", "/two", "/three"}
    whole = json.loads(told("export"))
    assert {rule["name"] for rule in whole["rules"]} == {"Shop", "other", "café"}


def test_names_that_a_collation_takes_for_one(schedule):
    """“é” and “e” are two names; “SS” and “ß” are one, as Unicode folds case."""
    schedule("/1", "/x", name="café")
    schedule("/2", "/x", name="cafe")
    schedule("/3", "/x", name="STRASSE")
    schedule("/4", "/x", name="straße")

    paths = RedirectRule.objects.order_by("path").values_list("path", flat=True)
    assert [*paths] == ["/1", "/2", "/4"]
