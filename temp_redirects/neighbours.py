"""Neighbours: what other rules mean for one rule, and what it means for them.

Asked of the index for the rule's own path, so that the number of rules does not matter.
"""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext, ngettext

from temp_redirects.advice import Advice
from temp_redirects.core.conditions.scheme import Scheme
from temp_redirects.core.documents import record_of
from temp_redirects.core.facts import samples_of
from temp_redirects.core.lanes import share_visits
from temp_redirects.core.loops import next_visit
from temp_redirects.core.orders import reason_for
from temp_redirects.core.patterns import sample_path, typed_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset, Trace
from temp_redirects.core.shadows import shadow_of
from temp_redirects.core.timelines import timeline
from temp_redirects.core.visits import Visit
from temp_redirects.installation import ANSWERING, KEEPING
from temp_redirects.sites import current_site, own_host

MOST = 3  # neighbours that are named; of the others, only how many
AHEAD = 90 * 24 * 60 * 60.0  # seconds; how far the way on is looked at


def sample_visit(rule: Rule) -> Visit:
    """Return a visit that the rule is for, as far as one is guessed."""
    schemes = [each.wanted for each in rule.conditions if isinstance(each, Scheme)]
    hosts = [host.replace("*.", "www.", 1) for host in rule.hosts.patterns]
    return Visit(
        sample_path(rule.source),
        method=next(iter(rule.methods.names), "GET"),
        scheme=next(iter(schemes), "https"),
        host=next(iter(hosts), own_host()),
        site=current_site(),
        **next(samples_of(rule.conditions), {}),
    )


def advise_among(rule: Rule, ruleset: Ruleset, now: float) -> list[Advice]:
    """Return what to know about a rule among the others at *now*.

    The ruleset contains the rule. Nothing is said of one that is paused or over.
    """
    last = rule.schedule.last_end
    if not rule.enabled or (last is not None and last <= now):
        return []
    visit = sample_visit(rule)
    trace: Trace = []
    ruleset.decide(visit, now, trace)
    others = [
        attempt.rule
        for attempt in trace
        if attempt.rule is not None and attempt.rule.id != rule.id
    ]
    return [
        *_order(rule, others, ruleset, now),
        *_under(rule, ruleset),
        *_led_on(rule, visit, ruleset, now),
        *_personal(rule, others, visit),
    ]


def _order(
    rule: Rule, others: list[Rule], ruleset: Ruleset, now: float
) -> Iterator[Advice]:
    """Tell of rules on the same path: who decides, when, and why."""
    shadow = shadow_of(
        rule, ruleset, {each.id: each for each in others}, current_site()
    )
    if shadow is not None:
        text = gettext(
            "It is never reached: “%(rule)s” is tried first, because %(reason)s, and "
            "always answers."
        )
        reason = reason_for(shadow.precedence, rule.precedence)
        yield Advice("never_reached", text % {"rule": shadow.name, "reason": reason})
        return
    met = [each for each in others if _meets(rule, each, now)]
    for each in met[:MOST]:
        yield Advice("overlap", _overlap(rule, each, now))
    if len(met) > MOST:
        more = len(met) - MOST
        text = ngettext(
            "%(count)d more rule is for the same path at the same time.",
            "%(count)d more rules are for the same path at the same time.",
            more,
        )
        yield Advice("overlap", text % {"count": more})


def _meets(rule: Rule, other: Rule, now: float) -> bool:
    """Say whether both may be asked about one request."""
    last = other.schedule.last_end
    is_over = last is not None and last <= now
    return (
        not is_over
        and rule.schedule.meets(other.schedule)
        and share_visits(rule, other)
    )


def _overlap(rule: Rule, other: Rule, now: float) -> str:
    is_first = rule.precedence < other.precedence
    first, second = (rule, other) if is_first else (other, rule)
    text = (
        gettext(
            "“%(rule)s” is for the same path %(span)s: there this one is tried first, "
            "because %(reason)s."
        )
        if is_first
        else gettext(
            "“%(rule)s” is for the same path %(span)s: there it is tried before this "
            "one, because %(reason)s."
        )
    )
    return text % {
        "rule": other.name,
        "span": _shared_time(rule, other, now),
        "reason": reason_for(first.precedence, second.precedence),
    }


def _shared_time(rule: Rule, other: Rule, now: float) -> str:
    """Return from when to when both are on."""
    both = (rule.schedule, other.schedule)
    if any(each.recurrence is not None for each in both):
        return gettext("whenever both are on")
    starts = [each.starts for each in both if each.starts is not None]
    ends = [each.ends for each in both if each.ends is not None]
    facts = {
        "start": rule.schedule.shown(max([*starts, now])),
        "end": rule.schedule.shown(min(ends)) if ends else "",
    }
    has_begun = not starts or max(starts) <= now
    if has_begun and not ends:
        return gettext("all the time")
    if has_begun:
        return gettext("until %(end)s") % facts
    if not ends:
        return gettext("from %(start)s on") % facts
    return gettext("from %(start)s to %(end)s") % facts


def _under(rule: Rule, ruleset: Ruleset) -> Iterator[Advice]:
    """Tell of rules for paths under a prefix, which are tried before it."""
    if rule.source.kind != "prefix":
        return
    found: dict[str, str] = {}
    for path in ruleset.index.paths_under(f"{rule.source.literal}/", MOST + 1):
        first = next(iter(ruleset.index.candidates(path)), None)
        if path != rule.source.path and first is not None and first[0] != rule.id:
            found[typed_path(path)] = str(first[1])
    if not found:
        return
    named = [f"“{path}” (“{name}”)" for path, name in found.items()][:MOST]
    if len(found) > MOST:
        named.append("…")
    text = gettext(
        "Under this path other rules are tried first, whenever on: %(paths)s."
    )
    yield Advice("under", text % {"paths": ", ".join(named)})


def _led_on(rule: Rule, visit: Visit, ruleset: Ruleset, now: float) -> Iterator[Advice]:
    """Tell of a target that is redirected again while this rule is on."""
    occurrence = next(rule.schedule.occurrences(now), None)
    if occurrence is None:
        return
    since = max(now, occurrence.starts or now)
    following = next_visit(visit, Ruleset([record_of(rule)]).decide(visit, since))
    until = min(occurrence.ends or since + AHEAD, since + AHEAD)
    if following is None or until <= since or following.path == visit.path:
        return
    for stretch in timeline(ruleset, following, since, until):
        other = stretch.decision.rule
        if other is not None and other.id != rule.id:
            text = gettext(
                "Visitors take more than one redirect: “%(target)s” is sent on by "
                "“%(rule)s” to “%(location)s”, from %(start)s on."
            )
            yield Advice(
                "led_on",
                text
                % {
                    "target": typed_path(following.path),
                    "rule": other.name,
                    "location": stretch.decision.location,
                    "start": rule.schedule.shown(int(stretch.starts)),
                },
            )
            return


def _personal(rule: Rule, others: list[Rule], visit: Visit) -> Iterator[Advice]:
    """Tell of a path that caches keep, where this answer is about one person."""
    if not rule.consulted(visit)[1]:
        return
    kept = [each.name for each in (rule, *others) if each.cache_seconds]
    if not kept and (ANSWERING | KEEPING).isdisjoint(settings.MIDDLEWARE):
        return
    text = gettext(
        "It depends on who asks, and answers on “%(path)s” are kept by caches. While "
        "it is on they are marked “private”: only a visitor’s own browser keeps them. "
        "A cache that is told to ignore that would show one visitor’s answer to others."
    )
    yield Advice("personal_cached", text % {"path": typed_path(visit.path)})
