"""``history`` and ``undo``: what was changed, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from temp_redirects.management.commands import temp_redirects
from temp_redirects.models import Batch, RedirectRule
from temp_redirects.models.recording import recorded
from tests.commands.running import COMMAND, read, refused, told

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # 13:00 in Berlin


@pytest.fixture(autouse=True)
def at(monkeypatch):
    monkeypatch.setattr(temp_redirects, "getuser", lambda: "ada")
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def _deploy(at):
    told("add", "/old/", "/new/", "--for", "1h", "--name", "deploy")
    at.shift(60)
    told("pause", "deploy")
    at.shift(60)


def history(*args):
    """Return the lines without the ids that begin them."""
    lines = told("history", *args).splitlines()
    return [line if line.startswith(" ") else line[10:] for line in lines]


@pytest.mark.usefixtures("_deploy")
def test_the_history_tells_who_did_what_in_the_words_of_the_form():
    assert history() == [
        "2026-11-21 13:01  ada (command) “pause deploy”",
        "    changed “deploy”: switched on: yes → no",
        "2026-11-21 13:00  ada (command) “add deploy”",
        "    made “deploy”",
    ]


def test_without_a_name_for_the_user_the_history_tells_the_rest(monkeypatch):
    def nobody():
        raise OSError

    monkeypatch.setattr(temp_redirects, "getuser", nobody)
    told("add", "/old/", "/new/", "--for", "1h", "--name", "deploy")

    assert history()[0] == "2026-11-21 13:00  (command) “add deploy”"


@pytest.mark.usefixtures("_deploy")
def test_a_script_reads_the_documents():
    newest = read("history", "--limit", "1")[0]

    change = newest["changes"][0]
    assert (newest["who"], newest["at"]) == ("ada", "2026-11-21T13:01:00+01:00")
    assert (change["before"]["enabled"], change["after"]["enabled"]) == (True, False)


@pytest.mark.usefixtures("_deploy")
def test_the_history_of_one_rule_is_told_after_it_is_deleted_too(at):
    told("add", "/x/", "/y/", "--for", "1h", "--name", "other")
    RedirectRule.objects.filter(name="deploy").delete()

    assert "made “other”" in " ".join(history())
    assert "    made “other”" not in history("--of", "DEPLOY")
    assert "    made “deploy”" in history("--of", "DEPLOY")
    assert history("--of", "other")[1:] == ["    made “other”"]


def test_a_name_without_history_is_refused():
    assert refused("history", "--of", "x") == (1, "No change of “x” is known.")
    assert told("history") == "Nothing has been changed.\n"


def test_of_a_large_batch_some_are_told():
    with recorded():
        for number in range(7):
            RedirectRule.objects.schedule(f"/{number}", "/x")

    assert history()[-1] == "    and 2 more"


@pytest.mark.usefixtures("_deploy")
def test_the_last_change_is_taken_back():
    assert told("undo", "--last").splitlines() == [
        "changed “deploy”",
        "    switched on: no → yes",
    ]
    assert RedirectRule.objects.get().enabled
    assert history()[0].endswith("ada (command) “undo”")


@pytest.mark.usefixtures("_deploy")
def test_a_change_is_taken_back_by_the_beginning_of_its_id():
    made = read("history")[-1]["id"]

    assert told("undo", made[:8]) == "deleted “deploy”\n"
    assert not RedirectRule.objects.exists()


@pytest.mark.usefixtures("_deploy")
def test_a_dry_run_changes_nothing():
    lines = told("undo", "--last", "--dry-run").splitlines()
    assert lines[0] == "Dry run, nothing is changed. Without --dry-run:"
    assert not RedirectRule.objects.get().enabled

    told_json = read("undo", "--last", "--dry-run")
    assert told_json["dry_run"]
    assert told_json["changes"][0]["after"]["enabled"]


@pytest.mark.parametrize("when", ["13:00:30", "2026-11-21T13:00:30"])
@pytest.mark.usefixtures("_deploy")
def test_everything_is_as_it_was_at_a_moment(when):
    told("undo", "--to", when)
    assert RedirectRule.objects.get().enabled


@pytest.mark.usefixtures("_deploy")
def test_a_clock_that_is_yet_to_come_is_yesterdays():
    assert told("undo", "--to", "23:00") == "deleted “deploy”\n"
    assert told("undo", "--to", "23:00") == "Nothing to undo: it is so already.\n"


@pytest.mark.usefixtures("_deploy")
def test_what_cannot_be_undone_is_told_with_an_exit_code(capsys):
    with recorded():
        RedirectRule.objects.update(name="renamed")
    batch = Batch.objects.get(what="").pk.hex
    told("add", "/x/", "/y/", "--for", "1h", "--name", "deploy")

    with pytest.raises(CommandError, match=r"1 could not be undone\.") as error:
        call_command(COMMAND, "undo", batch)
    assert error.value.returncode == 1
    assert capsys.readouterr().err == (
        "“deploy” stays as it is: Another one has this name by now.\n"
    )


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        ([], 2, "Say what to undo: an id from “history”, --last, or --to WHEN."),
        (["--last", "ab12"], 2, "Say what to undo: an id from “history”, --last, or"),
        (["abc"], 1, "“abc” is too short; 4 characters are needed."),
        (["abcde"], 1, "No change has an id that begins “abcde”. See “history”."),
        (["--last"], 1, "Nothing has been changed."),
        (["--to", "2027-01-01T00:00"], 1, "“2027-01-01T00:00” is not past."),
    ],
)
def test_what_is_asked_wrongly_is_refused(args, code, sentence):
    returned, text = refused("undo", *args)
    assert returned == code
    assert text.startswith(sentence)


@pytest.mark.usefixtures("_deploy")
def test_prune_forgets_old_changes(at):
    at.shift(timedelta(days=100))

    assert "2 changes from before then are forgotten" in told(
        "prune", "--older-than", "90d", "--dry-run"
    )
    assert Batch.objects.count() == 2
    assert read("prune", "--older-than", "90d")["changes"] == 2
    assert not Batch.objects.exists()
