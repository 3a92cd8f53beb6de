"""A PostgreSQL of the tests' own, which may be stopped in the middle."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.serving import free_port

BINARIES = Path(os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin"))

needs_postgresql = pytest.mark.skipif(
    not BINARIES.exists(), reason=f"needs PostgreSQL in {BINARIES}"
)


@dataclass
class Cluster:
    """A PostgreSQL in a folder of its own."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync=off"
        self.control("start", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop it as a power cut does."""
        self.control("stop", "-m", "immediate")

    def control(self, *words: str) -> None:
        """Run ``pg_ctl`` as somebody who may: PostgreSQL refuses to be root."""
        as_other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*as_other, BINARIES / "pg_ctl", "-D", self.folder / "data", "-w", *words],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
        )

    @property
    def is_running(self) -> bool:
        return (self.folder / "data" / "postmaster.pid").exists()


@contextmanager
def postgresql() -> Iterator[Cluster]:
    """Run an empty PostgreSQL while the block lasts."""
    pytest.importorskip("psycopg")
    # Not pytest's own folder, which only its owner may enter.
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="temp-redirects-pg-")), free_port())
    if os.getuid() == 0:
        shutil.chown(cluster.folder, "postgres")
    try:
        cluster.control("init", "-o", "-U postgres -A trust --no-sync")
        cluster.start()
        yield cluster
    finally:
        if cluster.is_running:
            cluster.stop()
        shutil.rmtree(cluster.folder)
