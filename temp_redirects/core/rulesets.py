"""Ruleset: all rules of one version, and what it decides for a visit."""

from collections.abc import Callable, Container, Iterable, Iterator
from itertools import chain, filterfalse, islice
from typing import Any, NamedTuple

from temp_redirects.core import records
from temp_redirects.core.assignments import Assignment
from temp_redirects.core.attempts import Attempt, Step, Trace, Won, try_rule
from temp_redirects.core.conditions import KINDS, Condition
from temp_redirects.core.examinations import Examination, compile_record
from temp_redirects.core.goals import DAY, Goal, Goals
from temp_redirects.core.index import EVERYTHING, Candidates, Index, Overlay
from temp_redirects.core.orders import Precedence, turn
from temp_redirects.core.patterns import Exact
from temp_redirects.core.pins import Pin, Pins, key_of
from temp_redirects.core.records import Record
from temp_redirects.core.rules import NOTHING, NotFor, NotProtected, Rule
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.sites import Site
from temp_redirects.core.switches import CODE as KILL_SWITCH
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow

__all__ = ["Attempt", "Decision", "Ruleset", "Step", "Trace"]


class Decision(NamedTuple):
    """What becomes of a visit; without a ``location`` it passes to the page.

    ``reason`` is a stable code: ``match`` redirects; ``no_rule`` (none covers the
    path), ``none_holds``, ``kill_switch`` (one keeps rules of this path from being
    tried), ``preflight`` and ``original`` (the visitor's arm is the original page)
    pass, and so does ``loop``, a door's word for a redirect that came back.
    ``assignment`` says which arm a visitor got where a rule has several,
    redirected or not. ``vary`` names the request headers
    that the answer on this path depends on now, redirected or not, and ``is_personal``
    says that it also depends on who asks, so that no shared cache may keep it.
    ``max_age`` is how many seconds a cache may keep the redirect; 0 is not at all.
    ``refusals`` are rules that held but whose Location would not have been safe, by
    name, with the reason. ``in_place`` asks for the notice's answer instead of the way
    to it. ``passed`` names a maintenance window that is on here, but not for this
    visitor, and ``passed_by`` the kind of condition that lets the visitor past.
    ``is_settled`` promises the same redirect to whoever asks for this path of this
    site without a query, preflights aside, while the rule's window is open.
    """

    reason: str
    rule: Rule | None = None
    location: str = ""
    assignment: Assignment | None = None
    vary: tuple[str, ...] = ()
    is_personal: bool = False
    max_age: int = 0
    refusals: tuple[tuple[str, Sentence], ...] = ()
    in_place: bool = False
    passed: str = ""
    passed_by: str = ""
    is_settled: bool = False


NO_RULE = Decision("no_rule")
PREFLIGHT = Decision("preflight")


