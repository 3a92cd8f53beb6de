"""Maintenance windows in the admin: scheduled, told, started, ended, passed."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone as django_timezone

from temp_redirects.admin.spans import length, phrase
from temp_redirects.admin.windows.presets import presets
from temp_redirects.core.schedules import Schedule, parse_moment
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.signing import read_pass
from tests.core.making import ONCE

LIST = "/admin/temp_redirects/maintenancewindow/"
ADD = f"{LIST}add/"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday, 13:00 in Berlin
HOUR = timedelta(hours=1)
FORM = {
    "name": "",
    "paths": "/shop/",
    "starts_at": "2026-11-22T02:00",
    "ends_at": "2026-11-22T04:00",
    "initial-ends_at": "2026-11-21T16:00",
    "timezone": "Europe/Berlin",
    "initial-timezone": "Europe/Berlin",
    "title": "",
    "message": "",
    "pass_addresses": "",
    "enabled": "on",
    "except_paths": "",
    "hosts": "",
    "target": "",
    "api": "redirect",
    "priority": "1000",
    "repeat": "",
    "repeat_every": "1",
    "repeat_month_day": "0",
    "repeat_number": "1",
    "repeat_weekday": "6",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def staff(client, django_user_model):
    """Return a function that signs somebody with these permissions in."""

    def sign_in(*permissions: str):
        user = django_user_model.objects.create_user("mia", is_staff=True)
        codes = [f"{each}_maintenancewindow" for each in permissions]
        codes += ["publish"] if "change" in permissions else []
        user.user_permissions.set(Permission.objects.filter(codename__in=codes))
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def editor(staff):
    return staff("view", "add", "change", "delete")


def text_of(response) -> str:
    """Return what a person reads on a page, blanks made one."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def said(response) -> list[str]:
    """Return the messages on the page that a response leads to, without markup."""
    undo = re.compile(r'<a class="temp-redirects-undo".*?</a>')
    texts = [undo.sub("", str(each)) for each in response.context["messages"]]
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", each)).split()) for each in texts]


def save(client, url=ADD, **changes):
    return client.post(url, {**FORM, **changes}, follow=True)


def errors(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def form_of(response):
    return response.context["adminform"].form


def change_url(window, what="change") -> str:
    return f"{LIST}{window.pk}/{what}/"


def whole_window(name="shop", paths=("/shop/",), **fields) -> MaintenanceWindow:
    times = {"starts_at": NOON + HOUR, "ends_at": NOON + 3 * HOUR, "staff_pass": False}
    return MaintenanceWindow.objects.schedule(name, paths, **{**times, **fields})


def broken_window(**fields) -> MaintenanceWindow:
    window = whole_window(**fields)
    MaintenanceWindow.objects.filter(pk=window.pk).update(paths="shop")
    return MaintenanceWindow.objects.get()


def names(response) -> list[str]:
    return [window.name for window in response.context["cl"].result_list]


def act(client, action, *windows, url=LIST):
    data = {"action": action, "_selected_action": [each.pk for each in windows]}
    return client.post(url, {**data, "index": "0"}, follow=True)


def the_only() -> MaintenanceWindow:
    return MaintenanceWindow.objects.get()


# Scheduling


def test_a_window_opens_and_closes_by_itself(editor):
    save(editor)
    statuses = []
    for minutes in (0, 779, 780, 899, 900):  # 02:00 in Berlin is 13 hours away
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            statuses.append(editor.get("/shop/cart").status_code)
    assert statuses == [200, 200, 307, 307, 200]


def test_everything_on_the_form_is_stored(editor):
    save(
        editor,
        name="Shop update",
        paths="/shop/\r\n/basket/",
        title="The shop is being updated",
        message="Back soon.",
        except_paths="/shop/help/",
        hosts="Shop.example",
        target="https://partner.example{path}",
        api="503",
        priority="7",
        enabled="",
    )
    assert the_only().to_document() | {"id": ""} == {
        "id": "",
        "name": "Shop update",
        "enabled": False,
        "title": "The shop is being updated",
        "message": "Back soon.",
        "schedule": {
            "starts_at": "2026-11-22T02:00:00+01:00",
            "ends_at": "2026-11-22T04:00:00+01:00",
            "timezone": "Europe/Berlin",
            **ONCE,
        },
        "paths": ["/shop/", "/basket/"],
        "except_paths": ["/shop/help/"],
        "hosts": ["shop.example"],
        "target": "https://partner.example{path}",
        "staff_pass": False,
        "pass_addresses": [],
        "api": "503",
        "priority": 7,
    }


def test_saving_again_changes_nothing(editor):
    window = whole_window(ends_at=NOON + 3 * HOUR + timedelta(microseconds=5))
    before = window.to_document()
    form = form_of(editor.get(change_url(window)))
    typed = {name: form[name].value() for name in FORM if name in form.fields}
    typed |= {f"initial-{name}": typed[name] for name in ("starts_at", "ends_at")}
    save(editor, change_url(window), **typed)
    assert the_only().to_document() == before
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def test_what_a_colleague_extended_meanwhile_stays_extended(editor):
    window = whole_window()
    form = form_of(editor.get(change_url(window)))
    typed = {name: form[name].value() for name in FORM if name in form.fields}
    typed |= {f"initial-{name}": typed[name] for name in ("starts_at", "ends_at")}
    MaintenanceWindow.objects.extend(HOUR)
    save(editor, change_url(window), **{**typed, "title": "Closed"})
    assert (the_only().title, the_only().ends_at) == ("Closed", NOON + 4 * HOUR)


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        ("/shop/", "shop"),
        ("/", "site"),
        ("/shop/\n/über uns/", "shop-über-uns"),
        ("/api/v1/\n/b/\n/c/\n/d/", "api-v1-b-c"),
    ],
)
def test_a_name_left_empty_is_made_of_the_paths(editor, paths, name):
    save(editor, paths=paths)
    assert the_only().name == name


