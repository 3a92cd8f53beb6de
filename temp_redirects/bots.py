"""Bots: which user agents are programs, by a list that is kept by others."""

import re
from functools import lru_cache

from crawleruseragents import is_crawler

MAX_KEPT = 1_000  # user agents; each is short, `Visit.user_agent` cuts them

# What the list does not name yet, but what names itself: “Examplebot/1.0”.
_SAYS_SO = re.compile(r"\b[A-Za-z-]{0,30}(?:bot|spider|crawler)/[0-9]", re.IGNORECASE)
# Browsers inside apps have the app's name where a preview robot has it alone, and some
# phones are called bots.
_PEOPLE = re.compile(
    r"^Mozilla/5\.0 \((?:iPhone|iPad|iPod|Linux; (?:U; )?Android)[^()]*\) AppleWebKit/"
    r"(?!.*(?:compatible;|bot\b|spider|crawl|https?://))"
    r".*\b(?:Mobile|Version)/",
    re.IGNORECASE,
)

is_crawler("")  # compiles the list now, which the first visitor else waits for


@lru_cache(MAX_KEPT)
def is_bot(agent: str) -> bool | None:
    """Say whether a user agent is a program; None where it says nothing."""
    if not agent.strip():
        return None
    if _PEOPLE.search(agent):
        return False
    return bool(is_crawler(agent) or _SAYS_SO.search(agent))
