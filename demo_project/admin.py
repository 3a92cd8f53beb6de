"""The demo's orders and submissions in the admin: to be looked at, not changed."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from demo_project.models import Order, Submission

if TYPE_CHECKING:  # generic only in the stubs
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only visitors make."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave making rows to the pages."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave rows as they arrived."""
        return False


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders, with the hash that shows their file is the one that was sent."""

    list_display = ["number", "created_at", "name", "product_name", "file_name"]
    fields = [
        "number",
        "created_at",
        "name",
        "email",
        "product_name",
        "message",
        "file_name",
        "file_size",
        "file_sha256",
    ]


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """What reached the API."""

    list_display = ["created_at", "method", "path", "version", "size", "sha256"]
    list_filter = ["method", "version"]
