"""The app's own pages: the notice, pass links, choices, and what is told before."""

from temp_redirects.views.beforehand import calendar_feed, dismiss, status
from temp_redirects.views.health import health
from temp_redirects.views.notices import notice
from temp_redirects.views.passes import open_pass
from temp_redirects.views.preferences import stay

__all__ = [
    "calendar_feed",
    "dismiss",
    "health",
    "notice",
    "open_pass",
    "status",
    "stay",
]