def test_a_made_name_is_free(editor):
    whole_window("shop")
    RedirectRule.objects.schedule("/a/", "/b/", name="SHOP-2")
    save(editor)
    assert MaintenanceWindow.objects.filter(name="shop-3").exists()


def test_a_name_that_a_window_has_is_refused(editor):
    whole_window("Shop")
    problems = errors(save(editor, name="shop"))
    assert problems == {
        "name": [
            "There is a maintenance window “Shop” already (capitals make no "
            "difference). Example of another name: “Shop 2”."
        ]
    }


def test_a_name_that_a_rule_has_is_refused(editor):
    RedirectRule.objects.schedule("/a/", "/b/", name="Shop")
    problems = errors(save(editor, name="shop"))
    assert problems == {
        "name": [
            "There is a rule “Shop” already (capitals make no difference). Example of "
            "another name: “Shop 2”."
        ]
    }


def test_no_end_by_accident_and_a_chosen_one_is_open(editor):
    problems = errors(save(editor, ends_at=""))
    save(editor, ends_at="", until_switched_off="on")
    assert problems == {
        "ends_at": [
            "Say when it ends, for example “2026-11-21T16:00”, or choose “Until I end "
            "it”."
        ]
    }
    assert the_only().ends_at is None


def test_an_open_window_is_given_an_end(editor):
    window = whole_window(ends_at=None)
    typed = {
        "name": "shop",
        "initial-until_switched_off": "True",
        "starts_at": "2026-11-21T14:00",
        "initial-starts_at": "2026-11-21T14:00",
        "ends_at": "2026-11-21T16:00",
        "initial-ends_at": "",
    }
    save(editor, change_url(window), **typed)
    assert the_only().ends_at == NOON + 3 * HOUR


def test_an_empty_start_is_this_moment(editor):
    save(editor, starts_at="")
    assert the_only().starts_at == NOON


def test_a_window_without_a_start_keeps_none(editor):
    window = whole_window(starts_at=None)
    save(
        editor,
        change_url(window),
        name="shop",
        starts_at="",
        title="Closed",
        **{"initial-starts_at": ""},
    )
    assert the_only().starts_at is None


REFUSED = {
    "no path": (
        {"paths": ""},
        "paths",
        "Say which paths are closed. Example: “/shop/”.",
    ),
    "a path that is none": ({"paths": "shop"}, "paths", None),
    "an address of this site": (
        {"paths": "http://testserver/shop/"},
        "paths",
        "“http://testserver/shop/” is on this site: type “/shop/”.",
    ),
    "a target on this site": (
        {"target": "http://testserver/later/"},
        "target",
        "“http://testserver/later/” is on this site: type “/later/”.",
    ),
    "an exception that is none": ({"except_paths": "help"}, "except_paths", None),
    "no zone": ({"timezone": ""}, "timezone", None),
    "a zone that is none": ({"timezone": "Berlin"}, "timezone", None),
    "a start that is no time": ({"starts_at": "soon"}, "starts_at", None),
    "an end on the start": (
        {"ends_at": "2026-11-22T02:00"},
        "ends_at",
        "The end (Sun 22 Nov 2026 02:00 Europe/Berlin) must come after the start (Sun "
        "22 Nov 2026 02:00 Europe/Berlin).",
    ),
    "an end on the day before": ({"ends_at": "2026-11-21T04:00"}, "ends_at", None),
    "overnight with one date": (
        {"starts_at": "2026-11-22T22:00", "ends_at": "2026-11-22T02:00"},
        "ends_at",
        "The end, 02:00, comes before the start, 22:00. If it is in the night that "
        "follows, choose the next day: “2026-11-23T02:00”.",
    ),
    "a server that is not listed": (
        {"target": "https://elsewhere.example/"},
        "target",
        None,
    ),
    "a target that is none": ({"target": "standby"}, "target", None),
    "a host that is none": ({"hosts": "a b"}, "hosts", None),
    "a priority that is none": ({"priority": ""}, "priority", None),
    "a priority out of bounds": ({"priority": "9999999999"}, "priority", None),
    "a message that is too long": ({"message": "x" * 100_001}, "message", None),
}


