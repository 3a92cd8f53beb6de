from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from temp_redirects.core.schedules import (
    ALWAYS,
    EPOCH,
    Schedule,
    moment,
    parse_moment,
    seconds,
    zone,
)
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

NOON = 1_800_000_000.0
HOUR = 3_600.0
VISIT = Visit("/")
BERLIN = "Europe/Berlin"

zones = st.sampled_from(
    ["UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Apia"]
)


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


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
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("Berlin", id="a town"),
        pytest.param("Europe", id="a folder of the database"),
        pytest.param("../etc/passwd", id="a way out of the database"),
        pytest.param("/etc/passwd", id="a file elsewhere"),
        pytest.param("Europe/Berlin\x00", id="NUL"),
        pytest.param("\ud800", id="half a character"),
        pytest.param("x" * 1_000_000, id="far too long"),
    ],
)
def test_what_is_no_time_zone_is_refused(name):
    with pytest.raises(Refused, match="is not a time zone"):
        zone(name)
    with pytest.raises(Refused, match="is not a time zone"):
        Schedule(timezone=name)


@pytest.mark.parametrize(
    ("text", "timezone", "expected"),
    [
        pytest.param("2026-12-01T02:00:00", "UTC", "2026-12-01T02:00Z", id="wall time"),
        pytest.param(
            "2026-12-01T02:00:00", BERLIN, "2026-12-01T01:00Z", id="in winter"
        ),
        pytest.param(
            "2026-07-01T02:00:00", BERLIN, "2026-07-01T00:00Z", id="in summer"
        ),
        pytest.param(
            "2026-12-01T02:00:00+01:00",
            BERLIN,
            "2026-12-01T01:00Z",
            id="with its offset",
        ),
        pytest.param("2026-12-01", "UTC", "2026-12-01T00:00Z", id="a day is its start"),
        pytest.param(
            "2026-12-01T02:00:00.000001",
            "UTC",
            "2026-12-01T02:00:00.000001Z",
            id="microseconds are kept",
        ),
        pytest.param(
            "2026-10-25T02:30:00",
            BERLIN,
            "2026-10-25T00:30Z",
            id="twice: the first one",
        ),
        pytest.param(
            "2026-10-25T02:30:00+02:00",
            BERLIN,
            "2026-10-25T00:30Z",
            id="twice: the offset of the first",
        ),
        pytest.param(
            "2026-10-25T02:30:00+01:00",
            BERLIN,
            "2026-10-25T01:30Z",
            id="twice: the offset of the second",
        ),
        pytest.param(
            "2026-03-29T02:30:00", BERLIN, "2026-03-29T01:30Z", id="left out: forward"
        ),
        pytest.param(
            "2026-03-29T02:30:00+01:00",
            BERLIN,
            "2026-03-29T01:30Z",
            id="left out, as Python writes it",
        ),
        pytest.param("0001-01-01T00:00", "UTC", "0001-01-01T00:00Z", id="year 1"),
        pytest.param("9999-12-31T23:59", "UTC", "9999-12-31T23:59Z", id="year 9999"),
    ],
)
def test_a_wall_time_is_one_moment(text, timezone, expected):
    assert parse_moment(text, timezone) == seconds(at(expected))


@pytest.mark.parametrize(
    ("text", "timezone"),
    [
        pytest.param("0001-01-01T00:00", "Asia/Tokyo", id="before the first moment"),
        pytest.param("9999-12-31T23:59", "America/New_York", id="after the last one"),
    ],
)
def test_a_wall_time_beyond_the_calendar_counts_as_utc(text, timezone):
    assert parse_moment(text, timezone) == seconds(at(f"{text}Z"))


def test_no_time_is_no_bound():
    assert parse_moment(None, BERLIN) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("tomorrow", id="a word"),
        pytest.param("2026-02-30T00:00", id="a day that is none"),
        pytest.param("2026-12-01T25:00", id="an hour that is none"),
        pytest.param("10000-01-01T00:00", id="a year too far"),
        pytest.param("2" * 1_000_000, id="far too long"),
        pytest.param("2026-12-01T02:00\ud800", id="half a character"),
    ],
)
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(Refused, match="is not a time"):
        parse_moment(text, "UTC")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-12-01T02:00:00+02:00", id="summer’s offset in winter"),
        pytest.param("2026-12-01T02:00:00Z", id="UTC, where it is not the zone"),
        pytest.param("2026-03-29T02:30:00+02:00", id="left out, and backward"),
    ],
)
def test_an_offset_that_disagrees_with_the_zone_is_refused(text):
    with pytest.raises(Refused, match="is not how clocks in Europe/Berlin show"):
        parse_moment(text, BERLIN)


@given(st.datetimes(timezones=st.just(UTC)), zones)
@example(datetime.max.replace(tzinfo=UTC), "UTC")
@example(datetime.max.replace(tzinfo=UTC), "Asia/Tokyo")
@example(datetime.max.replace(tzinfo=UTC), "America/New_York")
@example(datetime.min.replace(tzinfo=UTC), "Asia/Tokyo")
@example(datetime.min.replace(tzinfo=UTC), "America/New_York")
def test_a_moment_shown_in_a_zone_reads_as_the_same_moment(when, timezone):
    stamp = seconds(when)
    shown = moment(stamp, timezone).isoformat()
    again = parse_moment(shown, timezone)
    if 1 < when.year < 9999:
        assert again == stamp
    else:  # wall clocks end with the calendar, at most a day from UTC
        assert abs(again - stamp) <= 86_400
        assert parse_moment(moment(again, timezone).isoformat(), timezone) == again


@given(st.integers(0, 7_000_000_000_000_000))  # to the year 2191
def test_microseconds_survive_as_seconds(microseconds):
    when = EPOCH + timedelta(microseconds=microseconds)
    assert moment(seconds(when), "UTC") == when


def test_seconds_count_from_the_epoch():
    assert seconds(EPOCH) == 0
    assert seconds(at("1970-01-01T01:00:00.5+00:00")) == 3_600.5


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
            "2026-11-22T02:00:00.5Z", "UTC", "Sun 22 Nov 2026 02:00:00.500000 UTC",
            id="parts of a second",
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
def test_a_moment_is_shown_so_that_no_other_reads_the_same(when, timezone, shown):
    assert Schedule(timezone=timezone).shown(seconds(at(when))) == shown


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
