"""A real browser at the demo: a redirect is tested, scheduled, tested and explained."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.browser.visiting import LIVE_WITHIN, PHONE, manage, sign_in

BERLIN = ZoneInfo("Europe/Berlin")


def answer(page) -> str:
    return page.locator(".temp-redirects-answer").inner_text()


def to_rules(page) -> None:
    """Go from the admin's first page to the rules, as staff do."""
    page.get_by_role("link", name="Temporary redirects").click()
    page.get_by_role("heading", name="Needs attention").wait_for()
    page.locator("#content-main").get_by_role("link", name="Redirect rules").click()


def test_a_draft_is_tested_saved_and_the_visitor_gets_what_was_told(page, site):
    sign_in(page, site)
    to_rules(page)
    page.get_by_role("link", name="Add redirect rule").click()
    page.fill("[name=name]", "draft-first")
    page.fill("[name=path]", "/products/copper-pan/")
    page.fill("[name=target]", "/products/")
    page.get_by_role("button", name="Test this draft").click()

    told = "Redirected (307) to /products/ by “draft-first”."
    assert answer(page) == told
    page.locator("#temp-redirects-draft").get_by_text(
        "Nothing is saved yet."
    ).wait_for()
    assert page.input_value("[name=path]") == "/products/copper-pan/"
    shop = page.context.new_page()
    shop.goto(f"{site.shop}/products/copper-pan/")
    assert shop.url == f"{site.shop}/products/copper-pan/"

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="draft-first").first.wait_for()
    time.sleep(LIVE_WITHIN)
    shop.goto(f"{site.shop}/products/copper-pan/")
    assert shop.url == f"{site.shop}/products/"


def test_why_a_visitor_was_not_redirected_is_told_and_the_link_is_shared(
    page, visit, site
):
    sign_in(page, site, "viewer")
    to_rules(page)
    row = page.get_by_role("row", name="for-country")
    row.get_by_role("link", name="Test", exact=True).click()
    assert (
        answer(page) == "Passes to the page: no rule that covers “/for/country/” holds."
    )
    cross = page.locator(".temp-redirects-step-no")
    assert "Country" in cross.inner_text()

    page.get_by_text("The visitor: country").click()
    page.locator("[name=country]").fill("Austria")
    page.get_by_role("button", name="Test").click()
    assert answer(page).startswith("Redirected (307) to /for/country/them/")
    link = page.get_by_role("link", name="Link to this test").get_attribute("href")

    colleague = visit(viewport=PHONE)
    sign_in(colleague, site)
    colleague.goto(f"{page.url.partition('?')[0]}{link}")
    assert answer(colleague) == answer(page)
    assert colleague.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_same_address_is_stepped_through_the_next_days(page, site):
    sign_in(page, site, "viewer")
    to_rules(page)
    row = page.get_by_role("row", name="stocktaking-night")
    row.get_by_role("link", name="Test", exact=True).click()
    assert answer(page).startswith("Passes to the page")

    starts = page.locator(".temp-redirects-stretches tbody tr").nth(1)
    assert "stocktaking-night" in starts.inner_text()
    starts.get_by_role("link").click()
    assert "Redirected (307) to /products/" in answer(page)
    at = page.locator("#temp-redirects-found time").first.inner_text()
    when = datetime.fromisoformat(at).replace(tzinfo=BERLIN)
    assert when > datetime.now(BERLIN)

    page.get_by_role("link", name="− 1 hour").click()
    assert answer(page).startswith("Passes to the page")
    earlier = page.locator("#temp-redirects-found time").first.inner_text()
    moved = datetime.fromisoformat(earlier).replace(tzinfo=BERLIN)
    assert when - moved == timedelta(hours=1)


def test_an_api_that_moved_is_explained_for_its_post(page, site):
    sign_in(page, site)
    to_rules(page)
    row = page.get_by_role("row", name="api-moved")
    row.get_by_role("link", name="Test", exact=True).click()

    assert answer(page) == "Redirected (307) to /api/v2/submit by “api-moved”."
    page.locator("[name=method]").select_option("GET")
    page.get_by_role("button", name="Test").click()
    assert answer(page).startswith("Passes to the page")
    assert "method is GET" in page.locator(".temp-redirects-step-no").inner_text()


def test_the_dashboard_tells_of_a_loop_and_leads_to_it(page, site):

    manage(
        site,
        "from temp_redirects.models import RedirectRule as R\n"
        "R.objects.schedule('/ring/a/', '/ring/b/', name='ring-a')\n"
        "b = R.objects.schedule('/ring/b/', '/ring/c/', name='ring-b')\n"
        "b.destinations.update(target='/ring/a/')\n",
    )
    sign_in(page, site, "viewer")
    page.get_by_role("link", name="Temporary redirects").click()

    said = page.get_by_text("sends visitors round and round")
    said.get_by_role("link", name="ring-a").click()

    page.get_by_role("link", name="ring-a", exact=True).wait_for()
