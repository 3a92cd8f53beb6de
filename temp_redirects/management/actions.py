"""Verbs: what ``manage.py temp_redirects <verb>`` can do, and how each of them ends."""

import json as jsons
from abc import ABC, abstractmethod
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from typing import Any, ClassVar

from django.core.management.base import CommandError, OutputWrapper
from django.db import router, transaction
from django.db.models import QuerySet

from temp_redirects.advice import Advice
from temp_redirects.management.reports import Report
from temp_redirects.management.window_reports import WindowReport
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.models.querysets import (
    RedirectRuleQuerySet,
    parse_document,
    refuse_loops,
)
from temp_redirects.models.versions import writing
from temp_redirects.models.windows import MaintenanceWindowQuerySet

# Exit codes, a promise to scripts: never change one, only add.
REFUSED = 1
USAGE = 2  # argparse's own
NO_RULE = 3
NO_DATABASE = 4
NONE_IS_ON = 5  # “maintenance status”

STREAM = "-"  # stands for stdin and stdout
MANY = 10_000  # names among which a similar one is looked for

VERBS: dict[str, type["Verb"]] = {}


class Verb(ABC):
    """One thing that the command line does; its module in ``verbs`` is all it needs.

    ``name`` is typed in scripts: never rename it. ``places`` says how an option is
    called that a place in the document came from.
    """

    name: ClassVar[str]
    help: ClassVar[str]
    epilog: ClassVar[str] = ""
    places: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        name = getattr(cls, "name", None)
        if name is None:
            return
        if name in VERBS:
            raise TypeError(f"Two verbs are called {name!r}: {VERBS[name]}, {cls}")
        VERBS[name] = cls

    def __init__(self, stdout: OutputWrapper, stderr: OutputWrapper) -> None:
        self.stdout = stdout
        self.stderr = stderr

    @classmethod
    @abstractmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Say what the verb is called with."""

    @abstractmethod
    def run(self, *args: Any, **options: Any) -> None:
        """Do it, or raise CommandError, Refused or ValidationError."""

    def write(self, *lines: str) -> None:
        """Write lines for people."""
        for line in lines:
            self.stdout.write(line)

    def write_json(self, value: Any) -> None:
        """Write a value for scripts, in ASCII whatever the terminal can show."""
        self.stdout.write(jsons.dumps(value, indent=2))

    def tell(
        self,
        result: str,
        report: Report | WindowReport,
        *extra: str,
        advice: Sequence[Advice] | None = None,
        dry_run: bool = False,
        json: bool = False,
    ) -> None:
        """Say what became of a rule or a window, and what to know about it."""
        if json:
            outcome: dict[str, Any] = {"result": result, "dry_run": dry_run}
            outcome |= report.as_json()
            if advice is not None:
                told = [{"code": each.code, "text": each.text} for each in advice]
                outcome["advice"] = told
            self.write_json(outcome)
            return
        if dry_run:
            self.write("Dry run, nothing is changed. Without --dry-run:")
        self.write(f"{result} “{report.name}”: it is {report.state}")
        notes = [f"Note: {each}" for each in advice or []]
        self.write(*report.lines(), *notes, *extra)

    def tell_all(
        self, reports: Sequence[Report | WindowReport], total: str, *, json: bool
    ) -> None:
        """List rules or windows, a line each, and then the total."""
        if json:
            self.write_json([report.as_json() for report in reports])
            return
        width = max((len(report.name) for report in reports), default=0)
        for report in reports:
            self.write(f"{report.state:9}  {report.name:{width}}  {report.row()}")
        self.write(*filter(None, [total]))

    def change_one(
        self,
        rows: "QuerySet[Any]",
        name: str,
        change: Callable[[Any, Any], str],
        *,
        dry_run: bool,
        json: bool,
    ) -> None:
        """Change the rule or window of that name, and say what became of it.

        *change* is given the row alone, as QuerySet and as row, and returns the
        result’s word.
        """
        with attempt(rows, dry_run=dry_run):
            is_window = rows.model is MaintenanceWindow
            row: Any = (find_window if is_window else find)(rows, name)
            result = change(rows.filter(pk=row.pk), row)
            row.refresh_from_db(using=rows.db)
            report = WindowReport.of(row) if is_window else Report.of(row)
        self.tell(result, report, dry_run=dry_run, json=json)


class Change(Verb):
    """A verb that changes one stored rule, named by its name."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the name, and whether it is only a rehearsal."""
        add_name(parser)
        add_writing(parser)

    def run(
        self, *args: Any, name: str, dry_run: bool, json: bool, **options: Any
    ) -> None:
        """Change the rule and say what became of it."""
        change = partial(self.change, **options)
        self.change_one(written_rules(), name, change, dry_run=dry_run, json=json)

    @abstractmethod
    def change(
        self, rules: RedirectRuleQuerySet, row: RedirectRule, **options: Any
    ) -> str:
        """Change *rules*, which are the one of *row*, and return the result's word."""