class Ruleset:
    """The rules of one version; immutable, so that it is swapped by one assignment.

    Records are compiled when a visit first reaches them, and one that cannot be
    compiled switches only itself off. A door has to look at a request where ``covers``
    says so, given the path as the request shows it; it passes all others by, most of
    them because their `beginning` is not in ``beginnings``. ``ready`` is for doors:
    what they have made of settled decisions, by path, goes when the ruleset goes.
    """

    __slots__ = (
        "_compiled",
        "_examination",
        "_size",
        "beginnings",
        "counts_requests",
        "covers",
        "goals",
        "has_goals",
        "index",
        "may_need",
        "notes_pages",
        "ready",
        "switches",
        "windows",
    )

    def __init__(
        self,
        rules: Iterable[Record] = (),
        windows: Iterable[MaintenanceWindow] = (),
        switches: Iterable[KillSwitch] = (),
    ) -> None:
        kept = {window.key: window for window in windows}
        self._settle(Index(chain(rules, _closing(kept.values()))), kept, switches)

    @classmethod
    def over(
        cls,
        index: Candidates,
        windows: Iterable[MaintenanceWindow] = (),
        switches: Iterable[KillSwitch] = (),
    ) -> "Ruleset":
        """Return a ruleset that finds its rules in another kind of index."""
        ruleset = cls.__new__(cls)
        ruleset._settle(index, {window.key: window for window in windows}, switches)
        return ruleset

    def recompiled(self) -> "Ruleset":
        """Return the same rules, to be compiled anew, by other settings."""
        return self.over(self.index, self.windows.values(), self.switches)

    def _settle(
        self,
        index: Candidates,
        windows: dict[str, MaintenanceWindow],
        switches: Iterable[KillSwitch],
    ) -> None:
        """Take what is decided by, and settle which requests a door has to look at."""
        self.index = index
        self.windows = windows
        self.switches = tuple(switches)
        self._compiled: dict[tuple[str, str], Rule | Refused] = {}
        self.ready: dict[str, Any] = {}
        self._examination = Examination(index)
        self._size: int | None = None
        kinds = index.kinds or NOTHING
        # Whether a door has to count every request, for a rule that asks how many.
        self.counts_requests = bool(kinds & _kinds_that_count())
        # Whether anything may have to be fetched, for whatever path.
        self.may_need = index.kinds is None or bool(
            kinds & _kinds_that_need() or index.remembering
        )
        self.goals = Goals(index.remembering)
        # Whether a project's code may say anywhere that a goal is reached.
        self.has_goals = bool(self.goals)
        # Whether a page that no rule is for may say that, or tell of maintenance.
        self.notes_pages = self.has_goals or bool(windows)
        self.beginnings: Container[str] = index.beginnings
        self.covers: Callable[[str], bool] = index.covers
        # While a kill switch is on, every page of the admin tells it.
        if self.counts_requests or self.switches:
            self.beginnings, self.covers = EVERYTHING, EVERYTHING.__contains__

    def with_switches(self, switches: Iterable[KillSwitch]) -> "Ruleset":
        """Return the same rules, what is compiled of them too, with other switches."""
        ruleset = self.over(self.index, self.windows.values(), switches)
        ruleset._compiled = self._compiled
        ruleset._examination = self._examination
        return ruleset

    def with_record(self, record: Record) -> "Ruleset":
        """Return the ruleset as it would be with this record, new or changed."""
        index = Overlay(self.index, [record[0]], [record])
        return self.over(index, self.windows.values(), self.switches)

    def changed(
        self,
        ids: Iterable[str],
        rules: Iterable[Record],
        windows: Iterable[MaintenanceWindow],
        switches: Iterable[KillSwitch],
    ) -> "Ruleset":
        """Return the ruleset of a later version, in which only those ids differ.

        *rules* are those of them that are on now; windows and switches are all anew.
        What is compiled of the others stays, and what was found wrong with them.
        """
        kept = {window.key: window for window in windows}
        closed = [*_closing(self.windows.values())]
        closing = [*_closing(kept.values())]
        gone = {*ids, *(record[0] for record in closed)}
        index = Overlay(self.index, gone, [*rules, *closing])
        ruleset = self.over(index, kept.values(), switches)
        ruleset._examination = self._examination.laid_over(index.added, index.removed)
        ruleset._compiled = {
            key: compiled
            for key, compiled in list(self._compiled.items())  # others compile
            if key[0] not in gone
        }
        return ruleset

    @property
    def edits(self) -> int:
        """How many rules came one by one, laid over those that were read together."""
        return self.index.edits if isinstance(self.index, Overlay) else 0

    @property
    def size(self) -> int:
        """How many rules there are, those of maintenance windows aside."""
        if self._size is None:
            self._size = sum(1 for _ in self.records())
        return self._size

    def records(self) -> Iterator[Record]:
        """Yield every rule, those that maintenance windows are compiled to aside."""
        return filterfalse(records.is_of_window, self.index)

    def examine(self, site: Site) -> Iterator[None]:
        """Look for what is off by an error among the rules, one a step.

        Whoever stops goes on another time, also with a later version of them. Nobody
        else may look meanwhile.
        """
        return self._examination.steps(site)

    @property
    def examined(self) -> int:
        """How many of the rules `examine` has looked at: `size` when it is done."""
        done = self._examination
        return self.size if done.is_over else min(done.seen, self.size)

    @property
    def rejected(self) -> dict[str, Sentence]:
        """Why records are off by an error, by id: what visits or `examine` reached."""
        compiled = list(self._compiled.items())  # others compile meanwhile
        visited = {
            key: it.sentence for (key, _), it in compiled if isinstance(it, Refused)
        }
        return {**self._examination.refused, **visited}

    @property
    def more_rejected(self) -> int:
        """How many more `examine` has found than it keeps."""
        return self._examination.more

    def switched_off(self, visit: Visit, now: float) -> list[KillSwitch]:
        """Return the kill switches that are pulled for the visit's host at *now*."""
        if not self.switches:  # as nearly always, and on the way of each redirect
            return []
        return [
            each for each in self.switches if each.active(now) and each.is_for(visit)
        ]

    def decide(self, visit: Visit, now: float, trace: Trace | None = None) -> Decision:
        """Return what becomes of a visit at *now*, seconds since the epoch.

        A *trace* is filled with every rule that covers the path, in the order tried,
        the ones after the deciding one included.
        """
        candidates = self.index.candidates(visit.path)
        if visit.is_preflight:
            return self._passed_on(candidates, visit, trace)
        found = iter(candidates)
        tried: list[Rule] = []
        won: Won | None = None
        refusals: list[tuple[str, Sentence]] = []
        switches = self.switched_off(visit, now)
        for rule, attempt in self._rules(found, visit, trace):
            tried.append(rule)
            stop = _stop(switches, rule)
            way = try_rule(rule, visit, now, attempt, [] if won else refusals, stop)
            if way and won is None:
                won = way
                if trace is None:
                    break
        if not tried:
            return NO_RULE
        # Of the rules behind the deciding one, only what caches need is compiled.
        behind = self._rules(filter(records.depends, found), visit)
        vary, is_personal = _on_what(
            [*tried, *(rule for rule, _ in behind)], visit, now
        )
        passing = [rule for rule in tried if not _stop(switches, rule)]
        passed, passed_by = _passed(passing, won, visit, now)
        decision = Decision(
            "none_holds" if len(tried) == len(passing) else KILL_SWITCH,
            vary=vary,
            is_personal=is_personal,
            refusals=tuple(refusals),
            passed=passed,
            passed_by=passed_by,
        )
        if won is None:
            return decision
        is_alone = len(candidates) == 1 and not self.switches
        return _decided(decision, won, visit, now, is_alone=is_alone)

    def _passed_on(
        self, candidates: list[Record], visit: Visit, trace: Trace | None
    ) -> Decision:
        """Return what becomes of a preflight, for which no rule is tried."""
        rules = self._rules(candidates, visit, trace)
        # One is enough, but a trace lists all.
        found = [*islice(rules, 1 if trace is None else None)]
        return PREFLIGHT if found else NO_RULE

    def needs(self, visit: Visit, now: float) -> frozenset[str]:
        """Return what has to be fetched before `decide` can know the visit.

        The union over the rules on this path that are live now: “user”, “groups”,
        “permissions”. Mostly nothing.
        """
        needed = NOTHING
        if not self.may_need:
            return needed
        switches = self.switched_off(visit, now)
        asking = filter(records.depends, self.index.candidates(visit.path))
        for rule, _ in self._rules(asking, visit):
            if rule.needed and not _stop(switches, rule):
                needed |= rule.needs(visit, now)
        return needed

    def reached(self, visit: Visit, now: float) -> list[Goal]:
        """Return the experiments whose goal a visit is, where its visitor counts.

        The visitor has an arm in each, for ``goal_days`` at most, and not converted.
        """
        return self._at_goal(visit, now) if visit.is_measured else []

    def awaits(self, visit: Visit, now: float) -> bool:
        """Say whether a browser asks for a goal before its visitor does, who may count.

        A page that is then shown without another request counts for nobody.
        """
        return bool(self._at_goal(visit, now)) and visit.is_speculative

    def _at_goal(self, visit: Visit, now: float) -> list[Goal]:
        records = self.goals.at(visit.path)
        if not records or visit.method != "GET":
            return []
        return self._yet_to_reach(self._rules(records, visit), visit, now)

    def converted(self, name: str, visit: Visit, now: float) -> list[Goal]:
        """Return the experiment of that name likewise, whatever the visit asks for."""
        if not visit.is_deliberate:
            return []
        records = self.goals.named(name)
        return self._yet_to_reach(self._rules(records, visit), visit, now)

    @staticmethod
    def _yet_to_reach(
        rules: Iterator[tuple[Rule, Attempt | None]], visit: Visit, now: float
    ) -> list[Goal]:
        found = []
        for rule, _ in rules:
            pin = visit.pins.get(key_of(rule.id)) if visit.may_remember else None
            if (
                pin
                and not pin.has_converted
                and pin.at <= now <= pin.at + rule.goal_days * DAY
            ):
                found.append(Goal(rule, pin))
        return found

    def kept(self, pins: Pins, visit: Visit, now: float) -> Pins:
        """Return the pins without those of rules that are gone, or over for good."""
        found: dict[str, Pin] = {}
        for key, pin in pins.items():
            for rule, _ in self._rules(self.goals.pinned(key), visit):
                over = rule.schedule.last_end
                lasts = rule.goal_days * DAY if rule.goal else 0
                if over is None or now <= over + lasts:
                    found[key] = pin
        return found

    def _rules(
        self, found: Iterable[Record], visit: Visit, trace: Trace | None = None
    ) -> Iterator[tuple[Rule, Attempt | None]]:
        before: tuple[str, Precedence] | None = None
        for record in found:
            # Of what a site is, only where its notices are differs by URLconf.
            key = record[0], visit.site.notices
            compiled = self._compiled.get(key)
            if compiled is None:
                compiled = self._compiled[key] = compile_record(record, visit.site)
            attempt = None
            if trace is not None:
                place = records.precedence(record)
                attempt = Attempt(record[1], turn(len(trace) + 1, place, before))
                trace.append(attempt)
                before = record[1], place
            if isinstance(compiled, Refused):
                if attempt:
                    attempt.rejected = compiled.sentence
                continue
            if attempt:
                attempt.rule = compiled
            yield compiled, attempt


