"""Documents: the rule as one plain dictionary (``temp-redirects/1``), read and written.

The same parser serves forms, imports, the command line and the compact records of the
store, so that there is one place for errors.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from temp_redirects.core import records
from temp_redirects.core.conditions import KINDS, Condition, parse_condition
from temp_redirects.core.patterns import KINDS as SOURCES
from temp_redirects.core.patterns import Source, parse_path, parse_source
from temp_redirects.core.patterns import typed_path as typed_path
from temp_redirects.core.rules import (
    MAX_CONDITIONS,
    MAX_PRIORITY,
    QUERIES,
    STATUSES,
    Destination,
    ExceptedPaths,
    Hosts,
    Methods,
    Rule,
)
from temp_redirects.core.schedules import Schedule, moment, parse_moment, zone
from temp_redirects.core.sentences import Refused, Sentence
from temp_redirects.core.sites import Site
from temp_redirects.core.targets import Target
from temp_redirects.core.windows import APIS, PRIORITY, MaintenanceWindow

FORMAT = "temp-redirects/1"
MAX_NAME = 100  # characters
MAX_NOTE = 2_000
MAX_LABEL = 100
MAX_ID = 40  # of a destination
MAX_CACHE_SECONDS = 31_536_000  # a year

Problem = tuple[str, Sentence]
Value = TypeVar("Value")

RULE_KEYS: Mapping[str, Any] = {
    "id": "",
    "name": None,
    "enabled": True,
    "priority": 0,
    "match": "exact",
    "path": None,
    "hosts": [],
    "methods": [],
    "except_paths": [],
    "conditions": [],
    "unless": [],
    "schedule": {},
    "destinations": None,
    "status": 307,
    "query": "keep",
    "cache_seconds": 0,
    "note": "",
}
SCHEDULE_KEYS: Mapping[str, Any] = {"starts_at": None, "ends_at": None, "timezone": ""}
WINDOW_KEYS: Mapping[str, Any] = {
    "id": "",
    "name": None,
    "enabled": True,
    "title": "",
    "message": "",
    "schedule": {},
    "paths": [],
    "except_paths": [],
    "hosts": [],
    "target": "",
    "staff_pass": True,
    "pass_addresses": [],
    "api": "redirect",
    "priority": PRIORITY,
}
CONDITION_KEYS: Mapping[str, Any] = {"kind": None, "value": None}
DESTINATION_KEYS: Mapping[str, Any] = {"id": "", "label": "", "target": None}
_MAY_BE_NULL = {"starts_at", "ends_at"}
_NOT_STORED = re.compile(r"[\x00\ud800-\udfff]")  # what databases refuse in a text


class Rejected(Refused):
    """A document that is no rule: ``problems`` are places in it, each with a reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(
            "{problems}", problems=" ".join(f"{at}: {why}" for at, why in problems)
        )


