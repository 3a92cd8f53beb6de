"""How long after a commit the last of eight processes decides by the old rules."""

import random
import time
from http.client import HTTPConnection
from statistics import quantiles
from threading import Event, Thread
from typing import NamedTuple

from django.conf import settings

from benchmarks import peers, rulesets, site
from benchmarks.figures import Figure
from benchmarks.serving import GUNICORN, served

PROCESSES = 8
ASKERS = 4
COMMAND = (GUNICORN[0], "benchmarks.wsgi:named", *GUNICORN[2:])
COMMAND = (*COMMAND, f"--workers={PROCESSES}")
PATH = "/edited/"


class Answer(NamedTuple):
    """What one request was told, when it was sent, and by which process."""

    sent: float
    location: str
    process: str


def measure(quick: bool = False) -> list[Figure]:
    """Return the 99th percentile over many edits."""
    edits = 5 if quick else 30
    first = rulesets.Rule(1_000, PATH, targets=("/new/0/",))
    site.store([*rulesets.plain(1_000), first])
    answers: list[Answer] = []
    over = Event()
    with served(COMMAND, peers.MIDDLEWARE["ours"]) as port:
        askers = [
            Thread(target=_ask, args=[port, answers, over]) for _ in range(ASKERS)
        ]
        for asker in askers:
            asker.start()
        try:
            _wait_for_all(answers)
            late = [_edited(number, answers) for number in range(1, edits + 1)]
        finally:
            over.set()
            for asker in askers:
                asker.join()
    refresh = settings.TEMP_REDIRECTS["REFRESH_SECONDS"]
    name = f"from a commit to the last of {PROCESSES} processes, p99 of {edits}"
    return [Figure(name, quantiles(late, n=100)[-1], refresh + 0.2, "s")]


def _wait_for_all(answers: list[Answer]) -> None:
    """Return when every process has answered, by the first rules."""
    until = time.monotonic() + 60
    while len({each.process for each in answers if each.location}) < PROCESSES:
        if time.monotonic() > until:
            raise RuntimeError("not every process answers")
        time.sleep(0.1)


def _edited(number: int, answers: list[Answer]) -> float:
    """Edit the rule; return when the last request was sent that still saw the old."""
    from temp_redirects.models import Destination

    time.sleep(random.random())  # noqa: S311  # not in step with the looks
    target, before = f"/new/{number}/", len(answers)
    Destination.objects.filter(rule__name_key="rule-1000").update(target=target)
    committed = time.monotonic()
    time.sleep(settings.TEMP_REDIRECTS["REFRESH_SECONDS"] + 1.0)
    sent = [each.sent for each in answers[before:] if each.location != target]
    return max(0.0, *(at - committed for at in sent), 0.0)


def _ask(port: int, answers: list[Answer], over: Event) -> None:
    while not over.is_set():
        asked = HTTPConnection("127.0.0.1", port, timeout=60)
        sent = time.monotonic()
        asked.request("GET", PATH)
        told = asked.getresponse()
        told.read()
        asked.close()
        location = told.headers["Location"] or ""
        answers.append(Answer(sent, location, told.headers["X-Process"]))
