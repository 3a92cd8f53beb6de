from datetime import timedelta
from itertools import islice
from random import Random
from time import perf_counter

import pytest
from dateutil.rrule import rrulestr

from temp_redirects.core.schedules.repeats import WEEKDAYS, Repeat
from temp_redirects.core.sentences import Refused
from tests.core.schedules.making import wall

FIRST = wall("2016-01-03T02:30")  # a Sunday


def days(rule, first="2016-01-03T02:30", since="2026-01-01", count=3):
    found = Repeat.parse(rule).starts(wall(first), wall(since))
    return [each.date().isoformat() for each in islice(found, count)]


@pytest.mark.parametrize(
    ("rule", "canonical"),
    [
        pytest.param("FREQ=DAILY", "FREQ=DAILY", id="nothing to change"),
        pytest.param("rrule:freq=weekly;byday=su", "FREQ=WEEKLY;BYDAY=SU", id="case"),
        pytest.param(
            "FREQ=WEEKLY; BYDAY=SU,MO,SU", "FREQ=WEEKLY;BYDAY=MO,SU", id="in order"
        ),
        pytest.param("FREQ=DAILY;INTERVAL=1", "FREQ=DAILY", id="the usual interval"),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=-1FR,+2TU", "FREQ=MONTHLY;BYDAY=-1FR,2TU", id="numbers"
        ),
        pytest.param(
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYMONTHDAY=-1;BYDAY=MO;BYSETPOS=1;WKST=SU",
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYMONTHDAY=-1;BYDAY=MO;BYSETPOS=1;WKST=SU",
            id="all there is",
        ),
    ],
)
def test_a_rule_is_kept_in_one_spelling(rule, canonical):
    assert str(Repeat.parse(rule)) == canonical
    assert Repeat.parse(canonical) == Repeat.parse(rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        pytest.param("", "Say how often", id="nothing"),
        pytest.param("FREQ=", "cannot be read", id="half"),
        pytest.param("FREQ=SOMETIMES", "Say how often", id="no frequency"),
        pytest.param("FREQ=HOURLY", "every day at most", id="every hour"),
        pytest.param("FREQ=MINUTELY", "every day at most", id="every minute"),
        pytest.param("FREQ=SECONDLY;BYMONTH=2", "every day at most", id="every second"),
        pytest.param("FREQ=DAILY;FREQ=DAILY", "cannot be read", id="twice"),
        pytest.param("FREQ=DAILY;COUNT=3", "in “until” instead", id="a count"),
        pytest.param("FREQ=DAILY;UNTIL=20260101", "beside the rule", id="an end"),
        pytest.param("FREQ=DAILY;BYHOUR=3", "time of day is the one", id="an hour"),
        pytest.param("FREQ=DAILY;BYWEEKNO=3", "is not taken", id="a week’s number"),
        pytest.param("FREQ=DAILY;INTERVAL=0", "from 1 to 99", id="no interval"),
        pytest.param("FREQ=DAILY;INTERVAL=100", "from 1 to 99", id="a long one"),
        pytest.param("FREQ=DAILY;INTERVAL=" + "9" * 99, "from 1 to 99", id="longer"),
        pytest.param("FREQ=DAILY;BYDAY=XX", "is no weekday", id="no weekday"),
        pytest.param("FREQ=DAILY;BYDAY=2SU", "only with", id="a number, daily"),
        pytest.param("FREQ=WEEKLY;BYMONTHDAY=1", "go with", id="a date, weekly"),
        pytest.param("FREQ=MONTHLY;BYDAY=6SU", "is no weekday", id="a sixth Sunday"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=32", "from 1 to 31", id="the 32nd"),
        pytest.param("FREQ=MONTHLY;BYSETPOS=1", "picks from", id="of nothing"),
        pytest.param("FREQ=WEEKLY;WKST=ZZ", "is no weekday", id="no first weekday"),
        pytest.param("FREQ=DAILY;" * 1_000, "longer than", id="far too long"),
    ],
)
def test_what_is_refused_says_what_to_do(rule, said):
    with pytest.raises(Refused, match=said):
        Repeat.parse(rule)


