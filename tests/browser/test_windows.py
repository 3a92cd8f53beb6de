"""A real browser at the admin: maintenance scheduled in a few clicks, and ended."""

import time
from datetime import datetime, timedelta

import pytest

from tests.browser.visiting import LIVE_WITHIN, sign_in

MOST_CLICKS = 6
MOST_FIELDS = 2


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


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_window_is_scheduled_in_six_clicks_and_two_typed_fields(visit, site, script):
    page = visit(java_script_enabled=script)
    sign_in(page, site, "admin")
    person = Counted(page)
    person.clicks += 1
    page.locator("a[href$='/maintenancewindow/add/']").first.click()
    person.click("link", "Next Sunday 02:00 to 04:00")
    person.type("Paths:", f"/basket-{script}/")
    person.type("Title:", "The basket is being repaired")
    person.click("button", "Save")

    told = page.locator(".messagelist").inner_text()
    assert f"“/basket-{script}/” and everything under it sees the notice." in told
    assert "02:00 to 04:00" in told
    assert person.clicks <= MOST_CLICKS
    assert person.fields <= MOST_FIELDS


def test_a_usual_time_loses_nothing_that_is_typed(visit, site):
    page = visit()
    sign_in(page, site, "admin")
    page.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/")
    page.get_by_label("Paths:", exact=True).fill("/basket/")
    page.get_by_role("link", name="Tonight 02:00 to 04:00").click()
    assert page.get_by_label("Paths:", exact=True).input_value() == "/basket/"
    assert page.get_by_label("Starts:", exact=True).input_value().endswith("T02:00")
    page.locator("#id_ends_at_helptext").get_by_text("02:00 to 04:00").wait_for()


def test_what_is_said_beside_the_end_goes_with_what_is_typed(visit, site):
    page = visit(timezone_id="Europe/Berlin")
    sign_in(page, site, "admin")
    page.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/")
    said = page.locator("#id_ends_at_helptext")
    page.get_by_label("Starts:", exact=True).fill("2031-11-22T02:00")
    for length in ("3\xa0h", "1 day"):
        page.get_by_role("button", name=length.replace("3\xa0h", "3 hours")).click()
        said.get_by_text(length).wait_for()
    page.get_by_label("Ends:", exact=True).fill("2031-11-22T04:30")
    page.keyboard.press("Tab")
    said.get_by_text("02:00 to 04:30").wait_for()
    page.get_by_label("Time zone:").fill("UTC")
    page.keyboard.press("Tab")
    said.get_by_text("02:00 to 04:30 UTC").wait_for()
    page.get_by_label("Until I end it").check()
    said.get_by_text("until somebody ends it").wait_for()
    page.get_by_role("link", name="Next Sunday 02:00 to 04:00").click()
    said.get_by_text("02:00 to 04:00").wait_for()


def test_a_usual_time_counts_in_the_zone_that_is_chosen(visit, site):
    page = visit()
    sign_in(page, site, "admin")
    page.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/")
    page.get_by_label("Paths:", exact=True).fill("/basket/")
    page.get_by_label("Time zone:", exact=True).fill("Asia/Tokyo")
    page.get_by_role("link", name="Tonight 02:00 to 04:00").click()
    page.locator("#id_ends_at_helptext").get_by_text("04:00 Asia/Tokyo").wait_for()
    assert page.get_by_label("Starts:", exact=True).input_value().endswith("T02:00")
    assert page.get_by_label("Time zone:", exact=True).input_value() == "Asia/Tokyo"
    assert page.get_by_label("Paths:", exact=True).input_value() == "/basket/"


def test_a_pass_link_is_made_and_lets_a_visitor_through(visit, site):
    admin, visitor = visit(), visit()
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


def test_a_window_is_started_moved_and_ended_while_visitors_look(visit, site):
    admin, visitor = visit(), visit()
    sign_in(admin, site, "admin")
    admin.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/")
    admin.get_by_role("link", name="Next Sunday 02:00 to 04:00").click()
    admin.get_by_label("Paths:", exact=True).fill("/products/")
    admin.get_by_role("button", name="Save and continue editing").click()

    def press(button, told):
        admin.get_by_role("button", name=button, exact=True).click()
        admin.get_by_text(told).wait_for()
        time.sleep(LIVE_WITHIN)
        return visitor.goto(f"{site.shop}/products/").status

    def back():
        return visitor.locator(".when time").first.get_attribute("datetime")

    assert visitor.goto(f"{site.shop}/products/").status == 200
    assert press("Start now", "1 window started") == 503
    ends = datetime.fromisoformat(back())
    assert press("Extend by 30 minutes", "1 window extended by 30 minutes") == 503
    assert datetime.fromisoformat(back()) == ends + timedelta(minutes=30)
    assert press("Extend by an hour", "1 window extended by an hour") == 503
    assert datetime.fromisoformat(back()) == ends + timedelta(minutes=90)
    assert press("End now", "1 window ended") == 200


def test_with_the_whole_site_closed_an_admin_signs_in_and_ends_it(visit, site):
    visitor, admin = visit(), visit()
    sign_in(admin, site, "admin")
    admin.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/add/?preset=now")
    admin.get_by_label("Paths:", exact=True).fill("/")
    admin.get_by_role("button", name="Save", exact=True).click()
    admin.get_by_text("the whole site").first.wait_for()
    time.sleep(LIVE_WITHIN)
    closed = visitor.goto(f"{site.shop}/products/").status

    other = visit()
    sign_in(other, site, "admin")
    other.goto(f"{site.shop}/admin/temp_redirects/maintenancewindow/?q=site")
    other.get_by_role("link", name="site", exact=True).click()
    other.get_by_role("button", name="End now").click()
    other.get_by_text("1 window ended").wait_for()
    time.sleep(LIVE_WITHIN)
    assert (closed, visitor.goto(f"{site.shop}/products/").status) == (503, 200)
