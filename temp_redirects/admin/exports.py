"""Export in the admin: of what is selected, of what a list shows, of everything."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin.recorded import may
from temp_redirects.admin.verbs import VerbAdmin
from temp_redirects.core.sentences import Sentence
from temp_redirects.files import documents_of, table_of, written_json
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.history import WINDOW

LISTS = {"rule": "rules", "window": "maintenance_windows"}
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
SOME = "some"  # the parameter that takes a table without what does not fit it


class ExportAdmin(VerbAdmin):
    """Has the action that writes what is selected."""

    @admin.action(description=_("Export as JSON"), permissions=["view"])
    def export_json(
        self, request: HttpRequest, queryset: "QuerySet[Any]"
    ) -> HttpResponse:
        """Return the document of what is selected."""
        return self.as_json(request, queryset)

    def as_json(
        self, request: HttpRequest, rows: "QuerySet[Any]", **more: "QuerySet[Any]"
    ) -> HttpResponse:
        """Return rows as document, or say which of them cannot be written."""
        name = LISTS[self.model.kind]
        problems: list[Sentence] = []
        lists = {
            key: list(documents_of(some, problems))
            for key, some in {name: rows, **more}.items()
        }
        if problems:
            return self.incomplete(request, problems)
        return attachment(written_json(**lists), f"{name.replace('_', '-')}.json")

    def incomplete(
        self, request: HttpRequest, problems: list[Sentence], **context: Any
    ) -> HttpResponse:
        """Say what does not fit the file, instead of leaving it out unseen."""
        request.current_app = self.admin_site.name
        shared = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.opts,
            "media": self.media,
            "problems": problems,
            "list_url": self.export_url("changelist"),
        }
        template = "temp_redirects/admin/export.html"
        return TemplateResponse(request, template, {**shared, **context})

    def export_url(self, what: str) -> str:
        """Return the address of an export, or of the list."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}"
        return reverse(name, current_app=self.admin_site.name)


class RuleExportAdmin(ExportAdmin):
    """Exports also tables, and everything that the list shows or that there is."""

    def get_urls(self) -> list[URLPattern]:
        """Add the files."""
        views: dict[str, Any] = {
            "export.json": (self.document_view, "export_json"),
            "export.csv": (self.table_view, "export_csv"),
        }
        own = [
            path(
                where,
                self.admin_site.admin_view(view),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            )
            for where, (view, name) in views.items()
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Show the list, with the ways to export what it shows."""
        asked = request.GET.urlencode()
        query = f"?{asked}" if asked else ""
        shown = {
            "exports": [
                (kind.upper(), self.export_url(f"export_{kind}") + query)
                for kind in TYPES
            ],
            **(extra_context or {}),
        }
        return super().changelist_view(request, shown)

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(
        self, request: HttpRequest, queryset: "QuerySet[Any]"
    ) -> HttpResponse:
        """Return the table of what is selected."""
        return self._as_csv(request, queryset)

    def document_view(self, request: HttpRequest) -> HttpResponse:
        """Return the rules that the list shows; all of them with the windows."""
        rows = self._asked(request)
        if rows is None:
            return HttpResponseRedirect(self.export_url("changelist"))
        if request.GET or not may(request, "view", WINDOW):
            return self.as_json(request, rows)
        windows = MaintenanceWindow.objects.all()
        return self.as_json(request, rows, maintenance_windows=windows)

    def table_view(self, request: HttpRequest) -> HttpResponse:
        """Return the table of the rules that the list shows."""
        asked = request.GET.copy()
        is_some = bool(asked.pop(SOME, []))
        request.GET = asked  # type: ignore[assignment]
        rows = self._asked(request)
        if rows is None:
            return HttpResponseRedirect(self.export_url("changelist"))
        asked[SOME] = "1"
        some_url = f"{self.export_url('export_csv')}?{asked.urlencode()}"
        return self._as_csv(request, rows, is_some=is_some, some_url=some_url)

    def _as_csv(
        self,
        request: HttpRequest,
        rows: "QuerySet[Any]",
        *,
        is_some: bool = False,
        some_url: str = "",
    ) -> HttpResponse:
        problems: list[Sentence] = []
        text = table_of(documents_of(rows, problems), problems)
        if problems and not is_some:
            return self.incomplete(request, problems, some_url=some_url)
        return attachment(text, "rules.csv")

    def _asked(self, request: HttpRequest) -> "QuerySet[Any] | None":
        """Return the rules that the list shows, on all its pages; None for no list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows: QuerySet[Any] = self.get_changelist_instance(request).get_queryset(
                request
            )
        except IncorrectLookupParameters:
            return None
        return rows


def attachment(text: str, name: str) -> HttpResponse:
    """Return a file that browsers save, of the kind that its name says."""
    return HttpResponse(
        text,
        content_type=TYPES[name.rpartition(".")[2]],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