def _decided(
    decision: Decision, won: Won, visit: Visit, now: float, *, is_alone: bool
) -> Decision:
    if not won.location:
        return decision._replace(reason="original", assignment=won.assignment)
    return decision._replace(
        reason="match",
        rule=won.rule,
        location=won.location,
        assignment=won.assignment,
        max_age=_max_age(won.rule, visit, now),
        in_place=_is_in_place(won.rule, visit),
        is_settled=is_alone and not visit.query and _is_same_for_all(won.rule),
    )


def _is_same_for_all(rule: Rule) -> bool:
    """Say whether a rule leads whoever it holds for to one address, at any moment.

    An exact source has few paths, so that what doors keep of them is bounded.
    """
    target = rule.destinations[0].target
    return (
        isinstance(rule.source, Exact)
        and target.is_fixed
        and target.is_relative
        and not (rule.depends or rule.is_window or rule.cache_seconds)
        and all(isinstance(check, Schedule | NotProtected) for check in rule.checks)
    )


def _is_in_place(rule: Rule, visit: Visit) -> bool:
    if not (rule.is_window or rule.api == "503") or visit.site.notices == "":
        return False
    is_for_program = rule.api == "503" and not visit.is_navigation
    return is_for_program or (rule.is_window and visit.is_websocket)


