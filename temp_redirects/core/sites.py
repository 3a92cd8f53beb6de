"""The site that rules run on, as plain data: its hosts and its protected paths."""

import re
from dataclasses import dataclass
from urllib.parse import quote

LISTENS_EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Site:
    """What settings and URLs say about this site, read by the doors.

    ``hosts`` are its own literal host names, ``host_suffixes`` begin with a dot and
    stand for a name and everything under it, ``target_origins`` are the foreign origins
    that targets may name (``https://pay.example``). ``protected`` are path prefixes
    with a slash at the end that no rule ever redirects, with two slashes that page
    alone, ``protected_patterns`` those with arguments in them; ``logins``, and
    what else is open while the site is closed, are like ``protected``, unless a rule
    names exactly that path. ``language_cookie`` holds the
    language that a visitor chose here. ``notices`` is the path under which the notices
    of maintenance windows are, ``""`` where the app's addresses are not included.
    """

    hosts: frozenset[str] = frozenset()
    host_suffixes: tuple[str, ...] = ()
    target_origins: frozenset[str] = frozenset()
    answers_any_host: bool = False
    protected: tuple[str, ...] = ()
    protected_patterns: tuple[re.Pattern[str], ...] = ()
    logins: tuple[str, ...] = ()
    language_cookie: str = ""
    notices: str = ""

    def owns(self, host: str) -> bool:
        """Say whether a host, as `normal_host` has it, is known to be this site's."""
        return host in self.hosts or f".{host}".endswith(self.host_suffixes)

    def protects(self, path: str) -> bool:
        """Say whether no rule at all may redirect this path, by whole segments."""
        folder = f"{path}/"
        if folder.startswith(self.protected):
            return True
        return bool(self.protected_patterns) and any(
            pattern.match(folder) for pattern in self.protected_patterns
        )

    def notice_of(self, name: str) -> str:
        """Return the path of a window's notice, encoded."""
        return f"{self.notices}{quote(name.strip(), safe='')}/"

    def is_login(self, path: str) -> bool:
        """Say whether only a rule that names exactly this path may redirect it."""
        return f"{path}/".startswith(self.logins)


def normal_host(authority: str, scheme: str = "") -> str:
    """Return a host as it is compared: lower case, no final dot, no default port.

    Source: RFC 9110 §4.2.3 (equivalence of http and https URIs), RFC 3986 §6.2.2.1.
    """
    name, colon, port = authority.strip().lower().rpartition(":")
    if not colon or port.endswith("]"):  # "[::1]" has colons and no port
        name, port = authority.strip().lower(), ""
    if {"http": "80", "https": "443"}.get(scheme) == port:
        port = ""
    name = name.removesuffix(".")
    return f"{name}:{port}" if port else name
