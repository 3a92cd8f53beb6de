"""The store: the live ruleset of this process, kept fresh, the last good one kept.

A request that finds the last look at the version older than ``REFRESH_SECONDS`` starts
one in a thread beside it; nothing runs while no request comes. A thread whose own
transaction wrote rules decides by what it wrote.
"""

import asyncio
import logging
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from time import monotonic, time
from typing import Any

from asgiref.sync import SyncToAsync, sync_to_async
from django.apps import apps
from django.core.signals import setting_changed
from django.db import DatabaseError, connections, router, transaction
from django.db.models.signals import post_migrate

from temp_redirects import clocks, conf, snapshots
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import moment, reread_zones
from temp_redirects.core.sentences import Refused
from temp_redirects.core.switches import KillSwitch
from temp_redirects.databases import is_test, is_test_run
from temp_redirects.models import RedirectRule
from temp_redirects.models.reading import read_changes, read_ruleset, read_switches
from temp_redirects.models.versions import (
    Change,
    Pending,
    RulesetVersion,
    Version,
    newest,
    pending,
    rules_committed,
    rules_written,
)
from temp_redirects.signals import looked
from temp_redirects.snapshots import Mirror, Snapshot

logger = logging.getLogger("temp_redirects")

FIRST_WAIT = 1.0  # seconds a request waits for the very first rules
STALE_WAIT = 0.2  # seconds it waits after a quiet time
GRACE = 1.0  # seconds beyond REFRESH_SECONDS, from which on knowledge is stale
PROMPT = 1.0  # seconds; of a slower answer nobody knows when it told the time
STUCK = 30.0  # seconds after which a look is thought lost and another one starts
MAX_LOST = 8  # lost looks at a time
MAX_BACKOFF = 20.0  # seconds between looks while the database is away
MAX_EDITS = 1_000  # rules changed one by one before all are read again
LAG = 60.0  # seconds that a lower number is taken for a replica that lags
ZONES_AGE = 60 * 60.0  # seconds that zone data is trusted
NOT_YET = 0.0  # a deadline that every moment is past

EMPTY = Ruleset()


def alias() -> str:
    """Return the database that rules are read from."""
    return router.db_for_read(RedirectRule)


class Look:
    """One look at the database: has the version changed, and to what?"""

    def __init__(self) -> None:
        self.started = monotonic()
        self.done: Future[None] = Future()
        self.was_waited_for = False


