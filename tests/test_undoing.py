"""Undo: one change, a batch, back to a moment; itself a change that can be undone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from temp_redirects.models import Batch, MaintenanceWindow, RedirectRule, Revision
from temp_redirects.models.imports import Import
from temp_redirects.models.imports.plans import At, RulePlan
from temp_redirects.models.recording import recorded
from temp_redirects.models.undoing import Undo

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)


def schedule(**fields):
    return RedirectRule.objects.schedule(
        **{"source": "/a", "target": "/b", "name": "shop", **fields}
    )


def stored():
    rules = {row.pk: row.to_document() for row in RedirectRule.objects.all()}
    windows = {row.pk: row.to_document() for row in MaintenanceWindow.objects.all()}
    return rules | windows


def undo_last(**options):
    plan = Undo.of("default", Batch.objects.all()[0].revisions.all())
    plan.run(**options)
    return plan


def imported(*documents):
    entries = [(At("rule", at), document) for at, document in enumerate(documents)]
    return Import("default").run({RulePlan: entries})


WAYS = {
    "a change": lambda: RedirectRule.objects.filter(name="shop").update(note="x"),
    "switched off": lambda: RedirectRule.objects.all().pause(),
    "a rename": lambda: RedirectRule.objects.filter(name="shop").update(name="mall"),
    "another target and condition": lambda: schedule(
        target="/c", conditions=[{"kind": "scheme", "value": "https"}]
    ),
    "a new rule": lambda: schedule(source="/x", name="other"),
    "deleted": lambda: RedirectRule.objects.all().delete(),
    "an import": lambda: imported(
        {"name": "shop", "path": "/z", "destinations": [{"target": "/y"}]},
        {"name": "new", "path": "/n", "destinations": [{"target": "/y"}]},
    ),
    "a window made": lambda: MaintenanceWindow.objects.schedule("w2", ["/w/"]),
    "a window changed": lambda: MaintenanceWindow.objects.update(title="x"),
    "a window off": lambda: MaintenanceWindow.objects.update(enabled=False),
    "a window deleted": lambda: MaintenanceWindow.objects.all().delete(),
}


@pytest.fixture
def _things():
    schedule(conditions=[{"kind": "scheme", "value": "http"}])
    schedule(source="/p/", target="/q/{rest}", name="blog", match="prefix", note="n")
    MaintenanceWindow.objects.schedule("update", ["/shop/"], message="Back soon.")


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
@pytest.mark.usefixtures("_things")
def test_undoing_brings_back_every_document_ids_included_and_can_be_undone(write):
    before = stored()
    with recorded(who="ada"):
        write()
    after = stored()
    assert after != before

    with recorded(who="bob"):
        assert undo_last().problems == []
    assert stored() == before
    assert Batch.objects.all()[0].who == "bob"

    with recorded(who="cyd"):
        undo_last()
    assert stored() == after


@pytest.mark.usefixtures("_things")
def test_a_preview_changes_nothing():
    with recorded():
        RedirectRule.objects.order_by("pk").delete()
    before = stored()

    plan = Undo.of("default", Batch.objects.all()[0].revisions.all())
    plan.preview()

    assert stored() == before
    assert {(step.name, step.problem) for step in plan.steps} == {
        ("shop", ""),
        ("blog", ""),
    }


def test_what_was_changed_since_stays():
    rule = schedule()
    with recorded():
        RedirectRule.objects.update(note="one")
    batch = Batch.objects.all()[0]
    with recorded():
        RedirectRule.objects.update(priority=5)

    Undo.of("default", batch.revisions.all()).run()

    rule.refresh_from_db()
    assert (rule.note, rule.priority) == ("", 5)


def test_everything_is_as_it_was_at_a_moment():
    with time_machine.travel(NIGHT, tick=False):
        schedule()
        before = stored()
    with time_machine.travel(NIGHT + timedelta(minutes=1), tick=False):
        with recorded():
            RedirectRule.objects.update(note="one")
        with recorded():
            schedule(source="/x", name="other")
        with recorded():
            RedirectRule.objects.filter(name="shop").delete()

        Undo.to("default", NIGHT).run()

    assert stored() == before


@pytest.mark.usefixtures("_things")
def test_a_name_that_is_taken_by_now_is_a_problem_and_the_rest_is_done():
    with recorded():
        RedirectRule.objects.all().delete()
    batch = Batch.objects.all()[0]
    schedule(source="/other")

    plan = Undo.of("default", batch.revisions.all())
    done = plan.run()

    assert (done, [step.problem for step in plan.problems]) == (
        1,
        ["Another one has this name by now."],
    )
    assert RedirectRule.objects.get(name="shop").path == "/other"


def test_what_would_be_refused_today_is_a_problem(settings):
    schedule(target="https://partner.example/")
    MaintenanceWindow.objects.schedule(
        "away", ["/x/"], target="https://partner.example/"
    )
    with recorded():
        RedirectRule.objects.all().delete()
        MaintenanceWindow.objects.all().delete()
    settings.TEMP_REDIRECTS = {}

    problems = undo_last().problems

    assert [step.name for step in problems] == ["shop", "away"]
    assert all("ALLOWED_TARGET_HOSTS" in step.problem for step in problems)


def test_a_loop_that_would_come_back_is_a_problem():
    schedule()
    with recorded():
        RedirectRule.objects.all().delete()
    batch = Batch.objects.all()[0]
    schedule(source="/b", target="/a", name="back")

    plan = Undo.of("default", batch.revisions.all())
    plan.run()

    assert "round and round" in plan.problems[0].problem


def test_switching_off_needs_no_judgement(settings):
    schedule(target="https://partner.example/", enabled=False)
    with recorded():
        RedirectRule.objects.all().resume()
    settings.TEMP_REDIRECTS = {}

    assert undo_last().problems == []
    assert not RedirectRule.objects.get().enabled


def test_old_changes_are_forgotten():
    with time_machine.travel(NIGHT, tick=False), recorded():
        schedule()
    with time_machine.travel(NIGHT + timedelta(days=2), tick=False), recorded():
        RedirectRule.objects.update(note="x")

    assert Batch.objects.forget(NIGHT + timedelta(days=1)) == 1
    assert Revision.objects.get().became["note"] == "x"
