"""``selfcheck``: whether a split is as it is set, told by made-up visitors."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from itertools import islice
from shlex import join
from typing import Any

from django.db.models import Count, Q

from temp_redirects.core.assignments import label_of
from temp_redirects.core.experiments import MISMATCH
from temp_redirects.core.experiments.words import percent
from temp_redirects.management.actions import (
    Verb,
    add_json,
    find,
    refuse,
    written_rules,
)
from temp_redirects.management.replays import (
    OTHERS,
    Places,
    Replay,
    address_of,
    replay,
)
from temp_redirects.models import RedirectRule

EPILOG = """\
Visitors without cookies, each from another address, are led through the site’s own
middleware; no request is sent and nobody is counted. It says how they were split, some
come again, and some are led through the other live splits too.

problems, by a stable code:
  mismatch   the shares are not as they are set, and that is not chance
  changed    who came again got another page
  dependent  another split tells which page a visitor gets here

A sound split fails in one of 500 runs: then run it again.

exit codes:
  0  no problem
  1  problems, or the rule answers none of them

example:
  temp_redirects selfcheck pricing-test --visitors 100000
"""
VISITORS = 10_000


class SelfCheck(Verb):
    """Leads made-up visitors through a split, and says whether it is sound."""

    name = "selfcheck"
    help = "lead made-up visitors through a split, and say whether it is sound"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the rule, how many visitors, and what they ask for."""
        parser.add_argument("name", metavar="NAME", help="the rule’s name")
        parser.add_argument(
            "--visitors", type=int, default=VISITORS, metavar="N", help="usual is 10000"
        )
        parser.add_argument(
            "--url", default="", help="what they ask for; else what the rule covers"
        )
        parser.add_argument(
            "--header",
            action="append",
            default=[],
            metavar="“NAME: VALUE”",
            help="sent by all of them; may be repeated",
        )
        add_json(parser)

    def run(
        self,
        *args: Any,
        name: str,
        visitors: int,
        url: str,
        header: Sequence[str],
        json: bool,
        **options: Any,
    ) -> None:
        """Lead them through, and tell what they got."""
        row = find(written_rules(), name)
        if row.state() != "live":
            raise refuse(f"“{row.name}” is {row.state()}; only a live rule is checked.")
        rule = row.compile()
        if not rule.is_split:
            raise refuse(f"“{row.name}” sends everybody to one place; it is no split.")
        here = Places(rule, url or address_of(rule), header)
        found = replay(here, _others(row), max(visitors, 1), header)
        if found.missed == found.visitors:
            raise refuse(
                f"The rule answers none of {found.visitors:,} visitors who ask for "
                f"{here.url}. What decides instead: {_explained(here.url, header)}"
            )
        problems = list(problems_of(found))
        if json:
            self.write_json(_as_json(found, here.url, problems))
        else:
            self.write(*lines_of(found, here.url))
        if problems:
            raise refuse(f"Problems: {', '.join(problems)}.")


def _explained(url: str, headers: Sequence[str]) -> str:
    """Return the command that says what becomes of such a visitor, for a shell."""
    sent = [word for header in headers for word in ("--header", header)]
    return join(["temp_redirects", "explain", "GET", url, *sent])


def _others(row: RedirectRule) -> list[Places]:
    """Return the other live splits that tell visitors apart."""
    counted = written_rules().alias(
        ways=Count("destinations"), given=Count("destinations__percentage")
    )
    splits = counted.filter(Q(ways__gt=1) | Q(given__gt=0) | ~Q(goal=""), enabled=True)
    live = (row for row in splits.exclude(pk=row.pk) if row.state() == "live")
    rules = (
        rule
        for rule in (each.compile() for each in live)
        if not rule.split.is_whole and rule.sticky != "request"
    )
    return [Places(rule, address_of(rule), ()) for rule in islice(rules, OTHERS)]


def problems_of(found: Replay) -> Iterator[str]:
    """Yield the codes of what is wrong."""
    if found.mismatch < MISMATCH:
        yield "mismatch"
    if found.changed:
        yield "changed"
    if any(p < _bound(found) for p in found.dependences.values()):
        yield "dependent"


def _bound(found: Replay) -> float:
    return MISMATCH / len(found.beside)


def lines_of(found: Replay, url: str) -> Iterator[str]:
    """Yield what came of it, for people."""
    answered = found.visitors - found.missed
    yield f"“{found.rule.name}”: {found.visitors:,} made-up visitors asked for {url}"
    if found.missed:
        yield f"  {found.missed:,} of them were not answered by this rule"
    for arm in {**found.shares, **found.arms}:
        got = found.arms[arm]
        share, wanted = percent(got / answered), percent(found.shares.get(arm, 0) / 100)
        told = f"{share:>7}  set to {wanted:>7}  {got:10,}"
        yield f"  {told}  {label_of(found.rule, arm)}"
    yield _line(found.mismatch >= MISMATCH, f"the split, p {found.mismatch:.4f}")
    if found.came_again:
        told = f"{found.came_again:,} came again, {found.changed:,} got another page"
        yield _line(not found.changed, told)
    for name, p in found.dependences.items():
        yield _line(p >= _bound(found), f"independent of “{name}”, p {p:.4f}")


def _line(is_sound: bool, text: str) -> str:
    return f"{'ok' if is_sound else 'WRONG':5}  {text}"


def _as_json(found: Replay, url: str, problems: Sequence[str]) -> dict[str, Any]:
    return {
        "name": found.rule.name,
        "url": url,
        "visitors": found.visitors,
        "missed": found.missed,
        "arms": [
            {"id": arm, "share": found.shares.get(arm, 0), "visitors": found.arms[arm]}
            for arm in {**found.shares, **found.arms}
        ],
        "split_p": found.mismatch,
        "came_again": found.came_again,
        "changed": found.changed,
        "beside": found.dependences,
        "problems": list(problems),
    }
