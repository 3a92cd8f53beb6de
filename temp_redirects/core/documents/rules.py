"""The document of a rule: its keys, read and written."""

from collections.abc import Mapping
from typing import Any

from temp_redirects.core.conditions import KINDS, Condition, parse_condition
from temp_redirects.core.documents.destinations import (
    dump_destinations,
    parse_destinations,
)
from temp_redirects.core.documents.reading import (
    Reader,
    Rejected,
    at_least_one,
    identity,
    name,
    one_of,
    short,
    within,
)
from temp_redirects.core.documents.schedules import dump_schedule, parse_schedule
from temp_redirects.core.patterns import KINDS as SOURCES
from temp_redirects.core.patterns import (
    MAX_PATH,
    Exact,
    parse_path,
    parse_source,
    typed_path,
)
from temp_redirects.core.rules import (
    MAX_CONDITIONS,
    MAX_PRIORITY,
    QUERIES,
    STATUSES,
    STICKIES,
    ExceptedPaths,
    Hosts,
    Methods,
    Rule,
)
from temp_redirects.core.sentences import Refused, Sentence, standing_at
from temp_redirects.core.sites import Site

MAX_NOTE = 2_000  # characters
MAX_CACHE_SECONDS = 31_536_000  # a year
MAX_GOAL_DAYS = 365
MAX_PLANNED = 1_000_000_000  # visitors

# Every key with its default; None has to be given.
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
    "sticky": "visitor",
    "destinations": None,
    "goal": "",
    "goal_days": 7,
    "planned_visitors": None,
    "status": 307,
    "query": "keep",
    "cache_seconds": 0,
    "note": "",
}


def _goal(text: str) -> str:
    """Return the path of a goal as typed, or no text for none."""
    if text.strip():
        parse_path(text.strip())
    return short(text.strip(), MAX_PATH)


# The keys that are one plain value of the rule, under the same name: how each is read.
VALUES: Mapping[str, tuple[Any, ...]] = {
    "id": (identity,),
    "name": (name,),
    "enabled": (bool,),
    "priority": (within, -MAX_PRIORITY, MAX_PRIORITY),
    "sticky": (one_of, STICKIES),
    "goal": (_goal,),
    "goal_days": (within, 1, MAX_GOAL_DAYS),
    "planned_visitors": (at_least_one, MAX_PLANNED),
    "status": (one_of, STATUSES),
    "query": (one_of, QUERIES),
    "cache_seconds": (within, 0, MAX_CACHE_SECONDS),
    "note": (short, MAX_NOTE),
}
CONDITION_KEYS: Mapping[str, Any] = {"kind": None, "value": None}


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
    reader = Reader(site, timezone)
    fields = reader.fields("", document, RULE_KEYS)
    if not isinstance(document, Mapping):
        raise Rejected(reader.problems)
    source = reader.read(
        "path" if fields["match"] in SOURCES else "match",
        parse_source,
        fields["match"],
        fields["path"] or "",
    )
    values: dict[str, Any] = {
        key: fields[key]
        if fields[key] == RULE_KEYS[key] is not None  # a default needs no reading
        else reader.read(key, parse_value, fields[key], *limits)
        for key, (parse_value, *limits) in VALUES.items()
    }
    rest: dict[str, Any] = {
        "source": source,
        "destinations": parse_destinations(
            reader, fields["destinations"], source, is_window=is_window
        ),
        "is_window": is_window,
        "api": api,
        "schedule": parse_schedule(reader, fields["schedule"]),
        **_parse_lists(reader, fields),
        **_parse_conditions(reader, fields),
    }
    if not reader.problems:
        try:
            rule = Rule(**values, **rest)
            _refuse_sign_in_elsewhere(rule, site)
            return rule
        except Refused as refused:
            reader.problems.append((refused.place, refused.sentence))
    raise Rejected(reader.problems)


def _refuse_sign_in_elsewhere(rule: Rule, site: Site) -> None:
    """Refuse to lead who signs in here to a host that is not this site's."""
    if not (isinstance(rule.source, Exact) and site.is_login(rule.source.path)):
        return
    for at, destination in enumerate(rule.destinations):
        _, host, _ = destination.target.literal
        if host and not site.owns(host):
            with standing_at(f"destinations[{at}].target"):
                raise Refused(
                    "People sign in or out at “{path}”. It may not lead to another "
                    "server, which would get their passwords.",
                    path=rule.source.typed,
                )


def _parse_lists(reader: Reader, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: reader.read(key, parse_list, reader.texts(key, fields[key]))
        for key, name, parse_list in (
            ("methods", "methods", Methods.parse),
            ("hosts", "hosts", Hosts.parse),
            ("except_paths", "excepted", ExceptedPaths.parse),
        )
        if fields[key]
    }


def _parse_conditions(reader: Reader, fields: Mapping[str, Any]) -> dict[str, Any]:
    if len(fields["conditions"]) + len(fields["unless"]) > MAX_CONDITIONS:
        text = Sentence("A rule has at most {most} conditions.", most=MAX_CONDITIONS)
        reader.refuse("conditions", text)
    return {
        place: tuple(
            _parse_condition(reader, f"{place}[{at}]", each)
            for at, each in enumerate(fields[place])
        )
        for place in ("conditions", "unless")
    }


def _parse_condition(reader: Reader, place: str, given: object) -> Condition | None:
    fields = reader.fields(place, given, CONDITION_KEYS)
    kind, value = fields["kind"] or "", fields["value"] or ""
    key = "value" if kind in KINDS else "kind"
    return reader.read(f"{place}.{key}", parse_condition, kind, value)


def dump(rule: Rule) -> dict[str, Any]:
    """Return the whole document of a rule, every key included."""
    fields = {
        **{key: getattr(rule, key) for key in VALUES},
        "match": rule.source.kind,
        "path": rule.source.typed,
        "hosts": list(rule.hosts.patterns),
        "methods": list(rule.methods.names),
        "except_paths": list(map(typed_path, rule.excepted.paths)),
        "conditions": _dump_conditions(rule.conditions),
        "unless": _dump_conditions(rule.unless),
        "schedule": dump_schedule(rule.schedule),
        "destinations": dump_destinations(rule),
    }
    return {key: fields[key] for key in RULE_KEYS}


def _dump_conditions(conditions: tuple[Condition, ...]) -> list[dict[str, str]]:
    return [{"kind": each.kind, "value": str(each)} for each in conditions]
