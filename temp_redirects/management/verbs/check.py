"""``check``: everything that is stored, compiled and judged, as ``nginx -t`` does."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from time import time
from typing import Any

from django.conf import settings

from temp_redirects.advice import resolves
from temp_redirects.core.documents import record_of
from temp_redirects.core.loops import find_loop
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.shadows import shadow_of
from temp_redirects.management.actions import Verb, add_json, refuse, written_rules
from temp_redirects.models.imports import leads_on
from temp_redirects.sites import current_site

EPILOG = """\
what is found, by a stable code:
  rejected       the rule cannot be compiled and is off, whether paused or not
  loop           it sends visitors round and round
  dead_target    it leads to a path of this site at which no view is
  never_reached  a rule that is tried before it always answers first

Paused and ended rules are compiled and not followed.

exit codes:
  0  no problem
  1  problems; they are listed
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one rule."""

    code: str
    rule: str
    sentence: str


class Check(Verb):
    """Judges every stored rule."""

    name = "check"
    help = "judge all stored rules: errors, loops, dead targets, rules never reached"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take who reads the answer."""
        add_json(parser)

    def run(self, *args: Any, json: bool, **options: Any) -> None:
        """List the problems, and end with their code."""
        rows = written_rules().prefetch_related("destinations", "conditions")
        rules: list[Rule] = []
        findings: list[Finding] = []
        for row in rows.order_by("name_key"):
            try:
                rules.append(row.compile())
            except Refused as refused:
                findings.append(Finding("rejected", row.name, str(refused)))
        checked = len(rules) + len(findings)
        findings += _followed(rules, time())
        if json:
            told = [
                {"code": each.code, "rule": each.rule, "sentence": each.sentence}
                for each in findings
            ]
            self.write_json({"rules": checked, "problems": told})
        else:
            for each in findings:
                self.stderr.write(f"{each.code}: “{each.rule}”: {each.sentence}")
        if findings:
            noun = "problem" if len(findings) == 1 else "problems"
            raise refuse(f"{len(findings):,} {noun} in {checked:,} rules.")
        if not json:
            self.write(f"{checked:,} rules, no problem.")


def _followed(rules: list[Rule], now: float) -> Iterator[Finding]:
    """Yield what is wrong with rules that redirect now or later."""
    on = {
        rule.id: rule
        for rule in rules
        if rule.enabled and (rule.schedule.ends is None or rule.schedule.ends > now)
    }
    ruleset = Ruleset(map(record_of, on.values()))
    looping: set[str] = set()
    for rule in on.values():
        if rule.name not in looping and leads_on(ruleset, rule):
            hops = find_loop(ruleset, rule, current_site(), since=now)
            if hops:
                looping |= {hop.rule for hop in hops}
                way = " → ".join(hop.url for hop in hops)
                yield Finding("loop", rule.name, f"{way}.")
        shadow = shadow_of(rule, ruleset, on)
        if shadow is not None:
            text = f"“{shadow.name}” always answers first."
            yield Finding("never_reached", rule.name, text)
        if not leads_on(ruleset, rule) and _is_dead(rule):
            text = f"there is no page at {rule.destination.target.typed}."
            yield Finding("dead_target", rule.name, text)


def _is_dead(rule: Rule) -> bool:
    """Say whether a rule leads to a path of this site that no view answers.

    Files that a web server answers, static and media, are not asked for.
    """
    _, host, path = rule.destination.target.literal
    site = current_site()
    if (host and host not in site.hosts) or site.protects(path):
        return False
    slashed = settings.APPEND_SLASH and not path.endswith("/")
    return not any(map(resolves, [path, f"{path}/"] if slashed else [path]))
