"""What a version changed is read alone, and decides as if everything was read."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from temp_redirects.models import (
    KillSwitch,
    MaintenanceWindow,
    RedirectRule,
    RulesetVersion,
)
from temp_redirects.models.rules import Condition, Destination
from temp_redirects.models.versions import RulesetChange
from temp_redirects.store import Store

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "temp_redirects_rulesetchange"


@pytest.fixture
def stored():
    schedule = RedirectRule.objects.schedule
    schedule("/a", "/b", name="a")
    schedule(
        "/c",
        "/d",
        name="c",
        conditions=[{"kind": "country", "value": "DE"}],
        priority=3,
    )
    schedule("/e", [{"target": "/f"}, {"target": "/g"}], name="e", goal="/thanks/")
    schedule("/old", "/new", name="prefix", match="prefix")
    MaintenanceWindow.objects.schedule("nightly", ["/shop/", "/café/"])
    MaintenanceWindow.objects.schedule("weekly", ["/blog/"], enabled=False)


@pytest.fixture
def store(stored):
    store = Store()
    store.newest()
    assert store.live.edits == 0
    return store


def rule(name):
    return RedirectRule.objects.named(name)


def window(name):
    return MaintenanceWindow.objects.named(name)


def save(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def load(row, tmp_path):
    """Load a row from a fixture, as “loaddata” does."""
    (fields,) = json.loads(serializers.serialize("json", [row]))
    fields["fields"]["priority"] = 9
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([fields]))
    call_command("loaddata", file, verbosity=0)


def in_two_steps():
    """Write twice in one transaction, and take a third step back."""
    with transaction.atomic():
        rule("a").destinations.update(target="/x")
        with transaction.atomic():
            rule("c").delete()
            transaction.set_rollback(True)
        rule("e").delete()


def there_and_back():
    """Write a rule as it is, and then as it was."""
    RedirectRule.objects.filter(name="a").update(priority=2)
    RedirectRule.objects.filter(name="a").update(priority=0)


WRITES = {
    "a new rule": lambda _: RedirectRule.objects.schedule("/n", "/m"),
    "a rule written over another": lambda _: RedirectRule.objects.schedule(
        "/a/2", "/b", name="a"
    ),
    "a row saved": lambda _: save(rule("a"), path="/a/3"),
    "a rule paused": lambda _: RedirectRule.objects.filter(name="a").pause(),
    "a rule deleted": lambda _: rule("c").delete(),
    "many updated": lambda _: RedirectRule.objects.update(priority=5),
    "many deleted": lambda _: RedirectRule.objects.filter(match="exact").delete(),
    "a target": lambda _: Destination.objects.filter(target="/b").update(target="/x"),
    "a destination deleted": lambda _: rule("e").destinations.last().delete(),
    "a condition": lambda _: Condition.objects.all().delete(),
    "a copy switched on": lambda _: save(rule("c").duplicate(), enabled=True),
    "a fixture": lambda folder: load(rule("a"), folder),
    "a window's end": lambda _: save(
        window("nightly"), ends_at=timezone.now() + timedelta(days=1)
    ),
    "a window switched on": lambda _: save(window("weekly"), enabled=True),
    "a window deleted": lambda _: window("nightly").delete(),
    "a kill switch": lambda _: KillSwitch.objects.pull(reason="try"),
    "several at once, one of them taken back": lambda _: in_two_steps(),
    "there and back": lambda _: there_and_back(),
}


def of(store):
    """Return all that a store decides by."""
    live = store.live
    return sorted(live.index), live.windows, live.switches, live.size, store.version


def everything():
    """Return the same of a process that has just started."""
    fresh = Store()
    fresh.newest()
    assert fresh.live.edits == 0
    return of(fresh)


@pytest.mark.parametrize("name", WRITES)
def test_every_way_to_write_is_read_by_itself(store, tmp_path, name):
    version = store.version
    WRITES[name](tmp_path)
    store.newest()

    assert store.version.number > version.number
    assert of(store) == everything()
    assert store.live.edits > 0  # and not by reading everything


def test_one_after_the_other_adds_up(store, tmp_path):
    for name in (
        "a new rule",
        "a row saved",
        "a window's end",
        "a rule paused",
        "a target",
        "a row saved",
        "a window deleted",
        "a fixture",
        "a rule deleted",
    ):
        WRITES[name](tmp_path)
        store.newest()
        assert of(store) == everything()
    assert store.live.edits > 0


def test_many_versions_are_caught_up_with_at_once(store):
    for number in range(5):
        RedirectRule.objects.schedule(f"/n{number}", "/m")
    store.newest()

    assert of(store) == everything()
    assert store.live.edits > 0


def test_what_others_have_compiled_stays(store):
    compiled = store.live._compiled
    compiled[str(rule("c").pk), ""] = kept = object()
    compiled[str(rule("a").pk), ""] = object()
    save(rule("a"), path="/a/3")
    store.newest()

    assert list(store.live._compiled.values()) == [kept]


def forget():
    RulesetChange.objects.all().delete()


def forget_one():
    RedirectRule.objects.schedule("/n1", "/m")
    RulesetChange.objects.filter(number=RulesetVersion.objects.get().number).delete()
    RedirectRule.objects.schedule("/n2", "/m")


def write_too_many():
    RulesetChange.MOST, most = 3, RulesetChange.MOST
    try:
        with transaction.atomic():
            RedirectRule.objects.update(priority=5)
            rule("a").destinations.update(target="/x")
    finally:
        RulesetChange.MOST = most


def write_too_many_one_by_one():
    """More than is asked for, each noted by itself, of one transaction."""
    number = RulesetVersion.objects.get().number
    RulesetChange.objects.bulk_create(
        RulesetChange(number=number, object_id=rule("a").pk)
        for _ in range(RulesetChange.MOST + 1)
    )


def have_no_table():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} RENAME TO {TABLE}_gone")


@pytest.fixture
def table():
    yield
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            cursor.execute(f"ALTER TABLE {TABLE}_gone RENAME TO {TABLE}")


@pytest.mark.parametrize(
    "trouble",
    [forget, forget_one, write_too_many, write_too_many_one_by_one, have_no_table],
)
def test_where_nobody_knows_what_changed_everything_is_read(store, table, trouble):
    RedirectRule.objects.schedule("/n", "/m")
    trouble()
    store.newest()

    assert of(store) == everything()
    assert store.live.edits == 0


def test_after_many_single_changes_everything_is_read_again(store, monkeypatch):
    monkeypatch.setattr("temp_redirects.store.MAX_EDITS", 3)
    for number in range(5):
        RedirectRule.objects.schedule(f"/n{number}", "/m")
        store.newest()
        assert of(store) == everything()
        assert store.live.edits <= 4


def test_old_notes_are_deleted(store, monkeypatch):
    monkeypatch.setattr(RulesetChange, "MOST", 10)
    for number in range(25):
        RedirectRule.objects.filter(name="a").update(priority=number)

    newest = RulesetVersion.objects.get().number
    numbers = RulesetChange.objects.values_list("number", flat=True)
    assert max(numbers) == newest
    assert min(numbers) > newest - 20


def test_sql_of_somebodys_own_is_seen_after_a_refresh(store):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE temp_redirects_redirectrule SET priority = 9")
    RedirectRule.objects.schedule("/n", "/m")
    store.newest()
    assert of(store) != everything()

    with suppress(CommandError):  # it tells problems too
        call_command("temp_redirects", "check", "--refresh")
    store.newest()

    assert of(store) == everything()
