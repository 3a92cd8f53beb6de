"""Snapshots: the last good rules in a file, for a start without the database.

One JSON object a line: what it is and of which version, then each rule, maintenance
window and kill switch, then the count of lines and a keyed checksum of all before. A
file that is cut, damaged, of another form or of another site is refused whole.
"""

import json
import logging
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from time import time
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files import locks
from django.utils.crypto import constant_time_compare, salted_hmac

from temp_redirects.core import documents
from temp_redirects.core.records import DEFAULTS, FIELDS, Record, from_json, pack
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.windows import MaintenanceWindow, with_pass_key
from temp_redirects.models.versions import Version
from temp_redirects.sites import current_site

logger = logging.getLogger("temp_redirects")

FORMAT = "temp-redirects-snapshot/1"
SALT = "temp_redirects.snapshot"
MAX_BYTES = 64 * 1024 * 1024  # 350,000 rules of the usual size; read in seconds
RACE = 60.0  # seconds in which a higher number is another process, and no old backup
UNREADABLE = (ValueError, TypeError, KeyError, RecursionError)
ONLY_OWNER = 0o600  # keys of pass links stand in it


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rules of one version; ``written_at`` is seconds since the epoch."""

    version: Version | None
    ruleset: Ruleset
    written_at: float = 0.0


class Mirror:
    """Writes each version that becomes live to the file, in a thread of its own."""

    def __init__(self) -> None:
        self.after_fork()

    def after_fork(self) -> None:
        """Begin with nothing to write: what the parent has begun it ends."""
        self._lock = threading.Lock()
        self._next: tuple[Path, Snapshot] | None = None
        self._thread: threading.Thread | None = None
        self.problem = ""  # why the newest version could not be written

    def keep(self, file: Path, snapshot: Snapshot) -> None:
        """Have it written soon; of several that wait, only the newest."""
        with self._lock:
            self._next = file, snapshot
            if self._thread is None:
                thread = threading.Thread(
                    target=self._run, name="temp_redirects-mirror", daemon=True
                )
                thread.start()
                self._thread = thread

    def wait(self, seconds: float) -> None:
        """Return when what there is to write is written, or after that time."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        while (todo := self._take()) is not None:
            try:
                write(*todo)
            except Exception as error:
                if not self.problem:
                    logger.warning(
                        "SNAPSHOT_FILE cannot be written (%s: %s); a process that "
                        "starts without the database finds older rules there.",
                        type(error).__name__,
                        error,
                    )
                self.problem = f"{type(error).__name__}: {error}"
            else:
                self.problem = ""

    def _take(self) -> tuple[Path, Snapshot] | None:
        with self._lock:
            todo, self._next = self._next, None
            if todo is None:
                self._thread = None
            return todo


def write(file: Path, snapshot: Snapshot) -> bool:
    """Put a snapshot in the file's place by one move; False where that is newer.

    Raises OSError, and `Refused` for one that is too large. Processes take turns, and
    one that is killed leaves the file as it was.
    """
    with _turn(file):
        if not _is_newer(snapshot, file):
            return False
        fresh = file.with_name(f"{file.name}.new")
        fresh.unlink(missing_ok=True)  # of a process that was killed
        try:
            _write_whole(fresh, snapshot)
            fresh.replace(file)
        except BaseException:
            fresh.unlink(missing_ok=True)  # the disk may be full
            raise
        _settle(file.parent)
    return True


def _write_whole(file: Path, snapshot: Snapshot) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(file, flags, ONLY_OWNER), "wb") as output:
        for line in _lines(snapshot):
            output.write(line)
        output.flush()
        os.fsync(output.fileno())


def read(file: Path) -> Snapshot:
    """Return the snapshot of the file.

    Raises OSError, and `Refused` with the reason for a file that is none of ours.
    """
    parts: dict[str, list[Any]] = {name: [] for name in ("switch", "window")}
    with _opened(file) as lines:
        version, written_at, last = _verified(lines)
        lines.seek(0)
        lines.readline()
        objects = (json.loads(line).popitem() for line in islice(lines, last - 1))
        rules = []  # the first one: what comes before it is of another kind
        for name, fields in objects:
            if name == "rule":
                rules.append(fields)
                break
            parts[name].append(fields)
        ruleset = Ruleset(
            map(_record, chain(rules, (fields for _, fields in objects))),
            _windows(parts["window"]),
            [KillSwitch(**fields) for fields in parts["switch"]],
        )
    return Snapshot(version, ruleset, written_at)


@contextmanager
def _turn(file: Path) -> Iterator[None]:
    """Let other processes wait; the system ends the turn of one that is killed."""
    flags = os.O_RDWR | os.O_CREAT
    with open(os.open(f"{file}.lock", flags, ONLY_OWNER), "wb") as held:
        locks.lock(held, locks.LOCK_EX)
        try:
            yield
        finally:
            locks.unlock(held)


