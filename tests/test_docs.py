"""What the pages under ``docs`` show on the command line runs, line by line."""

import re
import shlex
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command

from temp_redirects.models import MaintenanceWindow, RedirectRule
from tests.serving import ROOT

pytestmark = pytest.mark.django_db

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = {
    page.stem: lines
    for page in sorted((ROOT / "docs").glob("*.md"))
    if (lines := "".join(BLOCK.findall(page.read_text("utf-8"))).splitlines())
}
HOSTS = ["https://eu1.example.com", "https://eu2.example.com"]


def run(page):
    for line in SHOWN[page]:
        python, script, *words = shlex.split(line)
        assert (python, script) == ("python", "manage.py")
        call_command(*words)


@pytest.fixture(autouse=True)
def _site(settings):
    settings.TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": HOSTS}
    with time_machine.travel(datetime(2026, 11, 21, 13, 5, tzinfo=UTC), tick=False):
        yield


def test_every_page_with_commands_is_known_here():
    assert [*SHOWN] == ["experiments", "recurrence"]


def test_half_of_the_visitors_and_two_hosts(capsys):
    run("experiments")

    test, load = (row.compile() for row in RedirectRule.objects.order_by("-goal"))
    assert (test.name, test.goal) == ("pricing-test", "/thanks/")
    assert [share for _, share in test.split.shares] == [50, 50]
    assert [share for _, share in load.split.shares] == [50, 50, 0]
    targets = [each.target.typed for each in load.destinations]
    assert targets == [f"{host}{{path}}" for host in HOSTS]


def test_a_window_that_comes_again_and_is_skipped_once(capsys):
    run("recurrence")

    skipped = MaintenanceWindow.objects.get().to_document()["schedule"]["except"]
    assert len(skipped) == 2
    assert "2027-04-04" in skipped
