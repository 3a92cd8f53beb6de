"""Which user agents are programs, and which people in apps are not."""

import pytest

from temp_redirects.bots import MAX_KEPT, is_bot

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 13; {}) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/122.0.0.0 Mobile Safari/537.36"
)
DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/122.0.0.0 Safari/537.36"
)
PEOPLE = {
    "Chrome": DESKTOP,
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0",
    "Facebook": f"{IPHONE} [FBAN/FBIOS;FBAV/450.0.0.38.108;FBDV/iPhone14,5;FBLC/de_DE]",
    "Instagram": f"{IPHONE} Instagram 325.0.3.34.90 (iPhone14,5; iOS 17_4; de_DE)",
    "WhatsApp": f"{IPHONE} WhatsApp/2.24",
    "LinkedIn": f"{IPHONE} LinkedInApp/9.1",
    "Snapchat": f"{IPHONE} Snapchat/12.7 (like Safari/8617.2.4.10.8, panda)",
    "Google app": f"{IPHONE} GSA/290.0 Safari/604.1",
    "WeChat": f"{IPHONE} MicroMessenger/8.0.42 NetType/WIFI",
    "DuckDuckGo": f"{IPHONE} DuckDuckGo/7 Safari/605.1.15",
    "Pinterest": f"{ANDROID.format('SM-S901B; wv')} [Pinterest/Android]",
    "TikTok": f"{ANDROID.format('M2101K6G; wv')} trill_260 BytedanceWebview/d8a21c6",
    "a phone called Cubot": ANDROID.format("CUBOT_X19"),
    "a phone called Power Bot": ANDROID.format("POWER BOT X"),
    "Yandex browser": DESKTOP.replace("Safari", "YaBrowser/24.1 Yowser/2.5 Safari"),
}
PROGRAMS = {
    "Googlebot": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot.html)",
    "Googlebot as a phone": (
        f"{ANDROID.format('Nexus 5X')} (compatible; Googlebot/2.1; "
        "+http://www.google.com/bot.html)"
    ),
    "Bing": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "GPTBot": "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2)",
    "Facebook's preview": "facebookexternalhit/1.1",
    "WhatsApp's preview": "WhatsApp/2.23.20.0",
    "curl": "curl/8.5.0",
    "requests": "python-requests/2.31.0",
    "Go": "Go-http-client/1.1",
    "one that nobody knows yet": "Examplebot/1.0",
}


@pytest.mark.parametrize("agent", PEOPLE.values(), ids=PEOPLE)
def test_people_are_no_robots_whatever_app_they_are_in(agent):
    assert is_bot(agent) is False


@pytest.mark.parametrize("agent", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_are_robots(agent):
    assert is_bot(agent) is True


@pytest.mark.parametrize("agent", ["", "  "])
def test_who_says_nothing_is_unknown(agent):
    assert is_bot(agent) is None


@pytest.mark.parametrize(
    "agent",
    ["x" * 512, "a-" * 256, "(" * 512, f"{IPHONE}{' bo' * 128}"[:512]],
    ids=["a word", "hyphens", "brackets", "nearly a bot"],
)
def test_a_hostile_name_is_read_to_its_end(agent):
    assert is_bot(agent) is False


def test_what_is_remembered_is_bounded():
    for number in range(MAX_KEPT + 10):
        is_bot(f"x{number}")

    assert is_bot.cache_info().currsize == MAX_KEPT
