"""Redirects that come back, in a real browser: it shows the page, and no error."""

import pytest

from temp_redirects.core.hops import PROBE
from temp_redirects.signing import HOP
from tests.circles import DROPS, KEEPS, Host, answering
from tests.serving import environment_for, schedule, serving

AGAIN = 6
RULES = (
    'R.objects.schedule("/kept", "{other}{keeps}/kept");'
    'R.objects.schedule("/dropped", "{other}{drops}/dropped");'
    'R.objects.schedule("/old", "/new")'
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The test site, and a host that sends everything back to it."""
    file = tmp_path_factory.mktemp("hops") / "site.sqlite3"
    with answering(Host) as other:
        made = environment_for(f"sqlite:///{file}") | {"MORE_TARGET_HOSTS": other.url}
        schedule(made, RULES.format(other=other.url, keeps=KEEPS, drops=DROPS))
        with serving("gunicorn", made) as site:
            other.site = site.url
            yield site


def test_a_loop_through_another_host_shows_the_page(page, shop):
    answer = page.goto(f"{shop.url}/kept")

    assert answer.status == 200
    assert page.inner_text("body") == "original /kept"
    assert f"{HOP}=" in page.url
    page.reload()
    assert page.inner_text("body") == "original /kept"


def test_a_loop_that_drops_the_query_is_ended_by_the_browser(page, shop):
    playwright = pytest.importorskip("playwright.sync_api")

    with pytest.raises(playwright.Error, match="ERR_TOO_MANY_REDIRECTS"):
        page.goto(f"{shop.url}/dropped")


def test_links_followed_in_a_hurry_and_the_back_button_lead_to_the_target(page, shop):
    expect = pytest.importorskip("playwright.sync_api").expect
    body = page.locator("body")
    page.goto(f"{shop.url}/")
    for _ in range(AGAIN):
        page.evaluate("for (let i = 0; i < 5; i++) location.assign('/old')")
        expect(body).to_have_text("original /new")
        page.reload()
        expect(body).to_have_text("original /new")
        page.go_back()
        expect(body).to_have_text("original /")
        page.go_forward()
        expect(body).to_have_text("original /new")
        page.goto(f"{shop.url}/")
    for _ in range(PROBE):
        page.goto(f"{shop.url}/old")
    assert f"{HOP}=" in page.url  # noticed, and harmless
