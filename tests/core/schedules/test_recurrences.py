from datetime import date
from itertools import islice
from threading import Thread
from time import perf_counter

import pytest

from temp_redirects.core.schedules import Schedule, moment, zone
from temp_redirects.core.schedules.clocks import reread_zones
from temp_redirects.core.schedules.recurrences import (
    Recurrence,
    parse_day,
    parse_moved,
    parse_until,
)
from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit
from tests.core.schedules.making import BERLIN, DAY, HOUR, at, repeating, wall

NEW_YORK = "America/New_York"


def shown(schedule, since, count=1):
    """Return occurrences as “start/end” in UTC and how clocks show the start."""
    found = islice(schedule.occurrences(at(since)), count)
    return [
        f"{moment(each.starts, 'UTC'):%m-%d %H:%M}Z/{moment(each.ends, 'UTC'):%H:%M}Z "
        f"({moment(each.starts, schedule.timezone):%H:%M})"
        for each in found
    ]


@pytest.mark.parametrize(
    ("first", "timezone", "since", "expected"),
    [
        pytest.param(
            "2016-01-03T02:30", BERLIN, "2026-03-28T00:00Z",
            "03-29 01:30Z/02:30Z (03:30)", id="Berlin, left out",
        ),
        pytest.param(
            "2016-01-03T02:30", BERLIN, "2026-04-01T00:00Z",
            "04-05 00:30Z/01:30Z (02:30)", id="Berlin, the week after",
        ),
        pytest.param(
            "2016-01-03T02:30", BERLIN, "2026-10-24T00:00Z",
            "10-25 00:30Z/01:30Z (02:30)", id="Berlin, twice",
        ),
        pytest.param(
            "2016-01-03T02:30", BERLIN, "2026-10-26T00:00Z",
            "11-01 01:30Z/02:30Z (02:30)", id="Berlin, the week after that",
        ),
        pytest.param(
            "2016-01-03T02:30", NEW_YORK, "2026-03-07T00:00Z",
            "03-08 07:30Z/08:30Z (03:30)", id="New York, left out",
        ),
        pytest.param(
            "2016-01-03T02:30", NEW_YORK, "2026-03-10T00:00Z",
            "03-15 06:30Z/07:30Z (02:30)", id="New York, the week after",
        ),
        pytest.param(
            "2016-01-03T01:30", NEW_YORK, "2026-10-31T00:00Z",
            "11-01 05:30Z/06:30Z (01:30)", id="New York, twice",
        ),
        pytest.param(
            "2016-01-03T01:30", NEW_YORK, "2026-11-02T00:00Z",
            "11-08 06:30Z/07:30Z (01:30)", id="New York, the week after that",
        ),
        pytest.param(
            "2016-01-03T02:15", "Australia/Lord_Howe", "2026-10-03T00:00Z",
            "10-03 15:45Z/16:45Z (02:45)", id="Lord Howe, half an hour left out",
        ),
        pytest.param(
            "2016-01-03T01:45", "Australia/Lord_Howe", "2026-04-04T00:00Z",
            "04-04 14:45Z/15:45Z (01:45)", id="Lord Howe, half an hour twice",
        ),
        pytest.param(
            "2016-01-03T02:30", "Asia/Kathmandu", "2026-03-28T00:00Z",
            "03-28 20:45Z/21:45Z (02:30)", id="Kathmandu, 5:45 ahead",
        ),
        pytest.param(
            "2016-01-03T00:00", "America/Santiago", "2026-09-05T05:00Z",
            "09-06 04:00Z/05:00Z (01:00)", id="Santiago, midnight is left out",
        ),
    ],
)  # fmt: skip
def test_clock_changes(first, timezone, since, expected):
    schedule = repeating(first, "FREQ=WEEKLY", timezone, length=HOUR)
    assert shown(schedule, since) == [expected]


