"""What a server finds instead of its database when the network is in trouble."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import sleep


@contextmanager
def silent() -> Iterator[int]:
    """Yield the port of a server that lets everybody in and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        yield listening.getsockname()[1]


class Wire:
    """A wire to a server on another port, which can be got into trouble at any time.

    ``trouble`` is “” (none), “hangs” (nothing comes through any more), “slow” (each
    piece half a second late), “cut” (connections break, new ones too), or “loses
    commits”: the next COMMIT arrives, and its sender never hears of it.
    """

    def __init__(self, port: int) -> None:
        self.upstream = port
        self.trouble = ""
        self.lost = threading.Event()  # a commit's answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._losing: set[socket.socket] = set()  # who sent the COMMIT
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection that is open."""
        self.trouble = "cut"
        while self._open:
            _close(self._open.pop())

    def close(self) -> None:
        """End."""
        self.cut()
        _close(self._listening)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream))
            except OSError:  # it is away; for others there may be a server again
                _close(client)
                continue
            self._open += [client, server]
            pairs = ((client, server), (server, client))
            for pair in pairs:
                threading.Thread(target=self._relay, args=pair, daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                if self.trouble == "slow":
                    sleep(0.5)
                while self.trouble == "hangs":
                    sleep(0.01)
                if self.trouble == "cut":
                    break
                if sink in self._losing:  # it has arrived; its sender never hears it
                    self.lost.set()
                    break
                is_sent = source.getpeername()[1] != self.upstream
                if self.trouble == "loses commits" and is_sent and b"COMMIT" in piece:
                    self._losing.add(source)
                    self.trouble = ""
                sink.sendall(piece)
        _close(source)
        _close(sink)


def _close(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
