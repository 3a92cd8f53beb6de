"""``list`` and ``show``: the rules by state, and all of one."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from temp_redirects.models import RedirectRule
from tests.commands.running import read, told

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)  # 14:05 in Berlin
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def _rules():
    schedule = RedirectRule.objects.schedule
    schedule("/a/", "/b/", name="deploy", methods=["POST"], ends_at=NOW + HOUR)
    schedule("/shop/", "/b/", name="later", match="prefix", starts_at=NOW + HOUR)
    schedule("/c/", "/b/", name="off", hosts=["shop.example"], enabled=False)
    schedule("/d/", "/b/", name="over", ends_at=NOW - HOUR)
    schedule("/e/", "/b/", name="wrong", ends_at=NOW + HOUR)
    RedirectRule.objects.filter(name="wrong").update(timezone="Mars/Base")


LINES = {
    "live": "live       deploy  /a/ → /b/ · POST · until Sat 21 Nov 2026 15:05 "
    "Europe/Berlin",
    "scheduled": "scheduled  later   /shop/ and under it → /b/ · from Sat 21 Nov 2026 "
    "15:05 Europe/Berlin until somebody ends it",
    "paused": "paused     off     /c/ → /b/ · shop.example · until somebody ends it",
    "ended": "ended      over    /d/ → /b/ · until Sat 21 Nov 2026 13:05 Europe/Berlin",
    "rejected": "rejected   wrong   “Mars/Base” is not a time zone. Examples: "
    "“Europe/Berlin”, “UTC”.",
}


@pytest.mark.usefixtures("_rules")
def test_list_has_a_line_for_each_rule_and_counts_them():
    assert told("list").splitlines() == [
        *LINES.values(),
        "1 live, 1 scheduled, 1 paused, 1 ended, 1 rejected",
    ]


@pytest.mark.usefixtures("_rules")
@pytest.mark.parametrize("state", LINES)
def test_a_state_lists_the_rules_that_are_in_it(state):
    (rule,) = read("list", f"--{state}")

    assert rule["state"] == state
    assert rule["name"] in LINES[state]


def test_people_read_whole_seconds_and_scripts_what_is_stored():
    end = NOW + HOUR + timedelta(seconds=8, microseconds=299_598)
    RedirectRule.objects.schedule("/a/", "/b/", name="deploy", ends_at=end)
    for verb in (["list"], ["show", "deploy"], ["extend", "deploy", "--by", "1h"]):
        shown = told(*verb)
        assert ":05:08 Europe/Berlin" in shown
        assert "299598 Europe" not in shown
    stored = read("show", "deploy")["rule"]["schedule"]["ends_at"]
    assert stored == "2026-11-21T16:05:08.299598+01:00"


@pytest.mark.usefixtures("_rules")
def test_two_states_list_the_rules_of_both():
    assert [rule["name"] for rule in read("list", "--live", "--paused")] == [
        "deploy",
        "off",
    ]


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ([], "No rule is stored.\n"),
        (["--live"], "No rule is live.\n"),
        (["--live", "--ended"], "No rule is live or ended.\n"),
    ],
)
def test_nothing_to_list_is_said(states, text):
    assert told("list", *states) == text
    assert read("list", *states) == []


@pytest.mark.usefixtures("_rules")
def test_the_number_of_queries_does_not_grow_with_the_rules(django_assert_num_queries):
    with django_assert_num_queries(4):
        told("list")


@pytest.mark.usefixtures("_rules")
def test_show_has_the_sentence_the_window_and_the_document():
    title, sentence, window, hits, *document = told("show", "later").splitlines()

    assert title == "“later” is scheduled"
    assert sentence.startswith("From Sat 21 Nov 2026 15:05 Europe/Berlin until")
    assert window.endswith("(from Sat 21 Nov 2026 14:05 UTC until somebody ends it)")
    assert hits == "Hits: none so far"
    assert json.loads("\n".join(document))["path"] == "/shop/"


@pytest.mark.usefixtures("_rules")
def test_a_window_in_utc_is_not_told_twice():
    RedirectRule.objects.update(timezone="UTC")

    assert told("show", "deploy").splitlines()[2] == (
        "Window: until Sat 21 Nov 2026 14:05 UTC"
    )


@pytest.mark.usefixtures("_rules")
def test_show_says_why_a_rule_is_switched_off():
    assert told("show", "wrong") == (
        "“wrong” is rejected\n"
        "Switched off by an error. “Mars/Base” is not a time zone. Examples: "
        "“Europe/Berlin”, “UTC”.\n"
        "Hits: none so far\n"
    )


@pytest.mark.usefixtures("_rules")
def test_a_script_reads_the_document_and_the_problem():
    shown = read("show", "deploy")
    wrong = read("show", "wrong")

    row = RedirectRule.objects.named("deploy")
    assert shown["rule"] == row.to_document()
    assert shown["sentence"].startswith("From now to ")
    assert (wrong["rule"], wrong["sentence"]) == (None, "")
    assert "Mars/Base" in wrong["problem"]


@pytest.mark.usefixtures("_rules")
def test_a_rule_that_the_settings_refuse_keeps_its_document():
    row = RedirectRule.objects.named("deploy")
    row.destinations.update(target="https://elsewhere.example/")

    shown = read("show", "deploy")

    assert shown["state"] == "rejected"
    assert shown["rule"] == row.to_document()
    assert "ALLOWED_TARGET_HOSTS" in shown["problem"]
