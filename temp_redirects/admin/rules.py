"""The rules in the admin: the list, the form, and what is said after saving."""

from collections.abc import Iterator
from time import time
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin import ahead, displays, silences
from temp_redirects.admin.calendars import CalendarPage, calendar_url
from temp_redirects.admin.drafts import TEST, week_of
from temp_redirects.admin.exports import RuleExportAdmin
from temp_redirects.admin.filters import (
    MATCHES,
    PLACE,
    EndFilter,
    MatchesFilter,
    StateFilter,
)
from temp_redirects.admin.forms import RedirectRuleForm
from temp_redirects.admin.imports import ImportAdmin
from temp_redirects.admin.repeats import REPEAT_FIELDSET
from temp_redirects.admin.results import ResultPages
from temp_redirects.admin.splits import SPLIT_FIELDS
from temp_redirects.models import Destination, HitCount, RedirectRule

MAX_COUNTED = 10_000  # rules that are counted beside the filters; more take seconds
BOUNDS = ("starts_at", "ends_at")  # on one line; Django hashes it


SPLIT_FIELDSET: Any = (
    _("Split visitors, count what they do"),
    {
        "fields": [
            # Each on a line: Django opens what is folded for an error only then.
            "percentage",
            "destination_label",
            "others",
            *SPLIT_FIELDS,
            "seen_split",
        ],
        "classes": ["collapse"],
    },
)


def is_split(rule: RedirectRule) -> bool:
    """Say whether a stored rule shares its visitors out, or counts them."""
    shares = [each.percentage for each in rule.destinations.all()]
    return (
        bool(rule.goal) or len(shares) > 1 or any(share is not None for share in shares)
    )


