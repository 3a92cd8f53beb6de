"""Reading all rules anew in a server, again and again, while a file says so."""

import os
import time
from pathlib import Path
from threading import Thread

from benchmarks.site import FOLDER

SIGN = Path(FOLDER, "rebuild")  # while it exists, servers rebuild


def listen() -> None:
    """Rebuild beside the requests of this server, where a benchmark wants that."""
    if os.environ.get("BENCHMARK_REBUILDS"):
        Thread(target=_rebuild, daemon=True).start()


def _rebuild() -> None:
    from temp_redirects.store import Store

    while True:
        if not SIGN.exists():
            time.sleep(0.05)
            continue
        another = Store()
        while not another.is_loaded and SIGN.exists():
            another.ruleset()  # as a request does: it reads in a thread beside
            time.sleep(0.01)
