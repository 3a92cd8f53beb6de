"""Plain words of a form and the RRULEs that they stand for."""

import pytest

from temp_redirects.core.schedules.choices import (
    DAILY,
    MONTH_DAY,
    MONTH_WEEKDAY,
    RULE,
    WEEKLY,
    YEARLY,
    Choice,
    typed_end,
)
from tests.core.schedules.making import BERLIN

PLAIN = {
    "": Choice(),
    "FREQ=DAILY": Choice(DAILY),
    "FREQ=DAILY;INTERVAL=3": Choice(DAILY, 3),
    "FREQ=WEEKLY": Choice(WEEKLY),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU": Choice(WEEKLY, 2, (0, 6)),
    "FREQ=MONTHLY": Choice(MONTH_DAY),
    "FREQ=MONTHLY;BYMONTHDAY=-1": Choice(MONTH_DAY, month_day=-1),
    "FREQ=MONTHLY;BYDAY=2SU": Choice(MONTH_WEEKDAY, number=2, weekday=6),
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR": Choice(
        MONTH_WEEKDAY, 3, number=-1, weekday=4
    ),
    "FREQ=YEARLY;INTERVAL=4": Choice(YEARLY, 4),
}
BY_RULE = [
    "FREQ=DAILY;BYDAY=MO",
    "FREQ=WEEKLY;BYMONTH=6;BYDAY=SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU",
    "FREQ=MONTHLY;BYMONTHDAY=1,15",
    "FREQ=MONTHLY;BYDAY=1SU,3SU",
    "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
]


@pytest.mark.parametrize(("rule", "choice"), PLAIN.items(), ids=PLAIN)
def test_what_has_plain_words_is_shown_in_them(rule, choice):
    assert Choice.of(rule) == choice
    assert choice.rule_text == rule


@pytest.mark.parametrize("rule", BY_RULE)
def test_what_has_none_is_shown_as_a_rule(rule):
    assert Choice.of(rule) == Choice(RULE, rule=rule)
    assert Choice.of(rule).rule_text == rule


def test_what_cannot_be_read_is_shown_as_it_is():
    assert Choice.of("every now and then").rule_text == "every now and then"


@pytest.mark.parametrize(
    ("starts", "ends", "timezone", "shown"),
    [
        pytest.param(
            "2026-11-22T02:00", "2026-11-22T04:00", BERLIN,
            "2026-11-22T04:00:00+01:00", id="mostly as typed",
        ),
        pytest.param(
            "2027-03-28T01:00", "2027-03-28T03:00", BERLIN,
            "2027-03-28T04:00:00+02:00", id="clocks are put forward meanwhile",
        ),
        pytest.param(
            "2027-03-28T02:30", "2027-03-28T03:30", BERLIN,
            "2027-03-28T04:30:00+02:00", id="the start is left out",
        ),
        pytest.param(
            "2026-10-25T02:00", "2026-10-25T04:00", BERLIN,
            "2026-10-25T03:00:00+01:00", id="clocks are put back meanwhile",
        ),
        pytest.param("x", "y", BERLIN, "y", id="no times"),
        pytest.param("2026-11-22T02:00", "2026-11-22T01:00", BERLIN,
            "2026-11-22T01:00", id="an end before the start",
        ),
        pytest.param("2026-11-22T02:00", "2026-11-22T04:00", "Mars/Base",
            "2026-11-22T04:00", id="no zone",
        ),
        pytest.param(
            "2026-11-22T02:00", "2026-11-22T04:00+01:00", BERLIN,
            "2026-11-22T04:00+01:00", id="one that says its offset",
        ),
    ],
)  # fmt: skip
def test_a_time_that_comes_again_lasts_as_long_as_typed(starts, ends, timezone, shown):
    assert typed_end(starts, ends, timezone) == shown