class RedirectRuleAdmin(
    ahead.AheadAdmin, ImportAdmin, RuleExportAdmin, ResultPages, CalendarPage
):
    """Where staff schedule redirects."""

    form = RedirectRuleForm
    looks = ahead.AheadAdmin.looks | {TEST}
    list_display = ["state", "title", "way", "when", "seen"]
    list_display_links = ["title"]
    list_filter = [StateFilter, EndFilter, "match", MatchesFilter]
    search_fields = ["name", "path", "note"]  # and targets: `get_search_results`
    search_help_text = _("In names, paths, targets and notes.")
    actions = [*ResultPages.actions, "export_json", "export_csv"]
    fieldsets = [
        (None, {"fields": ["name", "enabled"]}),
        (_("From"), {"fields": ["match", "path", "except_paths", "hosts", "methods"]}),
        (_("To"), {"fields": ["target", "status", "query"]}),
        SPLIT_FIELDSET,
        (
            _("When"),
            {"fields": [BOUNDS, "until_switched_off", "timezone"]},
        ),
        REPEAT_FIELDSET,
        (_("For whom"), {"fields": ["conditions"]}),
        (_("How"), {"fields": ["priority", "cache_seconds"]}),
        (_("Note"), {"fields": ["note"]}),
    ]
    read_fieldsets = [
        (None, {"fields": ["name", "state"]}),
        (_("From"), {"fields": ["match", "path", "except_paths", "hosts", "methods"]}),
        (_("To"), {"fields": ["target", "status", "query"]}),
        (_("When"), {"fields": ["when"]}),
        (_("For whom"), {"fields": ["for_whom"]}),
        (_("How"), {"fields": ["priority", "cache_seconds"]}),
        (_("Note"), {"fields": ["note"]}),
    ]

    class Media:
        css = {"all": ["temp_redirects/admin.css"]}
        js = ["temp_redirects/admin.js"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Fold the split where there is none."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not is_split(obj):
            return fieldsets
        open_set = {**SPLIT_FIELDSET[1], "classes": []}
        return [
            (title, open_set if fields is SPLIT_FIELDSET[1] else fields)
            for title, fields in fieldsets
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RedirectRule]:
        """Return the rules with their parts, so that a list costs no query a row."""
        # In no order: the list has its own, which may be by an annotation.
        return RedirectRule.objects.prefetch_related("destinations", "conditions")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Find each word in a rule, or in the target of one of its destinations.

        Targets are looked through once, not for every rule, as a join would.
        """
        for word in _words(search_term):
            found = Destination.objects.filter(target__icontains=word)
            queryset = queryset.filter(
                Q(pk__in=found.values("rule"))
                | Q(name__icontains=word)
                | Q(path__icontains=word)
                | Q(note__icontains=word)
            )
        return queryset, False

    def get_ordering(self, request: HttpRequest) -> Any:
        """Order rules that match an address as they are tried."""
        return [PLACE] if request.GET.get(MATCHES) else ["name_key"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with the hits of the rules on its page, by one query."""
        changelist = super().get_changelist_instance(request)
        page = list(changelist.result_list)
        found = HitCount.objects.of([rule.pk for rule in page], now=time())
        for rule in page:
            rule.hits_seen = found.get(rule.pk)
        silences.mark(page)
        changelist.result_list = page
        if (changelist.full_result_count or 0) > MAX_COUNTED:
            changelist.add_facets = changelist.is_facets_optional = False
        return changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Show the list, with the address that was asked about."""
        kept = request.GET.copy()
        asked = "".join(kept.pop(MATCHES, [""])[-1:])
        shown = {"matches": asked, "everything": f"?{kept.urlencode()}"}
        shown["test_url"] = displays.test_url(**({"url": asked} if asked else {}))
        shown["calendar_url"] = calendar_url(self.admin_site.name)
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def beside(self, request: HttpRequest, form: Any, obj: Any) -> dict[str, Any]:
        """Return what the stored rule does, and what can be done, too."""
        shown = super().beside(request, form, obj)
        if obj is not None:
            stored = self.get_queryset(request).get(pk=obj.pk)
            shown["summary"] = displays.summary(stored, request)
            shown["verbs"] = self.verbs_for(request, stored)
            shown["test_url"] = url = displays.rule_test_url(stored)
            if "sentence" in shown["summary"]:  # it compiles
                shown["week"] = week_of(stored.compile(), url)
            shown["results_url"] = self.results_url(stored)
        return shown

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Save the rule with its destination and conditions."""
        super().save_model(request, obj, form, change)
        obj.take_parts(form.rule)

    def tell_saved(self, request: HttpRequest, obj: RedirectRule) -> None:
        """Say what the rule does now, and what can be done."""
        rule = RedirectRule.objects.get(pk=obj.pk)
        summary = displays.summary(rule, request)
        verbs = [verb.name for verb in self.verbs_for(request, rule)]
        end_url = self.url_of(rule, "end") if "end" in verbs else ""
        tested_at = displays.rule_test_url(rule)
        text = displays.saved_message(summary, end_url, tested_at)
        self.message_user(request, text, messages.INFO)
        self.tell_advice(request, summary["advice"])

    @admin.display(description=_("state"), ordering="enabled")
    def state(self, rule: RedirectRule) -> SafeString:
        """Show the state as icon and word, and the way to test the rule."""
        badge = silences.told(rule, rule.state()) or displays.state_badge(rule)
        return badge + displays.test_link(rule)

    @admin.display(description=_("name"), ordering="name_key")
    def title(self, rule: RedirectRule) -> SafeString:
        """Show the name, and how the note begins."""
        return displays.title(rule)

    @admin.display(description=_("from → to"), ordering="path")
    def way(self, rule: RedirectRule) -> SafeString:
        """Show the path, what narrows it, and where visitors go."""
        return displays.way(rule)

    @admin.display(description=_("send visitors to"))
    def target(self, rule: RedirectRule) -> str:
        """Show where visitors go."""
        return displays.target(rule)

    @admin.display(description=_("when"), ordering="starts_at")
    def when(self, rule: RedirectRule) -> SafeString:
        """Show the window with its zone."""
        return ahead.times(rule) if rule.recurrence else displays.window(rule)

    @admin.display(description=_("hits"))
    def seen(self, rule: RedirectRule) -> SafeString:
        """Show how often it redirected, lately and in all, and the last time."""
        shown = displays.hits(getattr(rule, "hits_seen", None), rule.timezone)
        if not rule.goal:
            return shown
        link = '{}<div><a href="{}">{}</a></div>'
        return format_html(link, shown, self.url_of(rule, "results"), _("Results"))

    @admin.display(description=_("conditions"))
    def for_whom(self, rule: RedirectRule) -> SafeString:
        """Show the conditions."""
        return displays.conditions(rule)


def _words(text: str) -> Iterator[str]:
    """Yield the words of a search; what stands in quotes is one."""
    for word in smart_split(text):
        is_quoted = word[:1] in {'"', "'"} and word[-1] == word[0] and len(word) > 1
        yield unescape_string_literal(word) if is_quoted else word
