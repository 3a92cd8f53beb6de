"""Compact records, which the store works with, and the documents that they hold."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from temp_redirects.core import records
from temp_redirects.core.documents.destinations import DESTINATION_KEYS, whole_number
from temp_redirects.core.documents.rules import (
    CONDITION_KEYS,
    RULE_KEYS,
    VALUES,
    parse,
)
from temp_redirects.core.documents.schedules import unpack_schedule
from temp_redirects.core.patterns import typed_path
from temp_redirects.core.rules import Destination, Rule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site

# How the parts of a record are laid out, and the keys that have a text each in a list.
_PARTS = {
    "destinations": DESTINATION_KEYS,
    "conditions": CONDITION_KEYS,
    "unless": CONDITION_KEYS,
}
_LISTS = ("hosts", "methods", "except_paths")


def parse_record(record: records.Record, site: Site) -> Rule:
    """Return the rule of a compact record."""
    fields = document_of(record)
    marks = records.unpack(record)
    if not marks["window"]:
        return parse(fields, site)
    for destination in fields["destinations"]:
        destination["target"] = destination["target"] or _notice(fields["name"], site)
    fields["id"] = ""  # it has no row of its own
    rule = parse(fields, site, is_window=True, api=marks["api"])
    return replace(rule, id=record[0])


def _notice(name: str, site: Site) -> str:
    if not site.notices:
        raise Refused(
            "The notice has no address. A developer can give it one in the site’s "
            "URLs: path('maintenance/', include('temp_redirects.urls'))"
        )
    return f"{site.notice_of(name)}?next={{next}}"


def document_of(record: records.Record) -> dict[str, Any]:
    """Return the document of a compact record."""
    given = records.unpack(record)
    fields = {
        **given,
        **{key: list(given[key]) for key in _LISTS},
        **{
            key: [_fields(keys, each) for each in given[key]]
            for key, keys in _PARTS.items()
        },
        "schedule": unpack_schedule(given),
        "enabled": True,
    }
    return {key: fields[key] for key in RULE_KEYS}


def record_of(rule: Rule) -> records.Record:
    """Return the compact record of a rule."""
    fields = {
        **{key: getattr(rule, key) for key in VALUES},
        "match": rule.source.kind,
        "path": rule.source.typed,
        "hosts": rule.hosts.patterns,
        "methods": rule.methods.names,
        "except_paths": tuple(map(typed_path, rule.excepted.paths)),
        "conditions": tuple((each.kind, str(each)) for each in rule.conditions),
        "unless": tuple((each.kind, str(each)) for each in rule.unless),
        "destinations": tuple(map(_values, rule.destinations)),
        **rule.schedule.fields(),
        "window": rule.is_window,
        "api": rule.api,
    }
    return records.pack(fields[name] for name in records.FIELDS)


def _values(each: Destination) -> tuple[Any, ...]:
    """Return the values of a destination; an empty percentage is left out."""
    values = (each.id, each.label, each.target.typed)
    if each.percentage is None:
        return values
    return (*values, whole_number(each.percentage))


def _fields(keys: Mapping[str, Any], values: tuple[Any, ...]) -> dict[str, Any]:
    given = dict(zip(keys, values, strict=len(values) < len(keys) - 1))
    return {**keys, **given}
