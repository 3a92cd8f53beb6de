"""Choices: the repeats that a form offers in plain words, and what they mean."""

from dataclasses import dataclass
from datetime import datetime

from temp_redirects.core.schedules.clocks import instant, moment, zone
from temp_redirects.core.schedules.repeats import Repeat
from temp_redirects.core.sentences import Refused

ONCE, DAILY, WEEKLY, YEARLY = "", "daily", "weekly", "yearly"
MONTH_DAY, MONTH_WEEKDAY, RULE = "month_day", "month_weekday", "rule"


@dataclass(frozen=True, slots=True)
class Choice:
    """How often in plain words, and the details that go with that.

    ``days`` and ``weekday`` count from Monday, 0; no ``days`` and no ``month_day`` are
    those of the start. ``number`` says which weekday of the month, ``month_day`` which
    day; -1 is the last. ``rule`` is an RRULE, for what has no plain words.
    """

    often: str = ONCE
    every: int = 1
    days: tuple[int, ...] = ()
    month_day: int = 0
    number: int = 1
    weekday: int = 6
    rule: str = ""

    @classmethod
    def of(cls, rule: str) -> "Choice":
        """Return the choice that an RRULE stands for; none is “does not repeat”."""
        if not rule:
            return cls()
        try:
            repeat = Repeat.parse(rule)
        except Refused:  # what is stored and cannot be read is shown as it is
            return cls(RULE, rule=rule)
        for choice in _candidates(repeat):
            if choice.rule_text == str(repeat):
                return choice
        return cls(RULE, rule=str(repeat))

    @property
    def rule_text(self) -> str:
        """The RRULE of the choice; empty where it does not repeat."""
        if self.often == ONCE:
            return ""
        return self.rule if self.often == RULE else str(self._repeat)

    @property
    def _repeat(self) -> Repeat:
        if self.often == WEEKLY:
            days = tuple((0, day) for day in sorted(set(self.days)))
            return Repeat("WEEKLY", self.every, days)
        if self.often == MONTH_DAY:
            month_days = (self.month_day,) if self.month_day else ()
            return Repeat("MONTHLY", self.every, month_days=month_days)
        if self.often == MONTH_WEEKDAY:
            return Repeat("MONTHLY", self.every, ((self.number, self.weekday),))
        return Repeat(self.often.upper(), self.every)


def typed_end(starts: str, ends: str, timezone: str) -> str:
    """Return the end of the first time so that it lasts as long as clocks show.

    Where clocks change within the first time, “02:00 to 04:00” is two hours all the
    same, for every other time lasts as long. An end with an offset stays as it is.
    """
    try:
        first, last = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
        where = zone(timezone)
    except (ValueError, Refused):
        return ends
    if first.tzinfo or last.tzinfo or last <= first:
        return ends
    at = instant(first, where) + (last - first).total_seconds()
    return moment(at, timezone).isoformat()


def _candidates(repeat: Repeat) -> list[Choice]:
    every = repeat.interval
    choices = [Choice(DAILY, every), Choice(YEARLY, every)]
    days = tuple(day for _, day in repeat.days)
    choices.append(Choice(WEEKLY, every, days))
    month_day = repeat.month_days[0] if repeat.month_days else 0
    choices.append(Choice(MONTH_DAY, every, month_day=month_day))
    for number, weekday in repeat.days[:1]:
        choices.append(Choice(MONTH_WEEKDAY, every, number=number, weekday=weekday))
    return choices
