"""The network that a visit comes from."""

from dataclasses import dataclass
from typing import Self

from temp_redirects.core.addresses import (
    Network,
    is_in,
    parse_address,
    parse_network,
    written_network,
)
from temp_redirects.core.conditions import Condition
from temp_redirects.core.lists import parse_list
from temp_redirects.core.sentences import Refused, Sentence, listed
from temp_redirects.core.visits import Facts, Visit


@dataclass(frozen=True, slots=True)
class Address(Condition):
    """The visitor's address is in one of the networks.

    Proxies are believed only where ``TRUSTED_PROXIES`` names them.
    """

    kind = "address"
    label = Sentence("IP address")
    hint = Sentence(
        "Addresses and networks, separated by commas: “192.0.2.7, 10.0.0.0/8”."
    )
    examples = ("192.0.2.7", "10.0.0.0/8, 2001:db8::/32")
    personal = True
    networks: tuple[Network, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read addresses and networks."""
        networks = tuple(dict.fromkeys(map(parse_network, parse_list(text))))
        if not networks:
            raise Refused("Name an address or a network. Example: “10.0.0.0/8”.")
        return cls(networks)

    def __str__(self) -> str:
        return ", ".join(map(written_network, self.networks))

    def holds(self, visit: Visit) -> bool:
        """Say whether the visit is known to come from one of the networks."""
        address = parse_address(visit.address)
        return address is not None and is_in(address, self.networks)

    def samples(self) -> tuple[Facts, ...]:
        """Return facts with which it holds."""
        return tuple({"address": str(each.network_address)} for each in self.networks)

    def explain(self, visit: Visit) -> Sentence:
        """Say which address it was."""
        wanted = listed(list(map(written_network, self.networks)))
        address = parse_address(visit.address)
        if address is None:
            return Sentence("address is unknown, wanted {wanted}", wanted=wanted)
        return Sentence(
            "address is {actual}, wanted {wanted}", actual=address, wanted=wanted
        )

    def describe(self) -> Sentence:
        """Say whom it is about."""
        networks = listed(list(map(written_network, self.networks)))
        return Sentence("visitors from {networks}", networks=networks)

    def consulted(self, visit: Visit) -> tuple[str, ...]:
        """Name the header in which proxies tell the address, where one is believed."""
        return (visit.address_header,) if visit.address_header else ()
