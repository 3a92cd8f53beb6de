"""Taking back in the admin: what it does is shown first, then it is done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import router
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext

from temp_redirects import changes
from temp_redirects.admin.histories import MANY, row_url, shown
from temp_redirects.admin.recorded import ReadOnlyAdmin, by, may, visible_kinds
from temp_redirects.core.schedules import moment, parse_moment, seconds
from temp_redirects.core.sentences import Refused
from temp_redirects.models import Batch
from temp_redirects.models.history import SWITCH
from temp_redirects.models.undoing import Step, Undo
from temp_redirects.sites import site_timezone

MOMENT = timedelta(milliseconds=1)
FEW = 3  # problems that are told in messages
TO, SEEN = "to", "seen"  # parameters: the moment to go back to; the plan as shown


class UndoingAdmin(ReadOnlyAdmin):
    """Has the pages that take back one change, a batch, or all since a moment."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that take back."""
        views: list[tuple[str, Any, str]] = [
            ("back/", self.back_view, "back"),
            ("<uuid:batch>/undo/", self.undo_view, "undo"),
            ("<uuid:batch>/undo/<int:revision>/", self.undo_view, "undo_one"),
        ]
        own = [
            path(
                where,
                self.admin_site.admin_view(view),
                name=f"temp_redirects_batch_{name}",
            )
            for where, view, name in views
        ]
        return [*own, *super().get_urls()]

    def batch_of(self, pk: object) -> Batch:
        """Return the batch of an address, or raise Http404."""
        try:
            wanted = UUID(str(pk))
        except ValueError:
            raise Http404 from None
        return get_object_or_404(Batch, pk=wanted)

    def undo_view(
        self, request: HttpRequest, batch: UUID, revision: int | None = None
    ) -> HttpResponse:
        """Show what taking a batch back does, or one change of it; posted, do it."""
        row = self.batch_of(batch)
        rows = row.changes.filter(kind__in=visible_kinds(request))
        if revision is not None:
            rows = rows.filter(pk=revision)
        if not rows.exists():
            raise Http404
        facts = {"at": shown(row.at), "who": row.who or row.get_source_display()}
        title = gettext("Undo what %(who)s did at %(at)s") % facts
        using = router.db_for_write(Batch)
        return self._undo(request, lambda: Undo.of(using, rows.using(using)), title)

    def back_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a moment and show what going back to it does; posted, do it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.GET.get(TO, "")
        at, problem = _parsed(text) if text else (None, "")
        if at is None:
            context = {
                "title": gettext("Back to a moment"),
                "problem": problem,
                "typed": text,
                "zone": site_timezone(),
                "url": self.url_for("changelist"),
            }
            return self.page(request, "temp_redirects/admin/back.html", context)
        title = gettext("Back to %(at)s") % {"at": shown(at)}
        kinds = visible_kinds(request)

        def plan() -> Undo:
            found = Undo.to(router.db_for_write(Batch), at)
            found.steps = [step for step in found.steps if step.kind in kinds]
            return found

        return self._undo(request, plan, title)

    def _undo(
        self, request: HttpRequest, plan_of: Callable[[], Undo], title: str
    ) -> HttpResponse:
        """Show a plan before it is done; do it if it is still the one that was shown.

        Between the two somebody may have changed what it would overwrite.
        """
        with by(request):
            plan = plan_of()
            _refuse_forbidden(request, plan.steps)
            is_posted = request.method == "POST"
            if is_posted and request.POST.get(SEEN) == plan.mark:
                return self._done(request, plan, plan.run(title))
            plan.preview()
        steps = [step for step in plan.steps if not step.problem]
        context = {
            "title": title,
            "is_other": is_posted,
            "steps": [_step(step) for step in steps[:MANY]],
            "more": max(len(steps) - MANY, 0),
            "problems": [_stays(step) for step in plan.problems[:MANY]],
            "mark": plan.mark,
            "seen": SEEN,
            "url": self.url_for("changelist"),
        }
        return self.page(request, "temp_redirects/admin/undo.html", context)

    def _done(self, request: HttpRequest, plan: Undo, done: int) -> HttpResponse:
        if done:
            text = ngettext("%d change undone.", "%d changes undone.", done) % done
            self.message_user(request, text, messages.SUCCESS)
        for step in plan.problems[:FEW]:
            text = gettext("“%(name)s” stays as it is. %(problem)s")
            facts = {"name": step.name, "problem": step.problem}
            self.message_user(request, text % facts, messages.ERROR)
        url = self.url_for("changelist")
        if len(plan.steps) == 1 and plan.steps[0].target:
            url = row_url(plan.steps[0].kind, plan.steps[0].object_id) or url
        return HttpResponseRedirect(url)

    def page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Return a page of the history."""
        request.current_app = self.admin_site.name
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, template, {**shared, **context})

    def url_for(self, what: str, *args: Any) -> str:
        """Return the address of a page of the history."""
        name = f"admin:temp_redirects_batch_{what}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    def back_url(self, at: datetime | None = None) -> str:
        """Return where one goes back to a moment, or to just before one."""
        if at is None:
            return self.url_for("back")
        return f"{self.url_for('back')}?{urlencode({TO: (at - MOMENT).isoformat()})}"


def _refuse_forbidden(request: HttpRequest, steps: list[Step]) -> None:
    """Mark the steps that take a permission which the user has not."""
    for step in steps:
        action = "change" if step.current and step.target else "add"
        action = action if step.target else "delete"
        if not may(request, action, step.kind):
            step.problem = {
                "add": gettext("You may not make it again."),
                "change": gettext("You may not change it."),
                "delete": gettext("You may not delete it."),
            }[action]
            if action == "delete" and may(request, "change", step.kind):
                step.problem = gettext(
                    "You may not delete it. Open it to end it or to switch it off."
                )


def _step(step: Step) -> dict[str, Any]:
    found = changes.lines(step.kind, step.differences)
    return {
        "what": _deed(step),
        "name": step.name,
        "lines": found if step.current and step.target else [],
    }


def _stays(step: Step) -> dict[str, str]:
    """Return what cannot be done, and where else something can be done about it."""
    url = row_url(step.kind, step.object_id) if step.current else ""
    return {"name": step.name, "problem": step.problem, "url": url}


def _deed(step: Step) -> str:
    """Return what is going to be done, as the button beneath says it."""
    if step.current and step.target:
        return gettext("Change")
    if step.kind == SWITCH:
        return gettext("Switch off") if step.target else gettext("Switch on again")
    return gettext("Bring back") if step.target else gettext("Delete")


def _parsed(text: str) -> tuple[datetime | None, str]:
    """Return a moment as typed on the site's clock, or what is wrong with it."""
    zone = site_timezone()
    try:
        given = datetime.fromisoformat(text)
        at = seconds(given) if given.tzinfo else parse_moment(text, zone)
        if at is None or at < 0:  # before there were rules, and some clocks
            raise ValueError
        return moment(at, zone), ""
    except (ValueError, OverflowError) as refused:
        is_ours = isinstance(refused, Refused)
        wrong = gettext("“%(text)s” is not a time. Example: “2026-11-21T02:40”.")
        return None, str(refused) if is_ours else wrong % {"text": text}
