"""The kill switch in the admin: its page, and the banner on every page meanwhile."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from temp_redirects import banner
from temp_redirects.models import Batch, KillSwitch, MaintenanceWindow, RedirectRule

PAGE = "/admin/temp_redirects/killswitch/"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # 13:00 in Berlin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        RedirectRule.objects.schedule("/old/", "/new/", name="moved")
        yield


@pytest.fixture
def staff(client, django_user_model):
    """Return a function that signs somebody with these permissions in."""

    def sign_in(*codes):
        user = django_user_model.objects.create_user("mia", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codes))
        client.force_login(user)
        return client

    return sign_in


def text_of(response):
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def pull(client, **typed):
    data = {"scope": "everything", "host": "", "lasts": "15", "reason": "", **typed}
    return client.post(PAGE, data, follow=True)


def test_it_is_pulled_on_one_page_and_taken_back_there(admin_client):
    page = pull(admin_client, reason="loop on /")
    assert admin_client.get("/old/").status_code == 200
    said = (
        "All redirects and maintenance windows are switched off until Sat 21 Nov 2026 "
        "13:15 Europe/Berlin (in 15 minutes). Reason: loop on /. By admin."
    )
    assert said in text_of(page)
    row = KillSwitch.objects.get()
    text = text_of(admin_client.post(f"{PAGE}{row.pk}/on/", follow=True))
    assert "It is switched on again." in text
    assert "Nothing is switched off by the kill switch." in text
    assert admin_client.get("/old/").status_code == 307


@pytest.mark.parametrize(("lasts", "minutes"), [("15", 15), ("60", 60), ("", None)])
def test_it_lasts_as_long_as_chosen(admin_client, lasts, minutes):
    pull(admin_client, lasts=lasts)
    ends = None if minutes is None else NOON + timedelta(minutes=minutes)
    assert KillSwitch.objects.get().ends_at == ends


def test_one_host_is_named(admin_client):
    page = pull(admin_client, scope="host")
    assert "Name the host to switch off." in text_of(page)
    pull(admin_client, scope="host", host="shop.example")
    assert admin_client.get("/old/", HTTP_HOST="shop.example").status_code == 200
    assert admin_client.get("/old/").status_code == 307


def test_what_is_nothing_to_choose_is_refused(admin_client):
    assert pull(admin_client, scope="nothing").status_code == 200
    assert not KillSwitch.objects.exists()


def test_the_history_says_who_did_it(admin_client):
    pull(admin_client)
    batch = Batch.objects.get(who="admin")
    assert [each.kind for each in batch.changes] == ["switch"]
    history = text_of(admin_client.get("/admin/temp_redirects/batch/"))
    assert "switched off “everything”" in history


def test_its_message_offers_to_undo(admin_client):
    page = pull(admin_client)
    assert "temp-redirects-undo" in page.content.decode()


def test_who_may_see_rules_sees_it_and_does_not_use_it(staff):
    reader = staff("view_redirectrule")
    row = KillSwitch.objects.pull()
    assert "You may see this, and not use it." in text_of(reader.get(PAGE))
    assert pull(reader).status_code == 403
    assert reader.post(f"{PAGE}{row.pk}/on/").status_code == 403
    assert KillSwitch.objects.exists()
    rules = reader.get("/admin/temp_redirects/redirectrule/")
    assert "Switch off all" not in text_of(rules)


def test_who_may_use_it_needs_nothing_else(staff):
    operator = staff("kill_switch")
    pull(operator)
    row = KillSwitch.objects.get()
    assert operator.get("/old/").status_code == 200
    operator.post(f"{PAGE}{row.pk}/on/")
    assert not KillSwitch.objects.exists()
    assert "Kill switch" in text_of(operator.get("/admin/"))


def test_who_may_see_nothing_does_not_see_it(staff):
    assert staff("add_user").get(PAGE).status_code == 403


@pytest.mark.parametrize("kind", ["redirectrule", "maintenancewindow"])
def test_the_lists_lead_to_it(admin_client, kind):
    page = admin_client.get(f"/admin/temp_redirects/{kind}/")
    assert f'<a href="{PAGE}">Switch off all…</a>' in page.content.decode()


def test_switched_on_is_by_a_post_alone_and_twice_is_no_error(admin_client):
    row = KillSwitch.objects.pull()
    url = f"{PAGE}{row.pk}/on/"
    assert admin_client.get(url).status_code == 405
    for _ in range(2):
        assert admin_client.post(url, follow=True).status_code == 200


@override_settings(TEMP_REDIRECTS={"ENABLED": False})
def test_the_setting_is_told(admin_client):
    assert "The settings switch everything off" in text_of(admin_client.get(PAGE))


def test_the_page_runs_no_script_and_no_style_of_its_own(admin_client):
    KillSwitch.objects.pull()
    page = admin_client.get(PAGE).content.decode()
    script = r"<style|<script(?![^>]*src=)[^>]*>\s*\w| style=| on\w+="
    assert not re.search(script, page)


# The banner

ANYWHERE = ["/admin/", "/admin/auth/user/", "/admin/temp_redirects/redirectrule/add/"]


@pytest.mark.parametrize("url", ANYWHERE)
def test_every_page_of_the_admin_has_the_banner(admin_client, url):
    assert "temp-redirects-banner" not in admin_client.get(url).content.decode()
    KillSwitch.objects.pull(reason="<loop>")
    page = admin_client.get(url).content.decode()
    assert page.count("temp-redirects-banner") == 1
    assert "Reason: &lt;loop&gt;." in page
    assert f'<a href="{PAGE}">Switch on again</a>' in page
    assert re.search(r"<body[^>]*><aside", page)


def test_pages_with_the_banner_ask_the_database_no_more(admin_client):
    def ask():
        admin_client.get("/admin/")  # the rules are read
        with CaptureQueriesContext(connection) as asked:
            page = admin_client.get("/admin/").content
        return len(asked), b"temp-redirects-banner" in page

    without = ask()
    KillSwitch.objects.pull()
    assert (without, ask()) == ((3, False), (3, True))


# The lists


def states(client, kind):
    page = client.get(f"/admin/temp_redirects/{kind}/").content.decode()
    found = re.findall(
        r'<td class="field-state">.*?<span class="temp-redirects-state.*?</span> (.*?)<'
        r'.*?class="field-title(?:_of)?.*?<a [^>]*>(.*?)</a>',
        page,
        re.S,
    )
    return {name: state for state, name in found}


@pytest.mark.parametrize(
    ("scope", "host", "off"),
    [
        ("everything", "", {"moved", "here", "both", "closed"}),
        ("maintenance", "", {"closed"}),
        pytest.param("host", "a.example", {"here"}, id="others have another host too"),
        ("host", "c.example", set()),
    ],
)
def test_the_lists_say_what_a_kill_switch_stops(admin_client, scope, host, off):
    schedule = RedirectRule.objects.schedule
    schedule("/x/", "/y/", name="here", hosts=["a.example"])
    schedule("/x/", "/y/", name="both", hosts=["a.example", "b.example"])
    schedule("/z/", "/y/", name="waits", enabled=False)
    MaintenanceWindow.objects.schedule("closed", ["/shop/"])
    before = states(admin_client, "redirectrule")
    assert before == dict.fromkeys(["moved", "here", "both"], "Live") | {
        "waits": "Paused"
    }

    KillSwitch.objects.pull(scope, host=host, ends_at=NOON + timedelta(minutes=15))

    rules = states(admin_client, "redirectrule")
    windows = states(admin_client, "maintenancewindow")
    assert rules == before | dict.fromkeys(off - {"closed"}, "Switched off")
    assert windows == {"closed": "Switched off" if "closed" in off else "On"}
    with time_machine.travel(NOON + timedelta(minutes=15), tick=False):
        assert states(admin_client, "redirectrule") == before


@pytest.mark.parametrize("kind", ["redirectrule", "maintenancewindow"])
def test_that_costs_a_list_no_query(admin_client, kind):
    def ask():
        states(admin_client, kind)  # the rules are read
        with CaptureQueriesContext(connection) as asked:
            states(admin_client, kind)
        return len(asked)

    without = ask()
    KillSwitch.objects.pull()
    assert ask() == without


# The banner again


def test_it_goes_with_the_end(admin_client):
    KillSwitch.objects.pull(ends_at=NOON + timedelta(minutes=15))
    assert "temp-redirects-banner" in admin_client.get("/admin/").content.decode()
    with time_machine.travel(NOON + timedelta(minutes=15)):
        page = admin_client.get("/admin/").content.decode()
    assert "temp-redirects-banner" not in page


def test_of_each_scope_it_says_what_is_off(admin_client):
    KillSwitch.objects.pull("maintenance")
    KillSwitch.objects.pull("host", host="a.example")
    text = text_of(admin_client.get("/admin/"))
    assert "All maintenance windows are switched off until somebody" in text
    assert "windows on “a.example” are switched off until somebody" in text


@pytest.mark.parametrize("url", ["/", "/old/", "/admin/login/", "/admin/jsi18n/"])
def test_visitors_and_what_is_no_page_see_none(client, url):
    KillSwitch.objects.pull()
    assert b"temp-redirects-banner" not in client.get(url).content


def test_staff_on_the_site_itself_see_none(admin_client):
    KillSwitch.objects.pull()
    assert b"temp-redirects-banner" not in admin_client.get("/old/").content


def test_an_async_server_shows_it_too(async_client, admin_user):
    KillSwitch.objects.pull()
    async_to_sync(async_client.aforce_login)(admin_user)
    page = async_to_sync(async_client.get)("/admin/")
    assert b"temp-redirects-banner" in page.content


@override_settings(ROOT_URLCONF="temp_redirects.urls")
def test_an_admin_without_the_page_has_no_link():
    assert banner._link("admin") == ""
