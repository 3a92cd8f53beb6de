"""The demo's two servers as processes: their ports, their start and their end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
MARK = "running"  # the file that names the port of a running demo
LAST_PORT = 65535
PATIENCE = 30.0  # seconds until a server that starts must answer
FAREWELL = 5.0  # seconds until a server that was asked to stop is killed
TICK = 0.1  # seconds between two looks


class ServerStoppedError(Exception):
    """A server ended, or never answered, though nobody asked it to stop."""


def is_free(port: int) -> bool:
    """Tell whether a server could listen on *port* of this machine."""
    with socket.socket() as visitor:
        visitor.settimeout(1)
        if visitor.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket() as listener:
        if os.name == "posix":  # elsewhere the option would share a busy port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


def next_free(port: int) -> int:
    """Return the first free port from *port* on; ValueError where there is none."""
    for candidate in range(port, LAST_PORT + 1):
        if is_free(candidate):
            return candidate
    raise ValueError(f"no port from {port} on is free")


def running_port(folder: Path) -> int | None:
    """Return the port of the shop that runs on the stores in *folder*, if one does."""
    try:
        port = int((folder / MARK).read_text())
    except (OSError, ValueError):
        return None
    return None if is_free(port) else port


@contextmanager
def running_mark(folder: Path, port: int) -> Iterator[None]:
    """Say in *folder* that a shop on *port* runs on its stores, inside the block."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / MARK
    mark.write_text(str(port))
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site of the demo, run by its own processes."""

    name: str
    settings: str
    port: int

    @property
    def origin(self) -> str:
        """The scheme, host and port that visitors use."""
        return f"http://{HOST}:{self.port}"

    def command(self, manage: Path, *arguments: str) -> list[str]:
        """Return the ``manage.py`` call that acts for this site."""
        return [sys.executable, str(manage), *arguments, f"--settings={self.settings}"]

    def start(self, manage: Path, env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Start the site's server; only its log of requests is shown."""
        serve = self.command(manage, "runserver", f"{HOST}:{self.port}", "--noreload")
        return subprocess.Popen(  # noqa: S603 -- our own manage.py
            serve, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )


class Stop:
    """Whether somebody asked the demo to stop: Ctrl-C, SIGTERM, a closed terminal."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self, *_: object) -> None:
        """Take note; a signal handler must do no more."""
        self.asked = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the signals inside the block, then restore what was there."""
        names = ["SIGINT", "SIGTERM", "SIGHUP"]  # Windows has no SIGHUP
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = [signal.signal(number, self.ask) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


class Servers:
    """Several sites that run together, or not at all."""

    def __init__(self, sites: list[Site], manage: Path, env: Mapping[str, str]) -> None:
        self.sites = sites
        self.manage = manage
        self.env = env
        self.running: list[tuple[Site, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> "Servers":
        for site in self.sites:
            self.running.append((site, site.start(self.manage, self.env)))
        return self

    def __exit__(self, *_: object) -> None:
        for _site, process in self.running:
            process.terminate()
        for _site, process in self.running:
            end(process)

    def check(self) -> None:
        """Raise ServerStoppedError where a server has ended."""
        for site, process in self.running:
            if process.poll() is not None:
                raise ServerStoppedError(
                    f"The server of {site.name} ended by itself (exit code "
                    f"{process.returncode}); its last words are above."
                )

    def wait_until_ready(self, stop: Stop) -> None:
        """Return when all servers answer; ServerStoppedError where one is late."""
        deadline = time.monotonic() + PATIENCE
        waiting = [site.port for site in self.sites]
        while waiting and not stop.asked:
            self.check()
            if time.monotonic() > deadline:
                raise ServerStoppedError(f"Port {waiting[0]} does not answer.")
            time.sleep(TICK)
            waiting = [port for port in waiting if is_free(port)]

    def watch(self, stop: Stop) -> None:
        """Return when asked to stop; ServerStoppedError when a server ends before."""
        while not stop.asked:
            self.check()
            time.sleep(TICK)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Wait for a process that was asked to stop; kill it if it does not."""
    try:
        process.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
