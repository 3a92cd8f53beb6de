"""``explain``: what would become of a request, and why, step by step."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.urls import get_script_prefix

from temp_redirects import conf
from temp_redirects.core.rules import Methods
from temp_redirects.core.rulesets import Attempt, Decision, Ruleset, Trace
from temp_redirects.core.schedules import Schedule, moment
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit
from temp_redirects.management.actions import Verb, add_json
from temp_redirects.management.moments import parse_moment
from temp_redirects.management.reports import RUNSERVER, own_host
from temp_redirects.models import RedirectRule
from temp_redirects.models.reading import read_records
from temp_redirects.requests import RequestVisit, exact_path
from temp_redirects.sites import site_timezone
from temp_redirects.store import alias

EPILOG = """\
No request is sent. URL is a path, asked of this site’s own host, or an address.

reason codes:
  match       redirected
  no_rule     no rule covers the path
  none_holds  rules cover the path; none of them holds for this request
  preflight   a CORS preflight, which is never redirected
  disabled    TEMP_REDIRECTS["ENABLED"] is False

examples:
  temp_redirects explain GET /shop/
  temp_redirects explain POST https://shop.example/api/v1/submit --at 22:00
  temp_redirects explain GET /shop/ --header 'X-Forwarded-Proto: https' --json
