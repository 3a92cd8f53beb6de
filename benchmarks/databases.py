"""The database of a part: a file of its own, or a database made on a server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

SERVER = os.environ.get("POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres")
ON_POSTGRESQL = "-postgresql"  # the end of the name of a part that is measured there


@contextmanager
def database(part: str, folder: str) -> Iterator[str]:
    """Yield the address of a database that is there while the block lasts."""
    if not part.endswith(ON_POSTGRESQL):
        file = Path(folder, f"{part}.db")
        yield f"sqlite:///{file}"
        file.unlink(missing_ok=True)
        return
    import psycopg

    name = f"benchmark_{os.getpid()}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
