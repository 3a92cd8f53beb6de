"""The pages that staff look at, as they look: for the README, and on a phone."""

from datetime import UTC, datetime, timedelta

import pytest

from demo_project.servers import is_free
from tests.browser.visiting import PHONE, manage, sign_in
from tests.running_demo import running

RULES = "/admin/temp_redirects/redirectrule/"
SCHEMES = ["light", "dark"]
PORT = 8000  # of the addresses in a picture
WINDOW = {"width": 1280, "height": 800}
# The chart belongs to the picture, and the form down to its end.
HEIGHTS = {"results": 1120, "rule": 1500}


AUTUMN = """
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from temp_redirects.models import MaintenanceWindow, RedirectRule

today = datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=0, minute=0, second=0)
monday = today + timedelta(days=7 - today.weekday(), microseconds=-today.microsecond)

def at(days, hour=0):
    return monday + timedelta(days=days, hours=hour)

def rule(name, path, target, starts, ends, **more):
    RedirectRule.objects.schedule(
        path, target, name=name, starts_at=starts, ends_at=ends, **more)

rule("autumn-sale", "/shop/", "/products/", at(-3), at(2, 12))
rule("gift-week", "/shop/", "/gift-box/", at(2), at(4, 18), priority=5)
rule("clearance", "/shop/", "/pricing/", at(5, 12), at(9))
rule("spring-offers", "/spring/", "/products/", at(0, 8), at(3, 8))
rule("spring-late", "/spring/", "/news/", at(4, 8), at(7))
rule("search-moved", "/search", "/products/", at(-9), at(30))
rule("stories", "/stories/", "/news/{rest}", at(1, 9), at(6), match="prefix")
MaintenanceWindow.objects.schedule(
    "stock-update", ["/shop/", "/spring/"],
    starts_at=at(0, 2), ends_at=at(0, 5), repeat="FREQ=DAILY;INTERVAL=2")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The demo, with a week to come in which much is planned."""
    usual = ("--port", f"{PORT}") if is_free(PORT) else ()
    with running(tmp_path_factory.mktemp("demo"), *usual) as demo:
        manage(demo, AUTUMN)
        yield demo


def open_list(page, site):
    page.goto(f"{site.shop}{RULES}")


def open_rule(page, site):
    page.goto(f"{site.shop}{RULES}?q=autumn-sale")
    page.get_by_role("link", name="autumn-sale").click()


def open_dashboard(page, site):
    page.goto(f"{site.shop}/admin/temp_redirects/")


def open_test(page, site):
    page.goto(f"{site.shop}{RULES}test/?url=/shop/&method=POST")


def open_shop(page, site):
    page.goto(f"{site.shop}/")


def open_results(page, site):
    page.goto(f"{site.shop}{RULES}?q=gift-box-test")
    page.get_by_role("link", name="Results").click()
    page.get_by_role("heading", name="is better").wait_for()


def open_calendar(page, site):
    week = (datetime.now(UTC) + timedelta(days=7)).date()
    page.goto(f"{site.shop}{RULES}calendar/?day={week}&path=/s")


PAGES = {
    "calendar": open_calendar,
    "results": open_results,
    "rules": open_list,
    "rule": open_rule,
    "dashboard": open_dashboard,
    "tested": open_test,
    "shop": open_shop,
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_admin_as_the_readme_shows_it(visit, site, picture, name, scheme):
    window = {**WINDOW, "height": HEIGHTS.get(name, WINDOW["height"])}
    page = visit(viewport=window, device_scale_factor=1.5, color_scheme=scheme)
    sign_in(page, site)
    PAGES[name](page, site)

    page.locator("#content h1, #content-main, main").first.wait_for()
    picture(page, f"{name}-{scheme}", full_page=False)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_admin_fits_a_phone(visit, site, picture, name):
    page = visit(viewport=PHONE)
    sign_in(page, site)
    PAGES[name](page, site)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    picture(page, f"{name}-phone")