@pytest.mark.parametrize(("typed", "field", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_at_its_field(editor, typed, field, sentence):
    response = save(editor, **typed)
    problems = errors(response)
    assert [*problems] == [field]
    assert sentence in (None, problems[field][0])
    assert not MaintenanceWindow.objects.exists()


def test_nothing_typed_is_lost(editor):
    typed = {"name": "x", "paths": "shop", "title": "T", "message": "M"}
    form = form_of(save(editor, **typed))
    assert {name: form[name].value() for name in typed} == typed


def test_overnight_is_normal(editor):
    save(editor, starts_at="2026-11-22T22:00", ends_at="2026-11-23T02:00")
    assert the_only().ends_at - the_only().starts_at == 4 * HOUR


# Times: presets, clock changes, other clocks


def test_presets_are_links_that_fill_in_the_times(editor):
    page = editor.get(ADD)
    links = re.findall(
        r'<a href="(\?preset=\w+)"[^>]*>([^<]*)</a>', page.content.decode()
    )
    filled = {}
    for url, label in links:
        form = form_of(editor.get(f"{ADD}{url}"))
        filled[label] = (form["starts_at"].value(), form["ends_at"].value())
    assert filled == {
        "Now for 1 hour": ("2026-11-21T13:00", "2026-11-21T14:00"),
        "Tonight 02:00 to 04:00": ("2026-11-22T02:00", "2026-11-22T04:00"),
        "Next Sunday 02:00 to 04:00": ("2026-11-22T02:00", "2026-11-22T04:00"),
    }


def test_presets_count_on_the_clocks_of_the_zone_that_is_asked_for(editor):
    page = editor.get(f"{ADD}?preset=tonight&timezone=Asia/Tokyo")
    form = form_of(page)
    names = ("starts_at", "ends_at", "timezone")
    assert [form[name].value() for name in names] == [
        "2026-11-22T02:00",
        "2026-11-22T04:00",
        "Asia/Tokyo",
    ]
    assert page.context["presets"][0].starts_at == "2026-11-21T21:00"


def test_a_zone_that_is_none_has_no_presets(editor):
    page = editor.get(f"{ADD}?preset=tonight&timezone=Tokyo")
    assert page.context["presets"] == []
    assert form_of(page)["timezone"].value() == "Tokyo"


@pytest.mark.parametrize(
    ("now", "tonight", "sunday"),
    [
        pytest.param("2026-11-22T01:59", "22T02", "22T02", id="a minute before"),
        pytest.param("2026-11-22T02:00", "23T02", "29T02", id="it has begun"),
        pytest.param("2026-11-25T12:00", "26T02", "29T02", id="a Wednesday"),
    ],
)
def test_presets_are_of_the_next_night(now, tonight, sunday):
    at = datetime.fromisoformat(f"{now}+01:00").timestamp()
    starts = {each.key: each.starts_at for each in presets(at, "Europe/Berlin")}
    assert starts["tonight"] == f"2026-11-{tonight}:00"
    assert starts["sunday"] == f"2026-11-{sunday}:00"


def test_a_preset_in_a_night_of_two_02_oclocks_offers_the_choice(admin_client):
    editor = admin_client
    with time_machine.travel(datetime(2027, 10, 30, 12, tzinfo=UTC), tick=False):
        editor.force_login(get_user_model().objects.get())
        page = editor.get(f"{ADD}?preset=sunday")
    form = form_of(page)
    assert (form["starts_at"].value(), form["starts_which"].value()) == (
        "2027-10-31T02:00",
        "0",
    )
    assert form.fields["ends_which"].widget.is_hidden
    assert "3 h, because clocks are put back" in text_of(page)


def test_the_form_says_beside_the_end_what_is_meant(editor):
    page = editor.get(f"{ADD}?preset=tonight")
    assert (
        "From Sun 22 Nov 2026 02:00 to 04:00 Europe/Berlin (01:00 to 03:00 UTC, 2 h)."
        in text_of(page)
    )


SAID = {
    "both": (
        {"starts_at": "2026-11-22T02:00", "ends_at": "2026-11-22T04:30"},
        "From Sun 22 Nov 2026 02:00 to 04:30 Europe/Berlin (01:00 to 03:30 UTC, "
        "2\xa0h 30\xa0min).",
    ),
    "open": (
        {"starts_at": "2026-11-22T02:00", "until_switched_off": "on"},
        "From Sun 22 Nov 2026 02:00 Europe/Berlin (01:00 UTC) until somebody ends it.",
    ),
    "the second of two": (
        {
            "starts_at": "2026-10-25T02:30",
            "starts_which": "1",
            "ends_at": "2026-10-25T04:00",
        },
        "From Sun 25 Oct 2026 02:30 (+0100) to 04:00 Europe/Berlin (01:30 to 03:00 "
        "UTC, 1\xa0h 30\xa0min).",
    ),
    "no time": (
        {"starts_at": "soon", "ends_at": "2026-11-22T04:30"},
        "From this moment on visitors see the pages again.",
    ),
}


@pytest.mark.parametrize(("typed", "words"), SAID.values(), ids=SAID)
def test_what_typed_times_mean_is_said_before_they_are_saved(staff, typed, words):
    editor = staff("add")
    times = {"ends_at": "", "until_switched_off": "", "timezone": "Europe/Berlin"}
    response = editor.get(f"{LIST}span/", times | typed)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == words


def test_who_may_do_nothing_here_is_told_nothing(staff):
    assert staff().get(f"{LIST}span/").status_code == 403


def test_a_refused_form_says_no_times_that_cannot_be_read(editor):
    page = save(editor, starts_at="soon")
    assert form_of(page)["ends_at"].help_text.startswith("From this moment on")


def test_an_open_end_is_said_beside_the_end(editor):
    page = save(editor, paths="", until_switched_off="on")
    assert form_of(page)["ends_at"].help_text == (
        "From Sun 22 Nov 2026 02:00 Europe/Berlin (01:00 UTC) until somebody ends it."
    )


TWICE = {"starts_at": "2027-10-31T02:30", "ends_at": "2027-10-31T02:45"}


def test_a_time_that_exists_twice_offers_the_widest_choice(editor):
    page = save(editor, **TWICE)
    form = form_of(page)
    assert [str(label) for _, label in form.fields["starts_which"].choices] == [
        "first 02:30 (summer time, 00:30 UTC)",
        "second 02:30 (winter time, 01:30 UTC)",
    ]
    assert (form["starts_which"].value(), form["ends_which"].value()) == ("0", "1")
    assert errors(page)["starts_which"] == [
        "Clocks in Europe/Berlin are put back that night and show 02:30 twice: choose "
        "which one is meant."
    ]
    assert "1 h 15 min, because clocks are put back" in text_of(page)


@pytest.mark.parametrize(
    ("starts", "ends", "minutes"),
    [("0", "1", 75), ("0", "0", 15), ("1", "1", 15)],
)
def test_the_choice_is_stored_and_shown_again(editor, starts, ends, minutes):
    save(editor, **TWICE, starts_which=starts, ends_which=ends)
    window = the_only()
    form = form_of(editor.get(change_url(window)))
    assert window.ends_at - window.starts_at == timedelta(minutes=minutes)
    assert (form["starts_which"].value(), form["ends_which"].value()) == (starts, ends)
    assert form["starts_at"].value() == TWICE["starts_at"]


def test_another_choice_alone_is_stored(editor):
    save(editor, **TWICE, starts_which="0", ends_which="0")
    typed = {f"initial-{name}": value for name, value in TWICE.items()}
    save(
        editor,
        change_url(the_only()),
        **TWICE,
        **typed,
        name="shop",
        starts_which="0",
        ends_which="1",
    )
    assert the_only().ends_at - the_only().starts_at == timedelta(minutes=75)


def test_a_choice_that_is_none_is_asked_again(editor):
    page = save(editor, **TWICE, starts_which="7", ends_which="1")
    assert [*errors(page)] == ["starts_which"]


def test_a_choice_of_a_time_that_happens_once_is_forgotten(editor):
    save(editor, starts_which="0", ends_which="1")
    assert the_only().ends_at - the_only().starts_at == 2 * HOUR


def test_a_time_with_an_offset_has_chosen(editor):
    save(editor, starts_at="2027-10-31T02:30+01:00", ends_at="2027-10-31T04:00")
    assert the_only().starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_time_that_does_not_exist_moves_forward_and_says_so(editor):
    response = save(
        editor, starts_at="2027-03-28T02:00", ends_at="2027-03-28T04:00", name="spring"
    )
    assert (
        "Sun 28 Mar 2027 02:00 is left out by a clock change in Europe/Berlin, so it "
        "became Sun 28 Mar 2027 03:00."
    ) in said(response)
    assert any("1 h)" in each for each in said(response))


SPANS = {
    "the zone is UTC": (
        (0, 7200, "UTC", "UTC"),
        "From Thu 1 Jan 1970 00:00 to 02:00 UTC (2 h)",
    ),
    "the reader is elsewhere": (
        (0, 7200, "Europe/Berlin", "America/New_York"),
        "From Thu 1 Jan 1970 01:00 to 03:00 Europe/Berlin (00:00 to 02:00 UTC, Wed 31 "
        "Dec 1969 19:00 to 21:00 America/New_York, 2 h)",
    ),
    "overnight": (
        (79200, 93600, "UTC", "UTC"),
        "From Thu 1 Jan 1970 22:00 to Fri 2 Jan 1970 02:00 UTC (4 h)",
    ),
    "from one day to another": (
        (72000, 162000, "Europe/Berlin", "UTC"),
        "From Thu 1 Jan 1970 21:00 to Fri 2 Jan 1970 22:00 Europe/Berlin (Thu 1 Jan "
        "1970 20:00 to Fri 2 Jan 1970 21:00 UTC, 1 day 1 h)",
    ),
    "overnight on one clock alone": (
        (72000, 82800, "Europe/Berlin", "UTC"),
        "From Thu 1 Jan 1970 21:00 to Fri 2 Jan 1970 00:00 Europe/Berlin (Thu 1 Jan "
        "1970 20:00 to 23:00 UTC, 3 h)",
    ),
    "no end": (
        (0, None, "UTC", "UTC"),
        "From Thu 1 Jan 1970 00:00 UTC until somebody ends it",
    ),
    "no start": ((None, 0, "UTC", "UTC"), "Until Thu 1 Jan 1970 00:00 UTC"),
    "neither": ((None, None, "UTC", "UTC"), "Until somebody ends it"),
}


@pytest.mark.parametrize(("given", "words"), SPANS.values(), ids=SPANS)
def test_spans_in_words(given, words):
    *schedule, reader = given
    with django_timezone.override(reader):
        assert phrase(Schedule(*schedule)).replace("\xa0", " ") == words


LENGTHS = {
    "days, hours and minutes": (
        "2026-11-21T00:00",
        "2026-11-24T01:30",
        "3 days 1 h 30 min",
    ),
    "seconds": ("2026-11-21T00:00:00", "2026-11-21T00:00:30", "30 s"),
    "clocks jump forward": (
        "2027-03-28T01:00",
        "2027-03-28T04:00",
        "2 h, because clocks jump forward",
    ),
    "clocks are put back": (
        "2027-10-31T01:00",
        "2027-10-31T04:00",
        "4 h, because clocks are put back",
    ),
    "so long that an hour does not matter": (
        "2027-03-01T00:00",
        "2027-04-01T00:00",
        "30 days 23 h",
    ),
}


@pytest.mark.parametrize(("starts", "ends", "words"), LENGTHS.values(), ids=LENGTHS)
def test_the_length_is_the_real_one(starts, ends, words):
    bounds = [parse_moment(text, "Europe/Berlin") for text in (starts, ends)]
    told = length(Schedule(*bounds, "Europe/Berlin"))
    assert told.replace("\xa0", " ") == words


def test_a_zone_that_changes_its_offset_for_ever_names_the_offsets(editor):
    with time_machine.travel(datetime(2019, 1, 1, tzinfo=UTC), tick=False):
        page = save(
            editor,
            timezone="Europe/Moscow",
            starts_at="2014-10-26T01:30",
            ends_at="2014-10-26T03:00",
        )
    labels = [str(label) for _, label in form_of(page).fields["starts_which"].choices]
    assert labels == [
        "first 01:30 (+0400, 21:30 UTC)",
        "second 01:30 (+0300, 22:30 UTC)",
    ]


# After saving


def test_saving_says_what_happens_and_what_can_be_done(editor):
    response = save(editor, message="Back soon.")
    window = the_only()
    message = said(response)[1]
    assert message == (
        "◷ Scheduled From Sun 22 Nov 2026 02:00 to 04:00 Europe/Berlin (01:00 to 03:00 "
        "UTC, 2 h) every visitor of “/shop/” and everything under it sees the notice. "
        "Preview the notice · Extend by 30 minutes · Cancel · Pass link"
    )
    assert change_url(window, "cancel") in response.content.decode()


SENTENCES = {
    "several paths, some open": (
        {"paths": "/shop/\n/b/", "except_paths": "/shop/help/"},
        "every visitor of “/shop/”, “/b/” and everything under it sees the notice. "
        "“/shop/help/” and everything under it stays open.",
    ),
    "the whole site": ({"paths": "/"}, "every visitor of the whole site (“/”) sees"),
    "one host": (
        {"hosts": "shop.example"},
        "under it on shop.example sees the notice.",
    ),
    "another server": (
        {"target": "https://partner.example{path}"},
        "under it is sent to “https://partner.example{path}”.",
    ),
    "another server for one host": (
        {"target": "https://partner.example/", "hosts": "shop.example"},
        "under it on shop.example is sent to “https://partner.example/”.",
    ),
    "programs": ({"api": "503"}, "Programs and scripts get “503 come back later”"),
    "switched off": ({"enabled": ""}, "It is switched off, so nothing happens. From"),
    "one network": (
        {"pass_addresses": "192.0.2.0/24"},
        "Visitors from 192.0.2.0/24 still see the pages.",
    ),
    "staff and networks": (
        {"staff_pass": "on", "pass_addresses": "192.0.2.0/24\n10.0.0.1"},
        "Staff still see the pages. Visitors from 192.0.2.0/24 and 10.0.0.1 still see "
        "the pages.",
    ),
}


@pytest.mark.parametrize(("typed", "words"), SENTENCES.values(), ids=SENTENCES)
def test_the_sentence_tells_every_choice(editor, typed, words):
    assert words in said(save(editor, **typed))[1]


ADVICE = {
    "longer than two days": ({"ends_at": "2026-11-24T02:01"}, "longer than 48 hours"),
    "no end": ({"ends_at": "", "until_switched_off": "on"}, "It has no end"),
    "over": (
        {"starts_at": "2026-11-20T02:00", "ends_at": "2026-11-20T04:00"},
        "It is over since Fri 20 Nov 2026 04:00 Europe/Berlin",
    ),
    "a protected path": ({"paths": "/admin/"}, "“/admin/” is protected on this site"),
    "a health check": ({"paths": "/"}, "It closes “/health” too."),
    "another server": (
        {"target": "https://partner.example/"},
        "go on to another server, “partner.example”",
    ),
}


@pytest.mark.parametrize(("typed", "words"), ADVICE.values(), ids=ADVICE)
def test_what_may_surprise_is_said_and_allowed(editor, typed, words):
    response = save(editor, **typed)
    assert any(words in each for each in said(response)[2:])
    assert words in text_of(editor.get(change_url(the_only())))


def test_nothing_surprises_in_an_ordinary_window(editor):
    assert len(said(save(editor))) == 2


def test_a_target_on_this_site_is_no_surprise(editor):
    assert len(said(save(editor, target="/closed/"))) == 2


def test_two_people_see_the_same(editor, django_user_model):
    window = whole_window()
    act(editor, "start", window)
    client = type(editor)()
    client.force_login(django_user_model.objects.create_superuser("ada"))
    pages = [text_of(each.get(LIST)) for each in (editor, client)]
    assert all("● On shop /shop/" in page for page in pages)


# Buttons and actions


def press(client, window, verb):
    return client.post(change_url(window, verb), follow=True)


def buttons(client, window) -> list[str]:
    page = client.get(change_url(window)).content.decode()
    return re.findall(r'-tool">.*<button type="submit">([^<]*)</button>', page)


def in_state(state) -> MaintenanceWindow:
    made = {
        "on": {"starts_at": NOON - HOUR},
        "scheduled": {},
        "off": {"enabled": False},
        "ended": {"starts_at": NOON - 2 * HOUR, "ends_at": NOON - HOUR},
    }
    return broken_window() if state == "rejected" else whole_window(**made[state])


BUTTONS = {
    "on": ["End now", "Extend by 30 minutes", "Extend by an hour", "Duplicate"],
    "scheduled": [
        "Extend by 30 minutes",
        "Extend by an hour",
        "Start now",
        "Cancel",
        "Duplicate",
    ],
    "off": ["Start now", "Switch on", "Duplicate"],
    "ended": ["Duplicate"],
    "rejected": ["Cancel", "Duplicate"],
}


@pytest.mark.parametrize("state", BUTTONS)
def test_the_buttons_fit_the_state(editor, state):
    assert buttons(editor, in_state(state)) == BUTTONS[state]


def test_without_an_end_there_is_none_to_move(editor):
    window = whole_window(ends_at=None)
    assert buttons(editor, window) == ["Start now", "Cancel", "Duplicate"]


DONE = {
    "start now": ("scheduled", "start", {"starts_at": NOON}),
    "start what is off": ("off", "start", {"starts_at": NOON, "enabled": True}),
    "end now": ("on", "end", {"ends_at": NOON}),
    "half an hour more": ("on", "extend", {"ends_at": NOON + 3.5 * HOUR}),
    "an hour more": ("on", "extend_hour", {"ends_at": NOON + 4 * HOUR}),
    "cancel": ("scheduled", "cancel", {"enabled": False}),
    "cancel what an error switched off": ("rejected", "cancel", {"enabled": False}),
    "switch on": ("off", "resume", {"enabled": True}),
}


@pytest.mark.parametrize(("state", "verb", "fields"), DONE.values(), ids=DONE)
def test_a_button_does_what_it_says_and_is_in_the_history(editor, state, verb, fields):
    window = in_state(state)
    press(editor, window, verb)
    row = the_only()
    assert {name: getattr(row, name) for name in fields} == fields
    assert LogEntry.objects.filter(object_id=window.pk).count() == 1


@pytest.mark.parametrize("verb", ["start", "end", "extend", "cancel", "resume"])
def test_what_is_over_stays_over(editor, verb):
    window = in_state("ended")
    before = window.to_document()
    response = press(editor, window, verb)
    assert the_only().to_document() == before
    assert said(response)[0].startswith("Nothing to ")


@pytest.mark.parametrize(("verb", "enabled"), [("start", True), ("resume", False)])
def test_what_could_not_be_saved_is_not_switched_on(editor, verb, enabled):
    window = whole_window(enabled=False)
    MaintenanceWindow.objects.update(target="https://elsewhere.example/")
    response = press(editor, window, verb)
    assert not the_only().enabled
    assert said(response)[0].startswith("“shop” stays off. ")


@pytest.mark.parametrize("verb", ["extend", "extend_hour"])
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"target": "https://elsewhere.example/"}, "ALLOWED_TARGET_HOSTS"),
        ({"timezone": "Nowhere/Land"}, "is not a time zone"),
        (
            {"ends_at": datetime(9999, 12, 31, 23, 45, tzinfo=UTC), "timezone": "UTC"},
            "after the year 9999",
        ),
    ],
    ids=["a target", "a zone", "the end of time"],
)
def test_what_could_not_be_saved_so_keeps_its_end(editor, verb, broken, reason):
    window = in_state("on")
    other = whole_window("other", starts_at=NOON - HOUR)
    MaintenanceWindow.objects.filter(pk=window.pk).update(**broken)
    before = MaintenanceWindow.objects.get(pk=window.pk).ends_at
    chosen = {"action": verb, "_selected_action": [window.pk, other.pk]}
    response = editor.post(LIST, chosen, follow=True)
    assert MaintenanceWindow.objects.get(pk=window.pk).ends_at == before
    assert MaintenanceWindow.objects.get(pk=other.pk).ends_at > other.ends_at
    refusal, done = said(response)
    assert refusal.startswith("“shop” keeps its end. ")
    assert reason in refusal
    assert done.startswith("1 window extended by ")


