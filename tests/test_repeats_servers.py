"""A window that repeats, in two real processes of the demo, under a fake clock."""

import http.client
import os
from contextlib import ExitStack
from datetime import datetime

import pytest

from tests.running_demo import environment
from tests.serving import manage, serving

pytestmark = pytest.mark.process

SCHEDULE = """
from datetime import datetime
from temp_redirects.models import MaintenanceWindow
MaintenanceWindow.objects.schedule(
    "sundays", ["/pricing/"], timezone="Europe/Berlin", repeat="FREQ=WEEKLY;BYDAY=SU",
    starts_at=datetime.fromisoformat("2026-11-22T02:00+01:00"),
    ends_at=datetime.fromisoformat("2026-11-22T04:00+01:00"),
)
"""
# 02:00 to 04:00 in Berlin; in March clocks leave 02:00 out, in October they show it
# twice. Each time lasts two hours.
TIMES = {
    "the first Sunday": ("2026-11-22T01:00Z", "2026-11-22T03:00Z"),
    "a Sunday before clocks change": ("2027-03-21T01:00Z", "2027-03-21T03:00Z"),
    "the last Sunday of March": ("2027-03-28T01:00Z", "2027-03-28T03:00Z"),
    "a Sunday of summer": ("2027-04-04T00:00Z", "2027-04-04T02:00Z"),
    "the last Sunday of October": ("2027-10-31T00:00Z", "2027-10-31T02:00Z"),
    "a Sunday of winter": ("2027-11-07T01:00Z", "2027-11-07T03:00Z"),
}


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def ask(site, moment, path="/pricing/"):
    """Return the status and the headers of an answer at a moment."""
    wire = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    wire.request("GET", path, headers={"X-Test-Clock": str(moment)})
    answer = wire.getresponse()
    answer.read()
    return answer.status, answer.headers


def opens_and_closes(sites, times=TIMES):
    """Check each edge, a second before and on it, in every process."""
    for starts, ends in ((seconds(a), seconds(b)) for a, b in times.values()):
        moments = [starts - 1, starts, ends - 1, ends]
        for site in sites:
            found = [ask(site, at)[0] for at in moments]
            assert found == [200, 307, 307, 200], (site.port, starts)


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    settings = {"DJANGO_SETTINGS_MODULE": "demo_project.settings"}
    known = environment(folder, PYTHONPATH=os.getcwd(), **settings)
    manage(known, "migrate", "--verbosity=0")
    manage(known, "shell", "--command", SCHEDULE)
    with ExitStack() as running:
        yield [running.enter_context(serving("clocked", known)) for _ in range(2)]


def test_it_opens_and_closes_on_the_second_across_clock_changes(sites):
    opens_and_closes(sites)


def test_the_notice_knows_the_end_of_this_time(sites):
    ends = seconds("2027-03-28T03:00Z")
    status, headers = ask(sites[0], ends - 600)
    assert status == 307
    status, notice = ask(sites[1], ends - 600, headers["Location"])
    assert status == 503
    assert 600 <= int(notice["Retry-After"]) <= 630
    assert headers["Cache-Control"] == "no-store"