def accept_base_options(parser: ArgumentParser) -> None:
    """Accept the options of every Django command after the verb too."""
    for name in ("--settings", "--pythonpath"):
        parser.add_argument(name, default=SUPPRESS, help=SUPPRESS)
    for name in ("--traceback", "--no-color", "--force-color"):
        parser.add_argument(name, action="store_true", default=SUPPRESS, help=SUPPRESS)
    parser.add_argument("-v", "--verbosity", type=int, default=SUPPRESS, help=SUPPRESS)


def add_name(parser: ArgumentParser) -> None:
    """Take the name of a rule."""
    parser.add_argument("name", metavar="NAME", help="the rule’s name, in any case")


def add_json(parser: ArgumentParser) -> None:
    """Take whether a script reads the answer."""
    parser.add_argument("--json", action="store_true", help="answer for scripts")


def add_writing(parser: ArgumentParser) -> None:
    """Take what every verb takes that writes."""
    parser.add_argument(
        "--dry-run", action="store_true", help="check and say it, change nothing"
    )
    add_json(parser)


def written_rules() -> RedirectRuleQuerySet:
    """Return the rules, of the database that they are written to."""
    return RedirectRule.objects.using(router.db_for_write(RedirectRule))


def written_windows() -> MaintenanceWindowQuerySet:
    """Return the maintenance windows, of the database that they are written to."""
    return MaintenanceWindow.objects.using(router.db_for_write(MaintenanceWindow))


@contextmanager
def attempt(rules: "QuerySet[Any]", *, dry_run: bool) -> Iterator[None]:
    """Change rows in one transaction, which a dry run rolls back.

    What is read in it stays true, for other writers wait until it ends.
    """
    with writing(rules.db):
        yield
        if dry_run:
            transaction.set_rollback(True, using=rules.db)


def stored(rows: "QuerySet[Any]", name: str) -> Any:
    """Return the rule or window of that name; what is no text names none."""
    return rows.named(name.encode("utf-8", "replace").decode())  # type: ignore[attr-defined]


def find(rules: "QuerySet[Any]", name: str) -> RedirectRule:
    """Return the rule of that name, or end with the code for none."""
    row: RedirectRule | None = stored(rules, name)
    if row is None:
        raise no_such("rule", name, "list", rules)
    return row


def find_window(windows: "QuerySet[Any]", name: str) -> MaintenanceWindow:
    """Return the maintenance window of that name, or end with the code for none."""
    row: MaintenanceWindow | None = stored(windows, name)
    if row is None:
        raise no_such("maintenance window", name, "maintenance list", windows)
    return row


def find_any(
    rules: "QuerySet[Any]", windows: "QuerySet[Any]", name: str
) -> RedirectRule | MaintenanceWindow:
    """Return the rule or window of that name, or end with the code for none."""
    found: MaintenanceWindow | None = stored(windows, name)
    return found or find(rules, name)


def no_such(what: str, name: str, verb: str, rows: "QuerySet[Any]") -> CommandError:
    """Return the error for a name that nothing has, with one that is near."""
    names = rows.order_by("name_key").values_list("name", flat=True)[:MANY]
    keys = {each.casefold(): each for each in names}
    near = get_close_matches(name.casefold(), keys, n=1)
    hint = f"Did you mean “{keys[near[0]]}”?" if near else f"See “{verb}”."
    return CommandError(f"No {what} is called “{name}”. {hint}", returncode=NO_RULE)


def judge(row: RedirectRule, **changes: Any) -> None:
    """Refuse what would be refused if the rule were saved so, loops included."""
    rule = parse_document(row.to_document() | changes)
    refuse_loops(RedirectRule.objects.using(row._state.db), rule)


def refuse(sentence: str) -> CommandError:
    """Return the error for a request that is understood and refused."""
    return CommandError(sentence, returncode=REFUSED)
