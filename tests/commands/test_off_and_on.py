"""``off`` and ``on``: the kill switch without an admin."""

from datetime import UTC, datetime

import pytest
import time_machine

from temp_redirects.models import KillSwitch, MaintenanceWindow, RedirectRule
from tests.commands.running import read, refused, told

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)  # 14:05 in Berlin


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        RedirectRule.objects.schedule("/old/", "/new/", name="moved")
        yield


def test_off_says_what_is_off_until_when_and_why():
    assert told("off", "--for", "15m", "--reason", "loop on /").splitlines() == [
        "everything is switched off until Sat 21 Nov 2026 14:20 Europe/Berlin "
        "(loop on /).",
        "To switch it on again: on",
    ]


def test_off_redirects_nobody_and_on_everybody_again(client):
    told("off")
    assert client.get("/old/").status_code == 200
    assert told("on") == "on again: everything\n"
    assert client.get("/old/").status_code == 307


def test_explain_names_it():
    told("off", "--reason", "loop on /")
    said = told("explain", "GET", "/old/")
    assert (
        "Passes to the page: everything is switched off until somebody switches it on "
        "again (loop on /). [kill_switch]" in said
    )
    assert "✗ kill_switch: everything is switched off" in said
    assert read("explain", "GET", "/old/")["reason"] == "kill_switch"


def test_a_script_reads_it():
    assert read("off", "--host", "a.example", "--until", "15:00") == {
        "result": "off",
        "dry_run": False,
        "scope": "host",
        "host": "a.example",
        "until": "2026-11-21T15:00:00+01:00",
        "reason": "",
        "who": KillSwitch.objects.get().who,
    }
    assert [each["host"] for each in read("on")["on"]] == ["a.example"]


def test_on_for_one_leaves_the_other_off():
    told("off", "--maintenance")
    told("off", "--host", "a.example")
    assert told("on", "--host", "A.example").splitlines() == [
        "on again: a.example",
        "still: maintenance is switched off until somebody switches it on again",
    ]


@pytest.mark.parametrize("typed", ["shop.example.", " Shop.Example "])
def test_on_finds_a_host_however_off_was_told_it(typed):
    told("off", "--host", typed)
    assert told("on", "--host", typed) == "on again: shop.example\n"
    assert not KillSwitch.objects.exists()


@pytest.mark.parametrize("verb", ["off", "on"])
@pytest.mark.parametrize("host", ["", " ", "."])
def test_an_empty_host_is_refused_and_never_everything(verb, host):
    KillSwitch.objects.pull("maintenance")
    assert refused(verb, "--host", host) == (
        1,
        "“--host” names no host. Example: “--host shop.example”.",
    )
    assert [each.scope for each in KillSwitch.objects.all()] == ["maintenance"]


def test_nothing_off_is_no_error():
    assert "nothing to switch on" in told("on")


@pytest.mark.parametrize("verb", ["off", "on"])
def test_a_dry_run_changes_nothing(verb):
    told("off", "--maintenance")
    before = list(KillSwitch.objects.values())
    assert "Dry run, nothing is changed." in told(verb, "--dry-run")
    assert list(KillSwitch.objects.values()) == before


@pytest.mark.parametrize(
    "words",
    [
        ("--until", "2026-11-20T10:00"),
        ("--host", "a b"),
        ("--for", "soon"),
    ],
)
def test_nonsense_is_refused(words):
    assert refused("off", *words)[0] == 1
    assert not KillSwitch.objects.exists()


@pytest.mark.parametrize("scope", [[], ["--maintenance"]])
def test_maintenance_status_says_that_nothing_is_closed(scope):
    MaintenanceWindow.objects.schedule("closed", ["/shop/"])
    told("off", *scope)
    with pytest.raises(SystemExit) as ended:
        read("maintenance", "status")
    assert ended.value.code == 5


OFF = "Switched off: everything is switched off until somebody switches it on again"


def test_the_list_says_that_what_is_live_is_switched_off():
    told("off")

    *_rows, total, off = told("list").splitlines()

    assert total == "1 live"
    assert off == f"{OFF}. To switch it on again: on"
    assert "Switched off" not in told("list", "--paused")


def test_a_rule_that_is_added_says_that_it_is_switched_off():
    told("off", "--reason", "loop on /")

    *_lines, off, hint = told("add", "/a/", "/b/", "--for", "1h").splitlines()

    assert off == f"{OFF} (loop on /). To switch it on again: on"
    assert hint.startswith("Then try it: curl")


def test_a_rule_for_another_host_than_the_one_that_is_off_is_not_switched_off():
    told("off", "--host", "shop.example")

    one = told("add", "/a/", "/b/", "--for", "1h", "--host", "shop.example")
    other = told("add", "/c/", "/d/", "--for", "1h", "--host", "testserver")

    assert "“shop.example” is switched off until" in one
    assert "To switch it on again: on --host shop.example" in one
    assert "Switched off" not in other


def test_maintenance_that_is_off_concerns_no_rule():
    told("off", "--maintenance")

    assert "Switched off" not in told("list")
    assert "Switched off" not in told("add", "/a/", "/b/", "--for", "1h")


def test_a_switch_that_is_over_is_not_told():
    told("off", "--for", "15m")

    with time_machine.travel(NOW.replace(hour=14), tick=False):
        assert "Switched off" not in told("list")