def test_the_second_of_two_hours_is_taken_where_the_fold_says_so():
    schedule = repeating("2025-10-26T02:30", "FREQ=DAILY", fold=1)
    assert shown(schedule, "2026-10-25T00:00Z") == ["10-25 01:30Z/03:30Z (02:30)"]
    assert shown(schedule, "2026-03-29T00:00Z") == ["03-29 01:30Z/03:30Z (03:30)"]


def test_each_occurrence_is_on_for_its_exact_length():
    schedule = repeating("2016-01-03T02:00", "FREQ=WEEKLY")
    for each in islice(schedule.occurrences(at("2026-01-01T00:00Z")), 60):
        assert each.ends - each.starts == 2 * HOUR
        inside = [each.starts, each.ends - 1]
        outside = [each.starts - 1, each.ends]
        assert [schedule.active(now) for now in inside + outside] == [
            *(True, True),
            *(False, False),
        ]


@pytest.mark.parametrize(
    ("first", "since", "starts"),
    [
        pytest.param("0001-01-01T00:00", "0001-01-02T00:00Z", 0, id="year 1"),
        pytest.param("2016-01-03T02:00", "9999-12-25T00:00Z", 0, id="year 9999"),
    ],
)
def test_the_ends_of_the_calendar(first, since, starts):
    schedule = repeating(first, "FREQ=DAILY", "Asia/Tokyo")
    found = schedule.occurrence(at(since))
    assert found.starts <= at(since) + DAY
    assert schedule.occurrence(400_000_000_000.0) is None
    assert schedule.occurrence(-99_000_000_000.0).starts == schedule.starts


def test_on_the_last_day_of_all_there_is_no_next_one():
    schedule = repeating("9999-12-30T02:00", "FREQ=DAILY", "UTC")
    assert shown(schedule, "9999-12-30T01:00Z", 5) == [
        "12-30 02:00Z/04:00Z (02:00)",
        "12-31 02:00Z/04:00Z (02:00)",
    ]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        pytest.param("2026-01-11", "2026-01-11", id="a day is whole"),
        pytest.param("2026-01-11T02:00", "2026-01-11", id="a moment counts too"),
        pytest.param("2026-01-11T01:59", "2026-01-04", id="one before the start"),
    ],
)
def test_until_is_the_last_start(until, last):
    schedule = repeating(
        "2026-01-04T02:00", "FREQ=WEEKLY", until=parse_until(until, BERLIN)
    )
    found = list(schedule.occurrences(0.0))
    assert f"{found[-1].wall:%Y-%m-%d}" == last
    assert schedule.occurrence(found[-1].ends) is None
    assert schedule.last_end == found[-1].ends
    assert not schedule.active(found[-1].ends)


@pytest.mark.parametrize(
    ("rule", "until", "more", "last"),
    [
        pytest.param(
            "FREQ=WEEKLY", "2026-01-17", {}, "2026-01-11T03:00Z", id="days before until"
        ),
        pytest.param("FREQ=YEARLY", "2029-01-03", {}, "2028-01-04T03:00Z", id="a year"),
        pytest.param(
            *("FREQ=WEEKLY", "2026-01-25"),
            {"skipped": (date(2026, 1, 18), date(2026, 1, 25))},
            "2026-01-11T03:00Z",
            id="the last ones are skipped",
        ),
        pytest.param(
            *("FREQ=WEEKLY", "2026-01-25"),
            {"moved": ((date(2026, 1, 11), at("2026-02-11T01:00Z")),)},
            "2026-02-11T01:00Z",
            id="an earlier one ends later",
        ),
        pytest.param(
            *("FREQ=WEEKLY", "2026-01-04"),
            {"skipped": (date(2026, 1, 4),)},
            "2026-01-04T01:00Z",
            id="all are skipped: before it began",
        ),
    ],
)
def test_the_last_end_is_that_of_the_last_one_there_is(rule, until, more, last):
    schedule = repeating(
        "2026-01-04T02:00", rule, until=parse_until(until, BERLIN), **more
    )
    assert schedule.last_end == at(last)
    assert schedule.occurrence(at(last)) is None


