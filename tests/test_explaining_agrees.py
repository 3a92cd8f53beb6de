"""“Test a URL” says what the middleware does: whatever the rules, whoever asks."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from temp_redirects.core.agents import AGENTS
from temp_redirects.models import MaintenanceWindow, RedirectRule

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = "/admin/temp_redirects/redirectrule/test/"
FACTS = [
    ("country", "AT"),
    ("language", "de"),
    ("device", "mobile"),
    ("bot", "any"),
    ("cookie", "beta: yes"),
    ("header", "X-Beta: yes"),
    ("query", "x: 1"),
    ("scheme", "https"),
    ("user", "staff"),
    ("address", "10.0.0.0/8"),
]

paths = st.sampled_from(["/a/", "/a/b", "/a/b/", "/c/", "/"])
hours = st.none() | st.integers(-3, 3)
facts = st.lists(st.sampled_from(FACTS), max_size=2, unique=True)


def listed(*choices):
    return st.lists(st.sampled_from(choices), max_size=2, unique=True)


@st.composite
def rules(draw):
    """Return what `schedule` takes."""
    starts, ends = draw(hours), draw(hours)
    return {
        "source": draw(paths),
        "target": draw(
            st.sampled_from(["/x/", "/c/", "/a/", "https://partner.example/"])
        ),
        "match": draw(st.sampled_from(["exact", "prefix"])),
        "priority": draw(st.integers(-1, 1)),
        "methods": draw(listed("GET", "POST")),
        "hosts": draw(listed("testserver", "shop.example")),
        "except_paths": draw(listed("/a/b", "/c/")),
        "conditions": [{"kind": kind, "value": value} for kind, value in draw(facts)],
        "unless": [{"kind": kind, "value": value} for kind, value in draw(facts)],
        "starts_at": None if starts is None else NOW + starts * HOUR,
        "ends_at": None if ends is None else NOW + ends * HOUR,
        "status": draw(st.sampled_from([307, 303, 302])),
        "query": draw(st.sampled_from(["keep", "drop"])),
        "cache_seconds": draw(st.sampled_from([0, 60])),
        "enabled": draw(st.sampled_from([True, True, True, False])),
    }


requests = st.fixed_dictionaries(
    {
        "url": st.builds(
            "{}://{}{}{}".format,
            st.sampled_from(["http", "https"]),
            st.sampled_from(["testserver", "shop.example"]),
            paths,
            st.sampled_from(["", "?x=1", "?y=%20"]),
        ),
        "method": st.sampled_from(["GET", "HEAD", "POST"]),
        "country": st.sampled_from(["", "AT", "DE"]),
        "language": st.sampled_from(["", "de, en", "en"]),
        "device": st.sampled_from(["", *AGENTS]),
        "user": st.sampled_from(["", "ada"]),
        "address": st.sampled_from(["10.0.0.7", "192.0.2.7"]),
        "cookies": st.sampled_from(["", "beta=yes", "a=1\nbeta=no"]),
        "headers": st.sampled_from(["", "X-Beta: yes", "X-Beta: no"]),
    }
)


@pytest.fixture
def staff(db, settings):
    """A client of somebody who tests URLs."""
    settings.TEMP_REDIRECTS = {
        "ALLOWED_TARGET_HOSTS": ["partner.example"],
        "TRUSTED_PROXIES": ["10.0.0.0/8", "192.0.2.0/24"],
        "COUNTRY_HEADER": "X-Country",
    }
    people = get_user_model().objects
    people.create_user("ada", is_staff=True)
    client = Client()
    client.force_login(people.create_superuser("root"))
    return client


def store(rules, is_closed):
    RedirectRule.objects.all().delete()
    MaintenanceWindow.objects.all().delete()
    for number, rule in enumerate(rules):
        with suppress(ValidationError):  # loops and windows that are none
            RedirectRule.objects.schedule(**rule, name=f"r{number}")
    if is_closed:
        MaintenanceWindow.objects.schedule("closed", ["/a/"], api="503")


def sent(request):
    """Return what the site answers to the request, really sent."""
    browser = Client(headers={"User-Agent": ""})
    headers = dict(AGENTS[request["device"]].headers) if request["device"] else {}
    if request["country"]:
        headers["X-Country"] = request["country"]
    if request["language"]:
        wishes = request["language"].split(", ")
        headers["Accept-Language"] = ", ".join(wishes)
    if request["headers"]:
        name, _, value = request["headers"].partition(": ")
        headers[name] = value
    if request["user"]:
        browser.force_login(get_user_model().objects.get(username=request["user"]))
    for cookie in filter(None, request["cookies"].split("\n")):
        name, _, value = cookie.partition("=")
        browser.cookies[name] = value
    scheme, _, rest = request["url"].partition("://")
    host, slash, path = rest.partition("/")
    return browser.generic(
        request["method"],
        slash + path,
        headers={**headers, "Host": host},
        secure=scheme == "https",
        REMOTE_ADDR=request["address"],
    )


@given(
    st.lists(rules(), min_size=1, max_size=4),
    requests,
    st.booleans(),
    st.integers(-4 * 60, 4 * 60),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.long
def test_the_page_says_what_the_middleware_does(
    staff, rules, request_, is_closed, minutes
):
    with time_machine.travel(NOW, tick=False):
        store(rules, is_closed)
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        response = sent(request_)
        found = staff.get(PAGE, request_).context["found"]["explanation"]

    event(found.reason)
    is_ours = response.get("X-Redirect-By") == "temp_redirects"
    decision = found.decision
    assert is_ours is (found.is_redirected and not decision.in_place)
    if is_ours:
        assert response["Location"] == decision.location
        assert response.status_code == decision.rule.status
        assert [link.url for link in found.chain.links][:1] == [found.visit.url]
    in_place = response.status_code == 503
    assert in_place is decision.in_place
    if not in_place:
        told = {name.strip() for name in response.get("Vary", "").split(",")}
        assert {*decision.vary} <= told
