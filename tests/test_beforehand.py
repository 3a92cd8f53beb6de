"""What is told beforehand: the banner, status.json and calendar.ics."""

import json
import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path

from temp_redirects.models import KillSwitch, MaintenanceWindow, RedirectRule
from temp_redirects.store import store
from temp_redirects.upcoming import bounded
from tests.urls import urlpatterns as plain_urls

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 02:00 in Berlin
HOUR = timedelta(hours=1)
TAG = "{% load temp_redirects %}{% upcoming_maintenance "
STATUS, CALENDAR, DISMISS = (
    f"/maintenance/{name}" for name in ("status.json", "calendar.ics", "dismiss/")
)


def shop(request, minutes=24 * 60):
    """Answer with a page that has the banner and may be cached for a day."""
    banner = Template(f"{TAG}minutes={minutes} %}}").render(
        Context({"request": request})
    )
    response = HttpResponse(f"page {banner}")
    response.headers["Cache-Control"] = "public, max-age=86400, s-maxage=86400"
    return response


async def ashop(request):
    """Answer the same from an event loop."""
    return shop(request)


urlpatterns = [path("page/", shop), path("apage/", ashop), *plain_urls]


@pytest.fixture(autouse=True)
def _now(settings):
    settings.ROOT_URLCONF = "tests.test_beforehand"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def window():
    return MaintenanceWindow.objects.schedule(
        "internal-name",
        ["/shop/"],
        title="The shop is being updated",
        message="Orders, returns: all closed; sorry.",
        starts_at=SUNDAY,
        ends_at=SUNDAY + 2 * HOUR,
        timezone="Europe/Berlin",
        repeat="FREQ=WEEKLY",
        pass_addresses=["10.1.2.0/24"],
    )


def at(moment):
    return time_machine.travel(moment, tick=False)


# The banner


def test_the_banner_tells_when_it_will_be(client, window):
    shown = client.get("/page/").content.decode()

    assert "The shop is being updated" in shown
    assert "Nov. 22, 2026, 2 a.m." in shown
    assert 'datetime="2026-11-22T01:00:00+00:00"' in shown
    assert "(Europe/Berlin)" in shown
    assert "internal-name" not in shown
    assert "<script" not in shown
    assert "style=" not in shown


@pytest.mark.parametrize(
    ("moment", "is_shown"),
    [
        (SUNDAY - 25 * HOUR, False),
        (SUNDAY - 24 * HOUR, True),
        (SUNDAY - timedelta(seconds=1), True),
        (SUNDAY, False),
    ],
)
def test_it_is_shown_from_its_lead_time_to_the_start(client, window, moment, is_shown):
    with at(moment):
        shown = client.get("/page/").content.decode()
    assert ("The shop is being updated" in shown) is is_shown


def test_nothing_is_told_where_all_is_switched_off(client, window, settings):
    settings.TEMP_REDIRECTS = {"ENABLED": False}
    assert "The shop" not in client.get("/page/").content.decode()
    settings.TEMP_REDIRECTS = {}
    KillSwitch.objects.pull("maintenance")
    assert "The shop" not in client.get("/page/").content.decode()
    assert client.get(STATUS).json()["next"] is None


def test_a_visitor_puts_it_aside_without_a_script(client, window):
    page = client.get("/page/").content.decode()
    (key,) = re.findall('name="key" value="([0-9a-f]+)"', page)

    response = client.post(DISMISS, {"key": key, "next": "/page/?x=1"})

    assert (response.status_code, response["Location"]) == (303, "/page/?x=1")
    assert "The shop" not in client.get("/page/").content.decode()
    with at(SUNDAY + timedelta(days=6, hours=12)):  # the next one is another one
        assert "The shop" in client.get("/page/").content.decode()


