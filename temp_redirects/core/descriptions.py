"""What a rule does, told in sentences made from the compiled rule."""

from itertools import zip_longest

from temp_redirects.core.patterns import typed_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.schedules.words import moved_ends, repeats, shown_day
from temp_redirects.core.sentences import Sentence, listed
from temp_redirects.core.splits import ORIGINAL


def describe(rule: Rule) -> list[Sentence]:
    """Return the parts of what is said: when, who, from, to, how.

    Each field that changes what the rule does changes what is said.
    """
    return [
        *_paused(rule),
        _when(rule),
        _who(rule),
        *(_shared_out(rule) if _has_shares(rule) else _sent(rule)),
        _how(rule),
        *_cached(rule),
        *_stays(rule),
    ]


def sentence(rule: Rule) -> str:
    """Return the description in English, as one text."""
    text = " ".join(str(part) for part in describe(rule))
    return f"{text[0].upper()}{text[1:]}"


def _paused(rule: Rule) -> list[Sentence]:
    return [] if rule.enabled else [Sentence("once resumed,")]


def _when(rule: Rule) -> Sentence:
    schedule = rule.schedule
    if schedule.recurrence is not None:
        return Sentence(
            "starting {first}, {repeats}{moved},",
            first=shown_day(schedule.recurrence.first),
            repeats=repeats(schedule),
            moved=moved_ends(schedule),
        )
    facts = {
        "starts": None if schedule.starts is None else schedule.shown(schedule.starts),
        "ends": None if schedule.ends is None else schedule.shown(schedule.ends),
        "timezone": schedule.timezone,
    }
    if facts["starts"] and facts["ends"]:
        return Sentence("from {starts} to {ends},", **facts)
    if facts["starts"]:
        return Sentence("from {starts} until somebody switches it off,", **facts)
    if facts["ends"]:
        return Sentence("from now to {ends},", **facts)
    return Sentence("until somebody switches it off,")


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
    target = rule.destinations[0].target.typed
    return [
        _source(rule),
        Sentence("is sent to “{target}”", target=target),
        *_exceptions(rule),
    ]


def _shared_out(rule: Rule) -> list[Sentence]:
    """Return what is split, and how; a sentence begins then that says the rest."""
    return [
        _source(rule),
        *_exceptions(rule),
        Sentence("is split: {shares}.", shares=", ".join(_shares(rule))),
        Sentence("What is redirected is sent"),
    ]


def _source(rule: Rule) -> Sentence:
    template = {
        "exact": "for “{path}”{hosts}",
        "prefix": "for “{path}” and everything under it{hosts}",
        "pattern": "for paths of the form “{path}”{hosts}",
        "regex": "for paths that match “{path}”{hosts}",
    }[rule.source.kind]
    hosts = rule.hosts.patterns
    return Sentence(
        template,
        path=rule.source.typed,
        hosts=f" on {listed(hosts)}" if hosts else "",
    )


def _shares(rule: Rule) -> list[str]:
    """Return what each arm gets, “50 % go to “/b/””; the original page too."""
    shares = rule.split.shares
    found = []
    for (arm, share), each in zip_longest(shares, rule.destinations):
        if each is not None:
            label = f" ({each.label})" if each.label else ""
            found.append(f"{share:.4g} % go to “{each.target.typed}”{label}")
        elif arm == ORIGINAL and share > 0:
            found.append(f"{share:.4g} % stay on the original page")
    return found


def _stays(rule: Rule) -> list[Sentence]:
    """Return by what visitors get the same arm again, and what is counted."""
    if not rule.is_split:
        return []
    kept = {
        "visitor": "Each visitor keeps the same page.",
        "user": "Each user keeps the same page.",
        "address": "Each address keeps the same page.",
        "request": "Each request is drawn anew.",
    }[rule.sticky]
    parts = [Sentence(kept)]
    if rule.goal:
        planned = rule.planned_visitors
        parts.append(
            Sentence(
                "Who reaches “{goal}” within {days} days counts as a success{planned}.",
                goal=rule.goal,
                days=rule.goal_days,
                planned=f", planned for {planned} visitors" if planned else "",
            )
        )
    return parts


def _exceptions(rule: Rule) -> list[Sentence]:
    parts = []
    if rule.conditions:
        # Said of each, because all must hold: “A and B” would be read as either.
        parts += [
            Sentence("and only for {fact}" if at else "only for {fact}", fact=fact)
            for at, fact in enumerate(each.describe() for each in rule.conditions)
        ]
    if rule.unless:
        facts = listed([str(each.describe()) for each in rule.unless])
        parts.append(Sentence("not for {facts}", facts=facts))
    if rule.excepted.paths:
        paths = "”, “".join(map(typed_path, rule.excepted.paths))
        parts.append(Sentence("except “{paths}”", paths=paths))
    return parts


def _how(rule: Rule) -> Sentence:
    how = {
        307: "keeping method and content (307)",
        303: "as a request for a page, without its content (303)",
        302: "as old clients know it, a form’s content may get lost (302)",
    }[rule.status]
    query = {"keep": "with its query", "drop": "without its query"}[rule.query]
    return Sentence("{query}, {how}", query=query, how=how)


def _cached(rule: Rule) -> list[Sentence]:
    ends = "." if rule.priority == 0 else f"; priority {rule.priority}."
    if not rule.cache_seconds:
        return [Sentence("and never stored by caches{ends}", ends=ends)]
    return [
        Sentence(
            "and may be stored by caches for {seconds} s{ends}",
            seconds=rule.cache_seconds,
            ends=ends,
        )
    ]
