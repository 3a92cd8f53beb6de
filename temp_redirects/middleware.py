"""The middleware: answers matching requests, and leaves all others alone."""

import logging
import sys
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from django.utils.cache import patch_vary_headers

import temp_redirects
from temp_redirects import clocks, conf
from temp_redirects.banner import with_banner
from temp_redirects.core.hops import hop_of
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Decision, Ruleset
from temp_redirects.core.switches import KillSwitch
from temp_redirects.hops import ended, marked, send
from temp_redirects.people import people
from temp_redirects.ready import again, keep
from temp_redirects.requests import RequestVisit, exact_path, traffic
from temp_redirects.responses import redirect, refused
from temp_redirects.ribbon import Ribbon, with_ribbon
from temp_redirects.store import store
from temp_redirects.tallies import outlive_sigterm, tallies
from temp_redirects.upcoming import bounded
from temp_redirects.visitors import Following, keep_private

logger = logging.getLogger("temp_redirects")

MINUTE = 60.0  # seconds


class Page(NamedTuple):
    """What to add to the page of a visit that passes: for caches, and for the visitor.

    ``vary`` are the request headers that decide on this path. ``ends_loop`` says that
    it answers a visitor who would otherwise come back again and again.
    """

    vary: tuple[str, ...] = ()
    is_personal: bool = False
    ribbon: Ribbon | None = None
    switches: tuple[KillSwitch, ...] = ()
    following: Following | None = None
    ends_loop: bool = False


Answer: TypeAlias = HttpResponse | Page
PASS = Page()


class TempRedirectMiddleware:
    """Answer 307 (RFC 9110 §15.4.8) while a rule holds for the request.

    Deciding does no I/O, so that it runs in a thread and on an event loop alike. A
    failure here goes to the log, and the request to the view.
    """

    sync_capable = async_capable = True
    clock = staticmethod(clocks.now)  # seconds since the epoch; a test may replace it

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
        outlive_sigterm()
        store.start()

    def __call__(self, request: HttpRequest) -> Any:
        # The short way, mostly taken: nothing is made that only a redirect needs.
        path = request.path
        try:
            live = store.live
            is_passed_by = monotonic() < store.deadline and (
                path[: path.find("/", 1)] not in live.beginnings
                or not (path in live.ready or live.covers(path))
            )
        except Exception:
            is_passed_by = False  # the long way says what fails
        if is_passed_by:
            if not live.notes_pages:
                return self.get_response(request)
            finish = _anoted if self.is_async else _noted
            return finish(request, self.get_response(request), live, self.clock)
        if self.is_async:
            return self.__acall__(request)
        try:
            answer = self.answer(store.ruleset(), request)
        except Exception:
            answer = _failed()
        if isinstance(answer, HttpResponse):
            return answer
        return _marked(request, self.get_response(request), answer, self.clock)

    async def __acall__(self, request: HttpRequest) -> Any:
        try:
            answer = await self.aanswer(await store.aruleset(), request)
        except Exception:
            answer = _failed()
        if isinstance(answer, HttpResponse):
            return answer
        return _marked(request, await self.get_response(request), answer, self.clock)

    def answer(self, ruleset: Ruleset, request: HttpRequest) -> Answer:
        """Return what answers the request, or what to add to the page."""
        now = self.clock()
        if (answer := again(ruleset, request, now)) is not None:
            return answer
        visit = self._visit(ruleset, request)
        if visit is None:
            return _passing(ruleset)
        if needs := ruleset.needs(visit, now):
            visit.person = people.person(request, needs)
        return _answer(ruleset, visit, now)

    async def aanswer(self, ruleset: Ruleset, request: HttpRequest) -> Answer:
        """Return the same from an event loop, which only fetching has to wait on."""
        now = self.clock()
        if (answer := again(ruleset, request, now)) is not None:
            return answer
        visit = self._visit(ruleset, request)
        if visit is None:
            return _passing(ruleset)
        if needs := ruleset.needs(visit, now):
            visit.person = await people.aperson(request, needs)
        return _answer(ruleset, visit, now)

    def _visit(self, ruleset: Ruleset, request: HttpRequest) -> RequestVisit | None:
        """Return the visit to decide about, or None where there is nothing to decide.

        No rule covers its path and none has a goal, or all is switched off.
        """
        if ruleset.counts_requests:
            traffic.count(monotonic())
        path = request.path
        if "%" in path or "\ufffd" in path:  # it may not be what was sent
            path = exact_path(request)
        is_of_interest = ruleset.covers(path) or ruleset.has_goals
        visit = RequestVisit(request, path)
        return visit if is_of_interest and visit.conf.ENABLED else None


