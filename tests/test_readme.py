"""What the README says is so: its commands run, its tables are the code's."""

import ast
import importlib.util
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from temp_redirects import checks, conf
from temp_redirects.management.verbs import VERBS
from temp_redirects.models import RedirectRule
from tests import readme
from tests.test_own_tests import django_test, failures, own_project

ROOT = readme.ROOT
DOCUMENTS = ("README.md", "CHANGELOG.md", "SECURITY.md")

# Who runs what: a block that is in no test and not in .ci would be missing here.
RUN_BY = {
    "Try it": ["sh", "sh", "sh", "bat"],
    "Install": ["sh", "diff", "sh"],
    "The first redirect": ["sh", "python", "console", "sh"],
    "Settings": ["python"],
    "In your own tests": ["python"],
}


def source_of(path: Path):
    """Load a script that is in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_block_is_known_to_a_test():
    found = {
        section: [block.language for block in readme.blocks(section)]
        for section in readme.sections()
    }

    assert {section: blocks for section, blocks in found.items() if blocks} == RUN_BY
    assert readme.text().count("```") == 2 * sum(map(len, RUN_BY.values()))


def test_the_two_commands_set_up_everything_by_themselves():
    set_up = "python3 -m venv .venv && .venv/bin/pip install -e"

    assert readme.two_commands() == (
        f'{set_up} ".[demo]" && .venv/bin/python manage.py demo',
        f'{set_up} ".[test]" && .venv/bin/python -m pytest',
    )


def test_manage_py_prints_the_first_command_where_django_is_missing():
    assert readme.two_commands()[0] == source_of(ROOT / "manage.py").SET_UP


def test_the_other_ways_end_in_the_same_commands():
    uv = readme.blocks("Try it", "sh")[2].commands
    windows = readme.blocks("Try it", "bat")[0].commands

    assert [line.replace("uv run", ".venv/bin/python") for line in uv] == [
        line.split(" && ")[2].replace("-m ", "") for line in readme.two_commands()
    ]
    assert [line.replace("py -m", "python3 -m", 1) for line in windows] == [
        line.replace(".venv/bin/", r".venv\Scripts" + "\\")
        for line in readme.two_commands()
    ]


def test_ci_reads_the_commands_from_here():
    run = (ROOT / ".ci" / "run").read_text()

    for wanted in (
        "tests/readme.py tests",
        "tests/readme.py demo",
        "install_from_readme",
    ):
        assert wanted in run


def test_the_install_section_names_what_the_checks_ask_for():
    (diff,) = readme.blocks("Install", "diff")

    assert f'+    "{checks.MIDDLEWARE}",' in diff.text
    assert f'     "{checks.AUTHENTICATION}",\n+    "{checks.MIDDLEWARE}"' in diff.text
    assert '+    path("maintenance/", include("temp_redirects.urls")),' in diff.text


def test_a_new_projects_files_take_the_install_section(tmp_path):
    call_command("startproject", "mysite", str(tmp_path))
    (diff,) = readme.blocks("Install", "diff")
    follow = source_of(ROOT / ".ci" / "install_from_readme.py")

    follow.patch(diff.text, tmp_path / "mysite")

    for name in ("settings.py", "urls.py"):
        text = (tmp_path / "mysite" / name).read_text()
        ast.parse(text)
        assert "temp_redirects" in text


def test_a_line_that_no_new_project_has_is_reported():
    follow = source_of(ROOT / ".ci" / "install_from_readme.py")

    with pytest.raises(SystemExit, match="no line 'x = 1'"):
        follow.place(["y = 1"], "x = 1", 0)


def manage(line: str) -> None:
    """Run a ``manage.py`` line in this process."""
    python, script, *words = shlex.split(line)
    assert (python, script) == ("python", "manage.py")
    call_command(*words)


def shown() -> tuple[str, list[str]]:
    """Return the curl line and the lines that it must print."""
    (block,) = readme.blocks("The first redirect", "console")
    command, *lines = block.commands
    return command, lines


def ask(client):
    """Send what the curl line sends, and return the answer as curl prints it."""
    command, _ = shown()
    match = re.fullmatch(
        r"\$ curl -si -X (\w+) -d (\S+) http://127\.0\.0\.1:8000(/\S*)", command
    )
    method, data, path = match.groups()
    response = client.generic(method, path, data)
    return [
        f"HTTP/1.1 {response.status_code} {response.reason_phrase}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]


def by_command_line():
    for line in readme.blocks("The first redirect", "sh")[0].commands:
        manage(line)


def by_python():
    (block,) = readme.blocks("The first redirect", "python")
    exec(block.text, {})  # noqa: S102 (it is ours)


@pytest.mark.django_db
@pytest.mark.parametrize("make", [by_command_line, by_python])
def test_the_first_redirect_answers_as_shown_until_it_is_ended(client, make, capsys):
    make()

    assert set(shown()[1]) <= set(ask(client))

    for line in readme.blocks("The first redirect", "sh")[1].commands:
        manage(line)
    assert ask(client)[0] == "HTTP/1.1 200 OK"


@pytest.mark.django_db
def test_the_command_line_says_why(capsys):
    by_command_line()

    printed = capsys.readouterr().out
    assert "created “moved”" in printed
    assert "Redirected (307) to /new/ by “moved”. [match]" in printed


def test_both_ways_make_the_same_rule(db, capsys):
    made = []
    for make in (by_command_line, by_python):
        make()
        (rule,) = RedirectRule.objects.all()
        made.append(rule.to_document() | {"id": "", "schedule": "", "destinations": ""})
        rule.delete()

    assert made[0] == made[1]


def test_the_verbs_named_are_all_there_are():
    text = readme.sections()["The first redirect"]
    named = set(re.findall(r"`(\w+)`", text.partition("other verbs")[2]))

    assert named | {"add", "explain", "end"} == set(VERBS)


def test_the_settings_table_is_the_settings_with_their_defaults():
    table = {
        key: conf.PARSERS[key](ast.literal_eval(default.strip("`")))
        for key, (default, _) in readme.rows("Settings").items()
    }

    assert table == {field.name: field.default for field in fields(conf.Conf)}


def test_the_settings_shown_are_right(settings):
    (block,) = readme.blocks("Settings", "python")
    names: dict = {}
    exec(block.text, names)  # noqa: S102 (it is ours)

    settings.TEMP_REDIRECTS = names["TEMP_REDIRECTS"]

    assert (conf.problems(), conf.unknown()) == ([], [])


def test_the_check_ids_are_all_there_are():
    written = Path(checks.__file__).read_text()

    assert list(readme.rows("System checks")) == sorted(
        set(re.findall(r"temp_redirects\.[EW]\d{3}", written))
    )


@pytest.mark.process
def test_the_test_shown_passes_in_somebodys_own_project(tmp_path):
    (block,) = readme.blocks("In your own tests", "python")
    own_project(tmp_path, test_own=block.text)

    done = django_test(tmp_path)

    assert done.returncode == 0, failures(done.stderr)
    assert "Ran 1 test" in done.stderr


@pytest.mark.parametrize("path", ["/admin/", "/static/x.css", "/robots.txt"])
def test_what_is_never_redirected(client, db, path):
    RedirectRule.objects.schedule("/", "/elsewhere", match="prefix")

    assert client.get(path).status_code != 307


LINK = re.compile(r"""\]\(([^)#\s]+)[^)]*\)|(?:src|srcset)="([^"]+)"|`(\w+/[\w./]+)`""")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_to_files_lead_somewhere(document):
    links = {
        next(filter(None, found))
        for found in LINK.findall((ROOT / document).read_text())
    }
    own = {link for link in links if not link.startswith("https://")}

    assert {link for link in own if not (ROOT / link).exists()} == set()


def test_the_versions_are_those_of_the_package():
    project = (ROOT / "pyproject.toml").read_text()
    text = readme.sections()["Compatibility"]

    pythons = re.findall(r"Python :: (3\.\d+)", project)
    djangos = re.findall(r"Django :: (\d\.\d)", project)
    assert f"Python {pythons[0]} to {pythons[-1]}." in text
    assert f"Django {', '.join(djangos[:-1])} and {djangos[-1]} " in text


def test_the_changelog_begins_with_what_is_unreleased():
    text = (ROOT / "CHANGELOG.md").read_text()

    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "Unreleased"


def test_the_suite_runs_on_the_database_that_is_named():
    assert "DATABASE_URL" in Path(ROOT / "tests" / "settings.py").read_text()
    assert django_settings.DATABASES["default"]["ENGINE"]
