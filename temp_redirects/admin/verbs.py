"""Verbs: what is done to one row by a button, or to many by an action of the list."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, router, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from temp_redirects.models.recording import Origin, recorded


@dataclass(frozen=True, slots=True)
class Verb:
    """What a button of one row does: the action of that name, and the words for it."""

    name: str
    label: Any
    question: Any
    permission: str
    states: frozenset[str]


class RecordedAdmin(admin.ModelAdmin):
    """Records what is written here as the admin's, by who is signed in."""

    def changeform_view(
        self, request: HttpRequest, *args: Any, **options: Any
    ) -> HttpResponse:
        """Show the form, and take what is typed.

        What somebody else takes in this moment is taken when the form looks again.
        """
        try:
            with by(request):
                return super().changeform_view(request, *args, **options)
        except IntegrityError:
            with by(request):
                return super().changeform_view(request, *args, **options)

    def changelist_view(
        self, request: HttpRequest, *args: Any, **options: Any
    ) -> HttpResponse:
        """Show the list, and do its actions."""
        with by(request):
            return super().changelist_view(request, *args, **options)

    def delete_view(
        self, request: HttpRequest, *args: Any, **options: Any
    ) -> HttpResponse:
        """Ask whether to delete a row, and delete it."""
        with by(request):
            return super().delete_view(request, *args, **options)


def by(request: HttpRequest) -> AbstractContextManager[Origin]:
    """Record what is written inside as one change, by the user of a request."""
    return recorded("admin", who=request.user.get_username())


class VerbAdmin(RecordedAdmin):
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

    def may(self, request: HttpRequest, permission: str, row: Any) -> bool:
        """Say whether the user has the permission that a verb asks for."""
        if permission == "add":
            return self.has_add_permission(request) and self.has_view_permission(
                request, row
            )
        return self.has_change_permission(request, row)

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
