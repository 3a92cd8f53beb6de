"""The check of an uploaded file: a stretch in each request, then all of it at once."""

from time import monotonic
from typing import Any

from django.db import router

from temp_redirects.files import Source, read
from temp_redirects.models import RedirectRule, RulesetVersion, Upload
from temp_redirects.models.imports import Import, Outcome, Problem
from temp_redirects.models.recording import recorded
from temp_redirects.models.versions import writing
from temp_redirects.pauses import without_collector

SECONDS = 3.0  # of reading in one request, so that no proxy gives up on it
STRETCH = 50  # entries between two looks at the clock
MAX_VALUE = 500  # characters of what stands at the place of a problem
COUNTS = ("created", "updated", "unchanged", "deleted")


@without_collector()
def check(upload: Upload) -> None:
    """Check on: read some entries by themselves, or compare all with what is stored.

    The entries of a stretch are told apart from those before, so that a big file shows
    its mistakes early. What is compiled is not kept between requests: comparing reads
    all of them once more.
    """
    until = monotonic() + SECONDS
    source = _source(upload)
    entries = [(kind, each) for kind, some in source.entries.items() for each in some]
    problems: list[Any] = upload.findings.get("problems", [])
    while upload.judged < len(entries) and monotonic() < until:
        judge = Import(upload_database())
        some = entries[upload.judged : upload.judged + STRETCH]
        stretch: dict[Any, list[Any]] = {}
        for kind, each in some:
            stretch.setdefault(kind, []).append(each)
        problems += _told(source, judge.judge(stretch))
        upload.judged += len(some)
    upload.findings = {"problems": problems}
    if monotonic() < until:
        compare(upload, source)
    upload.keep()


def compare(upload: Upload, source: Source) -> None:
    """Find out what applying the file would do, as the rules are now."""
    using = upload_database()
    version = version_of(using)
    outcome = Import(using).run(
        source.entries, replaces=upload.replaces, skips_bad=True, dry_run=True
    )
    _keep(upload, source, outcome)
    upload.version = version


@without_collector()
def apply(upload: Upload, *, skips_bad: bool) -> Outcome | None:
    """Apply the file in one transaction, if the rules are those it was compared with.

    None where they are others by now. Where an entry has a problem, nothing is stored
    unless *skips_bad*.
    """
    using = upload_database()
    # From here on nobody else writes rules.
    with recorded(Import.source, what=upload.name), writing(using):
        if upload.version != version_of(using):
            return None
        source = _source(upload)
        outcome = Import(using).run(
            source.entries, replaces=upload.replaces, skips_bad=skips_bad
        )
        if outcome.problems and not skips_bad:
            _keep(upload, source, outcome)
            upload.keep()
        else:
            Upload.objects.using(using).filter(pk=upload.pk).delete()
    return outcome


def upload_database() -> str:
    """Return the database of the rules, where uploads are too."""
    return router.db_for_write(RedirectRule)


def version_of(using: str) -> str:
    """Return which rules are stored, as a text."""
    return str(RulesetVersion.current(using))


def _source(upload: Upload) -> Source:
    return read(upload.format, upload.text)


def _keep(upload: Upload, source: Source, outcome: Outcome) -> None:
    upload.findings = {
        **{word: getattr(outcome, word) for word in COUNTS},
        "skipped": len(outcome.bad),
        "endless": outcome.endless,
        "problems": _told(source, source.in_order(outcome.problems)),
        "first": [
            [deed.word, deed.kind, deed.before, deed.after] for deed in outcome.first
        ],
    }


def _told(source: Source, problems: list[Problem]) -> list[list[Any]]:
    """Return problems as they are kept: the place, its column, the value, and why."""
    return [
        [
            *each.at,
            source.column(each.place),
            _text(source.value(each))[:MAX_VALUE],
            str(each.reason)[:MAX_VALUE],
        ]
        for each in problems
    ]


def _text(value: Any) -> str:
    return "" if value is None else str(value)