def test_what_cannot_be_read_is_not_switched_on(editor):
    window = broken_window(enabled=False)
    response = press(editor, window, "resume")
    assert said(response)[0].startswith("“shop” stays off. ")


def test_asking_a_verb_asks_first_and_does_nothing(editor):
    window = in_state("on")
    page = editor.get(change_url(window, "end"))
    assert "Visitors see the pages again from this moment on." in text_of(page)
    assert the_only().ends_at == NOON + 3 * HOUR


def test_a_copy_is_off_has_a_free_name_and_is_opened(editor):
    window = whole_window()
    RedirectRule.objects.schedule("/a/", "/b/", name="shop (copy)")
    response = press(editor, window, "duplicate")
    copy = MaintenanceWindow.objects.get(name="shop (copy 2)")
    assert response.redirect_chain[-1][0] == change_url(copy)
    assert (copy.enabled, copy.paths, copy.ends_at) == (False, "/shop/", window.ends_at)
    assert copy.pass_key != window.pass_key


def test_the_copy_of_a_rule_takes_no_name_of_a_window(editor):
    rule = RedirectRule.objects.schedule("/a/", "/b/", name="shop")
    whole_window("shop (copy)")
    assert rule.duplicate().name == "shop (copy 2)"


def test_actions_do_it_to_many_and_say_to_how_many(editor):
    windows = [whole_window(name) for name in ("a", "b")]
    messages = [
        said(act(editor, action, *windows))[0]
        for action in ("extend", "extend_hour", "start", "cancel", "duplicate")
    ]
    assert messages == [
        "2 windows extended by 30 minutes.",
        "2 windows extended by an hour.",
        "2 windows started.",
        "Nothing to cancel: none of what is selected is scheduled. What is on can be "
        "ended.",
        "2 windows duplicated. The copies are off: change their times, then switch "
        "them on.",
    ]
    assert [row.ends_at for row in MaintenanceWindow.objects.filter(enabled=True)] == [
        NOON + 4.5 * HOUR
    ] * 2


