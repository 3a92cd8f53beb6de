"""The command line of what repeats: plain words, the next times, and skipping one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from temp_redirects.management.actions import REFUSED
from temp_redirects.models import MaintenanceWindow, RedirectRule
from tests.commands.running import read, refused, told

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday
SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 02:00 in Berlin
TIMES = ("--from", "2026-11-22T02:00", "--for", "2h", "--timezone", "Europe/Berlin")
ADD = ("add", "/a/", "/b/", "--name", "r", *TIMES)
CLOSE = ("maintenance", "on", "--name", "w", "--path", "/shop/", *TIMES)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def schedule(model):
    return model.objects.get().to_document()["schedule"]


@pytest.mark.parametrize(
    ("command", "model"), [(ADD, RedirectRule), (CLOSE, MaintenanceWindow)]
)
def test_plain_words_are_stored_as_a_rule(command, model):
    limits = ("--repeat-until", "2027-12-31", "--skip", "2026-12-27")
    outcome = read(*command, "--repeat", "every Sunday", *limits)

    assert schedule(model) == {
        "starts_at": "2026-11-22T02:00:00+01:00",
        "ends_at": "2026-11-22T04:00:00+01:00",
        "timezone": "Europe/Berlin",
        "repeat": "FREQ=WEEKLY;BYDAY=SU",
        "until": "2027-12-31",
        "except": ["2026-12-27"],
        "moved_ends": {},
    }
    assert [each["starts_at"][:10] for each in outcome["next"]] == [
        *("2026-11-22", "2026-11-29", "2026-12-06", "2026-12-13", "2026-12-20")
    ]
    assert {each["seconds"] for each in outcome["next"]} == {7_200}
    again = read(*command, "--repeat", "every Sunday", *limits)
    assert again["result"] == "unchanged"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--repeat", "sometimes"), "--repeat: “sometimes” does not say how often"),
        (("--repeat", "FREQ=HOURLY"), "--repeat: It can repeat every day at most"),
        (("--repeat", "daily", "--skip", "x"), "--skip: “x” is no day"),
        (("--repeat", "daily", "--repeat-until", "x"), "--repeat-until: “x” is not a"),
        (("--skip", "2026-12-27"), "--skip"),
    ],
)
def test_what_is_wrong_is_told_by_its_option(options, said):
    code, message = refused(*ADD, *options)
    assert code == REFUSED
    assert said in message
    assert not RedirectRule.objects.exists()


def test_show_tells_the_next_times_on_three_clocks_and_what_clocks_do(settings):
    settings.TIME_ZONE = "Asia/Kathmandu"
    told(*ADD, "--repeat", "every Sunday")

    shown = told("show", "r")

    assert "Window: every Sunday 02:00 to 04:00 (Europe/Berlin)" in shown
    assert (
        "  Sun 29 Nov 2026 02:00 to 04:00 Europe/Berlin (Sun 29 Nov 2026 01:00 to "
        "03:00 UTC, Sun 29 Nov 2026 06:45 to 08:45 Asia/Kathmandu), 2 h" in shown
    )
    assert "Clock changes ahead:" in shown
    assert "Clocks are put forward and leave 02:00 out: it starts at 03:00" in shown
    assert "Clocks are put back and show 02:00 twice" in shown


def test_the_list_tells_how_it_repeats():
    told(*CLOSE, "--repeat", "every Sunday")
    assert "every Sunday 02:00 to 04:00 (Europe/Berlin)" in told("maintenance", "list")


def test_the_next_one_is_skipped():
    told(*ADD, "--repeat", "every Sunday")
    told(*CLOSE, "--repeat", "every Sunday")

    assert read("skip", "r")["result"] == "skipped"
    assert read("maintenance", "skip", "w")["result"] == "skipped"
    for model in (RedirectRule, MaintenanceWindow):
        assert schedule(model)["except"] == ["2026-11-22"]


def test_what_has_no_next_time_is_not_skipped():
    told("add", "/x/", "/y/", "--name", "once", "--for", "1h")
    assert "does not repeat" in refused("skip", "once")[1]
    told(*ADD, "--repeat", "every Sunday", "--repeat-until", "2026-11-22")
    told("skip", "r")
    assert "does not come again" in refused("skip", "r")[1]


def test_extending_moves_one_end():
    told(*ADD, "--repeat", "every Sunday")
    told("extend", "r", "--by", "30m")
    moved = {"2026-11-22": "2026-11-22T04:30:00+01:00"}
    assert schedule(RedirectRule)["moved_ends"] == moved


def test_ending_ends_what_is_on_and_nothing_between_two_times():
    told(*ADD, "--repeat", "every Sunday")
    told(*CLOSE, "--repeat", "every Sunday")
    assert read("end", "r")["result"] == "unchanged"
    assert read("maintenance", "off", "w")[0]["result"] == "unchanged"
    with time_machine.travel(SUNDAY + timedelta(hours=1), tick=False):
        assert read("end", "r")["result"] == "ended"
        assert read("maintenance", "off", "w")[0]["result"] == "ended"
    for row in (RedirectRule.objects.get(), MaintenanceWindow.objects.get()):
        assert row.state(SUNDAY + timedelta(hours=1)) == "scheduled"


def test_what_repeats_is_not_started_by_hand():
    told(*CLOSE, "--repeat", "every Sunday")
    assert "begins by itself" in refused("maintenance", "start", "w")[1]


def test_closing_again_goes_on_from_the_time_that_is_on():
    told(*CLOSE, "--repeat", "every Sunday")
    later = SUNDAY + timedelta(days=14, hours=1)
    with time_machine.travel(later, tick=False):
        told("maintenance", "on", "--name", "w", "--for", "30m")
    assert schedule(MaintenanceWindow)["starts_at"] == "2026-12-06T02:00:00+01:00"
    assert schedule(MaintenanceWindow)["ends_at"] == "2026-12-06T03:30:00+01:00"


def test_status_tells_what_comes_first_first():
    told(*CLOSE, "--repeat", "every Sunday")
    with time_machine.travel(SUNDAY + timedelta(hours=3), tick=False):
        close = ("maintenance", "on", "--path", "/b/", "--for", "1h")
        told(*close, "--name", "tuesday", "--from", "2026-11-24T02:00")
        told(*close, "--name", "now")
        coming = read("maintenance", "status")["coming"]
    assert [each["name"] for each in coming] == ["tuesday", "w"]
