"""What is done to rules from the list and from the buttons of one rule."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone as django_timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.ahead import skip_verb
from temp_redirects.admin.displays import state_badge
from temp_redirects.admin.drafts import DraftingAdmin
from temp_redirects.admin.verbs import Verb
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import (
    RedirectRuleQuerySet,
    parse_document,
    refuse_loops,
)

VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "pause",
            _("Pause"),
            _("Visitors see the original page until somebody resumes the rule."),
            "change",
            frozenset({"live", "scheduled", "rejected"}),
        ),
        Verb(
            "resume",
            _("Resume"),
            _("It redirects again, within its window."),
            "publish",
            frozenset({"paused"}),
        ),
        Verb(
            "end",
            _("End now"),
            _(
                "Visitors see the original page from this moment on. A rule that has "
                "not begun is switched off."
            ),
            "change",
            frozenset({"live", "scheduled"}),
        ),
        skip_verb({"live", "scheduled"}),
        Verb(
            "duplicate",
            _("Duplicate"),
            _("The copy has another name and is paused until you resume it."),
            "add",
            frozenset({"live", "scheduled", "paused", "ended", "rejected"}),
        ),
    )
}


class RuleActions(DraftingAdmin):
    """The actions of the list, and the same for one rule under an address each."""

    actions = ["pause", "resume", "end", "skip", "duplicate"]
    verbs = VERBS
    badge_of = state_badge

    @admin.action(description=_("Pause selected rules"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: RedirectRuleQuerySet) -> None:
        """Switch the rules off until somebody resumes them."""
        rows = list(queryset.filter(enabled=True))
        queryset.pause()
        self.log(request, rows, gettext("Paused."))
        self.tell(
            request,
            len(rows),
            lambda n: ngettext("%d rule paused.", "%d rules paused.", n),
            gettext("Nothing to pause: what is selected is paused already."),
        )

    @admin.action(description=_("Resume selected rules"), permissions=["publish"])
    def resume(self, request: HttpRequest, queryset: RedirectRuleQuerySet) -> None:
        """Switch the rules on that could be saved so today; say why for the others."""
        resumed = []
        paused = list(queryset.filter(enabled=False))
        for row in paused:
            with transaction.atomic(using=router.db_for_write(RedirectRule)):
                reason = _why_not_resumed(row)
                if not reason:
                    RedirectRule.objects.filter(pk=row.pk).resume()
                    resumed.append(row)
                    continue
            text = gettext("“%(rule)s” stays paused. %(reason)s")
            text %= {"rule": row.name, "reason": reason}
            self.message_user(request, text, messages.ERROR)
        self.log(request, resumed, gettext("Resumed."))
        if resumed or not paused:
            self.tell(
                request,
                len(resumed),
                lambda n: ngettext("%d rule resumed.", "%d rules resumed.", n),
                gettext("Nothing to resume: none of what is selected is paused."),
            )

    @admin.action(description=_("End selected rules now"), permissions=["change"])
    def end(self, request: HttpRequest, queryset: RedirectRuleQuerySet) -> None:
        """Give the rules an end: this moment."""
        now = django_timezone.now().replace(microsecond=0)  # people read the end
        rows = list(queryset.endable(now))
        self.log(request, rows, gettext("Ended."))
        self.tell(
            request,
            queryset.end(now),
            lambda n: ngettext("%d rule ended.", "%d rules ended.", n),
            gettext("Nothing to end: what is selected is over already."),
        )

    @admin.action(description=_("Duplicate selected rules"), permissions=["add"])
    def duplicate(
        self, request: HttpRequest, queryset: RedirectRuleQuerySet
    ) -> HttpResponse | None:
        """Make a paused copy of each rule; a single one is opened."""
        copies = [row.duplicate() for row in queryset]
        self.log(request, copies, gettext("Made as a copy."), ADDITION)
        text = ngettext(
            "%d rule duplicated. The copy is paused: change what is different, then "
            "resume it.",
            "%d rules duplicated. The copies are paused: change what is different, "
            "then resume them.",
            len(copies),
        )
        self.message_user(request, text % len(copies), messages.SUCCESS)
        if len(copies) == 1:
            return HttpResponseRedirect(self.url_of(copies[0]))
        return None


def _why_not_resumed(rule: RedirectRule) -> str:
    """Return why a rule would not be saved switched on today, or an empty text."""
    if rule.state() == "ended":
        return gettext("It is over: give it a new end first.")
    try:
        resumed = parse_document(rule.to_document() | {"enabled": True})
        refuse_loops(RedirectRule.objects.all(), resumed)
    except ValidationError as refused:
        return " ".join(refused.messages)
    return ""
