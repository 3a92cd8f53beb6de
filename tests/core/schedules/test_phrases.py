"""Repeats as people type them."""

import pytest

from temp_redirects.core.schedules.phrases import parse_repeat
from temp_redirects.core.schedules.words import repeats
from temp_redirects.core.sentences import Refused
from tests.core.schedules.making import repeating

MEANT = {
    "every day": "FREQ=DAILY",
    "Daily": "FREQ=DAILY",
    "every 3 days": "FREQ=DAILY;INTERVAL=3",
    "weekly": "FREQ=WEEKLY",
    "every  Sunday": "FREQ=WEEKLY;BYDAY=SU",
    "every Sunday, Monday and Wednesday": "FREQ=WEEKLY;BYDAY=MO,WE,SU",
    "every weekday": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "every 2 weeks on Sunday": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
    "monthly": "FREQ=MONTHLY",
    "every month on day 15": "FREQ=MONTHLY;BYMONTHDAY=15",
    "every month on the last day": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "every month on the last Friday": "FREQ=MONTHLY;BYDAY=-1FR",
    "every 3 months on the 2nd Sunday": "FREQ=MONTHLY;INTERVAL=3;BYDAY=2SU",
    "yearly": "FREQ=YEARLY",
    "freq=weekly;byday=su;bymonth=6": "FREQ=WEEKLY;BYMONTH=6;BYDAY=SU",
}
UNKNOWN = [
    *("", "sometimes", "Sunday", "every Sunday night", "every 2 Sundays"),
    *("every day on Sunday", "every week on day 3", "every month on Sunday"),
    *("every month on the sixth Sunday", "every year on Sunday"),
]


@pytest.mark.parametrize(("text", "rule"), MEANT.items())
def test_words_mean_a_rule(text, rule):
    assert str(parse_repeat(text)) == rule


@pytest.mark.parametrize("text", UNKNOWN)
def test_other_words_are_refused_with_examples(text):
    with pytest.raises(Refused, match="does not say how often"):
        parse_repeat(text)


@pytest.mark.parametrize("text", ["every 0 days", "every month on day 32"])
def test_numbers_have_their_limits(text):
    with pytest.raises(Refused, match="is not a number from"):
        parse_repeat(text)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=MO,WE,SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR",
    ],
)
def test_what_is_told_can_be_typed_again(rule):
    told = str(repeats(repeating("2026-01-04T02:00", rule)))
    words = told.partition(" 02:00")[0]
    assert str(parse_repeat(words)) == rule
