"""Equal documents decide alike in every process, whatever surrounds it."""

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from temp_redirects.core.visits import Visit
from tests.core.making import HOUR, NOON, SITE, document, make_ruleset

ROOT = Path(__file__).resolve().parent.parent.parent
ARMS = [
    {"id": "b", "target": "/b/{rest}", "percentage": 20},
    {"id": "c", "target": "/c/{rest}", "percentage": None},
    {"id": "d", "target": "https://pay.example/{rest}", "percentage": None},
]
NIGHTS = {
    "starts_at": "2026-12-01T02:00:00",
    "ends_at": "2026-12-01T04:30:00",
    "timezone": "Europe/Berlin",
    "repeat": "FREQ=WEEKLY;BYDAY=MO,WE,FR,SU",
}
DOCUMENTS = {
    "split": document("/a/", match="prefix", destinations=ARMS, priority=-1),
    "sticky": document("/a/s", match="prefix", destinations=ARMS, sticky="address"),
    "abroad": document(
        "/a/",
        "/x/{country}/{rest}",
        match="prefix",
        conditions=[
            {"kind": "country", "value": "DE, AT, CH, FR, IT, NL"},
            {"kind": "language", "value": "de, fr, it"},
        ],
        unless=[
            {"kind": "address", "value": "10.0.0.0/8, 192.0.2.0/25, 2001:db8::/32"},
            {"kind": "cookie", "value": "beta: yes, on"},
        ],
    ),
    "nights": document("/n/", "/night/{rest}", match="prefix", schedule=NIGHTS),
    "hosts": document(
        "/n/<int:year>/<slug:what>/",
        "/{what}/{year}",
        match="pattern",
        hosts=["shop.example", "*.shop.example"],
        methods=["GET", "PUT", "POST"],
    ),
    "same": document("/n/", "/tie/", match="prefix"),
}
VISITS = list(
    product(
        ["/a/", "/a/s", "/a/é/ß", "/n/", "/n/2026/x/"],
        [
            {"visitor": "v1", "address": "192.0.2.7"},
            {"visitor": "v2", "country": "DE", "host": "shop.example"},
            {"visitor": "v3", "country": "AT", "query": "b=2&a=1&b=1"},
            {
                "visitor": "v4",
                "country": "FR",
                "method": "PUT",
                "host": "m.shop.example",
            },
            {"visitor": "ÄÖ", "country": "IT", "address": "198.51.100.9"},
        ],
        ["", "de-AT,fr;q=0.5,*;q=0.1", "it"],
        [NOON + 3.5 * HOUR * step for step in range(-12, 12)],
    )
)


def told() -> str:
    """Return every decision about every visit, with all that it says."""
    ruleset = make_ruleset(**DOCUMENTS)
    decisions = [
        ruleset.decide(
            Visit(path, site=SITE, headers={"accept-language": language}, **facts), at
        )
        for path, facts, language, at in VISITS
    ]
    return json.dumps(list(map(repr, decisions)))


SURROUNDINGS = [
    {"PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "random", "TZ": "Nowhere/Atall", "PYTHONUTF8": "1"},
    {"PYTHONHASHSEED": "random", "PYTHONOPTIMIZE": "1", "LANGUAGE": "de"},
]


@pytest.fixture(scope="module")
def here():
    return told()


def test_every_rule_decides_about_some_of_the_visits(here):
    assert {name for name in DOCUMENTS if f"name='{name}'" in here} == {*DOCUMENTS}


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=str)
def test_another_process_decides_byte_by_byte_the_same(here, surroundings):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from tests.core.test_processes import *; print(told())",
        ],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | surroundings,
        capture_output=True,
        check=True,
    )

    assert done.stdout.rstrip(b"\n") == here.encode()
