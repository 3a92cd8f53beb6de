"""The history: whichever way a rule is written, its documents are kept."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from temp_redirects.models import (
    Batch,
    Condition,
    MaintenanceWindow,
    RedirectRule,
    Revision,
)
from temp_redirects.models.recording import recorded
from tests.test_versions import WRITES

LIST = "/admin/temp_redirects/redirectrule/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rule():
    rule = RedirectRule.objects.schedule(
        "/a", "/b", name="shop", conditions=[{"kind": "scheme", "value": "http"}]
    )
    Batch.objects.all().delete()
    return rule


def stored() -> dict:
    return {row.pk: row.to_document() for row in RedirectRule.objects.all()}


def revisions() -> dict:
    return {row.object_id: (row.was, row.became) for row in Revision.objects.all()}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_write_leaves_the_documents_before_and_after(rule, tmp_path, write):
    before = stored()

    with transaction.atomic():
        write(rule, tmp_path)

    after = stored()
    assert revisions() == {
        pk: (before.get(pk), after.get(pk))
        for pk in {*before, *after}
        if before.get(pk) != after.get(pk)
    }
    assert Batch.objects.count() <= 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_rolled_back_leaves_nothing(rule, tmp_path, write):
    with transaction.atomic():
        write(rule, tmp_path)
        transaction.set_rollback(True)

    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda row: row.save(), id="save"),
        pytest.param(
            lambda row: type(row).objects.filter(pk=row.pk).update(title="x"),
            id="update",
        ),
        pytest.param(lambda row: row.delete(), id="delete"),
    ],
)
def test_maintenance_windows_have_a_history_too(write):
    row = MaintenanceWindow.objects.schedule("update", ["/shop/"])
    made = Revision.objects.get()
    row.title = "x"
    before = made.became

    write(row)

    assert (made.kind, made.was, made.name) == ("window", None, "update")
    changed = Revision.objects.latest("pk")
    assert changed.was == before
    after = MaintenanceWindow.objects.filter(pk=row.pk).first()
    assert changed.became == (after and after.to_document())


def test_documents_of_many_are_those_of_each(rule):
    other = RedirectRule.objects.schedule(
        "/x/", "/y/{rest}", match="prefix", hosts=["shop.example"], enabled=False
    )
    found = RedirectRule.documents("default", [rule.pk, other.pk])
    assert found == {row.pk: row.to_document() for row in (rule, other)}


def test_saving_without_a_change_leaves_nothing(rule):
    rule.save()
    RedirectRule.objects.schedule(
        "/a", "/b", name="shop", conditions=[{"kind": "scheme", "value": "http"}]
    )

    assert not Batch.objects.exists()


def test_a_transaction_is_one_batch_and_a_rule_is_in_it_once(rule):
    with transaction.atomic():
        RedirectRule.objects.all().pause()
        RedirectRule.objects.filter(pk=rule.pk).update(note="x")
        Condition.objects.all().delete()

    revision = Revision.objects.get()
    places = {each.place for each in revision.differences}
    assert places == {"enabled", "note", "conditions"}


def test_what_is_changed_and_changed_back_in_one_transaction_leaves_nothing(rule):
    with transaction.atomic():
        RedirectRule.objects.all().pause()
        RedirectRule.objects.all().resume()

    assert not Revision.objects.exists()


def test_a_batch_says_who_from_where_and_what(rule):
    with recorded("command", who="ada", what="deploy"):
        with recorded("import", what="moves.csv"):
            RedirectRule.objects.all().pause()
        RedirectRule.objects.schedule("/x", "/y")

    batch = Batch.objects.get()
    assert (batch.source, batch.who, batch.what) == ("import", "ada", "moves.csv")
    assert str(batch).endswith(" ada")
    assert batch.revisions.count() == 2


def test_a_batch_whose_first_part_is_rolled_back_keeps_the_rest(rule):
    with recorded("admin", who="ada"):
        with transaction.atomic():
            RedirectRule.objects.all().pause()
            transaction.set_rollback(True)
        RedirectRule.objects.schedule("/x", "/y", name="other")

    assert [each.name for each in Revision.objects.all()] == ["other"]


def test_texts_that_are_too_long_are_cut(rule):
    with recorded(who="x" * 200, what="y" * 600):
        RedirectRule.objects.all().pause()

    batch = Batch.objects.get()
    assert (len(batch.who), len(batch.what)) == (150, 500)


def test_a_rule_that_cannot_be_read_keeps_its_name(rule):
    broken = {"timezone": "Nowhere", "ends_at": datetime(2030, 1, 1, tzinfo=UTC)}
    RedirectRule.objects.filter(pk=rule.pk).update(**broken)

    revision = Revision.objects.get()
    known = {"id": str(rule.pk), "name": "shop", "enabled": True}
    assert revision.became == known
    assert str(revision) == "shop"


WAYS_OF_THE_ADMIN = {
    "a button": lambda rule: (f"{LIST}{rule.pk}/pause/", {}),
    "deleting": lambda rule: (f"{LIST}{rule.pk}/delete/", {"post": "yes"}),
    "an action": lambda rule: (
        LIST,
        {"action": "pause", "_selected_action": [rule.pk], "index": "0"},
    ),
    "deleting many": lambda rule: (
        LIST,
        {"action": "delete_selected", "_selected_action": [rule.pk], "post": "yes"},
    ),
    "the form": lambda rule: (
        f"{LIST}{rule.pk}/change/",
        {
            **{"name": "shop", "path": "/a", "match": "exact", "target": "/b"},
            **{"status": "307", "query": "keep", "priority": "5", "starts_at": ""},
            **{"ends_at": "", "until_switched_off": "on", "cache_seconds": "0"},
            "timezone": "Europe/Berlin",
        },
    ),
}


@pytest.mark.parametrize("way", WAYS_OF_THE_ADMIN.values(), ids=WAYS_OF_THE_ADMIN)
def test_the_admin_says_who_is_signed_in(rule, admin_client, way):
    url, data = way(rule)

    assert admin_client.post(url, data).status_code == 302

    batch = Batch.objects.get()
    assert (batch.source, batch.who) == ("admin", "admin")
    assert batch.changes.get().object_id == rule.pk


def test_deleting_a_rule_reads_no_parts_of_what_is_gone(rule):
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        RedirectRule.objects.filter(pk=rule.pk).delete()
    reads = [
        each["sql"]
        for each in asked.captured_queries
        if "SELECT" in each["sql"] and "temp_redirects_condition" in each["sql"]
    ]
    assert len(reads) == 3  # two for the document before, one of Django's cascade