class _Reader:
    """Reads a document piece by piece, and keeps what is wrong with its place."""

    def __init__(self, site: Site, timezone: str) -> None:
        self.site = site
        self.timezone = timezone
        self.problems: list[Problem] = []

    def read(self, place: str, parse: Callable[..., Value], *args: Any) -> Value | None:
        if self._is_refused(place):  # one mistake, one message
            return None
        try:
            return parse(*args)
        except Refused as refused:
            self.problems.append((place, refused.sentence))
            return None

    def _is_refused(self, place: str) -> bool:
        return any(f"{place}.".startswith(f"{at}.") for at, _ in self.problems)

    def refuse(self, place: str, template: str, /, **facts: Any) -> None:
        self.problems.append((place, Sentence(template, **facts)))

    def fields(
        self, place: str, given: object, keys: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return every key with its value or default; what is not so is a problem."""
        if not isinstance(given, Mapping):
            self.refuse(place or "rule", "must be an object with keys")
            return dict(keys)
        prefix = f"{place}." if place else ""
        for key in given:
            if key not in keys:
                near = get_close_matches(str(key), keys, n=1)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                self.refuse(f"{prefix}{key}", "unknown key.{hint}", hint=hint)
        for key, default in keys.items():
            if default is None and key not in _MAY_BE_NULL and key not in given:
                self.refuse(f"{prefix}{key}", "is missing")
        return {
            key: self._typed(f"{prefix}{key}", given.get(key, default), default)
            for key, default in keys.items()
        }

    def _typed(self, place: str, value: Any, default: Any) -> Any:
        wanted = str if default is None else type(default)
        if place.endswith("destinations"):
            wanted = list
        right = isinstance(value, wanted) and (
            wanted is bool or not isinstance(value, bool)
        )
        if right or value is default:
            return value
        names = {
            bool: "true or false",
            int: "a whole number",
            str: "text",
            list: "a list",
            dict: "an object with keys",
        }
        self.refuse(
            place, "must be {wanted}, not {value}", wanted=names[wanted], value=value
        )
        return wanted()

    def texts(self, place: str, values: list[Any]) -> list[str]:
        """Return a list of texts."""
        for at, value in enumerate(values):
            if not isinstance(value, str):
                self.refuse(f"{place}[{at}]", "must be text, not {value}", value=value)
        return [value for value in values if isinstance(value, str)]


def parse(
    document: object,
    site: Site,
    timezone: str = "UTC",
    *,
    is_window: bool = False,
    api: str = "redirect",
) -> Rule:
    """Return the rule of a document, or raise `Rejected` with every problem in it.

    *timezone* is the one of documents that name none. The rules that a maintenance
    window is compiled to are marked, and may lead to the notice.
    """
    reader = _Reader(site, timezone)
    fields = reader.fields("", document, RULE_KEYS)
    if not isinstance(document, Mapping):
        raise Rejected(reader.problems)
    source = reader.read(
        "path" if fields["match"] in SOURCES else "match",
        parse_source,
        fields["match"],
        fields["path"] or "",
    )
    rest = {
        "id": reader.read("id", _identity, fields["id"]),
        "name": reader.read("name", _name, fields["name"] or ""),
        "source": source,
        "destination": _destination(
            reader, fields["destinations"], source, is_window=is_window
        ),
        "is_window": is_window,
        "api": api,
        "enabled": fields["enabled"],
        "priority": reader.read(
            "priority", _within, fields["priority"], -MAX_PRIORITY, MAX_PRIORITY
        ),
        "schedule": _schedule(reader, fields["schedule"]),
        "status": reader.read("status", _one_of, fields["status"], STATUSES),
        "query": reader.read("query", _one_of, fields["query"], QUERIES),
        "cache_seconds": reader.read(
            "cache_seconds", _within, fields["cache_seconds"], 0, MAX_CACHE_SECONDS
        ),
        "note": reader.read("note", _short, fields["note"], MAX_NOTE),
        "conditions": _conditions(reader, "conditions", fields["conditions"]),
        "unless": _conditions(reader, "unless", fields["unless"]),
    }
    for key, name, parse_list in (
        ("methods", "methods", Methods.parse),
        ("hosts", "hosts", Hosts.parse),
        ("except_paths", "excepted", ExceptedPaths.parse),
    ):
        texts = reader.texts(key, fields[key])
        rest[name] = reader.read(key, parse_list, texts)
    if len(fields["conditions"]) + len(fields["unless"]) > MAX_CONDITIONS:
        reader.refuse(
            "conditions", "A rule has at most {most} conditions.", most=MAX_CONDITIONS
        )
    if not reader.problems:
        rule = reader.read("destinations[0].target", lambda: Rule(**rest))
        if rule is not None:
            return rule
    raise Rejected(reader.problems)


def parse_window(
    document: object, site: Site, timezone: str = "UTC"
) -> MaintenanceWindow:
    """Return the maintenance window of a document, or raise `Rejected`."""
    reader = _Reader(site, timezone)
    fields = reader.fields("", document, WINDOW_KEYS)
    if not isinstance(document, Mapping):
        raise Rejected(reader.problems)
    lists = {
        key: reader.texts(key, fields[key])
        for key in ("paths", "except_paths", "hosts", "pass_addresses")
    }
    if not lists["paths"]:
        reader.refuse("paths", "Say which paths are closed. Example: “/shop/”.")
    window = {
        "id": reader.read("id", _identity, fields["id"]),
        "name": reader.read("name", _name, fields["name"] or ""),
        "enabled": fields["enabled"],
        "title": reader.read("title", _short, fields["title"], MAX_NAME * 2),
        "message": reader.read("message", _short, fields["message"], MAX_NOTE),
        "schedule": _schedule(reader, fields["schedule"]),
        "paths": _paths(reader, "paths", lists["paths"]),
        "excepted": _paths(reader, "except_paths", lists["except_paths"]),
        "hosts": reader.read("hosts", lambda: Hosts.parse(lists["hosts"]).patterns),
        "target": fields["target"],
        "staff_pass": fields["staff_pass"],
        "pass_addresses": tuple(lists["pass_addresses"]),
        "api": reader.read("api", _one_of, fields["api"], APIS),
        "priority": reader.read(
            "priority", _within, fields["priority"], -MAX_PRIORITY, MAX_PRIORITY
        ),
    }
    if fields["target"]:
        captures = {"rest"}
        reader.read("target", Target.parse, fields["target"], captures, site)
    if lists["pass_addresses"]:
        networks = ", ".join(lists["pass_addresses"])
        reader.read("pass_addresses", parse_condition, "address", networks)
    if reader.problems:
        raise Rejected(reader.problems)
    return MaintenanceWindow(**window)


def _paths(reader: _Reader, place: str, typed: list[str]) -> tuple[str, ...]:
    paths = [
        reader.read(f"{place}[{at}]", parse_path, text) for at, text in enumerate(typed)
    ]
    return tuple(path for path in paths if path is not None)


def dump_window(window: MaintenanceWindow) -> dict[str, Any]:
    """Return the whole document of a window; the key of its pass link is no part."""
    return {
        "id": window.id,
        "name": window.name,
        "enabled": window.enabled,
        "title": window.title,
        "message": window.message,
        "schedule": _dump_schedule(window.schedule),
        "paths": list(map(typed_path, window.paths)),
        "except_paths": list(map(typed_path, window.excepted)),
        "hosts": list(window.hosts),
        "target": window.target,
        "staff_pass": window.staff_pass,
        "pass_addresses": list(window.pass_addresses),
        "api": window.api,
        "priority": window.priority,
    }


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
    return f"{site.notices}{quote(name.strip(), safe='')}/?next={{next}}"


def document_of(record: records.Record) -> dict[str, Any]:
    """Return the document of a compact record."""
    fields = records.unpack(record)
    del fields["window"], fields["api"]
    timezone = fields.pop("timezone")
    schedule = {
        "starts_at": _shown(fields.pop("starts"), timezone),
        "ends_at": _shown(fields.pop("ends"), timezone),
        "timezone": timezone,
    }
    conditions = {
        key: [dict(zip(CONDITION_KEYS, each, strict=True)) for each in fields[key]]
        for key in ("conditions", "unless")
    }
    lists = {key: list(fields[key]) for key in ("hosts", "methods", "except_paths")}
    destinations = [
        dict(zip(DESTINATION_KEYS, each, strict=True))
        for each in fields["destinations"]
    ]
    return {
        **fields,
        **lists,
        **conditions,
        "schedule": schedule,
        "destinations": destinations,
    }


def record_of(rule: Rule) -> records.Record:
    """Return the compact record of a compiled rule."""
    fields = dump(rule)
    return records.pack(
        {
            **fields,
            "starts": rule.schedule.starts,
            "ends": rule.schedule.ends,
            "timezone": rule.schedule.timezone,
            "destinations": tuple(map(_values, fields["destinations"])),
            "conditions": tuple(map(_values, fields["conditions"])),
            "unless": tuple(map(_values, fields["unless"])),
            "hosts": tuple(fields["hosts"]),
            "methods": tuple(fields["methods"]),
            "except_paths": tuple(fields["except_paths"]),
            "window": rule.is_window,
            "api": rule.api,
        }[name]
        for name in records.FIELDS
    )


def _values(fields: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(fields.values())


def dump(rule: Rule) -> dict[str, Any]:
    """Return the whole document of a rule, every key included."""
    destination = rule.destination
    return {
        "id": rule.id,
        "name": rule.name,
        "enabled": rule.enabled,
        "priority": rule.priority,
        "match": rule.source.kind,
        "path": rule.source.typed,
        "hosts": list(rule.hosts.patterns),
        "methods": list(rule.methods.names),
        "except_paths": list(map(typed_path, rule.excepted.paths)),
        "conditions": _dump_conditions(rule.conditions),
        "unless": _dump_conditions(rule.unless),
        "schedule": _dump_schedule(rule.schedule),
        "destinations": [
            {
                "id": destination.id,
                "label": destination.label,
                "target": destination.target.typed,
            }
        ],
        "status": rule.status,
        "query": rule.query,
        "cache_seconds": rule.cache_seconds,
        "note": rule.note,
    }


def _dump_schedule(schedule: Schedule) -> dict[str, str | None]:
    return {
        "starts_at": _shown(schedule.starts, schedule.timezone),
        "ends_at": _shown(schedule.ends, schedule.timezone),
        "timezone": schedule.timezone,
    }


def _dump_conditions(conditions: tuple[Condition, ...]) -> list[dict[str, str]]:
    return [{"kind": each.kind, "value": str(each)} for each in conditions]


def _shown(seconds: float | None, timezone: str) -> str | None:
    return None if seconds is None else moment(seconds, timezone).isoformat()


def _schedule(reader: _Reader, given: object) -> Schedule | None:
    fields = reader.fields("schedule", given, SCHEDULE_KEYS)
    timezone = fields["timezone"] or reader.timezone
    if reader.read("schedule.timezone", zone, timezone) is None:
        return None
    bounds = [
        reader.read(f"schedule.{key}", parse_moment, fields[key], timezone)
        for key in ("starts_at", "ends_at")
    ]
    return reader.read("schedule.ends_at", Schedule, *bounds, timezone)


def _conditions(
    reader: _Reader, place: str, given: list[Any]
) -> tuple[Condition | None, ...]:
    conditions = []
    for at, each in enumerate(given):
        fields = reader.fields(f"{place}[{at}]", each, CONDITION_KEYS)
        kind, value = fields["kind"] or "", fields["value"] or ""
        key = "value" if kind in KINDS else "kind"
        conditions.append(
            reader.read(f"{place}[{at}].{key}", parse_condition, kind, value)
        )
    return tuple(conditions)


def _destination(
    reader: _Reader, given: list[Any], source: Source | None, *, is_window: bool
) -> Destination | None:
    if reader.read("destinations", _only_one, given or []) is None:
        return None
    fields = reader.fields("destinations[0]", given[0], DESTINATION_KEYS)
    # Without a source its captures are unknown: one mistake, one message.
    typed = fields["target"] or ""
    captures = source.captures if source else Target.names_in(typed)
    if is_window:
        captures |= {Target.NEXT}
    target = reader.read(
        "destinations[0].target", Target.parse, typed, captures, reader.site
    )
    key = reader.read("destinations[0].id", _short, fields["id"], MAX_ID)
    label = reader.read("destinations[0].label", _short, fields["label"], MAX_LABEL)
    return Destination(key or "", label or "", target) if target else None


def _only_one(destinations: list[Any]) -> list[Any]:
    if len(destinations) != 1:
        raise Refused("A rule has one destination.")
    return destinations


def _identity(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise Refused("“{text}” is not a UUID.", text=text) from None


def _name(text: str) -> str:
    if not text.strip():
        raise Refused("Give the rule a name. Example: “pricing-test”.")
    if any(ord(sign) < 32 for sign in text):
        raise Refused("The name has a line break or a control character.")
    return _short(text.strip(), MAX_NAME)


def _short(text: str, most: int) -> str:
    if len(text) > most:
        raise Refused("is longer than {most} characters", most=most)
    if _NOT_STORED.search(text):
        raise Refused("has a character that is no text")
    return text


def _within(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise Refused(
            "{number} is not between {least} and {most}",
            number=number,
            least=least,
            most=most,
        )
    return number


def _one_of(value: Value, choices: tuple[Value, ...]) -> Value:
    if value not in choices:
        raise Refused(
            "{value} is not one of {choices}",
            value=value,
            choices=", ".join(map(str, choices)),
        )
    return value
