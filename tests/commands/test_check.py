"""``check``: what is wrong with what is stored, by stable codes."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import set_script_prefix

from temp_redirects.models import Condition, RedirectRule
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
    assert read("check") == {"rules": 3, "problems": []}


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


def test_ended_and_paused_rules_are_compiled_and_not_followed(schedule):
    schedule("/a/", "/nowhere/", ends_at=datetime(2020, 1, 1, tzinfo=UTC))
    schedule("/b/", "/nowhere/", enabled=False)

    assert told("check") == "2 rules, no problem.\n"


def test_many_problems_are_counted(schedule):
    schedule("/a/", "/nowhere/")
    schedule("/b/", "/nowhere/")

    assert checked()[2] == "2 problems in 2 rules."
