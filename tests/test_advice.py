"""Advice: warnings about rules that are allowed all the same."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.test import override_settings
from django.urls import include, path, set_script_prefix
from django.utils.translation import gettext_lazy, override, trans_real
from django.views import View

from temp_redirects.advice import advise, resolves
from temp_redirects.core.documents import parse
from temp_redirects.installation import AUTHENTICATION
from temp_redirects.sites import current_site

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


page = View.as_view()
urlpatterns = [
    path("shop/", page),
    path("plain", page),
    path("new/", page),
    path("admin/", admin.site.urls),
    path("sign-in/", page, name="login"),
    path("maintenance/", include("temp_redirects.urls")),
    path(gettext_lazy("Home"), page),
    *i18n_patterns(path("terms/", page)),
]

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def shop():
    with override_settings(
        ROOT_URLCONF=__name__, LANGUAGES=[("en", "English"), ("de", "German")]
    ):
        yield


def advised(source="/shop/", target="/new/", ends="2026-11-21T13:00+00:00", **more):
    """Return the advice about a rule by its code, at noon."""
    rule = parse(
        {
            "name": "a",
            "path": source,
            "destinations": [{"target": target}],
            "schedule": {"ends_at": ends},
            **more,
        },
        current_site(),
    )
    return {each.code: str(each) for each in advise(rule, NOON.timestamp())}


def test_a_rule_without_surprises_needs_no_advice():
    assert advised() == {}


def test_a_rule_without_end_says_that_somebody_has_to_switch_it_off():
    assert "until somebody switches it off" in advised(ends=None)["no_end"]


def test_a_rule_that_is_over_says_since_when():
    found = advised(ends="2026-11-21T12:00+00:00")
    assert "since Sat 21 Nov 2026 12:00 UTC" in found["over"]


@pytest.mark.parametrize(
    ("percentages", "is_compared"),
    [
        pytest.param([None], False, id="everybody goes there"),
        pytest.param([100], False, id="said in a number"),
        pytest.param([0], False, id="everybody stays"),
        pytest.param([50], True, id="half of them stay"),
        pytest.param([None, None], True, id="two destinations"),
    ],
)
def test_an_experiment_that_compares_nothing_says_so(percentages, is_compared):
    ways = [
        {"id": str(at), "target": "/new/", "percentage": each}
        for at, each in enumerate(percentages)
    ]
    found = advised(goal="/plain", destinations=ways)
    assert ("no_comparison" not in found) == is_compared
    assert "goal_missing" not in found


def test_a_rule_without_a_goal_need_not_compare():
    assert "no_comparison" not in advised()


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        ("/thanks/", "no page at “/thanks/”: nobody could reach that goal."),
        ("/plain/", "nobody could reach that goal. Did you mean “/plain”?"),
    ],
)
def test_a_goal_that_is_no_page_is_told(goal, told):
    assert advised(goal=goal)["goal_missing"].endswith(told)


def test_a_path_that_only_leads_to_the_page_names_the_page():
    assert "Change the path to “/shop/”" in advised("/shop")["source_slash"]


def test_a_path_with_a_slash_too_many_names_the_page():
    assert "one at “/plain”" in advised("/plain/")["source_slash"]


@pytest.mark.parametrize("path", ["/x/*", "/x/<int:year>/", "/x/<year>/"])
@pytest.mark.parametrize("match", ["exact", "prefix"])
def test_signs_of_patterns_are_told_where_the_path_is_none(path, match):
    assert f"“{path}” is taken as it is" in advised(path, match=match)["no_pattern"]


@pytest.mark.parametrize(
    ("path", "match"), [("/x/*", "pattern"), ("/x/a<b/", "exact"), ("/x/<>/", "exact")]
)
def test_no_advice_about_the_signs_of_patterns(path, match):
    assert "no_pattern" not in advised(path, match=match)


@override_settings(APPEND_SLASH=False)
def test_without_append_slash_the_path_leads_nowhere():
    assert "no page at “/shop”" in advised("/shop")["source_slash"]


@pytest.mark.parametrize(
    ("path", "match"),
    [
        pytest.param("/shop", "prefix", id="a prefix covers both spellings"),
        pytest.param("/gone/", "exact", id="no page under either spelling"),
        pytest.param("/", "exact", id="the root has one spelling"),
        pytest.param("/de/terms/", "exact", id="a page of another language"),
    ],
)
def test_no_advice_about_the_slash(path, match):
    assert "source_slash" not in advised(path, match=match)


@override_settings(ROOT_URLCONF="tests.urls_of_peers")
def test_where_no_route_is_translated_no_languages_are_loaded():
    trans_real._translations.clear()

    assert not resolves("/nothing/")
    assert not resolves("/de/nothing/")
    assert set(trans_real._translations) <= {settings.LANGUAGE_CODE, "de"}


class Unprefixed:
    urlpatterns = i18n_patterns(path("about/", page), prefix_default_language=False)


@override_settings(ROOT_URLCONF=Unprefixed, LANGUAGE_CODE="en")
def test_a_page_of_the_default_language_is_found_whatever_the_reader_speaks():
    with override("de"):
        assert resolves("/about/")
        assert resolves("/de/about/")
    assert not resolves("/en/about/")


def test_a_target_that_is_no_page_is_named():
    assert advised(target="/nwe/?x=1")["target_missing"] == (
        "This site has no page at “/nwe/”: visitors would find nothing there."
    )


def test_a_target_with_a_slash_too_many_is_told_the_page():
    assert "Did you mean “/plain”?" in advised(target="/plain/")["target_missing"]


def test_a_target_that_only_leads_to_the_page_would_lose_forms():
    assert "Change the target to “/new/”" in advised(target="/new")["target_slash"]


def test_the_site_itself_by_its_host_name_is_looked_up():
    assert "target_missing" in advised(target="https://shop.example")


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/Start", id="a route as another language has it"),
        pytest.param("/gone/{path}", id="not the same for everybody"),
        pytest.param("/static/sold-out.html", id="a file"),
        pytest.param("https://partner.example/gone/", id="another site"),
    ],
)
def test_targets_that_are_not_looked_up(target):
    assert "target_missing" not in advised(target=target)


@pytest.mark.parametrize(
    ("more", "is_told"),
    [
        pytest.param({}, True, id="any method"),
        pytest.param({"methods": ["GET", "POST"]}, True, id="POST among others"),
        pytest.param({"methods": ["GET"]}, False, id="nothing is sent"),
        pytest.param({"status": 303}, False, id="the form stays behind"),
    ],
)
def test_a_form_for_another_server_needs_a_receiver_that_expects_it(more, is_told):
    found = advised(target="https://partner.example/in/", **more)
    assert ("“Origin: null”" in found.get("other_origin", "")) is is_told


def test_the_sites_own_host_needs_no_receiver():
    assert "other_origin" not in advised(target="https://shop.example/new/")


@pytest.mark.parametrize(
    ("path", "match", "is_told"),
    [
        pytest.param("/admin/x/", "exact", True, id="the admin"),
        pytest.param("/sign-in/", "prefix", True, id="sign-in, not by its own path"),
        pytest.param("/sign-in/", "exact", False, id="sign-in by its own path"),
    ],
)
def test_protected_paths_are_named(path, match, is_told):
    assert ("protected" in advised(path, match=match)) is is_told


@override_settings(TEMP_REDIRECTS={"ENABLED": False})
def test_the_switch_in_the_settings_is_named():
    assert "ENABLED" in advised()["switched_off"]


@override_settings(USE_I18N=False)
def test_a_site_of_one_language_is_looked_up():
    assert advised() == {}


def test_paths_are_looked_up_under_the_script_prefix():
    set_script_prefix("/app/")
    try:
        assert "target_missing" not in advised(target="/app/new/")
        assert "target_missing" in advised(target="/new/")
    finally:
        set_script_prefix("/")


GERMANY = {"conditions": [{"kind": "country", "value": "DE"}]}
TOLD = {"TRUSTED_PROXIES": ["10.0.0.0/8"], "COUNTRY_HEADER": "CF-IPCountry"}


@pytest.mark.parametrize(
    "more", [GERMANY, {"target": "/new/{country}/"}], ids=["only for", "in the target"]
)
def test_a_rule_for_countries_that_nobody_tells_says_that_it_acts_for_nobody(more):
    found = advised(**more)

    assert found["for_nobody"] == (
        "This site is not told visitors’ countries, so this rule acts for nobody. "
        "A developer sets COUNTRY_HEADER (and TRUSTED_PROXIES) or GEOIP_PATH."
    )


def test_a_header_that_no_trusted_proxy_sends_tells_no_country():
    with override_settings(TEMP_REDIRECTS=TOLD | {"TRUSTED_PROXIES": []}):
        assert "for_nobody" in advised(**GERMANY)


def test_a_database_that_is_not_there_tells_no_country(tmp_path):
    with override_settings(GEOIP_PATH=str(tmp_path / "none.mmdb")):
        assert "for_nobody" in advised(**GERMANY)


def test_where_a_proxy_tells_the_country_a_rule_for_it_acts():
    with override_settings(TEMP_REDIRECTS=TOLD):
        assert "for_nobody" not in advised(**GERMANY)


def test_a_rule_not_for_a_country_acts_though_no_country_is_told():
    assert "for_nobody" not in advised(unless=GERMANY["conditions"])


def test_a_rule_for_staff_acts_for_nobody_above_the_authentication():
    staff = {"conditions": [{"kind": "user", "value": "staff"}]}
    assert "for_nobody" not in advised(**staff)

    names = list(settings.MIDDLEWARE)
    names.remove(AUTHENTICATION)
    with override_settings(MIDDLEWARE=[*names, AUTHENTICATION]):
        found = advised(**staff)

    assert "Who is signed in is not known" in found["for_nobody"]


def test_a_method_that_nobody_sends_is_told():
    found = advised(methods=["POST", "send"])

    assert found["unknown_method"].startswith("No browser sends SEND.")


def test_every_method_of_http_and_webdav_is_known():
    assert "unknown_method" not in advised(methods=["PATCH", "PROPFIND", "OPTIONS"])