class Store:
    """The live ruleset, and when to look for a newer one.

    ``live`` and ``deadline`` are all that a request reads: before the deadline
    (monotonic seconds) the live ruleset is fresh enough.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.mirror = Mirror()
        self.is_serving = False  # a server's, and no command's or test's
        self.forget()

    def forget(self) -> None:
        """Know nothing, as when the process started."""
        self.live = EMPTY
        self.version: Version | None = None
        self.is_loaded = False
        self.mirrored_at: float | None = None  # when what is live was written to a file
        self.problem = ""  # of the last look, if it failed
        self.deadline = NOT_YET
        self.looked = NOT_YET  # when the last look began that ended well
        self.failures = 0  # looks in a row that did not
        # Seconds that this clock is ahead of the database's; None where nobody knows.
        self.clock_offset: float | None = None
        self._next_look = NOT_YET
        self._look: Look | None = None
        self._lost: list[Look] = []
        self._read_at = NOT_YET  # when reading what is live began
        self._lags_since: float | None = None
        self._zones_read = monotonic()

    def after_fork(self) -> None:
        """Keep the rules, but no lock and no look of the parent's threads."""
        self._lock = threading.Lock()
        self.mirror.after_fork()
        self._look = None
        self._lost = []
        self.deadline = self._next_look = NOT_YET

    def start(self) -> None:
        """Begin as a server does: by the last good rules of ``SNAPSHOT_FILE``.

        They serve until the database answers, and every version that becomes live
        after them is written there.
        """
        self.is_serving = not is_test_run()
        file = conf.current().SNAPSHOT_FILE
        if file is None or self.is_loaded or not self.is_serving:
            return
        began = monotonic()
        try:
            found = snapshots.read(file)
        except FileNotFoundError:
            return  # the first start
        except Refused as refused:
            logger.warning("SNAPSHOT_FILE %s is not used: %s.", file, refused)
        except Exception as error:
            logger.warning("SNAPSHOT_FILE %s is not used: %s", file, _one_line(error))
        else:
            if self._publish(found.version, found.ruleset, began):
                self.mirrored_at = found.written_at

    @contextmanager
    def serving_nobody(self) -> Iterator[None]:
        """Let a command make the middleware and stay a command, which keeps no file."""
        is_serving = self.is_serving
        try:
            yield
        finally:
            self.is_serving = is_serving

    # What requests ask.

    def ruleset(self) -> Ruleset:
        """Return the ruleset to decide by, from a thread."""
        if monotonic() < self.deadline:
            return self.live
        if _decides_here():
            return self._ruleset_here()
        look = self._due()
        wait = self._wait(look)
        if look and wait:
            try:
                look.done.result(wait)
            except FutureTimeoutError:
                self._is_late(look, wait)
        return self.live

    async def aruleset(self) -> Ruleset:
        """Return the ruleset to decide by, from an event loop, never blocking it."""
        if monotonic() < self.deadline:
            return self.live
        if SyncToAsync.thread_sensitive_context.get(None) is None:
            # No server: a test, whose transaction belongs to the one sync thread.
            return await sync_to_async(self.ruleset)()
        look = self._due()
        wait = self._wait(look)
        if look and wait:
            done = asyncio.wrap_future(look.done)
            try:
                await asyncio.wait_for(asyncio.shield(done), wait)
            except TimeoutError:
                self._is_late(look, wait)
        return self.live

    def newest(self) -> Ruleset:
        """Return the ruleset as it is stored now, for somebody who asks about it.

        Costs one query where this process knows it already. Raises what the database
        raises.
        """
        using = alias()
        key = pending(using)
        if key:
            return _read_pending(using, key)
        self._refresh(using)
        return self.live

    def _ruleset_here(self) -> Ruleset:
        """Return the rules as this thread's own connection sees them.

        What its transaction wrote is gone with it, so it never becomes the live
        ruleset; and neither thread nor other connection is left over.
        """
        using = alias()
        key = pending(using)
        try:
            # A savepoint: what fails here must not spoil the transaction around it.
            with _unlogged(using), transaction.atomic(using=using):
                if key:
                    ruleset = _read_pending(using, key)
                    _tell(ruleset)
                    return ruleset
                if not self.failures or monotonic() >= self._next_look:
                    self._refresh(using)
                    _tell(self.live)
        except Exception as error:
            self._failed(error)
        return self.live

    def _due(self) -> Look | None:
        """Return the look under way, started now if it is time for one."""
        now = monotonic()
        with self._lock:
            if self._look and now - self._look.started < STUCK:
                return self._look
            if now < self._next_look:
                # Writers of this process have ended: back to the short way.
                self.deadline = NOT_YET if Change.open else self._next_look
                return None
            if self._look:
                self._lost.append(self._look)
                self._look = None
            self._lost = [each for each in self._lost if not each.done.done()]
            if len(self._lost) >= MAX_LOST:
                return None
            look = self._look = Look()
        name = "temp_redirects-look"
        threading.Thread(target=self._run, args=[look], name=name, daemon=True).start()
        return look

    def _wait(self, look: Look | None) -> float:
        """Return how long this request waits: once a look, and not in an outage."""
        if look is None or look.was_waited_for or self.failures:
            return 0
        if not self.is_loaded:
            return FIRST_WAIT
        stale = conf.current().REFRESH_SECONDS + GRACE
        return STALE_WAIT if monotonic() - self.looked > stale else 0

    def _is_late(self, look: Look, wait: float) -> None:
        look.was_waited_for = True
        logger.warning(
            "The database did not answer within %s s; requests go on with %s.",
            wait,
            self._what_is_live(),
        )

    @property
    def source(self) -> str:
        """Where the live rules came from: “snapshot”, “database”, or “none” yet.

        “last good” are those of a database that could not be read since.
        """
        if self.mirrored_at is not None:
            return "snapshot"
        if not self.is_loaded:
            return "none"
        return "last good" if self.failures else "database"

    @property
    def age(self) -> float | None:
        """Seconds since the database was last asked; None where it never answered."""
        return None if self.looked == NOT_YET else monotonic() - self.looked

    def _what_is_live(self) -> str:
        if self.mirrored_at is not None:
            written = moment(self.mirrored_at, "UTC").isoformat(" ", "seconds")
            return f"the rules of SNAPSHOT_FILE, written {written}"
        return "the last good rules" if self.is_loaded else "no redirects"

    # What a look does.

    def _run(self, look: Look) -> None:
        self._reread_zones()
        try:
            self._look_now(alias(), look)
        finally:
            connections.close_all()  # this thread's own

    def _reread_zones(self) -> None:
        """Take notice of new zone data: a process may run for months."""
        if monotonic() - self._zones_read >= ZONES_AGE:
            self._zones_read = monotonic()
            reread_zones()

    def _look_now(self, using: str, look: Look | None = None) -> None:
        """Refresh the rules, and tell who listens when nobody waits any more."""
        try:
            self._refresh(using)
        except Exception as error:
            self._failed(error)
        if look:
            with self._lock:
                if self._look is look:
                    self._look = None
            look.done.set_result(None)
        if not self.failures:
            _tell(self.live)

    def committed(self, using: str) -> None:
        """See at once what this process has just committed, where it asked before.

        A script that only writes has no use for rules, and would read all of them.
        """
        if self.is_loaded:
            self._look_now(using)

    def _refresh(self, using: str) -> None:
        """Make what is stored live, if it is another version; may raise."""
        began = monotonic()
        version = self._ask(using)
        if not self.is_loaded or self._is_news(version):
            self._switch(read_switches(using), began)  # before the many rules
            found = Snapshot(*self._read(using))
            if self._publish(found.version, found.ruleset, began):
                self._keep(found)
        with self._lock:
            if self.failures:
                logger.info(
                    "The rules are read again after %s failures.", self.failures
                )
            self.failures = 0
            self.problem = ""
            # What is known is as old as the question, not as the answer. After reading
            # much, database and threads are left alone for as long as it took.
            now, refresh = monotonic(), conf.current().REFRESH_SECONDS
            pause = min(refresh, now - began)
            self.looked = began
            self._next_look = max(began + refresh, now + pause)
            # A test's database is flushed without a signal (serialized_rollback).
            is_short = not Change.open and not is_test(alias())
            self.deadline = self._next_look if is_short else NOT_YET

    def _ask(self, using: str) -> Version | None:
        """Return the version stored, and note how far the clocks are apart.

        To half of the time that the answer took: the database told it some time in
        between.
        """
        connections[using].ensure_connection()  # which takes longer than the question
        asked = clocks.now()
        version, told = RulesetVersion.with_time(using)
        answered = clocks.now()
        is_prompt = 0 <= answered - asked < PROMPT
        if told is not None and is_prompt and not is_test(using):
            self.clock_offset = (asked + answered) / 2 - told
        return version

    def _read(self, using: str) -> tuple[Version | None, Ruleset]:
        """Return what is stored; only what changed is read, where that is known."""
        with self._lock:
            live, known = self.live, self.version
        if known and self.mirrored_at is None and live.edits < MAX_EDITS:
            with suppress(DatabaseError):  # before “migrate” there is no such table
                changed = read_changes(using, known, live)
                if changed is not None:
                    return changed
        return read_ruleset(using)

    def _is_news(self, version: Version | None) -> bool:
        """Say whether a stored version replaces the live one.

        A lower number of the same generation is a replica that lags, and never live
        again; unless it stays for a minute: then a backup was restored.
        """
        known = self.version
        is_lower = (
            known is not None
            and version is not None
            and version.generation == known.generation
            and version.number < known.number
        )
        if not is_lower:
            self._lags_since = None
            # The rules of a file are good until the database tells them itself.
            return version != known or self.mirrored_at is not None
        self._lags_since = self._lags_since or monotonic()
        return monotonic() - self._lags_since >= LAG

    def _keep(self, snapshot: Snapshot) -> None:
        file = conf.current().SNAPSHOT_FILE
        if file is not None and self.is_serving:
            self.mirror.keep(file, snapshot)

    def _publish(self, version: Version | None, ruleset: Ruleset, began: float) -> bool:
        """Make a ruleset live, unless somebody was faster; say whether it is."""
        with self._lock:
            if began < self._read_at:
                return False  # somebody else began later and was faster
            if self.is_loaded and not self._is_news(version):
                return False
            self.live = ruleset
            self.version = version
            self.is_loaded = True
            self.mirrored_at = None
            self._read_at = began
            return True

    def _switch(self, switches: list[KillSwitch], began: float) -> None:
        """Let kill switches stop the rules of before, until the new ones are read.

        What one that is gone has stopped, goes on with the new ones only: they may
        have been mended together.
        """
        with self._lock:
            known = self.live.switches
            more = [each for each in switches if each not in known]
            if more and began >= self._read_at:
                self.live = self.live.with_switches([*known, *more])

    def _failed(self, error: Exception) -> None:
        with self._lock:
            self.failures += 1
            self.problem = _one_line(error)
            pause = conf.current().REFRESH_SECONDS * 2 ** min(self.failures - 1, 10)
            # Spread, so that a thousand processes do not come back in one moment.
            pause = min(pause, MAX_BACKOFF) * random.uniform(0.8, 1.2)  # noqa: S311
            self._next_look = monotonic() + pause
            self.deadline = NOT_YET if Change.open else self._next_look
        if self.failures == 1:
            logger.warning(
                "The rules cannot be read (%s); requests go on with %s. If the tables "
                "are missing, run “manage.py migrate”.",
                _one_line(error),
                self._what_is_live(),
            )


