from itertools import islice

import pytest

from temp_redirects.core.documents import (
    SCHEDULE_KEYS,
    document_of,
    dump,
    parse,
    parse_record,
    record_of,
    schedule_of,
)
from temp_redirects.core.schedules import parse_moment, zone
from temp_redirects.core.sentences import Refused
from tests.core.documents.cases import read
from tests.core.making import ONCE, SITE, document, make_record, make_rule, window


def test_a_document_without_a_zone_is_in_the_sites():
    schedule = {"starts_at": "2026-12-01T02:00:00"}
    rule = parse(document(schedule=schedule), SITE, "Europe/Berlin")
    assert rule.schedule.timezone == "Europe/Berlin"
    assert rule.schedule.starts == parse_moment("2026-12-01T01:00", "UTC")
    assert make_rule().schedule.timezone == "UTC"


@pytest.mark.parametrize(
    ("given_document", "places"),
    [
        pytest.param(document(schedule=None), ["schedule"], id="no schedule"),
        pytest.param(document(schedule=[]), ["schedule"], id="a list for a schedule"),
        pytest.param(
            document(schedule=window("now", None)), ["schedule.starts_at"], id="no time"
        ),
        pytest.param(
            document(schedule=window(20261201, None)),
            ["schedule.starts_at"],
            id="a number that reads as a day",
        ),
        pytest.param(
            document(schedule=window("2026-01-02", "2026-01-01")),
            ["schedule.ends_at"],
            id="the end before the start",
        ),
        pytest.param(
            document(schedule=window("x", "y", "Mars/Base")),
            ["schedule.timezone"],
            id="no such zone: times cannot be read",
        ),
        pytest.param(
            document(schedule=window("x", "y")),
            ["schedule.starts_at", "schedule.ends_at"],
            id="both times",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given_document, places):
    rule, problems = read(given_document)
    assert rule is None
    assert [at for at, _ in problems] == places


def test_a_schedule_is_written_with_every_key_and_wall_times_in_its_zone():
    schedule = window("2026-07-01T12:00", None, "Europe/Berlin")
    written = dump(make_rule(schedule=schedule))["schedule"]
    assert written == {
        "starts_at": "2026-07-01T12:00:00+02:00",
        "ends_at": None,
        "timezone": "Europe/Berlin",
        **ONCE,
    }
    assert [*written] == [*SCHEDULE_KEYS]


def weekly(**keys):
    """Return the document of a rule for every Sunday night in Berlin."""
    once = window("2026-03-01T02:30", "2026-03-01T04:00", "Europe/Berlin")
    return document(schedule={**once, "repeat": "FREQ=WEEKLY", **keys})


@pytest.mark.parametrize(
    ("given_document", "places"),
    [
        pytest.param(weekly(repeat="FREQ=HOURLY"), ["schedule.repeat"], id="too often"),
        pytest.param(
            weekly(repeat="FREQ=DAILY;COUNT=3"), ["schedule.repeat"], id="a count"
        ),
        pytest.param(
            weekly(repeat="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
            ["schedule.repeat"],
            id="no such day",
        ),
        pytest.param(weekly(until="soon"), ["schedule.until"], id="no day"),
        pytest.param(weekly(until=20261231), ["schedule.until"], id="a number"),
        pytest.param(weekly(until="2025-01-01"), ["schedule.repeat"], id="over before"),
        pytest.param(
            weekly(**{"except": ["2026-03-08", "x"]}), ["schedule.except[1]"], id="skip"
        ),
        pytest.param(
            weekly(moved_ends={"2026-03-08": "late"}), ["schedule.moved_ends"], id="end"
        ),
        pytest.param(weekly(starts_at=None), ["schedule.starts_at"], id="no start"),
        pytest.param(weekly(ends_at=None), ["schedule.ends_at"], id="no end"),
        pytest.param(
            weekly(repeat="FREQ=DAILY", ends_at="2026-03-03T00:00"),
            ["schedule.ends_at"],
            id="longer than the pause",
        ),
        pytest.param(
            weekly(repeat="", until="2026-12-31", moved_ends={"2026-03-08": "x"}),
            ["schedule.until", "schedule.moved_ends"],
            id="what goes with a repeat alone",
        ),
    ],
)
def test_what_is_wrong_in_a_repeat_is_told_with_its_place(given_document, places):
    rule, problems = read(given_document)
    assert rule is None
    assert [at for at, _ in problems] == places


def test_a_repeat_begins_at_a_wall_time_also_where_clocks_leave_it_out():
    given_document = weekly(
        starts_at="2026-03-29T02:30", ends_at="2026-03-29T04:00", repeat="freq=daily"
    )
    rule = parse(given_document, SITE)
    assert dump(rule)["schedule"]["starts_at"] == "2026-03-29T02:30:00+01:00"
    shown = [str(rule.schedule.shown(each.starts))[-19:-14] for each in first(rule, 3)]
    assert shown == ["03:30", "02:30", "02:30"]


def test_the_offset_of_the_start_chooses_among_two_for_all_that_follow():
    given_document = weekly(
        starts_at="2026-10-25T02:30+01:00", ends_at="2026-10-25T03:30+01:00"
    )
    rule = parse(given_document, SITE)
    assert rule.schedule.recurrence.first.fold == 1
    assert parse(dump(rule), SITE) == rule


def first(rule, count):
    """Return the first occurrences of a rule."""
    return list(islice(rule.schedule.occurrences(0.0), count))


def test_new_zone_data_moves_the_start_and_keeps_the_length(monkeypatch):
    record = record_of(make_rule(schedule=weekly()["schedule"]))
    monkeypatch.setitem(
        zone.__globals__["_zones"], "Europe/Berlin", zone("Asia/Kathmandu")
    )
    schedule = document_of(record)["schedule"]
    assert schedule["starts_at"] == "2026-03-01T02:30:00+05:45"
    assert schedule["ends_at"] == "2026-03-01T04:00:00+05:45"


def test_a_choice_that_new_zone_data_takes_away_breaks_nothing(monkeypatch):
    given_document = weekly(
        starts_at="2026-10-25T02:30+01:00", ends_at="2026-10-25T03:30+01:00"
    )
    record = record_of(parse(given_document, SITE))
    monkeypatch.setitem(
        zone.__globals__["_zones"], "Europe/Berlin", zone("Asia/Kathmandu")
    )
    rule = parse(document_of(record), SITE)
    assert rule.schedule.recurrence.first.fold == 0


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param("weekly", id="no JSON"),
        pytest.param("[1]", id="no object"),
        pytest.param('{"repeat": "FREQ=DAILY"}', id="no first time"),
        pytest.param('{"first": 5}', id="a number for a time"),
    ],
)
def test_a_stored_repeat_that_cannot_be_read_is_refused(stored):
    record = make_record(starts=0.0, ends=60.0, recurrence=stored)
    with pytest.raises(Refused, match="repetition cannot be read"):
        parse_record(record, SITE)


def test_a_stored_repeat_of_wrong_values_is_refused_like_a_document():
    stored = '{"first": "1970-01-01", "repeat": "FREQ=HOURLY"}'
    fields = {"starts": 0.0, "ends": 60.0, "timezone": "UTC", "recurrence": stored}
    with pytest.raises(Refused, match="too often"):
        schedule_of(fields)
