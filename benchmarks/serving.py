"""Real servers, and the load generator wrk in short runs that take turns."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median

from benchmarks.site import FOLDER
from tests.serving import free_port, wait_for

GUNICORN = ("gunicorn", "benchmarks.wsgi", "--log-level=warning", "--timeout=300")
UVICORN = (
    "uvicorn",
    "benchmarks.asgi:application",
    "--log-level=warning",
    "--no-access-log",
)
CONNECTIONS = 4
PATIENCE = 180.0  # seconds until a server answers as it should
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_P99 = re.compile(r"99%\s+([0-9.]+)(us|ms|s)\b")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Load:
    """What is asked of a server on a port: these paths, in turn."""

    port: int
    paths: Sequence[str]

    def check(self, status: int) -> None:
        """Return once the first path is answered so; raise where it never is."""
        until = time.monotonic() + PATIENCE
        while (found := self._status()) != status:
            if time.monotonic() > until:
                raise RuntimeError(f"{self.paths[0]}: {found}, not {status}")
            time.sleep(0.1)

    def _status(self) -> int:
        """Return the status of the first path; 0 where there is no answer yet."""
        asked = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            asked.request("GET", self.paths[0])
            return asked.getresponse().status
        except (HTTPException, OSError):
            return 0
        finally:
            asked.close()

    def run(self, seconds: float) -> str:
        """Return what wrk tells after so many seconds."""
        script = FOLDER / f"load-{self.port}-{abs(hash(tuple(self.paths)))}.lua"
        if not script.exists():
            script.write_text(_lua(self.paths), "utf-8")
        done = subprocess.run(
            [
                shutil.which("wrk") or "wrk",
                "--threads=1",
                f"--connections={CONNECTIONS}",
                f"--duration={seconds:.0f}s",
                f"--script={script}",
                "--latency",
                f"http://127.0.0.1:{self.port}",
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def _lua(paths: Sequence[str]) -> str:
    listed = ", ".join(f'wrk.format("GET", "{path}")' for path in paths)
    return (
        "local asked, at = {}, 0\n"
        f"function init() asked = {{{listed}}} end\n"
        "function request() at = at % #asked + 1; return asked[at] end\n"
    )


def rates(
    loads: Mapping[str, Load], *, rounds: int, seconds: float = 1.0
) -> dict[str, list[float]]:
    """Return requests a second of each load, one figure a round, taking turns."""
    order = random.Random(307)  # noqa: S311  # which one is first, no secret
    names = list(loads)
    found: dict[str, list[float]] = {name: [] for name in names}
    for each in loads.values():  # warm
        each.run(seconds)
    for _ in range(rounds):
        order.shuffle(names)
        for name in names:
            match = _RATE.search(loads[name].run(seconds))
            found[name].append(float(match[1]) if match else 0.0)
    return found


def ratio(rounds: Mapping[str, list[float]], name: str, to: str) -> float:
    """Return the median of what the rounds say of one load over another."""
    pairs = zip(rounds[name], rounds[to], strict=True)
    return median(one / other for one, other in pairs)


def p99(load: Load, seconds: float) -> float:
    """Return the seconds within which 99 of 100 requests were answered.

    Where none was, that is all the seconds of the run, and more.
    """
    told = load.run(seconds)
    match = _P99.search(told)
    if match is None:
        raise RuntimeError(f"no latency in {told!r}")
    return float(match[1]) * _SECONDS[match[2]] or seconds


@contextmanager
def served(
    command: Sequence[str], *middleware: str, **environment: str
) -> Iterator[int]:
    """Run the site behind a server while the block lasts; yield its port.

    Without the apps of the peers, which take long to start, unless it is told so.
    """
    port = free_port()
    at = f"--bind=127.0.0.1:{port}" if command[0] == "gunicorn" else f"--port={port}"
    given = {"BENCHMARK_MIDDLEWARE": ",".join(middleware), "BENCHMARK_PEERS": "no"}
    with running([sys.executable, "-m", *command, at], port, given | environment):
        yield port


@contextmanager
def running(
    command: Sequence[str], port: int, environment: Mapping[str, str]
) -> Iterator[None]:
    """Run a server while the block lasts."""
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        wait_for(port, process, PATIENCE)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def nginx_with(pairs: Iterator[tuple[str, str]], port: int) -> list[str]:
    """Return the command of an nginx that redirects by a map of its own."""
    folder = Path(FOLDER, "nginx")
    folder.mkdir(exist_ok=True)
    lines = "\n".join(f"{old} {new};" for old, new in pairs)
    (folder / "map").write_text(lines, "utf-8")
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port), "utf-8")
    binary = shutil.which("nginx", path="/usr/sbin:" + os.environ.get("PATH", ""))
    return [binary or "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


_NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr error;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map_hash_max_size 524288; map_hash_bucket_size 128;
  map $uri $elsewhere {{ default ""; include {folder}/map; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ if ($elsewhere) {{ return 307 $elsewhere; }} return 200 "ok"; }}
  }}
}}
"""