def test_a_day_that_is_skipped_is_left_out():
    schedule = repeating(
        "2026-01-04T02:00", "FREQ=WEEKLY", skipped=(date(2026, 1, 11),)
    )
    assert shown(schedule, "2026-01-05T00:00Z") == ["01-18 01:00Z/03:00Z (02:00)"]


def test_skipping_forgets_days_of_long_ago():
    now = at("2026-06-01T00:00Z")
    recurrence = repeating(
        "2016-01-03T02:00",
        "FREQ=DAILY",
        skipped=(date(2026, 1, 1), date(2026, 5, 20)),
        moved=((date(2026, 1, 2), at("2026-01-02T03:00Z")),),
    ).recurrence
    later = recurrence.skipping(date(2026, 6, 2), now)
    assert later.skipped == (date(2026, 5, 20), date(2026, 6, 2))
    assert later.ending(date(2026, 6, 3), now, now).moved == ((date(2026, 6, 3), now),)


@pytest.mark.parametrize(
    ("ends", "is_on"),
    [
        pytest.param("2026-01-11T02:00Z", [True, False, False], id="earlier"),
        pytest.param("2026-01-13T01:30Z", [True, True, True], id="two days later"),
        pytest.param("2026-01-11T01:00Z", [False, False, False], id="at its start"),
    ],
)
def test_one_occurrence_may_have_an_end_of_its_own(ends, is_on):
    moved = ((date(2026, 1, 11), at(ends)),)
    schedule = repeating("2026-01-04T02:00", "FREQ=WEEKLY", moved=moved)
    moments = ["2026-01-11T01:30Z", "2026-01-11T02:30Z", "2026-01-12T12:00Z"]
    assert [schedule.active(at(now)) for now in moments] == is_on
    assert schedule.active(at("2026-01-18T02:59Z"))
    assert schedule.last_end is None


def test_occurrences_that_overlap_are_on_until_the_last_one_ends():
    schedule = repeating("2026-01-05T00:00", "FREQ=WEEKLY;BYDAY=MO,TU", length=2 * DAY)
    begins = at("2026-01-05T00:00+01:00")
    assert all(schedule.active(begins + hour * HOUR) for hour in range(72))
    assert not schedule.active(begins + 3 * DAY)


@pytest.mark.parametrize(
    ("rule", "length", "said"),
    [
        pytest.param("FREQ=DAILY", DAY + 1, "lasts longer", id="longer than a day"),
        pytest.param("FREQ=DAILY", 0.0, "must come after", id="no length"),
        pytest.param(
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", HOUR, "no such day", id="-"
        ),
    ],
)
def test_what_cannot_be_is_refused(rule, length, said):
    with pytest.raises(Refused, match=said):
        repeating("2026-01-04T02:00", rule, length=length)


def test_what_repeats_has_a_start_and_an_end():
    recurrence = Recurrence(Repeat.parse("FREQ=DAILY"), wall("2026-01-01"))
    for bounds in ((None, None), (0.0, None), (None, 0.0)):
        with pytest.raises(Refused, match="needs a start and an end"):
            Schedule(*bounds, BERLIN, recurrence)


def test_an_end_before_the_beginning_is_refused():
    with pytest.raises(Refused, match="ends before it begins"):
        repeating("2026-01-04T02:00", "FREQ=DAILY", until=wall("2026-01-03"))


def test_the_days_that_are_excepted_are_not_endless():
    days = tuple(date.fromordinal(730_000 + number) for number in range(367))
    with pytest.raises(Refused, match="At most 366"):
        repeating("2026-01-04T02:00", "FREQ=DAILY", skipped=days)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(Refused, match="is no day"):
        parse_day(text)


def test_what_is_no_moment_is_no_end():
    with pytest.raises(Refused, match="is not a time"):
        parse_moved({"2026-01-01": "late"}, BERLIN)
    with pytest.raises(Refused, match="is not a time"):
        parse_until("late", BERLIN)
    assert parse_until(None, BERLIN) is None


