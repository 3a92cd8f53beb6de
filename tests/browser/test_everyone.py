"""Every page of the app, for everybody: strict policies, axe, phones, right-to-left.

Of a page of the admin only its content is judged: what is around it is Django's own.
"""

import subprocess
from dataclasses import dataclass

import pytest
from django import VERSION

from demo_project.accounts import PASSWORDS
from tests.browser.policies import ASKED, NONCE, SELF
from tests.running_demo import MANAGE, environment
from tests.serving import free_port, wait_for

Axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="needs the extra e2e"
).Axe

MOST_TABS = 120
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 800}
APP = "/admin/temp_redirects/"
RULES, WINDOWS = f"{APP}redirectrule/", f"{APP}maintenancewindow/"
HISTORY = f"{APP}batch/"
SETTINGS = "--settings=tests.browser.policies"
SEED = """
from datetime import timedelta
from django.utils import timezone
from temp_redirects.models import *
now, hour = timezone.now(), timedelta(hours=1)
MaintenanceWindow.objects.schedule(
    "counting", ["/checkout/"], title="We count", message="Soon.", staff_pass=False,
    starts_at=now - hour, ends_at=now + hour)
MaintenanceWindow.objects.schedule(
    "night", ["/repairs/", "/pricing/"], starts_at=now + hour, ends_at=now + 3 * hour,
    repeat="FREQ=DAILY")
RedirectRule.objects.schedule(
    "/blog/", "/pricing/", name="twin", starts_at=now - hour, ends_at=now + 9 * hour)
"""


@dataclass(frozen=True)
class Shop:
    """The demo's shop, running: where it is, and who is signed in there."""

    shop: str
    passwords: dict[str, str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The demo's shop, without its partner, under the policy that is asked for."""
    folder = tmp_path_factory.mktemp("shop")
    known = environment(folder, DJANGO_SETTINGS_MODULE="tests.browser.policies")
    for words in (["demo_data"], ["shell", "-v", "0", "-c", SEED]):
        subprocess.run([*MANAGE, *words, SETTINGS], env=known, check=True, cwd=folder)
    port = free_port()
    process = subprocess.Popen(
        [*MANAGE, "runserver", f"127.0.0.1:{port}", "--noreload", SETTINGS],
        env=known,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield Shop(f"http://127.0.0.1:{port}", PASSWORDS)
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture(scope="module")
def signed_in(chromium, shop):
    """What a browser keeps of somebody who is signed in to the admin."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{shop.shop}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(shop.passwords["admin"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{shop.shop}/admin/")
    state = context.storage_state()
    context.close()
    return state


def at(path):
    """Return how a page of that path is opened."""
    return lambda page, shop: page.goto(f"{shop.shop}{path}")


def of(listed, name, what="change/"):
    """Return how a page about the row of that name in a list is opened."""

    def go(page, shop):
        page.goto(f"{shop.shop}{listed}?q={name}")
        link = page.locator("#result_list tbody th a").first
        path = link.get_attribute("href").split("?")[0]
        page.goto(f"{shop.shop}{path.removesuffix('change/')}{what}")

    return go


def import_of(text):
    """Return how the page is opened that says what a file would do."""

    def go(page, shop):
        page.goto(f"{shop.shop}{RULES}import/")
        file = {"name": "moves.csv", "mimeType": "text/csv", "buffer": text.encode()}
        page.get_by_label("File:", exact=True).set_input_files(file)
        page.get_by_role("button", name="Check the file").click()
        page.get_by_role("heading", name="Problems").wait_for()

    return go


ADMIN = {
    "dashboard": at(APP),
    "rules": at(RULES),
    "rules for an address": at(f"{RULES}?matches=/blog/x"),
    "new rule": at(f"{RULES}add/"),
    "rule": of(RULES, "journal-moved"),
    "experiment": of(RULES, "gift-box-test"),
    "question": of(RULES, "journal-moved", "end/"),
    "history of a rule": of(RULES, "journal-moved", "history/"),
    "results": of(RULES, "gift-box-test", "results/"),
    "windows": at(WINDOWS),
    "new window": at(f"{WINDOWS}add/"),
    "window": of(WINDOWS, "night"),
    "pass link": of(WINDOWS, "night", "link/"),
    "test": at(f"{RULES}test/"),
    "tested": at(f"{RULES}test/?url=/blog/x&method=GET"),
    "history": at(HISTORY),
    "batch": of(HISTORY, "twin"),
    "undo": of(HISTORY, "twin", "undo/"),
    "back": at(f"{HISTORY}back/"),
    "kill switch": at(f"{APP}killswitch/"),
    "import": at(f"{RULES}import/"),
    "checked file": import_of("path,target\n/a/,b\n/b/,/c/\n"),
    "week": at(f"{RULES}calendar/"),
    "month": at(f"{RULES}calendar/?show=month"),
}
SITE = {
    "notice": at("/maintenance/notice/counting/"),
    "beforehand": at("/products/"),
    "ribbon": at("/repairs/"),
    "stay here": at("/for/preference/"),
}
PAGES = {**ADMIN, **SITE}
# Of an admin page; the search box and the links beside it are Django's own.
CONTENT = {"include": ["#content"], "exclude": ["#changelist-search"]}
# Colours fade, and half way they are hard to read.
FADED = "Promise.allSettled(document.getAnimations().map((each) => each.finished))"
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture
def everybody(visit, shop, signed_in):
    """Open a page of the shop under a policy."""

    def go(name, policy, **options):
        headers = {ASKED: policy}
        page = visit(storage_state=signed_in, extra_http_headers=headers, **options)
        PAGES[name](page, shop)
        return page

    return go


def faults(page, name, **options):
    """Return what axe finds in our markup, each with where."""
    context = CONTENT if name in ADMIN else None
    # What it would load to look at imported stylesheets, policies refuse.
    options |= {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, context, options)
    return [
        (fault["id"], node["html"], node["failureSummary"])
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]


@every_page
def test_a_page_is_for_everybody_and_keeps_to_a_policy_of_its_own_origin(
    everybody, name
):
    page = everybody(name, SELF, viewport=NARROW)

    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert faults(page, name) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(WIDE)
    page.evaluate(FADED)
    assert faults(page, name, runOnly=["color-contrast"]) == []


@every_page
def test_a_page_keeps_to_a_policy_of_nonces(everybody, name):
    if name in ADMIN and VERSION < (6, 1):
        pytest.skip("before Django 6.1 its own admin has no nonces")
    everybody(name, NONCE)


@pytest.mark.parametrize("name", ["week", "rule", "results", "tested", "notice"])
def test_a_page_is_read_from_right_to_left(everybody, picture, name):
    page = everybody(name, SELF, viewport=NARROW, locale="he")

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.set_viewport_size(WIDE)
    picture(page, f"{name}-rtl", full_page=False)


def test_the_calendar_is_used_by_the_keyboard_alone(everybody):
    page = everybody("dashboard", SELF, viewport=WIDE, java_script_enabled=False)

    def tab_to(name):
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            if focused.count() and focused.inner_text().strip() == name:
                return
        raise AssertionError(f"no way to {name}")

    tab_to("Calendar")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Calendar").wait_for()
    shown = page.locator(".temp-redirects-period h2")
    this_week = shown.inner_text()
    tab_to("Next ›")
    page.keyboard.press("Enter")
    page.wait_for_url("**day=**")
    assert shown.inner_text() != this_week
    tab_to("night")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="night").wait_for()
