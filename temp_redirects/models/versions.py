"""The version of all rules, counted on every way to write one."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar, cast
from uuid import UUID, uuid4
from weakref import WeakSet

from django.db import IntegrityError, connections, models, router, transaction
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from temp_redirects.core.rulesets import Ruleset
from temp_redirects.databases import DatabaseClock
from temp_redirects.models.recording import (
    Recorder,
    open_recorder,
    recording,
    whole_of,
)

Row = TypeVar("Row", bound=models.Model)

Pending: TypeAlias = "tuple[tuple[int, int], ...]"

_ALONE = "_temp_redirects_recorder"  # of a row that is written by itself

rules_written = Signal()  # uncommitted; sender Change, using=alias
rules_committed = Signal()  # the same, committed


class Version(NamedTuple):
    """Which rules these are: a generation, made with its row, and a number in it.

    A restored backup or a flushed database shows as another generation or as a lower
    number.
    """

    generation: UUID
    number: int


class RulesetVersion(models.Model):
    """The one row that every write counts up, in the same transaction."""

    ONLY = 1

    generation = models.UUIDField(default=uuid4, editable=False)
    number = models.PositiveBigIntegerField(default=0, editable=False)

    objects: ClassVar[models.Manager["RulesetVersion"]] = models.Manager()

    class Meta:
        verbose_name = _("ruleset version")
        verbose_name_plural = _("ruleset versions")

    def __str__(self) -> str:
        return f"{self.generation}:{self.number}"

    @classmethod
    def current(cls, using: str) -> Version | None:
        """Return the version stored; None where nothing was ever written."""
        row = cls._row(using, "generation", "number")
        return Version(*row) if row else None

    @classmethod
    def with_time(cls, using: str) -> tuple[Version | None, float | None]:
        """Return the same, and what the database's own clock says, where it has one."""
        row = cls._row(using, "generation", "number", DatabaseClock())
        return (Version(*row[:-1]), row[-1]) if row else (None, None)

    @classmethod
    def _row(cls, using: str, *columns: Any) -> tuple[Any, ...] | None:
        rows = cls.objects.using(using).filter(pk=cls.ONLY)
        return rows.values_list(*columns).first()

    @classmethod
    def count_up(cls, using: str) -> None:
        """Make the version another one; writers of rules wait for each other here."""
        rows = cls.objects.using(using).filter(pk=cls.ONLY)
        if not rows.update(number=models.F("number") + 1):
            cls.first(using)

    @classmethod
    def lock(cls, using: str) -> None:
        """Let other writers of rules wait until this transaction ends.

        What a save judges a rule by is then still true when it is stored.
        """
        cls.objects.using(using).filter(pk=cls.ONLY).update(number=models.F("number"))

    @classmethod
    def first(cls, using: str) -> None:
        """Make the row, a new generation; or count up where somebody just made it."""
        try:
            with transaction.atomic(using=using):
                cls.objects.using(using).create(pk=cls.ONLY)
        except IntegrityError:
            cls.count_up(using)


class RulesetChange(models.Model):
    """A rule, window or switch that a version may have changed; no id: too many.

    Who knows an earlier version reads only these anew. A version without any is one
    whose changes nobody has noted: then everything is read.
    """

    MOST = 1_000  # changes noted of one transaction, and versions that are kept

    number = models.PositiveBigIntegerField(db_index=True)
    object_id = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["RulesetChange"]] = models.Manager()

    class Meta:
        verbose_name = _("ruleset change")
        verbose_name_plural = _("ruleset changes")

    def __str__(self) -> str:
        return f"{self.number}: {self.object_id}"

    @classmethod
    def note(cls, using: str, ids: Collection[UUID]) -> None:
        """Note what the version written in this transaction may have changed."""
        version = RulesetVersion.current(using) if ids and pending(using) else None
        if version is None:
            return
        noted = ids if len(ids) <= cls.MOST else [None]
        rows = cls.objects.using(using)
        rows.bulk_create(cls(number=version.number, object_id=each) for each in noted)
        if version.number % cls.MOST == 0:
            rows.filter(number__lte=version.number - cls.MOST)._raw_delete(using)

    @classmethod
    def between(cls, using: str, known: Version, current: Version) -> set[UUID] | None:
        """Return what may have changed since a known version; None is everything."""
        steps = current.number - known.number
        if known.generation != current.generation or not 0 < steps < cls.MOST:
            return None
        rows = cls.objects.using(using).filter(
            number__gt=known.number, number__lte=current.number
        )
        found = list(rows.values_list("number", "object_id")[: cls.MOST + 1])
        ids = {each for _, each in found}
        is_noted = len({number for number, _ in found}) == steps
        if not is_noted or None in ids or len(found) > cls.MOST:
            return None
        return cast(set[UUID], ids)


class Change:
    """Marks a transaction that wrote rules, by standing among its commit hooks.

    Django drops the hooks of what is rolled back, savepoints included, so that a
    change is pending exactly as long as its mark stands there.
    """

    open: ClassVar["WeakSet[Change]"] = WeakSet()

    _serials = count()

    def __init__(self, using: str) -> None:
        self.using = using
        self.serial = next(self._serials)
        self.savepoints = list(connections[using].savepoint_ids)
        self.writes = 0
        self.batch = uuid4()  # of the history, unless somebody named one
        # What the store made of it, with its key; gone with the mark.
        self.ruleset: tuple[Pending, Ruleset] | None = None
        self.open.add(self)

    def __call__(self) -> None:
        # Test tools run commit hooks in transactions that never commit.
        if not connections[self.using].in_atomic_block:
            rules_committed.send(Change, using=self.using)


