"""The GeoIP database: from an address to a country, in memory.

The file at Django's ``GEOIP_PATH`` is memory-mapped. Whether it has changed is looked
at beside the requests, at most once in ``REFRESH_SECONDS``.
"""

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings

from temp_redirects import conf
from temp_redirects.core.countries import known_country

try:
    import maxminddb
except ImportError:  # the extra “geoip”
    maxminddb = None  # type: ignore[assignment]

logger = logging.getLogger("temp_redirects")

FIRST_WAIT = 0.2  # seconds that the first request of all waits for the database
Mark = tuple[str, int, int, int]  # a path, and what tells one file there from the next


def _path() -> Any:
    return getattr(settings, "GEOIP_PATH", None)  # Django has no default for it


def is_wanted() -> bool:
    """Say whether the settings name a database."""
    return bool(_path())


def problem() -> str:
    """Return why there is no database though the settings name one, or nothing."""
    if not is_wanted():
        return ""
    if maxminddb is None:
        return "the package maxminddb is not installed"
    if (path := _file()) is None:
        return f"there is no database at {_path()}"
    try:
        maxminddb.open_database(path, maxminddb.MODE_MMAP).close()
    except Exception as error:
        return f"{path} cannot be read: {error}"
    return ""


def _file() -> str | None:
    """Return the database: the file itself, or one in that folder, as Django has it."""
    path = Path(_path())
    return next((str(each) for each in _candidates(path) if each.is_file()), None)


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    yield path / getattr(settings, "GEOIP_COUNTRY", "GeoLite2-Country.mmdb")
    yield path / getattr(settings, "GEOIP_CITY", "GeoLite2-City.mmdb")


class Database:
    """The open database of this process, and when to look for a newer file."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing, as when the process started; also after a fork."""
        self._lock = threading.Lock()
        self._reader: Any = None
        self._mark: Mark | None = None
        self._path: Any = None  # the setting that was read
        self._due = 0.0  # monotonic seconds from which on to look again
        self._is_told = False

    def country(self, address: str) -> str:
        """Return the country of an address; ``""`` where it is unknown."""
        if not address or not is_wanted() or maxminddb is None:
            return ""
        if monotonic() >= self._due or self._path != _path():
            self._look()
        try:
            record = self._reader.get(address)
            return known_country(str(record["country"]["iso_code"]))
        except Exception:  # no database, no such address, no country in it
            return ""

    def _look(self) -> None:
        """Look for a newer file in a thread; wait for the very first one."""
        with self._lock:
            is_first = self._path != _path()
            if not is_first and monotonic() < self._due:
                return
            self._due = monotonic() + conf.current().REFRESH_SECONDS
            self._path = _path()
        name = "temp_redirects-geoip"
        look = threading.Thread(target=self._refresh, name=name, daemon=True)
        look.start()
        if is_first:
            look.join(FIRST_WAIT)

    def _refresh(self) -> None:
        try:
            path = _file()
            if path is None:
                raise FileNotFoundError(_path())
            mark = _mark(path)
            if mark != self._mark:
                # The old reader goes with its last user.
                self._reader = maxminddb.open_database(path, maxminddb.MODE_MMAP)
                self._mark = mark
            self._is_told = False
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        if not self._is_told:
            logger.warning("The GeoIP database cannot be read: %r", error)
            self._is_told = True


def _mark(path: str) -> Mark:
    found = os.stat(path)
    return path, found.st_ino, found.st_size, found.st_mtime_ns


database = Database()
