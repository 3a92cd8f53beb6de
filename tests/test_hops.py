"""Redirects that come back: noticed in the visitor's browser, and ended for it."""

import logging
from datetime import timedelta
from urllib.parse import quote, unquote, urlsplit

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.utils import timezone

from temp_redirects import middleware
from temp_redirects.clocks import now
from temp_redirects.core.hops import LASTS, PROBE, address_of
from temp_redirects.core.targets import MAX_LOCATION
from temp_redirects.models import HitCount, MaintenanceWindow, RedirectRule
from temp_redirects.signing import HOP, MAX_HOP_AGE, read_hop, sign_hop, sign_pass
from temp_redirects.tallies import tallies

pytestmark = pytest.mark.django_db

MARK = f"{HOP}="
PARTNER = "https://partner.example"
NAVIGATION = {"Sec-Fetch-Mode": "navigate"}
AGAIN = 20  # what browsers follow


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch):
    monkeypatch.setattr(middleware, "_told", {})
    tallies.forget()
    yield
    tallies.forget()


@pytest.fixture
def schedule():
    return RedirectRule.objects.schedule


@pytest.fixture(params=["sync", "async"])
def browser(request, client, async_client):
    """Ask as a browser does that is on its way to a page, and keep its trail."""
    who = client if request.param == "sync" else async_client
    get = client.get if request.param == "sync" else async_to_sync(async_client.get)

    def ask(address):
        path, _, query = address.partition("?")
        answer = get(path, headers=NAVIGATION, QUERY_STRING=query)
        who.cookies.load(answer.headers.get("Set-Cookie", ""))
        return answer

    ask.jar = who.cookies
    return ask


def sent_back(location):
    """Return where a server leads who redirects everything back, query and all.

    A CDN before this one does so with “/moved”, which it sends to “/a”.
    """
    parts = urlsplit(location)
    path = "/a" if parts.path == "/moved" else parts.path
    return f"{path}?{parts.query}" if parts.query else path


def followed(browser, address):
    """Follow redirects that lead back, as far as browsers do; return all answers."""
    answers = [browser(address)]
    while answers[-1].status_code == 307 and len(answers) <= AGAIN:
        answers.append(browser(sent_back(answers[-1]["Location"])))
    return answers


def marker_in(location):
    pairs = urlsplit(location).query.split("&")
    return [unquote(pair[len(MARK) :]) for pair in pairs if pair.startswith(MARK)]


def loops():
    """Return the hits and loops that are stored once everything is written."""
    tallies.flush()
    return [*HitCount.objects.order_by("rule__name").values_list("count", "loops")]


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(f"{PARTNER}/a", id="another host"),
        pytest.param("/moved", id="a CDN before this one"),
    ],
)
def test_a_redirect_that_comes_back_ends_with_the_page(browser, schedule, target):
    schedule("/a", target)

    *redirects, answer = followed(browser, "/a?x=1")

    assert (len(redirects), answer.status_code) == (PROBE, 200)
    assert answer["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in answer.headers
    assert loops() == [(PROBE, 1)]


def test_the_trail_is_a_cookie_for_seconds_of_this_host_alone(browser, schedule):
    rule = schedule("/a", "/b")

    answer = browser("/a")

    assert answer["Cache-Control"] == "no-store"
    (trail,) = browser.jar.values()
    assert (trail.key, trail.value) == (HOP, address_of(str(rule.pk), "/a"))
    assert trail["max-age"] == str(LASTS)
    assert (trail["path"], trail["domain"]) == ("/", "")
    assert (trail["samesite"], trail["httponly"], trail["secure"]) == ("Lax", True, "")


def test_the_trail_is_for_https_alone_where_it_was_https(client, schedule):
    schedule("/a", "/b")

    answer = client.get("/a", headers=NAVIGATION, secure=True)

    assert answer.headers["Set-Cookie"].endswith("; Secure")


def test_who_asks_again_is_redirected_each_time_and_nothing_is_told(
    browser, schedule, caplog
):
    schedule("/a", "/b?x=1#part")

    answers = [browser("/a?y=2") for _ in range(AGAIN)]

    assert {each.status_code for each in answers} == {307}
    plain, marked = answers[: PROBE - 1], answers[PROBE - 1 :]
    assert {each["Location"] for each in plain} == {"/b?x=1&y=2#part"}
    for each in marked:
        location = each["Location"]
        assert location.startswith(f"/b?x=1&y=2&{MARK}")
        assert location.endswith("#part")
        assert len(marker_in(location)) == 1
        assert each.url in each.content.decode().replace("&amp;", "&")
    # A loop in debug mode tells of a busy machine.
    assert [each for each in caplog.records if each.name == "temp_redirects"] == []
    assert loops() == [(AGAIN, 0)]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("GET", {}, id="who says nothing"),
        pytest.param("GET", {"Accept": "application/json"}, id="a program"),
        pytest.param("GET", {"Sec-Fetch-Mode": "cors"}, id="a script"),
        pytest.param("POST", NAVIGATION, id="a form"),
    ],
)
def test_others_get_neither_cookie_nor_marker(client, schedule, method, headers):
    rule = schedule("/a", "/b")
    own = address_of(str(rule.pk), "/a")
    client.cookies[HOP] = own * PROBE
    query = f"x=1&{MARK}{sign_hop(own, now())}"

    answers = [
        client.generic(method, "/a", headers=headers, QUERY_STRING=query)
        for _ in range(AGAIN)
    ]

    assert {each["Location"] for each in answers} == {"/b?x=1"}
    assert not any("Set-Cookie" in each.headers for each in answers)