def _closing(windows: Iterable[MaintenanceWindow]) -> Iterator[Record]:
    """Yield the rules that windows are compiled to, where they are switched on."""
    for window in windows:
        if window.enabled:
            yield from window.records()


def _kinds_that_count() -> frozenset[str]:
    return frozenset(kind for kind, each in KINDS.items() if each.counts_requests)


def _kinds_that_need() -> frozenset[str]:
    return frozenset(
        kind for kind, each in KINDS.items() if each.needs is not Condition.needs
    )


def _passed(
    tried: list[Rule], won: Won | None, visit: Visit, now: float
) -> tuple[str, str]:
    """Return a window that is on and that only exceptions let past, and the first."""
    for rule in tried:
        if won and rule is won.rule:
            break
        if rule.is_window:
            failed = [check for check in rule.checks if not check.holds(visit, now)]
            excepted = [each for each in failed if isinstance(each, NotFor)]
            if excepted and excepted == failed:
                return rule.name, excepted[0].condition.kind
    return "", ""


def _stop(switches: list[KillSwitch], rule: Rule) -> KillSwitch | None:
    for switch in switches:
        if switch.stops(rule):
            return switch
    return None


def _on_what(
    rules: Iterable[Rule], visit: Visit, now: float
) -> tuple[tuple[str, ...], bool]:
    """Return the headers that the answer depends on, and whether it is personal.

    The host is in each cache's key, but not the header that a proxy tells it in.
    """
    headers = dict.fromkeys([visit.host_header] if visit.host_header else [])
    is_personal = False
    for rule in rules:
        if rule.depends and rule.schedule.active(now):
            consulted, is_about_one = rule.consulted(visit)
            headers |= dict.fromkeys(consulted)
            is_personal |= is_about_one
    return tuple(headers), is_personal


def _max_age(rule: Rule, visit: Visit, now: float) -> int:
    if not rule.cache_seconds or _repeats_port(rule, visit):
        return 0
    found = rule.schedule.current(now)
    if found is None or found.ends is None:
        return rule.cache_seconds
    return min(rule.cache_seconds, int(found.ends - now))


def _repeats_port(rule: Rule, visit: Visit) -> bool:
    """Say whether the Location has the visit's own port, which anybody may make up.

    Django validates the name of a host alone, and a cache may forget the port.
    """
    asks_host = any(each.target.asks_host for each in rule.destinations)
    return asks_host and visit.hostname != visit.host
