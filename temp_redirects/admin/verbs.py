"""Verbs: what is done to one row by a button, or to many by an action of the list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from temp_redirects.admin.histories import HasHistory
from temp_redirects.admin.recorded import by, may_kill, may_publish


@dataclass(frozen=True, slots=True)
class Verb:
    """What a button of one row does: the action of that name, and the words for it."""

    name: str
    label: Any
    question: Any
    permission: str
    states: frozenset[str]


class VerbAdmin(HasHistory):
    """Gives each verb an address under its row; the action of its name does the work.

    ``badge_of`` shows the state of a row.
    """

    verbs: ClassVar[Mapping[str, Verb]] = {}
    badge_of: ClassVar[Callable[[Any], SafeString]]

    def get_urls(self) -> list[URLPattern]:
        """Add an address for each verb; asking it shows a question, posting acts."""
        own = [
            path(
                f"<path:object_id>/{verb}/",
                self.admin_site.admin_view(self.act_view),
                {"verb": verb},
                name=f"{self.opts.app_label}_{self.opts.model_name}_{verb}",
            )
            for verb in self.verbs
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Show the list, with the way to switch everything off."""
        shown = {"switch_url": self._switch_url() if may_kill(request) else ""}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def _switch_url(self) -> str:
        name = "admin:temp_redirects_killswitch_changelist"
        try:
            return reverse(name, current_app=self.admin_site.name)
        except NoReverseMatch:  # a project's own admin without it
            return ""

    def act_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Ask whether to act on one row, and act when the answer is posted."""
        row = self.row_of(request, object_id)
        if not self.may(request, self.verbs[verb].permission, row):
            raise PermissionDenied
        if request.method == "POST":
            using = router.db_for_write(self.model)
            with by(request), transaction.atomic(using=using):
                rows = self.get_queryset(request).filter(pk=row.pk)
                answer = getattr(self, verb)(request, rows)
            return answer or HttpResponseRedirect(self.url_of(row))
        context = {"title": self.verbs[verb].label, "verb": self.verbs[verb]}
        return self.page(request, row, "temp_redirects/admin/confirm.html", context)

    def page(
        self, request: HttpRequest, row: Any, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Return a page of the admin about one row."""
        request.current_app = self.admin_site.name
        shared = {
            **self.admin_site.each_context(request),
            "subtitle": row.name,
            "opts": self.opts,
            "original": row,
            "badge": type(self).badge_of(row),
            "url": self.url_of(row),
            "media": self.media,
        }
        return TemplateResponse(request, template, {**shared, **context})

    def row_of(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row of an address, or raise Http404."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            text = gettext("There is no such %(kind)s.")
            raise Http404(text % {"kind": self.opts.verbose_name})
        return row

    def verbs_for(self, request: HttpRequest, row: Any) -> list[Verb]:
        """Return the verbs that fit the row's state and the user's permissions."""
        state = row.state()
        return [
            verb
            for verb in self.verbs.values()
            if state in verb.states and self.may(request, verb.permission, row)
        ]

    def url_of(self, row: Any, what: str = "change") -> str:
        """Return the address of a row's form, or of a verb for the row."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}"
        return reverse(name, args=[row.pk], current_app=self.admin_site.name)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the row may be edited: what is on only by who may publish."""
        is_off = obj is None or not obj.enabled
        return super().has_change_permission(request, obj) and (
            is_off or may_publish(request)
        )

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Say whether rows may be switched on by an action of the list."""
        return self.has_change_permission(request) and may_publish(request)

    def may(self, request: HttpRequest, permission: str, row: Any) -> bool:
        """Say whether the user has the permission that a verb asks for.

        Switching off takes no more than changing, whatever is on.
        """
        if permission == "add":
            return self.has_add_permission(request) and self.has_view_permission(
                request, row
            )
        if permission == "publish" and not may_publish(request):
            return False
        return super().has_change_permission(request, row)

    def tell(
        self, request: HttpRequest, done: int, text: Callable[[int], str], nothing: str
    ) -> None:
        """Say to how many it was done, or why to none."""
        if done:
            self.message_user(request, text(done) % done, messages.SUCCESS)
        else:
            self.message_user(request, nothing, messages.WARNING)

    def log(
        self,
        request: HttpRequest,
        rows: Iterable[Any],
        message: str,
        flag: int = CHANGE,
    ) -> None:
        """Keep in the history of each row what was done."""
        user = request.user.pk
        LogEntry.objects.log_actions(user, rows, flag, message)  # type: ignore[arg-type]
