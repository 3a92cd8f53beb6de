"""Import in the admin: a file is uploaded, checked, looked at, and applied at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone as django_timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from temp_redirects.admin.exports import attachment
from temp_redirects.admin.imports import displays
from temp_redirects.admin.imports.checking import (
    KINDS,
    apply,
    check,
    compare_again,
    keep,
    problems_of,
    upload_database,
)
from temp_redirects.admin.imports.forms import MAX_BYTES, MAX_ENTRIES, UploadForm
from temp_redirects.admin.recorded import by, may
from temp_redirects.admin.verbs import VerbAdmin
from temp_redirects.core import tables
from temp_redirects.figures import figure
from temp_redirects.files import written_csv
from temp_redirects.models import Upload, history
from temp_redirects.models.history import RULE
from temp_redirects.models.uploads import MAX_NAME

SKIP = "skip"  # the parameter that leaves bad entries out
SHARED_URLS = ("import", "template", "changelist")
EXAMPLE_COLUMNS = ("name", "path", "target", "match", "starts_at", "ends_at")
EXAMPLES = (  # of the year to come
    ("sale", "/sale/", "/summer/", "exact", "{year}-06-01 08:00", "{year}-06-30 18:00"),
    ("moved", "/old/", "/new/{{rest}}", "prefix", "", "{year}-12-31 18:00"),
)


class ImportAdmin(VerbAdmin):
    """Has the pages that import a file of rules and windows."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        views: list[tuple[str, Any, str]] = [
            ("import/", self.import_view, "import"),
            ("import/template.csv", self.template_view, "template"),
            ("import/<uuid:pk>/", self.upload_view, "upload"),
            ("import/<uuid:pk>/problems.csv", self.problems_view, "problems"),
            ("import/<uuid:pk>/apply/", require_POST(self.apply_view), "apply"),
            ("import/<uuid:pk>/cancel/", require_POST(self.cancel_view), "cancel"),
        ]
        own = [
            path(where, self.admin_site.admin_view(view), name=self._name(name))
            for where, view, name in views
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Show the list, with the way to import."""
        url = self._url("import") if self.may_import(request) else ""
        shown = {"import_url": url, **(extra_context or {})}
        return super().changelist_view(request, shown)

    def may_import(self, request: HttpRequest, kind: str = RULE) -> bool:
        """Say whether the user may make and change rules, or those of another kind."""
        return may(request, "add", kind) and may(request, "change", kind)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file; posted, keep it to be checked."""
        if not self.may_import(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid() and self._is_permitted(request, form):
            upload = self._keep(request, form)
            return HttpResponseRedirect(self._url("upload", upload.pk))
        context = {
            "title": _("Import"),
            "form": form,
            "begun": self._uploads(request).first(),
            "columns": tables.COLUMNS,
            "needed": tables.NEEDED,
            "megabytes": MAX_BYTES // 1_000_000,
            "entries": figure(MAX_ENTRIES),
            "may_export": self.has_view_permission(request),
            "export_url": self._url("export_csv"),
        }
        return self._page(request, "temp_redirects/admin/import.html", context)

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Return a table with two rules as examples, for a spreadsheet."""
        if not self.may_import(request):
            raise PermissionDenied
        year = django_timezone.now().year + 1
        rows = [[each.format(year=year) for each in row] for row in EXAMPLES]
        return attachment(written_csv(rows, EXAMPLE_COLUMNS), "redirects.csv")

    def upload_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what the check found; where it is not through, check on."""
        upload = self._upload(request, pk)
        if upload is None:
            return self._gone(request)
        if not upload.version:
            with by(request):
                check(upload)
            upload = self._upload(request, pk)
        if upload is None:
            return self._gone(request)
        if not upload.version:
            response = self._show_upload(request, upload, _("Checking the file"))
            response["Refresh"] = f"0; url={self._url('upload', pk)}"
            return response
        return self._show_upload(request, upload, _("Check of the file"))

    def problems_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Return what is wrong, entry by entry, for a spreadsheet."""
        upload = self._upload(request, pk)
        if upload is None:
            return self._gone(request)
        problems = problems_of(upload.findings)
        unit = "line" if upload.format == "csv" else "entry"
        rows = [map(tables.neutral, row) for row in displays.rows(problems)]
        text = written_csv(rows, (unit, "column", "value", "reason"))
        return attachment(text, "problems.csv")

    def apply_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Apply the file, and say what that did, or why it did not."""
        upload = self._upload(request, pk)
        if upload is None:
            return self._gone(request)
        here = self._url("upload", pk)
        if problems_of(upload.findings) and SKIP not in request.POST:
            text = gettext("Nothing is applied, because entries have a problem.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(here)
        with by(request):
            if apply(upload):
                self.message_user(request, displays.done(upload), messages.SUCCESS)
                return HttpResponseRedirect(self._url("changelist"))
        if not compare_again(upload):
            return self._gone(request)
        text = gettext(
            "Somebody changed rules meanwhile, or what you may do. Nothing is applied "
            "yet: look at what the file would do now."
        )
        self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(here)

    def cancel_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Forget the file."""
        self._uploads(request).filter(pk=pk).delete()
        self.message_user(request, gettext("The file is gone. Nothing was changed."))
        return HttpResponseRedirect(self._url("import"))

    def _is_permitted(self, request: HttpRequest, form: UploadForm) -> bool:
        """Say whether the user may import all in the file; the form says why not."""
        names = dict(history.kinds())
        for plan in form.source.entries:
            kind = KINDS[plan]
            facts = {"kind": names[kind]}
            if not self.may_import(request, kind):
                text = gettext("You may not make and change what is a %(kind)s.")
                form.add_error("file", text % facts)
            elif form.cleaned_data["replaces"] and not may(request, "delete", kind):
                text = gettext("You may not delete what is a %(kind)s.")
                form.add_error("replaces", text % facts)
        return form.is_valid()

    def _keep(self, request: HttpRequest, form: UploadForm) -> Upload:
        """Keep the file; one a person, so that nobody fills the database."""
        file = form.cleaned_data["file"]
        self._uploads(request).delete()
        upload = Upload(
            owner=str(request.user.pk),
            name=file["name"][-MAX_NAME:],
            format=file["format"],
            replaces=form.cleaned_data["replaces"],
        )
        keep(upload, form.source)
        return upload

    def _uploads(self, request: HttpRequest) -> Any:
        """Return the file that the user has here; what is too old is forgotten."""
        uploads = Upload.objects.using(upload_database())
        now = django_timezone.now()
        uploads.forget(now)
        return uploads.of(str(request.user.pk), now)

    def _upload(self, request: HttpRequest, pk: UUID) -> Upload | None:
        """Return an upload of the user's own, if what is in it is still permitted."""
        upload: Upload | None = self._uploads(request).filter(pk=pk).first()
        if upload is not None and not self._may_apply(request, upload):
            raise PermissionDenied
        return upload

    def _may_apply(self, request: HttpRequest, upload: Upload) -> bool:
        asked = {"add", "change", *(["delete"] if upload.replaces else [])}
        kinds = upload.kinds.split(",")
        return all(may(request, each, kind) for kind in kinds for each in asked)

    def _gone(self, request: HttpRequest) -> HttpResponse:
        text = gettext(
            "This file is not here any more: it was applied, replaced by another one, "
            "or too old. Choose it again."
        )
        self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(self._url("import"))

    def _show_upload(
        self, request: HttpRequest, upload: Upload, title: Any
    ) -> HttpResponse:
        context = {
            "title": title,
            "subtitle": upload.name,
            "upload": upload,
            **displays.found(upload),
            "skip": SKIP,
            "here": {
                name: self._url(name, upload.pk)
                for name in ("upload", "problems", "apply", "cancel")
            },
        }
        return self._page(request, "temp_redirects/admin/upload.html", context)

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "urls": {name: self._url(name) for name in SHARED_URLS},
        }
        return TemplateResponse(request, template, {**shared, **context})

    def _name(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"

    def _url(self, what: str, *args: Any) -> str:
        site = self.admin_site.name
        return reverse(f"admin:{self._name(what)}", args=args, current_app=site)
