"""``check``: what is wrong with what is stored, by stable codes."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import set_script_prefix

from temp_redirects.models import Condition, MaintenanceWindow, RedirectRule
from tests.commands.running import COMMAND, read, told

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.urls_in_languages")]


def checked(*args):
    """Return the exit code, the codes by rule, and what `check` says on stderr."""
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as error:
        call_command(COMMAND, "check", "--json", *args, stdout=out, stderr=err)
    problems = json.loads(out.getvalue())["problems"]
    found = {(each["rule"], each["code"]) for each in problems}
    return error.value.returncode, found, str(error.value)


def store(path, target, **fields):
    """Store a rule as raw SQL would, whatever the form says to it."""
    row = RedirectRule.objects.schedule(path, "/de/login/", **fields)
    row.destinations.update(target=target)
    return row


@pytest.fixture
def schedule():
    return RedirectRule.objects.schedule


def test_nothing_stored_is_fine():
    assert told("check") == "0 rules, no problem.\n"


def test_sound_rules_are_fine(schedule):
    schedule("/a/", "/de/login/")
    schedule("/b/", "https://partner.example/gone/")
    schedule("/c/", "/b/")

    assert told("check") == "3 rules, no problem.\n"
    assert read("check") == {"rules": 3, "windows": 0, "problems": []}


def test_each_problem_has_a_line_and_the_code_is_one(schedule):
    store("/a/", "/de/login/", name="r")
    Condition.objects.create(rule=RedirectRule.objects.get(), kind="moon", value="full")
    err = StringIO()

    with pytest.raises(CommandError, match="1 problem in 1 rules") as error:
        call_command(COMMAND, "check", stdout=StringIO(), stderr=err)

    assert error.value.returncode == 1
    assert err.getvalue().startswith("rejected: “r”: conditions[0].kind: ")


def test_a_paused_rule_that_cannot_be_compiled_is_told_too():
    store("/a/", "//evil.example/", name="r", enabled=False)

    assert checked() == (1, {("r", "rejected")}, "1 problem in 1 rules.")


def test_a_loop_is_told_once_and_so_is_a_way_into_it():
    store("/a/", "/b/", name="one")
    store("/b/", "/a/", name="two")
    store("/c/", "/a/", name="way in")

    code, found, text = checked()

    assert (code, found) == (1, {("one", "loop"), ("way in", "loop")})
    assert text == "2 problems in 3 rules."


def test_a_path_without_a_view_is_a_dead_target(schedule):
    schedule("/a/", "/nowhere/", name="r")

    assert checked()[1] == {("r", "dead_target")}


@pytest.mark.parametrize(
    "target",
    [
        "/de/login/",
        "/de/login",
        "/static/pages/closed.html",
        "/nowhere/{rest}",
        "https://partner.example/nowhere/",
        "https://shop.example/de/login/",
    ],
    ids=[
        "a view in another language",
        "a slash that Django appends",
        "a file",
        "a capture",
        "another site",
        "this site by its name",
    ],
)
def test_a_target_that_may_be_there_is_not_called_dead(schedule, target):
    schedule("/a/", target, match="prefix")

    assert told("check") == "1 rules, no problem.\n"


@override_settings(USE_I18N=False, APPEND_SLASH=False, ROOT_URLCONF="demo_project.urls")
def test_without_languages_a_view_is_looked_up_once(schedule):
    schedule("/a/", "/nowhere", name="r")

    assert checked()[1] == {("r", "dead_target")}


def test_outside_the_script_prefix_no_view_answers(schedule):
    schedule("/a/", "/de/login/", name="r")
    set_script_prefix("/app/")
    try:
        assert checked()[1] == {("r", "dead_target")}
    finally:
        set_script_prefix("/")


def test_a_rule_that_another_always_answers_for_is_told(schedule):
    schedule("/shop/", "/de/login/", name="all", match="prefix", priority=1)
    schedule("/shop/a/", "/de/login/", name="never")

    assert checked()[1] == {("never", "never_reached")}


def test_a_rule_for_a_country_that_nobody_tells_acts_for_nobody(schedule):
    only = [{"kind": "country", "value": "DE"}]
    schedule("/a/", "/de/login/", name="r", conditions=only)

    assert checked()[1] == {("r", "for_nobody")}


@pytest.mark.parametrize(
    ("path", "match"),
    [("/admin/", "exact"), ("/admin/x/", "prefix"), ("/de/login/", "prefix")],
)
def test_a_rule_whose_path_is_protected_can_never_act(schedule, path, match):
    schedule(path, "https://partner.example/", name="r", match=match)

    assert checked()[1] == {("r", "protected")}


@pytest.mark.parametrize(
    ("path", "match", "target"),
    [
        ("/de/login/", "exact", "/en/login/"),
        ("/", "prefix", "https://partner.example/"),
        ("/admin<rest>", "pattern", "https://partner.example/"),
    ],
)
def test_a_rule_with_a_path_that_is_open_may_act(schedule, path, match, target):
    schedule(path, target, match=match)

    assert told("check") == "1 rules, no problem.\n"


def test_ended_and_paused_rules_are_compiled_and_not_followed(schedule):
    schedule("/a/", "/nowhere/", ends_at=datetime(2020, 1, 1, tzinfo=UTC))
    schedule("/b/", "/nowhere/", enabled=False)

    assert told("check") == "2 rules, no problem.\n"


def test_many_problems_are_counted(schedule):
    schedule("/a/", "/nowhere/")
    schedule("/b/", "/nowhere/")

    assert checked()[2] == "2 problems in 2 rules."


# Maintenance windows


@pytest.fixture
def close():
    return MaintenanceWindow.objects.schedule


def store_window(name, paths, target, **fields):
    """Store a window as raw SQL would, whatever the form says to it."""
    row = MaintenanceWindow.objects.schedule(name, paths, **fields)
    MaintenanceWindow.objects.filter(pk=row.pk).update(target=target)


def test_sound_windows_are_fine(schedule, close):
    schedule("/a/", "/de/login/")
    close("one", ["/shop/", "/shop/a/"])
    assert told("check") == "1 rules and 1 maintenance window, no problem.\n"

    close("two", ["/"], target="https://partner.example{path}")
    close("three", ["/c/"], target="/de/login/")
    assert told("check") == "1 rules and 3 maintenance windows, no problem.\n"
    assert read("check") == {"rules": 1, "windows": 3, "problems": []}


@pytest.mark.parametrize("enabled", [True, False], ids=["on", "off"])
@pytest.mark.parametrize(
    "broken",
    [{"timezone": "Mars/Base"}, {"target": "//evil.example/"}],
    ids=["the window", "its rule"],
)
def test_a_window_that_cannot_be_compiled_is_told(close, broken, enabled):
    close("shop", ["/shop/", "/basket/"], enabled=enabled)
    MaintenanceWindow.objects.update(**broken)

    code, found, text = checked()

    assert (code, found) == (1, {("shop", "rejected")})
    assert text == "1 problem in 0 rules and 1 maintenance window."


@override_settings(ROOT_URLCONF="tests.urls_without_app")
@pytest.mark.urls("tests.urls_without_app")
def test_a_window_whose_notice_has_no_address_is_told():
    MaintenanceWindow.objects.create(name="shop", paths="/shop/")

    assert checked()[1] == {("shop", "rejected")}


def test_a_loop_through_a_window_is_told_and_so_is_a_way_into_it(close):
    close("shop", ["/shop/"], target="/soon/")
    store("/soon/", "/shop/", name="back")
    store("/c/", "/shop/x", name="way in")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(COMMAND, "check", "--json", stdout=out, stderr=StringIO())

    problems = json.loads(out.getvalue())["problems"]
    loops = {each["rule"]: each["kind"] for each in problems}
    assert {each["code"] for each in problems} == {"loop"}
    assert loops == {"back": "rule", "way in": "rule"}


def test_two_windows_that_lead_to_each_other_are_a_loop(close):
    close("one", ["/one/"], target="/two/")
    store_window("two", ["/two/"], "/one/")

    assert checked()[1] == {("one", "loop")}


def test_a_window_that_leads_to_no_page_is_told_once(close):
    close("shop", ["/shop/", "/basket/"], target="/nowhere/")

    assert checked()[1:] == (
        {("shop", "dead_target")},
        "1 problem in 0 rules and 1 maintenance window.",
    )


def test_a_path_of_a_window_that_a_rule_always_answers_for_is_told(schedule, close):
    schedule("/shop/", "/de/login/", name="all", match="prefix", priority=2_000)
    close("window", ["/shop/a/", "/basket/"])
    err = StringIO()
    with pytest.raises(CommandError):
        call_command(COMMAND, "check", stdout=StringIO(), stderr=err)

    assert err.getvalue() == (
        "never_reached: “window”: for “/shop/a/” “all” always answers first.\n"
    )


def test_a_window_is_passed_by_some_so_a_rule_below_it_is_reached(schedule, close):
    close("window", ["/shop/"], staff_pass=False)
    schedule("/shop/a/", "/de/login/")

    assert told("check") == "1 rules and 1 maintenance window, no problem.\n"


def test_windows_that_are_off_or_over_are_compiled_and_not_followed(close):
    over = datetime(2020, 1, 1, tzinfo=UTC)
    close("over", ["/a/"], target="/nowhere/", ends_at=over)
    close("off", ["/b/"], target="/nowhere/", enabled=False)

    assert told("check") == "0 rules and 2 maintenance windows, no problem.\n"
