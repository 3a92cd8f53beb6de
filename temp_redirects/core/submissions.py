"""What of a submitted form may be shown again: never a password, never a card."""

import re

# Parts of names: passwords and codes, then payment cards, in the languages forms use.
_SECRET_NAME = re.compile(
    r"passw|passphrase|passcode|pwd|kennwort|contrase|mot_?de_?passe|senha|wachtwoord"
    r"|haslo|heslo|losenord|adgangskode|salasana|jelszo|parola|sifre|secret"
    r"|security_?code|cvv|cvc|card_?(no|num|sec|ver|exp)|(credit|debit)_?card"
    r"|(^|_)(pass|pw|pin|otp|totp|tan|csc|cvn|cc_?(n|num|number|exp|csc)?|pan|iban)"
    r"(_|\d|$)|^card_?\d*$"
)
_CSRF_NAME = re.compile(r"csrf|xsrf")
_MADE = re.compile(r"(?i)[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CARD = re.compile(r"(?<![\w.-])\d(?:[\s.–-]{0,2}\d){12,18}(?![\w-])")


def is_csrf_field(name: str) -> bool:
    """Say whether a field holds a token against forgery, which a new one replaces."""
    return bool(_CSRF_NAME.search(name.lower()))


def is_secret(name: str, value: str) -> bool:
    """Say whether a field must not be shown or kept: by its name, or what is in it."""
    return bool(_SECRET_NAME.search(_words(name))) or any(
        _is_card(match[0]) for match in _CARD.finditer(value)
    )


def is_made_by_machine(value: str) -> bool:
    """Say whether a value is a key of the form itself, which tells people nothing."""
    return bool(_MADE.fullmatch(value))


def _words(name: str) -> str:
    """Return a name as lower-case words: “card-No”, “cardNo” are “card_no”."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower())


def _is_card(text: str) -> bool:
    """Say whether digits are a payment card's by their last one (ISO/IEC 7812-1)."""
    digits = [int(each) for each in text if each.isdigit()]
    doubled = (sum(divmod(2 * each, 10)) for each in digits[-2::-2])
    return digits[0] in range(2, 7) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
