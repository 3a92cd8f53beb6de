"""Requests as a server makes them, and answers as it takes them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from django.test import RequestFactory


def environs(path: Callable[[int], str], **more: str) -> Callable[[int], Sequence[Any]]:
    """Return what makes as many WSGI environments, with *more* in each."""
    factory = RequestFactory()

    def make(count: int) -> Sequence[Any]:
        return [
            factory._base_environ(PATH_INFO=path(each), **more) for each in range(count)
        ]

    return make


def answered(handler: Any) -> Callable[[Any], None]:
    """Return what answers one request whole, as a server would."""

    def run(environ: Any) -> None:
        handler(environ, _start).close()

    return run


def expect(status: int, handler: Any, environ: Any) -> None:
    """Raise where a request is not answered so: another thing would be measured."""
    told: list[str] = []
    handler(environ, lambda status, headers: told.append(status)).close()
    if not told[0].startswith(str(status)):
        raise RuntimeError(f"answered {told[0]}, not {status}")


def _start(status: str, headers: list[tuple[str, str]]) -> None:
    """Take a WSGI response's beginning."""


def ask_async(handler: Any, path: str) -> Awaitable[None]:
    """Answer one request whole on the running event loop."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
    }
    waiting = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        return await asyncio.Future()  # nobody disconnects

    async def send(message: Any) -> None:
        """Take a part of the answer."""

    asked: Awaitable[None] = handler(scope, receive, send)
    return asked