def _tell(ruleset: Ruleset) -> None:
    looked.send_robust(Store, ruleset=ruleset, now=time())


def _read_pending(using: str, key: Pending) -> Ruleset:
    """Return the ruleset of a transaction, kept with its newest mark while it lasts."""
    mark = newest(using)
    if mark.ruleset is None or mark.ruleset[0] != key:
        mark.ruleset = key, read_ruleset(using)[1]
    return mark.ruleset[1]


def _decides_here() -> bool:
    """Say whether this thread's own connection knows better than the live rules."""
    return is_test(alias()) or bool(pending(alias()))


@contextmanager
def _unlogged(using: str) -> Iterator[None]:
    """Keep the app's queries out of what a test counts (``assertNumQueries``)."""
    connection = connections[using]
    forced, connection.force_debug_cursor = connection.force_debug_cursor, False
    logged = len(connection.queries_log)
    try:
        yield
    finally:
        connection.force_debug_cursor = forced
        while len(connection.queries_log) > logged:  # with DEBUG on
            connection.queries_log.pop()


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


store = Store()


def _on_written(**kwargs: Any) -> None:
    store.deadline = NOT_YET


def _on_committed(using: str, **kwargs: Any) -> None:
    if using in {alias(), router.db_for_write(RedirectRule)}:
        store.committed(using)


def _on_migrated(**kwargs: Any) -> None:
    store.forget()  # also sent when a database is flushed


def _on_setting_changed(**kwargs: Any) -> None:
    store.live = store.live.recompiled()


def listen() -> None:
    """Hear of every change in this process; called when Django starts."""
    rules_written.connect(_on_written)
    rules_committed.connect(_on_committed)
    setting_changed.connect(_on_setting_changed)
    sender = apps.get_app_config("temp_redirects")
    post_migrate.connect(_on_migrated, sender=sender)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=store.after_fork)
