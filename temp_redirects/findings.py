"""Findings: everything that is stored, compiled and judged, as ``nginx -t`` does.

The command line judges at once. Pages show what was found last: judging 100,000 rules
takes many seconds, so a thread does it beside the requests, with pauses, once for each
version of the rules and once an hour (loops form by time alone).
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from time import monotonic, sleep, time

from django.conf import settings
from django.db import connections

from temp_redirects.advice import is_always_protected, resolves
from temp_redirects.core.documents import parse_record, record_of
from temp_redirects.core.loops import find_loop
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused, Said, Sentence
from temp_redirects.core.shadows import shadow_of
from temp_redirects.core.targets import Target
from temp_redirects.databases import is_test
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.imports import leads_on
from temp_redirects.models.versions import RulesetVersion, Version
from temp_redirects.sites import current_site
from temp_redirects.store import alias
from temp_redirects.unknowns import for_nobody

logger = logging.getLogger("temp_redirects")

FEW = 100  # rows that a page judges itself
CHUNK = 100  # rows read at a time
HOUR = 3_600.0  # seconds after which time alone may have changed what is found
TURN = 0.005  # seconds of work between two pauses of the thread
PAUSE = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one rule or maintenance window, by a stable code."""

    code: str
    rule: str
    sentence: Said
    kind: str = "rule"

    def as_json(self) -> dict[str, str]:
        """Return the problem for a script to read."""
        return {
            "code": self.code,
            "kind": self.kind,
            "rule": self.rule,
            "sentence": str(self.sentence),
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found: when, in which version of the rules, in how many rows."""

    findings: tuple[Finding, ...]
    rows: int
    at: float
    version: Version | None = None


def judge(
    rows: Iterable[RedirectRule | MaintenanceWindow],
    now: float,
    rest: Callable[[], None] = lambda: None,
) -> Judged:
    """Return every problem of stored rules and windows at *now*.

    *rest* is called after each, for whoever must not take a processor for long.
    """
    rules: list[Rule] = []
    findings: list[Finding] = []
    number = 0
    for row in rows:
        number += 1
        try:
            rules += _compiled(row)
        except Refused as refused:
            kind = "window" if isinstance(row, MaintenanceWindow) else "rule"
            findings.append(Finding("rejected", row.name, refused.sentence, kind))
        rest()
    findings += dict.fromkeys(_followed(rules, now, rest))  # each problem once
    return Judged(tuple(findings), number, now)


def _compiled(row: RedirectRule | MaintenanceWindow) -> list[Rule]:
    """Return what a row compiles to: a window to a rule for each of its paths."""
    if isinstance(row, RedirectRule):
        return [row.compile()]
    site, window = current_site(), row.compile()
    rules = [parse_record(record, site) for record in window.records()]
    return [replace(rule, enabled=window.enabled) for rule in rules]


def _followed(
    rules: Iterable[Rule], now: float, rest: Callable[[], None]
) -> Iterator[Finding]:
    """Yield what is wrong with rules that redirect now or later.

    The paths of one window have most of their problems in common.
    """
    on = {
        rule.id: rule
        for rule in rules
        if rule.enabled and rule.schedule.occurrence(now) is not None
    }
    ruleset = Ruleset(map(record_of, on.values()))
    leading = {
        rule.id
        for rule in on.values()
        if leads_on(ruleset, [each.target.typed for each in rule.destinations])
    }
    yield from _looping(on, leading, ruleset, now, rest)
    for rule in on.values():
        yield from _shadowed(rule, ruleset, on)
        yield from _powerless(rule)
        if rule.id not in leading:
            yield from _leading_nowhere(rule)
        rest()


def _finding(code: str, rule: Rule, sentence: Said) -> Finding:
    return Finding(code, rule.name, sentence, "window" if rule.is_window else "rule")


def _looping(
    rules: dict[str, Rule],
    leading: set[str],
    ruleset: Ruleset,
    now: float,
    rest: Callable[[], None],
) -> Iterator[Finding]:
    """Yield each loop once, and each way into one; only rules that lead on have one."""
    told: set[str] = set()
    for rule in rules.values():
        if rule.name not in told and rule.id in leading:
            hops = find_loop(ruleset, rule, current_site(), since=now)
            if hops:
                told |= {hop.rule for hop in hops}
                way = " → ".join(hop.url for hop in hops)
                yield _finding("loop", rule, f"{way}.")
        rest()


def _shadowed(
    rule: Rule, ruleset: Ruleset, rules: dict[str, Rule]
) -> Iterator[Finding]:
    shadow = shadow_of(rule, ruleset, rules, current_site())
    if shadow is not None:
        facts = {"rule": shadow.name, "path": rule.source.typed}
        told = Sentence("“{rule}” always answers first.", **facts)
        if rule.is_window:
            told = Sentence("for “{path}” “{rule}” always answers first.", **facts)
        yield _finding("never_reached", rule, told)


def _powerless(rule: Rule) -> Iterator[Finding]:
    """Tell of a rule that can never act; a window says so of its paths when saved."""
    if text := for_nobody(rule):
        yield _finding("for_nobody", rule, text)
    if not rule.is_window and is_always_protected(rule):
        told = Sentence(
            "“{path}” is protected: no rule ever redirects it.", path=rule.source.typed
        )
        yield _finding("protected", rule, told)


def _leading_nowhere(rule: Rule) -> Iterator[Finding]:
    for each in rule.destinations:
        if _is_dead(each.target):
            told = Sentence("there is no page at {target}.", target=each.target.typed)
            yield _finding("dead_target", rule, told)


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


class Watch:
    """What this process found last, and the thread that looks again.

    ``judged`` is None until it was looked for the first time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Know nothing, as when the process started."""
        self.judged: Judged | None = None
        self.thread: threading.Thread | None = None

    def look(self, now: float) -> bool:
        """See to it that ``judged`` is of now; False while a thread is at it."""
        using = alias()
        if is_test(using):  # whose transaction has no version of its own, nor a thread
            self.judged = judge(_rows(using), now)
            return True
        version = RulesetVersion.current(using)
        known = self.judged
        if known and known.version == version and now - known.at < HOUR:
            return True
        if _is_small(using):
            self.judged = replace(judge(_rows(using), now), version=version)
            return True
        self._begin(using, version)
        return False

    def _begin(self, using: str, version: Version | None) -> None:
        with self._lock:
            if self.thread is not None and self.thread.is_alive():
                return
            name = "temp_redirects-findings"
            self.thread = threading.Thread(
                target=self._run, args=[using, version], name=name, daemon=True
            )
            self.thread.start()

    def _run(self, using: str, version: Version | None) -> None:
        try:
            judged = judge(_rows(using), time(), _Turns().rest)
            self.judged = replace(judged, version=version)
        except Exception:  # a page shows what was found before
            logger.exception("The stored rules could not be judged.")
        finally:
            connections.close_all()  # this thread's own


class _Turns:
    """Lets requests have the processor most of the time."""

    def __init__(self) -> None:
        self._since = monotonic()

    def rest(self) -> None:
        """Pause, where there was work for a while."""
        if monotonic() - self._since > TURN:
            sleep(PAUSE)
            self._since = monotonic()


def _is_small(using: str) -> bool:
    pks = RedirectRule.objects.using(using).order_by().values_list("pk")
    return len(pks[: FEW + 1]) <= FEW


def _rows(using: str) -> Iterator[RedirectRule | MaintenanceWindow]:
    """Yield the rows, some at a time: an open cursor would keep SQLite from writing."""
    rules = RedirectRule.objects.using(using).order_by("name_key")
    parts = rules.prefetch_related("destinations", "conditions")
    some = list(parts[:CHUNK])
    while some:
        yield from some
        some = list(parts.filter(name_key__gt=some[-1].name_key)[:CHUNK])
    yield from list(MaintenanceWindow.objects.using(using).order_by("name_key"))


watch = Watch()
