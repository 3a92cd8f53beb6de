"""The real demo in processes of its own, and its home page as a visitor reads it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from tests.serving import ROOT, free_port

MANAGE = [sys.executable, str(ROOT / "manage.py")]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment in which the demo keeps everything in *folder*."""
    ours = ("DATABASE_URL", "PARTNER_DATABASE_URL", "DJANGO_SETTINGS_MODULE", "DEBUG")
    rest = {name: value for name, value in os.environ.items() if name not in ours}
    return rest | {"DEMO_DIR": str(folder)} | more


def demo(
    folder: Path, *options: str, **more: str
) -> "subprocess.CompletedProcess[str]":
    """Run ``manage.py demo`` to its end."""
    return subprocess.run(
        [*MANAGE, "demo", *options],
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@dataclass
class Demo:
    """A running demo: where its two sites are, and what it printed."""

    folder: Path
    printed: str
    process: "subprocess.Popen[str]"

    @property
    def shop(self) -> str:
        return re.findall(r"Juniper +(http\S+?)/ ", self.printed)[0]

    @property
    def partner(self) -> str:
        return re.findall(r"Partner Shop +(http\S+?)/ ", self.printed)[0]

    @property
    def passwords(self) -> dict[str, str]:
        return dict(re.findall(r"(\w+) / (\S+)", self.printed))

    def stop(self) -> str:
        """Ask it to stop, as Ctrl-C does; return its last words."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=20)[0]


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Demo]:
    """Run the demo while the block lasts."""
    process = subprocess.Popen(
        [*MANAGE, "demo", *(options or ("--port", str(free_port())))],
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Demo(folder, read_until(process, "Running."), process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def read_until(process: "subprocess.Popen[str]", mark: str) -> str:
    """Return what a process prints up to a line that holds the mark."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if mark in line:
            return "".join(lines)
    raise AssertionError(f"The demo ended: {''.join(lines)}")


@contextmanager
def taken_port() -> Iterator[int]:
    """Listen on a port, so that nobody else can."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@dataclass
class Page(HTMLParser):
    """The commands and links of a page, each with the answer it promises."""

    text: str
    tries: list[dict[str, str]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    is_command: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "figure" and values.get("class") == "try":
            self.tries.append(values | {"command": ""})
        if tag == "a" and not values["href"].startswith("#"):
            self.links.append(values)
        self.is_command = self.is_command or tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.is_command = self.is_command and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self.is_command:
            self.tries[-1]["command"] += data
