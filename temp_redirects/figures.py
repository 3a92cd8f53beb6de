"""Figures: numbers as the language of the reader writes them."""

from django.utils.formats import number_format
from django.utils.translation import get_language

from temp_redirects.core.sentences import in_english


def figure(number: str | float) -> str:
    """Return a number, “4351.5”, as people read it: “4,351.5”, in German “4.351,5”.

    Where no language is active, as on the command line, it is English.
    """
    if get_language() is None:
        return in_english(str(number))
    return number_format(number, force_grouping=True)
