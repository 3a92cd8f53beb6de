"""Agents: browsers, robots and programs as their requests show them, to try rules with.

Each has the headers that it sends with a request for a page; versions are examples.
"""

from collections.abc import Mapping
from typing import NamedTuple

from temp_redirects.core.sentences import Sentence

_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


class Agent(NamedTuple):
    """What sends a request: the words for it, and the headers that it sends."""

    label: Sentence
    headers: Mapping[str, str]


def _browser(label: Sentence, agent: str, **hints: str) -> Agent:
    headers = {"User-Agent": agent, "Accept": _PAGE, "Sec-Fetch-Mode": "navigate"}
    told = {name.replace("_", "-"): value for name, value in hints.items()}
    return Agent(label, {**headers, **told})


AGENTS: Mapping[str, Agent] = {
    "windows": _browser(
        Sentence("Computer (Windows, Chrome)"),
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
        Sec_CH_UA_Mobile="?0",
    ),
    "mac": _browser(
        Sentence("Computer (Mac, Safari)"),
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Safari/605.1.15",
    ),
    "iphone": _browser(
        Sentence("Phone (iPhone, Safari)"),
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) "
        f"{_APPLE} Mobile/15E148 Safari/604.1",
    ),
    "android": _browser(
        Sentence("Phone (Android, Chrome)"),
        f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36",
        Sec_CH_UA_Mobile="?1",
    ),
    "android-tablet": _browser(
        Sentence("Tablet (Android, Chrome)"),
        f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Safari/537.36",
        Sec_CH_UA_Mobile="?0",
    ),
    "googlebot": Agent(
        Sentence("Robot (Googlebot)"),
        {
            "User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; "
            "+http://www.google.com/bot.html)",
            "Accept": _PAGE,
        },
    ),
    "gptbot": Agent(
        Sentence("Robot (GPTBot)"),
        {
            "User-Agent": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; "
            "compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "Accept": "*/*",
        },
    ),
    "curl": Agent(
        Sentence("Program (curl)"), {"User-Agent": "curl/8.16.0", "Accept": "*/*"}
    ),
}