@pytest.mark.parametrize(
    ("rule", "first", "since", "expected"),
    [
        pytest.param(
            "FREQ=YEARLY", "2016-02-29", "2025-01-01",
            ["2028-02-29", "2032-02-29", "2036-02-29"], id="29 February",
        ),
        pytest.param(
            "FREQ=YEARLY", "2016-02-29", "2097-01-01",
            ["2104-02-29", "2108-02-29", "2112-02-29"], id="not in 2100",
        ),
        pytest.param(
            "FREQ=MONTHLY", "2016-01-31", "2026-01-01",
            ["2026-01-31", "2026-03-31", "2026-05-31"], id="months with a 31st",
        ),
        pytest.param(
            "FREQ=MONTHLY;BYMONTHDAY=-1", "2016-01-31", "2028-02-01",
            ["2028-02-29", "2028-03-31", "2028-04-30"], id="the last day of each month",
        ),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=2SU", "2016-01-10", "2026-01-01",
            ["2026-01-11", "2026-02-08", "2026-03-08"], id="the second Sunday",
        ),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2016-01-29", "2026-01-01",
            ["2026-01-30", "2026-02-27", "2026-03-31"], id="the last working day",
        ),
        pytest.param(
            "FREQ=WEEKLY;INTERVAL=2", "2016-01-03", "2026-01-01",
            ["2026-01-04", "2026-01-18", "2026-02-01"], id="every other week",
        ),
        pytest.param(
            "FREQ=WEEKLY;BYDAY=MO,SU;INTERVAL=2", "2026-01-08", "2026-01-01",
            ["2026-01-11", "2026-01-19", "2026-01-25"], id="weeks begin on Monday",
        ),
        pytest.param(
            "FREQ=WEEKLY;BYDAY=MO,SU;INTERVAL=2;WKST=SU", "2026-01-08", "2026-01-01",
            ["2026-01-18", "2026-01-19", "2026-02-01"], id="or on Sunday",
        ),
        pytest.param(
            "FREQ=DAILY;INTERVAL=10", "2026-01-01", "2025-01-01",
            ["2026-01-01", "2026-01-11", "2026-01-21"], id="nothing before the first",
        ),
        pytest.param(
            "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU", "2016-01-01", "2026-01-01",
            ["2026-03-29", "2026-10-25", "2027-03-28"], id="the days of clock changes",
        ),
        pytest.param(
            "FREQ=YEARLY;BYMONTH=1", "2016-02-20", "2026-01-01",
            ["2026-01-20", "2027-01-20", "2028-01-20"], id="another month",
        ),
        pytest.param(
            "FREQ=YEARLY;INTERVAL=99", "0001-01-01", "2026-01-01",
            ["2080-01-01", "2179-01-01", "2278-01-01"], id="since year 1",
        ),
        pytest.param(
            "FREQ=WEEKLY;WKST=SU", "0001-01-03", "0001-01-01",
            ["0001-01-03", "0001-01-10", "0001-01-17"], id="a week that begins before",
        ),
        pytest.param(
            "FREQ=MONTHLY", "2016-11-30", "9999-11-30",
            ["9999-11-30", "9999-12-30"], id="year 9999 is the last one",
        ),
    ],
)  # fmt: skip
def test_the_days_of_a_rule(rule, first, since, expected):
    assert days(rule, first, since) == expected


def random_rule(chance):
    """Return an RRULE that the app takes."""

    def some(values):
        return chance.sample(values, chance.choice([0, 0, 1, 2]))

    frequency = chance.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    is_short = frequency in {"DAILY", "WEEKLY"}
    dates = [] if is_short else some(range(1, 29))
    numbers = [""] if is_short or dates else ["", "1", "2", "-1"]
    days = [chance.choice(numbers) + day for day in some(WEEKDAYS)]
    can_pick = not is_short and (days or dates)
    parts = {
        "INTERVAL": [chance.randint(1, 4)],
        "BYDAY": days,
        "BYMONTHDAY": dates,
        "BYMONTH": some(range(1, 13)),
        "BYSETPOS": [chance.choice([1, -1])] if can_pick and len(days) > 1 else [],
    }
    given = [f"{key}={','.join(map(str, each))}" for key, each in parts.items() if each]
    return ";".join([f"FREQ={frequency}", *given])


@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_random_rules_come_as_plain_rrule_has_them(seed):
    chance = Random(seed)  # noqa: S311
    for _ in range(1_000):
        rule = random_rule(chance)
        since = wall("2027-01-01") + timedelta(hours=chance.randint(0, 9_000))
        first = since - timedelta(hours=chance.choice([100, 9_000, 20_000]))
        found = list(islice(Repeat.parse(rule).starts(first, since), 4))
        # Where there is none, plain rrule goes on to the year 9999.
        plain = rrulestr(rule, dtstart=first).xafter(since, len(found), inc=True)
        assert found == (list(plain) if found else []), rule


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", id="30 February"),
        pytest.param("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", id="by months"),
        pytest.param("FREQ=DAILY;INTERVAL=7;BYDAY=MO", id="Mondays, from a Sunday on"),
        pytest.param("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9", id="a ninth Monday"),
        pytest.param("FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11", id="short months"),
    ],
)
def test_a_rule_without_a_day_ends_the_search(rule):
    began = perf_counter()
    assert list(Repeat.parse(rule).starts(FIRST, FIRST)) == []
    assert perf_counter() - began < 10  # seconds; to the year 9999 it takes more


def test_a_day_that_is_rare_is_found():
    assert days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", count=2) == [
        "2032-02-29",
        "2060-02-29",
    ]


def test_the_time_of_day_and_which_of_two_hours_stay():
    first = FIRST.replace(fold=1)
    found = next(Repeat.parse("FREQ=DAILY").starts(first, wall("2026-01-01")))
    assert (found.hour, found.minute, found.fold) == (2, 30, 1)
