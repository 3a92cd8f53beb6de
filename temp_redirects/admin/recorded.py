"""What staff write in the admin: recorded as theirs, within what they may."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import IntegrityError, router
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from temp_redirects.models import Batch, Revision
from temp_redirects.models.history import SWITCH
from temp_redirects.models.recording import Origin, current_origin, recorded
from temp_redirects.models.undoing import MODELS

PUBLISH = "temp_redirects.publish"
KILL_SWITCH = "temp_redirects.kill_switch"


def by(request: HttpRequest) -> AbstractContextManager[Origin]:
    """Record what is written inside as one change, by the user of a request."""
    return recorded(
        "admin",
        who=request.user.get_username(),
        may_publish=may_publish(request),
        may_kill=may_kill(request),
    )


def may_publish(request: HttpRequest) -> bool:
    """Say whether the user may switch on, and change what is on."""
    return request.user.has_perm(PUBLISH)


def may_kill(request: HttpRequest) -> bool:
    """Say whether the user may switch everything off, and on again."""
    return request.user.has_perm(KILL_SWITCH)


def may(request: HttpRequest, action: str, kind: str) -> bool:
    """Say whether the user may “view”, “add”, “change” or “delete” of a kind."""
    if kind == SWITCH:
        seen = action == "view" and bool(visible_kinds(request))
        return seen or may_kill(request)
    model = MODELS[kind]._meta.model_name
    name = f"temp_redirects.{action}_{model}"
    return request.user.has_perm(name)


def visible_kinds(request: HttpRequest) -> list[str]:
    """Return the kinds whose history the user may see: whoever may see the rows."""
    kinds = [
        kind
        for kind in MODELS
        if kind != SWITCH
        and (may(request, "view", kind) or may(request, "change", kind))
    ]
    return [*kinds, SWITCH] if kinds or may_kill(request) else []


class RecordedAdmin(admin.ModelAdmin):
    """Records what is written here as the admin's, by who is signed in.

    Every message of success has a link that takes it back.
    """

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

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **options: Any
    ) -> HttpResponse:
        """Show the form, and what stands beside it."""
        form, row = context["adminform"].form, context["original"]
        context |= self.beside(request, form, row)
        return super().render_change_form(request, context, *args, **options)

    def beside(self, request: HttpRequest, form: Any, obj: Any) -> dict[str, Any]:
        """Return what the template shows beside a form; *obj* is None for a new row."""
        return {}

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

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        """Say something; of what is done, with the link that takes it back."""
        url = self.undo_url(request) if level == messages.SUCCESS else ""
        if url:
            text = '{} <a class="temp-redirects-undo" href="{}">{}</a>'
            message = format_html(text, message, url, gettext("Undo"))
        super().message_user(request, message, level, extra_tags, fail_silently)

    def undo_url(self, request: HttpRequest) -> str:
        """Return where what was just written is taken back, if that may be."""
        origin = current_origin()
        if origin is None or not origin.stored:
            return ""
        batch = origin.stored[-1]
        using = router.db_for_write(Batch)
        if not all(may(request, *deed) for deed in undoing_takes(using, batch)):
            return ""
        try:
            return reverse(
                "admin:temp_redirects_batch_undo",
                args=[batch],
                current_app=self.admin_site.name,
            )
        except NoReverseMatch:  # a project's own admin without the history
            return ""


class ReadOnlyAdmin(RecordedAdmin):
    """Rows that no form writes, for whoever may see the rules."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by a form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by a form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by a form."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see the rules sees what became of them, and whether they are off."""
        return bool(visible_kinds(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Who may see it finds it on the index."""
        return self.has_view_permission(request)


def undoing_takes(using: str, batch: UUID) -> set[tuple[str, str]]:
    """Return what one must be allowed to take a batch back: (“delete”, “rule”)."""
    rows: Iterable[tuple[str, bool, bool]] = (
        Revision.objects.using(using)
        .filter(batch=batch)
        .order_by()
        .values_list("kind", _is(before=""), _is(after=""))
        .distinct()
    )
    return {
        ("delete" if is_made else "add" if is_gone else "change", kind)
        for kind, is_made, is_gone in rows
    }


def _is(**lookup: str) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**lookup), output_field=BooleanField())
