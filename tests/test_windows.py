"""Maintenance windows: compiled to rules, and what visitors then get."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from temp_redirects.models import MaintenanceEvent, MaintenanceWindow, RedirectRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule():
    def make(name="shop", paths=("/shop/",), **fields):
        fields = {"staff_pass": False} | fields
        return MaintenanceWindow.objects.schedule(name, paths, **fields)

    return make


def test_a_window_sends_visitors_of_its_paths_to_the_notice(client, schedule):
    schedule()

    response = client.get("/shop/cart")

    assert response.status_code == 307
    assert response["Location"].startswith("/maintenance/notice/shop/?next=")
    assert client.get("/shopping").status_code == 200


def test_a_client_that_is_no_browser_gets_the_answer_in_place(client, schedule):
    schedule(api="503")

    program = client.post("/shop/", HTTP_ACCEPT="application/json")
    browser = client.post("/shop/", HTTP_ACCEPT="text/html")

    assert program.status_code == 503
    assert browser.status_code == 307
    assert "Accept" in program["Vary"]


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("https://partner.example{path}", "https://partner.example/shop/a%20b/?q=1"),
        ("https://partner.example/x/{rest}", "https://partner.example/x/a%20b/?q=1"),
        ("https://partner.example/closed/", "https://partner.example/closed/?q=1"),
        ("/closed/{rest}", "/closed/a%20b/?q=1"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_window_may_send_visitors_elsewhere_with_their_path(
    client, schedule, target, location, method
):
    end = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    schedule(target=target, ends_at=end)

    response = getattr(client, method)("/shop/a%20b/?q=1")

    assert (response.status_code, response["Location"]) == (307, location)
    with time_machine.travel(end, tick=False):
        assert client.get("/shop/a%20b/").content == b"original /shop/a b/"


def states(now=None) -> dict[str, str]:
    return {row.name: row.state(now) for row in MaintenanceWindow.objects.all()}


def test_a_window_cannot_take_the_name_of_a_rule(schedule):
    RedirectRule.objects.schedule("/a/", "/b/", name="Shop")

    with pytest.raises(ValidationError) as refused:
        schedule("shop")

    assert refused.value.message_dict == {
        "name": ["A redirect rule has this name already; use another."]
    }


def test_a_second_window_of_that_name_replaces_the_first(schedule):
    first = schedule("Shop")
    second = schedule("shop", ["/b/"])

    assert second.pk == first.pk
    assert MaintenanceWindow.objects.get().paths == "/b/"


def test_problems_are_told_by_place(schedule):
    with pytest.raises(ValidationError) as refused:
        schedule("shop", ["shop", "/ok/"], target="https://elsewhere.example/")

    assert [*refused.value.message_dict] == ["paths[0]", "target"]


def test_what_is_on_ends_and_what_is_coming_is_cancelled(schedule):
    now = timezone.now().replace(microsecond=0)
    hour = timedelta(hours=1)
    schedule("on", starts_at=now - hour, ends_at=now + hour)
    schedule("begins", starts_at=now, ends_at=now + hour)
    schedule("coming", starts_at=now + hour, ends_at=now + 2 * hour)

    ended = MaintenanceWindow.objects.end(now)
    cancelled = MaintenanceWindow.objects.cancel(now)

    assert (ended, cancelled) == (2, 1)
    assert states(now) == {"on": "ended", "begins": "off", "coming": "off"}


def test_what_is_over_is_started_without_an_end(schedule):
    now = timezone.now()
    schedule("over", ends_at=now - timedelta(hours=1))
    schedule("open")

    assert MaintenanceWindow.objects.start(now) == 1
    assert states(now) == {"over": "on", "open": "on"}
    assert MaintenanceWindow.objects.get(name="over").ends_at is None


def test_a_new_name_brings_its_key_along(schedule):
    schedule("shop")

    MaintenanceWindow.objects.update(name="Basket")

    assert str(MaintenanceWindow.objects.named("basket")) == "Basket"


@override_settings(ROOT_URLCONF="tests.urls_without_app")
def test_without_an_address_for_the_notice_a_window_is_refused(schedule):
    with pytest.raises(ValidationError) as refused:
        schedule()

    assert "include('temp_redirects.urls')" in refused.value.message_dict["target"][0]


def test_an_event_tells_its_window_and_time():
    event = MaintenanceEvent(
        event="started", occurrence=datetime(2026, 11, 22, 1, tzinfo=UTC)
    )

    assert str(event).endswith(" started 2026-11-22 01:00")


ROUND = "round and round"


def test_a_window_and_a_rule_that_lead_to_each_other_are_refused_either_way(schedule):
    RedirectRule.objects.schedule("/sorry/", "/shop/cart", name="back")
    with pytest.raises(ValidationError, match=ROUND):
        schedule(target="/sorry/")

    RedirectRule.objects.all().delete()
    schedule(target="/sorry/")
    with pytest.raises(ValidationError, match=ROUND):
        RedirectRule.objects.schedule("/sorry/", "/shop/cart", name="back")


def test_two_windows_that_lead_to_each_other_are_refused(schedule):
    schedule("shop", ["/shop/"], target="/sorry/")

    with pytest.raises(ValidationError, match=ROUND):
        schedule("sorry", ["/sorry/"], target="/shop/")


def test_a_window_may_be_saved_again_with_another_target(schedule):
    schedule("shop", ["/shop/"], target="/sorry/")

    assert schedule("shop", ["/shop/"], target="/soon/").target == "/soon/"


def test_a_window_that_cannot_be_read_is_no_hop(schedule):
    schedule("shop", ["/shop/"], target="/sorry/")
    MaintenanceWindow.objects.update(timezone="Mars/Base")

    assert RedirectRule.objects.schedule("/sorry/", "/shop/cart", name="back").enabled


HOUR = timedelta(hours=1)
HALF = timedelta(milliseconds=500)


def test_what_began_this_very_second_is_ended_all_the_same(schedule):
    second = timezone.now().replace(microsecond=0)
    schedule(starts_at=second + HALF / 2, ends_at=second + HOUR)

    assert MaintenanceWindow.objects.end(second + HALF) == 1
    assert states(second + HALF) == {"shop": "off"}


def test_the_times_that_people_read_are_whole_seconds(schedule):
    second = timezone.now().replace(microsecond=0)
    schedule("coming", starts_at=second + HOUR)
    schedule("on", starts_at=second - HOUR)

    MaintenanceWindow.objects.filter(name="coming").start(second + HALF)
    MaintenanceWindow.objects.filter(name="on").end(second + HALF)

    assert MaintenanceWindow.objects.get(name="coming").starts_at == second
    assert MaintenanceWindow.objects.get(name="on").ends_at == second


def test_only_what_is_on_or_coming_is_extended(schedule):
    now = timezone.now()
    schedule("on", ends_at=now + HOUR)
    schedule("coming", starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    schedule("off", ends_at=now + HOUR, enabled=False)
    schedule("ended", ends_at=now - HOUR)
    schedule("open")

    assert MaintenanceWindow.objects.extend(HOUR) == 2
    ends = {row.name: row.ends_at for row in MaintenanceWindow.objects.all()}
    assert ends == {
        "on": now + 2 * HOUR,
        "coming": now + 3 * HOUR,
        "off": now + HOUR,
        "ended": now - HOUR,
        "open": None,
    }


@pytest.mark.django_db(transaction=True)
def test_two_who_start_one_window_at_once_begin_it_once(schedule):
    """Who comes second reads what the first has written, and changes nothing."""
    schedule(enabled=False)
    together, done = Barrier(2), []

    def start():
        try:
            together.wait()
            done.append(MaintenanceWindow.objects.start())
        finally:
            connections.close_all()

    threads = [Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [0, 1]
