"""Logs: however often something fails, few lines tell of it."""

import logging
from time import monotonic

MINUTE = 60.0  # seconds
MOST = 10  # lines of a kind in a minute


class Bounded(logging.Filter):
    """Lets `MOST` lines of each kind through in a minute; a kind is a text to fill."""

    def __init__(self) -> None:
        super().__init__()
        self.forget()

    def forget(self) -> None:
        """Know of no line, as when the process started."""
        self._told: dict[str, tuple[float, int]] = {}  # since when, and how many

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the line is among the first of its minute."""
        now = monotonic()
        since, count = self._told.get(str(record.msg), (now, 0))
        if now - since >= MINUTE:
            since, count = now, 0
        self._told[str(record.msg)] = since, count + 1
        return count < MOST


bounded = Bounded()


def listen() -> None:
    """Bound what the app writes to its log; called when Django starts."""
    logging.getLogger("temp_redirects").addFilter(bounded)
