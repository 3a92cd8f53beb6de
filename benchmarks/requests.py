"""Requests as a server makes them, and answers as it takes them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.test import RequestFactory


def environs(path: Callable[[int], str]) -> Callable[[int], Sequence[Any]]:
    """Return what makes as many WSGI environments."""
    factory = RequestFactory()

    def make(count: int) -> Sequence[Any]:
        return [factory._base_environ(PATH_INFO=path(each)) for each in range(count)]

    return make


def answered(handler: Any) -> Callable[[Any], None]:
    """Return what answers one request whole, as a server would."""

    def run(environ: Any) -> None:
        handler(environ, _start).close()

    return run


def _start(status: str, headers: list[tuple[str, str]]) -> None:
    """Take a WSGI response's beginning."""
