"""What a rule does, told in sentences made from the compiled rule."""

from collections.abc import Iterator
from itertools import zip_longest

from temp_redirects.core.patterns import typed_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.schedules.dates import shown_day
from temp_redirects.core.schedules.words import moved_ends, repeats
from temp_redirects.core.sentences import (
    Figure,
    Joined,
    Sentence,
    gettext_noop,
    listed,
)
from temp_redirects.core.splits import ORIGINAL


def describe(rule: Rule) -> list[Sentence]:
    """Return the parts of what is said: when, who, from, to, how.

    Each field that changes what the rule does changes what is said.
    """
    return [
        *(_shared_out(rule) if _has_shares(rule) else _sent(rule)),
        _how(rule),
        *_cached(rule),
        *_stays(rule),
    ]


def sentence(rule: Rule) -> str:
    """Return the description as one text."""
    text = " ".join(str(part) for part in describe(rule))
    return f"{text[0].upper()}{text[1:]}"


def _when(rule: Rule) -> Sentence:
    when = _time(rule)
    return when if rule.enabled else Sentence("once resumed, {when}", when=when)


def _time(rule: Rule) -> Sentence:
    schedule = rule.schedule
    if schedule.recurrence is not None:
        facts = {
            "first": shown_day(schedule.recurrence.first),
            "repeats": repeats(schedule),
        }
        moved = moved_ends(schedule)
        if moved:
            return Sentence(
                "starting {first}, {repeats}; {moved}", **facts, moved=moved
            )
        return Sentence("starting {first}, {repeats}", **facts)
    starts = None if schedule.starts is None else schedule.shown(schedule.starts)
    ends = None if schedule.ends is None else schedule.shown(schedule.ends)
    if starts and ends:
        return Sentence("from {starts} to {ends}", starts=starts, ends=ends)
    if starts:
        return Sentence("from {starts} until somebody switches it off", starts=starts)
    if ends:
        return Sentence("from now to {ends}", ends=ends)
    return Sentence("until somebody switches it off")


def _who(rule: Rule) -> Sentence:
    methods = rule.asked_methods.names
    if methods:
        return Sentence("each {methods} request", methods=listed(methods))
    return Sentence("every request")


def _has_shares(rule: Rule) -> bool:
    (first, *others) = rule.destinations
    return bool(others) or first.percentage is not None


def _sent(rule: Rule) -> list[Sentence]:
    """Return from where to where, and what is left out."""
    main = Sentence(
        "{when}, {who} {source} is sent to “{target}”",
        when=_when(rule),
        who=_who(rule),
        source=_source(rule),
        target=rule.destinations[0].target.typed,
    )
    return [main, *_exceptions(rule)]


def _shared_out(rule: Rule) -> list[Sentence]:
    """Return what is split, and how; a sentence begins then that says the rest."""
    main = Sentence(
        "{when}, {who} {source} is split: {shares}.",
        when=_when(rule),
        who=_who(rule),
        source=Joined([_source(rule), *_exceptions(rule)], gettext_noop(" ")),
        shares=Joined(_shares(rule)),
    )
    return [main, Sentence("What is redirected is sent")]


def _source(rule: Rule) -> Sentence:
    source = Sentence(_SOURCES[rule.source.kind], path=rule.source.typed)
    hosts = rule.hosts.patterns
    if not hosts:
        return source
    return Sentence("{source} on {hosts}", source=source, hosts=listed(hosts))


_SOURCES = {
    "exact": gettext_noop("for “{path}”"),
    "prefix": gettext_noop("for “{path}” and everything under it"),
    "pattern": gettext_noop("for paths of the form “{path}”"),
    "regex": gettext_noop("for paths that match “{path}”"),
}


def _shares(rule: Rule) -> Iterator[Sentence]:
    """Yield what each arm gets, “50 % go to “/b/””; the original page too."""
    for (arm, share), each in zip_longest(rule.split.shares, rule.destinations):
        if each is not None:
            facts = {"share": Figure(f"{share:.4g}"), "target": each.target.typed}
            if each.label:
                yield Sentence(
                    "{share} % go to “{target}” ({label})", **facts, label=each.label
                )
            else:
                yield Sentence("{share} % go to “{target}”", **facts)
        elif arm == ORIGINAL and share > 0:
            left = Figure(f"{share:.4g}")
            yield Sentence("{share} % stay on the original page", share=left)


def _stays(rule: Rule) -> list[Sentence]:
    """Return by what visitors get the same arm again, and what is counted."""
    if not rule.is_split:
        return []
    parts = [Sentence(_KEPT[rule.sticky])]
    facts = {"goal": rule.goal, "days": rule.goal_days}
    if rule.goal and rule.planned_visitors:
        parts.append(
            Sentence(
                "Who reaches “{goal}” within {days} days counts as a success, planned "
                "for {planned} visitors.",
                **facts,
                planned=rule.planned_visitors,
            )
        )
    elif rule.goal:
        parts.append(
            Sentence(
                "Who reaches “{goal}” within {days} days counts as a success.", **facts
            )
        )
    return parts


_KEPT = {
    "visitor": gettext_noop("Each visitor keeps the same page."),
    "user": gettext_noop("Each user keeps the same page."),
    "address": gettext_noop("Each address keeps the same page."),
    "request": gettext_noop("Each request is drawn anew."),
}


def _exceptions(rule: Rule) -> list[Sentence]:
    # Said of each, because all must hold: “A and B” would be read as either.
    parts = [
        Sentence("and only for {fact}", fact=each.describe())
        if at
        else Sentence("only for {fact}", fact=each.describe())
        for at, each in enumerate(rule.conditions)
    ]
    if rule.unless:
        facts = listed([each.describe() for each in rule.unless])
        parts.append(Sentence("not for {facts}", facts=facts))
    if rule.excepted.paths:
        paths = Joined(f"“{typed_path(path)}”" for path in rule.excepted.paths)
        parts.append(Sentence("except {paths}", paths=paths))
    return parts


def _how(rule: Rule) -> Sentence:
    query = Sentence(_QUERIES[rule.query])
    return Sentence("{query}, {how}", query=query, how=Sentence(_HOW[rule.status]))


_QUERIES = {
    "keep": gettext_noop("with its query"),
    "drop": gettext_noop("without its query"),
}
_HOW = {
    307: gettext_noop("keeping method and content (307)"),
    303: gettext_noop("as a request for a page, without its content (303)"),
    302: gettext_noop("as old clients know it, a form’s content may get lost (302)"),
}


def _cached(rule: Rule) -> list[Sentence]:
    told = Sentence("and never stored by caches")
    if rule.cache_seconds:
        told = Sentence(
            "and may be stored by caches for {seconds} s", seconds=rule.cache_seconds
        )
    if not rule.priority:
        return [Sentence("{told}.", told=told)]
    return [Sentence("{told}; priority {priority}.", told=told, priority=rule.priority)]
