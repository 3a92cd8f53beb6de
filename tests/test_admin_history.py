"""The history in the admin: who did what, the way back, and what it does first."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from temp_redirects.models import (
    Batch,
    Destination,
    KillSwitch,
    MaintenanceWindow,
    RedirectRule,
    Revision,
)
from temp_redirects.models.recording import recorded

LIST = "/admin/temp_redirects/redirectrule/"
HISTORY = "/admin/temp_redirects/batch/"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # 13:00 in Berlin
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def staff(client, django_user_model):
    """Return a function that signs somebody with these permissions in."""

    def sign_in(*codes):
        user = django_user_model.objects.create_user("mia", is_staff=True)
        rules = [f"{code}_redirectrule" for code in codes]
        found = Permission.objects.filter(codename__in=[*rules, *codes])
        user.user_permissions.set(found)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def editor(staff):
    return staff("view", "add", "change", "delete", "publish", "view_maintenancewindow")


def text_of(response):
    """Return what a person reads on a page, blanks made one."""
    body = response.content.decode()
    body = re.sub(r"<(script|style).*?</\1>", "", body, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def rule(**fields):
    return RedirectRule.objects.schedule(
        **{"source": "/shop/", "target": "/news/", "name": "shop", **fields}
    )


def done(write, who="ada", at=NOON + HOUR):
    """Write as one batch, and return it."""
    with time_machine.travel(at, tick=False), recorded("command", who=who) as origin:
        write()
    return Batch.objects.get(pk=origin.stored[-1])


def undo_url(batch, revision=None):
    return f"{HISTORY}{batch.pk}/undo/" + (f"{revision.pk}/" if revision else "")


def do_it(client, url):
    """Look at what a page would do, and do it."""
    mark = client.get(url).context["mark"]
    return client.post(url, {"seen": mark}, follow=True)


def undo_link(response):
    """Return where the message of success leads that offers to undo."""
    texts = " ".join(str(each) for each in response.context["messages"])
    return re.search(r'<a class="temp-redirects-undo" href="([^"]*)">Undo</a>', texts)[
        1
    ]


# What it tells


def test_the_list_tells_who_did_what_and_from_where(editor):
    made = rule()
    done(lambda: RedirectRule.objects.filter(pk=made.pk).update(priority=7))
    text = text_of(editor.get(HISTORY))
    assert "21 Nov 2026" in text or "Nov. 21, 2026" in text
    assert "ada" in text
    assert "command line" in text
    assert "changed “shop”: priority: 0 → 7" in text


def test_a_batch_is_told_field_by_field(editor):
    rule()
    batch = done(lambda: Destination.objects.update(target="/blog/"))
    text = text_of(editor.get(f"{HISTORY}{batch.pk}/change/"))
    assert "changed “shop” redirect rule" in text
    assert "send visitors to: before: /news/ → after: /blog/" in text


def test_conditions_are_called_what_they_are_called_on_the_form(editor):
    made = rule(conditions=[{"kind": "bot", "value": "any"}])
    # One of the project's own, whose code is gone since.
    batch = done(lambda: made.conditions.update(kind="loyalty"))
    text = text_of(editor.get(f"{HISTORY}{batch.pk}/change/"))
    assert "only for: before: Robot: any → after: loyalty: any" in text


def test_a_rule_has_a_page_of_its_own_and_keeps_it_when_it_is_gone(editor):
    made = rule()
    pk = made.pk
    done(lambda: made.delete())
    page = editor.get(f"{LIST}{pk}/history/")
    assert "History of “shop”" in text_of(page)
    assert "deleted “shop”" in text_of(page)
    assert "It is deleted. Undo the last change to bring it back." in text_of(page)


def test_what_the_admin_noted_stands_below(editor):
    made = rule(enabled=False)
    editor.post(f"{LIST}{made.pk}/resume/")
    page = editor.get(f"{LIST}{made.pk}/history/")
    assert [each.get_change_message() for each in page.context["noted"]] == ["Resumed."]


@pytest.mark.parametrize("what", ["x", "00000000-0000-0000-0000-000000000000"])
def test_what_never_was_has_no_page(editor, what):
    assert editor.get(f"{LIST}{what}/history/").status_code == 404
    assert editor.get(f"{HISTORY}{what}/change/").status_code == 404
    assert editor.get(f"{HISTORY}{uuid4()}/undo/").status_code == 404


def test_of_a_big_batch_the_list_tells_the_first_and_the_page_leads_on(editor):
    names = [f"rule {number:03}" for number in range(120)]
    batch = done(
        lambda: RedirectRule.objects.bulk_create(
            RedirectRule(name=name, path=f"/{number}")
            for number, name in enumerate(names)
        )
    )
    assert "and 117 more" in text_of(editor.get(HISTORY))
    page = editor.get(f"{HISTORY}{batch.pk}/change/?p=2")
    assert len(page.context["changes"]) == 20
    plan = editor.get(undo_url(batch))
    assert "and 20 more" in text_of(plan)


@pytest.mark.parametrize("url", [HISTORY, "batch", "rule", "undo"])
def test_pages_ask_as_often_for_many_changes_as_for_few(editor, url):
    made = rule()

    def ask():
        batch = Batch.objects.order_by("at")[0]
        address = {
            "batch": f"{HISTORY}{batch.pk}/change/",
            "rule": f"{LIST}{made.pk}/history/",
            "undo": undo_url(batch),
        }.get(url, url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert editor.get(address).status_code == 200
        return len(asked)

    done(lambda: RedirectRule.objects.update(priority=1))
    ask()
    few = ask()
    for number in range(2, 12):
        done(lambda n=number: RedirectRule.objects.update(priority=n))
    assert ask() == few


def test_pages_run_no_script_and_no_style_of_their_own(editor):
    made = rule()
    batch = done(lambda: RedirectRule.objects.update(priority=1))
    for url in (
        HISTORY,
        f"{HISTORY}{batch.pk}/change/",
        f"{HISTORY}back/",
        undo_url(batch),
        f"{LIST}{made.pk}/history/",
    ):
        page = editor.get(url).content.decode()
        assert "temp_redirects/admin.css" in page
        script = r"<style|<script(?![^>]*src=)[^>]*>\s*\w| style=| on\w+="
        assert not re.search(script, page)


# Taking back


def test_undo_shows_what_it_does_and_does_it_when_posted(editor):
    rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7, note="x"))
    text = text_of(editor.get(undo_url(batch)))
    assert "priority: before: 7 → after: 0" in text
    assert RedirectRule.objects.get().priority == 7
    page = do_it(editor, undo_url(batch))
    assert "1 change undone." in text_of(page)
    assert RedirectRule.objects.get().priority == 0


def test_undoing_is_undone_by_its_own_message(editor):
    rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    page = do_it(editor, undo_url(batch))
    do_it(editor, undo_link(page))
    assert RedirectRule.objects.get().priority == 7


def test_one_change_of_a_batch_alone(editor):
    rule()
    rule(source="/b/", name="blog")
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    one = Revision.objects.get(batch=batch, name="blog")
    do_it(editor, undo_url(batch, one))
    found = dict(RedirectRule.objects.values_list("name", "priority"))
    assert found == {"shop": 7, "blog": 0}


def test_back_to_a_moment(editor):
    with recorded(who="eve"):
        rule()
    done(lambda: RedirectRule.objects.update(priority=7), at=NOON + HOUR)
    done(lambda: rule(source="/b/", name="blog"), at=NOON + 2 * HOUR)
    with time_machine.travel(NOON + 3 * HOUR):
        url = f"{HISTORY}back/?to=2026-11-21T13:30"  # on the site's clock
        text = text_of(editor.get(url))
        assert "Change “shop”" in text
        assert "Delete “blog”" in text
        do_it(editor, url)
    found = dict(RedirectRule.objects.values_list("name", "priority"))
    assert found == {"shop": 0}


def test_back_to_before_a_batch_is_offered_beside_it(editor):
    with recorded(who="eve"):
        rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    page = editor.get(f"{HISTORY}{batch.pk}/change/")
    do_it(editor, page.context["back_url"])
    assert RedirectRule.objects.get().priority == 0


@pytest.mark.parametrize(
    "typed", ["soon", "2026-13-01T00:00", "0001-01-01T00:00+23:00"]
)
def test_what_is_no_moment_is_asked_again(editor, typed):
    page = editor.get(f"{HISTORY}back/", {"to": typed})
    assert page.status_code == 200
    assert page.context["problem"]


def test_what_changed_since_it_was_shown_is_shown_again_before_it_is_overwritten(
    editor,
):
    rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    mark = editor.get(undo_url(batch)).context["mark"]
    done(lambda: RedirectRule.objects.update(priority=8), who="bob")
    page = editor.post(undo_url(batch), {"seen": mark})
    assert "Somebody changed something meanwhile" in text_of(page)
    assert RedirectRule.objects.get().priority == 8


def test_what_cannot_be_undone_is_named_with_the_reason(editor):
    made = rule()
    batch = done(lambda: made.delete())
    rule(source="/other/")  # has the name by now
    page = editor.get(undo_url(batch))
    assert "Another one has this name by now." in text_of(page)
    assert 'value="Do it"' not in page.content.decode()


def test_undone_already_is_no_error(editor):
    rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    do_it(editor, undo_url(batch))
    assert "Nothing to undo: it is so already." in text_of(editor.get(undo_url(batch)))


# The link in every message of success

FORM = {
    "name": "shop",
    "enabled": "on",
    "match": "exact",
    "path": "/shop/",
    "target": "/news/",
    "status": "307",
    "query": "keep",
    "initial-ends_at": "2026-11-21T16:00",
    "ends_at": "2026-11-21T16:00",
    "timezone": "Europe/Berlin",
    "priority": "0",
    "cache_seconds": "0",
}


def saved(client, made):
    return client.post(
        f"{LIST}{made.pk}/change/", {**FORM, "priority": "7"}, follow=True
    )


def acted(action):
    def act(client, made):
        data = {"action": action, "_selected_action": [made.pk], "index": "0"}
        return client.post(LIST, data, follow=True)

    return act


def deleted_from_the_list(client, made):
    data = {"action": "delete_selected", "_selected_action": [made.pk], "post": "yes"}
    return client.post(LIST, data, follow=True)


WRITES = {
    "save": saved,
    "pause": acted("pause"),
    "end": acted("end"),
    "duplicate": acted("duplicate"),
    "a button": lambda client, made: client.post(
        f"{LIST}{made.pk}/pause/", follow=True
    ),
    "delete": lambda client, made: client.post(
        f"{LIST}{made.pk}/delete/", {"post": "yes"}, follow=True
    ),
    "delete from the list": deleted_from_the_list,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_message_of_success_offers_to_undo_ids_of_arms_included(editor, write):
    with recorded(who="eve"):
        made = rule(ends_at=NOON + 3 * HOUR)
    before = [row.to_document() for row in RedirectRule.objects.all()]
    keys = list(Destination.objects.values_list("key", flat=True))
    page = write(editor, made)
    assert [row.to_document() for row in RedirectRule.objects.all()] != before
    do_it(editor, undo_link(page))
    assert [row.to_document() for row in RedirectRule.objects.all()] == before
    assert list(Destination.objects.values_list("key", flat=True)) == keys


def test_a_new_rule_is_undone_by_its_message(editor):
    page = editor.post(f"{LIST}add/", FORM, follow=True)
    do_it(editor, undo_link(page))
    assert not RedirectRule.objects.exists()


def test_nothing_done_offers_nothing(editor):
    made = rule(enabled=False)
    page = acted("pause")(editor, made)
    assert "temp-redirects-undo" not in page.content.decode()


def test_who_may_not_delete_is_not_offered_to_undo_what_is_new(staff):
    page = staff("view", "add", "change", "publish").post(
        f"{LIST}add/", FORM, follow=True
    )
    assert "temp-redirects-undo" not in page.content.decode()


# Who may what


def test_who_may_view_rules_reads_the_history_and_undoes_nothing(staff):
    reader = staff("view")
    made = rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    for url in (HISTORY, f"{HISTORY}{batch.pk}/change/", f"{LIST}{made.pk}/history/"):
        assert reader.get(url).status_code == 200
    assert "You may not change it." in text_of(reader.get(undo_url(batch)))
    do_it(reader, undo_url(batch))
    assert RedirectRule.objects.get().priority == 7
    assert "History" in text_of(reader.get("/admin/"))


def test_who_may_view_rules_alone_sees_nothing_of_windows(staff):
    rule()
    reader = staff("view")
    batch = done(lambda: MaintenanceWindow.objects.schedule("secret", ["/x/"]))
    assert "secret" not in text_of(reader.get(HISTORY))
    assert "secret" not in text_of(reader.get(f"{HISTORY}{batch.pk}/change/"))
    assert reader.get(undo_url(batch)).status_code == 404
    with time_machine.travel(NOON + 3 * HOUR):
        assert "secret" not in text_of(
            reader.get(f"{HISTORY}back/?to=2026-11-21T10:00")
        )


def test_who_may_see_nothing_sees_no_history(staff):
    nobody = staff("add_user")
    made = rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    for url in (
        HISTORY,
        f"{HISTORY}{batch.pk}/change/",
        f"{HISTORY}back/",
        f"{LIST}{made.pk}/history/",
    ):
        assert nobody.get(url).status_code == 403
    assert nobody.get(undo_url(batch)).status_code == 404


@pytest.mark.parametrize("address", ["add/", "delete/"])
def test_nobody_writes_history(admin_client, address):
    rule()
    batch = done(lambda: RedirectRule.objects.update(priority=7))
    url = HISTORY + (address if address == "add/" else f"{batch.pk}/{address}")
    assert admin_client.get(url).status_code == 403


def test_undo_asks_for_the_permission_of_what_it_does(staff):
    made = rule(enabled=False)
    client = staff("view", "change")
    gone = done(lambda: made.delete())
    assert "You may not make it again." in text_of(client.get(undo_url(gone)))
    new = done(lambda: rule(source="/b/", name="b"))
    page = client.get(undo_url(new))
    assert "You may not delete it. Open it to end it" in text_of(page)
    where = f"{LIST}{RedirectRule.objects.get().pk}/change/"
    assert f'<a href="{where}">“b”</a>' in page.content.decode()


def test_what_undoing_does_to_a_kill_switch_and_to_what_is_gone_is_told(admin_client):
    pulled = done(lambda: KillSwitch.objects.pull())
    assert "Switch on again “everything”" in text_of(admin_client.get(undo_url(pulled)))
    over = done(lambda: KillSwitch.objects.all().delete())
    assert "Switch off “everything”" in text_of(admin_client.get(undo_url(over)))
    made = rule()
    gone = done(lambda: made.delete())
    assert "Bring back “shop”" in text_of(admin_client.get(undo_url(gone)))


def test_undo_publishes_nothing_for_who_may_not(staff):
    rule()
    client = staff("view", "change")
    batch = done(lambda: RedirectRule.objects.all().pause())
    page = do_it(client, undo_url(batch))
    assert not RedirectRule.objects.get().enabled
    assert "may not switch on" in text_of(page)


def test_the_kill_switch_is_taken_back_by_who_may_use_it(staff):
    rule()
    batch = done(lambda: KillSwitch.objects.pull())
    client = staff("view", "change", "publish")
    assert "You may not delete it." in text_of(client.get(undo_url(batch)))
    do_it(client, undo_url(batch))
    assert KillSwitch.objects.exists()


def test_the_kill_switch_taken_back(admin_client):
    batch = done(lambda: KillSwitch.objects.pull())
    do_it(admin_client, undo_url(batch))
    assert not KillSwitch.objects.exists()


# Who may change, but not publish


def form_without(name, **more):
    return {key: value for key, value in FORM.items() if key != name} | more


def test_what_is_on_is_read_and_not_edited_by_who_may_not_publish(staff):
    made = rule()
    client = staff("view", "change")
    page = client.get(f"{LIST}{made.pk}/change/")
    assert 'name="path"' not in page.content.decode()
    assert client.post(f"{LIST}{made.pk}/change/", FORM).status_code == 403
    assert RedirectRule.objects.get().path == "/shop/"


def test_what_is_off_is_edited_and_stays_off(staff):
    made = rule(enabled=False)
    client = staff("view", "change")
    page = client.get(f"{LIST}{made.pk}/change/")
    assert "Somebody who may publish has to switch it on." in text_of(page)
    client.post(f"{LIST}{made.pk}/change/", {**FORM, "path": "/x/"})
    row = RedirectRule.objects.get()
    assert (row.path, row.enabled) == ("/x/", False)


def test_a_new_rule_of_theirs_is_off(staff):
    staff("view", "add").post(f"{LIST}add/", FORM)
    assert not RedirectRule.objects.get().enabled


@pytest.mark.parametrize("verb", ["resume"])
def test_the_buttons_that_publish_are_not_theirs(staff, verb):
    made = rule(enabled=False)
    client = staff("view", "change")
    assert client.post(f"{LIST}{made.pk}/{verb}/").status_code == 403
    acted(verb)(client, made)
    page = client.get(f"{LIST}{made.pk}/change/").content.decode()
    assert f"/{verb}/" not in page
    assert not RedirectRule.objects.get().enabled


@pytest.mark.parametrize("verb", ["pause", "end"])
def test_switching_off_is_theirs(staff, verb):
    made = rule(ends_at=NOON + 3 * HOUR)
    client = staff("view", "change")
    client.post(f"{LIST}{made.pk}/{verb}/")
    assert RedirectRule.objects.get().state() != "live"


@pytest.mark.parametrize("verb", ["start", "resume", "extend", "extend_hour"])
def test_windows_are_switched_on_and_extended_by_who_may_publish(staff, verb):
    window = MaintenanceWindow.objects.schedule(
        "closed", ["/x/"], starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR
    )
    if verb in {"start", "resume"}:
        MaintenanceWindow.objects.update(enabled=False)
    before = MaintenanceWindow.objects.get().to_document()
    client = staff("view_maintenancewindow", "change_maintenancewindow")
    url = f"/admin/temp_redirects/maintenancewindow/{window.pk}/{verb}/"
    assert client.post(url).status_code == 403
    assert MaintenanceWindow.objects.get().to_document() == before


# Two people edit one rule


def opened(client, made):
    """Return what a form sends that is opened now."""
    form = client.get(f"{LIST}{made.pk}/change/").context["adminform"].form
    return {**FORM, "seen": form["seen"].value()}


def send(client, made, typed, **changes):
    data = {**typed, **changes}
    if data.get("enabled") is None:
        data.pop("enabled", None)
    return client.post(f"{LIST}{made.pk}/change/", data, follow=True)


def typed_again(page):
    """Return what the form on a page sends if one just saves it."""
    form = page.context["adminform"].form
    sent = {name: form[name].value() for name in [*FORM, "seen"] if name in form.fields}
    sent["initial-ends_at"] = FORM["initial-ends_at"]
    sent["enabled"] = "on" if form["enabled"].value() else None
    return {name: value for name, value in sent.items() if value is not None}


@pytest.fixture
def made():
    return rule(ends_at=NOON + 3 * HOUR)


def test_the_second_is_told_and_sees_both(editor, made):
    typed = opened(editor, made)
    done(lambda: Destination.objects.update(target="/theirs/"))
    page = send(editor, made, typed, target="/mine/")
    text = text_of(page)
    assert "ada saved this at" in text
    assert "changed “shop”: send visitors to: /news/ → /theirs/" in text
    assert "send visitors to /theirs/ /mine/" in text
    assert typed_again(page)["target"] == "/mine/"
    assert Destination.objects.get().target == "/theirs/"


def test_saved_once_more_it_is_theirs(editor, made):
    typed = opened(editor, made)
    done(lambda: Destination.objects.update(target="/theirs/"))
    page = send(editor, made, typed, target="/mine/")
    send(editor, made, typed_again(page))
    assert Destination.objects.get().target == "/mine/"


def test_a_third_is_told_of_again(editor, made):
    typed = opened(editor, made)
    done(lambda: Destination.objects.update(target="/theirs/"))
    page = send(editor, made, typed, target="/mine/")
    done(lambda: Destination.objects.update(target="/third/"), who="bob")
    page = send(editor, made, typed_again(page))
    assert "bob saved this at" in text_of(page)
    assert Destination.objects.get().target == "/third/"


def test_what_both_want_is_no_conflict(editor, made):
    typed = opened(editor, made)
    done(lambda: Destination.objects.update(target="/same/"))
    page = send(editor, made, typed, target="/same/")
    assert page.redirect_chain


def test_one_person_alone_is_never_told(editor, made):
    typed = opened(editor, made)
    assert send(editor, made, typed, target="/mine/").redirect_chain
    again = opened(editor, made)
    assert send(editor, made, again, target="/again/").redirect_chain
    assert Destination.objects.get().target == "/again/"


def test_what_others_switched_off_stays_off(editor, made):
    typed = opened(editor, made)
    done(lambda: RedirectRule.objects.all().pause())
    page = send(editor, made, typed, target="/mine/")
    assert "stays off, unless you tick the box again" in text_of(page)
    send(editor, made, typed_again(page))
    row = RedirectRule.objects.get()
    assert (row.enabled, row.destinations.get().target) == (False, "/mine/")


def test_switching_off_is_done_at_once_whatever_others_saved(editor, made):
    typed = opened(editor, made)
    done(lambda: Destination.objects.update(target="/theirs/"))
    page = send(editor, made, typed, enabled=None, target="/mine/")
    assert not RedirectRule.objects.get().enabled
    assert Destination.objects.get().target == "/theirs/"
    assert "It is switched off. What else you typed is not saved yet." in text_of(page)
    send(editor, made, typed_again(page))
    assert Destination.objects.get().target == "/mine/"


def test_what_is_typed_for_a_rule_that_is_gone_is_kept(editor, made):
    typed = opened(editor, made)
    pk = made.pk
    done(lambda: RedirectRule.objects.all().delete())
    made.pk = pk
    page = send(editor, made, typed, target="/mine/")
    assert "ada deleted this at" in text_of(page)
    assert not RedirectRule.objects.exists()
    send(editor, made, typed_again(page))
    assert Destination.objects.get().target == "/mine/"


def test_a_button_that_switches_off_needs_no_newest_form(editor, made):
    opened(editor, made)
    done(lambda: RedirectRule.objects.update(priority=7))
    editor.post(f"{LIST}{made.pk}/pause/")
    assert not RedirectRule.objects.get().enabled


def test_windows_tell_the_second_too(admin_client):
    window = MaintenanceWindow.objects.schedule(
        "closed", ["/x/"], ends_at=NOON + 3 * HOUR
    )
    url = f"/admin/temp_redirects/maintenancewindow/{window.pk}/change/"
    form = admin_client.get(url).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in typed.items() if value is not None}
    typed |= {
        "enabled": "on",
        "paths": "/x/",
        "title": "mine",
        "until_switched_off": "",
    }
    typed["initial-ends_at"] = typed["ends_at"]
    done(lambda: MaintenanceWindow.objects.update(title="theirs"))
    page = admin_client.post(url, typed)
    assert "ada saved this at" in text_of(page)
    assert "title theirs mine" in text_of(page)
