import pytest

from temp_redirects.core.conditions.address import Address
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

OFFICE = Address.parse("192.0.2.0/24, 2001:db8::/32")


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        pytest.param("192.0.2.7", True, id="in one of them"),
        pytest.param("2001:db8::1", True, id="in the other"),
        pytest.param("::ffff:192.0.2.7", True, id="IPv4 in IPv6"),
        pytest.param("198.51.100.1", False, id="in none"),
        pytest.param("", False, id="unknown holds nothing"),
        pytest.param("junk", False, id="junk is unknown"),
    ],
)
def test_it_holds_for_addresses_in_a_network(address, holds):
    assert OFFICE.holds(Visit("/", address=address)) is holds


def test_a_network_that_is_written_twice_is_one():
    assert str(Address.parse("192.0.2.7, 192.0.2.7/32")) == "192.0.2.7"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "Name an address", id="nothing"),
        pytest.param("shop.example", "is no address", id="a name"),
        pytest.param("10.0.0.1/8", "did you mean “10.0.0.0/8”", id="a host's bits"),
    ],
)
def test_what_names_no_network_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        Address.parse(text)


def test_the_header_of_a_trusted_proxy_is_consulted_where_there_is_one():
    assert OFFICE.consulted(Visit("/", address_header="X-Forwarded-For")) == (
        "X-Forwarded-For",
    )
    assert OFFICE.consulted(Visit("/")) == ()


def test_no_shared_cache_knows_addresses():
    assert OFFICE.is_personal(Visit("/"))


def test_it_is_told_in_words():
    assert str(OFFICE.explain(Visit("/", address="192.0.3.1"))) == (
        "address is 192.0.3.1, wanted 192.0.2.0/24 or 2001:db8::/32"
    )
    assert "address is unknown" in str(OFFICE.explain(Visit("/")))
    assert str(OFFICE.describe()) == "visitors from 192.0.2.0/24 or 2001:db8::/32"


def test_its_kind_is_stored_and_never_renamed():
    assert Address.kind == "address"