# Pass links


def link_on(response) -> str:
    return re.search(r"http://testserver(/maintenance/pass/\S+/)", text_of(response))[1]


@pytest.mark.parametrize(
    ("lasts", "until"),
    [
        ("3600", NOON + HOUR),
        ("86400", NOON + 24 * HOUR),
        ("end", NOON + 3 * HOUR),
    ],
)
def test_a_pass_link_is_shown_once_and_lets_through_until_then(
    editor, client, lasts, until
):
    window = in_state("on")
    page = editor.post(change_url(window, "link"), {"lasts": lasts})
    token = link_on(page).split("/")[-2]
    assert read_pass(token, NOON.timestamp()) == (window.pass_key, until.timestamp())
    assert token not in text_of(editor.get(change_url(window, "link")))
    assert token not in LogEntry.objects.get().get_change_message()


def test_the_link_opens_the_pages_and_is_revoked(editor):
    window = in_state("on")
    link = link_on(editor.post(change_url(window, "link"), {"lasts": "3600"}))
    statuses = [editor.get("/shop/").status_code]
    editor.get(link)
    statuses.append(editor.get("/shop/").status_code)
    said_then = said(press(editor, window, "revoke"))
    statuses.append(editor.get("/shop/").status_code)
    assert statuses == [307, 200, 307]
    assert said_then == [
        "All pass links are revoked: nobody passes with them any more."
    ]


