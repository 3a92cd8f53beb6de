"""Documents and stored rows of maintenance windows, compiled and judged."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from temp_redirects.core import documents
from temp_redirects.core import windows as core
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site
from temp_redirects.models.columns import lines, listed
from temp_redirects.models.querysets import (
    lock_in_transaction,
    records_of_windows,
    refuse_loops,
)
from temp_redirects.models.repeating import SCHEDULE_COLUMNS, stored_schedule
from temp_redirects.models.rules import RedirectRule
from temp_redirects.sites import current_site, site_timezone

WINDOW_COLUMNS = (
    "pk",
    "name",
    "enabled",
    "title",
    "message",
    "starts_at",
    "ends_at",
    "timezone",
    "recurrence",
    "paths",
    "except_paths",
    "hosts",
    "target",
    "staff_pass",
    "pass_addresses",
    "pass_key",
    "api",
    "priority",
)


def parse_window(document: Mapping[str, Any], using: str) -> core.MaintenanceWindow:
    """Return the compiled window, or raise ValidationError by place in the document.

    What the paths are compiled to is tried as well, so that no window is stored that
    would be switched off by an error, or send visitors round and round with what the
    database *using* has. In a transaction other writers wait until it ends.
    """
    try:
        window, rules = compile_window(document, current_site(), site_timezone())
    except documents.Rejected as rejected:
        messages: dict[str, list[str]] = {}
        for place, sentence in rejected.problems:
            messages.setdefault(place, []).append(str(sentence))
        raise ValidationError(messages) from rejected
    if window.target and window.enabled:
        _refuse_loops(window, rules, using)
    return window


def compile_window(
    document: object, site: Site, timezone: str
) -> tuple[core.MaintenanceWindow, list[Rule]]:
    """Return a document's window and its rules, or raise `documents.Rejected`."""
    window = documents.parse_window(document, site, timezone)
    try:
        return window, [documents.parse_record(each, site) for each in window.records()]
    except documents.Rejected as rejected:
        places = [
            ("target" if at.startswith("destinations") else at, why)
            for at, why in rejected.problems
        ]
        raise documents.Rejected(places) from rejected
    except Refused as refused:
        raise documents.Rejected([("target", refused.sentence)]) from refused


def _refuse_loops(
    window: core.MaintenanceWindow, compiled: list[Rule], using: str
) -> None:
    lock_in_transaction(using)  # before the other windows are read
    rules = RedirectRule.objects.using(using)
    records = [*records_of_windows(using, but=window.key), *window.records()]
    for rule in compiled:
        try:
            refuse_loops(rules, rule, windows=records)
        except ValidationError as refused:
            messages = [
                text for group in refused.message_dict.values() for text in group
            ]
            raise ValidationError({"target": messages}) from refused


def make_window(columns: tuple[Any, ...]) -> core.MaintenanceWindow:
    """Return the compiled window of a row's `WINDOW_COLUMNS`, or raise `Rejected`."""
    row = dict(zip(WINDOW_COLUMNS, columns, strict=True))
    pass_key, timezone = row.pop("pass_key"), row["timezone"]
    planned = {column: row.pop(column) for column in SCHEDULE_COLUMNS}
    document = {
        "id": str(row.pop("pk")),
        **row,
        "schedule": documents.unpack_schedule(stored_schedule(planned)),
        "hosts": list(listed(row["hosts"])),
        **{
            key: list(lines(row[key]))
            for key in ("paths", "except_paths", "pass_addresses")
        },
    }
    window = documents.parse_window(document, current_site(), timezone)
    return core.with_pass_key(window, pass_key)
