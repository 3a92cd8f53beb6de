"""A real browser at the admin: maintenance scheduled in a few clicks, and ended."""

import os
import time
from pathlib import Path

import pytest

from tests.running_demo import running

pytestmark = pytest.mark.browser

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
LIVE_WITHIN = 2.0  # seconds
MOST_CLICKS = 6
MOST_FIELDS = 2

playwright = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright (the extra e2e)"
)
if not CHROMIUM.exists():
    pytest.skip(f"needs Chromium at {CHROMIUM}", allow_module_level=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def chromium():
    root = ["--no-sandbox"] if os.name == "posix" and os.getuid() == 0 else []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=ARGUMENTS + root
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium):
    """Open pages of visitors of their own; what a page complains of is a failure."""
    contexts, complaints = [], []

    def open_page(**options):
        contexts.append(chromium.new_context(**options))
        contexts[-1].set_default_timeout(15_000)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


class Counted:
    """What a person does on a page, counted."""

    def __init__(self, page):
        self.page = page
        self.clicks = 0
        self.fields = 0

    def click(self, role, name):
        self.clicks += 1
        self.page.get_by_role(role, name=name, exact=True).click()

    def type(self, label, text):
        self.clicks += 1  # into the field
        self.fields += 1
        self.page.get_by_label(label, exact=True).click()
        self.page.keyboard.type(text)


def sign_in(page, site, person) -> None:
    """Sign in by the admin's own page, wherever that leads to."""
    page.goto(f"{site.shop}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(site.passwords[person])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{site.shop}/admin/")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_window_is_scheduled_in_six_clicks_and_two_typed_fields(
    new_page, site, script
):
    page = new_page(java_script_enabled=script)
    sign_in(page, site, "admin")
    person = Counted(page)
    person.clicks += 1
    page.locator("a[href$='/maintenancewindow/add/']").first.click()
    person.click("link", "Next Sunday 02:00 to 04:00")
    person.type("Paths:", f"/basket-{script}/")
    person.type("Title:", "The basket is being repaired")
    person.click("button", "Save")

    told = page.locator(".messagelist").inner_text()
    assert f"“/basket-{script}/” and everything below sees the notice." in told
    assert "02:00 to 04:00" in told
    assert person.clicks <= MOST_CLICKS
    assert person.fields <= MOST_FIELDS


def test_a_usual_time_loses_nothing_that_is_typed(new_page, site):
    page = new_page()
    sign_in(page, site, "admin")
    page.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/")
    page.get_by_label("Paths:", exact=True).fill("/basket/")
    page.get_by_role("link", name="Tonight 02:00 to 04:00").click()
    assert page.get_by_label("Paths:", exact=True).input_value() == "/basket/"
    assert page.get_by_label("Starts:", exact=True).input_value().endswith("T02:00")
    assert "02:00 to 04:00" in page.locator("#id_ends_at_helptext").inner_text()


def test_a_pass_link_is_made_and_lets_a_visitor_through(new_page, site):
    admin, visitor = new_page(), new_page()
    sign_in(admin, site, "admin")
    admin.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/?preset=now")
    admin.get_by_label("Paths:", exact=True).fill("/pricing/")
    admin.get_by_role("button", name="Save", exact=True).click()
    admin.get_by_role("link", name="Pass link").click()
    admin.get_by_role("button", name="Make a link").click()
    link = admin.locator("code").inner_text()
    time.sleep(LIVE_WITHIN)
    closed = visitor.goto(f"{site.shop}/pricing/").status
    visitor.goto(link)
    assert (closed, visitor.goto(f"{site.shop}/pricing/").status) == (503, 200)


def test_with_the_whole_site_closed_an_admin_signs_in_and_ends_it(new_page, site):
    visitor, admin = new_page(), new_page()
    sign_in(admin, site, "admin")
    admin.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/?preset=now")
    admin.get_by_label("Paths:", exact=True).fill("/")
    admin.get_by_role("button", name="Save", exact=True).click()
    admin.get_by_text("the whole site").first.wait_for()
    time.sleep(LIVE_WITHIN)
    closed = visitor.goto(f"{site.shop}/products/").status

    other = new_page()
    sign_in(other, site, "admin")
    other.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/?q=site")
    other.get_by_role("link", name="site", exact=True).click()
    other.get_by_role("button", name="End now").click()
    other.get_by_text("1 window ended").wait_for()
    time.sleep(LIVE_WITHIN)
    assert (closed, visitor.goto(f"{site.shop}/products/").status) == (503, 200)
