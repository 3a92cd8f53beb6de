"""How the demo keeps passwords that it prints for everybody."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class PrintedPasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2 in a thousandth of the rounds: there is no secret to keep.

    Django's own number takes a second of each sign-in, and of each start. For accounts
    of people leave ``PASSWORD_HASHERS`` as Django has it.
    """

    iterations = 1_000
