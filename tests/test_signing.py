"""What is signed for a purpose serves no other, and not for ever."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing

from temp_redirects.signing import (
    ARM_SALT,
    MAX_ARM,
    MAX_PREVIEW,
    read_arm,
    sign_arm,
    sign_pass,
)

RULE = "0d3e1c52-6f0b-4f0e-9a53-0c7b3d7a1d10"


def test_an_arm_is_read_as_it_was_signed():
    assert read_arm(sign_arm(RULE, "b")) == (RULE, "b")


def test_the_token_of_the_longest_arm_fits():
    token = sign_arm(RULE, "x" * 40)

    assert len(token) < MAX_ARM
    assert read_arm(token) == (RULE, "x" * 40)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="none"),
        pytest.param("b", id="typed by hand"),
        pytest.param(f"{sign_arm(RULE, 'b')}x", id="changed"),
        pytest.param(sign_pass("b", expires=4e9), id="of another purpose"),
        pytest.param(signing.dumps(["b"], salt=ARM_SALT), id="too little in it"),
        pytest.param(signing.dumps(7, salt=ARM_SALT), id="something else in it"),
        pytest.param("x" * 10_000, id="too long"),
    ],
)
def test_what_is_no_arm_is_none(token):
    assert read_arm(token) is None


def test_an_arm_may_be_shown_around_for_a_day():
    with time_machine.travel("2026-11-21 12:00Z", tick=False) as clock:
        token = sign_arm(RULE, "b")
        clock.shift(timedelta(seconds=MAX_PREVIEW))
        assert read_arm(token) is not None
        clock.shift(timedelta(seconds=1))
        assert read_arm(token) is None