def test_an_end_counts_by_its_own_offset():
    day = date(2026, 1, 1)
    texts = ("2026-01-01T02:00+05:00", "2025-12-31T21:00Z", "2025-12-31T21:00")
    ends = {parse_moved({"2026-01-01": text}, BERLIN) for text in texts}
    assert ends == {((day, at("2025-12-31T21:00Z")),)}


def test_a_rule_of_ten_years_answers_at_once():
    schedule = repeating("2016-01-03T02:00", "FREQ=WEEKLY;BYDAY=SU")
    now, rounds = at("2026-11-20T00:00Z"), 200
    began = perf_counter()
    for number in range(rounds):
        next(schedule.occurrences(now + number * DAY))
    assert (perf_counter() - began) / rounds < 0.005  # seconds; usual are 0.00006


def test_what_is_remembered_is_right_when_clocks_step():
    schedule = repeating("2016-01-03T02:00", "FREQ=WEEKLY;BYDAY=SU")
    on, off = at("2026-11-22T01:30Z"), at("2026-11-22T03:30Z")
    moments = [on, off, on, on - 30 * DAY, off + 30 * DAY, on, off, on - 7 * DAY]
    expected = [next(schedule.occurrences(now)) for now in moments]
    assert [schedule.occurrence(now) for now in moments] == expected
    assert [schedule.active(now) for now in moments[:3]] == [True, False, True]


def test_a_request_looks_nothing_up(monkeypatch):
    schedule = repeating("2016-01-03T02:00", "FREQ=WEEKLY;BYDAY=SU")
    on = at("2026-11-22T01:30Z")
    schedule.active(on)
    monkeypatch.setattr(Recurrence, "starts", None)
    assert schedule.active(on + 60)
    assert schedule.holds(Visit("/"), on)


def test_threads_may_ask_at_the_same_time():
    schedule = repeating("2016-01-03T02:00", "FREQ=WEEKLY;BYDAY=SU")
    on, off = at("2026-11-22T01:30Z"), at("2026-11-22T03:30Z")
    wrong = []

    def ask(now, expected):
        for _ in range(300):
            if schedule.active(now) is not expected:
                wrong.append(now)

    threads = [Thread(target=ask, args=each) for each in ((on, True), (off, False)) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_new_zone_data_moves_what_is_to_come(monkeypatch):
    schedule = repeating("2016-01-03T02:00", "FREQ=DAILY", "Asia/Tokyo")
    noon = at("2026-11-20T03:00Z")
    assert schedule.occurrence(noon).starts == at("2026-11-20T17:00Z")
    # As if Japan had decided to be an hour further ahead.
    monkeypatch.setitem(
        zone.__globals__["_zones"], "Asia/Tokyo", zone("Australia/Brisbane")
    )
    assert schedule.occurrence(noon + HOUR).starts == at("2026-11-20T16:00Z")
    monkeypatch.undo()
    reread_zones()
    assert schedule.occurrence(noon + 2 * HOUR).starts == at("2026-11-20T17:00Z")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param("2026-01-04T00:00Z", "starts Sun 4 Jan 2026 02:00", id="to come"),
        pytest.param("2026-01-04T02:00Z", "live until Sun 4 Jan 2026 04:00", id="on"),
        pytest.param("2026-01-05T00:00Z", "starts Sun 11 Jan 2026 02:00", id="again"),
        pytest.param("2027-01-01T00:00Z", "ended ", id="over"),
    ],
)
def test_the_explanation_is_about_the_occurrence(now, said):
    schedule = repeating("2026-01-04T02:00", "FREQ=WEEKLY", until=wall("2026-01-31"))
    assert str(schedule.explain(Visit("/"), at(now))).startswith(said)


def test_windows_that_repeat_meet_what_lies_between_first_and_last():
    schedule = repeating("2026-01-04T02:00", "FREQ=WEEKLY", until=wall("2026-01-31"))
    during = Schedule(at("2026-01-20T00:00Z"), None)
    after = Schedule(at("2026-03-01T00:00Z"), None)
    assert [schedule.meets(each) for each in (during, after)] == [True, False]
