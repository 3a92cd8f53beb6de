"""The ribbon: tells who is let past a maintenance window that the page is closed.

Without it, staff see a working site and think that the window does not work.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.utils import formats
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import gettext as _

from temp_redirects.core.schedules import moment
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow, opens_again
from temp_redirects.insertions import insert, is_page, stylesheet

BODY_ENDS = b"</body"
MARK = "temp-redirects-ribbon"
MARKUP = (
    '<aside class="{mark}" aria-label="{label}">{stylesheet}'
    "<p>{why} {until}</p>{see}</aside>\n"
)


@dataclass(frozen=True, slots=True)
class Ribbon:
    """What one visitor is told who passes: why, until when, and what others see.

    ``passed_by`` is the kind of condition that let the visitor past, ``ends`` in
    seconds since the epoch or None, ``notice`` the address of what others see.
    """

    passed_by: str
    ends: float | None
    timezone: str
    notice: str

    @classmethod
    def of(
        cls,
        windows: Iterable[MaintenanceWindow],
        window: MaintenanceWindow,
        visit: Visit,
        passed_by: str,
        now: float,
    ) -> "Ribbon":
        """Return the ribbon of a visit that this window lets past."""
        notices = visit.site.notices
        name, after = quote(window.name, safe=""), quote(visit.next)
        return cls(
            passed_by,
            opens_again(windows, visit, now),
            window.schedule.timezone,
            f"{notices}{name}/?next={after}" if notices else "",
        )

    def markup(self, request: HttpRequest) -> str:
        """Return the markup, in the language of the moment."""
        see = _("See what visitors see")
        return format_html(
            MARKUP,
            mark=MARK,
            label=_("Maintenance"),
            stylesheet=stylesheet(request, "temp_redirects/notice.css"),
            why=self._why(),
            until=self._until(),
            see=format_html('<p><a href="{}">{}</a></p>', self.notice, see)
            if self.notice
            else "",
        )

    def _why(self) -> str:
        if self.passed_by == "user":
            return _("You see this page because you are staff.")
        if self.passed_by == "address":
            return _("You see this page because your network is let through.")
        return _("You see this page because you have the link.")

    def _until(self) -> str:
        if self.ends is None:
            return _("Visitors see a maintenance notice.")
        at = formats.date_format(moment(self.ends, self.timezone), "DATETIME_FORMAT")
        text = _("Visitors see a maintenance notice until %(at)s (%(zone)s).")
        return text % {"at": at, "zone": self.timezone}


def with_ribbon(request: HttpRequest, response: Any, ribbon: Ribbon) -> Any:
    """Return the response for its visitor alone, with the ribbon if it is a page.

    What cannot be changed safely stays as it is: streams, and what is compressed.
    """
    patch_cache_control(response, private=True)
    if not is_page(response):
        return response
    at = response.content.lower().rfind(BODY_ENDS)
    if at >= 0:  # else a fragment
        insert(response, at, ribbon.markup(request))
    return response
