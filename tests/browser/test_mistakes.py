"""A real browser in the admin at three in the morning: undo, stop, two editors."""

import time

import pytest

from tests.browser.visiting import LIVE_WITHIN, PHONE, sign_in

RULES = "/admin/temp_redirects/redirectrule/"


def make_rule(page, site, name, target="/products/"):
    """Make a rule by the form, live for some hours, as staff do."""
    page.goto(f"{site.shop}/admin/")
    page.get_by_role("link", name="Redirect rules").first.click()
    page.locator(".object-tools a[href*='/add/']").first.click()
    page.get_by_label("Name:", exact=True).fill(name)
    page.get_by_label("Path:", exact=True).fill(f"/{name}/")
    page.get_by_label("Send visitors to").first.fill(target)
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist .success").wait_for()


def open_rule(page, site, name):
    page.goto(f"{site.shop}{RULES}?q={name}")
    page.locator("#result_list .field-title a").first.click()


def undo(page):
    """Follow “Undo” in the message, look at what it does, and do it."""
    page.locator(".messagelist").get_by_role("link", name="Undo", exact=True).click()
    page.get_by_text("This is what will happen").wait_for()
    page.get_by_role("button", name="Do it").click()
    page.locator(".messagelist .success").wait_for()


def arrives(visitor, site, name):
    """Return where a visitor of the rule's path is led, when all processes know."""
    time.sleep(LIVE_WITHIN)
    return visitor.goto(f"{site.shop}/{name}/").url.removeprefix(site.shop)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_mistake_is_undone_from_the_message_and_visitors_are_back(
    visit, site, script
):
    admin, visitor = visit(java_script_enabled=script), visit()
    sign_in(admin, site, "admin")
    name = f"spring-{script}".lower()
    make_rule(admin, site, name)
    assert arrives(visitor, site, name) == "/products/"
    open_rule(admin, site, name)
    admin.get_by_label("Send visitors to").first.fill("/pricing/")
    admin.get_by_role("button", name="Save", exact=True).click()
    assert arrives(visitor, site, name) == "/pricing/"
    undo(admin)
    assert arrives(visitor, site, name) == "/products/"


def test_a_deleted_rule_comes_back_from_the_history(visit, site):
    admin, visitor = visit(), visit()
    sign_in(admin, site, "admin")
    make_rule(admin, site, "summer")
    open_rule(admin, site, "summer")
    admin.locator(".deletelink").click()
    admin.locator("#content form input[type=submit]").click()
    assert arrives(visitor, site, "summer") == "/summer/"
    admin.goto(f"{site.shop}/admin/")
    admin.get_by_role("link", name="History", exact=True).first.click()
    assert (
        "deleted “summer”" in admin.locator("#result_list tbody tr").first.inner_text()
    )
    admin.locator("#result_list tbody th a").first.click()
    admin.get_by_role("link", name="Undo all of this").click()
    admin.get_by_role("button", name="Do it").click()
    assert arrives(visitor, site, "summer") == "/products/"


def test_everything_is_stopped_from_the_list_and_switched_on_from_the_banner(
    visit, site
):
    admin, visitor = visit(viewport=PHONE), visit()
    sign_in(admin, site, "admin")
    make_rule(admin, site, "autumn")
    assert arrives(visitor, site, "autumn") == "/products/"
    admin.goto(f"{site.shop}{RULES}")
    admin.get_by_role("link", name="Switch off all").click()
    admin.get_by_label("Reason").fill("loop on /")
    admin.get_by_role("button", name="Switch off now").click()
    admin.get_by_text("It is switched off.").wait_for()
    assert arrives(visitor, site, "autumn") == "/autumn/"

    other = visit()
    sign_in(other, site, "viewer")
    banner = other.get_by_role("complementary", name="Kill switch")
    said = banner.inner_text().replace("\xa0", " ")
    assert "(in 15 minutes). Reason: loop on /. By admin." in said

    admin.goto(f"{site.shop}/admin/auth/user/")
    admin.get_by_role("link", name="Switch on again").click()
    admin.locator("#content").get_by_role("button", name="Switch on again").click()
    admin.get_by_text("It is switched on again.").wait_for()
    assert arrives(visitor, site, "autumn") == "/products/"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_of_two_editors_the_second_is_told_and_loses_nothing(visit, site, script):
    first, second = visit(), visit(java_script_enabled=script)
    sign_in(first, site, "admin")
    sign_in(second, site, "editor")
    name = f"winter-{script}".lower()
    make_rule(first, site, name)
    open_rule(first, site, name)
    open_rule(second, site, name)
    first.get_by_label("Send visitors to").first.fill("/pricing/")
    first.get_by_role("button", name="Save", exact=True).click()
    second.get_by_label("Note:").fill("mine")
    second.get_by_role("button", name="Save", exact=True).click()
    told = second.locator("#content").inner_text()
    assert "admin saved this at" in told
    assert "/pricing/" in told
    assert second.get_by_label("Note:").input_value() == "mine"
    second.get_by_label("Send visitors to").first.fill("/pricing/")
    second.get_by_role("button", name="Save", exact=True).click()
    second.locator(".messagelist .success").wait_for()
    open_rule(first, site, name)
    assert first.get_by_label("Note:").input_value() == "mine"
    assert first.get_by_label("Send visitors to").first.input_value() == "/pricing/"
