"""Imports: many rules and windows written at once, all of them or none."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import chain
from time import monotonic, time
from typing import Any, TypeAlias
from uuid import UUID

from django.utils import timezone as django_timezone

from temp_redirects.core import documents
from temp_redirects.core.changes import Document, is_publishing
from temp_redirects.core.loops import find_loop
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Sentence
from temp_redirects.models.chunks import Each, chunks
from temp_redirects.models.imports.plans import (
    CHUNK,
    KINDS,
    At,
    Plan,
    RulePlan,
    WindowPlan,
)
from temp_redirects.models.querysets import default_name
from temp_redirects.models.reading import read_records
from temp_redirects.models.recording import Origin, current_origin, recorded
from temp_redirects.models.versions import writing
from temp_redirects.sites import current_site, site_timezone

TOLD = 500  # entries between two words of progress
FOLLOWED = 10.0  # seconds for where all the rules lead, for others wait meanwhile
FEW = 10  # of the created, the updated and the deleted, that are told one by one

Kind: TypeAlias = "type[Plan[Any]]"
Entry = tuple[At, "Mapping[str, Any] | documents.Rejected"]
Progress = Callable[[str, int, int], None]  # the word for the step, done, in all

RULES: Kind = RulePlan
WINDOWS: Kind = WindowPlan


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one entry: where it stands, the place in it, and why."""

    at: At
    place: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Deed:
    """What becomes of one rule or window: “created”, “updated” or “deleted”."""

    word: str
    kind: str
    before: Document | None
    after: Document | None


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do, and the first few of each.

    ``endless`` are those created or updated that are on and have no end.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    endless: int = 0
    problems: list[Problem] = field(default_factory=list)
    first: list[Deed] = field(default_factory=list)

    @property
    def bad(self) -> set[At]:
        """Where the entries stand that have a problem."""
        return {problem.at for problem in self.problems}


