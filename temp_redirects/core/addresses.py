"""Addresses: where a visit comes from, and which proxies are believed about it."""

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from temp_redirects.core.sentences import Refused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNIX = "unix"  # a peer without an address: the server listens on a Unix socket
MAX_ADDRESS = 64  # characters
MAX_FORWARDED = 2_048  # characters, from the right
_V4_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_BRACKETS = re.compile(r"\[([^\[\]]*)\](?::[0-9]{1,5})?")
_MAPPED = IPv6Network("::ffff:0:0/96")


def parse_address(text: str) -> Address | None:
    """Return the address that a server or a proxy tells; None where it is none.

    Ports, brackets and zones are taken off, and IPv4 in IPv6 is IPv4 (RFC 4291
    §2.5.5.2).
    """
    if len(text) > MAX_ADDRESS:
        return None
    text = text.strip()
    found = _V4_PORT.fullmatch(text) or _BRACKETS.fullmatch(text)
    try:
        address = ip_address((found[1] if found else text).partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def parse_network(text: str) -> Network:
    """Return the network of “10.0.0.0/8”, “2001:db8::/32” or a single address."""
    try:
        network = ip_network(text.strip())
    except ValueError:
        raise _unknown(text) from None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        mapped = network.network_address.ipv4_mapped
        return ip_network(f"{mapped}/{network.prefixlen - 96}")
    return network


def _unknown(text: str) -> Refused:
    try:
        near = ip_network(text.strip(), strict=False)
    except ValueError:
        return Refused(
            "“{text}” is no address or network. Examples: “192.0.2.7”, “10.0.0.0/8”, "
            "“2001:db8::/32”.",
            text=text,
        )
    return Refused(
        "“{text}” is no network: did you mean “{near}”?", text=text, near=near
    )


def written_network(network: Network) -> str:
    """Return a network as people write it: a single address without its length."""
    if network.num_addresses == 1:
        return str(network.network_address)
    return str(network)


def is_in(address: Address, networks: Collection[Network]) -> bool:
    """Say whether one of the networks contains the address."""
    return any(address in network for network in networks)


@lru_cache(maxsize=256)  # mostly the site's own proxies ask
def is_trusted(peer: str, trusted: tuple[Network | str, ...]) -> bool:
    """Say whether what a peer says of the visitor is believed.

    A peer without an address, behind a Unix socket, is trusted where “unix” is.
    """
    if not peer.strip():
        return UNIX in trusted
    networks = [each for each in trusted if not isinstance(each, str)]
    address = parse_address(peer) if networks else None
    return address is not None and is_in(address, networks)


def client_address(
    peer: str, forwarded: str, trusted: tuple[Network | str, ...]
) -> str:
    """Return the visitor's address, ``""`` where it is unknown.

    ``X-Forwarded-For`` is believed only from trusted peers, and read from the right:
    the first address that is not a trusted proxy is the visitor's. What stands left of
    it anybody can write. Junk on the way makes the address unknown.
    """
    if not is_trusted(peer, trusted) or not forwarded.strip():
        return str(parse_address(peer) or "")
    hops = forwarded[-MAX_FORWARDED:].split(",")
    if is_cut := len(forwarded) > MAX_FORWARDED:
        del hops[0]  # a part of an address reads as another one
    address: Address | None = None
    for hop in reversed(hops):
        address = parse_address(hop)
        if address is None or not is_trusted(str(address), trusted):
            return str(address or "")
    return "" if is_cut else str(address or "")
