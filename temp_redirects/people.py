"""People: who is signed in, fetched once a request, only where a rule asks for it.

Fetching has ``PATIENCE``. What cannot be fetched in that time is unknown, and nobody in
this process tries again for ``PAUSE``, so that a database that is away costs one
request its patience and the others nothing.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from time import monotonic
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.contrib.auth import get_user_model
from django.db import connections, router
from django.http import HttpRequest
from django.utils.functional import empty

from temp_redirects.core.people import ANONYMOUS, Person
from temp_redirects.databases import is_test

logger = logging.getLogger("temp_redirects")

PATIENCE = 0.5  # seconds a request waits for its user
PAUSE = 30.0  # seconds without another try, after one that failed
MAX_AT_ONCE = 32  # threads that fetch at a time
EVERYTHING = frozenset({"user", "groups", "permissions"})  # that may be needed


class People:
    """What this process knows of fetching: whether it failed, how much is under way."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing, as when the process started; also after a fork."""
        self._free = threading.BoundedSemaphore(MAX_AT_ONCE)
        self.resumes = 0.0  # monotonic seconds from which on it is tried again

    def person(self, request: HttpRequest, needs: frozenset[str]) -> Person | None:
        """Return who makes the request, from a thread; None where that is unknown."""
        if not hasattr(request, "user"):
            return None
        database = router.db_for_read(get_user_model())
        if (user := _known(request, needs)) is not None:
            return self._guarded(lambda: read(user, needs))
        if is_test(database):
            return self._guarded(lambda: read(request.user, needs))
        if not self._may_try():
            return None
        return self._guarded(lambda: self._in_thread(request, needs))

    async def aperson(
        self, request: HttpRequest, needs: frozenset[str]
    ) -> Person | None:
        """Return who makes the request, from an event loop, never blocking it."""
        if not hasattr(request, "auser"):
            return None
        if (user := _known(request, needs)) is not None:
            return self._guarded(lambda: read(user, needs))
        if SyncToAsync.thread_sensitive_context.get(None) is None:
            # No server: a test, whose transaction belongs to the one sync thread.
            task, patience = asyncio.ensure_future(aread(request, needs)), None
        elif self._may_try():
            task, patience = asyncio.ensure_future(self._arun(request, needs)), PATIENCE
        else:
            return None
        task.add_done_callback(_looked_at)
        # Unlike `wait_for`, this does not wait for what does not let itself be ended.
        done, _ = await asyncio.wait({task}, timeout=patience)
        if not done:
            task.cancel()
            self._failed(TimeoutError())
            return None
        return self._guarded(task.result)

    def _in_thread(self, request: HttpRequest, needs: frozenset[str]) -> Person:
        found: Future[Person] = Future()
        thread = threading.Thread(
            target=self._run,
            args=(request, needs, found),
            name="temp_redirects-user",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads
            self._free.release()
            raise
        return found.result(PATIENCE)

    def _may_try(self) -> bool:
        return monotonic() >= self.resumes and self._free.acquire(blocking=False)

    def _guarded(self, answer: Callable[[], Person]) -> Person | None:
        try:
            return answer()
        except Exception as error:
            self._failed(error)
            return None

    def _failed(self, error: Exception) -> None:
        now = monotonic()
        if now < self.resumes:
            return  # told already
        self.resumes = now + PAUSE
        is_late = isinstance(error, TimeoutError)
        logger.warning(
            "Who is signed in cannot be known (%s); rules about users hold for nobody "
            "for %d s.",
            f"no answer within {PATIENCE} s" if is_late else repr(error),
            PAUSE,
        )

    def _run(
        self, request: HttpRequest, needs: frozenset[str], found: "Future[Person]"
    ) -> None:
        try:
            found.set_result(read(request.user, needs))
        except Exception as error:
            found.set_exception(error)
        finally:
            self._leave()

    def _leave(self) -> None:
        """Make room for the next; run by the thread that fetched, when it is done."""
        try:
            connections.close_all()  # this thread's own
        finally:
            self._free.release()

    async def _arun(self, request: HttpRequest, needs: frozenset[str]) -> Person:
        # A thread of its own: a query that hangs must not keep the view from its own.
        # A task has its own context, so that the request's stays as it is.
        context = ThreadSensitiveContext()
        SyncToAsync.thread_sensitive_context.set(context)
        try:
            return await aread(request, needs)
        finally:
            self._leave_by(SyncToAsync.context_to_thread_executor.pop(context, None))

    def _leave_by(self, executor: Executor | None) -> None:
        """Make room once the thread is done, in which a query may hang."""
        if executor is None:
            self._free.release()
            return
        try:
            executor.submit(self._leave)
        except RuntimeError:  # the system gives no more threads
            self._free.release()
        executor.shutdown(wait=False)


def fetched(request: HttpRequest) -> Any:
    """Return the user whom somebody has fetched for this request; None else."""
    known = vars(request)  # what is set there; to ask for more may fetch it
    for name in ("user", "_cached_user", "_acached_user"):
        found = known.get(name)
        if found is not None:
            bare = getattr(found, "_wrapped", found)
            if bare is not empty and bare is not None:
                return bare
    return None


def _known(request: HttpRequest, needs: frozenset[str]) -> Any:
    """Return the user where nothing has to be fetched any more; None else."""
    user = fetched(request)
    is_enough = user is not None and (needs <= {"user"} or not user.is_authenticated)
    return user if is_enough else None


def _looked_at(task: "asyncio.Task[Person]") -> None:
    """Look at what a task raised, which asyncio else reports when it is too late."""
    if not task.cancelled():
        task.exception()


def read(user: Any, needs: frozenset[str]) -> Person:
    """Return what rules may ask of a user; it may query."""
    if not user.is_authenticated:
        return ANONYMOUS
    groups = permissions = None
    if "groups" in needs:
        groups = frozenset(_groups(user))
    if "permissions" in needs:
        permissions = frozenset(user.get_all_permissions())
    return _person(user, groups, permissions)


async def aread(request: HttpRequest, needs: frozenset[str]) -> Person:
    """Return what rules may ask of a request's user; it may query."""
    user: Any = await request.auser()
    if not user.is_authenticated:
        return ANONYMOUS
    if needs <= {"user"}:
        return _person(user, None, None)
    return await sync_to_async(read)(user, needs)


def _groups(user: Any) -> list[str]:
    if not hasattr(user, "groups"):  # a project's own user model
        return []
    return list(user.groups.values_list("name", flat=True))


def _person(
    user: Any, groups: frozenset[str] | None, permissions: frozenset[str] | None
) -> Person:
    return Person(
        id=str(user.pk),
        is_staff=bool(getattr(user, "is_staff", False)),
        groups=groups,
        permissions=permissions,
    )


people = People()


def listen() -> None:
    """Start anew in the child of a fork; called when Django starts."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=people.forget)