def _marks(using: str) -> list[Change]:
    hooks = connections[using].run_on_commit
    return [hook[1] for hook in hooks if isinstance(hook[1], Change)]


def pending(using: str) -> Pending:
    """Return what this thread has written to rules and not committed, as a key.

    Empty where it wrote nothing; two equal keys stand for the same rows.
    """
    return tuple((mark.serial, mark.writes) for mark in _marks(using))


def _batch(using: str) -> UUID:
    """Return the batch of what is pending: a transaction is one."""
    marks = _marks(using)
    return marks[0].batch if marks else uuid4()


def newest(using: str) -> Change:
    """Return the newest mark of what is pending."""
    return _marks(using)[-1]


def written(using: str) -> None:
    """Note that rules were written in the current transaction.

    The version is counted up once a transaction, and again after a rolled-back
    savepoint took that with it.
    """
    if not pending(using):
        RulesetVersion.count_up(using)
    marks = _marks(using)
    if not marks or marks[-1].savepoints != connections[using].savepoint_ids:
        marks.append(Change(using))
        transaction.on_commit(marks[-1], using=using, robust=True)
    marks[-1].writes += 1
    rules_written.send(Change, using=using)


@contextmanager
def writing(using: str) -> Iterator[Recorder]:
    """Write rules in one transaction, while other writers wait.

    The version is locked before any row is, by everybody, so that no two writers each
    hold what the other one needs. What the rules were and became is recorded.
    """
    with transaction.atomic(using=using):
        if not pending(using):
            RulesetVersion.lock(using)
        batch, note = partial(_batch, using), partial(RulesetChange.note, using)
        with recording(using, batch, note) as recorder:
            yield recorder


class CountedQuerySet(models.QuerySet[Row]):
    """Rows whose every write is counted, also the ones that send no signals."""

    def update(self, **values: Any) -> int:
        """Update the rows, and count that."""
        using = self._writes_to()
        with writing(using) as recorder:
            self._touch(recorder)
            changed = super().update(**values)
            if changed:
                written(using)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Row], *args: Any, **options: Any) -> list[Row]:
        """Create the rows, and count that."""
        using = self._writes_to()
        objs = list(objs)
        with writing(using) as recorder:
            is_new = not options.get("update_conflicts")
            self._touch_these(recorder, objs, is_new=is_new)
            created = super().bulk_create(objs, *args, **options)
            if created:
                written(using)
        return created

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows; each is counted, and what it takes with it."""
        with writing(self._writes_to()) as recorder:
            self._touch(recorder)
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _touch(self, recorder: Recorder) -> None:
        """Have recorded what the rows are, or are part of."""
        model: Any = self.model
        whole, name = model, "pk"
        if model.part_of:
            whole = model._meta.get_field(model.part_of).related_model
            name = f"{model.part_of}_id"
        rows = self.order_by().values_list(name, flat=True).distinct()
        recorder.touch(whole, rows)

    def _touch_these(
        self, recorder: Recorder, rows: list[Row], *, is_new: bool
    ) -> None:
        wholes: dict[Any, list[UUID]] = {}
        for row in rows:
            whole, pk = whole_of(row)
            wholes.setdefault(whole, []).append(pk)
        for whole, pks in wholes.items():
            recorder.touch(whole, pks, is_new=is_new and whole is self.model)

    def _writes_to(self) -> str:
        self._for_write = True
        return self.db


class Counted(models.Model):
    """A row that is part of a rule: writing it makes the rules another version.

    ``part_of`` names the relation to the row whose document it is in; a row with a
    document of its own has none, and a ``kind`` for the history.
    """

    part_of: ClassVar[str] = ""
    kind: ClassVar[str]

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Save the row and count that, both or neither."""
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with writing(using):
            super().save(**kwargs)

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete the row and what belongs to it, and count that."""
        using = using or router.db_for_write(type(self), instance=self)
        with writing(using):
            return super().delete(using=using, keep_parents=keep_parents)


def count_writes_of(model: type[Counted]) -> None:
    """Count each row of *model* that is saved or deleted, cascades and fixtures too.

    The listener for deletions also makes Django fetch what a cascade deletes.
    """
    for signal in (models.signals.post_save, models.signals.post_delete):
        signal.connect(_count, sender=model, dispatch_uid="temp_redirects.count")
    for signal in (models.signals.pre_save, models.signals.pre_delete):
        signal.connect(_before, sender=model, dispatch_uid="temp_redirects.before")


def _before(
    sender: type[models.Model], instance: models.Model, using: str, **kwargs: Any
) -> None:
    whole, pk = whole_of(instance)
    is_new = whole is sender and instance._state.adding and not kwargs.get("raw")
    current = open_recorder(using)
    if current is None:  # a fixture, or a project's own cascade: `save` is not called
        current = instance.__dict__[_ALONE] = Recorder(using)
    current.touch(whole, [pk], is_new=is_new)


def _count(
    sender: type[models.Model], instance: models.Model, using: str, **kwargs: Any
) -> None:
    written(using)
    alone = instance.__dict__.pop(_ALONE, None)
    if alone is not None:
        RulesetChange.note(using, alone.touched)
        alone.store(partial(_batch, using))
