"""Changes: what differs, what taking back means, and what only publishers may do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.changes import (
    Difference,
    differences,
    is_publishing,
    taken_back,
)

RULE = {
    "id": "1",
    "name": "shop",
    "enabled": True,
    "path": "/shop/",
    "hosts": [],
    "schedule": {"starts_at": None, "ends_at": "2026-12-01T02:00:00+01:00"},
}
LATER = {"starts_at": None, "ends_at": "2026-12-01T03:00:00+01:00"}
EARLIER = {"starts_at": None, "ends_at": "2026-12-01T00:30:00+00:00"}
OPEN = {"starts_at": None, "ends_at": None}

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
DAY = 24 * 60 * 60  # seconds


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param(RULE, RULE, [], id="the same"),
        pytest.param(
            RULE,
            RULE | {"path": "/x/"},
            [Difference("path", "/shop/", "/x/")],
            id="a value",
        ),
        pytest.param(
            RULE,
            RULE | {"schedule": OPEN},
            [Difference("schedule.ends_at", "2026-12-01T02:00:00+01:00", None)],
            id="a value in an object",
        ),
        pytest.param(
            {"id": "1", "name": "a"},
            {"id": "1", "name": "a", "sticky": "user"},
            [Difference("sticky", None, "user")],
            id="a key that came with a newer version",
        ),
        pytest.param(
            {"id": "1", "name": "a"},
            {"id": "1", "name": "a", "goal": ""},
            [],
            id="a new key that is empty",
        ),
        pytest.param(
            None,
            {"id": "1", "name": "a", "hosts": []},
            [Difference("name", None, "a")],
            id="a new rule, without what is empty",
        ),
        pytest.param(
            {"id": "1", "name": "a"}, None, [Difference("name", "a", None)], id="gone"
        ),
        pytest.param(
            {"enabled": True},
            {"enabled": False},
            [Difference("enabled", True, False)],
            id="switched off",
        ),
    ],
)
def test_differences_name_the_place_and_both_values(before, after, found):
    assert differences(before, after) == found


@pytest.mark.parametrize(
    ("current", "before", "after", "back"),
    [
        pytest.param(RULE, None, RULE, None, id="made: it goes"),
        pytest.param(None, RULE, None, RULE, id="deleted: it comes back"),
        pytest.param(
            None, RULE, RULE | {"path": "/x/"}, RULE, id="gone since: it comes back"
        ),
        pytest.param(
            RULE | {"path": "/x/", "name": "b"},
            RULE,
            RULE | {"path": "/x/"},
            RULE | {"name": "b"},
            id="what changed since stays",
        ),
        pytest.param(
            RULE | {"schedule": {**OPEN, "starts_at": "x"}},
            RULE,
            RULE | {"schedule": OPEN},
            RULE | {"schedule": {**RULE["schedule"], "starts_at": "x"}},
            id="in an object too",
        ),
        pytest.param(
            {"name": "a", "goal": "/x/"},
            {"name": "a"},
            {"name": "a", "goal": "/x/"},
            {"name": "a"},
            id="a key that was not there goes",
        ),
    ],
)
def test_taking_back_restores_what_changed_and_nothing_else(
    current, before, after, back
):
    assert taken_back(current, before, after) == back


texts = st.text("ab", max_size=2)
documents = st.fixed_dictionaries(
    {"name": texts, "schedule": st.fixed_dictionaries({"ends_at": texts})},
    optional={"hosts": st.lists(texts, max_size=2), "enabled": st.booleans()},
)


@given(documents, documents)
def test_what_was_changed_last_is_taken_back_to_what_it_was(before, after):
    back = taken_back(after, before, after)
    assert differences(back, before) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, RULE, True, id="made, on"),
        pytest.param(None, RULE | {"enabled": False}, False, id="made, off"),
        pytest.param(RULE, None, False, id="deleted"),
        pytest.param(RULE, RULE | {"enabled": False}, False, id="switched off"),
        pytest.param(RULE | {"enabled": False}, RULE, True, id="switched on"),
        pytest.param(RULE, RULE | {"path": "/x/"}, True, id="changed while on"),
        pytest.param(
            RULE | {"enabled": False},
            RULE | {"enabled": False, "path": "/x/"},
            False,
            id="changed while off",
        ),
        pytest.param(RULE, RULE | {"schedule": LATER}, True, id="extended"),
        pytest.param(RULE, RULE | {"schedule": OPEN}, True, id="without end"),
        pytest.param(RULE, RULE | {"schedule": EARLIER}, False, id="ended earlier"),
        pytest.param(
            RULE | {"schedule": OPEN}, RULE, False, id="given an end it had not"
        ),
        pytest.param(RULE, RULE, False, id="nothing"),
    ],
)
def test_publishing_is_what_visitors_meet_that_they_did_not(before, after, expected):
    assert is_publishing(before, after, NOW) is expected


WEEKLY = {
    "starts_at": "2026-11-22T02:00:00+01:00",
    "ends_at": "2026-11-22T04:00:00+01:00",
    "repeat": "FREQ=WEEKLY",
    "except": ["2026-11-29"],
    "moved_ends": {"2026-12-06": "2026-12-06T05:00:00+01:00"},
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"except": ["2026-11-29", "2026-12-13"]}, False, id="skipped"),
        pytest.param({"except": ["2030-01-06"]}, True, id="another one, far away"),
        pytest.param(
            {"moved_ends": {"2030-01-06": "2030-01-06T02:10:00+01:00"}},
            True,
            id="its own end is taken away beside one far away",
        ),
        pytest.param({"except": []}, True, id="skipped no longer"),
        pytest.param({"except": ["2026-12-13"]}, True, id="another one skipped"),
        pytest.param(
            {"moved_ends": {"2026-12-06": "2026-12-06T04:30:00+01:00"}},
            False,
            id="one ends earlier than it was to",
        ),
        pytest.param(
            {"moved_ends": {"2026-12-06": "2026-12-06T06:00:00+01:00"}},
            True,
            id="one ends later",
        ),
        pytest.param(
            {
                "moved_ends": {
                    **WEEKLY["moved_ends"],
                    "2027-04-04": "2027-04-04T03:00:00+02:00",
                }
            },
            False,
            id="another one ends before its usual end",
        ),
        pytest.param(
            {
                "moved_ends": {
                    **WEEKLY["moved_ends"],
                    "2026-12-13": "2026-12-13T04:01:00+01:00",
                }
            },
            True,
            id="another one ends after its usual end",
        ),
        pytest.param({"moved_ends": {}}, True, id="its own end is taken away"),
        pytest.param({"repeat": "FREQ=DAILY"}, True, id="more often"),
    ],
)
def test_of_what_repeats_taking_a_time_away_is_no_publishing(changes, expected):
    before = RULE | {"schedule": WEEKLY}
    after = RULE | {"schedule": WEEKLY | changes}
    assert is_publishing(before, after, NOW) is expected


@pytest.mark.parametrize("forgotten", [{"except": []}, {"moved_ends": {}}])
def test_a_time_that_is_past_for_a_month_may_be_forgotten(forgotten):
    before = RULE | {"schedule": WEEKLY}
    after = RULE | {"schedule": WEEKLY | forgotten}

    assert is_publishing(before, after, NOW + 30 * DAY)
    assert not is_publishing(before, after, NOW + 60 * DAY)