def test_only_a_banner_is_put_aside(client):
    assert client.post(DISMISS, {"key": "a b"}).status_code == 400
    assert client.get(DISMISS).status_code == 405
    response = client.post(DISMISS, {"key": "a1", "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_what_is_put_aside_does_not_grow_for_ever(client):
    for number in range(30):
        client.post(DISMISS, {"key": f"k{number}"})
    kept = client.cookies["temp_redirects_seen"].value.split(".")
    assert kept == [f"k{number}" for number in range(10, 30)]


@pytest.fixture
def _live(window, monkeypatch):
    """The rules are known, as in a server: most pages are passed by without a look."""
    monkeypatch.setattr(store, "live", store.newest())
    monkeypatch.setattr(store, "deadline", float("inf"))


@pytest.mark.usefixtures("_live")
def test_no_cache_keeps_it_where_a_server_looks_no_closer(client, async_client):
    with at(SUNDAY - HOUR):
        pages = [client.get("/page/"), async_to_sync(async_client.get)("/apage/")]
    for page in pages:
        assert page["Vary"] == "Cookie"
        assert "max-age=3600" in page["Cache-Control"]


def test_what_is_no_key_in_the_cookie_is_not_sent_back(client):
    client.cookies["temp_redirects_seen"] = f"{'A' * 8_000}.<b>.k1"
    client.post(DISMISS, {"key": "k2"})
    assert client.cookies["temp_redirects_seen"].value == "k1.k2"


def test_no_cache_keeps_a_page_beyond_its_next_change(client, window):
    with at(SUNDAY - HOUR):
        shown = client.get("/page/")
    assert shown["Vary"] == "Cookie"
    assert "max-age=3600" in shown["Cache-Control"]
    assert "s-maxage=3600" in shown["Cache-Control"]

    with at(SUNDAY - 25 * HOUR):
        before = client.get("/page/")
    assert "Vary" not in before
    assert "max-age=3600" in before["Cache-Control"]


def test_a_page_that_says_nothing_of_caches_still_says_nothing(window):
    request = RequestFactory().get("/page/")
    shop(request)
    response = bounded(HttpResponse("page"), request, NOW.timestamp)
    assert "Cache-Control" not in response


def test_a_page_without_maintenance_is_kept_as_long_as_it_says(client):
    assert "max-age=86400" in client.get("/page/")["Cache-Control"]


def test_it_asks_no_database(client, window):
    client.get("/page/")
    with CaptureQueriesContext(connection) as queries:
        assert "The shop" in client.get("/page/").content.decode()
    assert not [each for each in queries if "maintenancewindow" in each["sql"]]


def test_it_is_shown_from_an_event_loop_too(async_client, window):
    response = async_to_sync(async_client.get)("/apage/")
    assert response.status_code == 200


def test_a_template_without_a_request_shows_nothing():
    assert Template(f"{TAG}%}}").render(Context({})).strip() == ""


def test_without_the_apps_addresses_it_cannot_be_closed(client, window, settings):
    settings.ROOT_URLCONF = "tests.urls_without_app"
    request = RequestFactory().get("/page/")
    shown = shop(request).content.decode()
    assert "The shop" in shown
    assert "<form" not in shown


def test_an_end_on_another_day_and_none_at_all(window):
    night = {"starts_at": NOW + HOUR, "timezone": "UTC", "title": "Night"}
    MaintenanceWindow.objects.schedule(
        "internal-name", ["/shop/"], ends_at=NOW + 13 * HOUR, **night
    )
    MaintenanceWindow.objects.schedule("open", ["/x/"], **night | {"title": ""})
    shown = shop(RequestFactory().get("/page/")).content.decode()
    assert "Nov. 22, 2026, 1 a.m." in shown
    assert "Planned maintenance:" in shown


# status.json


def test_the_status_says_what_is_on_and_what_is_next(client, window):
    with at(SUNDAY + HOUR):
        response = client.get(STATUS)

    assert response.json() == {
        "is_on": True,
        "on": [
            {
                "title": "The shop is being updated",
                "starts_at": "2026-11-22T01:00:00Z",
                "ends_at": "2026-11-22T03:00:00Z",
            }
        ],
        "next": {
            "title": "The shop is being updated",
            "starts_at": "2026-11-29T01:00:00Z",
            "ends_at": "2026-11-29T03:00:00Z",
        },
    }
    assert response["Cache-Control"] == "no-store"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_the_status_of_a_quiet_site(client):
    assert client.get(STATUS).json() == {"is_on": False, "on": [], "next": None}


def test_nothing_internal_is_public(client, window):
    for url in (STATUS, CALENDAR, "/page/"):
        shown = client.get(url).content.decode()
        assert "internal-name" not in shown
        assert "10.1.2" not in shown


def test_other_hosts_windows_are_not_told(client, window, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    MaintenanceWindow.objects.update(hosts="other.example")
    assert client.get(STATUS).json()["next"] is None
    assert client.get(STATUS, headers={"host": "other.example"}).json()["next"]


@pytest.mark.parametrize("url", [STATUS, CALENDAR])
def test_no_rule_redirects_what_tells_of_maintenance(client, window, url):
    RedirectRule.objects.schedule("/", "/elsewhere/{rest}", match="prefix")
    MaintenanceWindow.objects.schedule("all", ["/"], starts_at=NOW - HOUR)
    assert client.get("/other/").status_code == 307
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 405


# calendar.ics


def events(client):
    response = client.get(CALENDAR)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(response.content).walk("VEVENT")


def test_the_calendar_has_each_time_of_the_coming_months_in_utc(client, window):
    found = events(client)

    assert len(found) == 27
    starts = [event.decoded("DTSTART") for event in found]
    assert starts[0] == SUNDAY
    # After the clock change, an hour earlier in UTC.
    assert starts[-1].isoformat() == "2027-05-23T00:00:00+00:00"
    assert {event.decoded("DTEND") - event.decoded("DTSTART") for event in found} == {
        2 * HOUR
    }
    assert str(found[0]["SUMMARY"]) == "The shop is being updated"
    assert str(found[0]["DESCRIPTION"]) == "Orders, returns: all closed; sorry."


def test_an_event_keeps_its_name_when_it_is_extended(client, window):
    before = [str(event["UID"]) for event in events(client)]
    MaintenanceWindow.objects.extend(HOUR, NOW)
    found = events(client)
    assert [str(event["UID"]) for event in found] == before
    assert len({*before}) == len(before)
    assert found[0].decoded("DTEND") == SUNDAY + 3 * HOUR


def test_a_time_that_is_skipped_is_not_in_the_calendar(client, window):
    MaintenanceWindow.objects.skip_next(NOW)
    assert events(client)[0].decoded("DTSTART") == SUNDAY + timedelta(days=7)


def test_a_window_without_a_start_is_no_event(client):
    MaintenanceWindow.objects.schedule("x", ["/x/"])
    assert events(client) == []
    assert json.loads(client.get(STATUS).content)["on"][0]["starts_at"] is None
