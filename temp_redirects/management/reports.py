"""A stored rule as the command line shows it, to people and to scripts."""

import shlex
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from temp_redirects.core import documents
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.descriptions import sentence
from temp_redirects.core.patterns import sample_path
from temp_redirects.core.rules import Destination, Rule
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.schedules.words import moved_ends, repeats
from temp_redirects.core.sentences import Refused
from temp_redirects.management.repeats import times_json, times_lines
from temp_redirects.models import RedirectRule
from temp_redirects.sites import RUNSERVER, current_site, own_host

_IN_PATH = "/:@!$&'()*+,;="


@dataclass(frozen=True)
class Report:
    """What is known of a rule; one that cannot be read has its problem instead."""

    name: str
    state: str
    problem: str = ""
    document: dict[str, Any] | None = None
    rule: Rule | None = None

    @classmethod
    def of(cls, row: RedirectRule) -> "Report":
        """Return the report of a stored rule as it is now."""
        document, rule, problem = None, None, ""
        try:
            document = row.to_document()
            rule = documents.parse(document, current_site())
        except Refused as refused:
            problem = str(refused)
        return cls(row.name, row.state(problem=problem), problem, document, rule)

    @property
    def sentence(self) -> str:
        """What the rule does, in one sentence; empty where it cannot be read."""
        return sentence(self.rule) if self.rule else ""

    def as_json(self) -> dict[str, Any]:
        """Return the report for a script to read."""
        return {
            "name": self.name,
            "state": self.state,
            "sentence": self.sentence,
            "problem": self.problem,
            "rule": self.document,
            "next": times_json(self.rule.schedule) if self.rule else [],
        }

    def lines(self) -> list[str]:
        """Return the sentence and the window, or why there is none."""
        if self.rule is None:
            return [f"Switched off by an error. {self.problem}"]
        told = [] if self.state == "ended" else [self.sentence]
        schedule = self.rule.schedule
        return [*told, f"Window: {both_windows(schedule)}", *times_lines(schedule)]

    def row(self) -> str:
        """Return from where, to where and when, in one line."""
        rule = self.rule
        if rule is None:
            return self.problem
        under = " and under it" if rule.source.kind == "prefix" else ""
        targets = ", ".join(map(_share, rule.destinations))
        way = f"{rule.source.typed}{under} → {targets}"
        for_which = ", ".join([*rule.methods.names, *rule.hosts.patterns])
        return " · ".join(filter(None, [way, for_which, window(rule.schedule)]))


def _share(destination: Destination) -> str:
    """Return a target with its percentage, where it has one."""
    target, percentage = destination.target.typed, destination.percentage
    return target if percentage is None else f"{target} ({percentage:g} %)"


def window(schedule: Schedule) -> str:
    """Return a window for people, in its own zone."""
    if schedule.recurrence is not None:
        return f"{repeats(schedule)}{moved_ends(schedule)}"
    starts, ends = schedule.starts, schedule.ends
    begins = "" if starts is None else f"from {schedule.shown(starts)} "
    until = "somebody ends it" if ends is None else schedule.shown(ends)
    return f"{begins}until {until}"


def both_windows(schedule: Schedule) -> str:
    """Return a window in its own zone and in UTC."""
    shown = window(schedule)
    if schedule.recurrence is not None:
        return shown
    in_utc = window(replace(schedule, timezone="UTC"))
    return shown if shown == in_utc else f"{shown} ({in_utc})"


def curl(rule: Rule) -> str:
    """Return the command that tries a rule, to paste into a shell."""
    method = next(iter(rule.methods.names), "GET")
    asks_head = method in {"GET", "HEAD"}
    how = ["-sI"] if asks_head else ["-si", "-X", method, "-d", ""]
    host = own_host()
    wanted = next((name for name in rule.hosts.patterns if "*" not in name), host)
    if host == RUNSERVER and wanted != host:
        how += ["-H", f"Host: {wanted}"]
    else:
        host = wanted
    is_http = host == RUNSERVER or Scheme("http") in rule.conditions
    path = sample_path(rule.source).encode("utf-8", "surrogateescape")
    return shlex.join(
        [
            "curl",
            *how,
            f"{'http' if is_http else 'https'}://{host}{quote(path, safe=_IN_PATH)}",
        ]
    )
