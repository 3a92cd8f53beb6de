"""``explain``: the answer first, then why, step by step."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import override_settings
from django.urls import set_script_prefix

from temp_redirects.management.verbs.explain import EPILOG
from temp_redirects.models import MaintenanceWindow, RedirectRule
from tests.commands.running import read, refused, told
from tests.serving import ROOT

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, 7, 89, tzinfo=UTC)  # 14:05:07 in Berlin
HOUR = timedelta(hours=1)
PREFLIGHT = [
    *("--header", "Origin: https://x.example"),
    *("--header", "Access-Control-Request-Method: POST"),
]
GUESS = ["--header", "Sec-Purpose: prefetch"]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def schedule(source, target="/new/", **fields):
    return RedirectRule.objects.schedule(source, target, **fields)


def test_the_answer_comes_first_then_every_rule_in_the_order_tried():
    schedule("/shop/cart", name="cart", methods=["POST"], cache_seconds=60)
    schedule("/shop/", name="shop", match="prefix", ends_at=NOW + HOUR)
    schedule("/", name="site", match="prefix", except_paths=["/new/"])
    schedule("/shop/cart", name="off", target="/b/?x", enabled=False)

    assert told("explain", "get", "/shop/cart?a=1").splitlines() == [
        "GET https://testserver/shop/cart?a=1 at Sat 21 Nov 2026 14:05:07 "
        "Europe/Berlin",
        "Redirected (307) to /new/?a=1 by “shop”. [match]",
        "Cache: never stored",
        "Vary: nothing added",
        "1. “cart” does not hold",
        "   ✗ method: method is GET, wanted POST",
        "   ✓ protected: not a protected path",
        "2. “shop” decides; tried second: after “cart”, because exact paths come "
        "before prefixes",
        "   ✓ window: live until Sat 21 Nov 2026 15:05:07 Europe/Berlin",
        "   ✓ protected: not a protected path",
        "   ✓ target: to /new/?a=1",
        "3. “site” would hold too; tried third: after “shop”, because its literal "
        "part is longer (5 characters, here 0)",
        "   ✓ except_paths: not among the excepted paths",
        "   ✓ protected: not a protected path",
        "   ✓ own_target: not at its own target",
        "   ✓ target: to /new/?a=1",
        "paused: “off” would hold if resumed",
        "   ✓ protected: not a protected path",
        "   ✓ target: to /b/?x&a=1",
    ]


def test_a_script_reads_the_same():
    schedule("/a/", name="first", methods=["POST"], cache_seconds=60, status=303)
    schedule("/a/", name="off", enabled=False, ends_at=NOW - HOUR)

    assert read("explain", "POST", "/a/") == {
        "method": "POST",
        "url": "https://testserver/a/",
        "at": "2026-11-21T14:05:07.000089+01:00",
        "reason": "match",
        "rule": "first",
        "status": 303,
        "location": "/new/",
        "max_age": 60,
        "vary": [],
        "chain": [
            {
                "method": "POST",
                "url": "https://testserver/a/",
                "rule": "first",
                "location": "/new/",
            }
        ],
        "ends": "page",
        "rules": [
            {
                "name": "first",
                "turn": "tried first",
                "decides": True,
                "holds": True,
                "problem": "",
                "steps": [
                    {
                        "code": "method",
                        "holds": True,
                        "sentence": "method is POST, wanted POST",
                    },
                    {
                        "code": "protected",
                        "holds": True,
                        "sentence": "not a protected path",
                    },
                    {"code": "target", "holds": True, "sentence": "to /new/"},
                ],
            }
        ],
        "paused": [
            {
                "name": "off",
                "turn": "tried first",
                "decides": False,
                "holds": False,
                "problem": "",
                "steps": [
                    {
                        "code": "window",
                        "holds": False,
                        "sentence": "ended Sat 21 Nov 2026 13:05:07 Europe/Berlin",
                    },
                    {
                        "code": "protected",
                        "holds": True,
                        "sentence": "not a protected path",
                    },
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("request_line", "reason", "sentence"),
    [
        (["GET", "/nix"], "no_rule", "Passes to the page: no rule covers “/nix”."),
        (
            ["GET", "/a/"],
            "none_holds",
            "Passes to the page: no rule that covers “/a/” holds.",
        ),
        (
            ["OPTIONS", "/a/", *PREFLIGHT],
            "preflight",
            "Passes to the page: a CORS preflight is never redirected.",
        ),
        (["POST", "/a/"], "match", "Redirected (307) to /new/ by “a”."),
    ],
)
def test_the_reason_is_a_word_for_scripts_and_a_sentence(
    request_line, reason, sentence
):
    schedule("/a/", name="a", methods=["POST"])

    explained = read("explain", *request_line)

    assert explained["reason"] == reason
    assert (explained["rule"] is None) is (reason != "match")
    assert told("explain", *request_line).splitlines()[1] == f"{sentence} [{reason}]"


def test_every_reason_that_there_is_is_listed_in_the_help_and_in_the_docs(settings):
    schedule("/a/")
    schedule("/later/", starts_at=NOW + HOUR)
    schedule("/split/", [{"target": "/new/", "percentage": 0}])
    paths = ("/a/", "/nix/", "/later/", "/split/")
    found = [read("explain", "GET", path)["reason"] for path in paths]
    found.append(read("explain", "OPTIONS", "/a/", *PREFLIGHT)["reason"])
    schedule("/test/", [{"target": "/new/", "percentage": 1}], goal="/thanks/")
    found.append(read("explain", "GET", "/test/", *GUESS)["reason"])
    told("off")
    found.append(read("explain", "GET", "/a/")["reason"])
    settings.TEMP_REDIRECTS = {"ENABLED": False}
    found.append(read("explain", "GET", "/a/")["reason"])

    listed = EPILOG.partition("reason codes:\n")[2].partition("\n\n")[0]
    page = (ROOT / "docs/precedence.md").read_text("utf-8")
    codes = page.partition("## Reason codes")[2].partition("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", codes, re.M)
    rows.remove("loop")  # no rule tells that beforehand

    assert [line.split()[0] for line in listed.splitlines()] == rows
    assert sorted(found) == sorted(rows)


@pytest.mark.parametrize(
    ("target", "ends", "way"),
    [
        (
            "/c/",
            "page",
            ["It ends at GET https://testserver/c/, where no rule holds."],
        ),
        (
            "https://partner.example/",
            "elsewhere",
            ["It leaves this site for https://partner.example/."],
        ),
        (
            "/a/?x=1",
            "loop",
            [
                "GET https://testserver/a/?x=1 → /b/?x=1 (307, “a”)",
                "GET https://testserver/b/?x=1 → /a/?x=1 (307, “b”)",
                "Round and round: browsers give up at https://testserver/a/?x=1.",
            ],
        ),
    ],
)
def test_the_way_on_is_told_hop_by_hop(target, ends, way):
    schedule("/b/", target, name="b")
    a = schedule("/a/", "/x/", name="a")
    a.destinations.update(target="/b/")  # past every check, as a loop has to be

    lines = told("explain", "GET", "/a/").splitlines()

    assert lines[2:4] == [
        "GET https://testserver/a/ → /b/ (307, “a”)",
        f"GET https://testserver/b/ → {target} (307, “b”)",
    ]
    assert lines[4 : 4 + len(way)] == way
    assert read("explain", "GET", "/a/")["ends"] == ends


def test_a_rule_that_is_over_says_whether_it_would_hold():
    schedule("/a/", name="over", ends_at=NOW - HOUR)
    schedule("/a/", name="over too", ends_at=NOW - HOUR, methods=["POST"])

    lines = told("explain", "GET", "/a/")

    assert "“over” is over; it would hold if it were on" in lines
    assert "“over too” is over, and would not hold either" in lines


@pytest.mark.parametrize(
    ("device", "reason"),
    [("iphone", "match"), ("android", "match"), ("windows", "none_holds")],
)
def test_a_browser_is_a_device_too(device, reason):
    schedule("/a/", conditions=only_for("device", "mobile"))

    assert read("explain", "GET", "/a/", "--device", device)["reason"] == reason


@pytest.mark.parametrize("is_refused", [True, False])
def test_a_prefetch_of_an_experiment_is_refused(settings, is_refused):
    settings.TEMP_REDIRECTS = {"REFUSE_PREFETCH": is_refused}
    both = [{"target": f"/{name}/", "percentage": 50} for name in "bc"]
    schedule("/a/", both, name="test", goal="/thanks/")

    found = read("explain", "GET", "/a/", *GUESS)
    lines = told("explain", "GET", "/a/", *GUESS).splitlines()

    assert found["reason"] == ("prefetch" if is_refused else "match")
    assert (found["location"] is None) is is_refused
    assert [each["decides"] for each in found["rules"]] == [True]
    assert lines[1].startswith("Refused (503)") is is_refused


def test_switched_off_in_the_settings_nothing_is_redirected(settings):
    schedule("/a/", name="a", cache_seconds=9)
    settings.TEMP_REDIRECTS = {"ENABLED": False}

    explained = read("explain", "GET", "/a/")
    lines = told("explain", "GET", "/a/").splitlines()

    assert (explained["reason"], explained["location"]) == ("disabled", None)
    assert lines[1] == (
        'Passes to the page: TEMP_REDIRECTS["ENABLED"] is False. [disabled]'
    )
    assert "1. “a” would hold" in lines


@pytest.mark.parametrize(
    ("at", "reason"),
    [("+2h", "none_holds"), ("+3h", "match"), ("22:00", "match"), ("02:00", "match")],
)
def test_another_moment_may_be_asked_for(at, reason):
    schedule("/a/", starts_at=NOW + 3 * HOUR)

    assert read("explain", "GET", "/a/", "--at", at)["reason"] == reason


@pytest.mark.parametrize(
    ("url", "options", "scheme"),
    [
        ("/a/", [], "https"),
        ("/a/", ["--scheme", "http"], "http"),
        ("http://testserver/a/", [], "http"),
        ("/a/", ["--header", "X-Forwarded-Proto: http"], "http"),
    ],
)
@override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
def test_the_scheme_is_what_django_would_know(url, options, scheme):
    schedule("/a/", conditions=[{"kind": "scheme", "value": "http"}])
    if scheme == "https":
        options = [*options, "--header", "X-Forwarded-Proto: https"]

    explained = read("explain", "GET", url, *options)

    assert explained["reason"] == ("match" if scheme == "http" else "none_holds")
    assert explained["vary"] == ["X-Forwarded-Proto"]


def test_vary_names_the_headers_that_decide():
    schedule("/a/", conditions=[{"kind": "scheme", "value": "http"}])
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "on")):
        lines = told("explain", "GET", "/a/").splitlines()

    assert "Vary: X-Forwarded-Proto" in lines


def test_caching_is_told():
    schedule("/a/", cache_seconds=60)

    assert "Cache: up to 60 s" in told("explain", "GET", "/a/").splitlines()


@pytest.mark.parametrize(
    ("url", "headers", "host"),
    [
        ("https://Shop.example:443/a/", [], "shop.example"),
        ("/a/", ["--header", "Host: shop.example"], "shop.example"),
        ("/a/", [], "testserver"),
    ],
)
def test_the_host_is_the_address_s_or_the_site_s_own(url, headers, host):
    schedule("/a/", hosts=["shop.example"])

    explained = read("explain", "GET", url, *headers)

    assert explained["url"] == f"https://{host}/a/"
    assert (explained["reason"] == "match") is (host == "shop.example")


def test_a_host_that_django_refuses_is_told():
    lines = told("explain", "GET", "https://evil.example/").splitlines()

    assert lines[0].startswith("GET https://evil.example/ at ")
    assert lines[1].startswith("Refused (400): Django does not accept the host “evil")
    assert lines[2] == (
        "Django refuses this host (ALLOWED_HOSTS): it answers 400 by itself."
    )


def test_while_debugging_the_development_server_is_asked():
    with override_settings(DEBUG=True, ALLOWED_HOSTS=[]):
        explained = read("explain", "GET", "/a/")

    assert explained["url"] == "http://localhost:8000/a/"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("/sch%C3%B6n", id="encoded"),
        pytest.param("/schön", id="plain"),
        pytest.param("/sch\udcc3\udcb6n", id="bytes that the shell did not understand"),
        pytest.param("https://testserver/schön#top", id="a whole address"),
    ],
)
def test_every_spelling_of_a_path_is_that_path(url):
    schedule("/schön")

    assert read("explain", "GET", url)["reason"] == "match"


@pytest.mark.parametrize("url", ["/caf%E9", "/caf\udce9"])
def test_a_byte_that_is_no_text_is_not_its_spelling(url):
    schedule("/caf%E9", name="byte")
    schedule("/caf%25E9", name="spelling")

    assert read("explain", "GET", url)["rule"] == "byte"
    assert read("explain", "GET", "/caf%25E9")["rule"] == "spelling"


def test_the_path_is_the_one_that_the_browser_shows():
    schedule("/app/a/")
    set_script_prefix("/app/")
    try:
        with override_settings(FORCE_SCRIPT_NAME="/app"):
            explained = read("explain", "GET", "/app/a/")
    finally:
        set_script_prefix("/")

    assert (explained["reason"], explained["url"]) == (
        "match",
        "https://testserver/app/a/",
    )


def test_an_address_without_a_path_is_the_root():
    schedule("/")

    assert read("explain", "GET", "https://testserver?x=1")["location"] == "/new/?x=1"


def test_content_headers_are_headers_too():
    assert read("explain", "POST", "/a/", "--header", "Content-Type: text/x")


def test_a_rule_that_cannot_be_read_says_why():
    schedule("/a/", name="wrong", ends_at=NOW + HOUR)
    RedirectRule.objects.update(timezone="Mars/Base")

    lines = told("explain", "GET", "/a/").splitlines()

    assert lines[-2] == "1. “wrong” switched off by an error"
    assert lines[-1].startswith("   ✗ “Mars/Base” is not a time zone.")


def test_a_preflight_asks_no_rule():
    schedule("/a/", name="a")

    assert told("explain", "OPTIONS", "/a/", *PREFLIGHT).endswith("1. “a” not asked\n")


def test_a_paused_rule_that_does_not_hold_either_says_so():
    schedule("/a/", name="off", enabled=False, methods=["POST"])

    assert "paused: “off” would not hold either if resumed" in told(
        "explain", "GET", "/a/"
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["GET", "shop"], "“shop” is neither a path nor an address"),
        (["GET", "ftp://x/"], "“ftp://x/” is neither a path nor an address"),
        (["GET", "//evil/"], "“//evil/” is neither a path nor an address"),
        (["GET", "http://[x/"], "“http://[x/” is neither a path nor an address"),
        (["GE T", "/"], "“GE T” is no request method"),
        (["GET", "/", "--header", "X-Beta"], "“X-Beta” is not a header. Example"),
        (["GET", "/", "--header", "X Beta: 1"], "“X Beta: 1” is not a header"),
        (["GET", "/", "--at", "soon"], "“soon” is not a time. Examples"),
        (["GET", "/", "--user", "eve"], "Nobody here is called “eve”."),
        (["GET", "/", "--address", "10.0"], "“10.0” is no address. Example"),
        (["GET", "/", "--country", "Narnia"], "“Narnia” is no country"),
        (["GET", "/", "--language", "Klingonish"], "“Klingonish” is no language"),
        (["GET", "/", "--device", "toaster"], "“toaster” is no device here"),
        (["GET", "/", "--cookie", "beta"], "“beta” is not a cookie. Example"),
        (["GET", "/", "--cookie", "a=1; b=2"], "“a=1; b=2” is not a cookie"),
        (["GET", "/", "--cookie", "a b=1"], "“a b=1” is not a cookie"),
    ],
)
def test_what_is_no_request_is_refused(arguments, why):
    code, text = refused("explain", *arguments)

    assert code == 1
    assert why in text


@pytest.mark.parametrize("path", ["/a/", "/b/", "/shop/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_explain_agrees_with_the_middleware(client, path, method):
    schedule("/a/", methods=["POST"])
    schedule("/shop/", "/x/{rest}", match="prefix")

    explained = read("explain", method, path, "--scheme", "http")
    response = client.generic(method, path)

    assert response.headers.get("Location") == explained["location"]


def test_a_maintenance_window_is_explained_like_any_rule():
    MaintenanceWindow.objects.schedule("update", ["/shop/"], api="503")

    program = told("explain", "GET", "/shop/cart")
    browser = told("explain", "GET", "/shop/cart", "--header", "Accept: text/html")

    assert "Answered in place by the notice of “update” (503)." in program
    assert "Redirected (307) to /maintenance/notice/update/" in browser


@pytest.fixture
def ada():
    return get_user_model().objects.create_user("ada", is_staff=True)


def only_for(kind, value):
    """Return a rule’s condition."""
    return [{"kind": kind, "value": value}]


VISITORS = {
    "a country by code": ("country", "AT", ["--country", "at"], ""),
    "a country by name": ("country", "AT", ["--country", "Austria"], ""),
    "the best language": ("language", "de", ["--language", "de, en"], "en, de"),
    "a language by name": ("language", "de", ["--language", "German"], ""),
    "a device": ("device", "tablet", ["--device", "tablet"], "mobile"),
    "an address": (
        "address",
        "192.0.2.0/24",
        ["--address", "192.0.2.7"],
        "::1",
    ),
    "a cookie": ("cookie", "beta: yes", ["--cookie", "beta=yes"], "beta=no"),
    "a cookie in a header too": (
        "cookie",
        "beta: yes",
        ["--header", "Cookie: a=1", "--cookie", "beta=yes"],
        "",
    ),
    "who is signed in": ("user", "staff", ["--user", "ada"], ""),
}


@pytest.mark.parametrize(
    ("kind", "value", "told", "other"), VISITORS.values(), ids=VISITORS
)
@pytest.mark.usefixtures("ada")
def test_the_visitor_may_be_told(kind, value, told, other):
    schedule("/a/", conditions=only_for(kind, value))
    other = [told[0], other] if other else []

    assert read("explain", "GET", "/a/", *told)["reason"] == "match"
    assert read("explain", "GET", "/a/", *other)["reason"] == "none_holds"


def test_the_headers_of_a_trusted_proxy_are_believed(settings):
    settings.TEMP_REDIRECTS = {
        "TRUSTED_PROXIES": ["10.0.0.0/8"],
        "COUNTRY_HEADER": "CF-IPCountry",
    }
    schedule("/a/", conditions=only_for("country", "AT"))
    said = ["--header", "CF-IPCountry: AT"]

    assert read("explain", "GET", "/a/", *said)["reason"] == "none_holds"
    said += ["--address", "10.0.0.7"]
    assert read("explain", "GET", "/a/", *said)["reason"] == "match"


def test_who_is_not_told_is_not_signed_in():
    schedule("/a/", conditions=only_for("user", "anonymous"))

    lines = told("explain", "GET", "/a/").splitlines()

    assert "   ✓ user: visitor is anonymous, wanted anonymous" in lines


def test_groups_and_permissions_are_known_of_who_is_signed_in(ada):
    ada.groups.add(Group.objects.create(name="Editors"))
    ada.user_permissions.add(Permission.objects.get(codename="view_user"))
    schedule("/a/", conditions=only_for("user", "group: Editors"))
    schedule("/b/", conditions=only_for("user", "permission: auth.view_user"))

    for path in ("/a/", "/b/"):
        assert read("explain", "GET", path, "--user", "ada")["reason"] == "match"


def test_who_may_not_sign_in_is_nobody(ada):
    ada.is_active = False
    ada.save()
    schedule("/a/", conditions=only_for("user", "anonymous"))

    assert read("explain", "GET", "/a/", "--user", "ada")["reason"] == "match"
