"""Recording: every write of a rule leaves its document before and after.

What `versions` counts is recorded here, so that no way to write can forget it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from time import time
from typing import Any, TypeAlias
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from temp_redirects import signals
from temp_redirects.core.changes import is_publishing
from temp_redirects.models.chunks import chunks
from temp_redirects.models.history import (
    MAX_WHAT,
    MAX_WHO,
    SWITCH,
    Batch,
    Revision,
    read_text,
    text_of,
)

CHUNK = 500  # rules read and recorded at a time

Whole: TypeAlias = "type[Any]"  # a model whose rows have documents


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes, from where, and what they call it; all of it is one batch.

    ``may_publish`` says whether what visitors meet may be switched on or changed,
    ``may_kill`` whether the kill switch may be touched, and ``stored`` notes that
    something was recorded.
    """

    source: str = "code"
    who: str = ""
    what: str = ""
    may_publish: bool = True
    may_kill: bool = True
    batch: UUID = field(default_factory=uuid4)
    stored: list[UUID] = field(default_factory=list)


_origin: ContextVar[Origin | None] = ContextVar("temp_redirects.origin", default=None)


def current_origin() -> Origin | None:
    """Return who writes here, None where nobody has said it."""
    return _origin.get()


def _batch() -> UUID | None:
    origin = _origin.get()
    return origin.batch if origin else None


@contextmanager
def recorded(
    source: str = "",
    *,
    who: str = "",
    what: str = "",
    may_publish: bool = True,
    may_kill: bool = True,
) -> Iterator[Origin]:
    """Record what is written inside as one batch, by *who*, under *source*.

    Inside another one it says more about the same batch. Texts that are too long are
    cut. What may not be done raises PermissionDenied, on whatever way it is written.
    """
    outer = _origin.get() or Origin()
    origin = replace(
        outer,
        source=source or outer.source,
        who=(who or outer.who)[:MAX_WHO],
        what=(what or outer.what)[:MAX_WHAT],
        may_publish=may_publish and outer.may_publish,
        may_kill=may_kill and outer.may_kill,
    )
    token = _origin.set(origin)
    try:
        yield origin
    finally:
        _origin.reset(token)


class Recorder:
    """The rules that one stretch of writing touches, each as it was before."""

    def __init__(self, using: str) -> None:
        self.using = using
        self.batch = _batch()
        self.before: dict[Whole, dict[UUID, str]] = {}
        self.touched: set[UUID] = set()  # what may have been written, all in all
        self.after: dict[UUID, str] = {}  # what is known of it, else it is read

    def touch(self, model: Whole, pks: Iterable[UUID], *, is_new: bool = False) -> None:
        """Remember rules as they are, before the first write to them."""
        known = self.before.setdefault(model, {})
        pks = list(dict.fromkeys(pks))
        self.touched.update(pks)
        for pk in self.after.keys() & pks:  # it is written once more
            del self.after[pk]
        missing = [pk for pk in pks if pk not in known]
        for chunk in chunks(missing, CHUNK):
            texts = {} if is_new else read_texts(model, self.using, chunk)
            known.update({pk: texts.get(pk, "") for pk in chunk})

    def knew(self, model: Whole, texts: Mapping[UUID, str]) -> None:
        """Take what rules were before the first write, where somebody has just read it.

        Read while other writers wait, as by `writing`.
        """
        self.before[model] = {**texts, **self.before.get(model, {})}

    def know(self, documents: Mapping[UUID, Mapping[str, Any]]) -> None:
        """Take what touched rules have become, so that nobody has to read it again."""
        for pk, document in documents.items():
            self.after[pk] = text_of(document)

    def flush(self) -> None:
        """Write what is known by now, so that many rules need no more memory than few.

        Not inside of what somebody else writes, whose batch all of it is.
        """
        batch = _batch()
        if batch is not None and batch == self.batch:
            self.store(lambda: batch)

    def store(self, batch: Callable[[], UUID]) -> None:
        """Write what became of the rules; nothing where nothing did."""
        for model, before in self.before.items():
            for chunk in chunks(list(before), CHUNK):
                self._store(model, {pk: before[pk] for pk in chunk}, batch)
        self.before, self.after = {}, {}

    def _store(
        self, model: Whole, before: dict[UUID, str], batch: Callable[[], UUID]
    ) -> None:
        after = {pk: self.after[pk] for pk in before if pk in self.after}
        unknown = [pk for pk in before if pk not in after]
        after |= read_texts(model, self.using, unknown)
        changed = {
            pk: (was, after.get(pk, ""))
            for pk, was in before.items()
            if was != after.get(pk, "")
        }
        if changed:
            origin = _origin.get() or Origin(batch=batch())
            _refuse(model.kind, changed, origin)
            _record(self.using, origin, model.kind, changed)
            signals.recorded.send(
                model, kind=model.kind, using=self.using, changed=changed
            )


