"""What an experiment's counts say, in the words of somebody who runs a shop.

Rates are told in percent, differences in points: from 5 % to 6 % is one point.
"""

from collections.abc import Iterable, Mapping

from temp_redirects.core.experiments.plans import days_left
from temp_redirects.core.experiments.rates import Interval
from temp_redirects.core.experiments.verdicts import (
    MIN_CONVERSIONS,
    MIN_DAYS,
    MIN_VISITORS,
    Evidence,
)
from temp_redirects.core.sentences import (
    Counted,
    Figure,
    Joined,
    Said,
    Sentence,
    gettext_noop,
    listed,
)

CAUSES = (  # of a split that is not as set
    Sentence("A cache before the site keeps one page and gives it to everybody."),
    Sentence("Robots that look like people come to one page only."),
    Sentence("One page is slow or fails, and visitors leave before they are counted."),
    Sentence("Another redirect, or a link, leads visitors past the split."),
)
_MISMATCH = Sentence(
    "The pages did not get the visitors that they were to get, and that is hardly "
    "chance: it happens in fewer than one of 1,000 sound tests. Something keeps "
    "visitors from a page, so no winner is named. Find the cause, mend it, and start "
    "again."
)
_SURETY = Sentence(
    "Where there is no difference at all, a test like this one names a winner in fewer "
    "than 5 of 100 cases, however often you look."
)
_PLANNED = Sentence(
    "The planned number of visitors has come, and what there is may be chance: there "
    "is no difference, or it is smaller than the one planned for."
)
_UNPLANNED = Sentence(
    "What there is may be chance. Plan how many visitors the test is to have: then you "
    "know when to stop waiting."
)
_WAYS = (  # by whether the arm is as good, ahead or behind
    gettext_noop(
        "{name} is as good as {control} so far; the real difference may be between "
        "{between}."
    ),
    gettext_noop(
        "{name} is {by} ahead of {control} so far; the real difference may be between "
        "{between}."
    ),
    gettext_noop(
        "{name} is {by} behind {control} so far; the real difference may be between "
        "{between}."
    ),
)


def percent(rate: float) -> Sentence:
    """Return a share for people: “5.6 %”, and a small one “0.56 %”."""
    return Sentence("{figure}\u00a0%", figure=_figure(rate))


def points(difference: float) -> Sentence:
    """Return a difference of rates for people: “+1.1 points”."""
    return Sentence("{figure}\u00a0points", figure=_signed(difference))


def between(interval: Interval) -> Sentence:
    """Return from where to where a rate may be: “5.0 to 6.1 %”."""
    upper = percent(interval.upper)
    return Sentence("{lower} to {upper}", lower=_figure(interval.lower), upper=upper)


def points_between(interval: Interval) -> Sentence:
    """Return from where to where a difference may be: “−0.3 to +1.1 points”."""
    return Sentence("{lower} to {upper}", **_bounds(interval))


def _points_and(interval: Interval) -> Sentence:
    """Return the bounds as they follow “between”: “−0.3 and +1.1 points”."""
    return Sentence("{lower} and {upper}", **_bounds(interval))


def _bounds(interval: Interval) -> dict[str, object]:
    return {"lower": _signed(interval.lower), "upper": points(interval.upper)}


def headline(evidence: Evidence, names: Mapping[str, str]) -> Sentence:
    """Return what may be said, in a few words; *names* are those of the arms."""
    verdict = evidence.verdict
    if verdict.code == "better":
        return Sentence("{name} is better.", name=_first(names[verdict.arm]))
    if verdict.code == "mismatch":
        return Sentence("Do not trust these numbers.")
    if verdict.code == "no_clear_difference":
        return Sentence("No clear difference.")
    return Sentence("Too early to tell.")


def explanation(evidence: Evidence, names: Mapping[str, str]) -> list[Sentence]:
    """Return the sentences behind the headline: why, and how sure that is."""
    code = evidence.verdict.code
    if code == "mismatch":
        return [_MISMATCH]
    if code == "better":
        return [_better(evidence, names), _SURETY]
    if code == "too_early":
        return [_too_early(evidence), *_leading(evidence, names)]
    planned = _PLANNED if evidence.planned is not None else _UNPLANNED
    return [*_leading(evidence, names), planned]


