import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.pins import MOST, Pin, is_visitor, key_of, read, write

VISITOR = "A" * 22
pins = st.builds(
    Pin,
    rule=st.uuids().map(str).map(key_of),
    epoch=st.integers(0, 16**6 - 1).map("{:06x}".format),
    arm=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    at=st.integers(0, 2**33),
    has_converted=st.booleans(),
)


@given(st.lists(pins, max_size=5, unique_by=lambda pin: pin.rule))
def test_what_was_written_is_read(given_pins):
    visitor, found = read(write(VISITOR, given_pins))
    assert (visitor, [*found.values()]) == (VISITOR, given_pins)


@given(st.lists(pins, max_size=3))
def test_a_cookie_can_hold_the_text(given_pins):
    text = write(VISITOR, given_pins)
    assert text.isascii()
    assert text.isprintable()
    assert set(text).isdisjoint(' ",;\\=/')


def test_the_oldest_of_too_many_are_left_out():
    many = [Pin(key_of(str(n)), "0" * 6, "b", n) for n in range(MOST + 5)]
    assert [pin.at for pin in read(write(VISITOR, many))[1].values()] == list(
        range(5, MOST + 5)
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("A" * 21, id="too short"),
        pytest.param("A" * 21 + "é", id="another alphabet"),
        pytest.param("A" * 22 + "\r\nSet-Cookie: x", id="a header in it"),
        pytest.param(f"x!{Pin('a' * 8, '0' * 6, 'b', 1)}", id="pins without a visitor"),
    ],
)
def test_what_is_no_visitor_is_nobody(text):
    assert read(text) == ("", {})


@pytest.mark.parametrize(
    "pin",
    ["", "x", "aaaaaaaa*000000*1", "aaaaaaaa*00000z*1*b", "aaaaaaaa*000000*1y*b"],
)
def test_what_is_no_pin_is_left_out(pin):
    assert read(f"{VISITOR}!{pin}") == (VISITOR, {})


def test_rules_have_different_keys():
    assert len({key_of(str(number)) for number in range(10_000)}) == 10_000
    assert is_visitor(VISITOR)
    assert key_of("0d3e0000-0000-4000-8000-000000000001") == "H8O8CRP4"
