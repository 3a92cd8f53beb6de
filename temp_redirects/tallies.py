"""Tallies: what is counted in memory, and written in batches off the request path.

That are hits, and the visitors and conversions of experiments. The first count that is
not written yet starts a thread that writes it, and whatever came meanwhile, after
``FLUSH_SECONDS``; then the thread ends. Nothing runs while no redirect is sent. What is
left is written when the process ends.
"""

import asyncio
import atexit
import logging
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from types import FrameType
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import SyncToAsync
from django.apps import apps
from django.db import DatabaseError, connections, transaction
from django.db.models.signals import post_migrate

from temp_redirects import conf
from temp_redirects.databases import is_test
from temp_redirects.models.arms import ArmCount, ArmKey, ArmTally
from temp_redirects.models.counts import HOUR, HitWriter
from temp_redirects.models.hits import HitCount, Key, Tally, alias

logger = logging.getLogger("temp_redirects")

METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
)
OTHER = "OTHER"
MAX_KEYS = 10_000  # counted apart at a time; of hits beyond, only how many
TRIES = 3  # at once, where processes were in each other's way
MAX_PAUSE = 300.0  # seconds between tries while the database is away
LAST_WAIT = 2.0  # seconds that the end of the process waits for what is left
_CAN_BLOCK = hasattr(signal, "pthread_sigmask")  # not on Windows


@dataclass(frozen=True, slots=True)
class Batch:
    """Counts that are written together, once, into the database they belong to."""

    number: int
    database: str
    tallies: Mapping[Key, Tally]
    arms: Mapping[ArmKey, ArmTally]


