"""What is said after saving, and what those see who may only read."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from temp_redirects.admin.verbs import RecordedAdmin
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
