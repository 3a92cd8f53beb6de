"""Scheduled temporary redirects for Django, made in the admin, answered with 307."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

__version__ = "0.1.0"

NOTED = "temp_redirects.conversions"  # in `request.META`, which every wrapper shares


def record_conversion(request: "HttpRequest", rule: str) -> None:
    """Count that this request's visitor has reached the goal of the experiment *rule*.

    The rule is named as in the admin, case ignored. It counts once, in the visitor's
    arm, when the answer is sent: only for who saw the experiment within its
    ``goal_days``, and not for errors, robots and prefetches. Anywhere else, and for a
    name that no experiment has, it does nothing.
    """
    request.META.setdefault(NOTED, []).append(rule)