def test_without_an_end_no_link_is_good_until_it(editor):
    window = whole_window(ends_at=None)
    asked = editor.get(change_url(window, "link"))
    page = editor.post(change_url(window, "link"), {"lasts": "end"})
    assert "Until the end" not in text_of(asked)
    assert page.context["form"].errors


@override_settings(ROOT_URLCONF="tests.urls_admin_alone")
def test_without_the_apps_addresses_there_is_no_link_and_no_preview(editor):
    window = MaintenanceWindow.objects.create(name="shop", paths="/shop/")
    page = editor.post(change_url(window, "link"), {"lasts": "3600"})
    shown = text_of(editor.get(change_url(window)))
    assert page.context["link"] == ""
    assert "The notice has no address." in shown
    assert "Preview" not in shown


# The preview


def preview_of(client, window) -> str:
    page = client.get(change_url(window)).content.decode()
    return unescape(re.search(r'href="([^"]*preview=[^"]*)"', page)[1])


@pytest.mark.parametrize("state", ["scheduled", "off", "ended", "on"])
def test_the_notice_is_seen_before_it_is_on(editor, state):
    window = in_state(state)
    MaintenanceWindow.objects.update(title="Closed", staff_pass=False)
    page = editor.get(preview_of(editor, window))
    assert page.status_code == 503
    assert "Closed" in text_of(page)


