from ipaddress import ip_address

import pytest

from temp_redirects.core.addresses import (
    UNIX,
    client_address,
    is_trusted,
    parse_address,
    parse_network,
    written_network,
)
from temp_redirects.core.sentences import Refused

PROXIES = (parse_network("10.0.0.0/8"), parse_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="plain"),
        pytest.param(" 192.0.2.7 ", "192.0.2.7", id="blanks"),
        pytest.param("192.0.2.7:443", "192.0.2.7", id="a port"),
        pytest.param("2001:db8::1", "2001:db8::1", id="IPv6"),
        pytest.param("[2001:db8::1]", "2001:db8::1", id="brackets"),
        pytest.param("[2001:db8::1]:443", "2001:db8::1", id="brackets and a port"),
        pytest.param("::ffff:10.0.0.5", "10.0.0.5", id="IPv4 in IPv6"),
        pytest.param("fe80::1%eth0", "fe80::1", id="a zone"),
    ],
)
def test_an_address_is_read_however_it_is_told(text, address):
    assert parse_address(text) == ip_address(address)


@pytest.mark.parametrize(
    "text",
    ["", "unknown", "_hidden", "010.0.0.1", "10.0.0.1:x", "10.0.0", "1" * 99, "[::1"],
)
def test_what_is_no_address_is_unknown(text):
    assert parse_address(text) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("10.0.0.0/8", "10.0.0.0/8", id="a network"),
        pytest.param(" 192.0.2.7 ", "192.0.2.7", id="one address"),
        pytest.param("2001:DB8::/32", "2001:db8::/32", id="IPv6"),
        pytest.param("::ffff:10.0.0.0/104", "10.0.0.0/8", id="IPv4 in IPv6"),
        pytest.param("::/0", "::/0", id="everybody"),
    ],
)
def test_a_network_is_written_as_people_do(text, written):
    assert written_network(parse_network(text)) == written


def test_a_network_with_too_many_bits_is_refused_with_the_one_that_was_meant():
    with pytest.raises(Refused, match=r"did you mean “10\.0\.0\.0/8”"):
        parse_network("10.0.0.1/8")


@pytest.mark.parametrize("text", ["", "shop.example", "10.0.0.0/33", "10.*"])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(Refused, match=r"is no address or network\. Examples"):
        parse_network(text)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        pytest.param("192.0.2.1", "", "192.0.2.1", id="directly"),
        pytest.param("192.0.2.1", "198.51.100.9", "192.0.2.1", id="nobody is believed"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="a proxy by itself"),
        pytest.param("10.0.0.1", "192.0.2.1", "192.0.2.1", id="a proxy is believed"),
        pytest.param("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1", id="mapped proxy"),
        pytest.param(
            "10.0.0.1", "6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1", id="from the right"
        ),
        pytest.param(
            "2001:db8::1", "[2001:dead::7]:99", "2001:dead::7", id="IPv6 with a port"
        ),
        pytest.param("10.0.0.1", "10.9.9.9, 10.0.0.2", "10.9.9.9", id="all of us"),
        pytest.param("10.0.0.1", "6.6.6.6, unknown, 10.0.0.2", "", id="junk"),
        pytest.param("10.0.0.1", "192.0.2.1,", "", id="an empty place"),
        pytest.param("10.0.0.1", "x" * 1_000_000, "", id="a megabyte"),
        pytest.param("10.0.0.1", "10.0.0.2, " * 999 + "10.0.0.3", "", id="too long"),
        pytest.param(
            "10.0.0.1", "192.0.2.1" + ", 10.0.0.2" * 204, "", id="cut in an address"
        ),
        pytest.param(
            "10.0.0.1", "6.6.6.6," * 9_999 + "192.0.2.1", "192.0.2.1", id="10,000"
        ),
        pytest.param("10.0.0.1", "192.0.2.1:4711", "192.0.2.1", id="a port"),
        pytest.param("10.0.0.1", "192.0.2.1:port", "", id="a port that is none"),
        pytest.param("10.0.0.1", "fe80::1%eth0", "fe80::1", id="a zone"),
        pytest.param("10.0.0.1", "[2001:dead::7", "", id="half a bracket"),
        pytest.param("10.0.0.1", "010.0.0.1", "", id="octal or not"),
        pytest.param("10.0.0.1", "for=192.0.2.1", "", id="another format"),
        pytest.param("10.0.0.1", "١٩٢.0.2.1", "", id="digits of other scripts"),
        pytest.param(
            "10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1", id="a mapped visitor"
        ),
        pytest.param("", "192.0.2.1", "", id="no peer"),
        pytest.param("junk", "192.0.2.1", "", id="a peer that is none"),
    ],
)
def test_the_visitors_address_is_the_first_one_that_is_no_trusted_proxy(
    peer, forwarded, address
):
    assert client_address(peer, forwarded, PROXIES) == address


def test_a_unix_socket_is_trusted_where_it_is_named():
    assert client_address("", "192.0.2.1", (UNIX,)) == "192.0.2.1"
    assert not is_trusted("10.0.0.1", (UNIX,))
