"""Drafts: what is typed in the form of a rule, tested before it is saved."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission

from temp_redirects.models import RedirectRule, Revision
from temp_redirects.models.versions import RulesetVersion

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)  # 14:05 in Berlin
HOUR = timedelta(hours=1)
ADD = "/admin/temp_redirects/redirectrule/add/"
TYPED = {
    "name": "draft",
    "enabled": "on",
    "match": "exact",
    "path": "/shop/",
    "target": "/new/",
    "status": "307",
    "query": "keep",
    "timezone": "Europe/Berlin",
    "ends_at": "2026-11-21T18:00",
    "priority": "0",
    "cache_seconds": "0",
    "test-method": "",
}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def posted(client, url=ADD, /, **typed):
    """Post the form with the button that tests it; return the page and the draft."""
    response = client.post(url, {**TYPED, **typed, "_test": "1"})
    assert response.status_code == 200
    return response.content.decode(), response.context["draft"]


def change_url(name):
    pk = RedirectRule.objects.named(name).pk
    return f"/admin/temp_redirects/redirectrule/{pk}/change/"


def test_the_form_asks_before_anything_is_tested(admin_client):
    draft = admin_client.get(ADD).context["draft"]

    assert not draft["is_tested"]
    assert "found" not in draft


def test_a_draft_is_answered_as_if_it_were_saved(admin_client):
    page, draft = posted(admin_client)

    assert draft["found"]["explanation"].answer == (
        "Redirected (307) to /new/ by “draft”."
    )
    assert draft["sentence"].startswith("From now to Sat 21 Nov 2026 18:00")
    assert draft["found"]["rows"][0]["is_draft"]
    assert "Nothing is saved yet." in page


def test_nothing_is_saved_and_the_input_is_kept(admin_client):
    page, _ = posted(admin_client, note="for Mia", path="/typed/")

    assert not RedirectRule.objects.exists()
    assert not Revision.objects.exists()
    assert 'value="/typed/"' in page
    assert "for Mia" in page
    assert "errornote" not in page


def test_a_stored_rule_is_thought_replaced_and_stays_as_it_is(admin_client):
    RedirectRule.objects.schedule("/shop/", "/old-target/", name="stored")
    before = RedirectRule.objects.values().get(), RulesetVersion.current("default")

    _, draft = posted(admin_client, change_url("stored"), name="stored")

    found = draft["found"]
    assert found["explanation"].decision.location == "/new/"
    assert len(found["rows"]) == 1
    now = RedirectRule.objects.values().get(), RulesetVersion.current("default")
    assert now == before


@pytest.mark.parametrize(
    ("stored", "typed", "code", "verdict"),
    [
        (True, {"enabled": ""}, "no_rule", "would hold if resumed"),
        (False, {}, "match", "decides"),
    ],
)
def test_a_draft_that_is_switched_off_or_on_is_judged_so(
    admin_client, stored, typed, code, verdict
):
    RedirectRule.objects.schedule("/shop/", "/a/", name="stored", enabled=stored)

    _, draft = posted(admin_client, change_url("stored"), name="stored", **typed)

    assert draft["found"]["explanation"].reason == code
    assert [row["verdict"] for row in draft["found"]["rows"]] == [verdict]


def test_the_request_may_be_told_and_is_kept(admin_client):
    typed = {
        "conditions-0-kind": "country",
        "conditions-0-value": "AT",
        "test-url": "/shop/?x=1",
        "test-country": "Austria",
        "test-at": "2026-11-21T17:59",
    }

    page, draft = posted(admin_client, **typed)
    _, elsewhere = posted(admin_client, **typed, **{"test-method": "HEAD"})
    _, late = posted(admin_client, **{**typed, "test-at": "2026-11-21T18:00"})

    assert draft["found"]["explanation"].reason == "match"
    assert elsewhere["found"]["explanation"].visit.method == "HEAD"
    assert late["found"]["explanation"].reason == "none_holds"
    assert 'value="Austria"' in page


def test_left_empty_the_request_is_one_that_the_draft_is_for(admin_client):
    typed = {"methods": "POST", "hosts": "shop.example"}

    _, draft = posted(admin_client, **typed)

    visit = draft["found"]["explanation"].visit
    assert (visit.method, visit.url) == ("POST", "http://shop.example/shop/")


@pytest.mark.parametrize("typed", [{"path": "shop"}, {"test-country": "Narnia"}])
def test_what_cannot_be_read_is_marked_and_nothing_is_tested(admin_client, typed):
    page, draft = posted(admin_client, **typed)

    assert "found" not in draft
    assert "Nothing is tested and nothing is saved" in page
    assert not RedirectRule.objects.exists()


def test_a_loop_is_an_error_of_the_draft_too(admin_client):
    RedirectRule.objects.schedule("/new/", "/shop/", name="back")

    page, draft = posted(admin_client)

    assert "found" not in draft
    assert "Visitors would go round and round" in page


def test_warnings_and_the_next_seven_days_are_told_before_saving(admin_client):
    RedirectRule.objects.schedule("/shop/", "/b/", name="first", priority=9)

    page, draft = posted(admin_client)

    assert [each.code for each in draft["advice"]] == ["never_reached"]
    assert draft["advice"][0].text in page.replace("&quot;", '"')
    assert len(draft["found"]["timeline"]["rows"]) == 1


def test_the_form_of_a_stored_rule_shows_its_next_seven_days(admin_client):
    RedirectRule.objects.schedule(
        "/shop/", "/a/", name="a", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR
    )

    page = admin_client.get(change_url("a"))

    rows = page.context["week"]["rows"]
    assert [row["text"] for row in rows] == [
        *("the original page", "→ /a/ by “a”", "the original page")
    ]
    later = admin_client.get(rows[1]["url"]).context["found"]
    assert later["explanation"].reason == "match"


def test_who_may_only_read_has_no_draft(client, django_user_model):
    RedirectRule.objects.schedule("/shop/", "/a/", name="a")
    user = django_user_model.objects.create_user("vic", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_redirectrule"))
    client.force_login(user)

    page = client.get(change_url("a"))
    answer = client.post(change_url("a"), {**TYPED, "_test": "1"})

    assert "draft" not in page.context
    assert answer.status_code == 403