def test_a_window_without_a_start_has_a_preview(editor):
    window = whole_window(starts_at=None, enabled=False)
    assert editor.get(preview_of(editor, window)).status_code == 503


def test_a_preview_is_of_one_window_and_ends_with_the_day(editor):
    urls = [preview_of(editor, whole_window(name)) for name in ("a", "b")]
    swapped = urls[0].partition("?")[0] + "?" + urls[1].partition("?")[2]
    statuses = [editor.get(swapped).status_code]
    with time_machine.travel(NOON + 25 * HOUR, tick=False):
        statuses.append(editor.get(urls[0]).status_code)
    assert statuses == [307, 307]


# The list


@pytest.mark.parametrize("state", BUTTONS)
def test_the_list_is_narrowed_by_state(editor, state):
    window = in_state(state)
    MaintenanceWindow.objects.filter(pk=window.pk).update(name="wanted")
    for other in {*BUTTONS} - {state, "rejected"}:
        row = in_state(other)
        MaintenanceWindow.objects.filter(pk=row.pk).update(name=other)
    assert names(editor.get(LIST, {"state": state})) == ["wanted"]


def test_a_state_that_is_none_narrows_nothing(editor):
    whole_window()
    assert names(editor.get(LIST, {"state": "x"})) == ["shop"]


def test_the_list_is_narrowed_to_what_has_no_end(editor):
    whole_window("open", ends_at=None)
    whole_window("closed")
    assert names(editor.get(LIST, {"end": "open"})) == ["open"]


@pytest.mark.parametrize("asked", ["shop", "/b/", "Closed"])
def test_the_list_is_searched(editor, asked):
    whole_window("shop", ["/b/"], title="Closed")
    whole_window("other", ["/c/"])
    assert names(editor.get(LIST, {"q": asked})) == ["shop"]


def test_the_list_says_what_is_closed_when_and_who_passes(editor):
    whole_window(
        paths=["/a/", "/b/", "/c/", "/d/"],
        except_paths=["/a/x/"],
        hosts=["shop.example"],
        ends_at=None,
    )
    assert (
        "◷ Scheduled shop /a/ /b/ /c/ and 1 more on shop.example except /a/x/ Sat 21 "
        "Nov 2026 14:00 Europe/Berlin until somebody ends it 13:00 UTC starts in 1 "
        "hour nobody passes"
    ) in text_of(editor.get(LIST)).replace("\xa0", " ")


