"""Maintenance windows: compiled to rules like any other, told about by the notice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from temp_redirects.core.patterns import covers, typed_path
from temp_redirects.core.records import DEFAULTS, FIELDS, Record, pack
from temp_redirects.core.rules import Hosts
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.visits import Visit

PRIORITY = 1_000  # above the rules that editors make
APIS = ("redirect", "503")
FORESEEN = 366 * 24 * 60 * 60.0  # seconds; who is closed for longer has no known end


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """A schedule, the paths it covers, what visitors are told, and who may pass.

    ``paths`` are decoded, each with everything under it. An empty ``target`` is the
    notice. ``api`` says what clients get that are no navigation of a browser: the
    redirect, or the notice’s answer (503) in place. ``pass_key`` is what a pass link
    proves; a new one revokes every link given out.
    """

    id: str
    name: str
    paths: tuple[str, ...]
    enabled: bool = True
    title: str = ""
    message: str = ""
    schedule: Schedule
    excepted: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    target: str = ""
    staff_pass: bool = True
    pass_addresses: tuple[str, ...] = ()
    pass_key: str = ""
    api: str = "redirect"
    priority: int = PRIORITY

    @property
    def key(self) -> str:
        """The name as names are compared."""
        return self.name.strip().casefold()

    def active(self, now: float) -> bool:
        """Say whether the window is on at *now*, seconds since the epoch."""
        return self.enabled and self.schedule.active(now)

    def covers(self, path: str) -> bool:
        """Say whether a decoded path is closed by this window, hosts aside."""
        return any(covers(each, path) for each in self.paths) and not any(
            covers(each, path) for each in self.excepted
        )

    def is_for(self, visit: Visit) -> bool:
        """Say whether the visit's path is closed by this window on the visit's host."""
        is_here = not self.hosts or Hosts(self.hosts).holds(visit, 0)
        return is_here and self.covers(visit.path)

    def records(self) -> Iterator[Record]:
        """Yield the rules that the window is compiled to, one for each path."""
        for at, path in enumerate(self.paths):
            fields = {
                **DEFAULTS,
                "id": f"{self.id}/{at}",
                "name": self.name,
                "match": "prefix",
                "path": typed_path(path),
                "destinations": (("notice", "", self.target),),
                **self.schedule.fields(),
                "priority": self.priority,
                "hosts": self.hosts,
                "except_paths": tuple(map(typed_path, self.excepted)),
                "unless": tuple(self._unless()),
                "query": "keep" if self.target else "drop",
                "api": self.api,
                "window": True,
            }
            yield pack(fields[name] for name in FIELDS)

    def _unless(self) -> Iterator[tuple[str, str]]:
        if self.pass_addresses:
            yield "address", ", ".join(self.pass_addresses)
        if self.pass_key:
            yield "pass", self.pass_key
        if self.staff_pass:
            yield "user", "staff"


def with_pass_key(window: MaintenanceWindow, key: str) -> MaintenanceWindow:
    """Return the window with the key of its pass link, which no document has."""
    return replace(window, pass_key=key)


def opens_again(
    windows: Iterable[MaintenanceWindow], visit: Visit, now: float
) -> float | None:
    """Return when a path is open again, seconds since the epoch; None is not known.

    Windows that overlap or adjoin are one, and so are occurrences: the visitor is told
    the last of their ends. What comes again without a pause has none.
    """
    closing = [each for each in windows if each.enabled and each.is_for(visit)]
    at = now
    while at - now < FORESEEN:
        found = [each.schedule.current(at) for each in closing]
        ends = [each.ends for each in found if each is not None]
        if not ends:
            return at
        if None in ends:
            return None
        at = max(end for end in ends if end is not None)
    return None
