"""``export``: every rule with every key, to a file or to stdout."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from temp_redirects.models import Destination, RedirectRule
from tests.commands.running import COMMAND, refused, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def _rules():
    for name in ("b", "A"):
        RedirectRule.objects.schedule(f"/{name}", "/y", name=name)


@pytest.mark.usefixtures("_rules")
def test_json_has_every_rule_as_its_document():
    whole = json.loads(told("export"))

    assert {key: whole[key] for key in whole if key != "rules"} == {
        "format": "temp-redirects/1",
        "maintenance_windows": [],
    }
    assert whole["rules"] == [
        RedirectRule.objects.named(name).to_document() for name in ("a", "b")
    ]


@pytest.mark.usefixtures("_rules")
def test_only_the_rules_that_are_named():
    whole = json.loads(told("export", "B"))

    assert [rule["name"] for rule in whole["rules"]] == ["b"]
    assert refused("export", "c")[0] == 3


@pytest.mark.usefixtures("_rules")
def test_a_table_has_a_header_and_a_line_for_each():
    lines = told("export", "--format", "csv").splitlines()

    assert lines[0].startswith("name,path,target,match,")
    assert [line.partition(",")[0] for line in lines[1:]] == ["A", "b"]


@pytest.mark.usefixtures("_rules")
@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("rules.csv", "name,path,"),
        ("rules.CSV", "name,path,"),
        ("rules.JSON", "{"),
        ("rules", "{"),
    ],
)
def test_the_name_of_the_file_says_the_format(tmp_path, name, begins):
    path = tmp_path / name

    told("export", "--to", str(path))

    assert path.read_text().startswith(begins)


def test_no_cell_is_a_formula():
    RedirectRule.objects.schedule("/a", "/b", name="=HYPERLINK(1)", note="@SUM")

    assert "'=HYPERLINK(1)," in told("export", "--format", "csv")


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    assert refused("export", "--to", str(tmp_path)) == (
        1,
        f"“{tmp_path}” cannot be written: Is a directory.",
    )


@pytest.fixture
def partly():
    """Return the exit code, the sentences and the output of a verb."""

    def run(*args):
        out = StringIO()
        with pytest.raises(CommandError) as error:
            call_command(COMMAND, *args, stdout=out)
        return error.value.returncode, str(error.value), out.getvalue()

    return run


@pytest.mark.usefixtures("_rules")
def test_a_rule_that_cannot_be_read_is_named_and_the_others_are_written(partly):
    RedirectRule.objects.filter(name="A").update(
        timezone="Mars/Base", starts_at="2026-01-01T00:00Z"
    )

    code, text, out = partly("export")

    assert code == 1
    assert text.startswith("“A” cannot be written: “Mars/Base” is not a time zone.")
    assert [rule["name"] for rule in json.loads(out)["rules"]] == ["b"]


@pytest.mark.usefixtures("_rules")
def test_a_rule_that_needs_more_than_a_line_is_left_out_of_a_table(partly):
    row = RedirectRule.objects.named("a")
    Destination.objects.create(rule=row, target="/z")

    code, text, out = partly("export", "--format", "csv")

    assert (code, text) == (1, "“A” needs more than a line of CSV; export it as JSON.")
    assert [line[:2] for line in out.splitlines()] == ["na", "b,"]
