"""What is said after saving, and what those see who may only read."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from temp_redirects.admin.recorded import RecordedAdmin
from temp_redirects.advice import Advice


class SavedAdmin(RecordedAdmin):
    """Tells what the saved row does, and shows a row as far as it may be changed.

    Its forms keep in ``notes`` what they changed of what was typed.
    """

    read_fieldsets: ClassVar[Any]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show a row that may not be changed as it is read, not as it is typed."""
        if obj is not None and not self.has_change_permission(request, obj):
            return self.read_fieldsets
        return super().get_fieldsets(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        *args: Any,
        **options: Any,
    ) -> HttpResponse:
        """Show the form; what is typed for a row that is gone makes a new one."""
        is_typed = request.method == "POST" and request.POST.get("seen")
        if object_id and is_typed and self.get_object(request, object_id) is None:
            object_id = None
        return super().changeform_view(request, object_id, *args, **options)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **options: Any
    ) -> HttpResponse:
        """Show the form, and where two people met, what both want."""
        form = context["adminform"].form
        conflict = getattr(form, "conflict", None)
        if conflict is not None and conflict.switches_off:
            rows = self.model._default_manager.filter(pk=form.instance.pk)
            rows.update(enabled=False)
            form.remember()
            text = gettext("It is switched off. What else you typed is not saved yet.")
            self.message_user(request, text, messages.SUCCESS)
        context["conflict"] = conflict
        return super().render_change_form(request, context, *args, **options)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Save the row, and say what the form made of what was typed."""
        super().save_model(request, obj, form, change)
        for note in form.notes:
            self.message_user(request, note, messages.WARNING)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Say what happens now, and what to know about it."""
        response = super().response_add(request, obj, post_url_continue)
        self.tell_saved(request, obj)
        return response

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say what happens now, and what to know about it."""
        response = super().response_change(request, obj)
        self.tell_saved(request, obj)
        return response

    def tell_saved(self, request: HttpRequest, obj: Any) -> None:
        """Say what the stored row does now."""
        raise NotImplementedError

    def tell_advice(self, request: HttpRequest, advice: Iterable[Advice]) -> None:
        """Say what to know about the row, though nothing forbids it."""
        for each in advice:
            self.message_user(request, each.text, messages.WARNING)
