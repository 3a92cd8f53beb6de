"""Unknowns: facts that this site never has, so that a rule for them acts for nobody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings

from temp_redirects import conf, geoip
from temp_redirects.core.conditions import Condition
from temp_redirects.core.rules import Rule
from temp_redirects.core.sentences import Said, Sentence
from temp_redirects.installation import AUTHENTICATION, earlier


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact of visits, how to see whether the site has it, and what to say if not."""

    is_had: Callable[[], bool]
    told: Sentence


def for_nobody(rule: Rule) -> Said:
    """Return why a rule can act for nobody on this site; empty where it may."""
    told = (FACTS[name].told for name in _asked(rule) if _is_unknown(name))
    return next(told, "")


def _is_unknown(name: str) -> bool:
    return name in FACTS and not FACTS[name].is_had()


def _asked(rule: Rule) -> Iterator[str]:
    """Yield the facts without which the rule cannot hold, as `Visit` calls them."""
    if rule.names_country:
        yield "country"
    for each in rule.conditions:
        yield from _always(each)


def _always(condition: Condition) -> set[str]:
    """Return the facts that stand in every sample for which a condition holds."""
    names = [set(sample) for sample in condition.samples()]
    return set.intersection(*names) if names else set()


def _tells_country() -> bool:
    given = conf.current()
    if given.COUNTRY_HEADER and given.TRUSTED_PROXIES:
        return True
    return geoip.is_wanted() and not geoip.problem()


def _tells_person() -> bool:
    """Say whether it may be known who is signed in; a project may set it itself."""
    return AUTHENTICATION not in settings.MIDDLEWARE or AUTHENTICATION in earlier()


FACTS = {
    "country": Unknown(
        _tells_country,
        Sentence(
            "This site is not told visitors’ countries, so this rule acts for nobody. "
            "A developer sets COUNTRY_HEADER (and TRUSTED_PROXIES) or GEOIP_PATH."
        ),
    ),
    "person": Unknown(
        _tells_person,
        Sentence(
            "Who is signed in is not known before the rules are asked, so this rule "
            "acts for nobody. A developer moves the middleware below "
            "AuthenticationMiddleware."
        ),
    ),
}
