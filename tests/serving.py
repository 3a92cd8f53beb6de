"""Real servers for tests: the test site behind gunicorn or uvicorn, on a free port."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).resolve().parent.parent

SQLITE = "sqlite:///"
GUNICORN = ("gunicorn", "tests.wsgi", "--workers=2", "--log-level=warning")
CLOCKED = ("gunicorn", "tests.clocked", "--workers=1", "--log-level=warning")
EIGHT = ("gunicorn", "tests.wsgi", "--workers=8", "--log-level=warning", "--preload")
COMMANDS = {
    "gunicorn": GUNICORN,
    "gunicorn-preload": (*GUNICORN, "--preload"),
    "uvicorn": ("uvicorn", "tests.asgi:application", "--log-level=warning"),
}
OTHERS = {"clocked": CLOCKED, "eight": EIGHT}  # each for one test


@dataclass
class Site:
    """A running server and the database beneath it."""

    port: int
    environment: dict[str, str]
    pid: int = 0  # of the server that its workers belong to

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """Return the ids of its worker processes."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.pid)], capture_output=True, text=True
        )
        return [int(line) for line in found.stdout.split()]

    def exchange(self, sent: bytes) -> bytes:
        """Return every byte that comes back for these, until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            wire.sendall(sent)
            return b"".join(iter(lambda: wire.recv(65536), b""))


def manage(environment: dict[str, str], *words: str) -> str:
    """Run a management command of the test site and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *words],
        env=environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def schedule(environment: dict[str, str], call: str) -> str:
    """Make rules in another process, by the call a developer would write."""
    code = f"from temp_redirects.models import RedirectRule as R; {call}"
    return manage(environment, "shell", "--command", code)


def environment_for(database: str) -> dict[str, str]:
    """Return the environment of a site on its own database, migrated."""
    environment = _environment(database)
    file = Path(database.removeprefix(SQLITE))
    if database.startswith(SQLITE) and not file.exists():
        shutil.copyfile(_migrated(), file)
    else:
        manage(environment, "migrate", "--verbosity=0")
    return environment


def _environment(database: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
    }


@cache
def _migrated() -> Path:
    """Return a database file that is migrated, once for all sites of this process."""
    folder = Path(mkdtemp(prefix="temp_redirects-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "migrated.sqlite3"
    manage(_environment(f"{SQLITE}{file}"), "migrate", "--verbosity=0")
    return file


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(kind: str, environment: dict[str, str]) -> Iterator[Site]:
    """Run the test site behind a real server while the block lasts."""
    site = Site(free_port(), environment)
    command, *options = (COMMANDS | OTHERS)[kind]
    bind = (
        [f"--bind=127.0.0.1:{site.port}"]
        if command == "gunicorn"
        else [f"--port={site.port}"]
    )
    process = subprocess.Popen(
        [sys.executable, "-m", command, *options, *bind], env=environment, cwd=ROOT
    )
    try:
        wait_for(site.port, process)
        site.pid = process.pid
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=15)


def wait_for(
    port: int, process: "subprocess.Popen[bytes]", patience: float = 30.0
) -> None:
    """Return when the server listens, within so many seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not listen")
