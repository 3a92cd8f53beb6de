"""The calendar in the admin: a week or a month, as a picture and in words."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from temp_redirects import agendas
from temp_redirects.models import Batch, MaintenanceWindow, RedirectRule
from temp_redirects.models.recording import recorded

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RULES = "/admin/temp_redirects/redirectrule/"
WINDOWS = "/admin/temp_redirects/maintenancewindow/"
PAGE = f"{RULES}calendar/"


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.LANGUAGE_CODE = "en-gb"  # its weeks begin on Monday
    with time_machine.travel(NOW, tick=False):
        yield


def somebody(client, *permissions):
    user = get_user_model().objects.create_user("vic", is_staff=True)
    found = Permission.objects.filter(codename__in=permissions)
    user.user_permissions.set(found)
    client.force_login(user)
    return client


@pytest.fixture
def viewer(client):
    """A client of somebody who may see rules and windows and nothing else."""
    return somebody(client, "view_redirectrule", "view_maintenancewindow")


def schedule(name, source="/old/", target="/new/", **fields):
    row = RedirectRule.objects.schedule(source, target, name=name, **fields)
    Batch.objects.update(at=NOW - 90 * DAY)  # it has been there for long
    return row


def page(client, **asked):
    found = client.get(PAGE, asked)
    assert found.status_code == 200
    return " ".join(found.content.decode().split())


def table(html):
    return " ".join(re.sub("<[^>]+>", " ", html[html.index("<tbody") :]).split())


def bars(html):
    """Return where each bar lies, in per cent: from where, and how wide."""
    found = re.findall(r'<svg x="([\d.]+)%" y="\d+" width="([\d.]+)%"', html)
    return [(float(x), float(width)) for x, width in found]


def test_a_week_is_drawn_and_told(viewer):
    row = schedule("sale", starts_at=NOW - DAY, ends_at=NOW + DAY)

    html = page(viewer)

    assert "16 November 2026 to 22 November 2026" in html
    assert table(html).startswith(
        "/old/ sale redirect rule → /new/ Fri 20 Nov 2026 14:05 to Sun 22 Nov 2026 "
        "14:05 on now"
    )
    assert f'href="{RULES}{row.pk}/change/"' in html
    assert len(bars(html)) == 1


def test_overlaps_and_gaps_are_drawn_and_told(viewer):
    schedule("a", starts_at=NOW - 2 * DAY, ends_at=NOW - DAY)
    schedule("b", starts_at=NOW - DAY - HOUR, ends_at=NOW - HOUR, priority=1)
    schedule("c", starts_at=NOW, ends_at=NOW + HOUR)

    html = page(viewer, zone="UTC")

    # In the legend, in the picture and in the table.
    assert html.count('class="temp-redirects-overlap"') == 3
    assert html.count('class="temp-redirects-gap"') == 3
    told = table(html)
    assert (
        "Overlap “b” is tried first, then “a”: Fri 20 Nov 2026 12:05 to 13:05" in told
    )
    assert "Gap no rule of this path is on: Sat 21 Nov 2026 12:05 to 13:05" in told


def test_names_are_drawn_above_the_hatch_and_the_line_of_now(viewer):
    schedule("a", starts_at=NOW - DAY, ends_at=NOW + DAY)
    schedule("b", starts_at=NOW - DAY, ends_at=NOW + DAY, priority=1)

    html = page(viewer)
    lane = html[html.index('href="#temp-redirects-lane-1"') :]
    layers = ["overlap", "bar", "now", "name"]

    places = [lane.index(f"temp-redirects-{layer}") for layer in layers]
    assert places == sorted(places)


def test_each_bar_is_named_but_those_that_are_narrow_in_any_window(viewer):
    schedule("long", starts_at=NOW, ends_at=NOW + 3 * HOUR)
    schedule("short", starts_at=NOW + DAY, ends_at=NOW + DAY + 2 * HOUR)

    assert re.findall(r"<div class=.temp-redirects-name.><bdi>(\w+)", page(viewer)) == [
        "long"
    ]


def test_a_lane_has_the_whole_path_as_its_title_from_left_to_right(viewer):
    schedule("long", "/campaigns/2026/landing-page/")

    html = page(viewer)

    assert 'title="/campaigns/2026/landing-page/"' in html
    assert '<bdi dir="ltr">/campaigns/2026/landing-page/</bdi>' in html


@pytest.mark.parametrize(("day", "times"), [("2026-11-16", 1), ("2026-11-23", 0)])
def test_today_is_marked_in_what_every_lane_draws(viewer, day, times):
    schedule("sale")

    html = page(viewer, day=day)

    assert html.count("temp-redirects-today-column") == times
    assert html.count('class="temp-redirects-line"') == times


def test_a_maintenance_window_leads_to_the_notice_and_shows_all_its_times(viewer):
    start = datetime(2026, 11, 16, 1, tzinfo=UTC)
    MaintenanceWindow.objects.schedule(
        "night", ["/shop/"], starts_at=start, ends_at=start + HOUR, repeat="FREQ=DAILY"
    )
    Batch.objects.update(at=NOW - 30 * DAY)

    told = table(page(viewer, day="2026-11-21", zone="Europe/Berlin"))

    assert told.startswith(
        "/shop/ and everything under it night maintenance window → the notice Mon 16"
    )
    assert told.count("02:00 to 03:00") == 7
    assert (told.count("over"), told.count("planned")) == (6, 1)


def test_of_a_path_with_rules_and_windows_each_says_what_it_covers(viewer):
    schedule("sale", "/shop/", ends_at=NOW + DAY)
    MaintenanceWindow.objects.schedule("w", ["/shop/"], ends_at=NOW + HOUR)

    told = table(page(viewer))

    assert told.startswith(
        "/shop/ w maintenance window, and everything under it → the notice"
    )
    assert "sale redirect rule → /new/" in told


def test_the_zone_is_chosen_and_kept_on_the_way(viewer):
    schedule("sale", starts_at=NOW, ends_at=NOW + HOUR)

    html = page(viewer, zone="Asia/Tokyo", show="month", path="/old/")

    assert "Sat 21 Nov 2026 22:05 to 23:05" in html
    assert "When (Asia/Tokyo)" in html
    way = "show=month&amp;day={}&amp;zone=Asia%2FTokyo&amp;path=%2Fold%2F"
    assert f'href="?{way.format("2026-10-31")}" rel="prev"' in html
    assert f'href="?{way.format("2026-12-01")}" rel="next"' in html


def test_times_without_bounds_are_told(viewer):
    schedule("always", "/a/")
    schedule("until", "/b/", ends_at=NOW + HOUR)
    schedule("since", "/c/", starts_at=NOW - HOUR)

    told = table(page(viewer, zone="UTC"))

    assert "/new/ all the time on now" in told
    assert "/new/ until Sat 21 Nov 2026 14:05 on now" in told
    assert "/new/ from Sat 21 Nov 2026 12:05 on on now" in told


@pytest.mark.parametrize(
    ("day", "width"),
    [
        pytest.param("2026-10-25", 25 / (7 * 24 + 1), id="25 hours"),
        pytest.param("2027-03-28", 23 / (7 * 24 - 1), id="23 hours"),
    ],
)
def test_where_clocks_change_a_day_is_as_wide_as_it_is_long(viewer, day, width):
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    schedule("sunday", starts_at=midnight, ends_at=midnight + DAY)

    ((x, wide),) = bars(page(viewer, day=day))

    assert wide == pytest.approx(width * 100, abs=0.01)
    assert x + wide == pytest.approx(100, abs=0.01)


def test_an_hour_that_comes_twice_is_told_with_its_offset(viewer):
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    schedule("twice", starts_at=first, ends_at=first + HOUR)

    assert "02:30 (+0200) to 02:30 (+0100)" in table(page(viewer, day="2026-10-25"))


def test_time_runs_from_right_to_left_where_people_read_so(viewer, settings):
    schedule("sale", starts_at=NOW - 60 * DAY, ends_at=NOW)
    ((x, width),) = bars(page(viewer, zone="UTC", show="month"))

    settings.LANGUAGE_CODE = "he"
    ((mirrored, as_wide),) = bars(page(viewer, zone="UTC", show="month"))

    assert x == 0
    assert as_wide == width
    assert mirrored + width == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"zone": "Mars/Base"}, "“Mars/Base” is not a time zone."),
        ({"day": "yesterday"}, "Enter a valid date."),
        ({"show": "year"}, "16 November 2026"),
        ({"day": "0001-01-01"}, "1 January 1900"),
        ({"day": "9999-12-31"}, "9000"),
    ],
)
def test_what_cannot_be_shown_is_refused_or_as_usual(viewer, asked, told):
    assert told in page(viewer, **asked)


def test_where_nothing_is_planned_it_says_so(viewer):
    assert "Nothing is planned in this time." in page(viewer)
    assert "For this path nothing is planned" in page(viewer, path="/shop/")


def test_what_is_left_out_is_counted_and_leads_to_the_list(viewer, monkeypatch):
    monkeypatch.setattr(agendas, "MOST", 2)
    for number in range(5):
        schedule(f"rule-{number}", f"/{number}/")

    html = page(viewer)

    assert "and 3 more in this time that are not shown" in html
    assert f'<a href="{RULES}">All redirect rules</a>' in html


def test_a_long_past_that_is_not_whole_says_so(viewer, monkeypatch):
    schedule("a")
    Batch.objects.update(at=NOW - HOUR)
    monkeypatch.setattr(agendas, "CHANGES", 0)

    assert "not all of the past is shown" in page(viewer)


def test_what_is_deleted_leads_to_its_history(viewer):
    row = schedule("gone")
    url = f"{RULES}{row.pk}/history/"
    with recorded():
        row.delete()

    html = page(viewer)

    assert f'<a href="{url}">gone</a>' in html
    assert "redirect rule, deleted since" in table(html)


@pytest.mark.parametrize(
    ("permission", "paths"),
    [
        ("view_redirectrule", ["/old/"]),
        ("change_redirectrule", ["/old/"]),
        ("view_maintenancewindow", ["/shop/"]),
    ],
)
def test_everybody_sees_what_they_may_see(client, permission, paths):
    schedule("sale", ends_at=NOW + DAY)
    MaintenanceWindow.objects.schedule("w", ["/shop/"], ends_at=NOW + DAY)

    html = page(somebody(client, permission))

    found = re.findall(r'scope="rowgroup"[^>]*><bdi>([^<]*)', html)
    assert found == paths


def test_who_may_see_neither_is_refused(client):
    assert somebody(client).get(PAGE).status_code == 403


@pytest.mark.parametrize("where", [RULES, WINDOWS, "/admin/temp_redirects/"])
def test_lists_and_dashboard_lead_to_it(viewer, where):
    assert f'<a href="{PAGE}">Calendar</a>' in viewer.get(where).content.decode()


def test_there_is_no_script_and_no_style_in_it(viewer):
    schedule("sale", ends_at=NOW + DAY)

    html = page(viewer)
    ours = html[html.index('id="content-main"') : html.index("<footer")]

    assert not re.search(r'<script|<style|\sstyle=|\son\w+="', ours)


def test_many_rules_take_as_many_queries_as_few(viewer):
    schedule("first", "/first/", ends_at=NOW + DAY)

    def number_of_queries():
        with CaptureQueriesContext(connection) as queries:
            page(viewer)
        return len(queries)

    number_of_queries()
    few = number_of_queries()
    for number in range(60):
        schedule(f"rule-{number}", f"/{number}/", ends_at=NOW + DAY)

    assert number_of_queries() == few
