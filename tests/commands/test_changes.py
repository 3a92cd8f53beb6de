"""``end``, ``extend``, ``pause`` and ``resume``: what they change, and what not."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from temp_redirects.models import RedirectRule
from tests.commands.running import read, refused, told

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)  # 14:05 in Berlin
HOUR = timedelta(hours=1)
WINDOWS = {
    "live": {"ends_at": NOW + HOUR},
    "open": {},
    "scheduled": {"starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR},
    "paused": {"ends_at": NOW + HOUR, "enabled": False},
    "ended": {"ends_at": NOW - HOUR},
}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(params=WINDOWS)
def rule(request):
    """A rule in each state, called after it."""
    return scheduled(request.param)


def scheduled(name, source="/old/", target="/new/"):
    return RedirectRule.objects.schedule(source, target, name=name, **WINDOWS[name])


RESULTS = {
    "live": {"end": "ended", "pause": "paused", "resume": "unchanged"},
    "open": {"end": "ended", "pause": "paused", "resume": "unchanged"},
    "scheduled": {"end": "ended", "pause": "paused", "resume": "unchanged"},
    "paused": {"end": "ended", "pause": "unchanged", "resume": "resumed"},
    "ended": {"end": "unchanged", "pause": "unchanged"},
}
STATES = {
    ("end", "scheduled"): "paused",  # it has no window left that could be cut
    ("resume", "live"): "live",
    ("resume", "open"): "live",
    ("resume", "scheduled"): "scheduled",
    ("resume", "paused"): "live",
    ("pause", "ended"): "ended",
}
CASES = [
    (verb, name, result)
    for name, results in RESULTS.items()
    for verb, result in results.items()
]


@pytest.mark.parametrize(("verb", "name", "result"), CASES)
def test_a_verb_says_what_it_did_to_a_rule_in_each_state(verb, name, result):
    scheduled(name)
    default = {"end": "ended", "pause": "paused"}.get(verb)

    outcome = read(verb, name)

    assert (outcome["result"], outcome["state"]) == (
        result,
        STATES.get((verb, name), default),
    )
    assert RedirectRule.objects.get().state() == outcome["state"]


@pytest.mark.parametrize(("verb", "name", "result"), CASES)
def test_a_verb_again_changes_nothing_and_succeeds(verb, name, result):
    scheduled(name)
    read(verb, name)

    assert read(verb, name)["result"] == "unchanged"


@pytest.mark.parametrize("verb", ["end", "pause", "resume", "extend"])
def test_a_dry_run_changes_nothing(rule, verb):
    before = RedirectRule.objects.values().get()
    by = ["--by", "1h"] if verb == "extend" else []
    if (verb, rule.name) in {
        ("resume", "ended"),
        ("extend", "ended"),
        ("extend", "open"),
    }:
        assert refused(verb, rule.name, "--dry-run", *by)[0] == 1
    else:
        assert told(verb, rule.name, "--dry-run", *by).startswith("Dry run, nothing")

    assert RedirectRule.objects.values().get() == before


def test_a_rule_is_named_in_any_case():
    scheduled("live")

    assert told("end", "LIVE").startswith("ended “live”: it is ended\nWindow: until ")


@pytest.mark.parametrize("verb", ["end", "pause", "resume", "show"])
def test_a_name_that_no_rule_has_gets_the_nearest_one(verb):
    scheduled("scheduled")

    assert refused(verb, "sheduled") == (
        3,
        "No rule is called “sheduled”. Did you mean “scheduled”?",
    )


def test_a_name_that_is_like_no_other_gets_the_list():
    assert refused("end", "nix") == (3, "No rule is called “nix”. See “list”.")


def test_a_name_that_is_no_text_is_no_rule():
    assert refused("end", "\udcff")[0] == 3


@pytest.mark.parametrize(
    ("name", "ends"),
    [("live", NOW + 2.5 * HOUR), ("scheduled", NOW + 3.5 * HOUR)],
)
def test_extend_moves_the_end(name, ends):
    scheduled(name)

    outcome = read("extend", name, "--by", "1h30m")

    assert (outcome["result"], outcome["state"]) == ("extended", name)
    assert RedirectRule.objects.get().ends_at == ends


def test_extend_follows_the_clocks_of_the_zone():
    RedirectRule.objects.schedule(
        "/old/",
        "/new/",
        name="winter",
        ends_at=datetime(2027, 3, 27, 23, 0, tzinfo=UTC),
        timezone="Europe/Berlin",
    )

    outcome = read("extend", "winter", "--by", "2h")

    assert outcome["rule"]["schedule"]["ends_at"] == "2027-03-28T03:00:00+02:00"


@pytest.mark.parametrize(
    ("name", "by", "why"),
    [
        ("open", "1h", "“open” has no end that could be moved"),
        ("ended", "1h", "add … --name ended --for 1h"),
        ("live", "soon", "“soon” is not a duration"),
    ],
)
def test_extend_is_refused_with_a_reason(name, by, why):
    scheduled(name)

    code, text = refused("extend", name, "--by", by)

    assert code == 1
    assert why in text


@pytest.mark.parametrize(
    ("first", "second", "command"),
    [
        pytest.param("paused", "open", ["resume", "paused"], id="resumed"),
        pytest.param(
            "live", "scheduled", ["extend", "live", "--by", "1h"], id="extended"
        ),
    ],
)
def test_a_change_that_makes_visitors_go_round_is_refused(first, second, command):
    scheduled(first, "/a/", "/b/")
    scheduled(second, "/b/", "/a/")
    before = list(RedirectRule.objects.values())

    code, text = refused(*command)

    assert code == 1
    assert "Visitors would go round and round" in text
    assert list(RedirectRule.objects.values()) == before


def test_a_rule_that_cannot_be_read_is_not_resumed(settings):
    scheduled("paused", target="https://partner.example/")
    settings.TEMP_REDIRECTS = {}

    code, text = refused("resume", "paused")

    assert code == 1
    assert "ALLOWED_TARGET_HOSTS" in text


def test_a_rule_that_cannot_be_read_can_be_ended():
    scheduled("live")
    RedirectRule.objects.update(timezone="Mars/Base")

    text = told("end", "live")

    assert text == (
        "ended “live”: it is ended\n"
        "Switched off by an error. “Mars/Base” is not a time zone. Examples: "
        "“Europe/Berlin”, “UTC”.\n"
    )


def test_what_core_refuses_is_an_exit_code_and_no_traceback():
    scheduled("paused")
    RedirectRule.objects.update(timezone="Mars/Base")

    assert refused("resume", "paused") == (
        1,
        "“Mars/Base” is not a time zone. Examples: “Europe/Berlin”, “UTC”.",
    )
