import pytest

from temp_redirects.core.conditions.device import Device, device_of
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/12.1 Mobile/15E148 Safari/604.1"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/122.0.0.0 Mobile Safari/537.36"
)
TABLET = PHONE.replace(" Mobile", "")
FIREFOX = "Mozilla/5.0 (Android 14; Tablet; rv:123.0) Gecko/123.0 Firefox/123.0"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/122.0.0.0 Safari/537.36"
)
TV = "Mozilla/5.0 (Linux; Android 9; AFTMM) AppleWebKit/537.36 Chrome/90 Safari/537.36"


@pytest.mark.parametrize(
    ("hint", "agent", "device"),
    [
        pytest.param(None, IPHONE, "mobile", id="iPhone"),
        pytest.param(None, PHONE, "mobile", id="Android phone"),
        pytest.param(None, IPAD, "tablet", id="iPad"),
        pytest.param(None, TABLET, "tablet", id="Android without Mobile"),
        pytest.param(None, FIREFOX, "tablet", id="Firefox on a tablet"),
        pytest.param(None, WINDOWS, "desktop", id="Windows"),
        pytest.param(None, "x (Windows NT 6.1; Tablet PC 2.0)", "desktop", id="PC"),
        pytest.param(None, "x (Macintosh; Intel)", "desktop", id="Mac"),
        pytest.param(None, TV, "", id="a television is none of them"),
        pytest.param(None, "curl/8.5.0", "", id="a program"),
        pytest.param(None, "", "", id="nothing"),
        pytest.param("?1", WINDOWS, "mobile", id="the hint knows better: mobile"),
        pytest.param("?0", PHONE, "tablet", id="the hint knows better: not mobile"),
        pytest.param("?0", WINDOWS, "desktop", id="a hint from a desktop"),
        pytest.param("?0", "", "desktop", id="nothing but the hint"),
    ],
)
def test_a_device_is_told_by_its_hint_and_then_by_its_name(hint, agent, device):
    assert device_of(hint, agent) == device


def visit(**headers):
    return Visit(
        "/", headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def test_it_holds_for_the_devices_wanted():
    handheld = Device.parse("Mobile, tablet")
    assert handheld.holds(visit(User_Agent=IPHONE))
    assert handheld.holds(visit(User_Agent=IPAD))
    assert handheld.holds(visit(Sec_CH_UA_Mobile="?1"))
    assert not handheld.holds(visit(User_Agent=WINDOWS))
    assert not handheld.holds(visit(Sec_CH_UA_Mobile="junk"))


def test_what_stands_behind_512_characters_is_not_read():
    assert not Device.parse("mobile").holds(visit(User_Agent="x" * 512 + IPHONE))


@pytest.mark.parametrize(
    ("text", "words"), [("", "Name a device"), ("phone", "“phone” is no device")]
)
def test_other_devices_are_refused(text, words):
    with pytest.raises(Refused, match=words):
        Device.parse(text)


def test_it_is_told_in_words():
    handheld = Device.parse("mobile, tablet")
    assert str(handheld) == "mobile, tablet"
    assert str(handheld.explain(visit(User_Agent=WINDOWS))) == (
        "device is desktop, wanted mobile or tablet"
    )
    assert "device is unknown" in str(handheld.explain(Visit("/")))
    assert str(handheld.describe()) == "visitors on mobile or tablet devices"
    assert handheld.consulted(Visit("/")) == ("Sec-CH-UA-Mobile", "User-Agent")


def test_its_kind_is_stored_and_never_renamed():
    assert Device.kind == "device"