def test_what_caches_keep_has_neither(browser, schedule):
    schedule("/a", "/b", cache_seconds=60)

    answers = [browser("/a") for _ in range(AGAIN)]

    assert {each["Location"] for each in answers} == {"/b"}
    assert {each["Cache-Control"] for each in answers} == {"public, max-age=60"}
    assert not any("Set-Cookie" in each.headers for each in answers)


def test_maintenance_that_comes_back_stays_maintenance(browser):
    MaintenanceWindow.objects.schedule("update", ["/a"], target=f"{PARTNER}/a")

    answers = followed(browser, "/a")

    assert len(answers) > AGAIN
    assert {each["Location"] for each in answers} == {f"{PARTNER}/a"}
    assert not browser.jar


def made(rule, path="/a", at=None):
    return sign_hop(address_of(str(rule.pk), path), at or now())


WRONG = {
    "typed by hand": lambda rule, other: "x",
    "too long": lambda rule, other: "x" * 10_000,
    "changed": lambda rule, other: f"{made(rule)[:-1]}x",
    "not signed": lambda rule, other: made(rule).partition(":")[0],
    "of another purpose": lambda rule, other: sign_pass(made(rule), expires=4e9),
    "of another rule": lambda rule, other: made(other),
    "of another path": lambda rule, other: made(rule, "/a/b"),
    "expired": lambda rule, other: made(rule, at=now() - MAX_HOP_AGE - 1),
    "of days to come": lambda rule, other: made(rule, at=now() + 99),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_marker_that_is_none_ends_nothing_and_is_not_kept(browser, schedule, wrong):
    rule, other = schedule("/a", "/b"), schedule("/other", "/b")
    for _ in range(PROBE):
        browser("/a")

    answer = browser(f"/a?x=1&{MARK}{quote(wrong(rule, other))}")

    assert answer.status_code == 307
    assert answer["Location"].startswith("/b?x=1&")
    (marker,) = marker_in(answer["Location"])
    assert read_hop(marker, now()) == address_of(str(rule.pk), "/a")


def test_a_marker_from_somebody_elses_browser_ends_nothing(browser, schedule):
    rule = schedule("/a", "/b")

    answers = [browser(f"/a?{MARK}{made(rule)}") for _ in range(PROBE - 1)]

    assert [each.headers.get("Location") for each in answers] == ["/b"] * (PROBE - 1)


def test_a_marker_is_good_for_a_minute(browser, schedule):
    rule = schedule("/a", "/b")
    for _ in range(PROBE):
        browser("/a")
    at = int(now())
    token = made(rule, at=at)

    with time_machine.travel(at + MAX_HOP_AGE, tick=False):
        assert browser(f"/a?{MARK}{token}").status_code == 200


@pytest.mark.parametrize("written", [quote, str], ids=["encoded", "as it was"])
def test_a_marker_may_come_back_encoded_and_beside_others(browser, schedule, written):
    rule = schedule("/a", "/b")
    for _ in range(PROBE):
        browser("/a")

    query = f"x=1&{MARK}&{MARK}{written(made(rule))}&y=2"

    assert browser(f"/a?{query}").status_code == 200


def test_no_condition_sees_a_marker_and_no_rule_keeps_it(browser, schedule):
    told = [{"kind": "query", "value": HOP}]
    schedule("/a", "/told", priority=1, conditions=told)
    schedule("/a", "/kept")

    answers = [browser(f"/a?x=1&{MARK}{number}&y=2") for number in range(2)]

    assert {each["Location"] for each in answers} == {"/kept?x=1&y=2"}


def test_a_loop_through_two_rules_and_a_server_ends(browser, schedule):
    schedule("/a", f"{PARTNER}/b", name="a")
    schedule("/b", f"{PARTNER}/a", name="b")

    answers = followed(browser, "/a")

    assert [each.status_code for each in answers] == [307] * 2 * PROBE + [200]
    assert all(len(marker_in(each.url)) <= 1 for each in answers[:-1])
    assert loops() == [(PROBE, 1), (PROBE, 0)]


def test_a_location_that_is_full_goes_without_a_marker(browser, schedule):
    schedule("/a", f"{PARTNER}/a")
    query = "x=" + "y" * (MAX_LOCATION - len(f"{PARTNER}/a?x=") - 10)

    answers = [browser(f"/a?{query}") for _ in range(PROBE + 1)]

    assert {each["Location"] for each in answers} == {f"{PARTNER}/a?{query}"}


def test_a_loop_is_logged_once_a_minute_and_counted_each_time(
    browser, schedule, caplog
):
    schedule("/a", f"{PARTNER}/a", name="circle")

    for _ in range(3):
        assert followed(browser, "/a")[-1].status_code == 200

    told = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.args for each in told] == [("circle",)]
    assert loops()[0][1] == 3


def test_where_there_is_no_page_the_view_says_so(browser, schedule, settings):
    schedule("/missing/", f"{PARTNER}/missing/")
    settings.ROOT_URLCONF = "tests.urls_admin_alone"

    answers = followed(browser, "/missing/")

    assert answers[-1].status_code == 404
    assert answers[-1]["Cache-Control"] == "private, no-store"


def test_a_visitor_who_is_sent_back_counts_for_no_arm_again(browser, schedule):
    ends = timezone.now() + timedelta(days=7)
    rule = schedule("/a", f"{PARTNER}/a", goal="/thanks/", ends_at=ends)

    answers = followed(browser, "/a")

    assert answers[-1].status_code == 200
    tallies.flush()
    assert [each.visitors for each in rule.arm_counts.all()] == [1]
