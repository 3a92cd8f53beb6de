from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.schedules import (
    ALWAYS,
    Schedule,
)
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

NOON = 1_800_000_000.0
HOUR = 3_600.0
VISIT = Visit("/")


def at(text):
    return datetime.fromisoformat(text).timestamp()


BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "is_active"),
    [
        pytest.param(NOON - 0.000001, False, id="a moment before"),
        pytest.param(NOON, True, id="the start belongs to it"),
        pytest.param(NOON + HOUR - 0.000001, True, id="the last moment"),
        pytest.param(NOON + HOUR, False, id="the end does not"),
    ],
)
def test_a_window_is_half_open(now, is_active):
    schedule = Schedule(NOON, NOON + HOUR)
    assert schedule.active(now) is is_active
    assert schedule.holds(VISIT, now) is is_active


@pytest.mark.parametrize(
    ("starts", "ends", "active"),
    [
        pytest.param(None, None, [True, True, True], id="always"),
        pytest.param(NOON, None, [False, True, True], id="no end"),
        pytest.param(None, NOON, [True, False, False], id="no start"),
        pytest.param(0.0, NOON, [True, False, False], id="the epoch is a start"),
    ],
)
def test_a_bound_that_is_not_set_is_open(starts, ends, active):
    schedule = Schedule(starts, ends)
    assert [schedule.active(now) for now in (NOON - 1, NOON, NOON + 1)] == active


@pytest.mark.parametrize("ends", [NOON, NOON - 1])
def test_a_window_without_a_moment_is_refused(ends):
    with pytest.raises(Refused, match="must come after the start"):
        Schedule(NOON, ends)


bounds = st.none() | st.integers(0, 4)


@given(bounds, bounds, bounds, bounds)
def test_windows_meet_where_they_share_a_moment(a, b, c, d):
    try:
        one, other = Schedule(a, b), Schedule(c, d)
    except Refused:
        return
    shared = any(
        one.active(now) and other.active(now) for now in (-1, 0, 1, 2, 3, 4, 5)
    )
    assert one.meets(other) is shared
    assert other.meets(one) is shared


@pytest.mark.parametrize(
    ("when", "timezone", "shown"),
    [
        pytest.param(
            "2026-11-22T02:00+01:00", BERLIN, "Sun 22 Nov 2026 02:00 Europe/Berlin",
            id="minutes",
        ),
        pytest.param(
            "2026-11-22T02:00:05Z", "UTC", "Sun 22 Nov 2026 02:00:05 UTC", id="seconds"
        ),
        pytest.param(
            "2026-11-22T02:00:00.5Z", "UTC", "Sun 22 Nov 2026 02:00 UTC",
            id="parts of a second are for machines",
        ),
        pytest.param(
            "2026-10-25T02:30+02:00", BERLIN,
            "Sun 25 Oct 2026 02:30 Europe/Berlin (+0200)",
            id="the first of two",
        ),
        pytest.param(
            "2026-10-25T02:30+01:00", BERLIN,
            "Sun 25 Oct 2026 02:30 Europe/Berlin (+0100)",
            id="the second of two",
        ),
    ],
)  # fmt: skip
def test_a_moment_is_shown_so_that_people_mistake_it_for_no_other(
    when, timezone, shown
):
    assert Schedule(timezone=timezone).shown(at(when)) == shown


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        pytest.param(
            Schedule(NOON + HOUR), "starts Fri 15 Jan 2027 09:00 UTC", id="to come"
        ),
        pytest.param(
            Schedule(None, NOON), "ended Fri 15 Jan 2027 08:00 UTC", id="over"
        ),
        pytest.param(
            Schedule(NOON, NOON + HOUR),
            "live until Fri 15 Jan 2027 09:00 UTC",
            id="live",
        ),
        pytest.param(Schedule(NOON), "live until it is switched off", id="no end"),
        pytest.param(ALWAYS, "live until it is switched off", id="always"),
    ],
)
def test_the_explanation_says_where_now_stands(schedule, said):
    assert str(schedule.explain(VISIT, NOON)) == said


def test_the_step_of_a_trace_has_a_stable_word():
    assert Schedule.code == "window"