class Tallies:
    """The hits of this process that are not written yet."""

    def __init__(self) -> None:
        self.after_fork()

    def after_fork(self) -> None:
        """Begin empty, as another process: what the parent counted it writes."""
        self._lock = threading.Lock()  # held for a few instructions
        self._writing = threading.Lock()  # held while a batch is written
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_ending = False
        self._writer = uuid4()
        self._number = 0
        self.forget()

    def forget(self) -> None:
        """Leave out what is not written, as when a test's database is flushed."""
        with self._lock:
            # By what `Key` names, in a plain tuple, which is sooner made.
            self._tallies: dict[tuple[str, int, str], Tally] = {}
            self._arms: dict[ArmKey, ArmTally] = {}
            self._sealed: Batch | None = None
            self._database = ""  # which the thread writes to
            # Since the process started:
            self.dropped = 0  # hits, loops, visitors and conversions
            self.loops = 0  # redirects that came back and were ended
            self.failures = 0  # tries in a row
            self.written_at: float | None = None  # seconds since the epoch

    # What requests do.

    def hit(self, rule: str, method: str, now: float) -> None:
        """Count a redirect that was sent at *now*, seconds since the epoch."""
        key = rule, int(now) // HOUR, method if method in METHODS else OTHER
        with self._lock:
            tally = self._tallies.get(key)
            if tally is not None:
                tally.hits += 1
                tally.last = now
            elif len(self._tallies) < MAX_KEYS:
                self._tallies[key] = Tally(1, now)
            else:
                self.dropped += 1
        if self._thread is None:
            self._begin()
        elif tally is None and len(self._tallies) * 2 == MAX_KEYS:
            self._wake.set()

    def looped(self, rule: str, method: str, now: float) -> None:
        """Count a redirect that came back at *now* and was not sent again."""
        key = rule, int(now) // HOUR, method if method in METHODS else OTHER
        with self._lock:
            self.loops += 1
            known = self._tallies.get(key)
            if known is not None or len(self._tallies) < MAX_KEYS:
                self._tallies[key] = (known or Tally(0, now)).plus(Tally(0, 0, 1, now))
            else:
                self.dropped += 1
        if self._thread is None:
            self._begin()

    def exposed(self, rule: str, epoch: str, arm: str, now: float) -> None:
        """Count a visitor who got an arm of an experiment for the first time."""
        self._count_arm(ArmKey(rule, epoch, arm, int(now) // HOUR), ArmTally(1, 0))

    def converted(self, rule: str, epoch: str, arm: str, now: float) -> None:
        """Count a visitor of an arm who reached the goal for the first time."""
        self._count_arm(ArmKey(rule, epoch, arm, int(now) // HOUR), ArmTally(0, 1))

    def _count_arm(self, key: ArmKey, more: ArmTally) -> None:
        with self._lock:
            known = self._arms.get(key)
            if known is not None or len(self._arms) < MAX_KEYS:
                self._arms[key] = more if known is None else known.plus(more)
            else:
                self.dropped += 1
        if self._thread is None:
            self._begin()

    def _begin(self) -> None:
        """Start the thread that writes; in somebody's test, `flush` has to be called.

        A test's transaction belongs to its own thread, and its queries are counted.
        """
        try:
            if not _is_test():
                outlive_sigterm()
                self._start()
        except Exception:  # a redirect is worth more than its count
            logger.exception("The thread that writes hits cannot be started.")

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            self._database = _database()
            self._wake.clear()
            thread = threading.Thread(
                target=self._run, name="temp_redirects-hits", daemon=True
            )
            thread.start()
            self._thread = thread

    @property
    def waiting(self) -> int:
        """How many hits are counted and not written yet."""
        with self._lock:
            sealed = self._sealed.tallies if self._sealed else {}
            known = [*self._tallies.values(), *sealed.values()]
        return sum(tally.hits for tally in known)

    # What the thread does.

    def _run(self) -> None:
        pause = conf.current().FLUSH_SECONDS
        while not self._is_done():
            self._wake.wait(pause)
            self._wake.clear()
            try:
                self.flush()
            except Exception as error:
                pause = self._failed(error)
            else:
                pause = conf.current().FLUSH_SECONDS
            finally:
                connections.close_all()  # this thread's own

    def _is_done(self) -> bool:
        with self._lock:
            has_failed = self._is_ending and self.failures > 0
            is_empty = not (self._tallies or self._arms or self._sealed)
            if has_failed or is_empty:
                self._thread = None
            return self._thread is None

    def _failed(self, error: Exception) -> float:
        """Return how long to wait before the next try, in seconds."""
        with self._lock:
            self.failures += 1
            pause = conf.current().FLUSH_SECONDS * 2.0 ** min(self.failures - 1, 10)
        if self.failures == 1:
            logger.warning(
                "Hits cannot be written (%s: %s); they are kept and tried again.",
                type(error).__name__,
                " ".join(str(error).split())[:200],
            )
        # Spread, so that a thousand processes do not come back in one moment.
        return min(pause, MAX_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311

    def flush(self) -> None:
        """Write what was counted, in this thread; nothing is lost where it raises."""
        with self._writing:
            for _ in range(2):  # the batch that failed, and what came since
                batch = self._next_batch()
                if batch is None:
                    return
                lost = _write(batch, self._writer, self.dropped)
                with self._lock:
                    self.dropped += lost
                    self.failures = 0
                    self.written_at = time()
                    if self._sealed is batch:
                        self._sealed = None

    def _next_batch(self) -> Batch | None:
        """Return what is to be written: the same again until it is written."""
        with self._lock:
            if self._sealed is None and (self._tallies or self._arms):
                self._number += 1
                where = self._database or _database()
                tallies = {Key(*key): each for key, each in self._tallies.items()}
                self._sealed = Batch(self._number, where, tallies, self._arms)
                self._tallies, self._arms = {}, {}
            return self._sealed

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """Leave out what is counted meanwhile: a replay of visits that nobody made."""
        with self._writing:
            with self._lock:
                kept = self._tallies, self._arms, self.dropped, self.loops
                self._tallies, self._arms = {}, {}
            try:
                yield
            finally:
                with self._lock:
                    self._tallies, self._arms, self.dropped, self.loops = kept

    def finish(self) -> None:
        """Write what is left as the process ends, and let it end in any case."""
        self._is_ending = True
        thread = self._thread
        if thread is not None:
            self._wake.set()
            thread.join(LAST_WAIT)
        if _CAN_BLOCK:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _write(batch: Batch, writer: UUID, dropped: int) -> int:
    """Write a batch once, whatever is tried twice; return how many hits were lost."""
    if batch.database != _database():
        return 0  # a test's, whose database is gone
    using = alias()
    left = TRIES
    while True:
        left -= 1
        try:
            with transaction.atomic(using=using):
                return _add(batch, using, writer, dropped)
        except DatabaseError:  # processes in each other's way, or an outage
            if not left or connections[using].in_atomic_block:
                raise
            connections[using].close_if_unusable_or_obsolete()


def _add(batch: Batch, using: str, writer: UUID, dropped: int) -> int:
    if not HitWriter.claim(using, writer, batch.number, dropped):
        return 0
    lost = HitCount.objects.using(using).add(batch.tallies)
    lost += ArmCount.objects.using(using).add(batch.arms)
    if lost:
        logger.warning("The database refuses %s counts.", lost)
        HitWriter.claim(using, writer, batch.number, dropped + lost)
    return lost


def _database() -> str:
    return str(connections[alias()].settings_dict["NAME"])


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _is_test() -> bool:
    """Say whether this redirect was sent in somebody's test."""
    if is_test(alias()):
        return True
    # A server has a context for the sync threads of each request, a test has none.
    return _in_event_loop() and SyncToAsync.thread_sensitive_context.get(None) is None


def outlive_sigterm() -> None:
    """Let an event loop's server end in order before SIGTERM ends the process.

    After its own orderly end uvicorn raises the SIGTERM that it got once more, and
    would end without writing what is left. Blocked, that signal waits for `finish`.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not (is_main and _CAN_BLOCK and _in_event_loop()):
        return
    served = signal.getsignal(signal.SIGTERM)
    if callable(served) and not isinstance(served, _Outliving):
        signal.signal(signal.SIGTERM, _Outliving(served))


class _Outliving:
    """A server's handler for SIGTERM, which then blocks the signal's return."""

    def __init__(self, served: Callable[[int, FrameType | None], Any]) -> None:
        self._served = served

    def __call__(self, number: int, frame: FrameType | None) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        self._served(number, frame)


tallies = Tallies()


def _on_migrated(**kwargs: Any) -> None:
    tallies.forget()  # also sent when a database is flushed


def listen() -> None:
    """Write what is left when the process ends; called when Django starts."""
    sender = apps.get_app_config("temp_redirects")
    post_migrate.connect(_on_migrated, sender=sender)
    atexit.register(tallies.finish)
    if hasattr(os, "register_at_fork"):  # pragma: no branch (not on Windows)
        os.register_at_fork(after_in_child=tallies.after_fork)
