"""A real browser at the demo: a form goes to the other server, and comes back home."""

import time
from hashlib import sha256

import httpx

from tests.browser.visiting import LIVE_WITHIN, sign_in

CONTENT = bytes(range(256)) * 300


def order(page, site, tmp_path) -> str:
    """Fill in the shop's form, attach a file, send it; return who stored it."""
    file = tmp_path / "drawing.bin"
    file.write_bytes(CONTENT)
    page.goto(f"{site.shop}/checkout/")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Product").select_option("copper-pan")
    page.get_by_label("Attach a file").set_input_files(file)
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("heading", name="Thank you, Ada").wait_for()
    return page.locator(".crumb").inner_text()


def open_rule(page, site, name) -> None:
    page.goto(f"{site.shop}/admin/temp_redirects/redirectrule/?q={name}")
    page.get_by_role("link", name=name).click()


def stored(origin: str) -> int:
    """Return how often the drawing is listed among the orders of a server."""
    return httpx.get(f"{origin}/orders/").text.count(sha256(CONTENT).hexdigest())


def test_a_form_with_a_file_is_stored_by_the_other_server_until_the_rule_is_ended(
    page, site, tmp_path
):
    assert order(page, site, tmp_path) == "Stored by Partner Shop"
    assert page.url == f"{site.partner}/checkout/"
    assert sha256(CONTENT).hexdigest() in page.locator(".facts").inner_text()
    assert (stored(site.shop), stored(site.partner)) == (0, 1)

    sign_in(page, site)
    open_rule(page, site, "checkout-elsewhere")
    page.get_by_role("button", name="End now").click()
    page.wait_for_load_state()
    time.sleep(LIVE_WITHIN)

    assert order(page, site, tmp_path) == "Stored by Juniper"
    assert page.url == f"{site.shop}/checkout/"
    assert (stored(site.shop), stored(site.partner)) == (1, 1)


def test_a_rule_made_in_the_admin_redirects_and_ended_gives_the_page_back(page, site):
    sign_in(page, site)
    page.goto(f"{site.shop}/admin/temp_redirects/redirectrule/add/")
    page.fill("[name=name]", "kettles-first")
    page.fill("[name=path]", "/products/")
    page.fill("[name=target]", "/products/enamel-kettle/")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_text("curl").first.wait_for()
    time.sleep(LIVE_WITHIN)
    page.goto(f"{site.shop}/products/")
    assert page.url == f"{site.shop}/products/enamel-kettle/"

    open_rule(page, site, "kettles-first")
    page.get_by_role("button", name="End now").click()
    page.wait_for_load_state()
    time.sleep(LIVE_WITHIN)

    page.goto(f"{site.shop}/products/")
    assert page.url == f"{site.shop}/products/"


def test_a_rule_for_germans_and_austrians_is_made_from_what_is_on_the_screen(
    page, site
):
    sign_in(page, site)
    row = page.get_by_role("row", name="Redirect rules")
    row.get_by_role("link", name="Add").click()
    page.get_by_role("textbox", name="Name:").fill("german-shelf")
    page.get_by_role("textbox", name="Path:").fill("/pricing/")
    page.get_by_role("textbox", name="Send visitors to:").fill("/products/oak-board/")
    page.get_by_label("Condition 1: what it is about").select_option(label="Country")
    page.locator("p", has_text="“DE, AT” or “Germany, Austria”").wait_for()
    page.get_by_label("Condition 1: which").fill("Germany or Austria")
    page.get_by_label("Condition 2: what it is about").select_option(label="Language")
    page.locator("p", has_text="“de” or “German”").wait_for()
    page.get_by_label("Condition 2: which").fill("German")
    page.get_by_role("button", name="Save and continue editing").click()
    told = (
        "only for visitors from Germany or Austria "
        "and only for visitors who prefer German"
    )
    page.get_by_text(told).first.wait_for()
    time.sleep(LIVE_WITHIN)

    german = {"CF-IPCountry": "AT", "Accept-Language": "de-AT, en;q=0.8"}
    english = german | {"Accept-Language": "en, de;q=0.8"}
    there = {"CF-IPCountry": "US", "Accept-Language": "de"}
    answers = [
        httpx.get(f"{site.shop}/pricing/", headers=headers).status_code
        for headers in (german, english, there)
    ]
    assert answers == [307, 200, 200]
