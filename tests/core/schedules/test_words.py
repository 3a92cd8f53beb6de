from datetime import date
from itertools import islice

import pytest

from temp_redirects.core.schedules import ALWAYS
from temp_redirects.core.schedules.words import lasting, remarks, repeats
from tests.core.schedules.making import BERLIN, DAY, at, repeating, wall


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        pytest.param("FREQ=DAILY", "every day", id="daily"),
        pytest.param("FREQ=DAILY;INTERVAL=3", "every 3 days", id="every third day"),
        pytest.param(
            "FREQ=DAILY;INTERVAL=3;BYDAY=MO", "every 3 days if it is a Monday", id="if"
        ),
        pytest.param("FREQ=DAILY;BYDAY=MO", "every Monday", id="daily on Mondays"),
        pytest.param("FREQ=WEEKLY", "every Sunday", id="weekly, as the first"),
        pytest.param(
            "FREQ=WEEKLY;BYDAY=MO,WE,SU",
            "every Monday, Wednesday and Sunday",
            id="days",
        ),
        pytest.param(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
            "every 2 weeks on Sunday",
            id="fortnightly",
        ),
        pytest.param(
            "FREQ=WEEKLY;BYDAY=SU;BYMONTH=6,7",
            "every Sunday in June and July",
            id="summer",
        ),
        pytest.param("FREQ=MONTHLY", "every month on day 3", id="monthly"),
        pytest.param(
            "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day", id="last day"
        ),
        pytest.param(
            "FREQ=MONTHLY;BYMONTHDAY=-2",
            "every month on day 2 from the end",
            id="but one",
        ),
        pytest.param(
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=2SU",
            "every 3 months on the second Sunday",
            id="quarterly",
        ),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=-1FR,-2MO",
            "every month on the second Monday from the end and the last Friday",
            id="from the end",
        ),
        pytest.param("FREQ=MONTHLY;BYDAY=SU", "every month on each Sunday", id="each"),
        pytest.param("FREQ=YEARLY", "every year in January on day 3", id="yearly"),
        pytest.param(
            "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
            "every year in March and October on the last Sunday",
            id="clock changes",
        ),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
            "by the rule FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
            id="what has no words",
        ),
    ],
)
def test_how_often_it_comes_is_told_in_words(rule, words):
    schedule = repeating("2016-01-03T02:00", rule)
    assert repeats(schedule) == f"{words} 02:00 to 04:00 (Europe/Berlin)"


def test_what_limits_it_is_told_too():
    schedule = repeating(
        "2026-01-04T22:00:30",
        "FREQ=WEEKLY",
        until=wall("2026-12-31"),
        skipped=(date(2026, 2, 1), date(2026, 3, 1)),
    )
    assert repeats(schedule) == (
        "every Sunday 22:00:30 to 00:00:30 (Europe/Berlin) until Thu 31 Dec 2026 "
        "except Sun 1 Feb 2026 and Sun 1 Mar 2026"
    )


def test_what_lasts_a_day_or_more_has_a_length():
    schedule = repeating("2026-01-04T22:00", "FREQ=WEEKLY", length=1.5 * DAY)
    assert repeats(schedule) == "every Sunday 22:00 for 1 d 12 h (Europe/Berlin)"


def test_what_comes_once_has_no_words():
    assert repeats(ALWAYS) == ""
    assert remarks(ALWAYS, next(ALWAYS.occurrences(0.0))) == []


@pytest.mark.parametrize(
    ("first", "since", "fold", "said"),
    [
        pytest.param("2016-01-03T02:00", "2026-03-20T00:00Z", 0, "", id="nothing"),
        pytest.param(
            "2016-01-03T02:00",
            "2026-03-28T00:00Z",
            0,
            "Clocks are put forward and leave 02:00 out: it starts at 03:00 and "
            "ends at 05:00.",
            id="left out",
        ),
        pytest.param(
            "2016-01-03T01:00",
            "2026-03-28T00:00Z",
            0,
            "Clocks are put forward meanwhile: it ends at 04:00.",
            id="forward meanwhile",
        ),
        pytest.param(
            "2016-01-03T02:00",
            "2026-10-24T00:00Z",
            0,
            "Clocks are put back and show 02:00 twice: it starts the first time "
            "and ends at 03:00.",
            id="twice",
        ),
        pytest.param(
            "2016-01-03T02:00",
            "2026-10-24T00:00Z",
            1,
            "Clocks are put back and show 02:00 twice: it starts the second time "
            "and ends at 04:00.",
            id="the second",
        ),
        pytest.param(
            "2016-01-03T01:30",
            "2026-10-24T00:00Z",
            0,
            "Clocks are put back meanwhile: it ends at 02:30.",
            id="back meanwhile",
        ),
    ],
)
def test_what_a_clock_change_makes_of_it_is_said(first, since, fold, said):
    schedule = repeating(first, "FREQ=WEEKLY", fold=fold)
    found = next(islice(schedule.occurrences(at(since)), 1))
    assert " ".join(map(str, remarks(schedule, found))) == said


def test_an_end_of_its_own_is_said():
    moved = ((date(2026, 1, 11), at("2026-01-11T02:00Z")),)
    schedule = repeating("2026-01-04T02:00", "FREQ=WEEKLY", BERLIN, moved=moved)
    first, second = islice(schedule.occurrences(0.0), 2)
    assert remarks(schedule, first) == []
    said = [str(each) for each in remarks(schedule, second)]
    assert said == ["It has an end of its own: 03:00."]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(7_200, "2 h"), (90_000, "1 d 1 h"), (59, "59 s"), (90, "1 min 30 s")],
)
def test_lengths_in_words(seconds, said):
    assert lasting(seconds) == said
