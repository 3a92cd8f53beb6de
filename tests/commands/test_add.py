"""``add``: a rule in one call, the same again, and what is refused."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db.models.signals import pre_save
from django.test import override_settings

from temp_redirects.models import RedirectRule
from temp_redirects.models.versions import RulesetVersion
from tests.commands.running import COMMAND, read, refused, told
from tests.core.making import ONCE

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)  # 14:05 in Berlin
OPEN = "--until-switched-off"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_add_says_what_the_rule_does_when_and_how_to_try_it():
    lines = told(
        *("add", "/api/v1/submit", "/api/v2/submit"),
        *("--method", "POST", "--for", "3h", "--name", "deploy"),
    ).splitlines()

    sentence = lines.pop(1)
    assert sentence.startswith(
        "From now to Sat 21 Nov 2026 17:05 Europe/Berlin, each POST"
    )
    assert lines == [
        "created “deploy”: it is live",
        "Window: until Sat 21 Nov 2026 17:05 Europe/Berlin "
        "(until Sat 21 Nov 2026 16:05 UTC)",
        "Try it: curl -si -X POST -d '' https://testserver/api/v1/submit",
    ]


def test_a_rule_that_was_added_redirects_the_next_request(client):
    told("add", "/old/", "/new/", "--for", "10m")

    response = client.get("/old/")

    assert (response.status_code, response["Location"]) == (307, "/new/")


def test_every_option_reaches_the_document():
    outcome = read(
        *("add", "/shop/", "https://partner.example/{rest}", "--name", "everything"),
        *("--match", "prefix", "--method", "POST,PUT", "--method", "get"),
        *("--host", "shop.example", "--host", "*.shop.example"),
        *("--except", "/shop/help/", "--except", "/shop/faq/"),
        *("--only-for", "scheme=http", "--not-for", "scheme=https"),
        *("--from", "23:00", "--until", "2026-11-21T17:00Z"),
        *("--timezone", "Asia/Tokyo", "--status", "303", "--query", "drop"),
        *("--priority", "5", "--cache", "60", "--note", "for you", "--paused"),
    )

    rule = outcome.pop("rule")
    assert rule.pop("id")
    assert rule.pop("destinations")[0].pop("target") == "https://partner.example/{rest}"
    assert rule == {
        "name": "everything",
        "enabled": False,
        "priority": 5,
        "match": "prefix",
        "path": "/shop/",
        "hosts": ["shop.example", "*.shop.example"],
        "methods": ["POST", "PUT", "GET"],
        "except_paths": ["/shop/help/", "/shop/faq/"],
        "conditions": [{"kind": "scheme", "value": "http"}],
        "unless": [{"kind": "scheme", "value": "https"}],
        "schedule": {
            "starts_at": "2026-11-21T23:00:00+09:00",
            "ends_at": "2026-11-22T02:00:00+09:00",
            "timezone": "Asia/Tokyo",
            **ONCE,
        },
        "sticky": "visitor",
        "goal": "",
        "goal_days": 7,
        "planned_visitors": None,
        "status": 303,
        "query": "drop",
        "cache_seconds": 60,
        "note": "for you",
    }


def test_the_same_name_again_replaces_the_whole_rule_and_keeps_its_ids():
    first = read("add", "/a/", "/b/", "--name", "Deploy", "--for", "1h", "--paused")
    again = read("add", "/a/", "/c/", "--name", "deploy", "--for", "1h")

    assert [first["result"], again["result"]] == ["created", "updated"]
    assert again["state"] == "live"
    assert again["rule"]["id"] == first["rule"]["id"]
    assert (
        again["rule"]["destinations"][0]["id"] == first["rule"]["destinations"][0]["id"]
    )
    assert RedirectRule.objects.count() == 1


def test_what_is_the_same_is_not_written():
    command = ("add", "/a/", "/b/", "--only-for", "scheme=http", OPEN)
    read(*command)
    version = RulesetVersion.current("default")

    assert read(*command)["result"] == "unchanged"
    assert RulesetVersion.current("default") == version


def test_a_rule_without_a_name_is_called_after_its_addresses():
    outcome = read("add", "/a/", "/b/", OPEN)

    assert outcome["name"] == "/a/ → /b/"


def test_rules_with_long_addresses_and_no_name_do_not_replace_each_other():
    source = f"/{'x' * 200}"
    names = {read("add", f"{source}{n}", "/b/", OPEN)["name"] for n in "12"}

    assert len(names) == 2
    assert {len(name) for name in names} == {100}


def test_a_dry_run_says_the_same_and_changes_nothing():
    lines = told("add", "/a/", "/b/", OPEN, "--dry-run").splitlines()

    assert lines[:2] == [
        "Dry run, nothing is changed. Without --dry-run:",
        "created “/a/ → /b/”: it is live",
    ]
    assert not RedirectRule.objects.exists()
    assert RulesetVersion.current("default") is None


def test_a_dry_run_refuses_what_would_be_refused():
    assert refused("add", "a", "/b/", OPEN, "--dry-run")[0] == 1


def test_options_may_come_from_python():
    call_command(COMMAND, "add", "/a/", "/b/", lasts="3h", methods=["POST"])

    rule = RedirectRule.objects.get()
    assert (rule.methods, rule.ends_at.hour) == ("POST", 16)


def test_what_to_know_about_the_rule_is_told_as_the_form_tells_it():
    lines = told("add", "/x/*", "https://partner.example/in", OPEN).splitlines()

    notes = [line for line in lines if line.startswith("Note: ")]
    assert [note[6:31] for note in notes] == [
        "It has no end: it redirec",
        "“/x/*” is taken as it is ",
        "Forms and API calls go on",
    ]
    assert notes[1].endswith("Give --match pattern to make it one.")


def test_scripts_read_the_advice_by_its_code():
    with override_settings(ROOT_URLCONF="tests.urls_of_peers"):
        advice = read("add", "/a/", "/nowhere/", OPEN)["advice"]

    assert [each["code"] for each in advice] == ["no_end", "target_missing"]
    assert "no page at “/nowhere/”" in advice[1]["text"]


def test_where_there_is_nothing_to_know_scripts_read_that():
    assert read("add", "/a/", "/b/", "--for", "1h")["advice"] == []


@pytest.mark.parametrize(
    ("match", "target", "option"),
    [
        ("exact", "/news/{rest}", "Give --match prefix, and “{rest}” is"),
        ("pattern", "/news/{rest}", "Give --match prefix, and “{rest}” is"),
        ("exact", "/news/{1}/", "Give --match pattern, and parts of"),
        ("prefix", "/news/{rest}{year}/", "Give --match pattern, and parts of"),
    ],
)
def test_a_capture_that_is_not_known_names_the_option_for_it(match, target, option):
    code, text = refused("add", "/a/*/", target, OPEN, "--match", match)

    assert code == 1
    assert f"  TARGET: {option}" in text


def test_a_capture_that_no_option_makes_known_names_none():
    text = refused("add", "/a/*/", "/b/{year}/", OPEN, "--match", "pattern")[1]

    assert "“{year}” is not known here" in text
    assert "--match" not in text


def test_an_end_is_asked_for():
    assert refused("add", "/a/", "/b/") == (
        2,
        "Say when it ends: --for 3h, --until 22:00, or --until-switched-off.",
    )


def test_every_problem_is_told_with_its_option():
    code, text = refused(
        *("add", "shop", "htp://x", "--name", "", "--match", "prefix"),
        *("--method", "PO ST", "--host", "a b", "--except", "help"),
        *("--only-for", "foo", "--not-for", "planet=Mars"),
        *("--timezone", "Mars/Base", "--until", "2020-01-01"),
        *("--priority", "9999999", "--cache", "-1", "--note", "x" * 2001),
    )

    places = {line.split(":")[0].strip() for line in text.splitlines()}
    assert code == 1
    assert places == {
        "Nothing is changed",
        *("SOURCE", "TARGET", "--name", "--method", "--host", "--except"),
        *("--only-for", "--not-for", "--timezone", "--priority", "--cache", "--note"),
    }
    assert not RedirectRule.objects.exists()


@pytest.mark.parametrize(
    ("window", "line"),
    [
        pytest.param(
            ["--until", "2026-11-21T02:00"],
            "  --until: 2026-11-21T02:00 is in the past (now 2026-11-21T14:05 "
            "Europe/Berlin); did you mean 2026-11-22T02:00?",
            id="over",
        ),
        pytest.param(
            ["--from", "", "--for", "3h"],
            "  --from: “” is not a time. Examples: “+2h”, “22:00”, “2026-12-01T02:00”.",
            id="an empty variable",
        ),
        pytest.param(
            ["--from", "2026-12-01", "--until", "2026-11-30"],
            "  the window: The end (Mon 30 Nov 2026 00:00 Europe/Berlin) must come "
            "after the start (Tue 1 Dec 2026 00:00 Europe/Berlin).",
            id="ends first",
        ),
    ],
)
def test_a_window_that_cannot_be_is_refused(window, line):
    code, text = refused("add", "/a/", "/b/", *window)

    assert (code, text.splitlines()[1:]) == (1, [line])


def test_a_wrong_window_of_an_else_good_rule_is_not_stored():
    assert refused("add", "/a/", "/b/", "--for", "3x")[0] == 1
    assert not RedirectRule.objects.exists()


def test_a_loop_is_refused_hop_by_hop():
    told("add", "/a/", "/b/", OPEN)

    code, text = refused("add", "/b/", "/a/", OPEN)

    assert code == 1
    assert "TARGET: Visitors would go round and round: https://" in text
    assert RedirectRule.objects.count() == 1


def test_a_name_that_somebody_else_takes_in_this_moment_is_updated():
    attempts = []

    def take_the_name(instance, **kwargs):
        attempts.append(instance.name)
        if len(attempts) == 1:
            RedirectRule.objects.bulk_create(
                [RedirectRule(name="deploy", name_key="deploy", path="/c/")]
            )

    pre_save.connect(take_the_name, sender=RedirectRule)
    try:
        outcome = read("add", "/a/", "/b/", "--name", "deploy", OPEN)
    finally:
        pre_save.disconnect(take_the_name, sender=RedirectRule)

    assert (outcome["rule"]["path"], attempts) == ("/a/", ["deploy", "deploy"])


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ([], "curl -sI https://testserver/old/"),
        (["--method", "HEAD"], "curl -sI https://testserver/old/"),
        (["--method", "PUT"], "curl -si -X PUT -d '' https://testserver/old/"),
        (["--only-for", "scheme=http"], "curl -sI http://testserver/old/"),
        (["--host", "shop.example"], "curl -sI https://shop.example/old/"),
        (["--host", "*.shop.example"], "curl -sI https://testserver/old/"),
    ],
)
def test_the_curl_line_asks_what_the_rule_is_for(options, line):
    assert told("add", "/old/", "/new/", OPEN, *options).splitlines()[-1] == (
        f"Try it: {line}"
    )


def test_the_curl_line_encodes_the_path():
    lines = told("add", "/schön & 100%25", "/new/", OPEN).splitlines()

    assert lines[-1] == "Try it: curl -sI 'https://testserver/sch%C3%B6n%20&%20100%25'"


@pytest.mark.parametrize(
    ("hosts", "options", "line"),
    [
        ([], [], "curl -sI http://localhost:8000/old/"),
        (["*"], [], "curl -sI http://localhost:8000/old/"),
        (["localhost"], [], "curl -sI http://localhost:8000/old/"),
        (
            ["localhost"],
            ["--host", "shop.example"],
            "curl -sI -H 'Host: shop.example' http://localhost:8000/old/",
        ),
        ([".shop.example"], [], "curl -sI https://shop.example/old/"),
    ],
)
def test_the_curl_line_asks_the_development_server(hosts, options, line):
    with override_settings(DEBUG=True, ALLOWED_HOSTS=hosts):
        lines = told("add", "/old/", "/new/", OPEN, *options).splitlines()

    assert lines[-1] == f"Try it: {line}"


SPLIT = ("add", "/a/", "--to", "33.3%:/b/", "--to", "/c/{path}", OPEN)


def test_several_destinations_are_a_split():
    rule = read(
        *SPLIT,
        *("--name", "test", "--goal", "/t/", "--goal-days", "14"),
        *("--planned", "5000", "--sticky", "user"),
    )["rule"]

    shares = [(each["target"], each["percentage"]) for each in rule["destinations"]]
    assert shares == [("/b/", 33.3), ("/c/{path}", None)]
    keys = ("sticky", "goal", "goal_days", "planned_visitors")
    assert [rule[key] for key in keys] == ["user", "/t/", 14, 5_000]


def test_the_same_split_again_gives_nobody_another_arm():
    first = read(*SPLIT)
    assert first["rule"]["name"] == "/a/ → /b/, /c/{path}"
    again = read(*SPLIT)
    assert again["result"] == "unchanged"
    assert again["rule"]["destinations"] == first["rule"]["destinations"]


@pytest.mark.parametrize(
    "words", [("add", "/a/", OPEN), ("add", "/a/", "/b/", "--to", "/c/", OPEN)]
)
def test_where_visitors_go_is_said_once(words):
    code, lines = refused(*words)
    assert code == 2
    assert "--to 50%:/b/" in str(lines)
