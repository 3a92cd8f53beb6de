"""The health document: for who may know, from memory, and true."""

import json
import threading
import time
from contextlib import closing
from importlib import import_module
from itertools import count

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection

from temp_redirects import clocks
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.databases import CLOCKS
from temp_redirects.models import KillSwitch, MaintenanceWindow, RedirectRule
from temp_redirects.models.rules import Destination
from temp_redirects.sites import current_site
from temp_redirects.store import store
from temp_redirects.tallies import tallies
from tests.core.making import make_record

pytestmark = pytest.mark.django_db(transaction=True)

# The package has its view under the same name.
view = import_module("temp_redirects.views.health")

ADDRESS = "/maintenance/health.json"
TOKEN = "a-token-of-twenty-characters"
# SQLite has none; in these tests it tells this machine's time as others tell theirs.
SQLITE_CLOCK = "(julianday('now') - 2440587.5) * 86400"
VERSIONS = "temp_redirects_rulesetversion"
HANGS = {
    "sqlite": ("BEGIN EXCLUSIVE",),
    "postgresql": ("BEGIN", f"LOCK TABLE {VERSIONS}"),
    "mysql": (f"LOCK TABLES {VERSIONS} WRITE",),
}
ZONES = {"postgresql": "SET TIME ZONE 'Asia/Tokyo'", "mysql": "SET time_zone = '+9:00'"}


@pytest.fixture
def health(client, settings):
    settings.TEMP_REDIRECTS = {"HEALTH_TOKEN": TOKEN, "REFRESH_SECONDS": 0.05}

    def ask():
        answer = client.get(ADDRESS, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        return json.loads(answer.content)

    return ask


@pytest.fixture
def rule(monkeypatch):
    """A rule in a database that has a clock."""
    monkeypatch.setitem(CLOCKS, "sqlite", SQLITE_CLOCK)
    return RedirectRule.objects.schedule("/a", "/b")


def signed_in(client, *permissions):
    user = User.objects.create_user("ada")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)