def _answer(ruleset: Ruleset, visit: RequestVisit, now: float) -> Answer:
    decision = ruleset.decide(visit, now)
    _tell_problems(decision, visit)
    if decision.in_place and decision.rule is not None:
        _ask_notice(visit, decision.rule.name, now)
        return Page(decision.vary, decision.is_personal)
    hop = hop_of(visit, decision)
    if decision.rule is not None and hop.is_loop:
        _tell_loop(decision.rule, visit.method, now)
        decision = ended(decision)
    following = None
    if decision.assignment or ruleset.has_goals:
        following = Following(ruleset, visit, now, decision.assignment)
        if following.is_premature and visit.conf.REFUSE_PREFETCH:
            return refused(decision)
    if (rule := decision.rule) is not None:
        if hop.marker:
            decision = marked(decision, hop.marker, visit, now)
        answer = redirect(decision, rule, visit.request)
        keep(answer, decision, visit, ruleset)  # before it has what is this visitor's
        send(answer, rule, hop, visit, now)
        _follow(following, answer)
        return answer
    ribbon = _ribbon(ruleset, decision, visit, now)
    return Page(
        decision.vary,
        decision.is_personal,
        ribbon,
        ruleset.switches,
        following,
        hop.is_loop,
    )


def _tell_loop(rule: Rule, method: str, now: float) -> None:
    tallies.looped(rule.id, method, now)
    if _is_news(f"loop {rule.name}"):
        logger.warning(
            "Rule %r leads in a circle: a visitor came back from where it redirects, "
            "and gets the page instead.",
            rule.name,
        )


def _tell_problems(decision: Decision, visit: RequestVisit) -> None:
    for name, sentence in decision.refusals:
        if _is_news(f"rule {name}"):
            logger.warning("Rule %r did not redirect: %s", name, sentence)
    for kind, error in visit.errors:
        if _is_news(f"condition {kind}"):
            logger.error(
                "A condition %r failed and does not hold.", kind, exc_info=error
            )


def _follow(following: Following | None, response: Any) -> None:
    """Count what the answer makes true; a visitor never pays for a count that fails."""
    if following is None:
        return
    try:
        following.answered(response)
    except Exception:
        _tell_failure("A visitor could not be counted.")


def _noted(
    request: HttpRequest, response: Any, ruleset: Ruleset, clock: Callable[[], float]
) -> Any:
    """Return a page that no rule is for, and heed what its own code has noted.

    That is a visitor who has converted, and a banner that tells of maintenance.
    """
    try:
        if temp_redirects.NOTED in request.META and conf.current().ENABLED:
            visit = RequestVisit(request, request.path)
            _follow(Following(ruleset, visit, clock()), response)
        return bounded(response, request, clock)
    except Exception:
        return _unfinished(response)


async def _anoted(
    request: HttpRequest,
    coming: Awaitable[Any],
    ruleset: Ruleset,
    clock: Callable[[], float],
) -> Any:
    return _noted(request, await coming, ruleset, clock)


def _unfinished(response: Any) -> Any:
    _tell_failure("temp_redirects failed; the page is sent without its marks.")
    return response


def _passing(ruleset: Ruleset) -> Page:
    return Page(switches=ruleset.switches) if ruleset.switches else PASS


def _ribbon(
    ruleset: Ruleset, decision: Decision, visit: RequestVisit, now: float
) -> Ribbon | None:
    window = ruleset.windows.get(decision.passed.strip().casefold())
    if window is None:
        return None
    windows = ruleset.windows.values()
    return Ribbon.of(windows, window, visit, decision.passed_by, now)


def _ask_notice(visit: RequestVisit, name: str, now: float) -> None:
    """Let the request go on to the notice of a window instead of its own page.

    ``temp_redirects_next`` tells the notice what was asked for, signed;
    ``temp_redirects_now`` when, for a request has one time.
    """
    request = visit.request
    request.temp_redirects_now = now  # type: ignore[attr-defined]
    request.temp_redirects_next = visit.next  # type: ignore[attr-defined]
    notice = f"{visit.site.notices}{name}/"
    request.path = notice
    request.path_info = "/" + notice.removeprefix(get_script_prefix())


_told: dict[str, float] = {}  # what was logged of a rule or condition, and when


def _is_news(what: str) -> bool:
    """Say whether this was not logged within the last minute, whoever asks so often."""
    now = monotonic()
    if now - _told.get(what, -MINUTE) < MINUTE:
        return False
    _told[what] = now
    return True


def _tell_failure(text: str) -> None:
    """Log the present exception, each kind once a minute: every request may fail."""
    if _is_news(f"{text} {sys.exc_info()[0]}"):
        logger.exception(text)


def _failed() -> Page:
    _tell_failure("temp_redirects failed; the request goes on to its view.")
    return PASS


def _marked(
    request: HttpRequest, response: Any, page: Page, clock: Callable[[], float]
) -> Any:
    # For caches first: what is only shown may fail, and is then left out.
    if page.vary:
        patch_vary_headers(response, page.vary)
    if page.is_personal:
        keep_private(response)
    if page.ends_loop:
        response.headers["Cache-Control"] = "private, no-store"
    _follow(page.following, response)
    try:
        if page.switches:
            response = with_banner(request, response, page.switches, clock())
        if page.ribbon is not None:
            response = with_ribbon(request, response, page.ribbon)
        return bounded(response, request, clock)
    except Exception:
        return _unfinished(response)
