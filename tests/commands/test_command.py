"""The command as a whole: its verbs, its exit codes, its help, in a real shell."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from temp_redirects.management import actions, verbs
from temp_redirects.management.commands.temp_redirects import EPILOG, Command
from temp_redirects.models import RedirectRule
from tests.commands.running import COMMAND, refused

ROOT = Path(__file__).parents[2]


def test_a_verb_is_found_by_its_file_being_there():
    files = {
        path.stem
        for path in Path(verbs.__path__[0]).glob("*.py")
        if path.stem != "__init__"
    }

    assert files == {*verbs.VERBS}


def test_the_names_of_verbs_do_not_move():
    assert {*verbs.VERBS} >= {
        *("add", "end", "explain", "extend", "list", "pause", "resume", "show")
    }


def test_two_verbs_cannot_have_one_name():
    with pytest.raises(TypeError, match="Two verbs are called 'end'"):
        type("Other", (actions.Verb,), {"name": "end"})


def test_the_exit_codes_do_not_move():
    codes = (actions.REFUSED, actions.USAGE, actions.NO_RULE, actions.NO_DATABASE)

    assert (*codes, actions.NONE_IS_ON) == (1, 2, 3, 4, 5)
    assert re.findall(r"^  (\d)  ", EPILOG, re.MULTILINE) == [*"012345"]


@pytest.mark.parametrize("verb", ["", *verbs.VERBS])
def test_every_verb_has_help(verb):
    stdout = io.StringIO()
    with redirect_stdout(stdout), pytest.raises(SystemExit) as end:
        Command().run_from_argv(["manage.py", COMMAND, *filter(None, [verb]), "--help"])

    assert end.value.code == 0
    assert stdout.getvalue().startswith(f"usage: manage.py {COMMAND}")
    assert (
        "--settings" not in stdout.getvalue()
    )  # Django's own options work and are not shown


def test_a_missing_verb_is_an_error():
    with pytest.raises(CommandError, match="required: VERB"):
        call_command(COMMAND)


def test_a_database_that_does_not_answer_has_its_own_code(db):
    def refuse(*query):
        raise DatabaseError("server closed the connection")

    with connection.execute_wrapper(refuse):
        code, text = refused("list")

    assert code == 4
    assert text == (
        "The database says: server closed the connection. If its tables "
        "are missing, run “manage.py migrate”."
    )


@pytest.mark.django_db
def test_a_terminal_that_lacks_a_sign_still_gets_the_answer(monkeypatch):
    RedirectRule.objects.schedule("/a/", "/b/")
    streams = [io.BytesIO(), io.BytesIO()]
    for name, stream in zip(("stdout", "stderr"), streams, strict=True):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(stream, encoding="ascii"))

    Command().run_from_argv(["manage.py", COMMAND, "list"])

    sys.stdout.flush()
    assert rb"/a/ \u2192 /b/" in streams[0].getvalue()


@pytest.fixture
def shell(tmp_path):
    """Run lines in a shell in which ``redirects`` is the command, on an empty site."""
    settings = tmp_path / "shell_settings.py"
    settings.write_text(
        "from tests.settings import *\n"
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3',"
        f" 'NAME': {str(tmp_path / 'db.sqlite3')!r}}}}}\n"
    )
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "PYTHON": sys.executable,
    }
    env.pop("DJANGO_SETTINGS_MODULE", None)

    def run(script):
        django = '"$PYTHON" -m django'
        head = (
            f'redirects() {{ {django} temp_redirects "$@" --settings shell_settings; }}'
        )
        lines = (
            f"{head}\n{django} migrate -v0 --settings shell_settings 2> log\n{script}"
        )
        return subprocess.run(
            ["/bin/bash", "-c", lines],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.mark.process
def test_a_shell_sees_the_exit_codes_and_the_two_streams(shell):
    done = shell(
        """
        redirects add /a/ /b/ --for 3h --name deploy > out; echo $?
        redirects add a b --for 3h 2> refused; echo $?
        redirects add /a/ /b/ --for 2> usage; echo $?
        redirects end deplyo 2> unknown; echo $?
        rm db.sqlite3
        redirects list 2> database; echo $?
        cat out refused unknown database
        """
    )

    codes, _, texts = done.stdout.partition("created ")
    assert (codes.split(), done.stderr) == (["0", "1", "2", "3", "4"], "")
    assert texts.startswith("“deploy”: it is live\n")
    assert "CommandError: Nothing is changed:\n  SOURCE: “a” does not" in texts
    assert "CommandError: No rule is called “deplyo”. Did you mean" in texts
    assert "no such table" in texts
    assert "\x1b" not in texts
    assert "Traceback" not in texts


@pytest.mark.process
def test_a_deploy_script_takes_its_rule_back_when_a_step_fails(shell):
    done = shell(
        """
        export -f redirects
        cat > deploy.sh <<'SCRIPT'
        set -e
        trap 'redirects end v2 --json | grep -e result -e state' ERR
        redirects add /api/v1/submit /api/v2/submit --method POST --for 3h --name v2
        redirects explain POST /api/v1/submit --json | grep reason
        false
        echo not reached
SCRIPT
        /bin/bash deploy.sh
        echo "exit $?"
        """
    )

    words = re.findall(r'"(?:reason|result|state)": "(\w+)"', done.stdout)
    assert words == ["match", "ended", "ended"]
    assert done.stdout.endswith("\nexit 1\n")
    assert done.stderr == ""


@pytest.mark.process
@pytest.mark.parametrize("verb", ["history", "undo --last", "list", "export"])
def test_a_verb_whose_reader_has_gone_ends_quietly(shell, verb):
    done = shell(
        f"""
        redirects add /a/ /b/ --for 3h --name deploy > out
        redirects {verb} 2> said | true; echo ${{PIPESTATUS[0]}}
        cat said
        """
    )

    assert (done.stdout.strip(), done.stderr) == ("141", "")