def _refuse(kind: str, changed: dict[UUID, tuple[str, str]], origin: Origin) -> None:
    """Raise PermissionDenied for what the one who writes may not do."""
    if kind == SWITCH:
        if not origin.may_kill:
            raise PermissionDenied(_("You may not use the kill switch."))
        return
    for before, after in () if origin.may_publish else changed.values():
        if is_publishing(read_text(before), read_text(after), time()):
            raise PermissionDenied(
                _("You may not switch on, nor change what is switched on.")
            )


def _record(
    using: str, origin: Origin, kind: str, changed: dict[UUID, tuple[str, str]]
) -> None:
    """Write revisions; what the batch changed before is one revision with this."""
    batch, is_new = Batch.objects.using(using).get_or_create(
        pk=origin.batch,
        defaults={"source": origin.source, "who": origin.who, "what": origin.what},
    )
    origin.stored.append(batch.pk)
    rows = Revision.objects.using(using)
    earlier: dict[UUID, str] = {}
    if not is_new:
        mine = rows.filter(batch=batch, kind=kind, object_id__in=list(changed))
        earlier = dict(mine.values_list("object_id", "before"))
        mine.delete()
    revisions = []
    for pk, (was, becomes) in changed.items():
        before = earlier.get(pk, was)
        if before != becomes:
            revisions.append(
                Revision(
                    batch_id=batch.pk,
                    kind=kind,
                    object_id=pk,
                    name=(read_text(becomes or before) or {}).get("name", ""),
                    before=before,
                    after=becomes,
                )
            )
    rows.bulk_create(revisions)


def read_texts(model: Whole, using: str, pks: Sequence[UUID]) -> dict[UUID, str]:
    """Return the stored documents of rules as texts; those that exist."""
    try:
        found = model.documents(using, pks)
    except (DatabaseError, ValueError):
        # One that the driver cannot read, written past every check.
        return {} if len(pks) == 1 else _one_by_one(model, using, pks)
    return {pk: text_of(document) for pk, document in found.items()}


def _one_by_one(model: Whole, using: str, pks: Sequence[UUID]) -> dict[UUID, str]:
    texts: dict[UUID, str] = {}
    for pk in pks:
        texts |= read_texts(model, using, [pk])
    return texts


_open: WeakKeyDictionary[BaseDatabaseWrapper, Recorder] = WeakKeyDictionary()


def open_recorder(using: str) -> Recorder | None:
    """Return the recorder of the stretch of writing that is under way."""
    return _open.get(connections[using])


@contextmanager
def recording(
    using: str, batch: Callable[[], UUID], note: Callable[[set[UUID]], None]
) -> Iterator[Recorder]:
    """Record what is written inside; the outermost one stores it at its end.

    *note* is told the ids of all that was touched.
    """
    connection = connections[using]
    outer = _open.get(connection)
    if outer is not None:
        yield outer
        return
    own = _open[connection] = Recorder(using)
    try:
        yield own
        if not connection.needs_rollback:
            note(own.touched)
            own.store(batch)
    finally:
        del _open[connection]


def whole_of(row: models.Model) -> tuple[Whole, UUID]:
    """Return the rule or window that a row is, or is part of."""
    part_of: str = getattr(row, "part_of", "")
    if not part_of:
        return row._meta.concrete_model or type(row), row.pk
    relation: Any = row._meta.get_field(part_of)
    pk: UUID = getattr(row, relation.attname)
    return relation.related_model, pk
