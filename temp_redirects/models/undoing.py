"""Undoing: changes taken back, one, a batch, or all since a moment; itself a change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from time import time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from temp_redirects.core.changes import (
    Difference,
    differences,
    is_publishing,
    taken_back,
)
from temp_redirects.models.chunks import chunks
from temp_redirects.models.columns import name_key
from temp_redirects.models.history import (
    RULE,
    SWITCH,
    WINDOW,
    Revision,
    read_text,
    text_of,
)
from temp_redirects.models.imports import RULES, WINDOWS, Import, Kind
from temp_redirects.models.imports.plans import At
from temp_redirects.models.recording import Origin, current_origin, recorded
from temp_redirects.models.rules import RedirectRule
from temp_redirects.models.switches import KillSwitch, pull_again
from temp_redirects.models.versions import writing
from temp_redirects.models.windows import MaintenanceWindow

CHUNK = 500  # rules read at a time
MODELS: dict[str, Any] = {
    RULE: RedirectRule,
    WINDOW: MaintenanceWindow,
    SWITCH: KillSwitch,
}
PLANS: dict[str, Kind] = {RULE: RULES, WINDOW: WINDOWS}

Key = tuple[str, UUID]
Document = dict[str, Any]


@dataclass(slots=True)
class Step:
    """What undoing does to one rule or window: the document as it is and will be.

    None is one that does not exist. ``problem`` says why it stays as it is.
    """

    kind: str
    object_id: UUID
    current: Document | None
    target: Document | None
    problem: str = ""

    @property
    def name(self) -> str:
        """What it is called, or was."""
        return str((self.target or self.current or {}).get("name", ""))

    @property
    def differences(self) -> list[Difference]:
        """What is going to change."""
        return differences(self.current, self.target)

    @property
    def only_switches_off(self) -> bool:
        """Whether nothing happens but that it redirects nobody any more."""
        if self.target is None or self.target.get("enabled"):
            return False
        return [each.place for each in self.differences] == ["enabled"]


class Undo:
    """A plan to take changes back, seen before it is done."""

    def __init__(
        self,
        using: str,
        current: Mapping[Key, Document | None],
        targets: Iterable[tuple[Key, Document | None]],
    ):
        self.using = using
        steps = (Step(*key, current[key], target) for key, target in targets)
        self.steps = [step for step in steps if step.differences]

    @classmethod
    def of(cls, using: str, revisions: Iterable[Revision]) -> "Undo":
        """Return the plan to take revisions back; what else changed since stays."""
        chosen = {revision.key: revision for revision in revisions}
        current = current_documents(using, chosen)
        return cls(
            using,
            current,
            (
                (key, taken_back(current[key], revision.was, revision.became))
                for key, revision in chosen.items()
            ),
        )

    @classmethod
    def to(cls, using: str, moment: datetime) -> "Undo":
        """Return the plan to have everything as it was at a moment.

        Kill switches stay: one that was pulled since is the reason to go back.
        """
        those = Revision.objects.using(using).exclude(kind=SWITCH)
        later = those.filter(batch__at__gt=moment)
        rows = later.order_by("pk").values_list("kind", "object_id", "before")
        first: dict[Key, str] = {}
        for kind, object_id, before in rows.iterator(chunk_size=CHUNK):
            first.setdefault((kind, object_id), before)
        targets = ((key, read_text(text)) for key, text in first.items())
        return cls(using, current_documents(using, first), targets)

    @property
    def mark(self) -> str:
        """A text that is another one as soon as the plan would do something else."""
        documents = (
            text_of({"was": step.current, "becomes": step.target})
            for step in self.steps
        )
        return blake2b("\n".join(documents).encode(), digest_size=16).hexdigest()

    @property
    def problems(self) -> list[Step]:
        """The steps that cannot be done."""
        return [step for step in self.steps if step.problem]

    def preview(self) -> None:
        """Find out which steps have a problem, by doing it all and rolling it back.

        What is deleted has none but who may do it, and very many may be.
        """
        if all(step.target is None for step in self.steps):
            self._refuse_publishing()
        else:
            self.run(is_tried=True)

    preview.alters_data = True  # type: ignore[attr-defined]

    def run(self, what: str = "", *, is_tried: bool = False) -> int:
        """Do every step that can be done, in one transaction; the number of them.

        What would be refused today has its ``problem`` and stays as it is. Where it
        *is_tried* only, all is rolled back, and what would be written is judged alone.
        """
        with recorded(what=what), writing(self.using):
            self._refuse_publishing()
            self._delete()
            self._switch_off()
            self._pull_switches()
            self._write(is_tried=is_tried)
            if is_tried:
                transaction.set_rollback(True, using=self.using)
        return len(self.steps) - len(self.problems)

    run.alters_data = True  # type: ignore[attr-defined]

    def _refuse_publishing(self) -> None:
        origin = current_origin() or Origin()
        for step in self.steps:
            if step.problem:
                continue
            if step.kind == SWITCH:
                if not origin.may_kill:
                    step.problem = _("You may not use the kill switch.")
            elif not origin.may_publish and is_publishing(
                step.current, step.target, time()
            ):
                step.problem = _("You may not switch on, nor change what is on.")

    def _todo(self, kind: str) -> Iterator[Step]:
        for step in self.steps:
            is_done = step.target is None or step.only_switches_off
            if step.kind == kind and not is_done and not step.problem:
                yield step

    def _rows(self, steps: Iterable[Step]) -> Iterator[Any]:
        """Yield the rows of steps, some at a time."""
        steps = list(steps)
        for kind, model in MODELS.items():
            pks = [step.object_id for step in steps if step.kind == kind]
            rows = model.objects.using(self.using)
            for some in chunks(pks, CHUNK):
                yield rows.filter(pk__in=some)

    def _delete(self) -> None:
        gone = [step for step in self.steps if step.target is None]
        for rows in self._rows(step for step in gone if not step.problem):
            rows.delete()

    def _switch_off(self) -> None:
        off = [step for step in self.steps if step.only_switches_off]
        for rows in self._rows(step for step in off if not step.problem):
            rows.update(enabled=False)

    def _pull_switches(self) -> None:
        for step in self._todo(SWITCH):
            rows = KillSwitch.objects.using(self.using)
            target = step.target or {}
            rows.filter(scope=target["scope"], host=target["host"]).delete()
            pull_again(self.using, step.object_id, target)

    def _write(self, *, is_tried: bool) -> None:
        """Write the rules and windows as an import would, whatever is bad left out."""
        entries: dict[At, Step] = {}
        documents: dict[Kind, list[tuple[At, Document]]] = {}
        for kind, plan in PLANS.items():
            steps = list(self._todo(kind))
            self._refuse_names(steps, MODELS[kind])
            for number, step in enumerate(steps):
                if not step.problem:
                    at = At(kind, number)
                    entries[at] = step
                    documents.setdefault(plan, []).append((at, step.target or {}))
        importing = Import(self.using)
        importing.source = ""
        outcome = importing.run(documents, skips_bad=True, dry_run=is_tried)
        for problem in outcome.problems:
            step = entries[problem.at]
            step.problem = step.problem or str(problem.reason)

    def _refuse_names(self, steps: list[Step], model: Any) -> None:
        """Leave out what would take the name of another one."""
        keys = {name_key(step.name): step for step in steps}
        rows = model.objects.using(self.using).order_by()
        for some in chunks(list(keys), CHUNK):
            taken = rows.filter(name_key__in=some)
            for pk, key in taken.values_list("pk", "name_key"):
                if keys[key].object_id != pk:
                    keys[key].problem = _("Another one has this name by now.")


def current_documents(using: str, keys: Iterable[Key]) -> dict[Key, Document | None]:
    """Return the documents as they are stored, None for what is not."""
    found: dict[Key, Document | None] = dict.fromkeys(keys)
    for kind, model in MODELS.items():
        pks = [object_id for each, object_id in found if each == kind]
        for some in chunks(pks, CHUNK):
            documents = model.documents(using, some)
            found |= {(kind, pk): document for pk, document in documents.items()}
    return found
