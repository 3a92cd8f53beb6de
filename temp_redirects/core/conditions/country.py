"""The country that a visit comes from."""

from dataclasses import dataclass
from typing import Self

from temp_redirects.core.conditions import Condition
from temp_redirects.core.countries import country_name, is_within, parse_country
from temp_redirects.core.lists import parse_either
from temp_redirects.core.sentences import UNKNOWN, Refused, Sentence, listed
from temp_redirects.core.visits import Facts, Visit


@dataclass(frozen=True, slots=True)
class Country(Condition):
    """The country is one of those, as a trusted proxy or the GeoIP database tells."""

    kind = "country"
    label = Sentence("Country")
    hint = Sentence(
        "Countries they are in, by code or English name, separated by commas: "
        "“DE, AT” or “Germany, Austria”; “EU” for the European Union."
    )
    examples = ("DE, AT", "EU", "US, CA")
    codes: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read codes or names of countries."""
        codes = tuple(dict.fromkeys(map(parse_country, parse_either(text))))
        if not codes:
            raise Refused("Name a country. Example: “DE, AT”.")
        return cls(codes)

    def __str__(self) -> str:
        return ", ".join(self.codes)

    def holds(self, visit: Visit) -> bool:
        """Say whether the country is known to be one of them."""
        return visit.country != "" and is_within(visit.country, self.codes)

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"country": code} for code in self.codes)

    def explain(self, visit: Visit) -> Sentence:
        """Say which country it was."""
        return Sentence(
            "country is {actual}, wanted {wanted}",
            actual=visit.country or UNKNOWN,
            wanted=listed(self.codes),
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        names = listed([country_name(code) for code in self.codes])
        return Sentence("visitors from {countries}", countries=names)

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the headers in which proxies tell the country, or the address."""
        return visit.country_headers

    def is_personal(self, visit: Visit) -> bool:
        """Say whether the address decides, which no ``Vary`` can name."""
        return visit.country_is_by_address
