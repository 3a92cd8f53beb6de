"""“Test a URL”: the page that says what would become of a request, and why."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from temp_redirects.models import HitCount, MaintenanceWindow, RedirectRule
from temp_redirects.tallies import tallies
from tests.commands.running import read

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)  # 14:05 in Berlin
HOUR = timedelta(hours=1)
PAGE = "/admin/temp_redirects/redirectrule/test/"


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


def schedule(source, target="/new/", **fields):
    return RedirectRule.objects.schedule(source, target, **fields)


def asked(client, url="/shop/", **told):
    """Return the page and what is found on it."""
    response = client.get(PAGE, {"url": url, **told})
    assert response.status_code == 200
    found = response.context["found"]
    return response.content.decode(), found


def test_the_answer_stands_first_in_one_sentence(viewer):
    schedule("/shop/", name="shop")

    page, found = asked(viewer)

    assert found["explanation"].answer == "Redirected (307) to /new/ by “shop”."
    assert page.index("Redirected (307) to /new/") < page.index("Another request")


def test_the_page_asks_before_anything_is_tested(viewer):
    response = viewer.get(PAGE)

    assert response.context["found"] is None
    assert "errorlist" not in response.content.decode()


def test_every_rule_has_its_steps_with_what_was_found_and_wanted(viewer):
    schedule("/shop/", name="form", methods=["POST"])
    schedule("/shop/", name="all", match="prefix")
    schedule("/shop/", name="off", enabled=False)
    schedule("/shop/", name="over", ends_at=NOW - HOUR)

    _, found = asked(viewer)

    told = {row["name"]: (row["verdict"], row["is_off"]) for row in found["rows"]}
    assert told == {
        "form": ("does not hold", False),
        "over": ("is over; it would hold if it were on", True),
        "all": ("decides", False),
        "off": ("would hold if resumed", True),
    }
    form = next(row for row in found["rows"] if row["name"] == "form")
    step = form["steps"][0]
    assert (step["icon"], step["word"], step["label"]) == ("✗", "no", "Method")
    assert str(step["sentence"]) == "method is GET, wanted POST"
    assert form["url"].endswith("/change/")


def test_an_exception_is_labelled_as_one(viewer):
    schedule("/shop/", unless=[{"kind": "country", "value": "DE"}])

    page, _ = asked(viewer, country="Germany")

    assert "Not for: Country" in page


def test_a_rule_that_an_error_switched_off_says_why(viewer):
    schedule("/shop/", name="wrong", ends_at=NOW + HOUR)
    RedirectRule.objects.update(timezone="Mars/Base")

    assert "“Mars/Base” is not a time zone." in asked(viewer)[0]


def test_a_maintenance_window_is_among_the_rules(viewer):
    MaintenanceWindow.objects.schedule("update", ["/shop/"])

    page, found = asked(viewer)

    assert found["explanation"].decision.rule.is_window
    assert "/admin/temp_redirects/maintenancewindow/" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"methods": ["POST"]}, {"method": "POST"}),
        ({"starts_at": NOW + 2 * HOUR}, {"at": "2026-11-21T16:05"}),
        ({"conditions": [{"kind": "country", "value": "AT"}]}, {"country": "Austria"}),
        ({"conditions": [{"kind": "language", "value": "de"}]}, {"language": "de, en"}),
        ({"conditions": [{"kind": "device", "value": "mobile"}]}, {"device": "iphone"}),
        ({"conditions": [{"kind": "bot", "value": "any"}]}, {"device": "gptbot"}),
        ({"conditions": [{"kind": "user", "value": "staff"}]}, {"user": "vic"}),
        (
            {"conditions": [{"kind": "cookie", "value": "beta: yes"}]},
            {"cookies": "a=1\nbeta=yes"},
        ),
        (
            {"conditions": [{"kind": "header", "value": "X-Beta: yes"}]},
            {"headers": "X-Beta: yes"},
        ),
        (
            {"conditions": [{"kind": "address", "value": "192.0.2.0/24"}]},
            {"address": "192.0.2.7"},
        ),
    ],
)
def test_what_is_told_of_the_request_decides(viewer, fields, told):
    schedule("/shop/", **fields)

    assert asked(viewer)[1]["explanation"].reason == "none_holds"
    assert asked(viewer, **told)[1]["explanation"].reason == "match"


def test_who_may_see_users_is_told_that_one_is_not_there(admin_client):
    response = admin_client.get(PAGE, {"url": "/shop/", "user": "eve"})

    assert "Nobody here is called" in response.context["form"].errors["user"][0]


@pytest.mark.parametrize(
    ("told", "field", "why"),
    [
        ({"url": ""}, "url", "Type the address to test."),
        ({"url": "shop"}, "url", "neither a path nor an address"),
        ({"at": "soon"}, "at", "is not a time"),
        ({"country": "Narnia"}, "country", "is no country"),
        ({"user": "eve"}, "user", "You may only ask about yourself"),
        ({"headers": "X-Beta"}, "headers", "is not a header"),
        ({"cookies": "beta"}, "cookies", "is not a cookie"),
    ],
)
def test_what_makes_no_request_is_told_at_its_field(viewer, told, field, why):
    response = viewer.get(PAGE, {"url": "/shop/", **told})

    form = response.context["form"]
    assert list(form.errors) == [field]
    assert why in form.errors[field][0]
    assert response.context["found"] is None


def test_who_may_not_see_the_rules_may_not_test_them(client):
    client.force_login(get_user_model().objects.create_user("eve", is_staff=True))

    assert client.get(PAGE, {"url": "/shop/"}).status_code == 403


def test_nothing_is_sent_counted_or_written(viewer, django_assert_num_queries):
    schedule("/shop/", name="shop")
    before = RedirectRule.objects.values().get()

    asked(viewer)

    assert HitCount.objects.count() == 0
    assert not tallies._tallies
    assert RedirectRule.objects.values().get() == before


def test_many_rules_cost_no_more_queries(viewer, django_assert_max_num_queries):
    for at in range(60):
        schedule("/shop/", f"/n{at}/", name=f"r{at}", enabled=at % 2 == 0)

    with django_assert_max_num_queries(14):
        _, found = asked(viewer)

    assert len(found["rows"]) == 50
    assert found["left_out"] == 10


def test_a_link_says_the_moment_and_what_was_asked(viewer):
    schedule("/shop/", name="shop", ends_at=NOW + HOUR)

    _, found = asked(viewer, country="AT")

    assert found["link"] == "?url=%2Fshop%2F&country=AT&at=2026-11-21T14%3A05"
    with time_machine.travel(NOW + 5 * HOUR, tick=False):
        again = viewer.get(PAGE + found["link"]).context["found"]
    assert again["explanation"].reason == "match"


def test_the_next_seven_days_are_stepped_through(viewer):
    schedule("/shop/", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, name="shop")

    page, found = asked(viewer)

    assert [row["text"] for row in found["timeline"]["rows"]] == [
        "the original page",
        "→ /new/ by “shop”",
        "the original page",
    ]
    assert [step["label"] for step in found["steps"]] == ["Now", "+ 1 hour", "+ 1 day"]
    later = viewer.get(PAGE + found["timeline"]["rows"][1]["url"]).context["found"]
    assert later["explanation"].reason == "match"
    assert [step["label"] for step in later["steps"]] == [
        *("Now", "− 1 hour", "+ 1 hour", "+ 1 day")
    ]
    assert (
        "<script"
        not in page.partition("temp-redirects-found")[2].partition("</section>")[0]
    )
    assert "style=" not in page.partition("<svg")[2].partition("</svg>")[0]


def test_rules_that_follow_each_other_are_a_way(viewer):
    schedule("/b/", "https://partner.example/", name="b")
    schedule("/shop/", "/b/", name="a")

    assert asked(viewer)[1]["way"] == [
        "GET http://testserver/shop/ → /b/ (307, “a”)",
        "GET http://testserver/b/ → https://partner.example/ (307, “b”)",
        "It leaves this site for https://partner.example/.",
    ]


def test_of_a_split_each_visitor_sees_their_own_arm(viewer):
    rule = schedule("/shop/", "/b/", name="test").to_document()
    rule["destinations"][0]["percentage"] = 50
    RedirectRule.objects.save_document(rule)
    visitors = [f"visitor-{number}" for number in range(20)]

    answers = {
        visitor: asked(viewer, visitor=visitor)[1]["explanation"]
        for visitor in visitors
    }

    assert {each.reason for each in answers.values()} == {"match", "original"}
    for visitor, each in answers.items():
        told = read("explain", "GET", "http://testserver/shop/", "--visitor", visitor)
        assert told["reason"] == each.reason
    original = next(e for e in answers.values() if e.reason == "original")
    assert original.answer == (
        "Stays on the original page, which “test” gives this visitor."
    )


def test_the_command_line_says_the_same(viewer):
    schedule("/shop/", name="shop", conditions=[{"kind": "country", "value": "AT"}])
    url = "http://testserver/shop/?x=1"

    _, found = asked(viewer, url, country="AT", device="iphone")

    told = read("explain", "GET", url, "--country", "AT", "--device", "iphone")
    assert found["explanation"].as_json() == told


@pytest.mark.parametrize("path", ["", "{pk}/change/"])
def test_list_and_form_have_a_button_for_the_rule(viewer, path):
    pk = schedule("/api/", methods=["POST"], hosts=["shop.example"]).pk

    page = viewer.get(f"/admin/temp_redirects/redirectrule/{path.format(pk=pk)}")

    query = "url=https%3A%2F%2Fshop.example%2Fapi%2F&amp;method=POST"
    assert f"{PAGE}?{query}" in page.content.decode()


def test_a_rule_whose_path_cannot_be_read_has_its_button_too(viewer):
    schedule("/shop/<int:n>/", match="pattern")
    RedirectRule.objects.update(path="/shop/<int")

    page = viewer.get("/admin/temp_redirects/redirectrule/").content.decode()

    assert f"{PAGE}?url=%2Fshop%2F%3Cint" in page


def test_a_host_that_django_refuses_stands_in_the_headline_as_typed(
    admin_client,
):
    url = "https://www.example.com/x"

    text = admin_client.get(PAGE, {"url": url, "method": "GET"}).content.decode()

    assert "Refused (400): Django does not accept the host “www.example.com”." in text
    assert f"GET {url}" in text
    assert "Passes to the page" not in text