def split_health(
    evidence: Evidence, shares: Mapping[str, float], names: Mapping[str, str]
) -> Sentence:
    """Return how the visitors were really split, beside how they were to be."""
    whole, visitors = sum(shares.values()), evidence.visitors
    arms = [
        arm
        for arm, counts in evidence.arms.items()
        if counts.visitors or shares.get(arm)
    ]
    if not visitors or not whole:
        return Sentence("Nobody has come yet.")
    facts = {
        "seen": _listed(evidence.arms[arm].visitors / visitors for arm in arms),
        "set": _listed(shares.get(arm, 0) / whole for arm in arms),
        "names": listed([names[arm] for arm in arms], "and"),
    }
    if evidence.verdict.code == "mismatch":
        return Sentence("The split is {seen}, but set to {set} ({names}).", **facts)
    return Sentence("The split is as it should be: {seen}, set to {set}.", **facts)


def progress(evidence: Evidence) -> Sentence | None:
    """Return how much of the planned size is reached; None where none is planned."""
    if evidence.planned is None:
        return None
    share = min(1.0, evidence.visitors / max(evidence.planned, 1))
    facts = {
        "visitors": Figure(f"{evidence.visitors}"),
        "planned": Figure(f"{evidence.planned}"),
        "share": Sentence("{figure}\u00a0%", figure=Figure(f"{share * 100:.0f}")),
    }
    if evidence.visitors > evidence.planned:
        return Sentence(
            "{visitors} visitors have come, more than the {planned} planned.", **facts
        )
    left = days_left(evidence.planned, evidence.visitors, evidence.days)
    if left is None or evidence.is_decided:  # nothing to wait for
        return Sentence(
            "{visitors} of the {planned} planned visitors have come ({share}).", **facts
        )
    return Counted(
        "{visitors} of the {planned} planned visitors have come ({share}); at this "
        "pace it takes {days} more day.",
        "{visitors} of the {planned} planned visitors have come ({share}); at this "
        "pace it takes {days} more days.",
        left,
        days=Figure(f"{left}"),
        **facts,
    )


def _better(evidence: Evidence, names: Mapping[str, str]) -> Sentence:
    winner, control = evidence.verdict.arm, evidence.control
    # A control that beats them all is told beside the best of the others.
    found = max(
        (each for each in evidence.comparisons if winner in {each.arm, control}),
        key=lambda each: each.difference,
    )
    difference, sequence, other = found.difference, found.sequence, control
    if winner == control:
        difference, other = -difference, found.arm
        sequence = Interval(-sequence.upper, -sequence.lower)
    return Sentence(
        "{rate} of its visitors reached the goal, against {other_rate} of those of "
        "{other}: {difference}. The real difference is likely between {between}.",
        rate=percent(evidence.arms[winner].rate),
        other_rate=percent(evidence.arms[other].rate),
        other=names[other],
        difference=points(difference),
        between=_points_and(sequence),
    )


def _leading(evidence: Evidence, names: Mapping[str, str]) -> list[Sentence]:
    """Return who is ahead, and how little that means so far."""
    return [
        Sentence(
            _WAYS[(each.difference > 0) - (each.difference < 0)],
            name=_first(names[each.arm]),
            control=names[evidence.control],
            by=_distance(each.difference),
            between=_points_and(each.sequence),
        )
        for each in evidence.comparisons
        if evidence.arms[each.arm].visitors and evidence.arms[evidence.control].visitors
    ]


def _too_early(evidence: Evidence) -> Sentence:
    reason = evidence.verdict.reason
    if reason == "visitors":
        return Sentence(
            "Each page needs {least} visitors before anything can be said.",
            least=MIN_VISITORS,
        )
    if reason == "conversions":
        return Sentence(
            "Of each page’s visitors {least} have to reach the goal before anything "
            "can be said.",
            least=MIN_CONVERSIONS,
        )
    if reason == "week":
        return Sentence(
            "A test takes {days} days at least, because weekends bring other people "
            "than working days.",
            days=f"{MIN_DAYS:.0f}",
        )
    return Sentence(
        "What there is so far may be chance. The planned number of visitors has not "
        "come yet."
    )


def _first(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def _listed(shares: Iterable[float]) -> Joined:
    return Joined(map(percent, shares), gettext_noop(" / "))


def _distance(difference: float) -> Sentence:
    figure = _rounded(abs(difference))
    return Sentence("{figure}\u00a0points", figure=figure)


def _figure(share: float) -> Figure:
    """Return a share in percent; of one below 1 % two decimals tell more."""
    return Figure(f"{share * 100:.{1 if abs(share) >= 0.01 or not share else 2}f}")


def _signed(difference: float) -> Said:
    return _rounded(difference, "+")


def _rounded(difference: float, sign: str = "") -> Said:
    shown = f"{difference * 100:{sign}.{1 if abs(difference) >= 0.001 else 2}f}"
    return Figure(shown) if float(shown) else "0"
