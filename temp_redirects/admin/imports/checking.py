"""The check of an uploaded file: a stretch in each request, then all of it at once.

First every entry is read by itself, and kept as a plan. Then all plans are compared
with what is stored, and followed to where they lead. Applying reads no more than the
plans: of the version of the rules that they were compared with all that is still true.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import router, transaction

from temp_redirects.files import UNITS, Source, read_part
from temp_redirects.models import RedirectRule, RulesetVersion, Upload
from temp_redirects.models.history import RULE, WINDOW
from temp_redirects.models.imports import (
    RULES,
    WINDOWS,
    Import,
    Kind,
    Outcome,
    Problem,
)
from temp_redirects.models.imports.plans import At, Plan
from temp_redirects.models.recording import recorded
from temp_redirects.models.uploads import Told, UploadPart
from temp_redirects.models.versions import writing
from temp_redirects.pauses import without_collector

SECONDS = 3.0  # of work in one request, so that no proxy gives up on it
PART = 500  # entries that are stored together
MAX_VALUE = 500  # characters of what stands at the place of a problem
PROBLEMS = ("read", "compared", "led")  # by what they were found
COUNTS = ("created", "updated", "unchanged", "deleted")
KINDS = {RULES: RULE, WINDOWS: WINDOW}
_PLACES = {unit: place for place, unit in enumerate(UNITS)}  # in the order of a file


def keep(upload: Upload, source: Source) -> None:
    """Store a new upload of what a file says."""
    upload.kinds = ",".join(KINDS[kind] for kind in source.entries)
    upload.total = sum(map(len, source.entries.values()))
    upload.store(upload_database(), source.parts(PART))


@without_collector()
def check(upload: Upload) -> None:
    """Check on, for some seconds: read entries by themselves, or compare them all.

    A big file shows its first mistakes early.
    """
    until = monotonic() + SECONDS
    if upload.judged < upload.total:
        was = copy(upload)
        if not upload.go_on(was, list(_read(upload, until))) or monotonic() >= until:
            return
    if upload.judged == upload.total:
        was = copy(upload)
        _compare(upload)
        upload.go_on(was)


def _read(upload: Upload, until: float) -> Iterator[UploadPart]:
    """Read entries by themselves, one at least, and yield their parts with plans."""
    findings = {"read": [], "led": [], **upload.findings}
    while upload.judged < upload.total:
        number, done = divmod(upload.judged, PART)
        part = upload.part(number)
        source = read_part(upload.format, part.entries[done:])
        importing, kept = Import(upload_database()), part.kept
        for entry in source:
            kept += [[*plan.at, *plan.kept()] for plan in importing.read([entry])]
            upload.judged += 1
            if monotonic() >= until:
                break
        findings["read"] += _told(source, importing.outcome.problems)
        part.kept = kept
        yield part
        if monotonic() >= until:
            break
    upload.findings = findings


def _compare(upload: Upload) -> None:
    """Find out what applying the file would do, as the rules are now.

    Following where it leads may take longer than a request: then the next one goes on,
    if the rules are the same. Beside a problem nothing is deleted, and what stays may
    lead somewhere: then they are all followed again.
    """
    findings, using = upload.findings, upload_database()
    version = version_of(using)
    if findings.get("version") != version:
        upload.followed = 0
        findings |= {"version": version, "led": [], "deletes": upload.replaces}
    deletes = findings["deletes"] and not findings["read"]
    importing = Import(using)
    plans, gone = importing.compare(_plans(upload), _kinds(upload) if deletes else ())
    since = len(importing.outcome.problems)
    upload.followed = importing.follow(
        plans, gone, since=upload.followed, until=monotonic() + SECONDS, waits=True
    )
    problems = importing.outcome.problems
    compared, led = problems[:since], problems[since:]
    if gone and problems:
        upload.followed = 0
        upload.findings = findings | {"deletes": False}
        return
    findings["compared"] = _told(_source_of(upload, compared), compared)
    findings["led"] += _told(_source_of(upload, led), led)
    if upload.followed == len(plans):
        upload.version = version
        bad = bad_in(findings)
        importing.count([plan for plan in plans if plan.at not in bad], gone)
        findings |= _counts(importing.outcome) | {"skipped": len(bad)}
    upload.findings = findings


def _counts(outcome: Outcome) -> dict[str, Any]:
    return {
        **{word: getattr(outcome, word) for word in COUNTS},
        "endless": outcome.endless,
        "over": outcome.over,
        "first": [
            [deed.word, deed.kind, deed.before, deed.after] for deed in outcome.first
        ],
    }


@without_collector()
def apply(upload: Upload) -> bool:
    """Apply the file in one transaction, what has a problem left out.

    False, and nothing done, where the rules are not those it was compared with, or
    where the file is gone meanwhile.
    """
    using = upload_database()
    # From here on nobody else writes rules.
    with recorded(Import.source, what=upload.name), writing(using):
        if upload.version != version_of(using) or not upload.lock():
            return False
        importing = Import(using)
        bad = bad_in(upload.findings)
        kept: dict[Kind, set[UUID]] = {kind: set() for kind in _kinds(upload)}
        for part in upload.parts():
            plans = [plan for plan in _restored(part) if plan.at not in bad]
            importing.match(plans)
            if importing.outcome.problems:  # the one who writes may do less by now
                transaction.set_rollback(True, using=using)
                return False
            importing.write(plans)
            for plan in plans:
                kept[type(plan)].add(UUID(plan.own))
        if upload.replaces and not bad:
            others = {kind: importing.others(kind, kept[kind]) for kind in kept}
            importing.delete(others)
        upload.delete()
    return True


def compare_again(upload: Upload) -> bool:
    """Have the file compared once more; False where it is gone."""
    was = copy(upload)
    upload.version = ""
    return upload.go_on(was)


def problems_of(findings: dict[str, Any]) -> list[Told]:
    """Return what is wrong, in the order of the file."""
    found = [each for word in PROBLEMS for each in findings.get(word, [])]
    return sorted(found, key=lambda told: (_PLACES[told[0]], told[1]))


def bad_in(findings: dict[str, Any]) -> set[At]:
    """Return where the entries stand that have a problem."""
    return {At(unit, number) for unit, number, *_ in problems_of(findings)}


def upload_database() -> str:
    """Return the database of the rules, where uploads are too."""
    return router.db_for_write(RedirectRule)


def version_of(using: str) -> str:
    """Return which rules are stored, as a text."""
    return str(RulesetVersion.current(using))


def _kinds(upload: Upload) -> list[Kind]:
    """Return the kinds that the file is about, also where it has none of them."""
    return [kind for kind, word in KINDS.items() if word in upload.kinds.split(",")]


def _plans(upload: Upload) -> Iterator[Plan]:
    for part in upload.parts():
        yield from _restored(part)


def _restored(part: UploadPart) -> Iterator[Plan]:
    for unit, number, *kept in part.kept:
        yield UNITS[unit].restored(At(unit, number), kept)


def _source_of(upload: Upload, problems: Iterable[Problem]) -> Source:
    """Return what the file has where these problems are."""
    bad = {problem.at for problem in problems}
    parts = upload.parts() if bad else ()
    entries = (entry for part in parts for entry in part.entries)
    return read_part(upload.format, (each for each in entries if At(*each[:2]) in bad))


def _told(source: Source, problems: Iterable[Problem]) -> list[Told]:
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
