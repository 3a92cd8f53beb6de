"""The admin of what repeats: plain words, the next times, and skipping one."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry

from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.signing import read_pass

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday
SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 02:00 in Berlin
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
RULES, WINDOWS = (
    f"/admin/temp_redirects/{kind}/" for kind in ("redirectrule", "maintenancewindow")
)
TIMES = {
    "starts_at": "2026-11-22T02:00",
    "ends_at": "2026-11-22T04:00",
    "timezone": "Europe/Berlin",
    "enabled": "on",
    "repeat_every": "1",
    "repeat_month_day": "0",
    "repeat_number": "1",
    "repeat_weekday": "6",
}
FORMS = {
    RULES: {
        **{"name": "x", "match": "exact", "path": "/a/", "target": "/b/"},
        **{"status": "307", "query": "keep", "priority": "0", "cache_seconds": "0"},
    },
    WINDOWS: {"name": "x", "paths": "/shop/", "api": "redirect", "priority": "1000"},
}
WEEKLY = {
    "starts_at": SUNDAY,
    "ends_at": SUNDAY + 2 * HOUR,
    "timezone": "Europe/Berlin",
    "repeat": "FREQ=WEEKLY",
}


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def window():
    return MaintenanceWindow.objects.schedule("shop", ["/shop/"], **WEEKLY)


@pytest.fixture
def rule():
    return RedirectRule.objects.schedule("/a/", "/b/", name="rule", **WEEKLY)


def post(client, url, kind=WINDOWS, **typed):
    return client.post(url, {**TIMES, **FORMS[kind], **typed})


def errors(response):
    return response.context["adminform"].form.errors


def text(response):
    """Return a page as people read it."""
    shown = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(shown))


def stored(kind=WINDOWS):
    model = {RULES: RedirectRule, WINDOWS: MaintenanceWindow}[kind]
    return model.objects.get().to_document()["schedule"]


CHOICES = {
    "daily": ({"repeat": "daily", "repeat_every": "3"}, "FREQ=DAILY;INTERVAL=3"),
    "weekly on days": (
        {"repeat": "weekly", "repeat_days": ["6", "2"]},
        "FREQ=WEEKLY;BYDAY=WE,SU",
    ),
    "weekly as it starts": ({"repeat": "weekly"}, "FREQ=WEEKLY"),
    "monthly on a day": (
        {"repeat": "month_day", "repeat_month_day": "-1"},
        "FREQ=MONTHLY;BYMONTHDAY=-1",
    ),
    "monthly on a weekday": (
        {"repeat": "month_weekday", "repeat_number": "2", "repeat_weekday": "6"},
        "FREQ=MONTHLY;BYDAY=2SU",
    ),
    "yearly": ({"repeat": "yearly"}, "FREQ=YEARLY"),
    "by a rule": (
        {"repeat": "rule", "repeat_rule": "freq=weekly;byday=su;bymonth=6"},
        "FREQ=WEEKLY;BYMONTH=6;BYDAY=SU",
    ),
}


@pytest.mark.parametrize("kind", [RULES, WINDOWS], ids=["a rule", "a window"])
@pytest.mark.parametrize(("typed", "rule"), CHOICES.values(), ids=CHOICES)
def test_plain_words_are_stored_and_shown_again(admin_client, kind, typed, rule):
    limits = {"repeat_until": "2027-12-31", "repeat_except": "2026-12-27\n2027-01-03"}
    response = post(admin_client, f"{kind}add/", kind, **typed, **limits)

    assert response.status_code == 302
    assert stored(kind)["repeat"] == rule
    assert stored(kind)["until"] == "2027-12-31"
    assert stored(kind)["except"] == ["2026-12-27", "2027-01-03"]
    model = {RULES: RedirectRule, WINDOWS: MaintenanceWindow}[kind]
    url = f"{kind}{model.objects.get().pk}/change/"
    form = admin_client.get(url).context["adminform"].form
    shown = {name: form[name].value() for name in (*TIMES, *typed) if name != "enabled"}
    again = {name: str(value) for name, value in shown.items() if value is not None}
    again |= {"repeat_days": form["repeat_days"].value()}
    before = stored(kind)
    assert post(admin_client, url, kind, **again, **limits).status_code == 302
    assert stored(kind) == before


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        pytest.param(
            {"repeat": "rule"}, "repeat_rule", "Type the rule", id="an empty rule"
        ),
        pytest.param(
            {"repeat": "rule", "repeat_rule": "FREQ=HOURLY"},
            "repeat_rule",
            "too often",
            id="too often",
        ),
        pytest.param(
            {"repeat_days": ["6"]}, "repeat", "how often", id="days, and no repeat"
        ),
        pytest.param(
            {"repeat": "daily", "repeat_until": "2026-11-01"},
            "repeat",
            "ends before it begins",
            id="over before",
        ),
        pytest.param(
            {"repeat": "daily", "repeat_except": "Christmas"},
            "repeat_except",
            "is no day",
            id="no day",
        ),
        pytest.param(
            {"repeat": "daily", "repeat_every": "100"},
            "repeat_every",
            "99",
            id="too rarely",
        ),
        pytest.param(
            {"repeat": "daily", "ends_at": "2026-11-24T04:00"},
            "ends_at",
            "lasts longer",
            id="longer than the pause",
        ),
        pytest.param(
            {"repeat": "daily", "ends_at": "", "until_switched_off": "on"},
            "ends_at",
            "a start and an end",
            id="no end",
        ),
        pytest.param(
            {"repeat": "daily", "ends_at": "2026-11-22T02:00"},
            "ends_at",
            "must come after",
            id="no length",
        ),
    ],
)
def test_what_is_wrong_stands_where_it_was_typed(admin_client, typed, field, said):
    response = post(admin_client, f"{WINDOWS}add/", **typed)

    assert response.status_code == 200
    assert list(errors(response)) == [field]
    assert said in errors(response)[field][0]


@pytest.mark.parametrize("kind", [RULES, WINDOWS], ids=["a rule", "a window"])
def test_the_next_times_are_shown_before_anything_is_saved(admin_client, kind):
    weekly = {"repeat": "weekly", "repeat_days": ["6"], "_preview": "1"}
    response = post(admin_client, f"{kind}add/", kind, **weekly)

    shown = text(response)
    assert "Nothing is saved yet. Every Sunday 02:00 to 04:00 (Europe/Berlin)." in shown
    for day in ("22 Nov", "29 Nov", "6 Dec", "13 Dec", "20 Dec"):
        assert f"Sun {day} 2026 02:00 to 04:00 Europe/Berlin (01:00 to 03:00" in shown
    assert "Sun 27 Dec 2026" not in shown
    assert "Clocks are put forward and leave 02:00 out: it starts at 03:00" in shown
    assert "Clocks are put back and show 02:00 twice: it starts the first" in shown
    assert not RedirectRule.objects.exists()
    assert not MaintenanceWindow.objects.exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        pytest.param(
            {"starts_at": ""},
            "now to Sun 22 Nov 2026 04:00 Europe/Berlin (03:00 UTC)",
            id="it starts now",
        ),
        pytest.param(
            {"ends_at": "", "until_switched_off": "on"},
            "From Sun 22 Nov 2026 02:00 Europe/Berlin (01:00 UTC) until somebody ends "
            "it",
            id="it has no end",
        ),
    ],
)
def test_the_next_times_say_from_when_until_when(admin_client, typed, told):
    response = post(admin_client, f"{RULES}add/", RULES, _preview="1", **typed)
    listed = re.search(r"<li>(From.*?|now.*?)</li>", response.content.decode())
    assert listed
    assert html.unescape(listed[1]) == told


def test_the_next_times_are_on_the_readers_clock_too(admin_client, settings):
    settings.TIME_ZONE = "Asia/Kathmandu"
    typed = {"repeat": "weekly", "_preview": "1"}
    shown = text(post(admin_client, f"{WINDOWS}add/", **typed))

    assert "(01:00 to 03:00 UTC, 06:45 to 08:45 Asia/Kathmandu, 2 h)" in shown


def test_what_has_an_error_has_no_next_times(admin_client):
    response = post(
        admin_client, f"{WINDOWS}add/", repeat="rule", repeat_rule="?", _preview="1"
    )
    assert "Correct what is marked first" in text(response)


def test_a_stored_window_shows_its_next_times(admin_client, window):
    MaintenanceWindow.objects.extend(HOUR, NOW)
    url = f"{WINDOWS}{window.pk}/change/"

    shown = text(admin_client.get(url))
    assert "Sun 22 Nov 2026 02:00 to 05:00 Europe/Berlin" in shown
    assert "It has an end of its own: 05:00." in shown
    assert "Every Sunday 02:00 to 04:00 (Europe/Berlin), every visitor of" in shown
    assert "Nothing is saved yet" not in shown


def test_one_end_that_was_moved_stays_moved_when_the_form_is_saved(
    admin_client, window
):
    MaintenanceWindow.objects.extend(HOUR, NOW)
    before = stored()
    typed = {
        "name": "shop",
        "repeat": "weekly",
        "initial-starts_at": TIMES["starts_at"],
    }
    typed["initial-ends_at"] = TIMES["ends_at"]
    post(admin_client, f"{WINDOWS}{window.pk}/change/", **typed)

    assert stored()["moved_ends"] == before["moved_ends"] != {}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param(NOW, "next: Sun 22 Nov 2026 02:00 to 04:00", id="to come"),
        pytest.param(SUNDAY, "on: Sun 22 Nov 2026 02:00 to 04:00", id="on"),
    ],
)
@pytest.mark.parametrize("kind", ["rule", "window"])
def test_the_list_tells_how_it_repeats(admin_client, request, kind, now, said):
    request.getfixturevalue(kind)
    with time_machine.travel(now, tick=False):
        shown = text(admin_client.get({"rule": RULES, "window": WINDOWS}[kind]))

    assert "Every Sunday 02:00 to 04:00 (Europe/Berlin)" in shown
    assert said in shown


def test_the_list_tells_of_a_repeat_that_cannot_be_read(admin_client, window):
    MaintenanceWindow.objects.update(recurrence="?")

    assert "repetition cannot be read" in text(admin_client.get(WINDOWS))
    url = f"{WINDOWS}{window.pk}/change/"
    assert admin_client.get(url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "now", "verbs"),
    [
        ("window", NOW, {"skip", "cancel", "extend", "extend_hour", "duplicate"}),
        ("window", SUNDAY, {"skip", "end", "extend", "extend_hour", "duplicate"}),
        ("rule", NOW, {"skip", "pause", "duplicate"}),
        ("rule", SUNDAY, {"skip", "pause", "end", "duplicate"}),
    ],
)
def test_the_buttons_are_those_that_make_sense(admin_client, request, kind, now, verbs):
    row = request.getfixturevalue(kind)
    base = {"rule": RULES, "window": WINDOWS}[kind]
    with time_machine.travel(now, tick=False):
        response = admin_client.get(f"{base}{row.pk}/change/")

    assert {verb.name for verb in response.context["verbs"]} == verbs


def test_the_last_time_has_no_next_one_to_skip(admin_client, window):
    MaintenanceWindow.objects.schedule(
        "shop", ["/shop/"], **WEEKLY, repeat_until="2026-11-22"
    )
    with time_machine.travel(SUNDAY, tick=False):
        response = admin_client.get(f"{WINDOWS}{window.pk}/change/")

    assert "skip" not in {verb.name for verb in response.context["verbs"]}


def test_the_next_one_is_skipped_by_a_button(admin_client, window):
    url = f"{WINDOWS}{window.pk}/skip/"
    assert "The next time is left out." in text(admin_client.get(url))

    response = admin_client.post(url, follow=True)

    assert "“shop” is skipped once: Sun 22 Nov 2026 02:00 to 04:00" in text(response)
    assert stored()["except"] == ["2026-11-22"]


def test_skipping_what_does_not_repeat_says_so(admin_client):
    window = MaintenanceWindow.objects.schedule("once", ["/a/"], starts_at=SUNDAY)
    picked = {"action": "skip", "_selected_action": [window.pk]}
    response = admin_client.post(WINDOWS, picked, follow=True)

    assert "Nothing to skip: none of what is selected comes again." in text(response)


def press(client, window, verb, **typed):
    return client.post(f"{WINDOWS}{window.pk}/{verb}/", typed, follow=True)


def pick(client, action, *windows):
    data = {"action": action, "_selected_action": [each.pk for each in windows]}
    return client.post(WINDOWS, data, follow=True)


def test_what_repeats_is_not_started_by_hand_and_says_why(admin_client, window):
    once = MaintenanceWindow.objects.schedule("once", ["/a/"], starts_at=SUNDAY)
    before = window.to_document()

    shown = text(pick(admin_client, "start", window, once))

    assert "“shop” begins as planned. It repeats and begins by itself" in shown
    assert "1 window started." in shown
    assert MaintenanceWindow.objects.get(pk=window.pk).to_document() == before
    assert MaintenanceWindow.objects.get(pk=once.pk).state() == "on"
    logged = LogEntry.objects.values_list("object_id", flat=True)
    assert [*logged] == [str(once.pk)]


def test_what_repeats_and_is_off_is_to_be_switched_on(admin_client, window):
    MaintenanceWindow.objects.update(enabled=False)

    shown = text(pick(admin_client, "start", window))

    assert "“shop” stays off. It repeats: switched on, it begins by itself" in shown
    assert "Switch on" in shown
    assert not MaintenanceWindow.objects.get().enabled


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param(NOW, SUNDAY + 2 * HOUR, id="the first to come"),
        pytest.param(SUNDAY + WEEK + HOUR, SUNDAY + WEEK + 2 * HOUR, id="on"),
        pytest.param(SUNDAY + 3 * HOUR, SUNDAY + WEEK + 2 * HOUR, id="between two"),
    ],
)
def test_a_pass_link_is_good_until_the_end_of_this_time(
    admin_client, window, now, until
):
    with time_machine.travel(now, tick=False):
        page = press(admin_client, window, "link", lasts="end")
        token = re.search(r"/maintenance/pass/([^/\s]+)/", text(page))[1]
        assert read_pass(token, now.timestamp()) == (
            window.pass_key,
            until.timestamp(),
        )


def test_what_is_over_has_no_end_that_a_link_is_good_until(admin_client):
    window = MaintenanceWindow.objects.schedule(
        "shop", ["/shop/"], **WEEKLY, repeat_until="2026-11-22"
    )
    with time_machine.travel(SUNDAY + WEEK, tick=False):
        page = press(admin_client, window, "link", lasts="end")
    assert "Until the end" not in text(page)
    assert page.context["form"].errors


def test_extending_judges_and_moves_one_time_alone(admin_client):
    window = MaintenanceWindow.objects.schedule(
        "shop",
        ["/shop/"],
        starts_at=SUNDAY,
        ends_at=SUNDAY + timedelta(hours=23, minutes=45),
        timezone="Europe/Berlin",
        repeat="FREQ=DAILY",
    )

    shown = text(press(admin_client, window, "extend"))

    assert "1 window extended by 30 minutes." in shown
    assert stored()["moved_ends"] == {"2026-11-22": "2026-11-23T02:15:00+01:00"}
    assert stored()["ends_at"] == "2026-11-23T01:45:00+01:00"


def test_the_list_is_narrowed_to_what_repeats_until_somebody_ends_it(
    admin_client, rule
):
    RedirectRule.objects.schedule(
        "/c/", "/d/", name="dated", **WEEKLY, repeat_until="2026-12-06"
    )
    found = admin_client.get(RULES, {"end": "open"}).context["cl"].result_list
    assert [each.name for each in found] == ["rule"]


def test_no_weekday_is_lost_when_it_is_asked_which_time_is_meant(admin_client):
    typed = {
        "starts_at": "2027-10-31T02:30",  # clocks in Berlin show it twice
        "ends_at": "2027-10-31T04:00",
        "repeat": "weekly",
        "repeat_days": ["0", "2", "4"],
    }
    response = post(admin_client, f"{WINDOWS}add/", **typed)

    assert "starts_which" in errors(response)
    form = response.context["adminform"].form
    assert form["repeat_days"].value() == ["0", "2", "4"]
    assert form["starts_which"].value() == "0"
