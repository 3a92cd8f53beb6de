"""Imports: many rules and windows written at once, all of them or none."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import chain, islice
from time import monotonic, time
from typing import Any, TypeAlias
from uuid import UUID

from django.utils import timezone as django_timezone

from temp_redirects.core import documents
from temp_redirects.core.changes import Document, is_publishing
from temp_redirects.core.loops import find_loop
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Sentence
from temp_redirects.core.targets import taken_apart
from temp_redirects.models.chunks import Each, chunks
from temp_redirects.models.imports.plans import (
    CREATED,
    KINDS,
    UNCHANGED,
    UPDATED,
    At,
    Plan,
    RulePlan,
    WindowPlan,
)
from temp_redirects.models.querysets import default_name
from temp_redirects.models.reading import read_records
from temp_redirects.models.recording import Origin, current_origin, recorded
from temp_redirects.models.versions import writing
from temp_redirects.sites import current_site

CHUNK = 1_000  # rows at a time
TOLD = 500  # entries between two words of progress
FOLLOWED = 10.0  # seconds for where all the rules lead, for others wait meanwhile
FEW = 10  # of the created, the updated and the deleted, that are told one by one

Kind: TypeAlias = type[Plan]
Gone: TypeAlias = dict[Kind, set[UUID]]  # what is deleted
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

    ``endless`` are those created or updated that are on and have no end, ``over``
    those whose end is past.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    endless: int = 0
    over: int = 0
    problems: list[Problem] = field(default_factory=list)
    first: list[Deed] = field(default_factory=list)

    @property
    def bad(self) -> set[At]:
        """Where the entries stand that have a problem."""
        return {problem.at for problem in self.problems}


class Import:
    """Documents on their way into the database ``using``.

    They are read, compared with what is stored and with each other, followed to where
    they lead, and written. `run` does it all; whoever cannot wait that long takes the
    steps one by one, and need not follow again what was followed in the same version
    of the rules. ``source`` is where the history says that they came from.
    """

    source = "import"

    def __init__(self, using: str, progress: Progress | None = None) -> None:
        self.using = using
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
        of_kinds = [(kind, *each) for kind, some in entries.items() for each in some]
        plans = list(self.read(self._told("read", of_kinds)))
        # Only who writes keeps others from writing.
        with (
            recorded(self.source),
            nullcontext() if dry_run else writing(self.using),
        ):
            until = monotonic() + FOLLOWED
            plans, gone = self.compare(plans, entries if replaces else ())
            self.follow(plans, gone, until=until)
            if gone and self.outcome.problems:  # what stays may be in the way
                plans, gone = self.compare(self._without_bad(plans))
                self.follow(plans, gone, until=until)
            if not self.outcome.problems or skips_bad:
                plans = self._without_bad(plans)
                self.count(plans, gone)
                if not dry_run:
                    self.write(plans)
                    self.delete(gone)
        return self.outcome

    def _refuse(self, at: At, place: str, reason: Sentence) -> None:
        self.outcome.problems.append(Problem(at, place, reason))

    def _without_bad(self, plans: Iterable[Plan]) -> list[Plan]:
        bad = self.outcome.bad
        return [plan for plan in plans if plan.at not in bad]

    # What the entries say by themselves.

    def read(self, entries: Iterable[tuple[Kind, At, Any]]) -> Iterator[Plan]:
        """Yield the plans of entries, and note what is wrong with the others.

        No stored rule is looked at.
        """
        for kind, at, document in entries:
            try:
                if isinstance(document, documents.Rejected):
                    raise document
                yield kind.read(at, document)
            except documents.Rejected as rejected:
                self.outcome.problems += [
                    Problem(at, place, why) for place, why in rejected.problems
                ]

    def _without_doubles(self, plans: Iterable[Plan]) -> list[Plan]:
        """Return the plans, each name and each id only once."""
        kept, names, ids = [], dict[str, At](), dict[str, At]()
        for plan in plans:
            name, own = plan.key, plan.own
            if name in names:
                why = Sentence(
                    "“{name}” is the name of {first} too; case is ignored.",
                    name=plan.name,
                    first=names[name],
                )
                self._refuse(plan.at, "name", why)
            elif own and own in ids:
                why = Sentence(
                    "“{id}” is the id of {first} too.", id=own, first=ids[own]
                )
                self._refuse(plan.at, "id", why)
            else:
                names[name] = ids[own] = plan.at
                kept.append(plan)
        return kept

    # What is stored.

    def compare(
        self, plans: Iterable[Plan], replaced: Iterable[Kind] = ()
    ) -> tuple[list[Plan], Gone]:
        """Return the plans that go with what is stored, settled, and what is deleted.

        That is, of the kinds that are *replaced*, what no plan is for; nothing beside
        a bad entry.
        """
        plans = self._without_doubles(plans)
        self.match(plans)
        kinds = () if self.outcome.problems else replaced
        gone = {kind: self.others(kind, _ids(kind, plans)) for kind in kinds}
        self._refuse_taken_names(plans, gone)
        return self._without_bad(plans), gone

    def match(self, plans: Sequence[Plan]) -> None:
        """Find what is stored for each plan, by name, else by id, and settle it."""
        for kind in KINDS:
            self._match_kind(kind, _of(kind, plans))

    def _match_kind(self, kind: Kind, plans: list[Plan]) -> None:
        taken: set[UUID] = set()
        new: list[Plan] = []
        for some in chunks(plans, CHUNK):
            named = kind.stored(self.using, "name_key", [plan.key for plan in some])
            taken.update(kind.key_of(each)[0] for each in named.values())
            for plan in some:
                if plan.key in named:
                    self._settle(plan, named[plan.key])
                else:
                    new.append(plan)
        for some in chunks(new, CHUNK):
            owns = [UUID(plan.own) for plan in some if plan.own]
            others = kind.stored(self.using, "pk", owns) if owns else {}
            for plan in some:
                stored = others.get(UUID(plan.own)) if plan.own else None
                if stored and kind.key_of(stored)[0] in taken:
                    why = Sentence(
                        "“{id}” is the id of “{name}”, which is here too.",
                        id=plan.own,
                        name=kind.key_of(stored)[1],
                    )
                    self._refuse(plan.at, "id", why)
                else:
                    self._settle(plan, stored)

    def _settle(self, plan: Plan, stored: Any) -> None:
        """Settle a plan, unless the one who writes may not publish it."""
        plan.settle(stored)
        origin = current_origin() or Origin()
        if not origin.may_publish and plan.deed != UNCHANGED:
            before = plan.document_of(stored) if stored else None
            if is_publishing(before, plan.document, time()):
                why = Sentence("You may not switch on, nor change what is switched on.")
                self._refuse(plan.at, "enabled", why)

    def others(self, kind: Kind, kept: set[UUID]) -> set[UUID]:
        """Return the ids of what is stored and not *kept*."""
        rows = kind.model.objects.using(self.using).order_by()
        return {*rows.values_list("pk", flat=True)} - kept

    def _refuse_taken_names(self, plans: Sequence[Plan], gone: Gone) -> None:
        """Refuse names that the other kind has and keeps: they share the names."""
        for kind, other in (KINDS, KINDS[::-1]):
            named = {plan.key: plan for plan in _of(kind, plans)}
            freed = _ids(other, plans) | gone.get(other, set())
            rows = other.model.objects.using(self.using).order_by()
            for some in chunks(list(named), CHUNK):
                taken = rows.filter(name_key__in=some)
                for pk, key in taken.values_list("pk", "name_key"):
                    if pk not in freed:
                        self._refuse(named[key].at, "name", kind.taken)

    def follow(
        self,
        plans: Sequence[Plan],
        gone: Gone,
        *,
        since: int = 0,
        until: float,
        waits: bool = False,
    ) -> int:
        """Refuse the plans that send visitors round and round; how many are followed.

        Every rule is asked in memory, together with all that are stored. It goes on
        with the plan number *since*, and ends at *until*, by the monotonic clock: what
        is left is refused, unless somebody *waits*, for whom one at least is followed.
        """
        ruleset = self._ruleset(plans, gone)
        site, now = current_site(), django_timezone.now().timestamp()
        is_first = waits
        rest = self._told("follow", plans[since:])
        for number, plan in enumerate(rest, since):
            if not leads_on(ruleset, plan.targets):
                continue
            if monotonic() > until and not is_first:
                if waits:
                    return number
                why = Sentence(
                    "It takes too long to see where all of these lead. Import fewer "
                    "rules at a time of those that lead to each other."
                )
                self._refuse(plan.at, plan.target, why)
                continue
            is_first = False
            for rule in plan.rules(site):
                hops = find_loop(ruleset, rule, site, since=now)
                if hops:
                    way = " → ".join(
                        f"{hop.url} ({hop.rule})" if hop.rule else hop.url
                        for hop in hops
                    )
                    why = Sentence("Visitors would go round and round: {way}.", way=way)
                    self._refuse(plan.at, plan.target, why)
                    break
        return len(plans)

    def _ruleset(self, plans: Sequence[Plan], gone: Gone) -> Ruleset:
        """Return all the rules as they would be."""
        changed = {plan.own for plan in plans}
        changed |= {str(pk) for pk in chain.from_iterable(gone.values())}
        _, records, windows, _ = read_records(self.using)
        records = [record for record in records if record[0] not in changed]
        windows = [window for window in windows if window.id not in changed]
        for plan in plans:
            if isinstance(plan, WindowPlan):
                windows.append(plan.window)
            elif isinstance(plan, RulePlan) and plan.is_on:
                records.append(plan.record)
        return Ruleset(records, windows)

    # What is written.

    def count(self, plans: Sequence[Plan], gone: Gone) -> None:
        """Count what becomes of these, and tell the first of them."""
        deeds = Counter(plan.deed for plan in plans)
        self.outcome.created = deeds[CREATED]
        self.outcome.updated = deeds[UPDATED]
        self.outcome.unchanged = deeds[UNCHANGED]
        self.outcome.deleted = sum(map(len, gone.values()))
        changed = [plan for plan in plans if plan.deed != UNCHANGED]
        self.outcome.endless = sum(plan.is_endless for plan in changed)
        now = django_timezone.now().timestamp()
        self.outcome.over = sum(plan.is_over(now) for plan in changed)
        for deed in (CREATED, UPDATED):
            some = list(islice((plan for plan in changed if plan.deed == deed), FEW))
            for kind in KINDS:
                those = _of(kind, some)
                before = self._first(kind, [UUID(plan.own) for plan in those])
                self.outcome.first += [
                    Deed(deed, kind.model.kind, before.get(plan.own), plan.document)
                    for plan in those
                ]
        for kind, pks in gone.items():
            self.outcome.first += [
                Deed("deleted", kind.model.kind, document, None)
                for document in self._first(kind, sorted(pks)[:FEW]).values()
            ]

    def _first(self, kind: Kind, pks: list[UUID]) -> dict[str, Document]:
        found = kind.model.documents(self.using, pks)
        return {str(pk): document for pk, document in found.items()}

    def write(self, plans: Sequence[Plan]) -> None:
        """Write settled plans, some at a time, each with its history."""
        with writing(self.using) as recorder:
            changed = [plan for plan in plans if plan.deed != UNCHANGED]
            for some in chunks(list(self._told("write", changed)), CHUNK):
                for kind in KINDS:
                    if those := _of(kind, some):
                        kind.write(those, self.using)
                recorder.flush()

    def delete(self, gone: Gone) -> None:
        """Delete what no plan is for."""
        with writing(self.using) as recorder:
            for kind, pks in gone.items():
                for some in chunks(sorted(pks), CHUNK):
                    kind.model.objects.using(self.using).filter(pk__in=some).delete()
                    recorder.flush()

    def _told(self, step: str, items: Sequence[Each]) -> Iterator[Each]:
        """Yield the items, and tell how far they are."""
        for at, item in enumerate(items):
            if at % TOLD == 0:
                self._progress(step, at, len(items))
            yield item


def _of(kind: Kind, plans: Iterable[Plan]) -> list[Any]:
    return [plan for plan in plans if isinstance(plan, kind)]


def _ids(kind: Kind, plans: Iterable[Plan]) -> set[UUID]:
    return {UUID(plan.own) for plan in _of(kind, plans)}


def leads_on(ruleset: Ruleset, targets: Iterable[str]) -> bool:
    """Say whether another redirect may follow one to these; False is certain."""
    return any(
        "{" in typed or ruleset.index.candidates(taken_apart(typed).path or "/")
        for typed in targets
    )


def named(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document with a name, made of its path and target where it has none."""
    if "name" in document:
        return document
    targets = [each.get("target", "") for each in document["destinations"]]
    return {**document, "name": default_name(document.get("path", ""), *targets)}
