"""A real browser meets a maintenance window: what was typed arrives all the same."""

import re
import time
from hashlib import sha256

import pytest

from tests.browser.visiting import LIVE_WITHIN, PHONE, manage, sign_in
from tests.running_demo import running

CONTENT = bytes(range(256)) * 300


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("demo")) as demo:
        manage(
            demo,
            "from temp_redirects.models import RedirectRule;"
            "RedirectRule.objects.filter(name='checkout-elsewhere').end()",
        )
        yield demo


def close(site, seconds: float) -> float:
    """Close the checkout for so many seconds; return when it is open again."""
    ends = int(time.time() + seconds) + 1
    manage(
        site,
        "from datetime import UTC, datetime;"
        "from temp_redirects.models import MaintenanceWindow as W;"
        "W.objects.schedule('counting', ['/checkout/'], staff_pass=False,"
        "title='We are counting our stock',"
        "message='Orders are open again in a few minutes.',"
        f"ends_at=datetime.fromtimestamp({ends}, UTC))",
    )
    time.sleep(LIVE_WITHIN)
    return ends


def fill_in(page, site) -> None:
    page.goto(f"{site.shop}/checkout/")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Product").select_option("copper-pan")
    page.get_by_label("Message").fill("For a friend,\nwith love")


def submit(page) -> None:
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("heading", name="We are counting our stock").wait_for()


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()) + 0.1)


def test_what_was_typed_before_is_ordered_afterwards_by_one_click(visit, site):
    page = visit()
    fill_in(page, site)
    ends = close(site, 14)

    submit(page)

    assert "/maintenance/notice/counting/" in page.url
    kept = page.locator(".kept").inner_text()
    assert "Ada" in kept
    assert "with love" in kept
    page.get_by_role("button", name="Send again").click()  # too early
    page.get_by_role("heading", name="We are counting our stock").wait_for()
    assert "with love" in page.locator(".kept").inner_text()

    wait_until(ends)
    page.get_by_role("button", name="Send again").click()

    page.get_by_role("heading", name="Thank you, Ada").wait_for()
    assert page.url == f"{site.shop}/checkout/"
    assert "with love" in page.locator(".facts").inner_text()


def test_a_file_arrives_by_a_reload(visit, site, tmp_path):
    page = visit()
    drawing = tmp_path / "drawing.bin"
    drawing.write_bytes(CONTENT)
    fill_in(page, site)
    page.get_by_label("Attach a file").set_input_files(drawing)
    ends = close(site, 12)

    submit(page)
    assert "drawing.bin" in page.locator(".kept").inner_text()
    wait_until(ends)
    page.reload()

    page.get_by_role("heading", name="Thank you, Ada").wait_for()
    assert page.url == f"{site.shop}/checkout/"
    assert sha256(CONTENT).hexdigest() in page.locator(".facts").inner_text()


def test_a_page_comes_back_by_itself(visit, site):
    page = visit()
    close(site, 12)
    page.goto(f"{site.shop}/checkout/?product=copper-pan")
    page.get_by_role("heading", name="We are counting our stock").wait_for()

    page.get_by_role("heading", name="Checkout").wait_for(timeout=60_000)

    assert page.url == f"{site.shop}/checkout/?product=copper-pan"


def test_without_a_script_it_tells_and_sends_as_well(visit, site):
    page = visit(java_script_enabled=False)
    fill_in(page, site)
    ends = close(site, 12)

    submit(page)
    assert "in about 1 minute" in page.locator(".when").inner_text()
    assert not page.locator(".yours").is_visible()
    wait_until(ends)
    page.get_by_role("button", name="Send again").click()

    page.get_by_role("heading", name="Thank you, Ada").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_by_day_and_by_night(visit, site, scheme, picture):
    page = visit(
        viewport=PHONE,
        device_scale_factor=2,
        color_scheme=scheme,
        timezone_id="Europe/London",
        locale="en-GB",
    )
    fill_in(page, site)
    close(site, 25 * 60)

    submit(page)

    page.locator(".when").get_by_text(re.compile("in 2[45] minutes")).wait_for()
    assert page.locator(".yours").is_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"]
    picture(page, f"notice-{scheme}")
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    close(site, -1)


def test_staff_see_the_page_with_a_ribbon(visit, site, picture):
    page = visit()
    sign_in(page, site)
    page.goto(f"{site.shop}/repairs/")

    ribbon = page.get_by_role("complementary", name="Maintenance")
    ribbon.get_by_text("because you are staff").wait_for()
    assert page.get_by_role("heading", name="Repairs").is_visible()
    box = ribbon.bounding_box()
    assert box["y"] + box["height"] <= page.viewport_size["height"]
    picture(page, "ribbon")
    ribbon.get_by_role("link").click()

    page.get_by_role("heading", name="The workbench is being moved").wait_for()
