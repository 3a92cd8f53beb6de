"""What the list of maintenance windows can be narrowed to."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.windows.displays import STATES


class StateFilter(admin.SimpleListFilter):
    """By state, as the list shows it.

    Errors and the states that they hide are found by compiling every window, of which
    there are few.
    """

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states with their words."""
        return [(state, word) for state, (_icon, word) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the windows in that state now."""
        wanted, now = self.value(), django_timezone.now()
        if wanted == "ended":
            return queryset.filter(queryset.over(now))
        if wanted not in STATES:
            return queryset
        rows = queryset.exclude(ends_at__lte=now, recurrence="").order_by()
        return queryset.filter(
            pk__in=[row.pk for row in rows if row.state(now) == wanted]
        )
