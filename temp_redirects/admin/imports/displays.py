"""How the admin tells what the check of a file found."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from temp_redirects import changes
from temp_redirects.admin.imports.checking import COUNTS, bad_in, problems_of
from temp_redirects.advice import told_imported
from temp_redirects.core.changes import differences
from temp_redirects.models import Upload
from temp_redirects.models.imports.plans import At

MANY = 100  # problems on the page; the file of problems has all
WORDS = {
    "created": gettext_lazy("Make"),
    "updated": gettext_lazy("Change"),
    "deleted": gettext_lazy("Delete"),
}
LABELS = {
    "created": gettext_lazy("new"),
    "updated": gettext_lazy("changed"),
    "unchanged": gettext_lazy("as they are already"),
    "deleted": gettext_lazy("deleted"),
}


def found(upload: Upload) -> dict[str, Any]:
    """Return what the page shows of a check, as far as it is."""
    findings = upload.findings
    problems = problems_of(findings)
    bad = len(bad_in(findings))
    counts = {word: findings.get(word, 0) for word in LABELS}
    return {
        "is_through": bool(upload.version),
        # Each entry is read, and then followed to where it leads.
        "progress": {"done": upload.judged + upload.followed, "most": 2 * upload.total},
        "counts": [(counts[word], label) for word, label in LABELS.items()],
        "deletes": counts["deleted"],
        "changes": sum(n for word, n in counts.items() if word != "unchanged"),
        "warnings": list(
            told_imported(findings.get("endless", 0), findings.get("over", 0))
        ),
        "bad": bad,
        "good": upload.total - bad,
        "problems": list(rows(problems[:MANY])),
        "more": max(len(problems) - MANY, 0),
        "unit": _("Line") if upload.format == "csv" else _("Entry"),
        "steps": list(_steps(findings.get("first", []), counts)),
    }


def rows(problems: Iterable[Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield where each problem is, in which column, what stands there, and why."""
    for unit, number, column, value, reason in problems:
        where = str(number if unit == "line" else At(unit, number))
        yield where, column, value, reason


def done(upload: Upload) -> str:
    """Return in a sentence what an import did."""
    text = _(
        "Imported: %(created)d new, %(updated)d changed, %(deleted)d deleted, "
        "%(unchanged)d as they were."
    )
    return text % {word: upload.findings[word] for word in COUNTS}


def _steps(first: list[Any], counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield the first of what will be made, changed and deleted, and how many more."""
    for word, label in WORDS.items():
        some = [each[1:] for each in first if each[0] == word]
        more = counts[word] - len(some)
        if some:
            yield {
                "label": label,
                "number": counts[word],
                "some": [_told(*each) for each in some],
                "more": ngettext("and %d more", "and %d more", more) % more,
                "has_more": more > 0,
            }


def _told(kind: str, before: Any, after: Any) -> dict[str, Any]:
    found = differences(before, after) if before and after else []
    return {
        "name": (after or before or {}).get("name", ""),
        "span": changes.span(after["schedule"]) if after else "",
        "lines": changes.lines(kind, found),
    }