WRONG = {
    "nobody": {},
    "another token": {"Authorization": "Bearer another-token-of-some-length"},
    "a part of it": {"Authorization": f"Bearer {TOKEN[:-1]}"},
    "no token": {"Authorization": "Bearer "},
    "letters of other scripts": {"Authorization": "Bearer é"},
    "another scheme": {"Authorization": f"Basic {TOKEN}"},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_others_learn_nothing(client, health, headers):
    answer = client.get(ADDRESS, headers=headers)

    assert answer.status_code == 403
    assert answer["Cache-Control"] == "no-store"
    assert "source" not in answer.text


def test_without_a_token_in_the_settings_none_is_good(client):
    for sent in ("None", ""):
        answer = client.get(ADDRESS, headers={"Authorization": f"Bearer {sent}"})
        assert answer.status_code == 403


def test_who_may_view_rules_may_know_and_others_who_are_signed_in_may_not(client):
    signed_in(client)
    assert client.get(ADDRESS).status_code == 403

    User.objects.all().delete()
    signed_in(client, "view_redirectrule")
    assert client.get(ADDRESS).json()["rules"]["source"] in {"database", "none"}


def test_it_cannot_be_written_to(client):
    assert client.post(ADDRESS).status_code == 405


def test_it_tells_what_is_live(health, client):
    rule = RedirectRule.objects.schedule("/a", "/b")
    MaintenanceWindow.objects.schedule("shop", ["/shop/"], staff_pass=False)
    KillSwitch.objects.pull("host", host="else.example")
    Destination.objects.filter(rule=rule).update(target="//evil.test/")
    client.get("/a")

    told = health()["rules"]

    assert told["source"] == "database"
    assert (told["generation"], told["version"]) == (
        str(store.version.generation),
        store.version.number,
    )
    assert 0 <= told["age_seconds"] < 5
    assert (told["count"], told["maintenance_windows"], told["kill_switches"]) == (
        1,
        1,
        1,
    )
    assert list(told["rejected"]) == [str(rule.pk)]
    assert "two slashes" in told["rejected"][str(rule.pk)]
    assert (told["failures"], told["problem"]) == (0, "")


def test_it_lists_every_rule_that_is_off_by_an_error_visited_or_not(health, client):
    for name in "abc":
        RedirectRule.objects.schedule(f"/{name}", "/new", name=name)
    off = RedirectRule.objects.filter(name__in="bc")
    Destination.objects.filter(rule__in=off).update(target="//evil.test/")
    client.get("/a")

    told = health()["rules"]

    assert told["rejected"].keys() == {str(rule.pk) for rule in off}
    assert (told["examined"], told["count"], told["more_rejected"]) == (3, 3, 0)


def many(number):
    """Return the ruleset of very many rules, one of a hundred of which is off."""
    return Ruleset(
        make_record(
            f"/section{each % 50}/page{each}/",
            id=f"{each:032x}",
            destinations=(("d", "", "/new/" if each % 100 else "//evil.test/"),),
        )
        for each in range(number)
    )


def test_very_many_rules_are_looked_at_some_at_a_time(health, client):
    client.get("/")
    store.live = many(20_000)

    began = time.monotonic()
    first, second = health()["rules"], health()["rules"]
    took = time.monotonic() - began

    assert 0 < first["examined"] < second["examined"] < second["count"] == 20_000
    assert 0 < len(first["rejected"]) < len(second["rejected"])
    assert took < 2 * (view.WORK + 0.4)  # what it does besides, on a busy machine


def test_what_was_looked_at_once_is_not_looked_at_again(health, client):
    client.get("/")
    store.live = many(100)

    first = health()["rules"]["rejected"]

    assert list(store.live.examine(current_site())) == []
    assert health()["rules"]["rejected"] == first
    assert len(first) == 1


def test_two_monitors_do_not_wait_for_each_other(health, client):
    client.get("/")
    store.live = many(100)

    with view._looking:
        assert health()["rules"]["examined"] == 0
    assert health()["rules"]["examined"] == 100


def test_it_tells_hits_that_wait_and_when_they_were_written(
    health, client, monkeypatch
):
    RedirectRule.objects.schedule("/a", "/b")
    monkeypatch.setattr(tallies, "_thread", threading.current_thread())  # none writes
    for _ in range(3):
        client.get("/a")
    tallies.dropped, tallies.loops = 2, 1

    before = health()["hits"]
    tallies.flush()
    after = health()["hits"]

    assert before == {
        **{"waiting": 3, "dropped": 2, "loops": 1, "failures": 0, "written_at": None}
    }
    assert after["waiting"] == 0
    assert after["written_at"].startswith(time.strftime("%Y-%m-%dT", time.gmtime()))


def test_it_answers_while_the_database_is_away_and_tells_why(health, client):
    RedirectRule.objects.schedule("/a", "/b")
    client.get("/a")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {VERSIONS} RENAME TO away")
    try:
        for _ in range(3):
            time.sleep(0.06)
            client.get("/a")
            if store._look:
                store._look.done.result(5)
        told = health()["rules"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE away RENAME TO {VERSIONS}")

    assert told["source"] == "last good"
    assert told["count"] == 1
    assert told["failures"] >= 1
    assert "rulesetversion" in told["problem"]


def test_it_answers_at_once_while_the_database_hangs(health, client, rule):
    Destination.objects.filter(rule=rule).update(target="//evil.test/")
    store.newest()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        for statement in HANGS[connection.vendor]:
            cursor.execute(statement)
        time.sleep(0.06)  # the next request looks whether there is another version
        began = time.monotonic()
        told = health()
        took = time.monotonic() - began
        assert store._look is not None
        look = store._look
    look.done.result(10)

    assert took < 1
    assert list(told["rules"]["rejected"]) == [str(rule.pk)]
    assert told["clock"]["offset_seconds"] == pytest.approx(0, abs=0.4)


AHEAD = {
    "right": (0.0, ""),
    "as good as right": (1.5, ""),
    "fast": (90.0, "90 s ahead of the database’s"),
    "slow": (-3600.0, "3,600 s behind the database’s"),
}


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(("ahead", "words"), AHEAD.values(), ids=AHEAD)
def test_it_tells_how_far_this_clock_is_from_the_databases(health, ahead, words):
    with clocks.going_by(lambda: time.time() + ahead):
        store.newest()
        told = health()["clock"]

    assert told["offset_seconds"] == pytest.approx(ahead, abs=0.4)
    assert words in told["problem"]
    assert bool(words) is bool(told["problem"])


@pytest.mark.usefixtures("rule")
def test_the_zone_of_a_connection_is_no_difference_of_clocks():
    with connection.cursor() as cursor:
        cursor.execute(ZONES.get(connection.vendor, "SELECT 1"))
    try:
        store.newest()
    finally:
        connection.close()

    assert store.clock_offset == pytest.approx(0, abs=0.4)


@pytest.mark.usefixtures("rule")
def test_the_clock_is_asked_for_together_with_the_version(django_assert_num_queries):
    store.newest()
    store.clock_offset = None

    with django_assert_num_queries(1):
        store.newest()

    assert store.clock_offset is not None


@pytest.mark.usefixtures("rule")
def test_a_slow_answer_says_nothing_about_the_clock():
    leaping = count(time.time(), 2.0)

    with clocks.going_by(lambda: next(leaping)):
        store.newest()

    assert store.clock_offset is None


def test_where_the_database_has_no_clock_the_difference_is_unknown(health, monkeypatch):
    RedirectRule.objects.schedule("/a", "/b")
    monkeypatch.delitem(CLOCKS, connection.vendor, raising=False)

    store.newest()

    assert health()["clock"] == {"offset_seconds": None, "problem": ""}
