"""Moments, durations and windows from text, the clock passed in."""

from datetime import UTC, datetime, timedelta

import pytest

from temp_redirects.core.sentences import Refused
from temp_redirects.management.moments import later, parse_duration, parse_moment
from temp_redirects.management.windows import read_window

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 21, 13, 5, 7, 89, tzinfo=UTC)  # 14:05 in Berlin


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3h", timedelta(hours=3)),
        ("90m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("1w2d3h4m5s", timedelta(days=9, hours=3, minutes=4, seconds=5)),
        pytest.param("1H 30M", timedelta(minutes=90), id="case and blanks aside"),
    ],
)
def test_a_duration_is_numbers_with_units(text, wanted):
    assert parse_duration(text) == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a duration"),
        ("3", "is not a duration"),
        ("0m", "is not a duration"),
        ("3x", "is not a duration"),
        ("-1h", "is not a duration"),
        ("1.5h", "is not a duration"),
        pytest.param("30m1h", "is not a duration", id="smaller unit first"),
        pytest.param("٣h", "is not a duration", id="digits of another script"),
        ("99999w", "longer than a hundred years"),
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text, why):
    with pytest.raises(Refused, match=why):
        parse_duration(text)


def at(text, zone=BERLIN, now=NOW):
    return f"{parse_moment(text, now, zone):%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("+2h", "2026-11-21T15:05:07", id="from now"),
        pytest.param("22:00", "2026-11-21T21:00:00", id="later today"),
        pytest.param("02:00", "2026-11-22T01:00:00", id="tomorrow"),
        pytest.param("14:05:07", "2026-11-22T13:05:07", id="now: not again today"),
        pytest.param("9:30", "2026-11-22T08:30:00", id="one digit"),
        pytest.param("2026-12-01T02:00", "2026-12-01T01:00:00", id="the zone's time"),
        pytest.param("2026-12-01 02:00", "2026-12-01T01:00:00", id="with a blank"),
        pytest.param("2026-12-01", "2026-11-30T23:00:00", id="a day: its beginning"),
        pytest.param("2026-12-01T02:00Z", "2026-12-01T02:00:00", id="UTC"),
        pytest.param("2026-12-01T02:00-05:00", "2026-12-01T07:00:00", id="an offset"),
        pytest.param("2026-10-25T02:30", "2026-10-25T00:30:00", id="twice: the first"),
        pytest.param("2027-03-28T02:30", "2027-03-28T01:30:00", id="never: forward"),
    ],
)
def test_a_moment_is_relative_or_a_clock_or_iso(text, wanted):
    assert at(text) == wanted


def test_the_zone_says_whose_clock_is_meant():
    assert at("22:00", "America/New_York") == "2026-11-22T03:00:00"


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        pytest.param((2026, 10, 24, 23, 0), "2026-10-25T00:30:00", id="first"),
        pytest.param((2026, 10, 25, 0, 30), "2026-10-25T01:30:00", id="second"),
        pytest.param((2026, 10, 25, 1, 30), "2026-10-26T01:30:00", id="next day"),
        pytest.param((2027, 3, 28, 0, 0), "2027-03-29T00:30:00", id="left out"),
    ],
)
def test_a_clock_time_is_the_next_one_that_clocks_really_show(now, wanted):
    assert at("02:30", now=datetime(*now, tzinfo=UTC)) == wanted


@pytest.mark.parametrize("text", ["", "soon", "25:00", "12:60", "2026-13-01"])
def test_what_is_no_moment_is_refused_with_an_example(text):
    with pytest.raises(Refused, match="is not a time"):
        parse_moment(text, NOW, BERLIN)


def test_there_is_no_moment_after_the_last_year():
    with pytest.raises(Refused, match="after the year 9999"):
        later(datetime(9999, 12, 31, tzinfo=UTC), timedelta(days=1))


def window(starts=None, **ends):
    read = read_window(NOW, "", starts, **ends)
    bounds = [at and f"{at:%d %H:%M:%S}" for at in (read.starts, read.ends)]
    return *bounds, read.problems


@pytest.mark.parametrize(
    ("starts", "ends", "wanted"),
    [
        pytest.param(None, {}, (None, None), id="open"),
        pytest.param(None, {"lasts": "3h"}, (None, "21 16:05:07"), id="from now"),
        pytest.param(
            "22:00", {"lasts": "3h"}, ("21 21:00:00", "22 00:00:00"), id="from a start"
        ),
        pytest.param(
            "23:00", {"until": "22:00"}, ("21 22:00:00", "22 21:00:00"), id="next after"
        ),
        pytest.param(
            "2026-11-01", {"until": "02:00"}, ("31 23:00:00", "22 01:00:00"), id="began"
        ),
        pytest.param(
            "+1h", {"until": "+2h"}, ("21 14:05:07", "21 15:05:07"), id="both from now"
        ),
    ],
)
def test_a_window_begins_now_or_then_and_ends_in_the_future(starts, ends, wanted):
    assert window(starts, **ends) == (*wanted, {})


@pytest.mark.parametrize(
    ("starts", "ends", "problems"),
    [
        pytest.param(
            None,
            {"until": "2026-11-21T02:00"},
            {
                "--until": [
                    "2026-11-21T02:00 is in the past (now 2026-11-21T14:05 "
                    "Europe/Berlin); did you mean 2026-11-22T02:00?"
                ]
            },
            id="an end that is over is not guessed",
        ),
        pytest.param(
            "2026-11-21T10:00",
            {"lasts": "1h"},
            {
                "--for": [
                    "1h after 2026-11-21T10:00 is in the past (now 2026-11-21T14:05)."
                ]
            },
            id="so is a duration that is over",
        ),
        pytest.param(
            "soon",
            {"lasts": "3x"},
            {
                "--from": [
                    "“soon” is not a time. Examples: “+2h”, “22:00”, "
                    "“2026-12-01T02:00”."
                ],
                "--for": [
                    "“3x” is not a duration. Examples: “3h”, “90m”, “1h30m”, “2d”, "
                    "“1w”."
                ],
            },
            id="each with its place",
        ),
    ],
)
def test_a_window_that_cannot_be_says_why(starts, ends, problems):
    assert window(starts, **ends)[2] == problems


def test_without_a_zone_no_time_is_read():
    read = read_window(NOW, "Mars/Base", "22:00", lasts="3h")

    assert (read.starts, read.ends, [*read.problems]) == (None, None, ["--timezone"])
