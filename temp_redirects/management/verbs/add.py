"""``add``: schedule a rule, or change the one of that name."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from time import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from temp_redirects.advice import Advice, advise
from temp_redirects.core.patterns import KINDS as SOURCES
from temp_redirects.core.rules import QUERIES, STATUSES, STICKIES, Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.targets import Target
from temp_redirects.management.actions import (
    USAGE,
    Verb,
    add_writing,
    attempt,
    stored,
    written_rules,
)
from temp_redirects.management.options import asked_window, several
from temp_redirects.management.repeats import (
    REPEAT_PLACES,
    add_repeat,
    read_repeat,
)
from temp_redirects.management.reports import Report, curl
from temp_redirects.management.switches import told_off
from temp_redirects.management.windows import Window
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import RedirectRuleQuerySet, default_name

EPILOG = """\
WHEN is “+2h” (from now), “22:00” (the next time the zone’s clocks show it; for
--until, after the start) or ISO 8601: “2026-12-01T02:00” is the zone’s time,
“2026-12-01T01:00Z” says its own. DURATION is 3h, 90m, 1h30m, 2d or 1w; days have
24 hours. Options that may be repeated are given once for each value.

A second “add” of the same --name replaces the whole rule, its window and whether it
is paused included, and says “updated”, or “unchanged” where nothing is new. Without
a name it is made of source and target.

examples:
  temp_redirects add /old/ /new/ --for 10m
  temp_redirects add /api/v1/submit /api/v2/submit --method POST --for 3h \\
      --name deploy --note "$CI_JOB_URL"
  temp_redirects add /blog/ '/news/{rest}' --match prefix --until 2026-12-24T18:00
  temp_redirects add /pricing/ --to 50%:/pricing-b/ --goal /thanks/ --for 4w
  temp_redirects add /shop/ /closed/ --match prefix --from 22:00 --until 02:00
"""


class Add(Verb):
    """Schedules a rule in one call."""

    name = "add"
    help = "schedule a redirect, or replace the one of that name"
    epilog = EPILOG
    places = {
        "path": "SOURCE",
        "destinations": "TARGET",
        "name": "--name",
        "match": "--match",
        "methods": "--method",
        "hosts": "--host",
        "except_paths": "--except",
        "conditions": "--only-for",
        "unless": "--not-for",
        "schedule.timezone": "--timezone",
        "sticky": "--sticky",
        "goal": "--goal",
        "goal_days": "--goal-days",
        "planned_visitors": "--planned",
        "schedule.starts_at": "--from",
        "schedule.ends_at": "the window",
        **REPEAT_PLACES,
        "status": "--status",
        "query": "--query",
        "priority": "--priority",
        "cache_seconds": "--cache",
        "note": "--note",
    }

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take everything that a rule can have."""
        parser.add_argument("source", metavar="SOURCE", help="a path: /old/")
        parser.add_argument(
            "target", metavar="TARGET", nargs="?", help="a path or an address: /new/"
        )
        _add_window(parser)
        _add_visits(parser)
        _add_answer(parser)
        _add_split(parser)
        parser.add_argument("--name", help="how to call it from now on")
        parser.add_argument("--note", default="", help="for your colleagues")
        parser.add_argument(
            "--paused", action="store_true", help="switched off until it is resumed"
        )
        add_writing(parser)

    def run(
        self, *args: Any, dry_run: bool, json: bool, paused: bool, **options: Any
    ) -> None:
        """Schedule the rule and say what it does."""
        window = asked_window(options, datetime.now(UTC))
        fields = {
            "enabled": not paused,
            "conditions": window.read("conditions", _facts, options["only_for"]),
            "unless": window.read("unless", _facts, options["not_for"]),
            "target": _target(options["target"], options["to"]),
            "methods": several(options["methods"]),
            "hosts": several(options["hosts"]),
            # A script's empty variable is a name that is refused, not one left out.
            "name": " " if options["name"] == "" else options["name"],
            **read_repeat(window, options),
            **{key: options[key] for key in PLAIN},
        }
        try:
            result, report = _schedule(window, fields, dry_run=dry_run)
        except IntegrityError:  # somebody else made that name in this moment
            result, report = _schedule(window, fields, dry_run=dry_run)
        extra = _to_try(report.rule) if report.rule else []
        advice = _advice(report)
        self.tell(result, report, *extra, advice=advice, dry_run=dry_run, json=json)


