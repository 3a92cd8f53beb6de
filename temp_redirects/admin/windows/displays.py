"""What the admin shows of a maintenance window: state, times, what visitors get."""

from time import time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from temp_redirects.admin import displays
from temp_redirects.admin.spans import span, when
from temp_redirects.admin.times import local_time
from temp_redirects.advice import advise_window
from temp_redirects.core.patterns import typed_path
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sentences import Refused
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.columns import as_seconds, lines
from temp_redirects.models.history import WINDOW
from temp_redirects.signing import sign_preview

STATES = {  # a word and an icon: a state is never told by colour alone
    "on": ("●", _("On")),
    "scheduled": ("◷", _("Scheduled")),
    "off": ("‖", _("Off")),
    "ended": ("✓", _("Ended")),
    "rejected": ("⚠", _("Switched off by an error")),
}
MAX_SHOWN = 3  # paths in the list


def state_badge(row: MaintenanceWindow) -> SafeString:
    """Return the state now; for a window that an error switched off, the reason."""
    state = row.state()
    refused = row.refusal() if state == "rejected" else None
    reason = displays.told_refusal(WINDOW, refused) if refused else ""
    return displays.badge(state, reason, STATES[state])


def covered(row: MaintenanceWindow) -> SafeString:
    """Return the paths, a line each, and what narrows them."""
    paths = lines(row.paths)
    shown = format_html_join(
        "", "<div>{}</div>", ([each] for each in paths[:MAX_SHOWN])
    )
    more = []
    if len(paths) > MAX_SHOWN:
        more.append(gettext("and %(n)d more") % {"n": len(paths) - MAX_SHOWN})
    if row.hosts:
        more.append(gettext("on %(hosts)s") % {"hosts": row.hosts})
    if row.except_paths:
        excepted = ", ".join(lines(row.except_paths))
        more.append(gettext("except %(paths)s") % {"paths": excepted})
    return displays.with_more(shown, *more)


def times(row: MaintenanceWindow) -> SafeString:
    """Return when it is: in its own zone, in UTC and on the reader's clock."""
    starts, ends = (as_seconds(at) for at in (row.starts_at, row.ends_at))
    bounds = [
        None if at is None else local_time(at, row.timezone) for at in (starts, ends)
    ]
    try:
        first, _bracket, rest = span(Schedule(starts, ends, row.timezone)).partition(
            " ("
        )
    except Refused:
        first, rest = " – ".join(str(at) for at in bounds if at), ""
    if ends is None:
        until = gettext("until somebody ends it")
        first = f"{first} {until}".strip()
    distance = displays.distance(*bounds)
    return displays.with_more(first, *filter(None, [rest[:-1], distance]))


def passes(row: MaintenanceWindow) -> str:
    """Return who still sees the pages."""
    staff = [gettext("staff")] if row.staff_pass else []
    who = [*staff, *lines(row.pass_addresses)]
    if not who:
        return gettext("nobody passes")
    # In words, because a phone shows no heading above it.
    return gettext("%(who)s pass") % {"who": ", ".join(who)}


def summary(row: MaintenanceWindow, request: HttpRequest) -> dict[str, Any]:
    """Return what the form and the message after saving say about a stored window."""
    state = row.state()
    shown: dict[str, Any] = {"badge": state_badge(row), "advice": []}
    if row.problem():
        return shown
    window = row.compile()
    return {
        **shown,
        "sentence": sentence(window) if state != "ended" else "",
        "span": when(window.schedule),
        "advice": advise_window(window, time()),
        "notice": "" if window.target else notice_url(row),
        "url": request.build_absolute_uri(typed_path(window.paths[0])),
        "state": state,
    }


def saved_message(summary: dict[str, Any], links: list[dict[str, str]]) -> str:
    """Return the message after saving: the sentence, and what to do next."""
    context = {"summary": summary, "links": links}
    return render_to_string("temp_redirects/admin/window_saved.html", context)


def test_url(row: MaintenanceWindow) -> str:
    """Return where a window is tested: with the first address that it closes."""
    if row.problem():
        return displays.test_url()
    window = row.compile()
    url = typed_path(window.paths[0])
    hosts = [host.replace("*.", "www.", 1) for host in window.hosts]
    return displays.test_url(url=f"https://{hosts[0]}{url}" if hosts else url)


def notice_url(row: MaintenanceWindow) -> str:
    """Return where the notice of a window is seen whether it is on or not."""
    query = urlencode({"preview": sign_preview(row.name)})
    return f"{reverse('temp_redirects:notice', args=[row.name])}?{query}"


def sentence(window: Window) -> str:
    """Return what happens to whom, in some sentences."""
    facts = {
        "when": _begins(window.schedule),
        "paths": _closed(window.paths),
        "target": window.target,
        "hosts": ", ".join(window.hosts),
    }
    if window.target and window.hosts:
        text = gettext(
            "%(when)s every visitor of %(paths)s on %(hosts)s is sent to “%(target)s”."
        )
    elif window.target:
        text = gettext("%(when)s every visitor of %(paths)s is sent to “%(target)s”.")
    elif window.hosts:
        text = gettext(
            "%(when)s every visitor of %(paths)s on %(hosts)s sees the notice."
        )
    else:
        text = gettext("%(when)s every visitor of %(paths)s sees the notice.")
    off = [] if window.enabled else [gettext("It is switched off, so nothing happens.")]
    return " ".join([*off, text % facts, *_exceptions(window)])


def _begins(schedule: Schedule) -> str:
    return f"{when(schedule)}," if schedule.recurrence else when(schedule)


def _exceptions(window: Window) -> list[str]:
    parts = []
    if window.excepted:
        text = gettext("%(paths)s stays open.")
        parts.append(text % {"paths": _closed(window.excepted)})
    if window.api == "503":
        parts.append(gettext("Programs and scripts get “503 come back later” at once."))
    if window.staff_pass:
        parts.append(gettext("Staff still see the pages."))
    if window.pass_addresses:
        networks = _listed(list(window.pass_addresses))
        text = gettext("Visitors from %(networks)s still see the pages.")
        parts.append(text % {"networks": networks})
    return parts


def _closed(paths: tuple[str, ...]) -> str:
    if "/" in paths:
        return gettext("the whole site (“/”)")
    shown = [gettext("“%(path)s”") % {"path": typed_path(path)} for path in paths]
    return _listed([*shown, gettext("everything under it")])


def _listed(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    facts = {"first": ", ".join(words[:-1]), "last": words[-1]}
    return gettext("%(first)s and %(last)s") % facts
