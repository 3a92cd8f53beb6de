"""Settings: the dictionary ``TEMP_REDIRECTS``, read on use, checked at start."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

from temp_redirects.core.addresses import UNIX, Network, parse_network
from temp_redirects.core.conditions.bot import parse_name
from temp_redirects.core.patterns import parse_path
from temp_redirects.core.sentences import Refused
from temp_redirects.core.targets import parse_origin

_HEADER = re.compile(r"[A-Za-z0-9-]+")
_COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token, RFC 6265 §4.1.1
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_DOMAIN = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*", re.IGNORECASE)
MIN_TOKEN, MAX_TOKEN = 20, 200  # characters
_TOKEN = re.compile(rf"[!-~]{{{MIN_TOKEN},{MAX_TOKEN}}}")
SIGNALS = ("Sec-GPC", "DNT")
MAX_COOKIE_AGE = 400 * 24 * 60 * 60  # seconds; browsers keep none longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Conf:
    """The settings, parsed: ``TEMP_REDIRECTS = {"REFRESH_SECONDS": 1.0, …}``."""

    ENABLED: bool = True  # False: nothing is redirected, no database needed
    ALLOWED_TARGET_HOSTS: frozenset[str] = frozenset()  # origins, "https://pay.example"
    PROTECTED_PATHS: tuple[str, ...] = ()  # never redirected, beside the built-in ones
    REFRESH_SECONDS: float = 1.0  # how old knowledge of changes may be
    FLUSH_SECONDS: float = 10.0  # how often hits are written
    HEALTH_TOKEN: str | None = None  # with which a monitor may read the health document
    SNAPSHOT_FILE: Path | None = None  # where the last good rules are kept for a start
    # Networks whose X-Forwarded-For and country header are believed; “unix” for a
    # server that listens on a Unix socket.
    TRUSTED_PROXIES: tuple[Network | str, ...] = ()
    COUNTRY_HEADER: str | None = None  # in which they tell it, “CF-IPCountry”
    COOKIE_NAME: str = "temp_redirects"  # in which a visitor keeps an arm
    COOKIE_AGE: int = 90 * 24 * 60 * 60  # seconds
    COOKIE_DOMAIN: str | None = None  # None: the host that sets it
    CONSENT: str | None = None  # dotted path of a callable(request) -> bool
    # Words in the user agents of robots that only the project knows, “acme-probe”.
    BOTS: tuple[str, ...] = ()
    # Whether a prefetch of what an experiment would count is answered 503.
    REFUSE_PREFETCH: bool = True
    # Headers by which browsers ask that their visitor is not followed.
    PRIVACY_SIGNALS: tuple[str, ...] = SIGNALS


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused("must be True or False, not {value!r}", value=value)
    return value


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        raise Refused('is one text; write a list: ["{value}"]', value=value)
    if not isinstance(value, list | tuple | set | frozenset):
        raise Refused("must be a list of texts, not {value!r}", value=value)
    return [str(each) for each in value]


def _origins(value: object) -> frozenset[str]:
    return frozenset(map(parse_origin, _texts(value)))


def _paths(value: object) -> tuple[str, ...]:
    return tuple(map(parse_path, _texts(value)))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise Refused("must be a number of seconds above 0, not {value!r}", value=value)
    return float(value)


def _file(value: object) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str | PathLike) or not Path(value).is_absolute():
        raise Refused(
            'must be the whole path of a file, "/var/lib/shop/rules.snapshot", not '
            "{value!r}",
            value=value,
        )
    return Path(value)


def _token(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise Refused(
            "must be {least} to {most} letters, digits and signs without blanks, for "
            "instance of secrets.token_urlsafe()",  # the value is secret
            least=MIN_TOKEN,
            most=MAX_TOKEN,
        )
    return value


def _proxies(value: object) -> tuple[Network | str, ...]:
    texts = dict.fromkeys(each.strip() for each in _texts(value))
    return tuple(each if each == UNIX else parse_network(each) for each in texts)


def _header(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _HEADER.fullmatch(value):
        raise Refused(
            'must be the name of a header, "CF-IPCountry", not {value!r}', value=value
        )
    return value


def _cookie_name(value: object) -> str:
    if not isinstance(value, str) or not _COOKIE.fullmatch(value):
        raise Refused(
            'must be the name of a cookie, "temp_redirects", not {value!r}', value=value
        )
    return value


def _cookie_age(value: object) -> int:
    age = int(_seconds(value))
    if not 0 < age <= MAX_COOKIE_AGE:
        raise Refused(
            "must be at most {most} seconds, 400 days: browsers keep no cookie longer",
            most=MAX_COOKIE_AGE,
        )
    return age


def _cookie_domain(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _DOMAIN.fullmatch(value):
        raise Refused('must be a domain, "shop.example", not {value!r}', value=value)
    return value


def _dotted(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _DOTTED.fullmatch(value):
        raise Refused(
            'must be the dotted path of a function, "shop.consent.given", not '
            "{value!r}",
            value=value,
        )
    return value


def _bots(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(parse_name, _texts(value))))


def _signals(value: object) -> tuple[str, ...]:
    known = {each.lower(): each for each in SIGNALS}
    found = []
    for text in _texts(value):
        if text.lower() not in known:
            raise Refused(
                "“{text}” is none of {known}", text=text, known=", ".join(SIGNALS)
            )
        found.append(known[text.lower()])
    return tuple(dict.fromkeys(found))


PARSERS: Mapping[str, Callable[[object], Any]] = {
    "ENABLED": _flag,
    "ALLOWED_TARGET_HOSTS": _origins,
    "PROTECTED_PATHS": _paths,
    "REFRESH_SECONDS": _seconds,
    "FLUSH_SECONDS": _seconds,
    "HEALTH_TOKEN": _token,
    "SNAPSHOT_FILE": _file,
    "TRUSTED_PROXIES": _proxies,
    "COUNTRY_HEADER": _header,
    "COOKIE_NAME": _cookie_name,
    "COOKIE_AGE": _cookie_age,
    "COOKIE_DOMAIN": _cookie_domain,
    "CONSENT": _dotted,
    "BOTS": _bots,
    "REFUSE_PREFETCH": _flag,
    "PRIVACY_SIGNALS": _signals,
}


NONE: Mapping[str, Any] = {}  # as long as the settings name nothing


def given() -> Any:
    """Return the dictionary as the project wrote it."""
    return getattr(settings, "TEMP_REDIRECTS", NONE)


def problems() -> list[str]:
    """Return what is wrong with the settings, a sentence each."""
    raw = given()
    if not isinstance(raw, Mapping):
        return [f"TEMP_REDIRECTS must be a dictionary, not {raw!r}."]
    found = []
    for key, value in raw.items():
        if key in PARSERS:
            try:
                PARSERS[key](value)
            except Refused as refused:
                found.append(f"TEMP_REDIRECTS['{key}']: {refused}")
    return found


def unknown() -> list[tuple[str, str]]:
    """Return the keys that are no settings, each with the nearest that is or ""."""
    raw = given()
    keys = [str(key) for key in raw] if isinstance(raw, Mapping) else []
    return [
        (key, next(iter(get_close_matches(key.upper(), PARSERS, n=1)), ""))
        for key in keys
        if key not in PARSERS
    ]


_NOT_READ: tuple[Any, Conf] = (object(), Conf())  # equal to no setting
_parsed = _NOT_READ


def current() -> Conf:
    """Return the settings as they are now; a value that is wrong has its default.

    Parsed again only when the dictionary differs from the one seen last, or Django
    tells that any setting has changed: what is made by settings is good as long as
    this returns the same object.
    """
    global _parsed
    raw = getattr(settings, "TEMP_REDIRECTS", NONE)  # `given`, a call less
    if raw != _parsed[0]:
        _parsed = deepcopy(raw), _parse(raw)
    return _parsed[1]


def _forget(**kwargs: Any) -> None:
    global _parsed
    _parsed = _NOT_READ


setting_changed.connect(_forget, dispatch_uid="temp_redirects.conf")


def _parse(raw: Any) -> Conf:
    values = {}
    for field in fields(Conf):
        if isinstance(raw, Mapping) and field.name in raw:
            try:
                values[field.name] = PARSERS[field.name](raw[field.name])
            except Refused:
                continue  # the system check says so
    return Conf(**values)