def _is_newer(snapshot: Snapshot, file: Path) -> bool:
    """Say whether the file is to be replaced: never by an older version.

    A lower number of the same generation is a process that was slow; or, where the
    file is not fresh, a restored backup, which the store accepts after as long.
    """
    try:
        with _opened(file) as lines:
            version, written_at, _ = _verified(lines)
    except (OSError, Refused):
        return True  # there is none, or none that a process could start from
    ours = snapshot.version
    if version is None or ours is None or version.generation != ours.generation:
        return version != ours
    is_fresh = 0 <= time() - written_at < RACE
    is_restored = ours.number < version.number and not is_fresh
    return ours.number > version.number or is_restored


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):  # a pipe would hang
        raise Refused("it is no file")
    if found.st_size > MAX_BYTES:
        raise Refused("it is larger than {most} bytes", most=MAX_BYTES)
    with file.open("rb") as lines:
        yield lines


def _verified(lines: BinaryIO) -> tuple[Version | None, float, int]:
    """Return the version, when it was written and how many lines the last one is after.

    Raises `Refused` for what is cut, damaged, of another form or of another site.
    """
    try:
        first = json.loads(lines.readline())
        form = str(first["format"])
    except UNREADABLE:
        raise Refused("it does not begin as a snapshot does") from None
    if form != FORMAT:
        raise Refused("it is “{form}” and not “{ours}”", form=form[:40], ours=FORMAT)
    lines.seek(0)
    count = _counted(lines)
    generation = first["generation"]
    version = Version(UUID(generation), first["number"]) if generation else None
    return version, first["written_at"], count


def _counted(lines: BinaryIO) -> int:
    """Return how many lines stand before the last one, if that is right about them."""
    checksums = _checksums()
    count, last = 0, b""
    for line in lines:
        for checksum in checksums if last else ():
            checksum.update(last)
        count += bool(last)
        last = line
    try:
        end = json.loads(last)
        lines_told, told = end["lines"], str(end["checksum"])
    except UNREADABLE:
        raise Refused("its end is missing") from None
    if lines_told != count or not any(
        constant_time_compare(told, each.hexdigest()) for each in checksums
    ):
        raise Refused(
            "its checksum is wrong: it was damaged, or written with another SECRET_KEY"
        )
    return count


def _checksums() -> list[Any]:
    """Return a new checksum for each key of the site, the one it writes with first.

    Keyed, so that only this site’s rules are taken from the file.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(SALT, b"", each, algorithm="sha256") for each in keys]


def _record(fields: Mapping[str, Any]) -> Record:
    if tuple(fields) == FIELDS[: len(fields)]:  # as nearly always
        return pack(
            from_json(each) if isinstance(each, list) else each
            for each in fields.values()
        )
    unknown = fields.keys() - DEFAULTS.keys()
    if unknown:
        raise Refused("a newer version of the app wrote it: {keys}", keys=unknown)
    known = {**DEFAULTS, **fields}
    return pack(from_json(known[name]) for name in FIELDS)


def _windows(found: list[dict[str, Any]]) -> Iterator[MaintenanceWindow]:
    for fields in found:
        key = fields.pop("pass_key")
        try:
            window = documents.parse_window(fields, current_site())
        except Refused:  # settings have changed; it switches only itself off
            continue
        yield with_pass_key(window, key)


def _settle(folder: Path) -> None:
    """Have the move on the disk too, where folders can be opened (not on Windows)."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _lines(snapshot: Snapshot) -> Iterator[bytes]:
    """Yield the snapshot line by line, the checksum last."""
    checksum = _checksums()[0]
    count = size = 0
    for fields in _objects(snapshot):
        line = json.dumps(fields).encode() + b"\n"
        size += len(line)
        if size > MAX_BYTES:
            raise Refused("the rules are larger than {most} bytes", most=MAX_BYTES)
        checksum.update(line)
        count += 1
        yield line
    last = {"lines": count, "checksum": checksum.hexdigest()}
    yield json.dumps(last).encode() + b"\n"


def _objects(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    version = snapshot.version
    yield {
        "format": FORMAT,
        "generation": str(version.generation) if version else None,
        "number": version.number if version else 0,
        "written_at": time(),
    }
    for switch in snapshot.ruleset.switches:
        yield {"switch": asdict(switch)}
    for window in snapshot.ruleset.windows.values():
        fields = documents.dump_window(window)
        yield {"window": {**fields, "pass_key": window.pass_key}}
    for record in snapshot.ruleset.records():
        yield {"rule": dict(zip(FIELDS, record, strict=False))}
