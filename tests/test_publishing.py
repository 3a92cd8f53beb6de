"""Who may change but not publish: held on every way to write, doors or none."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from temp_redirects.models import (
    Batch,
    Condition,
    Destination,
    MaintenanceWindow,
    RedirectRule,
)
from temp_redirects.models.imports import RULES, WINDOWS, Import
from temp_redirects.models.imports.plans import At
from temp_redirects.models.recording import recorded
from temp_redirects.models.undoing import Undo

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
END = datetime(2036, 11, 21, 12, tzinfo=UTC)
RULE = {"name": "new", "path": "/n", "destinations": [{"target": "/y"}]}
WINDOW = {"name": "new", "paths": ["/n/"]}


@pytest.fixture(autouse=True)
def _things():
    """Rules and windows that are on, and others that are off."""
    rules, windows = RedirectRule.objects, MaintenanceWindow.objects
    for enabled in (True, False):
        word = "on" if enabled else "off"
        rules.schedule(
            f"/{word}",
            "/b",
            name=f"rule {word}",
            enabled=enabled,
            ends_at=END,
            conditions=[{"kind": "scheme", "value": "https"}],
        )
        windows.schedule(f"window {word}", [f"/w-{word}/"], ends_at=END)
    windows.filter(name="window off").update(enabled=False)


def rule(word):
    return RedirectRule.objects.filter(name=f"rule {word}")


def window(word):
    return MaintenanceWindow.objects.filter(name=f"window {word}")


def saved(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def imported(kind, document):
    outcome = Import("default").run({kind: [(At("entry", 1), document)]})
    if outcome.problems:
        raise PermissionDenied([str(each.reason) for each in outcome.problems])


PUBLISHING = {
    "a new rule": lambda: RedirectRule.objects.schedule("/x", "/y"),
    "a new row": lambda: RedirectRule(name="x", path="/x").save(),
    "bulk_create": lambda: RedirectRule.objects.bulk_create(
        [RedirectRule(name="x", path="/x")]
    ),
    "a new window": lambda: MaintenanceWindow.objects.schedule("x", ["/x/"]),
    "import of a rule": lambda: imported(RULES, RULE),
    "import of a window": lambda: imported(WINDOWS, WINDOW),
    "import over a rule": lambda: imported(RULES, RULE | {"name": "rule off"}),
    "resume": lambda: rule("off").resume(),
    "extend": lambda: rule("on").extend(HOUR),
    "a later end": lambda: rule("on").update(ends_at=END + HOUR),
    "no end": lambda: rule("on").update(ends_at=None),
    "update": lambda: rule("on").update(priority=7),
    "update to on": lambda: rule("off").update(enabled=True),
    "save": lambda: saved(rule("on").get(), path="/elsewhere"),
    "save to on": lambda: saved(rule("off").get(), enabled=True),
    "over the one of that name": lambda: RedirectRule.objects.schedule(
        "/on", "/z", name="rule on"
    ),
    "another target": lambda: Destination.objects.filter(
        rule__in=rule("on").values("pk")
    ).update(target="/z"),
    "one destination saved": lambda: saved(
        Destination.objects.get(rule__name="rule on"), target="/z"
    ),
    "a condition less": lambda: Condition.objects.filter(
        rule__in=rule("on").values("pk")
    ).delete(),
    "a condition deleted": lambda: Condition.objects.get(rule__name="rule on").delete(),
    "a condition more": lambda: Condition.objects.create(
        rule=rule("on").get(), kind="scheme", value="http", excepts=True
    ),
    "start a window": lambda: window("off").start(),
    "extend a window": lambda: window("on").extend(HOUR),
    "save a window": lambda: saved(window("on").get(), paths="/more/"),
    "switch on a window": lambda: window("off").update(enabled=True),
}
HARMLESS = {
    "pause": lambda: rule("on").pause(),
    "end": lambda: rule("on").end(),
    "an earlier end": lambda: rule("on").update(ends_at=END - HOUR),
    "delete": lambda: rule("on").delete(),
    "a rule that is off": lambda: rule("off").update(path="/x", priority=7),
    "duplicate": lambda: rule("on").get().duplicate(),
    "a new one that is off": lambda: RedirectRule.objects.schedule(
        "/x", "/y", enabled=False
    ),
    "import of one that is off": lambda: imported(RULES, RULE | {"enabled": False}),
    "end a window": lambda: window("on").end(),
    "a window that is off": lambda: saved(window("off").get(), title="Soon"),
    "duplicate a window": lambda: window("on").get().duplicate(),
    "delete a window": lambda: window("on").delete(),
}


def documents():
    rows = [*RedirectRule.objects.all(), *MaintenanceWindow.objects.all()]
    return {row.pk: row.to_document() for row in rows}


@pytest.mark.parametrize("write", PUBLISHING.values(), ids=PUBLISHING)
def test_what_visitors_would_notice_is_refused_and_nothing_of_it_stays(write):
    before, batches = documents(), Batch.objects.count()
    with recorded(who="ada", may_publish=False), pytest.raises(PermissionDenied):
        write()
    assert documents() == before
    assert Batch.objects.count() == batches


@pytest.mark.parametrize("write", PUBLISHING.values(), ids=PUBLISHING)
def test_who_may_publish_may_do_all_of_it(write):
    before = documents()
    with recorded(who="ada"):
        write()
    assert documents() != before


@pytest.mark.parametrize("write", HARMLESS.values(), ids=HARMLESS)
def test_what_is_off_and_what_takes_away_is_theirs(write):
    before = documents()
    with recorded(who="ada", may_publish=False):
        write()
    assert documents() != before


@pytest.mark.parametrize("write", PUBLISHING.values(), ids=PUBLISHING)
def test_it_stays_refused_inside_another_batch(write):
    inside = recorded("import")
    with recorded(may_publish=False), inside, pytest.raises(PermissionDenied):
        write()


def test_undo_leaves_out_what_would_publish_and_says_so():
    with recorded(who="ada"):
        rule("on").pause()
        rule("off").update(path="/changed")
    plan = Undo.of("default", Batch.objects.get(who="ada").changes)
    with recorded(who="bob", may_publish=False):
        plan.run()
    problems = {step.name: step.problem for step in plan.steps}
    assert problems == {
        "rule on": "You may not switch on, nor change what is on.",
        "rule off": "",
    }
    assert rule("off").get().path == "/off"
    assert not rule("on").get().enabled
