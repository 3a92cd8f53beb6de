"""What the app offers to the tests of others."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.testing import (
    assert_redirects_temporarily,
    override_clock,
    override_rules,
    override_window,
)
from tests.readme import ROOT
from tests.test_own_tests import django_test, failures, own_project, ran

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def rule(name, path="/stored/", **fields):
    return RedirectRule.objects.schedule(path, "/elsewhere/", name=name, **fields)


def states():
    return dict(RedirectRule.objects.values_list("name", "enabled"))


@pytest.mark.process
def test_the_tests_shown_pass_in_somebodys_own_project(tmp_path):
    text = (ROOT / "docs" / "testing.md").read_text("utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    own_project(tmp_path, test_own=block)

    done = django_test(tmp_path)

    assert done.returncode == 0, failures(done.stderr)
    assert ran(done.stderr) == block.count("def test_") == 4


def test_other_rules_are_off_meanwhile_and_on_again_afterwards(client):
    rule("on")
    rule("off", "/off/", enabled=False)

    with override_rules({"/a/": "/b/"}) as (made,):
        assert_redirects_temporarily(client.get("/a/"), "/b/")
        assert client.get("/stored/").status_code == 200
        assert states() == {"on": False, "off": False, made.name: True}

    assert states() == {"on": True, "off": False}
    assert client.get("/a/").status_code == 200


def test_they_are_on_again_where_the_block_fails():
    rule("on")

    @override_rules()
    def fail():
        assert states() == {"on": False}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert states() == {"on": True}


def test_one_inside_another_hides_it(client):
    with override_rules({"/a/": "/b/"}):
        with override_rules({"/c/": "/d/"}):
            assert client.get("/a/").status_code == 200
            assert_redirects_temporarily(client.get("/c/"))
        assert_redirects_temporarily(client.get("/a/"))


def test_a_stored_rule_is_never_written_over():
    rule("deploy")
    before = RedirectRule.objects.get().to_document()

    with (
        pytest.raises(ValueError, match="called 'Deploy' already"),
        override_rules({"/a/": "/b/"}, name="Deploy"),
    ):
        pass

    assert RedirectRule.objects.get().to_document() == before


def test_what_the_form_would_refuse_is_refused():
    rule("on")

    with pytest.raises(ValidationError), override_rules({"/a/": "htps://b"}):
        pass

    assert states() == {"on": True}


def test_the_clock_decides_about_redirects_and_can_be_moved(client):
    with (
        override_rules({"/a/": "/b/"}, starts_at=NOON, ends_at=NOON + HOUR),
        override_clock(NOON - HOUR) as clock,
    ):
        assert client.get("/a/").status_code == 200
        clock.move(HOUR)
        assert_redirects_temporarily(client.get("/a/"))
        clock.at = NOON + 2 * HOUR
        assert client.get("/a/").status_code == 200


def test_the_notice_and_programs_go_by_the_clock(client):
    with override_window("/shop/", starts_at=NOON, ends_at=NOON + HOUR):
        assert client.get("/shop/").status_code == 200
        with override_clock(NOON):
            notice = client.get("/shop/", follow=True)
            assert notice.status_code == 503
            assert 0 <= int(notice["Retry-After"]) - 3600 < 100
            assert client.get("/maintenance/status.json").json()["is_on"] is True
        assert client.get("/maintenance/status.json").json()["is_on"] is False


def test_a_moment_without_a_zone_is_in_the_current_one(client, settings):
    with (
        override_rules({"/a/": "/b/"}, starts_at=NOON),
        override_clock(datetime(2030, 1, 1, 13)) as clock,  # noqa: DTZ001 (it is the case)
    ):
        assert clock.at == NOON
        assert_redirects_temporarily(client.get("/a/"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"target": "/c/"}, "GET /a/ was redirected to /b/, not to /c/."),
        ({"status": 303}, "GET /a/ was redirected by 307, not by 303."),
    ],
)
def test_the_assertion_says_what_happened_instead(client, asked, said):
    with (
        override_rules({"/a/": "/b/"}),
        pytest.raises(AssertionError, match=re.escape(said)),
    ):
        assert_redirects_temporarily(client.get("/a/"), **asked)


def test_a_page_or_somebody_elses_redirect_is_none(client):
    for path, code in (("/a/", 200), ("/admin/", 302)):
        said = f"GET {path} was not redirected by a rule: it got {code}."
        with pytest.raises(AssertionError, match=re.escape(said)):
            assert_redirects_temporarily(client.get(path))


def test_a_followed_response_is_refused(client):
    with override_rules({"/a/": "/b/"}):
        followed = client.get("/a/", follow=True)

    with pytest.raises(AssertionError, match="ask without follow=True"):
        assert_redirects_temporarily(followed)


def test_windows_stay_while_rules_are_overridden():
    MaintenanceWindow.objects.schedule("night", ["/n/"])

    with override_rules():
        assert MaintenanceWindow.objects.get().enabled
