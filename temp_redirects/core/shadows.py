"""Shadows: rules that are never reached, because another one answers all they would."""

from collections.abc import Mapping

from temp_redirects.core.patterns import Exact, Prefix, Source, covers, sample_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sites import Site


def shadow_of(
    rule: Rule, ruleset: Ruleset, rules: Mapping[str, Rule], site: Site
) -> Rule | None:
    """Return a rule that is tried before this one and always holds where it would.

    *rules* are the compiled rules by id. A rule with conditions never shadows, nor one
    that may pass for another reason: what is returned is certain. A page that is open
    on the *site* while all else is closed is left to a rule that names it.
    """
    path = sample_path(rule.source)
    for record in ruleset.index.candidates(path):
        if record[0] == rule.id:  # the others are tried after it
            break
        other = rules.get(record[0])
        if (
            other is not None
            and _is_wider(other, rule)
            and other.precedence < rule.precedence
            and (isinstance(other.source, Exact) or not site.is_login(path))
            and _answers_all(other)
        ):
            return other
    return None


def _answers_all(rule: Rule) -> bool:
    """Say whether a rule holds for every visit of its paths, hosts and methods."""
    targets = [each.target for each in rule.destinations]
    # It passes where a visit is at its target already.
    is_its_own = any(rule.source.match(each.literal[2] or "/") for each in targets)
    is_narrow = rule.conditions or rule.unless or rule.excepted.paths
    asks_host = any(each.asks_host for each in targets)
    return not (is_narrow or is_its_own or asks_host or rule.names_country)


def _is_wider(rule: Rule, other: Rule) -> bool:
    """Say whether paths, methods, hosts and window of *other* are all of *rule*."""
    return (  # hosts first: on one path they are what most often differs
        _includes(rule.hosts.patterns, other.hosts.patterns)
        and _includes(rule.asked_methods.names, other.asked_methods.names)
        and _holds_all(rule.source, other.source)
        and _lasts_as_long(rule.schedule, other.schedule)
    )


def _holds_all(source: Source, other: Source) -> bool:
    if isinstance(source, Prefix):
        if isinstance(other, Exact | Prefix):
            return covers(source.path, other.path)
        # What stands before the first placeholder may end within a segment.
        return other.path.startswith(f"{source.literal}/")
    return source.kind == other.kind and source.typed == other.typed


def _includes(wanted: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Say whether any value of *others* is wanted; nothing wanted is everything."""
    return not wanted or (bool(others) and {*others} <= {*wanted})


def _lasts_as_long(schedule: Schedule, other: Schedule) -> bool:
    if schedule.recurrence is not None:
        return schedule == other
    begins = schedule.starts is None or (
        other.starts is not None and schedule.starts <= other.starts
    )
    last = other.last_end
    ends = schedule.ends is None or (last is not None and last <= schedule.ends)
    return begins and ends
