"""Names of maintenance windows that nobody typed."""

import re
from itertools import count

from django.utils.translation import gettext

from temp_redirects.core.documents import MAX_NAME
from temp_redirects.models import MaintenanceWindow, RedirectRule

WORDS = 3  # paths that a made name is of


def free_name(paths: list[str]) -> str:
    """Return a name made of the paths that neither a window nor a rule has."""
    words = [re.sub(r"[^\w.]+", "-", path).strip("-") for path in paths[:WORDS]]
    stem = "-".join(filter(None, words))[: MAX_NAME - 10] or gettext("site")
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(
        name
        for name in names
        if not MaintenanceWindow.objects.named(name)
        and not RedirectRule.objects.named(name)
    )
