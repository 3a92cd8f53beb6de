"""The pages that staff look at, as they look: for the README, and on a phone."""

import pytest

from tests.browser.visiting import PHONE, sign_in

RULES = "/admin/temp_redirects/redirectrule/"
SCHEMES = ["light", "dark"]
WINDOW = {"width": 1280, "height": 800}
HEIGHTS = {"results": 1120}  # the chart belongs to the picture


def open_list(page, site):
    page.goto(f"{site.shop}{RULES}")


def open_rule(page, site):
    page.goto(f"{site.shop}{RULES}?q=api-moved")
    page.get_by_role("link", name="api-moved").click()


def open_results(page, site):
    page.goto(f"{site.shop}{RULES}?q=gift-box-test")
    page.get_by_role("link", name="Results").click()
    page.get_by_role("heading", name="is better").wait_for()


PAGES = {"results": open_results, "rules": open_list, "rule": open_rule}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_admin_as_the_readme_shows_it(visit, site, picture, name, scheme):
    window = {**WINDOW, "height": HEIGHTS.get(name, WINDOW["height"])}
    page = visit(viewport=window, device_scale_factor=1.5, color_scheme=scheme)
    sign_in(page, site)
    PAGES[name](page, site)

    page.locator("#content h1, #content-main").first.wait_for()
    picture(page, f"{name}-{scheme}", full_page=False)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_admin_fits_a_phone(visit, site, picture, name):
    page = visit(viewport=PHONE)
    sign_in(page, site)
    PAGES[name](page, site)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    picture(page, f"{name}-phone")
