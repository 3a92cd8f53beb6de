"""What of a form may be shown again."""

import pytest

from temp_redirects.core.submissions import (
    is_csrf_field,
    is_made_by_machine,
    is_secret,
)

SECRET_NAMES = [
    *("password", "password1", "new_password", "PASSWD", "pwd", "userPass", "pass"),
    *("passphrase", "kennwort", "passwort", "contraseña", "mot-de-passe", "senha"),
    *("pin", "PIN2", "otp", "client_secret", "tan"),
    *("card_number", "cardNumber", "card-no", "cc", "ccnum", "cc-exp", "credit_card"),
    *("cvv", "card_cvc", "security-code", "iban", "pan", "cvn"),
    *("card", "card1", "card_4", "login.pw", "pw2"),
    *("wachtwoord", "haslo", "heslo1", "losenord", "adgangskode", "salasana", "jelszo"),
    *("parola", "sifre"),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_secret_is_known_by_its_name(name):
    assert is_secret(name, "x")


@pytest.mark.parametrize(
    "name",
    [
        *("name", "email", "passenger", "compass", "shipping", "opinion", "company"),
        *("accessory", "succession", "cardigan", "postcard", "token", "gift_card"),
        *("discount", "language", "span", "card_message", "card_colour", "spw", "pwr"),
    ],
)
def test_other_names_are_none(name):
    assert not is_secret(name, "x")


@pytest.mark.parametrize(
    "value",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        pytest.param("4111  1111  1111  1111", id="two blanks"),
        pytest.param("4111\u00a01111\u00a01111\u00a01111", id="blanks that bind"),
        pytest.param("4111\n1111\n1111\n1111", id="lines"),
        "378282246310005",
        "6011000990139424",
        pytest.param("my card 4111 1111 1111 1111, thanks", id="in a text"),
    ],
)
def test_a_payment_card_is_known_by_its_digits(value):
    assert is_secret("note", value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("4111 1111 1111 1112", id="the last digit is wrong"),
        pytest.param("49 170 1234567", id="a telephone"),
        pytest.param("1234567890123", id="no card begins with 1"),
        pytest.param("12345678-1234-4123-8123-123456789012", id="a UUID"),
        pytest.param("2026-11-21 02:00", id="a time"),
        "",
    ],
)
def test_other_values_are_none(value):
    assert not is_secret("note", value)


@pytest.mark.parametrize("name", ["csrfmiddlewaretoken", "_csrf", "XSRF-TOKEN"])
def test_tokens_against_forgery_are_known(name):
    assert is_csrf_field(name)


def test_a_name_is_no_token():
    assert not is_csrf_field("name")


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("8f14e45f-ceea-467a-9a8b-0123456789ab", True),
        ("8f14e45fceea467a", True),
        ("facade", False),
        ("Ada", False),
    ],
)
def test_what_a_machine_made_is_not_shown(value, made):
    assert is_made_by_machine(value) is made
