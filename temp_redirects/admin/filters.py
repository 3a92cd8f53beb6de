"""What the list of rules can be narrowed to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import time
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.contrib import admin, messages
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.displays import STATES
from temp_redirects.core import records
from temp_redirects.core.patterns import decoded, parse_path
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import normal_host
from temp_redirects.core.visits import Visit
from temp_redirects.findings import watch
from temp_redirects.models import RedirectRule
from temp_redirects.sites import current_site

SOON = timedelta(days=1)
MATCHES = "matches"  # the parameter with the URL that rules are wanted for
PLACE = "winning_place"
TOLD = "temp_redirects_told"  # on a request: its page says that rules are being judged
# What a rule asks of the address alone; a user, a method or a moment is not in it.
_OF_ADDRESS = {"except_paths", "protected", "own_target"}
_OF_HOST = {"host"}
_OF_SCHEME = {"scheme", "unless_scheme"}


class StateFilter(admin.SimpleListFilter):
    """By state, as the list shows it.

    A rule with an error counts as live or scheduled as well: finding errors means to
    compile every rule. “Switched off by an error” has what was found last, as the
    dashboard has it.
    """

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states with their words."""
        return [(state, word) for state, (_icon, word) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the rules in that state now."""
        now = django_timezone.now()
        if self.value() == "rejected":
            return self._rejected(request, queryset, now)
        if self.value() in STATES:
            return getattr(queryset, str(self.value()))(now)
        return queryset

    def _rejected(self, request: HttpRequest, queryset: Any, now: datetime) -> Any:
        if not watch.look(time()) and not hasattr(request, TOLD):
            setattr(request, TOLD, True)  # Django makes several filters for a page
            messages.info(
                request,
                _("The rules are being judged: reload the page in a minute."),
            )
        found = watch.judged.findings if watch.judged else ()
        names = {each.rule for each in found if each.code == "rejected"}
        acting = queryset.live(now) | queryset.scheduled(now)
        return acting.filter(name__in=names)


class EndFilter(admin.SimpleListFilter):
    """By how and when it ends."""

    title = _("end")
    parameter_name = "end"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [
            ("soon", _("In the next 24 hours")),
            ("open", _("Until somebody switches it off")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the rules that end so."""
        now = django_timezone.now()
        if self.value() == "soon":
            return queryset.filter(queryset.ending(now, now + SOON))
        if self.value() == "open":
            return queryset.filter(queryset.open_ended())
        return queryset


class MatchesFilter(admin.SimpleListFilter):
    """The rules that are for a URL, in the order in which they are tried.

    The URL is typed beside the search, so that nothing shows among the filters.
    """

    title = _("address")
    parameter_name = MATCHES
    template = "temp_redirects/admin/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return something, or Django does not ask for the queryset."""
        return [("", "")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the rules that the address itself satisfies, live or not."""
        if not self.value():
            return queryset
        try:
            address = parse_address(str(self.value()))
        except Refused as refused:
            messages.error(request, str(refused))
            return queryset.none().annotate(**{PLACE: Value(0)})
        visit = visit_of(address)
        rows = [row for row in queryset.covering(visit.path) if matches(row, visit)]
        rows.sort(key=lambda row: records.precedence(row.to_record()))
        places = [When(pk=row.pk, then=at) for at, row in enumerate(rows)]
        return queryset.filter(pk__in=[row.pk for row in rows]).annotate(
            **{PLACE: Case(*places, default=0, output_field=IntegerField())}
        )


def parse_address(text: str) -> SplitResult:
    """Return a typed address, “https://shop.example/shop/?x=1” or “/shop/”."""
    try:
        address = urlsplit(text.strip())
    except ValueError:
        raise Refused("“{text}” is not an address.", text=text) from None
    if address.netloc:
        address = address._replace(path=address.path or "/")
    parse_path(address.path)  # refuses what no rule can be for
    return address


def visit_of(address: SplitResult) -> Visit:
    """Return the visit that asks for an address."""
    return Visit(
        decoded(address.path),
        scheme=address.scheme,
        host=normal_host(address.netloc, address.scheme),
        query=address.query,
        site=current_site(),
    )


def matches(row: RedirectRule, visit: Visit) -> bool:
    """Say whether a rule is for the visit's address; one with an error may be."""
    try:
        rule = row.compile()
    except Refused:
        return True
    return rule.source.match(visit.path) is not None and all(
        check.holds(visit, 0.0) for check in _asked(rule, visit)
    )


def _asked(rule: Rule, visit: Visit) -> Iterator[Any]:
    codes = _OF_ADDRESS
    codes = codes | _OF_HOST if visit.host else codes
    codes = codes | _OF_SCHEME if visit.scheme else codes
    return (check for check in rule.checks if check.code in codes)
