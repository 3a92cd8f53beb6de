"""Choices: what a form offers for a rule, and what new parts of one get."""

from typing import Any

from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from temp_redirects.core.conditions import KINDS as CONDITION_KINDS


def condition_kinds() -> list[tuple[str, Any]]:
    """Return the kinds of condition that are installed, for a form to choose from."""
    return [
        (kind, condition.label)
        for kind, condition in sorted(CONDITION_KINDS.items())
        if condition.is_offered
    ]


def source_kinds() -> list[tuple[str, Any]]:
    """Return the ways in which a path is matched."""
    return [
        ("exact", _("exactly this path")),
        ("prefix", _("this path and everything under it")),
        ("pattern", _("paths with “*” for any part between slashes: “/blog/*/”")),
        ("regex", _("paths that a regular expression matches (RE2)")),
    ]


def status_choices() -> list[tuple[int, Any]]:
    """Return the answers that a rule may give."""
    return [
        (307, _("Send again there: a form arrives as it was (307)")),
        (303, _("Show a page there: a form’s content stays behind (303)")),
        (302, _("As old clients know it: a form’s content may get lost (302)")),
    ]


def sticky_choices() -> list[tuple[str, Any]]:
    """Return by what a visitor gets the same arm again."""
    return [
        ("visitor", _("Each visitor, by a cookie")),
        ("user", _("Each user who is signed in; before that, by a cookie")),
        ("address", _("Each network address, without a cookie")),
        ("request", _("Nobody: each click may lead to another page")),
    ]


def query_choices() -> list[tuple[str, Any]]:
    """Return what may become of the visitor's query."""
    return [("keep", _("Keep it")), ("drop", _("Drop it"))]


def new_destination_key() -> str:
    """Return a short id that no destination had before."""
    return get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")
