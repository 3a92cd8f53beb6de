"""The health of this process, for monitors: from memory, also while databases hang."""

import os
from datetime import UTC, datetime
from threading import Lock
from time import monotonic, sleep
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from temp_redirects import clocks, conf
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.models.compact import PAUSE
from temp_redirects.people import people
from temp_redirects.sites import current_site
from temp_redirects.store import store
from temp_redirects.tallies import tallies
from temp_redirects.views.pages import problem

PERMISSION = "temp_redirects.view_redirectrule"
BEARER = "Bearer "  # RFC 6750 §2.1
WORK = 0.1  # seconds for which an answer looks at rules that no visit may ever reach
TURN = 0.001  # seconds of that between two pauses

_looking = Lock()


def after_fork() -> None:
    """Look in this process too, whoever looked in the parent meanwhile."""
    global _looking
    _looking = Lock()


if hasattr(os, "register_at_fork"):  # pragma: no branch (not on Windows)
    os.register_at_fork(after_in_child=after_fork)


@require_safe
@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Tell what rules, hits and clock are like, to who may know, and look at rules.

    That is who sends ``HEALTH_TOKEN``, or is signed in and may view rules. Always 200:
    a process that goes on with the last good rules is not to be replaced.
    """
    if _may_know(request):
        answer: HttpResponse = JsonResponse(
            {"rules": _rules(), "hits": _hits(), "clock": _clock(), **_process()}
        )
    else:
        detail = "Send “Authorization: Bearer” with TEMP_REDIRECTS['HEALTH_TOKEN']."
        answer = problem(403, "Not for everybody", detail)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _may_know(request: HttpRequest) -> bool:
    token = conf.current().HEALTH_TOKEN or ""
    sent = request.headers.get("Authorization", "")
    if sent.startswith(BEARER):
        return bool(token) and constant_time_compare(sent.removeprefix(BEARER), token)
    person = people.person(request, frozenset({"user", "permissions"}))
    return person is not None and PERMISSION in (person.permissions or ())


def _examine(ruleset: Ruleset) -> None:
    """Go on looking at the rules; other threads have requests to answer meanwhile."""
    if not _looking.acquire(blocking=False):  # another monitor asks
        return
    try:
        began = since = monotonic()
        for _ in ruleset.examine(current_site()):
            now = monotonic()
            if now - began > WORK:
                return
            if now - since > TURN:
                sleep(PAUSE)
                since = monotonic()
    finally:
        _looking.release()


def _rules() -> dict[str, Any]:
    version, live = store.version, store.live
    _examine(live)
    return {
        "source": store.source,
        "generation": str(version.generation) if version else None,
        "version": version.number if version else None,
        "age_seconds": None if store.age is None else round(store.age, 3),
        "snapshot_written_at": _utc(store.mirrored_at),
        "count": live.size,
        "maintenance_windows": len(live.windows),
        "kill_switches": len(live.switches),
        "examined": live.examined,
        "rejected": {key: str(why) for key, why in live.rejected.items()},
        "more_rejected": live.more_rejected,
        "failures": store.failures,
        "problem": store.problem,
        "snapshot_problem": store.mirror.problem,
    }


def _hits() -> dict[str, Any]:
    return {
        "waiting": tallies.waiting,
        "dropped": tallies.dropped,
        "loops": tallies.loops,
        "failures": tallies.failures,
        "written_at": _utc(tallies.written_at),
    }


def _clock() -> dict[str, Any]:
    offset = store.clock_offset
    return {
        "offset_seconds": None if offset is None else round(offset, 3),
        "problem": str(clocks.problem(offset)),
    }


def _process() -> dict[str, Any]:
    return {"enabled": conf.current().ENABLED, "process": os.getpid()}


def _utc(at: float | None) -> str | None:
    return (
        None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    )
