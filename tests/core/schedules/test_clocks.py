from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from temp_redirects.core.schedules import (
    EPOCH,
    Schedule,
    clocks,
    moment,
    parse_moment,
    seconds,
    zone,
)
from temp_redirects.core.schedules.clocks import reread_zones
from temp_redirects.core.sentences import Refused

BERLIN = "Europe/Berlin"

zones = st.sampled_from(
    ["UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Apia"]
)


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


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


def test_zones_are_read_anew_while_the_process_runs():
    old = zone("Asia/Tokyo")
    reread_zones()
    assert zone("Asia/Tokyo") is not old


def test_a_zone_that_is_gone_for_a_moment_stays_known(monkeypatch):
    known = zone("Asia/Tokyo")
    monkeypatch.setitem(clocks._zones, "Asia/Edo", known)  # which has no file
    reread_zones()
    assert zone("Asia/Edo") is known
