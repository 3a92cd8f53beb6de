"""The history in the admin: what was done in one go, by whom, the newest first."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from temp_redirects import changes
from temp_redirects.admin.histories import MANY, shown, told
from temp_redirects.admin.recorded import visible_kinds
from temp_redirects.admin.undoing import UndoingAdmin
from temp_redirects.models import Batch, Revision
from temp_redirects.models.undoing import MODELS

FEW = 3  # changed rules of one batch that a list tells
SHORT = 200  # characters of one of them


class HistoryAdmin(UndoingAdmin):
    """What was done, the newest first, and the way back; nothing here is edited."""

    list_display = ["when", "who_did", "source", "changed"]
    list_display_links = ["when"]
    list_filter = ["source"]
    search_fields = ["who", "what", "revisions__name"]
    search_help_text = _("In who did it, and in the names of what was changed.")
    show_full_result_count = False
    actions = None
    change_list_template = "temp_redirects/admin/batches.html"

    class Media:
        css = {"all": ["temp_redirects/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        """Return the batches of what the user may see."""
        kinds = visible_kinds(request)
        rows = super().get_queryset(request)
        if len(kinds) < len(MODELS):
            seen = Revision.objects.filter(kind__in=kinds)
            rows = rows.filter(pk__in=seen.values("batch"))
        return rows

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with the first changes of each batch and their number."""
        changelist = super().get_changelist_instance(request)
        page = list(changelist.result_list)
        rows = Revision.objects.filter(kind__in=visible_kinds(request))
        within = rows.filter(batch__in=[batch.pk for batch in page])
        found = within.order_by().values_list("batch").annotate(n=Count("pk"))
        numbers = dict(found)
        first = _first(page, rows)
        for batch in page:
            batch.number, batch.first = numbers.get(batch.pk, 0), first[batch.pk]
        changelist.result_list = page
        return changelist

    def changelist_view(
        self, request: HttpRequest, *args: Any, **options: Any
    ) -> HttpResponse:
        """Show the list, and the way back to a moment."""
        extra = {"title": _("History"), "back": self.back_url()}
        return super().changelist_view(request, extra_context=extra)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        """Show one batch: every rule that it changed, field by field."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.batch_of(unquote(object_id))
        rows = batch.changes.filter(kind__in=visible_kinds(request))
        page = Paginator(rows, MANY).get_page(request.GET.get("p"))
        context = {
            "title": gettext("What was done"),
            "batch": batch,
            "at": shown(batch.at),
            "page": page,
            "changes": [told(each, self.admin_site.name) for each in page],
            "url": self.url_for("changelist"),
            "undo_url": self.url_for("undo", batch.pk),
            "back_url": self.back_url(batch.at),
        }
        return self.page(request, "temp_redirects/admin/batch.html", context)

    @admin.display(description=_("when"), ordering="at")
    def when(self, batch: Batch) -> str:
        """Show when it was, on the site's clock."""
        return shown(batch.at)

    @admin.display(description=_("who"), ordering="who")
    def who_did(self, batch: Batch) -> str:
        """Show who did it."""
        return batch.who or "—"

    @admin.display(description=_("what"))
    def changed(self, batch: Any) -> SafeString:
        """Show the first changes, in words."""
        return _told_shortly(batch.first, batch.number)


def _first(page: list[Any], rows: QuerySet[Revision]) -> dict[UUID, list[Revision]]:
    """Return a few of the changes of each batch.

    Each is sought by itself: an import has very many, and numbering all takes long.
    """
    own = rows.filter(batch=OuterRef("pk")).order_by("pk").values("pk")
    pks = Batch.objects.filter(pk__in=[batch.pk for batch in page]).values_list(
        *(Subquery(own[at : at + 1]) for at in range(FEW))
    )
    found: dict[UUID, list[Revision]] = {batch.pk: [] for batch in page}
    wanted = {pk for some in pks.order_by() for pk in some if pk is not None}
    for each in rows.filter(pk__in=wanted).order_by("pk"):
        found[each.batch_id].append(each)
    return found


def _told_shortly(first: list[Revision], number: int) -> SafeString:
    lines = [(Truncator(changes.told(each)).chars(SHORT),) for each in first]
    told = format_html_join("", "<div>{}</div>", lines)
    more = number - len(first)
    if more > 0:
        text = ngettext("and %d more", "and %d more", more) % more
        told += format_html('<div class="temp-redirects-more">{}</div>', text)
    return told
