"""Facts: what a visit has to have for conditions to hold, put together."""

from collections.abc import Iterable, Iterator
from itertools import islice, product

from temp_redirects.core.conditions import Condition
from temp_redirects.core.people import Person
from temp_redirects.core.visits import Facts

MOST = 50  # samples that are tried for one rule


def samples_of(conditions: Iterable[Condition]) -> Iterator[Facts]:
    """Yield facts for conditions that all have to hold; contradictions among them.

    Whoever uses them asks the conditions, so that a contradiction holds nowhere.
    """
    choices = [each.samples() or ({},) for each in conditions]
    for chosen in islice(product(*choices), MOST):
        facts: Facts = {}
        for each in chosen:
            facts = merged(facts, each)
        yield facts


def merged(facts: Facts, more: Facts) -> Facts:
    """Return both; where only one of two facts can be, the second."""
    both = {**facts, **more}
    if "headers" in facts and "headers" in more:
        both["headers"] = _headers(facts["headers"], more["headers"])
    if facts.get("query") and more.get("query"):
        both["query"] = f"{facts['query']}&{more['query']}"
    if "person" in facts and "person" in more:
        both["person"] = _person(facts["person"], more["person"])
    return both


def _headers(headers: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    both = {**headers, **more}
    if "Cookie" in headers and "Cookie" in more and headers["Cookie"] != more["Cookie"]:
        both["Cookie"] = f"{headers['Cookie']}; {more['Cookie']}"
    return both


def _person(person: Person, more: Person) -> Person:
    if not (person.is_authenticated and more.is_authenticated):
        return more
    return Person(
        is_staff=person.is_staff or more.is_staff,
        groups=(person.groups or frozenset()) | (more.groups or frozenset()),
        permissions=(person.permissions or frozenset())
        | (more.permissions or frozenset()),
    )
