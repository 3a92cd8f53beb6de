"""The calendar with as many rules as it shows: what is read of it stays readable."""

import pytest

from tests.browser.visiting import manage, sign_in
from tests.running_demo import running

PAGE = "/admin/temp_redirects/redirectrule/calendar/?day=2040-01-04&path=/campaigns/"
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 800}
CAMPAIGNS = """
from datetime import UTC, datetime, timedelta
from temp_redirects.models import RedirectRule

start, hour = datetime(2040, 1, 3, tzinfo=UTC), timedelta(hours=1)
for number in range(200):
    RedirectRule.objects.schedule(
        f"/campaigns/2026/autumn/landing-page-{number}/", "/pricing/",
        name=f"A campaign of autumn that has a long name, number {number}",
        starts_at=start, ends_at=start + (2 + number % 96) * hour)
"""
# Where each text ends, and where what is seen of it does.
ENDS = """(all) => all.map((each) => {
    const range = document.createRange();
    range.selectNodeContents(each);
    const box = each.parentElement.getBoundingClientRect();
    return [range.getBoundingClientRect().right, box.right];
})"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The demo with 200 more rules, of paths that begin alike."""
    with running(tmp_path_factory.mktemp("demo")) as demo:
        manage(demo, CAMPAIGNS)
        yield demo


@pytest.fixture
def calendar(visit, site):
    """Open the calendar of the 200 rules."""

    def go(viewport):
        page = visit(viewport=viewport)
        sign_in(page, site)
        page.goto(f"{site.shop}{PAGE}")
        return page

    return go


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_of_200_rules_paths_end_as_typed_and_days_stay_in_view(calendar, viewport):
    page = calendar(viewport)
    lanes = page.locator(".temp-redirects-path bdi")

    assert lanes.count() == 200
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    ends = lanes.evaluate_all(ENDS)
    assert all(text <= box + 1 for text, box in ends)
    lanes.nth(150).scroll_into_view_if_needed()
    days = page.locator(".temp-redirects-lane-days").bounding_box()
    assert days["y"] == pytest.approx(0, abs=1)
    assert lanes.nth(150).bounding_box()["y"] > 0


def test_a_bar_without_room_for_its_name_shows_none_of_it(calendar):
    page = calendar(WIDE)
    names = page.locator(".temp-redirects-name")
    lines = names.evaluate_all(
        """(all) => all.map((each) => {
            const [name, bar] = [each.firstElementChild, each].map(
                (of) => of.getBoundingClientRect());
            return [name.top < bar.bottom - 1, name.right <= bar.right];
        })"""
    )

    assert {is_seen for is_seen, _is_within in lines} == {True, False}
    assert all(is_within for is_seen, is_within in lines if is_seen)
