"""Examinations: which records are off by an error, found some at a time."""

from collections.abc import Collection, Iterable, Iterator
from typing import Self

from temp_redirects.core import documents
from temp_redirects.core.records import Record, is_of_window
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.sites import Site

MOST = 1_000  # refusals kept; of more only how many


def compile_record(record: Record, site: Site) -> Rule | Refused:
    """Return the rule of a record, or why there is none."""
    try:
        return documents.parse_record(record, site)
    except Refused as refused:
        return refused
    except Exception as error:  # whatever stands in the row, it hurts only itself
        return Refused("cannot be read: {error}", error=repr(error))


class Examination:
    """What is wrong with records, also with those that no visit reaches.

    It goes on where it stopped, and keeps nothing of a record that is right. That of
    records which are laid over others shares the examination of the others, so that
    after one edit among many only the edit is left to be looked at. One thread at a
    time may look.
    """

    __slots__ = (
        "_base",
        "_gone",
        "_is_over",
        "_more",
        "_records",
        "_refused",
        "_rest",
        "_seen",
        "_site",
    )

    def __init__(
        self,
        records: Iterable[Record],
        base: Self | None = None,
        gone: Collection[str] = frozenset(),
    ) -> None:
        self._records = records
        self._base = base
        self._gone = gone  # ids of what is taken out of the base
        self._site: Site | None = None
        self._rest: Iterator[Record] = iter(())
        self._forget()

    def _forget(self) -> None:
        self._refused: dict[str, Sentence] = {}
        self._more = 0
        self._seen = 0
        self._is_over = False

    def laid_over(self, records: Iterable[Record], gone: Collection[str]) -> Self:
        """Return that of a later version: with these records over what was first."""
        return type(self)(records, self._base or self, gone)

    def steps(self, site: Site) -> Iterator[None]:
        """Look at the records that were not looked at yet, one a step.

        For another site than before, as after a change of settings, it begins anew.
        """
        if site != self._site:
            self._site, self._rest = site, iter(self._records)
            self._forget()
        for record in self._rest:
            self._look_at(record, site)
            yield
        self._is_over = True
        if self._base is not None:
            yield from self._base.steps(site)

    def _look_at(self, record: Record, site: Site) -> None:
        self._seen += not is_of_window(record)
        found = compile_record(record, site)
        if isinstance(found, Rule):
            return
        if len(self._refused) < MOST:
            self._refused[record[0]] = found.sentence
        else:
            self._more += 1

    @property
    def is_over(self) -> bool:
        """Whether every record was looked at."""
        return self._is_over and (self._base is None or self._base.is_over)

    @property
    def seen(self) -> int:
        """How many rules were looked at, those of maintenance windows aside.

        An edited rule counts twice: as it was first, and as it is.
        """
        return self._seen + (self._base.seen if self._base else 0)

    @property
    def refused(self) -> dict[str, Sentence]:
        """Why records are off, by id; the first `MOST` of those that were read."""
        found = self._refused.copy()  # a thread may be looking
        if self._base is None:
            return found
        of_base = self._base.refused.items()
        return {key: why for key, why in of_base if key not in self._gone} | found

    @property
    def more(self) -> int:
        """How many refusals were not kept."""
        return self._more + (self._base.more if self._base else 0)
