"""The settings: read on use, checked at start, a wrong value never breaks a request."""

from ipaddress import ip_network

import pytest

from temp_redirects import conf
from temp_redirects.conf import Conf

WRONG = {
    "a flag that is a text": ({"ENABLED": "no"}, "ENABLED", "True or False"),
    "one host instead of a list": (
        {"ALLOWED_TARGET_HOSTS": "pay.example"},
        "ALLOWED_TARGET_HOSTS",
        '["pay.example"]',
    ),
    "no list at all": ({"PROTECTED_PATHS": 5}, "PROTECTED_PATHS", "list"),
    "a path without a slash": ({"PROTECTED_PATHS": ["x"]}, "PROTECTED_PATHS", "“/”"),
    "a host with a path": (
        {"ALLOWED_TARGET_HOSTS": ["https://a.example/x"]},
        "ALLOWED_TARGET_HOSTS",
        "neither a host nor an origin",
    ),
    "a proxy that is a name": (
        {"TRUSTED_PROXIES": ["proxy.example"]},
        "TRUSTED_PROXIES",
        "no address or network",
    ),
    "a header that is none": (
        {"COUNTRY_HEADER": "HTTP_CF_IPCOUNTRY"},
        "COUNTRY_HEADER",
        "name of a header",
    ),
    "no seconds": ({"REFRESH_SECONDS": 0}, "REFRESH_SECONDS", "above 0"),
    "no cookie name": ({"COOKIE_NAME": "a b"}, "COOKIE_NAME", "name of a cookie"),
    "a cookie for ever": ({"COOKIE_AGE": 1e9}, "COOKIE_AGE", "400 days"),
    "no domain": ({"COOKIE_DOMAIN": "a b"}, "COOKIE_DOMAIN", "must be a domain"),
    "consent as a function": ({"CONSENT": print}, "CONSENT", "dotted path"),
    "no name of a robot": ({"BOTS": ["(a+)+"]}, "BOTS", "no robot’s name"),
    "robots as one text": ({"BOTS": "acme-probe"}, "BOTS", '["acme-probe"]'),
    "refusing as a text": (
        {"REFUSE_PREFETCH": "no"},
        "REFUSE_PREFETCH",
        "True or False",
    ),
    "an unknown signal": ({"PRIVACY_SIGNALS": ["X"]}, "PRIVACY_SIGNALS", "none of"),
    "a token that is soon guessed": ({"HEALTH_TOKEN": "abc"}, "HEALTH_TOKEN", "20 to"),
    "a token with a blank": ({"HEALTH_TOKEN": " " * 30}, "HEALTH_TOKEN", "blanks"),
    "a file without its folder": (
        {"SNAPSHOT_FILE": "a"},
        "SNAPSHOT_FILE",
        "whole path",
    ),
    "seconds as a flag": ({"REFRESH_SECONDS": True}, "REFRESH_SECONDS", "number"),
    "seconds that are no number": (
        {"REFRESH_SECONDS": float("nan")},
        "REFRESH_SECONDS",
        "above 0",
    ),
}


@pytest.mark.parametrize(("given", "key", "word"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_named_and_has_its_default_meanwhile(
    settings, given, key, word
):
    settings.TEMP_REDIRECTS = given

    (problem,) = conf.problems()
    assert f"TEMP_REDIRECTS['{key}']" in problem
    assert word in problem
    assert conf.current() == Conf()


def test_settings_that_are_no_dictionary_are_all_defaults(settings):
    settings.TEMP_REDIRECTS = ["ENABLED"]

    assert conf.problems() == ["TEMP_REDIRECTS must be a dictionary, not ['ENABLED']."]
    assert conf.unknown() == []
    assert conf.current() == Conf()


def test_without_the_dictionary_everything_has_its_default(settings):
    del settings.TEMP_REDIRECTS

    assert conf.problems() == []
    assert conf.current() == Conf()


def test_right_values_are_parsed(settings):
    settings.TEMP_REDIRECTS = {
        "ENABLED": False,
        "ALLOWED_TARGET_HOSTS": ["Pay.Example:443", "http://localhost:8001"],
        "PROTECTED_PATHS": ["/health/"],
        "REFRESH_SECONDS": 5,
        "TRUSTED_PROXIES": ["10.0.0.0/8", " unix "],
        "COUNTRY_HEADER": "CF-IPCountry",
        "COOKIE_NAME": "arms",
        "COOKIE_AGE": 3_600,
        "COOKIE_DOMAIN": "shop.example",
        "CONSENT": "shop.consent.given",
        "BOTS": ["acme-probe", "acme-probe", "Our Crawler"],
        "REFUSE_PREFETCH": False,
        "PRIVACY_SIGNALS": ["dnt"],
    }

    assert conf.problems() == []
    assert conf.current() == Conf(
        ENABLED=False,
        ALLOWED_TARGET_HOSTS=frozenset(
            {"https://pay.example", "http://localhost:8001"}
        ),
        PROTECTED_PATHS=("/health/",),
        REFRESH_SECONDS=5.0,
        TRUSTED_PROXIES=(ip_network("10.0.0.0/8"), "unix"),
        COUNTRY_HEADER="CF-IPCountry",
        COOKIE_NAME="arms",
        COOKIE_AGE=3_600,
        COOKIE_DOMAIN="shop.example",
        CONSENT="shop.consent.given",
        BOTS=("acme-probe", "Our Crawler"),
        REFUSE_PREFETCH=False,
        PRIVACY_SIGNALS=("DNT",),
    )


def test_a_dictionary_that_is_changed_in_place_is_read_again(settings):
    settings.TEMP_REDIRECTS = {"PROTECTED_PATHS": []}
    assert conf.current().PROTECTED_PATHS == ()

    settings.TEMP_REDIRECTS["PROTECTED_PATHS"].append("/health/")

    assert conf.current().PROTECTED_PATHS == ("/health/",)


def test_unknown_keys_are_found_with_the_nearest_that_is_one(settings):
    settings.TEMP_REDIRECTS = {"REFRESH_SECOND": 1, "enabled": True, "xyz": 1}

    assert conf.unknown() == [
        ("REFRESH_SECOND", "REFRESH_SECONDS"),
        ("enabled", "ENABLED"),
        ("xyz", ""),
    ]


def test_every_setting_has_a_parser():
    assert set(conf.PARSERS) == {field.name for field in conf.fields(Conf)}


def test_a_setting_that_is_none_has_its_default(settings):
    nothing = ("COUNTRY_HEADER", "COOKIE_DOMAIN", "CONSENT")
    settings.TEMP_REDIRECTS = dict.fromkeys(nothing)

    assert conf.problems() == []


def test_a_token_that_is_wrong_is_not_told():
    with pytest.raises(conf.Refused) as refused:
        conf.PARSERS["HEALTH_TOKEN"]("my secret")

    assert "secret" not in str(refused.value).replace("secrets.", "")
