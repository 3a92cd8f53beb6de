"""What tests of verbs get: a place for files."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Write a file and return its name."""

    def into(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return into