"""
DISABLED = "disabled"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2


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
            help="of a path; else https, or http while DEBUG is on",
        )
        add_json(parser)

    def run(
        self,
        *args: Any,
        method: str,
        url: str,
        at: str | None,
        headers: list[str],
        scheme: str | None,
        json: bool,
        **options: Any,
    ) -> None:
        """Explain the request."""
        now = datetime.now(UTC)
        when = parse_moment(at, now, site_timezone()) if at else now
        request = request_of(method, url, headers, scheme)
        visit = RequestVisit(request, exact_path(request))
        explanation = explain(visit, when.timestamp())
        if json:
            self.write_json(explanation.as_json())
        else:
            self.write(*explanation.lines())


@dataclass(frozen=True)
class Explanation:
    """A decision, the rules tried for it, and the paused ones that were not."""

    visit: Visit
    at: float
    decision: Decision
    trace: Trace
    paused: Trace
    reason: str

    @property
    def is_redirected(self) -> bool:
        """Whether the visitor is sent elsewhere."""
        return self.reason == "match"

    def as_json(self) -> dict[str, Any]:
        """Return the explanation for a script to read."""
        decision = self.decision
        rule = decision.rule if self.is_redirected else None
        return {
            "method": self.visit.method,
            "url": self.visit.url,
            "at": moment(self.at, site_timezone()).isoformat(),
            "reason": self.reason,
            "rule": rule and rule.name,
            "status": rule and rule.status,
            "location": decision.location if rule else None,
            "max_age": decision.max_age if rule else 0,
            "vary": list(decision.vary),
            "rules": [self._attempt_json(attempt) for attempt in self.trace],
            "paused": [self._attempt_json(attempt) for attempt in self.paused],
        }

    def _attempt_json(self, attempt: Attempt) -> dict[str, Any]:
        return {
            "name": attempt.name,
            "turn": str(attempt.turn),
            "decides": self._decides(attempt),
            "holds": bool(attempt.steps) and attempt.holds,
            "problem": str(attempt.rejected or ""),
            "steps": [
                {"code": step.code, "holds": step.holds, "sentence": str(step.sentence)}
                for step in attempt.steps
            ],
        }

    def _decides(self, attempt: Attempt) -> bool:
        rule = self.decision.rule
        return self.is_redirected and rule is not None and attempt.rule is rule

    def lines(self) -> Iterator[str]:
        """Yield the answer first, then each rule in the order tried."""
        at = Schedule(timezone=site_timezone()).shown(int(self.at))
        yield f"{self.visit.method} {self.visit.url} at {at}"
        yield f"{self._answer()} [{self.reason}]"
        if not self.visit.host:
            yield "Django refuses this host (ALLOWED_HOSTS): it answers 400 by itself."
        if self.is_redirected:
            yield self._cache()
        yield f"Vary: {', '.join(self.decision.vary) or 'nothing added'}"
        for number, attempt in enumerate(self.trace, 1):
            verdict = self._verdict(attempt)
            verdict += f"; {attempt.turn}" if number > 1 else ""
            yield from self._attempt(f"{number}. ", attempt, verdict)
        for attempt in self.paused:
            verdict = "would hold" if attempt.holds else "would not hold either"
            yield from self._attempt("paused: ", attempt, f"{verdict} if resumed")

    def _answer(self) -> str:
        decision, path = self.decision, self.visit.path
        passes = "Passes to the page:"
        if self.is_redirected and decision.rule:
            name, status = decision.rule.name, decision.rule.status
            if decision.in_place:
                return f"Answered in place by the notice of “{name}” (503)."
            return f"Redirected ({status}) to {decision.location} by “{name}”."
        return {
            DISABLED: f'{passes} TEMP_REDIRECTS["ENABLED"] is False.',
            "preflight": f"{passes} a CORS preflight is never redirected.",
            "no_rule": f"{passes} no rule covers “{path}”.",
            "none_holds": f"{passes} no rule that covers “{path}” holds.",
        }[self.reason]

    def _cache(self) -> str:
        age = self.decision.max_age
        return f"Cache: up to {age} s" if age else "Cache: never stored"

    def _verdict(self, attempt: Attempt) -> str:
        if self._decides(attempt):
            return "decides"
        if attempt.rejected:
            return "switched off by an error"
        if not attempt.steps:
            return "not asked"
        if not attempt.holds:
            return "does not hold"
        return "would hold too" if self.is_redirected else "would hold"

    def _attempt(self, mark: str, attempt: Attempt, verdict: str) -> Iterator[str]:
        yield f"{mark}“{attempt.name}” {verdict}"
        if attempt.rejected:
            yield f"   ✗ {attempt.rejected}"
        for step in attempt.steps:
            tick = "✓" if step.holds else "✗"
            yield f"   {tick} {step.code}: {step.sentence}"


def explain(visit: Visit, at: float) -> Explanation:
    """Return what the stored rules decide for a visit at a moment, and why."""
    using = alias()
    trace: Trace = []
    decision = Ruleset(*read_records(using)[1:]).decide(visit, at, trace)
    paused: Trace = []
    rows = RedirectRule.objects.using(using).filter(enabled=False)
    covering = rows.covering(visit.path)
    Ruleset(row.to_record() for row in covering).decide(visit, at, paused)
    reason = decision.reason if conf.current().ENABLED else DISABLED
    return Explanation(visit, at, decision, trace, paused, reason)


def request_of(
    method: str, url: str, headers: list[str], scheme: str | None
) -> WSGIRequest:
    """Return the request that a server would hand over for this."""
    names = Methods.parse([method]).names
    parts = _parts(url)
    host = parts.netloc or own_host()
    path = unquote_to_bytes(parts.path.encode("utf-8", "surrogateescape")) or b"/"
    prefix = get_script_prefix().removesuffix("/").encode()
    environ = {
        "REQUEST_METHOD": names[0],
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_wsgi(path.removeprefix(prefix)),
        "RAW_URI": quote(path),  # tells “%25E9” from a byte that is no text
        "QUERY_STRING": _as_wsgi(parts.query.encode("utf-8", "surrogateescape")),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": host,
        "wsgi.url_scheme": parts.scheme
        or scheme
        or ("http" if host == RUNSERVER else "https"),
        "wsgi.input": BytesIO(),
    }
    return WSGIRequest({**environ, **dict(map(_header, headers))})


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    is_path = not parts.netloc and not parts.scheme and url.startswith("/")
    is_address = parts.netloc and parts.scheme in {"http", "https"}
    if not (is_path or is_address):
        raise Refused(
            "“{url}” is neither a path nor an address. Examples: “/shop/”, "
            "“https://shop.example/shop/”.",
            url=url,
        )
    return parts


def _as_wsgi(sent: bytes) -> str:
    """Return bytes as a server hands them over (PEP 3333)."""
    return sent.decode("latin-1")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name.strip()):
        raise Refused(
            "“{text}” is not a header. Example: --header 'X-Beta: yes'.", text=text
        )
    key = name.strip().upper().replace("-", "_")
    prefix = "" if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_"
    return f"{prefix}{key}", value.strip()