def _to_try(rule: Rule) -> list[str]:
    """Return how to try a rule, or what keeps it from acting until that is over."""
    stops = told_off([rule])
    return [*stops, f"{'Then try' if stops else 'Try'} it: {curl(rule)}"]


_SHARE = re.compile(r"(?P<percentage>[0-9]+(\.[0-9]+)?)%:(?P<target>.*)")
TARGET = "destinations[0].target"  # its place in the document
PLAIN = (
    "source",
    "sticky",
    "goal",
    "goal_days",
    "planned_visitors",
    "match",
    "except_paths",
    "status",
    "query",
    "priority",
    "cache_seconds",
    "note",
)


def _add_window(parser: ArgumentParser) -> None:
    window = parser.add_argument_group("when; one of the ends is needed")
    window.add_argument(
        "--from", dest="starts", metavar="WHEN", help="the first moment; else now"
    )
    ends = window.add_mutually_exclusive_group()
    ends.add_argument(
        "--for", dest="lasts", metavar="DURATION", help="how long, from its start"
    )
    ends.add_argument("--until", metavar="WHEN", help="the first moment it is over")
    ends.add_argument(
        "--until-switched-off",
        action="store_true",
        help="no end: until somebody ends or pauses it",
    )
    window.add_argument(
        "--timezone",
        default="",
        metavar="ZONE",
        help="whose clocks are meant, “Europe/Berlin”; else TIME_ZONE",
    )
    add_repeat(window)


def _add_visits(parser: ArgumentParser) -> None:
    visits = parser.add_argument_group("for which requests")
    visits.add_argument(
        "--match",
        choices=list(SOURCES),
        default="exact",
        help="exact (the default): this path; prefix: and everything under it; "
        "pattern: paths that match, as /blog/<int:year>/*/; regex: RE2 syntax",
    )
    for name, dest, metavar, text in (
        ("--method", "methods", "METHOD", "only this method; may be repeated"),
        ("--host", "hosts", "HOST", "only on this host; may be repeated"),
        ("--except", "except_paths", "PATH", "not under this path; may be repeated"),
        ("--only-for", "only_for", "KIND=VALUE", "scheme=http; may be repeated"),
        ("--not-for", "not_for", "KIND=VALUE", "scheme=https; may be repeated"),
    ):
        visits.add_argument(
            name, dest=dest, metavar=metavar, help=text, action="append", default=[]
        )
    visits.add_argument(
        "--priority", type=int, default=0, help="the higher number decides; else 0"
    )


def _add_split(parser: ArgumentParser) -> None:
    split = parser.add_argument_group("several destinations, instead of TARGET")
    split.add_argument(
        "--to",
        metavar="[PERCENT%:]TARGET",
        action="append",
        default=[],
        help="50%%:/b/; what is left over stays on the original page; without a "
        "percentage it shares equally what the others leave; may be repeated",
    )
    split.add_argument(
        "--sticky",
        choices=STICKIES,
        default="visitor",
        help="who gets the same one again: visitor (the default), user, address, "
        "request (nobody)",
    )
    split.add_argument(
        "--goal", metavar="PATH", default="", help="the page they should reach"
    )
    split.add_argument(
        "--goal-days", metavar="DAYS", type=int, default=7, help="how long; else 7"
    )
    split.add_argument(
        "--planned", dest="planned_visitors", metavar="VISITORS", type=int
    )