class Import:
    """Documents on their way into the database ``using``.

    ``source`` is where the history says that they came from.
    """

    source = "import"

    def __init__(self, using: str, progress: Progress | None = None) -> None:
        self.using = using
        self.site = current_site()
        self.outcome = Outcome()
        self._progress = progress or (lambda *step: None)

    def run(
        self,
        entries: Mapping[Kind, Sequence[Entry]],
        *,
        replaces: bool = False,
        skips_bad: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Write the entries in one transaction; nothing where one has a problem.

        *skips_bad* leaves out what has a problem. *replaces* deletes what the entries
        do not name, of the kinds that there are entries for, be it none; not beside a
        bad one, which may have named any.
        """
        plans = self._without_doubles(list(self._parsed(entries)))
        # Only who writes keeps others from writing.
        with (
            recorded(self.source),
            nullcontext() if dry_run else writing(self.using),
        ):
            self._match(plans)
            gone = {kind: self._others(kind, plans) for kind in entries if replaces}
            self._refuse_taken_names(plans, gone)
            plans = self._without_loops(self._permitted(plans), gone)
            if self.outcome.problems:
                gone = {}
            if not self.outcome.problems or skips_bad:
                changed = self._counted(plans, gone)
                if not dry_run:
                    self._delete(gone)
                    self._write(changed)
        return self.outcome

    def judge(self, entries: Mapping[Kind, Sequence[Entry]]) -> list[Problem]:
        """Return what is wrong with entries by themselves; reads no rules."""
        for _ in self._parsed(entries):
            pass
        return self.outcome.problems

    def _refuse(self, at: At, place: str, template: str, /, **facts: Any) -> None:
        self.outcome.problems.append(Problem(at, place, Sentence(template, **facts)))

    # What the entries say by themselves.

    def _parsed(self, entries: Mapping[Kind, Sequence[Entry]]) -> Iterator[Plan[Any]]:
        timezone = site_timezone()
        of_kinds = [(kind, *each) for kind, some in entries.items() for each in some]
        for kind, at, document in self._told("read", of_kinds):
            try:
                if isinstance(document, documents.Rejected):
                    raise document
                yield kind.read(at, document, self.site, timezone)
            except documents.Rejected as rejected:
                self.outcome.problems += [
                    Problem(at, place, why) for place, why in rejected.problems
                ]

    def _without_doubles(self, plans: list[Plan[Any]]) -> list[Plan[Any]]:
        """Return the plans, each name and each id only once."""
        kept, names, ids = [], dict[str, At](), dict[str, At]()
        for plan in plans:
            name, own = plan.key, plan.compiled.id
            if name in names:
                text = "“{name}” is the name of {first} too; case is ignored."
                facts = {"name": plan.compiled.name, "first": names[name]}
                self._refuse(plan.at, "name", text, **facts)
            elif own and own in ids:
                text = "“{id}” is the id of {first} too."
                self._refuse(plan.at, "id", text, id=own, first=ids[own])
            else:
                names[name] = ids[own] = plan.at
                kept.append(plan)
        return kept

    # What is stored.

    def _rows(self, kind: Kind) -> Any:
        return kind.model.objects.using(self.using).order_by()

    def _match(self, plans: list[Plan[Any]]) -> None:
        """Find the stored row of each plan: by name, else by id."""
        for kind in KINDS:
            self._match_kind(kind, _of(kind, plans))

    def _match_kind(self, kind: Kind, plans: list[Plan[Any]]) -> None:
        named = self._found(kind, "name_key", [plan.key for plan in plans])
        taken = {row.pk for row in named.values()}
        new = [plan for plan in plans if plan.key not in named and plan.compiled.id]
        others = self._found(kind, "pk", [UUID(plan.compiled.id) for plan in new])
        for plan in plans:
            row = named.get(plan.key)
            if row is None and plan.compiled.id:
                row = others.get(UUID(plan.compiled.id))
                if row is not None and row.pk in taken:
                    text = "“{id}” is the id of “{name}”, which is here too."
                    facts = {"id": plan.compiled.id, "name": row.name}
                    self._refuse(plan.at, "id", text, **facts)
                    row = None
            plan.settle(row)

    def _found(self, kind: Kind, column: str, values: list[Any]) -> dict[Any, Any]:
        rows = self._rows(kind).prefetch_related(*kind.parts)
        return {
            getattr(row, column): row
            for some in chunks(values, CHUNK)
            for row in rows.filter(**{f"{column}__in": some})
        }

    def _others(self, kind: Kind, plans: list[Plan[Any]]) -> set[UUID]:
        kept = {plan.row.pk for plan in _of(kind, plans) if plan.row}
        return {*self._rows(kind).values_list("pk", flat=True)} - kept

    def _refuse_taken_names(
        self, plans: list[Plan[Any]], gone: Mapping[Kind, Collection[UUID]]
    ) -> None:
        """Refuse names that the other kind has and keeps: they share the names."""
        for kind, other in (KINDS, KINDS[::-1]):
            named = {plan.key: plan for plan in _of(kind, plans)}
            freed = {plan.row.pk for plan in _of(other, plans) if plan.row}
            freed |= {*gone.get(other, ())}
            for key, row in self._found(other, "name_key", list(named)).items():
                if row.pk not in freed:
                    self._refuse(named[key].at, "name", kind.taken)

    def _without_loops(
        self, plans: list[Plan[Any]], gone: Mapping[Kind, Collection[UUID]]
    ) -> list[Plan[Any]]:
        """Return the plans but those that send visitors round and round.

        Every rule is asked in memory, together with all that are stored.
        """
        bad = self.outcome.bad
        plans = [plan for plan in plans if plan.at not in bad]
        changed = {plan.compiled.id for plan in plans}
        changed |= {str(pk) for pk in chain.from_iterable(gone.values())}
        _, records, windows, _ = read_records(self.using)
        records = [record for record in records if record[0] not in changed]
        windows = [window for window in windows if window.id not in changed]
        records += [
            documents.record_of(plan.compiled, plan.document)
            for plan in _of(RULES, plans)
            if plan.compiled.enabled
        ]
        windows += [plan.compiled for plan in _of(WINDOWS, plans)]
        ruleset = Ruleset(records, windows)
        now = django_timezone.now().timestamp()
        self._follow_until = monotonic() + FOLLOWED
        return [
            plan
            for plan in self._told("follow", plans)
            if not any(
                self._is_loop(plan, rule, ruleset, now)
                for rule in plan.followed(self.site)
            )
        ]

    def _is_loop(
        self, plan: Plan[Any], rule: Rule, ruleset: Ruleset, now: float
    ) -> bool:
        if not leads_on(ruleset, rule):
            return False
        if monotonic() > self._follow_until:
            text = (
                "It takes too long to see where all of these lead. Import fewer rules "
                "at a time of those that lead to each other."
            )
            self._refuse(plan.at, plan.target, text)
            return True
        hops = find_loop(ruleset, rule, self.site, since=now)
        if hops:
            way = " → ".join(
                f"{hop.url} ({hop.rule})" if hop.rule else hop.url for hop in hops
            )
            text = "Visitors would go round and round: {way}."
            self._refuse(plan.at, plan.target, text, way=way)
        return bool(hops)

    def _permitted(self, plans: list[Plan[Any]]) -> list[Plan[Any]]:
        """Return the plans but those that the one who writes may not publish."""
        origin = current_origin() or Origin()
        for plan in () if origin.may_publish else plans:
            if plan.at not in self.outcome.bad and is_publishing(
                plan.stored(), plan.document, time()
            ):
                text = "You may not switch on, nor change what is switched on."
                self._refuse(plan.at, "enabled", text)
        bad = self.outcome.bad
        return [plan for plan in plans if plan.at not in bad]

    # What is written.

    def _counted(
        self, plans: list[Plan[Any]], gone: Mapping[Kind, Collection[UUID]]
    ) -> list[Plan[Any]]:
        """Return the plans that change something, and count what becomes of all."""
        changed = [plan for plan in plans if not (plan.row and plan.changes_nothing())]
        new = [plan for plan in changed if plan.row is None]
        known = [plan for plan in changed if plan.row is not None]
        self.outcome.created = len(new)
        self.outcome.updated = len(known)
        self.outcome.unchanged = len(plans) - len(changed)
        self.outcome.deleted = sum(map(len, gone.values()))
        self.outcome.endless = sum(
            plan.compiled.enabled and plan.compiled.schedule.ends is None
            for plan in changed
        )
        self.outcome.first = [
            Deed(word, plan.model.kind, plan.stored(), plan.document)
            for word, some in (("created", new), ("updated", known))
            for plan in some[:FEW]
        ]
        for kind, pks in gone.items():
            first = kind.model.documents(self.using, sorted(pks)[:FEW])
            self.outcome.first += [
                Deed("deleted", kind.model.kind, document, None)
                for document in first.values()
            ]
        return changed

    def _write(self, plans: list[Plan[Any]]) -> None:
        for some in chunks(list(self._told("write", plans)), CHUNK):
            for kind in KINDS:
                kind.write(_of(kind, some), self.using)

    def _delete(self, gone: Mapping[Kind, Collection[UUID]]) -> None:
        for kind, pks in gone.items():
            for some in chunks(sorted(pks), CHUNK):
                self._rows(kind).filter(pk__in=some).delete()

    def _told(self, step: str, items: Sequence[Each]) -> Iterator[Each]:
        """Yield the items, and tell how far they are."""
        for at, item in enumerate(items):
            if at % TOLD == 0:
                self._progress(step, at, len(items))
            yield item


def _of(kind: Kind, plans: Sequence[Plan[Any]]) -> list[Plan[Any]]:
    return [plan for plan in plans if isinstance(plan, kind)]


def leads_on(ruleset: Ruleset, rule: Rule) -> bool:
    """Say whether another redirect may follow this rule's; False is certain."""
    targets = [each.target for each in rule.destinations]
    return any(
        not each.is_fixed or ruleset.index.candidates(each.literal[2] or "/")
        for each in targets
    )


def named(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document with a name, made of its path and target where it has none."""
    if "name" in document:
        return document
    targets = [each.get("target", "") for each in document["destinations"]]
    return {**document, "name": default_name(document.get("path", ""), *targets)}
