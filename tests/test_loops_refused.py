"""Loops are errors on every way to write; what forms one later by time is found."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from temp_redirects.dashboards import look
from temp_redirects.models import Batch, MaintenanceWindow, RedirectRule
from temp_redirects.models.recording import recorded
from temp_redirects.models.undoing import Undo
from tests.commands.running import refused
from tests.test_drafts import TYPED

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = "/admin/temp_redirects/redirectrule/"
WINDOWS = "/admin/temp_redirects/maintenancewindow/"
ROUND = "round and round"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def schedule(name, source, target, **fields):
    return RedirectRule.objects.schedule(source, target, name=name, **fields)


def close(name="shut", **fields):
    return MaintenanceWindow.objects.schedule(name, ["/a/"], target="/b/", **fields)


@pytest.fixture
def back():
    """A rule that leads back from where the others lead."""
    return schedule("back", "/b/", "/a/", ends_at=NOW + 5 * HOUR)


@pytest.fixture
def waiting(back):
    """A rule that begins when the one that leads back is over."""
    return schedule(
        "way", "/a/", "/b/", starts_at=NOW - HOUR, ends_at=NOW + HOUR, enabled=False
    )


def messages(response):
    return " ".join(str(each) for each in response.context["messages"])


@pytest.mark.usefixtures("back")
@pytest.mark.parametrize("name", ["way", "waiting"])
def test_the_form_refuses_a_loop_and_so_does_a_change_of_it(admin_client, name):
    url = f"{RULES}add/"
    if name == "waiting":
        row = schedule("waiting", "/a/", "/c/")
        url = f"{RULES}{row.pk}/change/"

    page = admin_client.post(
        url, {**TYPED, "name": name, "path": "/a/", "target": "/b/"}
    )

    assert page.status_code == 200
    assert ROUND in page.content.decode()
    assert not RedirectRule.objects.filter(destinations__target="/b/").exists()


def test_the_button_and_the_action_that_resume_refuse_a_loop(admin_client, waiting):
    button = admin_client.post(f"{RULES}{waiting.pk}/resume/", follow=True)
    action = {"action": "resume", "_selected_action": [str(waiting.pk)]}
    listed = admin_client.post(RULES, action, follow=True)

    assert ROUND in messages(button)
    assert ROUND in messages(listed)
    waiting.refresh_from_db()
    assert not waiting.enabled


def test_a_copy_is_paused_and_refused_when_it_is_resumed(admin_client, waiting):
    admin_client.post(f"{RULES}{waiting.pk}/duplicate/")
    copy = RedirectRule.objects.exclude(name__in=["way", "back"]).get()

    answer = admin_client.post(f"{RULES}{copy.pk}/resume/", follow=True)

    assert not copy.enabled
    assert ROUND in messages(answer)


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    "command",
    [
        ["add", "/a/", "/b/", "--for", "1h"],
        ["add", "/a/", "/b/", "--for", "1h", "--dry-run"],
        ["resume", "way"],
        ["maintenance", "on", "--path", "/a/", "--for", "1h", "--target", "/b/"],
    ],
)
def test_the_command_line_refuses_a_loop(command):
    _, said = refused(*command)

    assert ROUND in said


def test_extending_into_a_loop_is_refused():
    schedule("way", "/a/", "/b/", ends_at=NOW + HOUR)
    schedule("back", "/b/", "/a/", starts_at=NOW + HOUR)

    assert ROUND in refused("extend", "way", "--by", "1h")[1]


@pytest.mark.usefixtures("back")
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_import_refuses_a_loop(tmp_path, capsys, kind):
    file = tmp_path / f"rules.{kind}"
    rule = {"name": "way", "path": "/a/", "destinations": [{"target": "/b/"}]}
    document = {"format": "temp-redirects/1", "rules": [rule]}
    text = json.dumps(document) if kind == "json" else "name,path,target\nway,/a/,/b/\n"
    file.write_text(text)

    with pytest.raises(CommandError, match="Nothing is stored"):
        call_command("temp_redirects", "import", str(file))

    assert ROUND in capsys.readouterr().err
    assert RedirectRule.objects.named("way") is None


@pytest.mark.usefixtures("back")
def test_python_refuses_a_loop():
    with pytest.raises(ValidationError, match=ROUND):
        schedule("way", "/a/", "/b/")
    with pytest.raises(ValidationError, match=ROUND):
        close()


def test_taking_a_deletion_back_refuses_a_loop():
    schedule("way", "/a/", "/b/")
    known = list(Batch.objects.values_list("pk", flat=True))
    with recorded():
        RedirectRule.objects.all().delete()
    batch = Batch.objects.exclude(pk__in=known).get()
    schedule("back", "/b/", "/a/")

    plan = Undo.of("default", batch.revisions.all())
    plan.run()

    assert ROUND in plan.problems[0].problem
    assert RedirectRule.objects.named("way") is None


@pytest.mark.parametrize("verb", ["resume", "start"])
def test_a_window_that_is_off_is_not_switched_on_into_a_loop(admin_client, verb):
    row = close(starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR, enabled=False)
    schedule("back", "/b/", "/a/", ends_at=NOW + 2 * HOUR)

    answer = admin_client.post(f"{WINDOWS}{row.pk}/{verb}/", follow=True)

    assert ROUND in messages(answer)
    row.refresh_from_db()
    assert not row.enabled


def test_a_window_is_not_extended_into_a_loop(admin_client):
    row = close(ends_at=NOW + HOUR)
    schedule("back", "/b/", "/a/", starts_at=NOW + HOUR)

    answer = admin_client.post(f"{WINDOWS}{row.pk}/extend/", follow=True)

    assert ROUND in messages(answer)
    row.refresh_from_db()
    assert row.ends_at == NOW + HOUR


@pytest.mark.parametrize("way", ["button", "command"])
def test_a_window_is_not_started_early_into_a_loop(admin_client, way):
    """As planned there is none: the rule is over before the window begins."""
    row = close(starts_at=NOW + 3 * HOUR, ends_at=NOW + 4 * HOUR)
    schedule("back", "/b/", "/a/", ends_at=NOW + 2 * HOUR)

    if way == "button":
        said = messages(admin_client.post(f"{WINDOWS}{row.pk}/start/", follow=True))
    else:
        said = refused("maintenance", "start", "shut")[1]

    assert ROUND in said
    row.refresh_from_db()
    assert row.starts_at == NOW + 3 * HOUR


def test_what_becomes_a_loop_when_another_rule_is_switched_off_is_found():
    """Switching off always wins; what it uncovers is told."""
    schedule("above", "/b/", "/c/", priority=5)
    schedule("way", "/a/", "/b/")
    schedule("back", "/b/", "/a/")

    RedirectRule.objects.filter(name="above").pause()

    assert look().attention.counts == {"loop": 1}
    assert "loop" in refused("check")[1] or refused("check")[0] == 1
