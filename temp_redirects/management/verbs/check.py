"""``check``: everything that is stored, compiled and judged, as ``nginx -t`` does."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from time import time
from typing import Any

from django.conf import settings

from temp_redirects.advice import resolves
from temp_redirects.core.documents import parse_record, record_of
from temp_redirects.core.loops import find_loop
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.shadows import shadow_of
from temp_redirects.core.targets import Target
from temp_redirects.management.actions import (
    Verb,
    add_json,
    refuse,
    written_rules,
    written_windows,
)
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.imports import leads_on
from temp_redirects.sites import current_site

EPILOG = """\
what is found, by a stable code:
  rejected       it cannot be compiled and is off, whether paused or not
  loop           it sends visitors round and round
  dead_target    it leads to a path of this site at which no view is
  never_reached  a rule that is tried before it always answers first

Maintenance windows are judged like rules, each of their paths. What is paused,
switched off or over is compiled and not followed. In JSON “rule” is the name, and
“kind” says of what: “rule” or “window”.

exit codes:
  0  no problem
  1  problems; they are listed
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one rule or maintenance window."""

    code: str
    rule: str
    sentence: str
    kind: str = "rule"

    def as_json(self) -> dict[str, str]:
        """Return the problem for a script to read."""
        return {
            "code": self.code,
            "kind": self.kind,
            "rule": self.rule,
            "sentence": self.sentence,
        }


class Check(Verb):
    """Judges every stored rule and maintenance window."""

    name = "check"
    help = "judge all that is stored: errors, loops, dead targets, rules never reached"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take who reads the answer."""
        add_json(parser)

    def run(self, *args: Any, json: bool, **options: Any) -> None:
        """List the problems, and end with their code."""
        rows = written_rules().prefetch_related("destinations", "conditions")
        rules, windows = list(rows.order_by("name_key")), list(written_windows())
        stored: list[RedirectRule | MaintenanceWindow] = [*rules, *windows]
        compiled: list[Rule] = []
        findings: list[Finding] = []
        for row in stored:
            try:
                compiled += _compiled(row)
            except Refused as refused:
                kind = "window" if isinstance(row, MaintenanceWindow) else "rule"
                findings.append(Finding("rejected", row.name, str(refused), kind))
        findings += _followed(compiled, time())
        if json:
            told = [each.as_json() for each in findings]
            counted = {"rules": len(rules), "windows": len(windows)}
            self.write_json({**counted, "problems": told})
        else:
            for each in findings:
                self.stderr.write(f"{each.code}: “{each.rule}”: {each.sentence}")
        checked = _checked(len(rules), len(windows))
        if findings:
            noun = "problem" if len(findings) == 1 else "problems"
            raise refuse(f"{len(findings):,} {noun} in {checked}.")
        if not json:
            self.write(f"{checked}, no problem.")


def _checked(rules: int, windows: int) -> str:
    counted = f"{rules:,} rules"
    if windows:
        noun = "maintenance window" if windows == 1 else "maintenance windows"
        counted += f" and {windows:,} {noun}"
    return counted


def _compiled(row: RedirectRule | MaintenanceWindow) -> list[Rule]:
    """Return what a row compiles to: a window to a rule for each of its paths."""
    if isinstance(row, RedirectRule):
        return [row.compile()]
    site, window = current_site(), row.compile()
    rules = [parse_record(record, site) for record in window.records()]
    return [replace(rule, enabled=window.enabled) for rule in rules]


def _followed(rules: Iterable[Rule], now: float) -> Iterator[Finding]:
    """Yield what is wrong with rules that redirect now or later, each problem once.

    The paths of one window have most of their problems in common.
    """
    on = {
        rule.id: rule
        for rule in rules
        if rule.enabled and rule.schedule.occurrence(now) is not None
    }
    ruleset = Ruleset(map(record_of, on.values()))
    findings = chain(
        _looping(on.values(), ruleset, now),
        *(_misplaced(rule, ruleset, on) for rule in on.values()),
    )
    yield from dict.fromkeys(findings)


def _finding(code: str, rule: Rule, sentence: str) -> Finding:
    return Finding(code, rule.name, sentence, "window" if rule.is_window else "rule")


def _looping(rules: Iterable[Rule], ruleset: Ruleset, now: float) -> Iterator[Finding]:
    """Yield each loop once, and each way into one."""
    told: set[str] = set()
    for rule in rules:
        if rule.name not in told and leads_on(ruleset, rule):
            hops = find_loop(ruleset, rule, current_site(), since=now)
            if hops:
                told |= {hop.rule for hop in hops}
                way = " → ".join(hop.url for hop in hops)
                yield _finding("loop", rule, f"{way}.")


def _misplaced(
    rule: Rule, ruleset: Ruleset, rules: dict[str, Rule]
) -> Iterator[Finding]:
    shadow = shadow_of(rule, ruleset, rules)
    if shadow is not None:
        where = f"for “{rule.source.typed}” " if rule.is_window else ""
        text = f"{where}“{shadow.name}” always answers first."
        yield _finding("never_reached", rule, text)
    for each in [] if leads_on(ruleset, rule) else rule.destinations:
        if _is_dead(each.target):
            text = f"there is no page at {each.target.typed}."
            yield _finding("dead_target", rule, text)


def _is_dead(target: Target) -> bool:
    """Say whether a target is a path of this site that no view answers.

    Files that a web server answers, static and media, are not asked for.
    """
    _, host, path = target.literal
    site = current_site()
    if (host and host not in site.hosts) or site.protects(path):
        return False
    slashed = settings.APPEND_SLASH and not path.endswith("/")
    return not any(map(resolves, [path, f"{path}/"] if slashed else [path]))
