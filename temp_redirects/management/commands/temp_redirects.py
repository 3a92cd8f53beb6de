"""``manage.py temp_redirects <verb>``: the command line's door."""

import os
import re
import sys
from argparse import RawDescriptionHelpFormatter
from getpass import getuser
from io import TextIOWrapper
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
    no_translations,
)
from django.db import DatabaseError

from temp_redirects.core.sentences import Refused
from temp_redirects.management.actions import (
    NO_DATABASE,
    REFUSED,
    accept_base_options,
)
from temp_redirects.management.verbs import VERBS
from temp_redirects.models.recording import recorded
from temp_redirects.pauses import without_collector

EPILOG = """\
Rules are named by their name. “VERB --help” says more.

exit codes:
  0  done, or nothing had to be done
  1  refused: a value or the rule cannot be so; stderr says what and where
  2  the command line is not understood, or a part of it is missing
  3  no rule or maintenance window has that name
  4  the database does not answer, is locked, or its tables are missing
  5  “maintenance status”: no window is on

examples:
  temp_redirects add /api/v1/submit /api/v2/submit --method POST --for 3h --name deploy
  temp_redirects explain POST /api/v1/submit --at +2h
  temp_redirects end deploy
"""
READER_GONE = 141  # 128 and SIGPIPE, as a shell calls what a closed pipe ends


class HelpFormatter(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Keeps the lines of the epilog, and Django's own options last."""


class Command(BaseCommand):
    """Hands over to a verb, and turns what it refuses into an exit code."""

    help = "Schedule temporary redirects, list and end them, and say why one acts."
    # A rule must be ended at three in the morning, whatever else is wrong.
    requires_system_checks = []
    suppressed_base_arguments = {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
    }

    def run_from_argv(self, argv: list[str]) -> None:
        """Run in a shell, whose encoding may not know every sign of a name."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            try:
                super().run_from_argv(argv)
            finally:
                sys.stdout.flush()  # here, where a reader that has gone can be met
        except BrokenPipeError:  # “| head” has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(READER_GONE)

    def add_arguments(self, parser: CommandParser) -> None:
        """Add a parser for each verb."""
        parser.formatter_class = HelpFormatter
        parser.epilog = EPILOG
        verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
        for name, verb in sorted(VERBS.items()):
            each = verbs.add_parser(
                name,
                help=verb.help,
                description=f"{verb.help[0].upper()}{verb.help[1:]}.",
                epilog=verb.epilog,
                formatter_class=HelpFormatter,
                allow_abbrev=False,  # a later option must not change a script's meaning
            )
            verb.add_arguments(each)
            accept_base_options(each)

    @no_translations  # scripts read what it says
    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Run the verb."""
        words = [verb, options.get("what"), options.get("name")]
        told = " ".join(str(word) for word in words if word)
        try:
            with recorded("command", who=_user(), what=told), without_collector():
                VERBS[verb](self.stdout, self.stderr).run(**options)
        except Refused as refused:
            raise CommandError(str(refused), returncode=REFUSED) from refused
        except ValidationError as error:
            text = _by_place(error, VERBS[verb].places)
            raise CommandError(text, returncode=REFUSED) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database says: {error}. If its tables are missing, "
                "run “manage.py migrate”.",
                returncode=NO_DATABASE,
            ) from error


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container's user without a name
        return ""


def _by_place(error: ValidationError, options: dict[str, str]) -> str:
    """Return every message on a line, with the option or argument it is about."""
    lines = ["Nothing is changed:"]
    for place, messages in error.message_dict.items():
        root = re.split(r"\[", place, maxsplit=1)[0]
        shown = options.get(root, place)
        lines += [f"  {shown}: {message}" for message in messages]
    return "\n".join(lines)