def _target(target: str | None, shares: list[str]) -> str | list[dict[str, Any]]:
    """Return the one target, or the destinations of “50%:/b/” texts."""
    if bool(target) == bool(shares):
        raise CommandError(
            "Say where visitors go: TARGET, or --to 50%:/b/ once or several times.",
            returncode=USAGE,
        )
    return target or [_share(text) for text in shares]


def _share(text: str) -> dict[str, Any]:
    found = _SHARE.fullmatch(text)
    if found is None:
        return {"target": text}
    return {"target": found["target"], "percentage": float(found["percentage"])}


def _add_answer(parser: ArgumentParser) -> None:
    answer = parser.add_argument_group("how")
    answer.add_argument(
        "--status",
        type=int,
        choices=STATUSES,
        default=307,
        help="307 (the default) keeps method and body, 303 shows a page, 302 is old",
    )
    answer.add_argument(
        "--query", choices=QUERIES, default="keep", help="keep (the default) or drop it"
    )
    answer.add_argument(
        "--cache",
        dest="cache_seconds",
        type=int,
        default=0,
        metavar="SECONDS",
        help="how long caches may keep the answer, never beyond the end; else 0",
    )


def _facts(texts: list[str]) -> list[dict[str, str]]:
    """Return the conditions of “kind=value” texts."""
    for text in texts:
        if "=" not in text:
            raise Refused(
                "“{text}” is not KIND=VALUE. Example: “scheme=http”.", text=text
            )
    pairs = [text.partition("=") for text in texts]
    return [{"kind": kind.strip(), "value": value} for kind, _, value in pairs]


def _schedule(
    window: Window, fields: dict[str, Any], *, dry_run: bool
) -> tuple[str, Report]:
    """Return the result's word and the rule; nothing new is not written."""
    rules = written_rules()
    usual = default_name(fields["source"], *_targets(fields))
    with attempt(rules, dry_run=dry_run):
        before = stored(rules, fields["name"] or usual)
        known = before and Report.of(before).document
        row = _saved(rules, window, fields)
        report = Report.of(row)
        result = "updated" if before else "created"
        if known == report.document:
            result = "unchanged"
            transaction.set_rollback(True, using=rules.db)
    return result, report


def _saved(
    rules: RedirectRuleQuerySet, window: Window, fields: dict[str, Any]
) -> RedirectRule:
    """Save the rule, or raise every problem of the window and of all the rest."""
    problems = window.problems
    options = {key: value for key, value in fields.items() if value is not None}
    if problems:
        options["enabled"] = False  # a loop cannot be told without the window
    try:
        row = rules.schedule(
            **options,
            starts_at=window.starts,
            ends_at=window.ends,
            timezone="" if "--timezone" in problems else window.timezone,
        )
    except ValidationError as error:
        problems = {**problems, **error.message_dict}
        for place, option in _options_for(_targets(fields), fields["match"]):
            if place in problems:
                problems[place] = [*problems[place], option]
        raise ValidationError(problems) from error
    if problems:
        raise ValidationError(problems)
    return row


def _targets(fields: dict[str, Any]) -> list[str]:
    target = fields["target"]
    return [target] if isinstance(target, str) else [each["target"] for each in target]


def _options_for(targets: list[str], match: str) -> Iterator[tuple[str, str]]:
    """Yield the option that makes a target's captures known, at the target's place."""
    names = Target.names_in(targets[0]) - Target.FROM_VISIT
    if "rest" in names and match != "prefix":
        yield TARGET, "Give --match prefix, and “{rest}” is what follows SOURCE."
    elif names - {"rest"} and match in {"exact", "prefix"}:
        yield (
            TARGET,
            "Give --match pattern, and parts of SOURCE have names or numbers.",
        )


def _advice(report: Report) -> list[Advice]:
    """Return what to know about the rule, with the option that may be missing."""
    advice = advise(report.rule, time()) if report.rule else []
    return [
        replace(each, text=f"{each.text} Give --match pattern to make it one.")
        if each.code == "no_pattern"
        else each
        for each in advice
    ]
