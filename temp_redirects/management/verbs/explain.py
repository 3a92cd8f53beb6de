"""``explain``: what would become of a request, and why, step by step."""

from argparse import ArgumentParser
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from temp_redirects.core.agents import AGENTS
from temp_redirects.explanations import explain
from temp_redirects.management.actions import Verb, add_json
from temp_redirects.management.moments import parse_moment
from temp_redirects.rehearsals import Rehearsal
from temp_redirects.sites import site_timezone

EPILOG = """\
No request is sent. URL is a path, asked of this site’s own host, or an address.

reason codes:
  match       redirected
  no_rule     no rule covers the path
  none_holds  rules cover the path; none of them holds for this request
  original    a split gives this visitor the original page
  prefetch    refused (503), so that an experiment counts the visit itself
  kill_switch rules cover the path, and the kill switch keeps them from acting
  preflight   a CORS preflight, which is never redirected
  disabled    TEMP_REDIRECTS["ENABLED"] is False

examples:
  temp_redirects explain GET /shop/
  temp_redirects explain POST https://shop.example/api/v1/submit --at 22:00
  temp_redirects explain GET /shop/ --header 'X-Forwarded-Proto: https' --json
  temp_redirects explain GET /shop/ --country AT --language 'de, en' --user editor
"""


class Explain(Verb):
    """Asks the stored rules, and says what they say."""

    name = "explain"
    help = "say what would become of a request, and why"
    epilog = EPILOG

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the request."""
        parser.add_argument("method", metavar="METHOD", help="GET, POST …")
        parser.add_argument("url", metavar="URL", help="/shop/?page=2")
        parser.add_argument(
            "--at", metavar="WHEN", help="+2h, 22:00, 2026-12-01T02:00; else now"
        )
        parser.add_argument(
            "--header",
            dest="headers",
            metavar="'NAME: VALUE'",
            action="append",
            default=[],
            help="a request header; may be repeated",
        )
        parser.add_argument(
            "--scheme",
            choices=["http", "https"],
            default="",
            help="of a path; else https, or http while DEBUG is on",
        )
        _add_visitor(parser)
        add_json(parser)

    def run(self, *args: Any, at: str | None, json: bool, **options: Any) -> None:
        """Explain the request."""
        now = datetime.now(UTC)
        when = parse_moment(at, now, site_timezone()) if at else now
        facts = {each.name: options[each.name] for each in fields(Rehearsal)}
        explanation = explain(Rehearsal(**facts).visit(), when.timestamp())
        if json:
            self.write_json(explanation.as_json())
        else:
            self.write(*explanation.lines())


def _add_visitor(parser: ArgumentParser) -> None:
    """Take what is told about the visitor; what is not told is as in a bare request."""
    visitor = parser.add_argument_group("the visitor")
    visitor.add_argument(
        "--user", metavar="NAME", default="", help="who is signed in; else nobody"
    )
    visitor.add_argument(
        "--visitor", metavar="ID", default="", help="as a split’s step shows it"
    )
    visitor.add_argument(
        "--country", metavar="CODE", default="", help="where they are: AT, Austria"
    )
    visitor.add_argument(
        "--language", metavar="TAGS", default="", help="best first: “de, en”"
    )
    visitor.add_argument(
        "--device",
        metavar="TYPE",
        default="",
        help=f"desktop, mobile, tablet, or one of {', '.join(AGENTS)}",
    )
    visitor.add_argument(
        "--address",
        metavar="IP",
        default="",
        help="who connects; the headers of a trusted proxy are believed",
    )
    visitor.add_argument(
        "--cookie",
        dest="cookies",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a cookie; may be repeated",
    )
