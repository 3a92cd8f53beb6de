"""Ready answers: redirects that are the same for everybody, made once and sent again.

Most rules send whoever asks for a path to one address. The first such request is
decided and answered in full; for those behind it only what may differ is looked at.
"""

from typing import NamedTuple

from django.http import HttpRequest

from temp_redirects import conf
from temp_redirects.conf import Conf
from temp_redirects.core.hops import hop_of
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Decision, Ruleset
from temp_redirects.hops import send
from temp_redirects.people import fetched
from temp_redirects.requests import RequestVisit
from temp_redirects.responses import Redirect

MOST = 2_000  # answers of a ruleset, of 1.7 KB each; beyond them it begins anew


class Ready(NamedTuple):
    """A redirect as it is sent again, and the decision and settings it was made by.

    Settings are good as long as they are the same object (`conf.current`).
    """

    rule: Rule
    decision: Decision
    conf: Conf
    answer: Redirect


def keep(
    answer: Redirect, decision: Decision, visit: RequestVisit, ruleset: Ruleset
) -> None:
    """Keep an answer ready, where it is the same for whoever asks for this path.

    How many there are no stranger decides: settled are exact paths of rules alone.
    """
    rule, path = decision.rule, visit.path
    is_watched = ruleset.counts_requests or ruleset.has_goals
    # What is no such text may be shown as another path is.
    is_sure = not ("%" in path or "\ufffd" in path)
    if rule is None or not decision.is_settled or is_watched or not is_sure:
        return
    if _is_plain(visit.request):
        if len(ruleset.ready) >= MOST:
            ruleset.ready.clear()
        ruleset.ready[path] = Ready(rule, decision, visit.conf, answer.again())


def again(ruleset: Ruleset, request: HttpRequest, now: float) -> Redirect | None:
    """Return the answer that is ready, counted; None where one has to be made."""
    ready: Ready | None = ruleset.ready.get(request.path)
    if (
        ready is None
        or not _is_plain(request)
        or ready.conf is not conf.current()
        or not ready.rule.schedule.active(now)
    ):
        return None
    visit = RequestVisit(request, request.path)
    hop = hop_of(visit, ready.decision)
    if hop.marker or hop.is_loop:
        return None
    answer = ready.answer.again()
    send(answer, ready.rule, hop, visit, now)
    return answer


def _is_plain(request: HttpRequest) -> bool:
    """Say whether a request has nothing by which answers on one path differ."""
    return (
        request.method == "GET"
        and not request.META.get("QUERY_STRING")
        and request.path_info == request.path
        and not request.META.get("SCRIPT_NAME")  # under which other paths are protected
        and "urlconf" not in vars(request)  # which may have other protected paths
        and fetched(request) is None  # staff are told the rule's name
    )
