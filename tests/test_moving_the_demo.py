"""An export of the demo, imported into an empty site, answers as the demo does.

The demo is on SQLite, the empty site is another process on a PostgreSQL of its own.
Accounts are no part of an export, so nobody is signed in.
"""

import csv
import json
import subprocess
import sys

import pytest

from tests.clusters import Postgresql, needs_postgresql, running
from tests.running_demo import environment
from tests.serving import ROOT

pytestmark = [pytest.mark.process, needs_postgresql]

COUNT = 200
SITE = {"DJANGO_SETTINGS_MODULE": "demo_project.settings", "PYTHONPATH": str(ROOT)}


def run(folder, *words, **more):
    """Run a site of the demo's settings in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "tests.recording", words[0], str(folder), *words[1:]],
        env=environment(folder / words[-1], **SITE, **more),
        cwd=ROOT,
        check=True,
        timeout=120,
    )


def read(folder, name):
    return json.loads((folder / name).read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the demo's exports, the recorded requests, and answers."""
    made = tmp_path_factory.mktemp("moving")
    run(made, "record")
    return made


def compared(folder, file):
    """Return the requests, the demo's answers and those of a site with that file."""
    with running(Postgresql) as cluster:
        run(folder, "replay", file, DATABASE_URL=cluster.url)
    answers = read(folder, "demo.answers"), read(folder, f"{file}.answers")
    return list(zip(read(folder, "requests.json"), *answers, strict=True))


def is_redirect(answer):
    return answer[0].startswith("307")


def test_two_hundred_requests_are_answered_byte_for_byte_by_an_empty_site(folder):
    asked = compared(folder, "whole.json")

    assert [request for request, before, after in asked if before != after] == []
    assert len(asked) >= COUNT
    assert sum(is_redirect(before) for _, before, _ in asked) > COUNT / 10


def test_what_a_table_can_say_is_answered_byte_for_byte_too(folder):
    asked = compared(folder, "rules.csv")

    with (folder / "rules.csv").open(newline="", encoding="utf-8") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    whole = read(folder, "whole.json")
    left_out = [each for each in whole["rules"] if each["name"] not in names]
    assert len(names) > 10
    # The home page tells about the window.
    asked = [each for each in asked if each[0]["path"] != "/"]
    paths = ["/maintenance/", *(each["path"] for each in left_out)]
    paths += [path for each in whole["maintenance_windows"] for path in each["paths"]]
    asked = [each for each in asked if not each[0]["path"].startswith(tuple(paths))]
    assert [request for request, before, after in asked if before != after] == []
    assert sum(is_redirect(before) for _, before, _ in asked) > COUNT / 10
