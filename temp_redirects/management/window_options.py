"""The options of ``maintenance``: what each of the things to do is called with."""

from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable
from typing import Any

from temp_redirects.core.windows import APIS
from temp_redirects.management.actions import add_json, add_writing
from temp_redirects.management.repeats import add_repeat

DEFAULT = "maintenance"  # the window that “on” and “off” mean without a name


def _add_on(parser: ArgumentParser) -> None:
    window = parser.add_argument_group("when; one of the ends is needed")
    window.add_argument(
        "--from", dest="starts", metavar="WHEN", help="the first moment; else now"
    )
    ends = window.add_mutually_exclusive_group()
    ends.add_argument("--for", dest="lasts", metavar="DURATION", help="30m, 2h, 1d")
    ends.add_argument("--until", metavar="WHEN", help="the first moment it is over")
    ends.add_argument(
        "--until-switched-off",
        action="store_true",
        help="no end: until somebody ends it",
    )
    window.add_argument(
        "--timezone", default="", metavar="ZONE", help="whose clocks; else TIME_ZONE"
    )
    add_repeat(window)
    for name, dest, metavar, text in (
        ("--path", "paths", "PATH", "what is closed; may be repeated; else “/”"),
        ("--except", "except_paths", "PATH", "what stays open; may be repeated"),
        ("--host", "hosts", "HOST", "only on this host; may be repeated"),
        ("--pass", "pass_addresses", "NETWORK", "who passes; may be repeated"),
    ):
        parser.add_argument(
            name, dest=dest, metavar=metavar, help=text, action="append", default=[]
        )
    parser.add_argument("--title", default="", help="the headline of the notice")
    parser.add_argument("--message", default="", help="what visitors should know")
    parser.add_argument("--target", default="", help="another address than the notice")
    parser.add_argument(
        "--api", choices=APIS, default=APIS[0], help="what programs and scripts get"
    )
    parser.add_argument(
        "--no-staff-pass",
        dest="staff_pass",
        action="store_false",
        help="staff see the notice too",
    )
    parser.add_argument("--name", default=DEFAULT, help=f"else “{DEFAULT}”")
    add_writing(parser)


def _add_off(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    _add_which(parser, which, f"which one; else “{DEFAULT}”")
    which.add_argument(
        "--all", dest="everything", action="store_true", help="every one that is on"
    )
    add_writing(parser)


def _add_status(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    _add_which(parser, which, "ask about this one alone")
    add_json(parser)


def _add_which(parser: ArgumentParser, group: Any, text: str) -> None:
    """Take a name that may be left out, in its place or as an option."""
    parser.set_defaults(name=None)
    group.add_argument("name", nargs="?", metavar="NAME", default=SUPPRESS, help=text)
    group.add_argument("--name", dest="name", default=SUPPRESS, help="the same")


def _add_extend(parser: ArgumentParser) -> None:
    _add_window_name(parser)
    parser.add_argument("--by", required=True, metavar="DURATION", help="30m, 2h, 1d")
    add_writing(parser)


def _add_start(parser: ArgumentParser) -> None:
    _add_window_name(parser)
    add_writing(parser)


def _add_link(parser: ArgumentParser) -> None:
    _add_window_name(parser)
    parser.add_argument(
        "--for",
        dest="lasts",
        metavar="DURATION",
        help="how long it is good: 1h, 1d; else until the window ends",
    )
    add_json(parser)


def _add_window_name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the window’s name, in any case")


ARGUMENTS: dict[str, Callable[[ArgumentParser], None]] = {
    "on": _add_on,
    "off": _add_off,
    "status": _add_status,
    "list": add_json,
    "extend": _add_extend,
    "start": _add_start,
    "skip": _add_start,
    "link": _add_link,
}
