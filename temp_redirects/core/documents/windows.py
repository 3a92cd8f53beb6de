"""The document of a maintenance window: its keys, read and written."""

from collections.abc import Mapping
from typing import Any

from temp_redirects.core.conditions import parse_condition
from temp_redirects.core.documents.reading import (
    MAX_NAME,
    Reader,
    Rejected,
    identity,
    name,
    one_of,
    short,
    within,
)
from temp_redirects.core.documents.rules import MAX_NOTE
from temp_redirects.core.documents.schedules import dump_schedule, parse_schedule
from temp_redirects.core.patterns import parse_path, typed_path
from temp_redirects.core.rules import MAX_PRIORITY, Hosts
from temp_redirects.core.sentences import Sentence
from temp_redirects.core.sites import Site
from temp_redirects.core.targets import Target
from temp_redirects.core.windows import APIS, PRIORITY, MaintenanceWindow

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


def parse_window(
    document: object, site: Site, timezone: str = "UTC"
) -> MaintenanceWindow:
    """Return the maintenance window of a document, or raise `Rejected`."""
    reader = Reader(site, timezone)
    fields = reader.fields("", document, WINDOW_KEYS)
    if not isinstance(document, Mapping):
        raise Rejected(reader.problems)
    lists = {
        key: reader.texts(key, fields[key])
        for key in ("paths", "except_paths", "hosts", "pass_addresses")
    }
    if not lists["paths"]:
        text = Sentence("Say which paths are closed. Example: “/shop/”.")
        reader.refuse("paths", text)
    window = {
        "id": reader.read("id", identity, fields["id"]),
        "name": reader.read("name", name, fields["name"]),
        "enabled": fields["enabled"],
        "title": reader.read("title", short, fields["title"], MAX_NAME * 2),
        "message": reader.read("message", short, fields["message"], MAX_NOTE),
        "schedule": parse_schedule(reader, fields["schedule"]),
        "paths": _paths(reader, "paths", lists["paths"]),
        "excepted": _paths(reader, "except_paths", lists["except_paths"]),
        "hosts": reader.read("hosts", lambda: Hosts.parse(lists["hosts"]).patterns),
        "target": fields["target"],
        "staff_pass": fields["staff_pass"],
        "pass_addresses": tuple(lists["pass_addresses"]),
        "api": reader.read("api", one_of, fields["api"], APIS),
        "priority": reader.read(
            "priority", within, fields["priority"], -MAX_PRIORITY, MAX_PRIORITY
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


def _paths(reader: Reader, place: str, typed: list[str]) -> tuple[str, ...]:
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
        "schedule": dump_schedule(window.schedule),
        "paths": list(map(typed_path, window.paths)),
        "except_paths": list(map(typed_path, window.excepted)),
        "hosts": list(window.hosts),
        "target": window.target,
        "staff_pass": window.staff_pass,
        "pass_addresses": list(window.pass_addresses),
        "api": window.api,
        "priority": window.priority,
    }
