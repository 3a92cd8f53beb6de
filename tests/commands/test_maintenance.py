"""``maintenance``: windows opened, moved and closed by deploy scripts."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings

from temp_redirects.management.actions import NO_DATABASE, NONE_IS_ON
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.signals import maintenance_ended, maintenance_started
from temp_redirects.signing import read_pass
from tests.commands.running import COMMAND, read, refused, told
from tests.core.making import ONCE
from tests.serving import environment_for, manage

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # 13:00 in Berlin
MINUTE = timedelta(minutes=1)
OPEN = ("maintenance", "on", "--no-staff-pass", "--path", "/shop/")
HALF_HOUR = (*OPEN, "--for", "30m")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def status(*args) -> tuple[int, str]:
    """Return the exit code of “status” and what it writes."""
    out = StringIO()
    try:
        call_command(COMMAND, "maintenance", "status", *args, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def the_only() -> MaintenanceWindow:
    return MaintenanceWindow.objects.get()


# on


def test_on_closes_the_path_at_once_and_off_opens_it(client):
    told(*HALF_HOUR)
    closed = client.get("/shop/cart").status_code
    told("maintenance", "off")
    assert (closed, client.get("/shop/cart").status_code) == (307, 200)


def test_on_says_what_visitors_get_and_when():
    assert told(*HALF_HOUR).splitlines() == [
        "created “maintenance”: it is on",
        "Every visitor of /shop/ and everything under it sees the notice.",
        "Window: from Sat 21 Nov 2026 13:00 Europe/Berlin until Sat 21 Nov 2026 13:30 "
        "Europe/Berlin (from Sat 21 Nov 2026 12:00 UTC until Sat 21 Nov 2026 12:30 "
        "UTC)",
    ]


def test_on_says_what_to_know_about_the_window():
    lines = told("maintenance", "on", "--until-switched-off").splitlines()

    assert lines[3].startswith("Note: It has no end")
    assert lines[4].startswith("Note: It closes “/health” too.")


def test_on_takes_everything_that_a_window_has():
    answer = read(
        *("maintenance", "on", "--name", "shop", "--path", "/shop/", "--path", "/b/"),
        *("--except", "/shop/help/", "--host", "shop.example", "--title", "Closed"),
        *("--message", "Back soon.", "--api", "503", "--no-staff-pass"),
        *("--target", "https://partner.example{path}", "--from", "22:00"),
        *("--until", "02:00"),
    )
    assert answer["window"] | {"id": ""} == {
        "id": "",
        "name": "shop",
        "enabled": True,
        "title": "Closed",
        "message": "Back soon.",
        "schedule": {
            "starts_at": "2026-11-21T22:00:00+01:00",
            "ends_at": "2026-11-22T02:00:00+01:00",
            "timezone": "Europe/Berlin",
            **ONCE,
        },
        "paths": ["/shop/", "/b/"],
        "except_paths": ["/shop/help/"],
        "hosts": ["shop.example"],
        "target": "https://partner.example{path}",
        "staff_pass": False,
        "pass_addresses": [],
        "api": "503",
        "priority": 1000,
    }
    assert answer["state"] == "scheduled"
    assert answer["sentence"] == (
        "Every visitor of /shop/ and /b/ and everything under it on shop.example is "
        "sent to “https://partner.example{path}”."
    )


def test_without_a_path_the_whole_site_is_closed():
    answer = read("maintenance", "on", "--no-staff-pass", "--for", "30m")
    assert answer["window"]["paths"] == ["/"]


def test_on_twice_is_harmless(clock):
    until = (*OPEN, "--until", "14:00")
    told(*until)
    clock.shift(5 * MINUTE)
    assert told(*until).startswith("unchanged “maintenance”: it is on")
    assert the_only().starts_at == NOON


def test_on_again_moves_the_end_without_a_gap(clock):
    told(*HALF_HOUR)
    clock.shift(5 * MINUTE)
    assert told(*HALF_HOUR).startswith("updated “maintenance”")
    window = the_only()
    assert (window.starts_at, window.ends_at) == (NOON, NOON + 35 * MINUTE)


def test_on_after_its_end_begins_anew(clock):
    told(*HALF_HOUR)
    clock.shift(45 * MINUTE)
    told(*HALF_HOUR)
    assert the_only().starts_at == NOON + 45 * MINUTE


def test_on_keeps_a_window_without_a_start_on():
    MaintenanceWindow.objects.schedule("maintenance", ["/shop/"], staff_pass=False)
    told(*HALF_HOUR)
    assert the_only().state() == "on"


def test_an_open_end_is_asked_for_by_name():
    told(*OPEN, "--until-switched-off")
    code, text = refused(*OPEN, "--name", "other")
    assert the_only().ends_at is None
    assert (code, text) == (
        2,
        "Say when it ends: --for 3h, --until 22:00, or --until-switched-off.",
    )


REFUSED = {
    "a path that is none": (("--path", "shop"), "--path"),
    "an empty path": (("--path", ""), "--path"),
    "an exception that is none": (("--except", "help"), "--except"),
    "a server that is not listed": (("--target", "https://x.example/"), "--target"),
    "a network that is none": (("--pass", "10.0.0"), "--pass"),
    "an empty name": (("--name", ""), "--name"),
    "a zone that is none": (("--timezone", "Berlin"), "--timezone"),
    "a start that is none": (("--from", "soon"), "--from"),
}


@pytest.mark.parametrize(("typed", "place"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_with_its_option(typed, place):
    code, text = refused(*HALF_HOUR, *typed)
    assert code == 1
    assert f"  {place}: " in text
    assert not MaintenanceWindow.objects.exists()


def test_a_name_that_a_rule_has_is_refused():
    RedirectRule.objects.schedule("/a/", "/b/", name="Maintenance")
    code, text = refused(*HALF_HOUR)
    assert code == 1
    assert "--name: A redirect rule has this name already; use another." in text


def test_a_dry_run_changes_nothing():
    out = told(*HALF_HOUR, "--dry-run")
    assert out.startswith("Dry run, nothing is changed.")
    assert not MaintenanceWindow.objects.exists()


# off


def test_off_is_harmless_where_nothing_is_on(clock):
    told(*HALF_HOUR)
    clock.shift(5 * MINUTE)
    told("maintenance", "off")
    again = told("maintenance", "off")
    MaintenanceWindow.objects.all().delete()
    assert again.startswith("unchanged “maintenance”: it is ended")
    assert told("maintenance", "off") == "Nothing is on, so nothing is ended.\n"


def test_off_switches_off_what_has_not_begun():
    told(*OPEN, "--from", "22:00", "--for", "1h")
    assert told("maintenance", "off").startswith("ended “maintenance”: it is off")


def test_off_all_ends_every_window_that_is_on(clock):
    for name in ("a", "b"):
        told(*HALF_HOUR, "--name", name)
    clock.shift(5 * MINUTE)
    told(*OPEN, "--name", "c", "--from", "22:00", "--for", "1h")
    ended = read("maintenance", "off", "--all")
    states = {row.name: row.state() for row in MaintenanceWindow.objects.all()}
    assert [(each["result"], each["name"]) for each in ended] == [
        ("ended", "a"),
        ("ended", "b"),
    ]
    assert states == {"a": "ended", "b": "ended", "c": "scheduled"}


def test_off_with_a_name_that_nothing_has_ends_with_its_code():
    told(*HALF_HOUR, "--name", "shop")
    assert refused("maintenance", "off", "--name", "shpo") == (
        3,
        "No maintenance window is called “shpo”. Did you mean “shop”?",
    )


def test_off_takes_the_name_in_its_place_or_as_an_option():
    for name in ("a", "b"):
        told(*HALF_HOUR, "--name", name)
    told("maintenance", "off", "a")
    told("maintenance", "off", "--name", "b")
    assert {row.state() for row in MaintenanceWindow.objects.all()} == {"off"}
    assert "not allowed with" in refused("maintenance", "off", "a", "--all")[1]


def test_off_without_a_name_tells_what_is_still_on(clock):
    for name in ("maintenance", "shop"):
        told(*HALF_HOUR, "--name", name)
    clock.shift(5 * MINUTE)
    first = told("maintenance", "off").splitlines()
    assert first[0] == "ended “maintenance”: it is ended"
    assert first[-2].startswith("still on: “shop” /shop/ · from Sat 21 Nov")
    assert first[-1] == "To end one: maintenance off NAME; to end all: off --all"
    words = [each["result"] for each in read("maintenance", "off")]
    assert words == ["unchanged", "still_on"]
    assert "still on" not in told("maintenance", "off", "maintenance")


def test_off_where_nothing_has_the_usual_name_says_so():
    told(*HALF_HOUR, "--name", "shop")
    lines = told("maintenance", "off").splitlines()
    assert lines[0] == "No maintenance window is called “maintenance”: none is ended."
    assert lines[1].startswith("still on: “shop” ")
    assert MaintenanceWindow.objects.get(name="shop").state() == "on"


def test_off_ends_what_an_error_switches_off_and_says_why():
    told(*OPEN, "--from", "22:00", "--for", "1h")
    MaintenanceWindow.objects.update(paths="shop")
    out = told("maintenance", "off")
    assert out.startswith("ended “maintenance”: it is off\nSwitched off by an error.")


def test_a_rehearsed_off_ends_nothing():
    told(*HALF_HOUR)
    told("maintenance", "off", "--dry-run")
    assert the_only().state() == "on"


# status and list


def test_status_tells_by_its_exit_code_whether_a_window_is_on():
    codes = [status()[0]]
    told(*HALF_HOUR)
    codes.append(status()[0])
    told("maintenance", "off")
    codes.append(status()[0])
    assert codes == [NONE_IS_ON, 0, NONE_IS_ON]


def test_status_says_what_is_on_and_coming():
    told(*HALF_HOUR)
    told(*OPEN, "--name", "night", "--from", "22:00", "--for", "1h")
    _code, out = status()
    assert [line[:40] for line in out.splitlines()] == [
        "on: “maintenance” /shop/ · from Sat 21 N",
        "scheduled: “night” /shop/ · from Sat 21 ",
    ]
    assert status("--name", "night")[0] == NONE_IS_ON


def test_status_for_scripts():
    told(*HALF_HOUR)
    told(*OPEN, "--name", "night", "--from", "22:00", "--for", "1h")
    answer = json.loads(status("--json")[1])
    assert answer["on"] is True
    assert [each["name"] for each in answer["windows"]] == ["maintenance"]
    assert [each["name"] for each in answer["coming"]] == ["night"]
    assert answer["windows"][0]["window"]["schedule"]["ends_at"] == (
        "2026-11-21T13:30:00+01:00"
    )


def test_status_knows_the_switch_in_the_settings():
    told(*HALF_HOUR)
    with override_settings(TEMP_REDIRECTS={"ENABLED": False}):
        code, out = status()
    assert code == NONE_IS_ON
    assert out.startswith('TEMP_REDIRECTS["ENABLED"] is False in the settings')


def test_status_announces_what_began_and_ended(clock):
    heard = []

    def hear(signal, window, at, **kwargs):
        heard.append((window.name, at - NOON))

    for signal in (maintenance_started, maintenance_ended):
        signal.connect(hear)
    try:
        told(*HALF_HOUR)
        status()
        clock.shift(40 * MINUTE)
        status()
        status()
    finally:
        for signal in (maintenance_started, maintenance_ended):
            signal.disconnect(hear)
    assert heard == [("maintenance", 0 * MINUTE), ("maintenance", 30 * MINUTE)]


def test_list_shows_every_window_with_its_state():
    empty = told("maintenance", "list")
    told(*HALF_HOUR)
    told(*HALF_HOUR, "--name", "broken")
    MaintenanceWindow.objects.filter(name="broken").update(paths="shop")
    told(*HALF_HOUR, "--name", "gone")
    MaintenanceWindow.objects.filter(name="gone").update(target="https://x.example/")
    lines = told("maintenance", "list").splitlines()
    assert empty == "No maintenance window is stored.\n"
    assert [line.split()[:2] for line in lines] == [
        ["rejected", "broken"],
        ["rejected", "gone"],
        ["on", "maintenance"],
    ]
    assert [each["state"] for each in read("maintenance", "list")] == [
        "rejected",
        "rejected",
        "on",
    ]


# extend, start, link


def test_extend_moves_the_end():
    told(*HALF_HOUR)
    assert told("maintenance", "extend", "maintenance", "--by", "30m").startswith(
        "extended “maintenance”: it is on"
    )
    assert the_only().ends_at == NOON + 60 * MINUTE


def test_extend_refuses_a_window_without_an_end():
    told(*OPEN, "--until-switched-off")
    code, text = refused("maintenance", "extend", "maintenance", "--by", "30m")
    assert (code, "has no end" in text) == (1, True)


def test_extend_opens_nothing_again(clock):
    told(*HALF_HOUR)
    clock.shift(40 * MINUTE)
    code, text = refused("maintenance", "extend", "maintenance", "--by", "30m")
    assert (code, "maintenance on … --for 30m" in text) == (1, True)


def test_extend_moves_no_end_of_what_is_off():
    told(*HALF_HOUR)
    MaintenanceWindow.objects.update(enabled=False)
    code, text = refused("maintenance", "extend", "maintenance", "--by", "30m")
    assert (code, "maintenance start maintenance" in text) == (1, True)
    assert the_only().ends_at == NOON + 30 * MINUTE


def test_extend_refuses_an_end_after_all_time():
    told(*HALF_HOUR)
    MaintenanceWindow.objects.update(ends_at=datetime(9999, 12, 1, tzinfo=UTC))
    code, text = refused("maintenance", "extend", "maintenance", "--by", "36500d")
    assert (code, "9999" in text) == (1, True)


def test_start_begins_now_and_keeps_the_end():
    told(*OPEN, "--from", "22:00", "--for", "1h")
    assert told("maintenance", "start", "maintenance").startswith("started")
    assert told("maintenance", "start", "maintenance").startswith("unchanged")
    assert the_only().starts_at == NOON
    assert the_only().ends_at == NOON + 10 * 60 * MINUTE


def test_start_opens_nothing_that_is_over(clock):
    told(*HALF_HOUR)
    clock.shift(40 * MINUTE)
    code, text = refused("maintenance", "start", "maintenance")
    assert (code, "has ended" in text) == (1, True)


def test_start_needs_a_name_that_exists():
    assert refused("maintenance", "start", "x") == (
        3,
        "No maintenance window is called “x”. See “maintenance list”.",
    )


def test_link_prints_a_pass_link_that_lets_through(client):
    told(*HALF_HOUR)
    link = told("maintenance", "link", "maintenance", "--for", "10m").strip()
    client.get(urlsplit(link).path)
    assert link.startswith("https://testserver/maintenance/pass/")
    assert client.get("/shop/").status_code == 200


def test_link_says_for_scripts_until_when():
    told(*HALF_HOUR)
    answer = read("maintenance", "link", "maintenance", "--for", "10m")
    token = urlsplit(answer["link"]).path.split("/")[-2]
    assert answer["until"] == "2026-11-21T13:10:00+01:00"
    assert read_pass(token, NOON.timestamp())[0] == the_only().pass_key


@override_settings(ROOT_URLCONF="tests.urls_without_app")
def test_link_says_what_to_add_where_it_has_no_address():
    MaintenanceWindow.objects.create(name="shop", paths="/shop/")
    code, text = refused("maintenance", "link", "shop", "--for", "10m")
    assert (code, "include('temp_redirects.urls')" in text) == (1, True)


@override_settings(ALLOWED_HOSTS=[])
def test_on_a_developers_machine_the_link_is_for_runserver():
    told(*HALF_HOUR)
    link = told("maintenance", "link", "maintenance", "--for", "10m")
    assert link.startswith("http://localhost:8000/maintenance/pass/")


# In a shell


@pytest.mark.process
def test_a_script_reads_the_exit_codes(tmp_path):
    environment = environment_for(f"sqlite:///{tmp_path}/site.sqlite3")

    def run(*words, **more):
        return subprocess.run(
            [sys.executable, "-m", "django", COMMAND, "maintenance", *words],
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    manage(environment, COMMAND, *HALF_HOUR)
    on = run("status", "--json", "--settings=tests.settings")
    manage(environment, COMMAND, "maintenance", "off")
    off = run("status", "--json")
    away = run("status", DATABASE_URL=f"sqlite:///{tmp_path}/no/folder.sqlite3")
    assert (on.returncode, json.loads(on.stdout)["on"]) == (0, True)
    assert (off.returncode, json.loads(off.stdout)["on"]) == (NONE_IS_ON, False)
    assert (off.stderr, away.returncode) == ("", NO_DATABASE)
    assert away.stderr.startswith("CommandError: The database says: ")


def test_a_link_without_a_duration_is_good_until_the_window_ends():
    told(*HALF_HOUR)

    answer = read("maintenance", "link", "maintenance")

    assert answer["until"] == "2026-11-21T13:30:00+01:00"


def test_a_link_to_a_window_without_an_end_needs_a_duration():
    told("maintenance", "on", "--until-switched-off")

    assert refused("maintenance", "link", "maintenance") == (
        1,
        "“maintenance” has no end to come: say --for 1h.",
    )
