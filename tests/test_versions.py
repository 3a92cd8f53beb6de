"""Every way to write a rule is counted; what is rolled back is not."""

import json
import uuid

import pytest
from django.core.management import call_command
from django.db import transaction

from temp_redirects.models import (
    Condition,
    Destination,
    RedirectRule,
    RulesetVersion,
)
from temp_redirects.store import store

pytestmark = pytest.mark.django_db(transaction=True)


def version():
    return RulesetVersion.current("default")


@pytest.fixture
def rule():
    return RedirectRule.objects.schedule(
        "/a", "/b", conditions=[{"kind": "scheme", "value": "http"}]
    )


def load_fixture(rule, tmp_path):
    file = tmp_path / "rules.json"
    call_command("dumpdata", "temp_redirects.redirectrule", output=str(file))
    rows = json.loads(file.read_text())
    rows[0]["fields"]["note"] = "from a fixture"
    file.write_text(json.dumps(rows))
    call_command("loaddata", str(file), verbosity=0)


def change(rule, **values):
    for name, value in values.items():
        setattr(rule, name, value)
    return rule


WRITES = {
    "save": lambda rule, _: rule.save(),
    "save of a field": lambda rule, _: rule.save(update_fields=["note"]),
    "delete": lambda rule, _: rule.delete(),
    "delete of many": lambda rule, _: RedirectRule.objects.all().delete(),
    "update": lambda rule, _: RedirectRule.objects.update(note="x"),
    "update_or_create": lambda rule, _: RedirectRule.objects.update_or_create(
        name="new", defaults={"path": "/new"}
    ),
    "bulk_create": lambda rule, _: RedirectRule.objects.bulk_create(
        [RedirectRule(name="one", name_key="one", path="/one")]
    ),
    "bulk_update": lambda rule, _: RedirectRule.objects.bulk_update(
        [change(rule, note="x")], ["note"]
    ),
    "fixture": load_fixture,
    "pause": lambda rule, _: RedirectRule.objects.all().pause(),
    "end": lambda rule, _: RedirectRule.objects.all().end(),
    "save of a destination": lambda rule, _: rule.destinations.get().save(),
    "update of destinations": lambda rule, _: rule.destinations.update(label="x"),
    "delete of a destination": lambda rule, _: rule.destinations.get().delete(),
    "a new destination": lambda rule, _: Destination.objects.create(
        rule=rule, target="/x"
    ),
    "save of a condition": lambda rule, _: rule.conditions.get().save(),
    "conditions in bulk": lambda rule, _: Condition.objects.bulk_create(
        [Condition(rule=rule, kind="scheme", value="https")]
    ),
    "schedule": lambda rule, _: RedirectRule.objects.schedule("/x", "/y"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_write_counts_the_version_up(rule, tmp_path, write):
    before = version()

    write(rule, tmp_path)

    assert version().generation == before.generation
    assert version().number > before.number


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_rolled_back_is_not_counted(rule, tmp_path, write):
    before = version()

    with transaction.atomic():
        write(rule, tmp_path)
        transaction.set_rollback(True)

    assert version() == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_process_that_wrote_sees_it_at_once(rule, tmp_path, write):
    store.newest()

    write(rule, tmp_path)

    assert store.version == version()


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_process_that_only_writes_reads_no_rules(rule, tmp_path, write):
    store.forget()

    write(rule, tmp_path)

    assert store.version is None
    assert not store.is_loaded


def test_a_transaction_counts_once(rule):
    before = version()

    with transaction.atomic():
        for _ in range(5):
            rule.save()

    assert version().number == before.number + 1


def test_a_write_after_a_rolled_back_savepoint_is_counted(rule):
    before = version()

    with transaction.atomic():
        with transaction.atomic():
            rule.save()
            transaction.set_rollback(True)
        rule.save()

    assert version().number == before.number + 1


def test_the_first_write_after_a_flush_opens_another_generation(rule):
    before = version()
    call_command("flush", interactive=False, verbosity=0)

    RedirectRule.objects.schedule("/a", "/b")

    assert version().generation != before.generation


def test_an_update_that_meets_no_row_counts_nothing(rule):
    before = version()

    RedirectRule.objects.filter(pk=uuid.uuid4()).update(note="x")
    RedirectRule.objects.bulk_create([])

    assert version() == before


def test_a_version_shows_its_generation_and_number(rule):
    row = RulesetVersion.objects.get()

    assert str(row) == f"{row.generation}:{row.number}"


def test_a_version_made_by_somebody_else_in_this_moment_is_counted_up(rule):
    RulesetVersion.objects.all().delete()
    other = RulesetVersion.objects.create(pk=RulesetVersion.ONLY, number=7)

    with transaction.atomic():
        RulesetVersion.first("default")

    other.refresh_from_db()
    assert other.number == 8
