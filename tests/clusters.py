"""Databases of the tests' own, which may be stopped in the middle."""

import os
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.serving import free_port, wait_for

BINARIES = Path(os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin"))

needs_postgresql = pytest.mark.skipif(
    not BINARIES.exists(), reason=f"needs PostgreSQL in {BINARIES}"
)
needs_mariadb = pytest.mark.skipif(
    not shutil.which("mariadbd"), reason="needs a mariadbd on the path"
)


class Cluster(ABC):
    """A database server in a folder of its own, run by its own user."""

    driver: ClassVar[str]
    user: ClassVar[str]  # of the system; such servers refuse to be root
    read_only: ClassVar[tuple[str, str]]  # the statements that begin and end it

    def __init__(self) -> None:
        pytest.importorskip(self.driver)
        # Not pytest's own folder, which only its owner may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="temp-redirects-db-"))
        self.port = free_port()
        if os.getuid() == 0:
            shutil.chown(self.folder, self.user)

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    @abstractmethod
    def url_at(self, port: int) -> str:
        """Return the address of its database as seen through another port."""

    @abstractmethod
    def make(self) -> None:
        """Make the files of an empty database, and start."""

    @abstractmethod
    def start(self) -> None:
        """Start it, and return when it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it as a power cut does, if it runs."""

    @abstractmethod
    def say(self, *statements: str) -> None:
        """Have it do something, whatever it may do else."""

    @property
    def runs_as(self) -> dict[str, Any]:
        """How its programs are run."""
        as_other = {"user": self.user, "group": self.user, "extra_groups": []}
        return {"cwd": "/", **(as_other if os.getuid() == 0 else {})}


class Postgresql(Cluster):
    """A PostgreSQL."""

    driver = "psycopg"
    user = "postgres"
    read_only = (
        "ALTER SYSTEM SET default_transaction_read_only = on",
        "ALTER SYSTEM RESET default_transaction_read_only",
    )

    def url_at(self, port: int) -> str:
        return f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable"

    def make(self) -> None:
        self._control("init", "-o", "-U postgres -A trust --no-sync")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync=off"
        self._control("start", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._control("stop", "-m", "immediate")

    def say(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            for statement in (*statements, "SELECT pg_reload_conf()"):
                connection.execute(statement)

    def _control(self, *words: str) -> None:
        program = BINARIES / "pg_ctl"
        subprocess.run(
            [program, "-D", self.folder / "data", "-w", *words],
            check=True,
            stdout=subprocess.DEVNULL,
            **self.runs_as,
        )


class Mariadb(Cluster):
    """A MariaDB; the site is a user of it who may not write while it is read-only."""

    driver = "MySQLdb"
    user = "mysql"
    read_only = ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0")
    process: "subprocess.Popen[bytes] | None" = None

    def url_at(self, port: int) -> str:
        return f"mysql://site@127.0.0.1:{port}/test"

    def make(self) -> None:
        subprocess.run(
            [
                *("mariadb-install-db", "--no-defaults"),
                "--auth-root-authentication-method=normal",
                f"--datadir={self.folder / 'data'}",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self.runs_as,
        )
        self.start()
        self.say(
            "CREATE USER site@'127.0.0.1'", "GRANT ALL ON test.* TO site@'127.0.0.1'"
        )

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *("mariadbd", "--no-defaults"),
                    f"--datadir={self.folder / 'data'}",
                    f"--socket={self.folder / 'socket'}",
                    "--character-set-server=utf8mb4",
                    *("--bind-address=127.0.0.1", f"--port={self.port}"),
                    # Killed, it has what was committed; a power cut is not tested.
                    *("--innodb-flush-log-at-trx-commit=2", "--skip-name-resolve"),
                ],
                stderr=log,
                **self.runs_as,
            )
        wait_for(self.port, self.process)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def say(self, *statements: str) -> None:
        import MySQLdb

        socket = str(self.folder / "socket")
        as_root = MySQLdb.connect(unix_socket=socket, user="root", db="test")
        with closing(as_root), as_root.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def running(kind: type[Cluster]) -> Iterator[Cluster]:
    """Run an empty database while the block lasts."""
    cluster = kind()
    try:
        cluster.make()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.folder)


# For tests that hold on both.
KINDS = [
    pytest.param(Postgresql, marks=needs_postgresql, id="PostgreSQL"),
    pytest.param(Mariadb, marks=needs_mariadb, id="MariaDB"),
]
