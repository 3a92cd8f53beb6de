"""What the admin tells of changes, and the history page of each rule and window."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from temp_redirects import changes
from temp_redirects.admin.recorded import RecordedAdmin
from temp_redirects.admin.times import local_time, shown_time
from temp_redirects.models import Revision
from temp_redirects.models.columns import as_seconds
from temp_redirects.models.undoing import MODELS
from temp_redirects.sites import site_timezone

MANY = 100  # changed rules on one page


class HasHistory(RecordedAdmin):
    """Tells what became of one row, deleted or not, with the way back."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show every change of a row, the newest first, and what the admin noted."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            pk = UUID(unquote(object_id))
        except ValueError:
            raise Http404 from None
        rows = Revision.objects.filter(kind=self.model.kind, object_id=pk)
        found = rows.order_by("-pk").select_related("batch")
        page = Paginator(found, MANY).get_page(request.GET.get("p"))
        row = self.get_object(request, object_id)
        if row is None and not page.object_list:
            raise Http404
        noted = LogEntry.objects.filter(
            object_id=str(pk), content_type=get_content_type_for_model(self.model)
        )
        site = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History of “%(name)s”")
            % {"name": row.name if row else page.object_list[0].name},
            "opts": self.opts,
            "original": row,
            "media": self.media,
            "page": page,
            "changes": [told(each, site) | _batch(each, site) for each in page],
            "history_url": _url("changelist", site),
            "noted": noted.select_related("user")[:MANY],
            **(extra_context or {}),
        }
        request.current_app = site
        template = "temp_redirects/admin/history.html"
        return TemplateResponse(request, template, context)


def told(revision: Revision, site: str) -> dict[str, Any]:
    """Return what a page says of one changed rule."""
    is_change = revision.before and revision.after
    found = changes.lines(revision.kind, revision.differences) if is_change else []
    return {
        "what": changes.verb(revision.kind, revision.before, revision.after),
        "name": revision.name,
        "kind": revision.get_kind_display(),
        "lines": found,
        "url": row_url(revision.kind, revision.object_id, "history"),
        "undo_url": _url("undo_one", site, revision.batch_id, revision.pk),
    }


def _batch(revision: Revision, site: str) -> dict[str, Any]:
    batch = revision.batch
    return {
        "at": shown(batch.at),
        "who": batch.who or "—",
        "source": batch.get_source_display(),
        "batch_url": _url("change", site, batch.pk),
    }


def _url(what: str, site: str, *args: Any) -> str:
    try:
        name = f"admin:temp_redirects_batch_{what}"
        return reverse(name, args=args, current_app=site)
    except NoReverseMatch:  # a project's own admin without the history
        return ""


def row_url(kind: str, pk: UUID, what: str = "change", site: str = "admin") -> str:
    """Return the address of a rule's or window's form or history, if it has one."""
    model = MODELS[kind]._meta.model_name
    try:
        name = f"admin:temp_redirects_{model}_{what}"
        return reverse(name, args=[pk], current_app=site)
    except NoReverseMatch:
        return ""


def shown(at: datetime) -> str:
    """Return a moment on the site's clock, its zone named."""
    zone = site_timezone()
    return f"{shown_time(local_time(as_seconds(at) or 0.0, zone))} {zone}"
