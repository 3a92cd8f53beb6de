"""Results in the admin: which arm is better, and whether to believe it."""

from time import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from temp_redirects.admin.actions import RuleActions
from temp_redirects.admin.displays import address
from temp_redirects.admin.recorded import by, may_publish
from temp_redirects.admin.results import displays
from temp_redirects.admin.results.charts import chart
from temp_redirects.admin.results.forms import (
    EffectForm,
    PlanForm,
    UseForm,
    for_everyone,
    size,
    suggested,
    usual_use,
)
from temp_redirects.models import RedirectRule
from temp_redirects.results import Results, has_results, results
from temp_redirects.signing import ARM, sign_arm

TEMPLATE = "temp_redirects/admin/results.html"


class ResultPages(RuleActions):
    """Adds the page of an experiment’s results, and what is done from there."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses."""
        views = {
            "results": ("results/", self.results_view),
            "results_csv": ("results.csv", self.csv_view),
            "results_plan": ("results/plan/", require_POST(self.plan_view)),
            "results_use": ("results/use/", require_POST(self.use_view)),
        }
        own = [
            path(
                f"<path:object_id>/{end}",
                self.admin_site.admin_view(view),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            )
            for name, (end, view) in views.items()
        ]
        return [*own, *super().get_urls()]

    def results_url(self, row: RedirectRule) -> str:
        """Return the address of a rule’s results, or no text where it has none."""
        return self.url_of(row, "results") if has_results(row) else ""

    def results_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the results of one epoch, the present one unless another is asked."""
        row, found = self._found(request, object_id)
        return self._show(request, row, found)

    def csv_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the days of one epoch for a spreadsheet."""
        _row, found = self._found(request, object_id)
        name = f"{object_id}-{found.epoch}.csv"
        return HttpResponse(
            displays.as_csv(found),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def plan_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Keep how many visitors the test is to have."""
        row, found = self._found(request, object_id, "change")
        form = PlanForm(request.POST)
        if not form.is_valid():
            return self._show(request, row, found, plan=form)
        planned = form.cleaned_data["planned_visitors"]
        document = {**row.to_document(), "planned_visitors": planned}
        log = gettext("Planned visitors: %(planned)s.") % {"planned": planned}
        self._save(request, row, document, log, gettext("The plan is kept."))
        return HttpResponseRedirect(self.url_of(row, "results"))

    def use_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send everybody to one destination until a moment, and end the experiment."""
        row, found = self._found(request, object_id, "change")
        form = UseForm(found, request.POST)
        if not form.is_valid():
            return self._show(request, row, found, use=form)
        arm, until = form.cleaned_data["arm"], form.cleaned_data["until"]
        name = found.names[arm]
        document = for_everyone(row.to_document(), arm, until)
        log = gettext(
            "“%(name)s” for everyone until %(until)s, the experiment is over."
        )
        log %= {"name": name, "until": until}
        done = gettext(
            "Everybody gets “%(name)s” from now on. The experiment is over, and its "
            "results stay here."
        )
        self._save(request, row, document, log, done % {"name": name})
        return HttpResponseRedirect(self.url_of(row, "results"))

    def _found(
        self, request: HttpRequest, object_id: str, permission: str = "view"
    ) -> tuple[RedirectRule, Results]:
        row: RedirectRule = self.row_of(request, object_id)
        may = {"view": self.has_view_permission, "change": self.has_change_permission}
        if not may[permission](request, row):
            raise PermissionDenied
        found = results(row, now=time(), epoch=request.GET.get("epoch", ""))
        if not found.is_present and found.epoch not in {e.id for e in found.epochs}:
            raise Http404(gettext("There is no such epoch."))
        return row, found

    def _save(
        self,
        request: HttpRequest,
        row: RedirectRule,
        document: Any,
        log: str,
        done: str,
    ) -> None:
        """Save a rule’s document, and say that, or why it is refused."""
        try:
            with by(request):
                RedirectRule.objects.save_document(document)
                self.log(request, [row], log)
                self.message_user(request, done, messages.SUCCESS)
        except ValidationError as refused:
            for text in refused.messages:
                self.message_user(request, text, messages.ERROR)

    def _show(
        self,
        request: HttpRequest,
        row: RedirectRule,
        found: Results,
        plan: PlanForm | None = None,
        use: UseForm | None = None,
    ) -> HttpResponse:
        asked = "rate" in request.GET
        effect = EffectForm(request.GET if asked else suggested(found))
        needed = None
        if effect.is_valid():
            needed = displays.needed(
                *size(found, **effect.cleaned_data),
                pages=len(found.shares),
                is_decided=found.evidence.is_decided,
            )
        planned = found.evidence.planned or (needed or {}).get("total")
        context: dict[str, Any] = {
            "title": gettext("Results"),
            "found": found,
            "verdict": displays.verdict(found),
            "columns": displays.ARM_COLUMNS,
            "arms": displays.arm_rows(found, _links(request, row, found)),
            "surety": displays.surety(found),
            "chart": chart(found),
            "days": list(displays.day_rows(found)),
            "epochs": displays.epoch_rows(found, row),
            "may_decide": self.has_change_permission(request, row)
            and may_publish(request),
            "verbs": [
                verb for verb in self.verbs_for(request, row) if verb.name == "end"
            ],
            "effect": effect,
            "needed": needed,
            "plan": plan or PlanForm(initial={"planned_visitors": planned}),
            "use": use or UseForm(found, initial=usual_use(found, row)),
            "timezone": row.timezone,
        }
        return self.page(request, row, TEMPLATE, context)


def _links(request: HttpRequest, row: RedirectRule, found: Results) -> dict[str, str]:
    """Return where staff see each arm, which counts nobody; nothing while it is off."""
    if not found.is_present or row.state() != "live":
        return {}
    page = address(row.compile(), request)
    return {
        arm.id: f"{page}?{urlencode({ARM: sign_arm(str(row.pk), arm.id)})}"
        for arm in found.arms
    }