def test_the_list_shows_windows_that_an_error_switched_off(editor):
    broken_window()
    MaintenanceWindow.objects.update(timezone="Nowhere/Land", staff_pass=True)
    page = text_of(editor.get(LIST))
    assert "⚠ Switched off by an error" in page
    assert "“Nowhere/Land” is not a time zone" in page
    assert "schedule.timezone" not in page  # a key of the document
    assert "staff pass" in page


def test_the_form_of_a_broken_window_opens(editor):
    window = broken_window()
    page = text_of(editor.get(change_url(window)))
    assert "⚠ Switched off by an error" in page


def test_the_list_asks_the_same_number_of_queries_for_any_number(editor):
    counts = []
    for names_ in (["a"], ["b", "c", "d"]):
        for name in names_:
            whole_window(name)
        editor.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            editor.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Permissions


def test_who_may_view_reads_and_changes_nothing(staff):
    client = staff("view")
    window = in_state("on")
    page = client.get(change_url(window))
    refused = [
        client.post(change_url(window, verb)).status_code
        for verb in ("end", "extend", "start", "cancel", "duplicate", "revoke", "link")
    ]
    text = text_of(page)
    assert "sees the notice." in text
    assert "Pass link" not in text
    assert set(refused) == {403}
    assert "action" not in client.get(LIST).context["cl"].model_admin.get_actions(
        page.wsgi_request
    )
    assert the_only().ends_at == NOON + 3 * HOUR


def test_who_may_not_view_sees_nothing(staff):
    client = staff()
    assert client.get(LIST).status_code == 403


def test_a_window_that_is_gone_is_not_found(editor):
    window = whole_window()
    MaintenanceWindow.objects.all().delete()
    assert editor.post(change_url(window, "end")).status_code == 404


def test_with_the_site_in_maintenance_staff_sign_in_and_end_it(
    client, django_user_model
):
    django_user_model.objects.create_superuser("ada", password="secret")
    window = whole_window("site", ["/"], starts_at=None)
    form = {"username": "ada", "password": "secret", "next": change_url(window)}
    statuses = [client.get("/").status_code, client.get("/admin/login/").status_code]
    client.post("/admin/login/", form)
    press(client, window, "end")
    statuses.append(client.get("/").status_code)
    assert statuses == [307, 200, 200]


# One name is one thing


def test_a_rule_cannot_take_the_name_of_a_window():
    whole_window("Shop")
    with pytest.raises(ValidationError) as refused:
        RedirectRule.objects.schedule("/a/", "/b/", name="shop")
    assert refused.value.message_dict == {
        "name": ["A maintenance window has this name already; use another."]
    }


def test_the_form_of_a_rule_refuses_the_name_of_a_window(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ada"))
    whole_window("Shop")
    response = client.post(
        "/admin/temp_redirects/redirectrule/add/",
        {
            "name": "shop",
            "path": "/a/",
            "target": "/b/",
            "match": "exact",
            "status": "307",
            "query": "keep",
            "timezone": "UTC",
            "priority": "0",
            "cache_seconds": "0",
            "until_switched_off": "on",
        },
    )
    assert errors(response)["name"] == [
        "There is a maintenance window “Shop” already (capitals make no difference). "
        "Example of another name: “Shop 2”."
    ]


# Test a URL


def links_to_tests(page) -> list[str]:
    links = re.findall(r'<a href="([^"]*/test/[^"]*)">Test', page.content.decode())
    return list(map(unescape, links))


@pytest.fixture
def tester(editor, django_user_model):
    """Somebody who may see the rules too."""
    may = Permission.objects.get(codename="view_redirectrule")
    django_user_model.objects.get().user_permissions.add(may)
    return editor


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        ({}, "?url=%2Fshop%2F"),
        ({"paths": ["/a b/", "/shop/"]}, "?url=%2Fa+b%2F"),
        ({"hosts": ["*.a.example"]}, "?url=https%3A%2F%2Fwww.a.example%2Fshop%2F"),
    ],
    ids=["the path", "the first of some", "on its host"],
)
def test_a_window_leads_to_the_test_of_what_it_closes(tester, made, asked):
    window = MaintenanceWindow.objects.schedule("shop", **{"paths": ["/shop/"]} | made)
    found = links_to_tests(tester.get(change_url(window)))
    assert [link.partition("/test/")[2] for link in found] == [asked]
    assert "Open “shop”" in text_of(tester.get(found[0]))


def test_the_list_and_what_an_error_switched_off_lead_to_an_empty_test(tester):
    pages = [tester.get(LIST), tester.get(change_url(broken_window()))]
    for page in pages:
        assert [link.partition("/test/")[2] for link in links_to_tests(page)] == [""]


def test_the_message_after_saving_leads_to_the_test(tester):
    assert "?url=%2Fshop%2F" in links_to_tests(save(tester))[0]


def test_who_may_not_see_rules_is_not_led_to_a_test(editor):
    window = whole_window()
    pages = [editor.get(LIST), editor.get(change_url(window)), save(editor, name="b")]
    assert [links_to_tests(page) for page in pages] == [[], [], []]
