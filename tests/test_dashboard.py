"""The dashboard above the app's lists: what is live, next, and needs somebody."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from temp_redirects import findings
from temp_redirects.dashboards import look
from temp_redirects.findings import watch
from temp_redirects.models import (
    HitCount,
    HitWriter,
    KillSwitch,
    MaintenanceWindow,
    RedirectRule,
)
from temp_redirects.store import store
from tests.factories import DestinationFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PAGE = "/admin/temp_redirects/"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def viewer(client):
    """A client of somebody who may see the rules and nothing else."""
    user = get_user_model().objects.create_user("vic", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_redirectrule"))
    client.force_login(user)
    return client


def schedule(name, source="", target="/new/", **fields):
    source = source or f"/{name}/"
    return RedirectRule.objects.schedule(source, target, name=name, **fields)


def text(client):
    page = client.get(PAGE)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def test_what_is_live_scheduled_and_paused_is_counted(viewer):
    schedule("live")
    schedule("later", starts_at=NOW + HOUR)
    schedule("off", enabled=False)
    MaintenanceWindow.objects.schedule("update", ["/shop/"])

    board = look()

    assert board.rules == {"live": 1, "scheduled": 1, "paused": 1, "old": 0}
    assert board.windows == {"on": 1, "coming": 0}
    assert "1 rule is live" in text(viewer)
    assert "1 maintenance window is on" in text(viewer)


def test_what_comes_next_is_told_with_the_time_until_then(viewer):
    schedule("a", starts_at=NOW + 2 * DAY, ends_at=NOW + 3 * DAY)
    schedule("b", ends_at=NOW + HOUR + HOUR / 2)
    schedule("off", starts_at=NOW + HOUR, enabled=False)
    MaintenanceWindow.objects.schedule("update", ["/shop/"], starts_at=NOW + DAY)

    assert [(edge.row.name, edge.what) for edge in look().next] == [
        ("b", "ends"),
        ("update", "starts"),
        ("a", "starts"),
        ("a", "ends"),
    ]
    shown = text(viewer).replace("\xa0", " ")
    assert "“b” ends in 1 hour, 30 minutes" in shown
    assert "Sat 21 Nov 2026 15:35" in shown


def test_what_repeats_comes_again(viewer):
    times = {"starts_at": NOW - 7 * DAY + HOUR, "ends_at": NOW - 7 * DAY + 3 * HOUR}
    schedule("weekly", **times, repeat="FREQ=WEEKLY")
    schedule("wrong", **times, repeat="FREQ=WEEKLY")
    RedirectRule.objects.filter(name="wrong").update(timezone="Mars/Base")

    assert [(edge.at - NOW, edge.what) for edge in look().next] == [
        (HOUR, "starts"),
        (3 * HOUR, "ends"),
    ]


def test_problems_need_attention_and_lead_to_the_rule(viewer):
    schedule("a", "/a/", "/b/")
    schedule("b", "/b/", "/x/").destinations.update(target="/a/")
    schedule("wrong", ends_at=NOW + HOUR)
    RedirectRule.objects.filter(name="wrong").update(timezone="Mars/Base")

    shown = text(viewer)

    assert look().attention.counts == {"rejected": 1, "loop": 1}
    assert "“wrong”</a> switched off by an error" in shown
    assert "“a”</a> sends visitors round and round" in shown
    assert "?q=wrong" in shown


def test_a_loop_that_forms_later_by_time_is_found_now(viewer):
    schedule("a", "/a/", "/b/", starts_at=NOW + 5 * DAY)
    back = schedule("b", "/b/", "/x/", starts_at=NOW + 3 * DAY)
    back.destinations.update(target="/a/")

    assert look().attention.counts == {"loop": 1}


def test_what_repeats_is_over_for_long_by_its_last_end():
    daily = {"starts_at": NOW - 60 * DAY, "ends_at": NOW - 59.5 * DAY}
    for days in (31, 29):
        last = (NOW - days * DAY).date().isoformat()
        schedule(f"to {last}", **daily, repeat="FREQ=DAILY", repeat_until=last)

    assert look().attention.ended == 1


def test_what_is_over_for_long_and_hits_that_were_lost_need_attention(viewer):
    schedule("old", ends_at=NOW - 31 * DAY)
    schedule("young", ends_at=NOW - 29 * DAY)
    HitWriter.objects.create(pk="0" * 31 + "1", dropped=3)

    attention = look().attention

    assert (attention.ended, attention.dropped) == (1, 3)
    assert "1 rule is over for more than 30 days" in text(viewer)
    assert "3 hits and visitors could not be counted" in text(viewer)


def test_a_clock_that_differs_from_the_databases_needs_attention(viewer):
    store.clock_offset = 90.4

    shown = text(viewer)

    assert "The clock of this server is 90 s ahead of the database’s." in shown
    assert "Nothing." not in shown


def test_where_nothing_needs_anybody_it_says_so(viewer):
    schedule("a")

    assert "Nothing." in text(viewer)


def test_hits_of_the_last_day_are_summed_and_the_busiest_rules_named(viewer):
    hour = int(NOW.timestamp()) // 3600
    for name, count, ago in (("a", 3, 0), ("b", 5, 23), ("c", 99, 24)):
        rule = schedule(name)
        HitCount.objects.create(
            rule=rule, hour=hour - ago, method="GET", count=count, last_at=NOW
        )

    board = look()

    assert board.hits == 8
    assert [(each.name, each.day) for each in board.busiest] == [("b", 5), ("a", 3)]


def test_a_rule_whose_visitors_come_back_needs_attention(viewer):
    hour = int(NOW.timestamp()) // 3600
    for name, loops, ago in (("a", 1, 0), ("b", 7, 23), ("c", 9, 24), ("d", 0, 0)):
        at = NOW - ago * HOUR
        row = {"hour": hour - ago, "method": "GET", "count": 20, "last_at": at}
        HitCount.objects.create(
            rule=schedule(name), loops=loops, looped_at=at if loops else None, **row
        )
    HitCount.objects.create(rule_id=uuid4(), loops=1, looped_at=NOW, **row)

    board, shown = look(), text(viewer)

    assert [(each.name, each.day) for each in board.looping] == [("a", 1), ("b", 7)]
    assert "“a”</a> comes back: a visitor was sent in a circle 1 time" in shown
    assert "“b”</a> comes back: visitors were sent in a circle 7 times" in shown
    assert "Sat 21 Nov 2026 14:05" in shown
    assert "Nothing." not in shown


def test_what_is_switched_off_stands_there(viewer):
    KillSwitch.objects.pull(reason="loop on /", ends_at=NOW + HOUR)

    assert "everything is switched off until" in text(viewer)


def test_the_number_of_queries_does_not_depend_on_what_is_stored(
    viewer, django_assert_num_queries
):
    def ask(number):
        with django_assert_num_queries(number, exact=False) as asked:
            text(viewer)
        return len(asked)

    schedule("first", ends_at=NOW + HOUR)
    ask(100)  # content types and the like are read once
    few = ask(100)
    for at in range(20):
        schedule(f"r{at}", ends_at=NOW + HOUR)
        MaintenanceWindow.objects.schedule(f"w{at}", [f"/w{at}/"], ends_at=NOW + HOUR)
    ask(100)  # judges them

    assert ask(100) == few < 40


@pytest.mark.parametrize("perms", [[], ["view_maintenancewindow"]])
def test_who_may_not_see_the_rules_sees_no_dashboard(client, perms):
    user = get_user_model().objects.create_user("eve", is_staff=True)
    for each in perms:
        user.user_permissions.add(Permission.objects.get(codename=each))
    client.force_login(user)

    page = client.get(PAGE)

    assert b"temp-redirects-board" not in page.content


@pytest.mark.django_db(transaction=True)
def test_a_page_judges_once_for_each_version_and_hour(monkeypatch):
    monkeypatch.setattr(findings, "is_test", lambda using: False)
    judged = []
    real = findings.judge
    monkeypatch.setattr(findings, "judge", lambda *a: judged.append(1) or real(*a))
    schedule("a")
    for _ in range(2):
        look()
    assert len(judged) == 1

    schedule("b")
    look()
    assert len(judged) == 2

    with time_machine.travel(NOW + HOUR, tick=False):
        look()
    assert len(judged) == 3


@pytest.fixture
def many(transactional_db, monkeypatch):
    """More rules than a page judges itself, in a database that threads see."""
    monkeypatch.setattr(findings, "FEW", 1)
    monkeypatch.setattr(findings, "is_test", lambda using: False)
    monkeypatch.setattr(findings, "TURN", 0.0)
    monkeypatch.setattr(findings, "CHUNK", 2)
    for at in range(3):
        schedule(f"r{at}")
    yield
    if watch.thread:
        watch.thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many")
def test_many_rules_are_judged_beside_the_page(client):
    first = look().attention
    watch.thread.join()
    then = look().attention

    assert (first.is_known, first.is_judging) == (False, True)
    assert (then.is_known, then.is_judging, then.judged) == (True, False, 3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many")
def test_what_was_found_before_is_told_meanwhile(admin_client):
    look()
    watch.thread.join()
    schedule("young")

    shown = text(admin_client)

    assert "being judged again" in shown


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many")
def test_what_cannot_be_judged_hurts_no_page(monkeypatch, caplog):
    monkeypatch.setattr(findings, "judge", lambda *a: 1 / 0)

    look()
    watch.thread.join()

    assert not look().attention.is_known
    assert "could not be judged" in caplog.text
    watch.thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many")
def test_the_list_of_what_is_off_by_an_error_shows_what_was_found(admin_client):
    DestinationFactory(rule__name="gone", target="https://gone.example/")

    def shown():
        page = admin_client.get(f"{PAGE}redirectrule/?state=rejected&_facets=True")
        told = [str(each) for each in page.context["messages"]]
        return [row.name for row in page.context["cl"].result_list], told

    first = shown()
    watch.thread.join()

    assert first == ([], ["The rules are being judged: reload the page in a minute."])
    assert shown() == (["gone"], [])
