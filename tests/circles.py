"""Servers that redirect back, as other hosts and CDNs do; each on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx

KEEPS, DROPS = "/keeps", "/drops"  # what a server does with the query
MOVED = "/moved"  # the path that a CDN redirects itself


class _Answering(BaseHTTPRequestHandler):
    """Answers GET; ``server.site`` is the address that everything comes back to."""

    server: Any

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Host(_Answering):
    """Another host: everything beneath `KEEPS` and `DROPS` comes from the site."""

    def do_GET(self) -> None:
        path, mark, query = self.path.partition("?")
        back = f"{self.server.site}{path.removeprefix(KEEPS).removeprefix(DROPS)}"
        self._redirect(back if path.startswith(DROPS) else f"{back}{mark}{query}")


class Cdn(_Answering):
    """A CDN before the site, which has a redirect of its own to “/a”."""

    def do_GET(self) -> None:
        path, mark, query = self.path.partition("?")
        if path == MOVED:
            self._redirect(f"/a{mark}{query}")
            return
        headers = dict(self.headers.items())
        answer = httpx.get(
            f"{self.server.site}{self.path}", headers=headers, timeout=60
        )
        self.send_response(answer.status_code)
        for name, value in answer.headers.multi_items():
            if name not in {"connection", "server", "date"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)


@contextmanager
def answering(kind: type[_Answering], name: str = "localhost") -> Iterator[Any]:
    """Serve while the block lasts; ``site`` of what it yields is to be set."""
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        server.url = f"http://{name}:{server.server_port}"  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
